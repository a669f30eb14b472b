package casefile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
)

// struck is the kinds of the entries that a later correction contradicts.
func struck(c Case) string {
	var kinds []string
	for _, e := range c.History {
		if e.Corrected {
			kinds = append(kinds, e.Event.Kind())
		}
	}
	return strings.Join(kinds, " ")
}

func TestACorrectionStrikesOutTheEntryThatSaidIt(t *testing.T) {
	for _, correction := range []struct {
		field mediation.Field
		is    string
		steps int
		want  string
	}{
		{mediation.FieldCause, "离婚纠纷", 6, "dispute-filed"},
		{mediation.FieldAmount, "12.50", 1, "dispute-filed"},
		{mediation.FieldFiled, "2024-02-28", 2, "dispute-filed"},
		{mediation.FieldAccepted, "2024-03-02", 3, "delegation-accepted"},
		{mediation.FieldMediator, "周敏", 6, "delegation-accepted"},
		{mediation.FieldMode, "电话", 3, "delegation-accepted"},
		{mediation.FieldMode, "现场", 4, "session-held"},
		{mediation.FieldEnded, "2024-03-07", 6, "agreement-took-effect"},
	} {
		c := newCourt(t)
		c.mediate("d1", correction.steps)
		before := c.read("d1", AsOf{})
		late := opening.AddDays(30)
		c.must(c.do("d1", clock(late, 9), correct(occasion(late, 9), correction.field, correction.is)))
		if got := struck(c.read("d1", AsOf{})); got != correction.want {
			t.Errorf("%s: %q is struck out, want %q", correction.field, got, correction.want)
		}
		for name, at := range map[string]AsOf{"happened": {Happened: late.AddDays(-1)}, "known": {Known: clock(late, 8)}} {
			if got := c.read("d1", at); struck(got) != "" || len(got.History) != len(before.History) {
				t.Errorf("%s: before the correction had %s, %q is struck out", correction.field, name, struck(got))
			}
		}
	}
}

func TestEndingsOfEveryKindCanBeStruckOut(t *testing.T) {
	day := opening.AddDays(1)
	for want, end := range map[string]mediation.Command{
		"application-returned": mediation.ReturnApplication{Occasion: occasion(day, 0), Ground: mediation.NotSuitable},
		"mediation-terminated": mediation.ImportDispute{Today: day, Station: "S1", Cause: "离婚纠纷", Source: mediation.Source{ID: "P1", Hash: "h"},
			Parties: []mediation.Party{{Role: mediation.Applicant, Name: "张伟"}}, Filed: opening, Organisation: "O1", Designated: opening, Accepted: opening,
			Outcome: mediation.OutcomeTerminated, Ground: mediation.WideDifferences, Ended: day},
	} {
		c := newCourt(t)
		if want == "application-returned" {
			c.mediate("d1", 1)
		}
		c.must(c.do("d1", clock(day, 9), end))
		c.must(c.do("d1", clock(day, 10), correct(occasion(day, 10), mediation.FieldEnded, day.AddDays(1).String())))
		if got := struck(c.read("d1", AsOf{})); got != want {
			t.Errorf("%q is struck out, want %q", got, want)
		}
	}
}

func TestACorrectionOfACorrectionStrikesOutBoth(t *testing.T) {
	c := newCourt(t)
	c.mediate("d1", 2)
	day := opening.AddDays(3)
	c.must(c.do("d1", clock(day, 9), correct(occasion(day, 9), mediation.FieldCause, "离婚纠纷")))
	c.must(c.do("d1", clock(day, 10), correct(occasion(day, 10), mediation.FieldAmount, "1.00")))
	c.must(c.do("d1", clock(day, 11), correct(occasion(day, 11), mediation.FieldCause, "买卖合同纠纷")))
	history := c.read("d1", AsOf{}).History
	var corrected []string
	for _, e := range history {
		if e, ok := e.Event.(mediation.EntryCorrected); ok {
			corrected = append(corrected, fmt.Sprint(e.Is))
		}
	}
	if got := struck(c.read("d1", AsOf{})); got != "dispute-filed entry-corrected" || history[3].Event.(mediation.EntryCorrected).Is != "离婚纠纷" || !history[3].Corrected {
		t.Errorf("%q is struck out of %q", got, corrected)
	}
}

func TestWhatIsRecordedOnALaterShanghaiDayIsLate(t *testing.T) {
	for recorded, late := range map[string]bool{
		"2024-03-01T23:59:59+08:00": false,
		"2024-03-02T00:00:00+08:00": true,
		"2024-03-01T16:30:00Z":      true,  // half past midnight in Shanghai
		"2024-03-01T15:30:00Z":      false, // half past eleven at night
	} {
		c := newCourt(t)
		at, err := time.Parse(time.RFC3339, recorded)
		c.must(err)
		c.must(c.do("d1", at, filing(occasion(opening, 0))))
		if got := c.read("d1", AsOf{}).History[0].Late; got != late {
			t.Errorf("recorded %s: late %v", recorded, got)
		}
	}
}

