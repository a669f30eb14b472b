package calendar

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestADayEndsAtMidnightInShanghai(t *testing.T) {
	for in, want := range map[string]string{
		"2021-02-07T15:59:59Z":      "2021-02-07", // 23:59:59
		"2021-02-07T16:00:00Z":      "2021-02-08",
		"2021-02-07T23:30:00+08:00": "2021-02-07",
		"2021-02-07T23:30:00-05:00": "2021-02-08",
	} {
		at, err := time.Parse(time.RFC3339, in)
		if err != nil {
			t.Fatal(err)
		}
		if got := At(at); got.Date.String() != want || DateOf(at).String() != want || !got.Time().Equal(at) {
			t.Errorf("%s is of %s, want %s", in, got.Date, want)
		}
	}
}

func TestMomentsAreOrderedAsFarAsTheyAreKnown(t *testing.T) {
	moment := func(s string) Moment {
		m, err := ParseMoment(s)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		a, b   string
		before bool
	}{
		{"2021-02-07", "2021-02-08", true},
		{"2021-02-08", "2021-02-07", false},
		{"2021-02-07", "2021-02-07", false},
		{"2021-02-07T09:00:00+08:00", "2021-02-07T09:00:01+08:00", true},
		{"2021-02-07T09:00:00+08:00", "2021-02-07", false}, // nobody knows
		{"2021-02-07", "2021-02-07T09:00:00+08:00", false},
		{"2021-02-07T23:59:59+08:00", "2021-02-08", true},
	} {
		if got := moment(c.a).Before(moment(c.b)); got != c.before {
			t.Errorf("%s before %s: %v", c.a, c.b, got)
		}
	}
	if day := moment("2021-02-07"); day.Timed() || !day.Time().Equal(day.Date.Time()) || day.IsZero() {
		t.Errorf("a day alone: %v", day)
	}
}

func TestDaysAndMomentsAreWrittenAsTheyAreRead(t *testing.T) {
	type paper struct {
		On Date   `json:"on"`
		At Moment `json:"at"`
	}
	for _, text := range []string{`{"on":"2021-02-07","at":"2021-02-07T00:00:00+08:00"}`, `{"on":"2024-02-29","at":"2024-02-29"}`, `{"on":"","at":""}`} {
		var p paper
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if again, err := json.Marshal(p); err != nil || string(again) != text {
			t.Errorf("%s came back as %s, %v", text, again, err)
		}
	}
	for _, text := range []string{`{"on":"2021-02-30"}`, `{"on":"20210207"}`, `{"at":"2021-02-07 09:00"}`, `{"at":"gestern"}`, `{"at":"2021-13-01"}`} {
		if err := json.Unmarshal([]byte(text), &paper{}); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

func TestDaysAreCountedThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := NewDate(rapid.IntRange(1990, 2060).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"))
		n := rapid.IntRange(-2000, 2000).Draw(t, "days")
		b := a.AddDays(n)
		if b.DaysSince(a) != n || b.AddDays(-n) != a || b.After(a) != (n > 0) || b.Before(a) != (n < 0) {
			t.Fatalf("%s and %d days: %s, %d days apart", a, n, b, b.DaysSince(a))
		}
		if again, err := ParseDate(b.String()); err != nil || again != b || NewDate(b.Year(), b.Month(), b.Day()) != b {
			t.Fatalf("%s is read as %s, %v", b, again, err)
		}
	})
}
