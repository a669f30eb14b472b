package statistics

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
)

// drawNews draws what a commit may tell: anything, in any order.
func drawNews(t *rapid.T) News {
	var n News
	day := func() calendar.Date {
		return calendar.NewDate(2021, 3, 1).AddDays(rapid.IntRange(0, 20).Draw(t, "day"))
	}
	word := func() string {
		return rapid.SampledFrom([]string{"甲", "乙", "丙", ""}).Draw(t, "word")
	}
	all := []func(){
		func() { n.Filed(day(), word(), word()) }, func() { n.Delegated(day(), word()) }, func() { n.Declined(day(), word()) },
		func() { n.Accepted(day(), word(), rapid.Bool().Draw(t, "video")) }, func() { n.Held(day(), rapid.Bool().Draw(t, "video")) }, func() { n.Succeeded(day()) },
		func() { n.Terminated(day(), rapid.IntRange(0, 8).Draw(t, "ground")) }, func() { n.Returned(day()) },
		func() { n.Transferred(day(), word()) }, func() { n.Applied(day()) }, func() { n.Confirmed(day()) },
		func() { n.CorrectCause(word()) }, func() { n.CorrectMode(rapid.Bool().Draw(t, "video")) }, func() { n.CorrectFiled(day()) },
		func() { n.CorrectAccepted(day()) }, func() { n.CorrectEnded(day()) },
	}
	for range rapid.IntRange(0, 4).Draw(t, "things") {
		rapid.SampledFrom(all).Draw(t, "thing")()
	}
	return n
}

// net is what is left when facts that cancel are taken out.
func net(facts []Fact) map[Fact]int {
	sum := map[Fact]int{}
	for _, f := range facts {
		sign := f.Sign
		f.Sign = 0
		if sum[f] += sign; sum[f] == 0 {
			delete(sum, f)
		}
	}
	return sum
}

func TestWhatIsLearntAddsUpToWhatIsKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h History
		var learnt []Fact
		at := time.Date(2021, 4, 1, 0, 0, 0, 0, time.UTC)
		for range rapid.IntRange(0, 6).Draw(t, "commits") {
			at = at.Add(time.Duration(rapid.IntRange(-2, 5).Draw(t, "hours")) * time.Hour)
			before, was := h.KnownSince(), h.entries
			kept := slices.Clone(was)
			news := h.Learn(at, drawNews(t))
			learnt = append(learnt, news...)
			if h.KnownSince().Before(before) || h.KnownSince().Before(at) {
				t.Fatalf("known since %v after %v and a record of %v", h.KnownSince(), before, at)
			}
			if !slices.Equal(was, kept) {
				t.Fatal("learning changed a history that somebody else still holds")
			}
			for _, f := range news {
				if len(net([]Fact{f})) != 1 || f.Sign != 1 && f.Sign != -1 {
					t.Fatalf("a fact of weight %d", f.Sign)
				}
			}
		}
		if got, want := net(learnt), net(h.Facts()); !reflect.DeepEqual(got, want) {
			t.Fatalf("learnt %v, known %v", got, want)
		}
	})
}

func TestAHistoryComesBackFromItsStoredForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h, back History
		for i := range rapid.IntRange(0, 4).Draw(t, "commits") {
			h.Learn(time.UnixMicro(int64(i)*1_000_003).UTC(), drawNews(t))
		}
		form, err := h.MarshalBinary()
		if err == nil {
			err = back.UnmarshalBinary(form)
		}
		if err != nil || !slices.Equal(back.entries, h.entries) || !back.known.Equal(h.known) {
			t.Fatalf("%v: %+v, want %+v", err, back, h)
		}
	})
}

func FuzzStoredHistory(f *testing.F) {
	var n News
	n.Filed(20210301, "130108001", "离婚纠纷")
	n.Accepted(20210303, "RT-01", true)
	n.Terminated(20210310, 4)
	var h History
	h.Learn(time.UnixMicro(1_600_000_000_000_000), n)
	form, _ := h.MarshalBinary()
	f.Add(form)
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add([]byte{1, 0, 1, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var h, again History
		if h.UnmarshalBinary(b) != nil {
			return
		}
		form, _ := h.MarshalBinary()
		if err := again.UnmarshalBinary(form); err != nil || !slices.Equal(h.entries, again.entries) {
			t.Fatalf("%v: %+v, want %+v", err, again, h)
		}
	})
}