func TestHistoryIsInTheOrderInWhichItHappened(t *testing.T) {
	at := func(s string) calendar.Moment {
		m, err := calendar.ParseMoment(s)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, order := range []struct{ recorded, want []string }{
		{[]string{"2024-03-02", "2024-03-01"}, []string{"2024-03-01", "2024-03-02"}},
		{[]string{"2024-03-01T15:00:00+08:00", "2024-03-01", "2024-03-01T09:00:00+08:00"}, []string{"2024-03-01T09:00:00+08:00", "2024-03-01T15:00:00+08:00", "2024-03-01"}},
		{[]string{"2024-03-01", "2024-03-01T09:00:00+08:00"}, []string{"2024-03-01", "2024-03-01T09:00:00+08:00"}},
		{[]string{"2024-03-02T08:00:00+08:00", "2024-03-01T09:00:00+08:00", "2024-03-02", "2024-03-01"}, []string{"2024-03-01T09:00:00+08:00", "2024-03-01", "2024-03-02T08:00:00+08:00", "2024-03-02"}},
	} {
		var entries []Entry
		for i, s := range order.recorded {
			entries = append(entries, Entry{Happened: at(s), Position: eventlog.PositionAt(uint64(i + 1))})
		}
		var got []string
		for _, e := range history(entries) {
			got = append(got, e.Happened.String())
		}
		if !slices.Equal(got, order.want) {
			t.Errorf("recorded %q\n   stands %q\n     want %q", order.recorded, got, order.want)
		}
	}
}

func TestWhatHappenedOnOneDayInBothStreamsStandsAsRecorded(t *testing.T) {
	entry := func(n uint64) Entry { return Entry{Happened: calendar.On(opening), Position: eventlog.PositionAt(n)} }
	for i, e := range history([]Entry{entry(1), entry(4)}, []Entry{entry(2), entry(3)}) {
		if e.Position != eventlog.PositionAt(uint64(i+1)) {
			t.Errorf("the entry at position %s stands in place %d", e.Position, i+1)
		}
	}
}

func TestANewApplicationKeepsWhatCameOfTheFormer(t *testing.T) {
	c := newCourt(t)
	c.mediate("d1", 6)
	effective := opening.AddDays(5)
	on := func(days int) confirmation.Occasion {
		return confirmation.Occasion{At: calendar.On(effective.AddDays(days)), Today: effective.AddDays(days)}
	}
	apply := confirmation.Apply{Occasion: on(0), Dispute: "d1", Effective: effective, ApplyBy: effective.AddDays(30), Joint: true}
	c.must(c.rule("d1", clock(effective, 11), apply))
	c.must(c.rule("d1", clock(effective.AddDays(1), 11), confirmation.Withdraw{Occasion: on(1)}))
	apply.Occasion = on(2)
	c.must(c.rule("d1", clock(effective.AddDays(2), 11), apply))
	got := c.read("d1", AsOf{})
	if got.Confirmed != 3 || got.Confirmation.Stage != confirmation.Applied || got.Confirmation.Applied != effective.AddDays(2) {
		t.Errorf("%+v", got.Confirmation)
	}
	var kinds []string
	for _, e := range got.History[len(got.History)-3:] {
		kinds = append(kinds, e.Event.Kind())
	}
	if strings.Join(kinds, " ") != "confirmation-applied confirmation-withdrawn confirmation-applied" {
		t.Errorf("%q", kinds)
	}
}

func TestWhatHasChangedIsToldInTheOrderOfTheRecord(t *testing.T) {
	c := newCourt(t)
	c.mediate("d1", 6)
	seen := c.read("d1", AsOf{})
	effective := opening.AddDays(5)
	c.must(c.rule("d1", clock(effective, 11), confirmation.Apply{Occasion: confirmation.Occasion{At: calendar.On(effective), Today: effective},
		Dispute: "d1", Effective: effective, ApplyBy: effective.AddDays(30), Joint: true}))
	late := opening.AddDays(20)
	c.must(c.do("d1", clock(late, 9), mediation.RecordPerformance{Occasion: occasion(late, 9), Status: mediation.Performing}))
	c.must(c.do("d1", clock(late, 10), correct(occasion(opening, 9), mediation.FieldCause, "离婚纠纷")))
	files := New(c.log)
	kinds := func(entries []Entry, err error) string {
		c.must(err)
		var kinds []string
		for _, e := range entries {
			kinds = append(kinds, e.Event.Kind())
		}
		return strings.Join(kinds, " ")
	}
	if got := kinds(files.Changed(t.Context(), "d1", seen.Length)); got != "performance-recorded entry-corrected" {
		t.Errorf("changed: %q", got)
	}
	if got := kinds(files.Changed(t.Context(), "d1", 8)); got != "" {
		t.Errorf("changed since the end: %q", got)
	}
	if got := kinds(files.Changed(t.Context(), "d1", 0)); len(strings.Fields(got)) != 9 {
		t.Errorf("changed since the start: %q", got)
	}
	if got := kinds(files.ChangedConfirmation(t.Context(), "d1", seen.Confirmed)); got != "confirmation-applied" {
		t.Errorf("confirmation changed: %q", got)
	}
}

// BenchmarkRead reads a case with a long history.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{6, 100, 500} {
		b.Run(fmt.Sprint(n, " commits"), func(b *testing.B) {
			c := newCourt(b)
			c.mediate("d1", min(n, 6))
			for i := range n - min(n, 6) {
				at := opening.AddDays(i)
				c.must(c.do("d1", clock(at, 9), correct(mediation.Occasion{At: calendar.On(at), Today: at.AddDays(9)}, mediation.FieldCause, fmt.Sprint("案由", i))))
			}
			b.ResetTimer()
			for range b.N {
				c.read("d1", AsOf{})
			}
		})
	}
}
