package docket

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// found is the ids that a search finds.
func found(t *testing.T, d *Docket, text string) []string {
	t.Helper()
	ids, _ := pages(t, d, Filter{Text: text})
	return ids
}

func TestADisputeIsFoundByAnyPartOfWhatItIsCalled(t *testing.T) {
	c, d := newCourt(t), open(t)
	imported := row(1409, opening)
	imported.Parties[0].Name, imported.Parties[1].Name = "孙堃", "Ann Smith"
	c.must(c.do("d1", imported))
	c.must(c.do("d2", filing(opening, "S1", "张伟", "范氏物业服务有限公司")))
	c.all(d)
	for text, want := range map[string][]string{
		"孙堃": {"d1"}, "堃": {"d1"}, "smith": {"d1"}, "Ann Smith": {"d1"}, "smith ANN": {"d1"}, "annsmith": {"d1"},
		"（2024）冀0108民诉前调1409号": {"d1"}, "(2024)冀0108民诉前调1409号": {"d1"}, "〔2024〕冀０１０８ 民诉前调 1409": {"d1"}, "[2024]": {"d1"}, "1409号": {"d1"},
		"P0000001409": {"d1"}, "p0000001409": {"d1"}, "民间借贷": {"d2"}, "纠纷": {"d1", "d2"}, "物业 借贷": {"d2"}, "物业 买卖": nil,
		strings.Repeat("孙 ", 40_000): {"d1"}, "%": nil, "_": nil, "'": nil, "张伟范氏": nil, "   ": {"d1", "d2"}, "": {"d1", "d2"},
	} {
		if got := found(t, d, text); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
}

func TestAConfirmationIsFoundByItsNumberToo(t *testing.T) {
	c, d := succeeded(t), open(t)
	c.must(c.rule("d1", confirmation.Accept{Occasion: ruling(opening), Number: "（2024）冀0108诉前调确12号"}))
	c.all(d)
	if got := found(t, d, "诉前调确12"); len(got) != 1 {
		t.Errorf("found %q", got)
	}
	if e, _, err := d.Entry(t.Context(), "d1"); err != nil || e.Number != "（2024）冀0108诉前调确12号" {
		t.Errorf("%+v, %v", e, err)
	}
}

func ruling(d calendar.Date) confirmation.Occasion {
	return confirmation.Occasion{At: calendar.On(d), Today: d}
}

// succeeded is a court with an agreement whose confirmation is applied for.
func succeeded(t *testing.T) *court {
	c := newCourt(t)
	now := on(opening)
	for _, cmd := range []mediation.Command{
		filing(opening, "S1", "张伟", "王芳"),
		mediation.RecordConsent{Occasion: now, Party: "B1", Way: mediation.InPerson},
		mediation.Designate{Occasion: now, Organisation: "O1", Reason: "就近", Deliver: true},
		mediation.Accept{Occasion: now, Organisation: "O1", Mediator: "范彧志", Mode: mediation.OnSite},
		mediation.ReachAgreement{Occasion: now, Organisation: "O1", Form: mediation.Written, Terms: "分期偿还"},
		mediation.TakeEffect{Occasion: now, Organisation: "O1", AllSigned: true, Sealed: true},
	} {
		c.must(c.do("d1", cmd))
	}
	d := c.stages["d1"]
	c.must(c.rule("d1", confirmation.Apply{Occasion: ruling(opening), Dispute: "d1", Effective: d.Agreement.Effective, ApplyBy: d.Agreement.ApplyBy, Joint: true}))
	return c
}

func TestAnEndedDisputeIsOnTheConfirmingJudgesListUntilItIsDecided(t *testing.T) {
	c, d := succeeded(t), open(t)
	waiting := Filter{Confirmation: []confirmation.Stage{confirmation.Applied, confirmation.Accepted}, Today: opening.AddDays(40)}
	look := func(want int, urgency Urgency) {
		t.Helper()
		c.all(d)
		page, err := d.List(t.Context(), waiting)
		c.must(err)
		counts, err := d.Count(t.Context(), waiting)
		c.must(err)
		if page.Total != want || want > 0 && (counts[urgency] != 1 || page.Entries[0].On(waiting.Today) != urgency || page.Entries[0].Stage != mediation.Succeeded) {
			t.Errorf("%d listed, counts %v", page.Total, counts)
		}
	}
	look(1, Unset)
	c.must(c.rule("d1", confirmation.Accept{Occasion: ruling(opening)}))
	look(1, Overdue)
	c.must(c.rule("d1", confirmation.Confirm{Occasion: ruling(opening)}))
	look(0, "")
}

func TestAnOpenRowOfALedgerIsShownOverdueWithItsDays(t *testing.T) {
	c, d := newCourt(t), open(t)
	c.must(c.do("old", row(1, calendar.NewDate(2021, 3, 1))))
	unanswered := row(2, calendar.NewDate(2021, 3, 1))
	unanswered.Accepted = 0
	c.must(c.do("unanswered", unanswered))
	extended := row(3, calendar.NewDate(2021, 3, 1))
	extended.Extended = extended.Accepted.AddDays(20)
	c.must(c.do("extended", extended))
	c.all(d)
	page, err := d.List(t.Context(), Filter{Urgency: Overdue, Today: opening})
	if err != nil || page.Total != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	e := page.Entries[0]
	if e.ID != "old" || e.Stage != mediation.Mediating || !e.Imported || e.Source != "P0000000001" || e.Accepted != calendar.NewDate(2021, 3, 2) || e.Due != calendar.NewDate(2021, 4, 1) || !e.Ended.IsZero() {
		t.Errorf("%+v", e)
	}
	if counts, err := d.Count(t.Context(), Filter{Today: opening}); err != nil || !maps.Equal(counts, map[Urgency]int{Overdue: 1, Unset: 2}) {
		t.Errorf("%v, %v", counts, err)
	}
}

func TestADuplicateIsFoundOnWhicheverSideItsPartiesStand(t *testing.T) {
	c, d := newCourt(t), open(t)
	c.must(c.do("d1", filing(opening, "S1", "张伟", "Ann Smith")))
	c.must(c.do("d2", filing(opening.AddDays(1), "S2", "Ann Smith", "张 伟")))
	c.must(c.do("d3", filing(opening, "S1", "张伟", "王芳")))
	c.must(c.do("d4", filing(opening, "S1", "张伟", "ann smith")))
	c.must(c.do("d4", mediation.ReturnApplication{Occasion: on(opening), Ground: mediation.NotSuitable}))
	both := filing(opening, "S1", "张伟", "李娜")
	both.Parties = append(both.Parties, party(mediation.Applicant, "Ann Smith"))
	c.must(c.do("d5", both))
	c.all(d)
	for names, want := range map[[2]string][]string{
		{"张伟", "Ann  Smith"}: {"d2", "d1"}, {"ann smith", "张伟"}: {"d2", "d1"}, {"张伟", "王芳"}: {"d3"}, {"张", "王芳"}: nil, {"", ""}: nil, {"王芳", "王芳"}: nil,
	} {
		list, err := d.Similar(t.Context(), names[0], names[1])
		c.must(err)
		var got []string
		for _, e := range list {
			got = append(got, e.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
}

func TestLoadIsWhatAnOrganisationHasInHand(t *testing.T) {
	c, d := succeeded(t), open(t)
	c.must(c.do("d2", filing(opening, "S1", "张伟", "王芳")))
	c.must(c.do("d2", mediation.Designate{Occasion: on(opening), Organisation: "O1", Reason: "就近"}))
	c.must(c.do("d3", row(1, opening)))
	c.must(c.do("d4", filing(opening, "S1", "张伟", "王芳")))
	c.must(c.do("d4", mediation.Designate{Occasion: on(opening), Organisation: "O2", Reason: "就近", Deliver: true}))
	c.must(c.do("d4", mediation.Accept{Occasion: on(opening), Organisation: "O2", Mediator: "范彧志"}))
	c.must(c.do("d4", mediation.RecordConsent{Occasion: on(opening), Party: "B1", Way: mediation.Online}))
	c.must(c.do("d4", mediation.ReachAgreement{Occasion: on(opening), Organisation: "O2", Form: mediation.Written, Terms: "分期偿还"}))
	c.all(d)
	if load, err := d.Load(t.Context()); err != nil || !maps.Equal(load, map[string]int{"O1": 2, "O2": 1}) {
		t.Errorf("%v, %v", load, err)
	}
}

func TestADrillDownOfThousandsShowsJustThose(t *testing.T) {
	c, d := newCourt(t), open(t)
	var ids []string
	for i := range fewFound + 1200 {
		id := fmt.Sprint("d", i)
		c.must(c.do(id, row(i, opening.AddDays(i%90))))
		if i%7 > 0 {
			ids = append(ids, id)
		}
	}
	c.all(d)
	for _, want := range [][]string{ids, ids[:3000], append([]string{"nobody", ""}, ids[:10]...), {}} {
		for _, order := range []Order{ByUrgency, ByNewest} {
			got, total := pages(t, d, Filter{IDs: want, Limit: 500, Order: order})
			known := slices.DeleteFunc(slices.Clone(want), func(id string) bool { return id == "" || id == "nobody" })
			slices.Sort(got)
			slices.Sort(known)
			if !slices.Equal(got, known) || total != len(known) {
				t.Errorf("%d of %d, total %d", len(got), len(want), total)
			}
		}
	}
	if _, total := pages(t, d, Filter{Text: "买卖", Limit: 500}); total != fewFound+1200 {
		t.Errorf("a common word finds %d", total)
	}
}

func TestWhatNobodyFiledIsInNoList(t *testing.T) {
	c, d := newCourt(t), open(t)
	c.must(c.rule("d1", confirmation.Import{Dispute: "d1", Hash: "h", Applied: opening}))
	c.all(d)
	page, err := d.List(t.Context(), Filter{})
	if _, known, entryErr := d.Entry(t.Context(), "d1"); err != nil || entryErr != nil || known || page.Total != 0 {
		t.Errorf("known %v, %d listed, %v, %v", known, page.Total, err, entryErr)
	}
	if counts, err := d.Count(t.Context(), Filter{Today: opening}); err != nil || len(counts) != 0 {
		t.Errorf("%v, %v", counts, err)
	}
	c.must(c.do("d1", row(1, opening))) // and is when it is
	c.all(d)
	if e, known, err := d.Entry(t.Context(), "d1"); err != nil || !known || e.Confirmation != confirmation.Applied {
		t.Errorf("%+v, %v, %v", e, known, err)
	}
}