// TestCountsStepByStep is the table of the rules: a dispute, a day, what it
// counts for.
func TestCountsStepByStep(t *testing.T) {
	at := time.Date(2021, 6, 1, 0, 0, 0, 0, time.UTC)
	var h History
	tell := func(say func(*News)) {
		var n News
		say(&n)
		at = at.Add(time.Hour)
		h.Learn(at, n)
	}
	tell(func(n *News) {
		n.Filed(20210301, "东苑", "离婚纠纷")
		n.Delegated(20210302, "甲")
		n.Declined(20210303, "甲")
		n.Delegated(20210304, "乙")
		n.Accepted(20210305, "乙", false)
	})
	tell(func(n *News) { n.Held(20210306, true) })
	tell(func(n *News) { n.Held(20210308, false) })
	tell(func(n *News) { n.Succeeded(20210315) })
	tell(func(n *News) { n.Transferred(20210320, "裕翔"); n.Applied(20210322); n.Confirmed(20210401) })
	for _, c := range []struct {
		day          calendar.Date
		measures     []Measure
		station, org string
		video        bool
	}{
		{20210228, nil, "", "", false},
		{20210301, []Measure{Filed}, "东苑", "", false},
		{20210302, []Measure{Filed, Delegated}, "东苑", "甲", false},
		{20210303, []Measure{Filed, Delegated}, "东苑", "", false},
		{20210305, []Measure{Filed, Delegated, Received, InHand}, "东苑", "乙", false},
		{20210314, []Measure{Filed, Delegated, Received, InHand}, "东苑", "乙", false},
		{20210315, []Measure{Filed, Delegated, Received, Concluded}, "东苑", "乙", true},
		{20210320, []Measure{Filed, Delegated, Received, Concluded}, "裕翔", "乙", true},
		{20210322, []Measure{Filed, Delegated, Received, Concluded, ConfirmationApplied}, "裕翔", "乙", true},
		{20210401, []Measure{Filed, Delegated, Received, Concluded, ConfirmationApplied, Confirmed}, "裕翔", "乙", true},
	} {
		var by []Fact
		for _, f := range h.Facts() {
			if !f.Happened.After(c.day) {
				f.Happened = 0
				by = append(by, f)
			}
		}
		left := net(by)
		if len(left) != len(c.measures) {
			t.Errorf("%v: %v, want %v", c.day, left, c.measures)
		}
		for f, n := range left {
			if n != 1 || !slices.Contains(c.measures, f.Measure) || f.Station != c.station || f.Organisation != c.org || f.Cause != "离婚纠纷" {
				t.Errorf("%v: %+v counts %d", c.day, f, n)
			}
			if f.Measure == Concluded && (f.Days != 10 || !f.Success || f.AudioVideo != c.video || f.Day != 20210315) {
				t.Errorf("%v: %+v", c.day, f)
			}
		}
	}
}

func TestAMediationThatEndedBeforeItBeganHasNoLength(t *testing.T) {
	for _, c := range []struct {
		accepted calendar.Date
		want     int
	}{{20210305, 5}, {20210310, 0}, {20210320, NoDays}, {0, NoDays}} {
		var n News
		n.Filed(20210301, "东苑", "离婚纠纷")
		n.Terminated(20210310, 4)
		if c.accepted != 0 {
			n.Accepted(c.accepted, "甲", false)
		}
		var h History
		for _, f := range h.Learn(time.Unix(0, 0), n) {
			if f.Measure == Concluded && f.Sign > 0 && f.Days != c.want && f.Happened == 20210310 {
				t.Errorf("accepted on %v: %d days, want %d", c.accepted, f.Days, c.want)
			}
			if f.Measure == Concluded && f.Days < NoDays {
				t.Errorf("accepted on %v: %d days", c.accepted, f.Days)
			}
		}
	}
}

func TestACorrectionHoldsForWhatWasToldBeforeIt(t *testing.T) {
	var n News
	n.Filed(20210301, "东苑", "离婚纠纷")
	n.Accepted(20210302, "甲", false)
	n.Held(20210303, true)
	n.CorrectMode(false)
	n.CorrectCause("赡养纠纷")
	before := n
	n.Held(20210304, true)
	n.Terminated(20210310, 4)
	before.Terminated(20210310, 4)
	for what, c := range map[string]struct {
		news News
		want bool
	}{"nothing by video after it": {before, false}, "one by video after it": {n, true}} {
		var h History
		for _, f := range h.Learn(time.Unix(0, 0), c.news) {
			if f.Cause != "赡养纠纷" || f.Measure == Concluded && f.AudioVideo != c.want {
				t.Errorf("%s: %+v", what, f)
			}
		}
	}
}
