package calendar

import (
	"strings"
	"testing"
)

func TestMakeUpDaysAreWorkedAndHolidaysAreNot(t *testing.T) {
	for _, c := range []struct {
		day         string
		works, sure bool
	}{
		{"2021-02-07", true, true},   // Sunday, 班
		{"2021-10-01", false, true},  // Friday, 休
		{"2021-10-09", true, true},   // Saturday, 班
		{"2021-10-10", false, true},  // an ordinary Sunday
		{"2021-10-11", true, true},   // an ordinary Monday
		{"2031-10-01", true, false},  // nobody has published it yet
		{"2031-10-05", false, false}, // a Sunday all the same
	} {
		if works, sure := Official().Works(day(t, c.day)); works != c.works || sure != c.sure {
			t.Errorf("%s: works %v, sure %v", c.day, works, sure)
		}
	}
}

func TestABadCalendarIsRefusedWithItsLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "no day",
		"date,kind\n":           "line 1",
		"日期,性质\n2021-02-30,休\n": "line 2",
		"日期,性质\n2021-02-07,半\n": "line 2",
		"日期,性质\n2021-02-07\n":   "cannot be read",
		"日期,性质\n2021-02-07,休\n2021-02-07,班\n": "both",
	} {
		if _, err := ParseWorkdays(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzParseWorkdays(f *testing.F) {
	f.Add(string(official))
	f.Add("日期,性质\n2021-02-30,休\n")
	f.Fuzz(func(t *testing.T, in string) {
		w, err := ParseWorkdays(strings.NewReader(in))
		if err == nil && len(w.exceptions) == 0 {
			t.Fatal("a calendar without a day was taken")
		}
	})
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"2021-02-07", "2021-02-07T23:30:00+08:00", "2021-02-07T23:30:00Z", "0000-01-01", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		m, err := ParseMoment(in)
		if err != nil || m.IsZero() {
			return
		}
		if again, err := ParseMoment(m.String()); err != nil || again != m {
			t.Fatalf("%q -> %q -> %v, %v", in, m, again, err)
		}
	})
}
