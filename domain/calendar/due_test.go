package calendar

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheClocksRunAsTheCourtCounted(t *testing.T) {
	b, err := os.ReadFile("testdata/clocks.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Clock     string
		From, Due Date
	}
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) < 40 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		got, err := DueOf(v.Clock, v.From, Official())
		if err != nil || got.Due != v.Due || got.Assumed {
			t.Errorf("%s from %s: due %s, assumed %v, %v; the court says %s", v.Clock, v.From, got.Due, got.Assumed, err, v.Due)
		}
	}
}

func TestLastDays(t *testing.T) {
	for _, c := range []struct{ name, clock, from, counted, due string }{
		{"ends in the National Day holiday", "K05", "2021-09-02", "2021-10-02", "2021-10-08"},
		{"a Sunday that was worked counts", "K03", "2021-09-24", "2021-09-28", "2021-09-28"},
		{"ends on an ordinary Sunday", "K05", "2021-01-01", "2021-01-31", "2021-02-01"},
		{"ends in the Spring Festival", "K10", "2025-01-03", "2025-02-02", "2025-02-05"},
		{"ends on a Saturday that was worked", "K12", "2021-02-05", "2021-02-20", "2021-02-20"},
		{"a month without the day ends on its last", "K13", "2021-08-31", "2022-02-28", "2022-02-28"},
		{"two years from a leap day", "K14", "2020-02-29", "2022-02-28", "2022-02-28"},
		{"over the turn of the year", "K01", "2021-12-31", "2022-01-05", "2022-01-05"},
	} {
		got, err := DueOf(c.clock, day(t, c.from), Official())
		if err != nil || got.Counted.String() != c.counted || got.Due.String() != c.due {
			t.Errorf("%s: %s from %s: counted %s, due %s, %v", c.name, c.clock, c.from, got.Counted, got.Due, err)
		}
	}
}

func TestEveryClockOfTheTableIsThere(t *testing.T) {
	clocks := Clocks()
	if len(clocks) != 21 {
		t.Fatalf("%d clocks", len(clocks))
	}
	for _, c := range clocks {
		_, err := c.Due(day(t, "2024-03-01"), Official())
		if none := c.ID == "K07" || c.ID == "K09"; none != errors.Is(err, ErrNoLength) || (!none && err != nil) {
			t.Errorf("%s: %v", c.ID, err)
		}
		if c.Chinese == "" || c.English == "" || c.Starts == "" || c.Source == "" || c.Expiry == "" {
			t.Errorf("%s is not told whole", c.ID)
		}
	}
	if _, err := ClockOf("K22"); !errors.Is(err, ErrUnknownClock) {
		t.Errorf("K22: %v", err)
	}
	set, err := must(ClockOf("K09")).Of(7).Due(day(t, "2024-03-01"), Official())
	if err != nil || set.Due.String() != "2024-03-08" {
		t.Errorf("K09 of 7 days: %s, %v", set.Due, err)
	}
}

func TestAnAppraisalStopsTheClock(t *testing.T) {
	pause := Pause{day(t, "2024-03-10"), day(t, "2024-03-20")}
	got, err := DueOf("K05", day(t, "2024-03-01"), Official(), pause)
	if err != nil || got.Counted.String() != "2024-04-10" {
		t.Errorf("counted %s, %v", got.Counted, err)
	}
}

func TestYearsWithoutAPublishedListAreSaidToBeAssumed(t *testing.T) {
	_, last := Official().Years()
	got, err := DueOf("K03", NewDate(last, time.December, 31), Official())
	if err != nil || !got.Assumed {
		t.Errorf("assumed %v, %v", got.Assumed, err)
	}
}

func TestPropertiesOfEveryLastDay(t *testing.T) {
	start, end := day(t, "2021-01-01"), day(t, "2025-11-30")
	clocks := Clocks()
	rapid.Check(t, func(t *rapid.T) {
		c := clocks[rapid.IntRange(0, len(clocks)-1).Draw(t, "clock")]
		if c.Length == 0 {
			c = c.Of(rapid.IntRange(1, 60).Draw(t, "length"))
			c.Unit = CalendarDays
		}
		from := start.AddDays(rapid.IntRange(0, end.DaysSince(start)).Draw(t, "from"))
		a, err := c.Due(from, Official())
		if err != nil {
			t.Fatal(err)
		}
		if works, _ := Official().Works(a.Due); !works || !a.Due.After(from) || a.Due.Before(a.Counted) {
			t.Fatalf("%s from %s: counted %s, due %s", c.ID, from, a.Counted, a.Due)
		}
		for d := a.Counted; d != a.Due; d = d.AddDays(1) {
			if works, _ := Official().Works(d); works {
				t.Fatalf("%s from %s rolls over the working day %s", c.ID, from, d)
			}
		}
		if b, _ := c.Due(from.AddDays(1), Official()); b.Due.Before(a.Due) {
			t.Fatalf("%s: a later start ends earlier: %s, %s", c.ID, a.Due, b.Due)
		}
	})
}

func must(c Clock, err error) Clock {
	if err != nil {
		panic(err)
	}
	return c
}
