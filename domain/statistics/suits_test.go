package statistics_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/roster"
	"doorstep/domain/statistics"
)

// said is one event of the roster and when it was recorded.
type said struct {
	at    time.Time
	event roster.Event
}

func registerOf(list []said) *statistics.Register {
	r := &statistics.Register{}
	for _, s := range list {
		r.Learn(s.at, s.event)
	}
	return r
}

func hour(n int) time.Time { return time.Date(2022, 1, 1, n, 0, 0, 0, time.UTC) }

func lies(at int, code, parent string) said {
	return said{hour(at), roster.TerritoryListed{When: on(calendar.DateOf(hour(at))), Code: code, Name: code, Parent: parent}}
}

func live(at int, code string, day calendar.Date, people int) said {
	published := roster.When{At: calendar.On(day.AddDays(90))}
	return said{hour(at), roster.PopulationPublished{When: published, Territory: code, Basis: roster.Resident, Day: day, People: people, Source: "年鉴"}}
}

func sued(at int, code, month string, count int) said {
	first, _ := calendar.ParseDate(month + "-01")
	over := roster.When{At: calendar.On(calendar.DateOf(first.Time().AddDate(0, 1, -1)))}
	return said{hour(at), roster.SuitsCounted{When: over, Territory: code, Month: month, Suits: roster.Civil, Count: count}}
}

func on(d calendar.Date) roster.When { return roster.When{At: calendar.On(d)} }

// district is a district of two streets with a park beside it, restated once.
var district = []said{
	lies(1, "130108", ""), lies(1, "130108001", "130108"), lies(1, "130108002", "130108"), lies(1, "130172", ""),
	live(2, "130108001", 20191231, 60_000), live(2, "130108002", 20191231, 40_000), live(2, "130172", 20191231, 45_000),
	sued(3, "130108001", "2020-01", 300), sued(3, "130108002", "2020-01", 200), sued(3, "130172", "2020-01", 999), sued(3, "130108001", "2020-07", 100),
	sued(9, "130108001", "2020-07", 160), live(9, "130108002", 20201130, 50_000), live(9, "130108001", 20210101, 1), live(9, "130108001", 20191231, 62_000),
}

func TestSuitsPer10kOfADistrict(t *testing.T) {
	r := registerOf(append(district, lies(1, "empty", ""), live(1, "empty", 20191231, 10), lies(1, "A", "B"), lies(1, "B", "A"), live(1, "A", 20191231, 5), sued(1, "A", "2020-02", 1),
		lies(1, "partly", ""), lies(1, "has", "partly"), lies(1, "has-not", "partly"), live(1, "has", 20191231, 1000), sued(1, "has", "2020-01", 3), sued(1, "has-not", "2020-01", 50)))
	type want struct {
		value       string
		n, d        int
		territories string
		missing     string
	}
	for _, c := range []struct {
		what string
		q    statistics.SuitsQuery
		want want
	}{
		{"as known now", statistics.SuitsQuery{Territory: "130108"}, want{"58.93", 660, 112_000, "130108001 130108002", ""}},
		{"as first recorded", statistics.SuitsQuery{Territory: "130108", KnownAt: hour(8)}, want{"60.00", 600, 100_000, "130108001 130108002", ""}},
		{"before anything was recorded", statistics.SuitsQuery{Territory: "130108", KnownAt: hour(0)}, want{"none", 0, 0, "", "130108"}},
		{"before the counts were", statistics.SuitsQuery{Territory: "130108", KnownAt: hour(2)}, want{"none", 0, 100_000 + 0, "130108001 130108002", ""}},
		{"in February", statistics.SuitsQuery{Territory: "130108", AsOf: 20200229}, want{"none", 0, 0, "", "130108001 130108002"}},
		{"in June", statistics.SuitsQuery{Territory: "130108", AsOf: 20200630}, want{"49.02", 500, 102_000, "130108001 130108002", ""}},
		{"one street", statistics.SuitsQuery{Territory: "130108002"}, want{"40.00", 200, 50_000, "130108002", ""}},
		{"the park", statistics.SuitsQuery{Territory: "130172"}, want{"222.00", 999, 45_000, "130172", ""}},
		{"another year", statistics.SuitsQuery{Territory: "130108", Year: 2019}, want{"none", 0, 102_000, "130108001 130108002", ""}},
		{"before any figure", statistics.SuitsQuery{Territory: "130108", Year: 2018}, want{"none", 0, 0, "", "130108001 130108002"}},
		{"another basis", statistics.SuitsQuery{Territory: "130108", Basis: roster.Registered}, want{"none", 0, 0, "", "130108001 130108002"}},
		{"another kind", statistics.SuitsQuery{Territory: "130108", Kind: roster.Administrative}, want{"none", 0, 112_000, "130108001 130108002", ""}},
		{"nobody filed anything", statistics.SuitsQuery{Territory: "empty"}, want{"none", 0, 10, "empty", ""}},
		{"nowhere", statistics.SuitsQuery{Territory: "nowhere"}, want{"none", 0, 0, "", "nowhere"}},
		{"a part without people is left out with its filings", statistics.SuitsQuery{Territory: "partly"}, want{"30.00", 3, 1000, "has", "has-not"}},
		{"parts of each other", statistics.SuitsQuery{Territory: "A"}, want{"2000.00", 1, 5, "A", ""}},
	} {
		if c.q.Year == 0 {
			c.q.Year = 2020
		}
		if c.q.Basis == "" {
			c.q.Basis = roster.Resident
		}
		if c.q.Kind == "" {
			c.q.Kind = roster.Civil
		}
		s := r.Suits(c.q)
		got := want{show(s.Value), s.Numerator, s.Denominator, strings.Join(s.Territories, " "), strings.Join(s.Missing, " ")}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
	now := r.Suits(statistics.SuitsQuery{Year: 2020, Territory: "130108", Basis: roster.Resident, Kind: roster.Civil})
	if now.Population != 20191231 || now.Source != "年鉴" || now.Months != 2 {
		t.Errorf("the oldest figure is of %v (%s), %d months", now.Population, now.Source, now.Months)
	}
}

func TestAFigureOfTheWholeStandsInForPartsThatHaveNone(t *testing.T) {
	r := registerOf([]said{
		lies(1, "whole", ""), lies(1, "one", "whole"), lies(1, "two", "whole"),
		live(2, "whole", 20191231, 1000), live(3, "one", 20191231, 300), sued(4, "one", "2020-01", 1), sued(4, "two", "2020-01", 2), sued(4, "whole", "2020-02", 4),
		live(5, "two", 20191231, 400),
	})
	q := statistics.SuitsQuery{Year: 2020, Territory: "whole", Basis: roster.Resident, Kind: roster.Civil, KnownAt: hour(4)}
	if s := r.Suits(q); show(s.Value) != "70.00" || s.Denominator != 1000 || strings.Join(s.Territories, " ") != "one two whole" || len(s.Missing) != 0 {
		t.Errorf("one part has none: %+v", s)
	}
	q.KnownAt = hour(5)
	if s := r.Suits(q); show(s.Value) != "100.00" || s.Denominator != 700 {
		t.Errorf("both parts have one: they are added, and the whole is not: %+v", s)
	}
}

// TestSuitsAreWhatASlowCounterFinds counts the plain case anew: people live in
// the lowest territories only.
func TestSuitsAreWhatASlowCounterFinds(t *testing.T) {
	parents := map[string]string{"T": "", "T1": "T", "T2": "T", "T21": "T2", "T22": "T2", "U": ""}
	leaves := map[string][]string{"T": {"T1", "T21", "T22"}, "T1": {"T1"}, "T2": {"T21", "T22"}, "T21": {"T21"}, "T22": {"T22"}, "U": {"U"}}
	rapid.Check(t, func(t *rapid.T) {
		var list []said
		for _, code := range []string{"T", "T1", "T2", "T21", "T22", "U"} {
			list = append(list, lies(0, code, parents[code]))
		}
		leaf := rapid.SampledFrom([]string{"T1", "T21", "T22", "U"})
		for i := range rapid.IntRange(0, 25).Draw(t, "figures") {
			at := rapid.IntRange(max(0, i-3), i).Draw(t, "hour")
			if rapid.Bool().Draw(t, "people") {
				list = append(list, live(at, leaf.Draw(t, "where"), calendar.NewDate(rapid.IntRange(2018, 2021).Draw(t, "year"), 12, 31), rapid.IntRange(0, 3).Draw(t, "people")*1000))
			} else {
				month := fmt.Sprintf("%d-%02d", rapid.IntRange(2019, 2021).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))
				list = append(list, sued(at, leaf.Draw(t, "where"), month, rapid.IntRange(0, 500).Draw(t, "count")))
			}
		}
		q := statistics.SuitsQuery{Year: rapid.IntRange(2018, 2022).Draw(t, "of"), Territory: rapid.SampledFrom([]string{"T", "T1", "T2", "T21", "U"}).Draw(t, "territory"), Basis: roster.Resident, Kind: roster.Civil}
		if rapid.Bool().Draw(t, "known") {
			q.KnownAt = hour(rapid.IntRange(0, 25).Draw(t, "known at"))
		}
		if rapid.Bool().Draw(t, "as of") {
			q.AsOf = calendar.NewDate(rapid.IntRange(2019, 2022).Draw(t, "year"), 6, 30)
		}
		got, want := registerOf(list).Suits(q), slowSuits(list, q, leaves[q.Territory])
		if got.Numerator != want.Numerator || got.Denominator != want.Denominator || show(got.Value) != show(want.Value) || !slices.Equal(got.Missing, want.Missing) {
			t.Fatalf("%+v: %+v, want %+v", q, got, want)
		}
	})
}

func slowSuits(list []said, q statistics.SuitsQuery, leaves []string) (s statistics.Suits) {
	seen := func(x said, when roster.When) bool {
		return (q.KnownAt.IsZero() || !x.at.After(q.KnownAt)) && (q.AsOf == 0 || when.At.Date <= q.AsOf)
	}
	counted := false
	for _, leaf := range leaves {
		people := map[calendar.Date]int{}
		suits := map[string]int{}
		for _, x := range list {
			switch e := x.event.(type) {
			case roster.PopulationPublished:
				if e.Territory == leaf && e.Day.Year() <= q.Year && seen(x, e.When) {
					people[e.Day] = e.People
				}
			case roster.SuitsCounted:
				if e.Territory == leaf && strings.HasPrefix(e.Month, fmt.Sprint(q.Year)) && seen(x, e.When) {
					suits[e.Month] = e.Count
				}
			}
		}
		newest := calendar.Date(0)
		for d := range people {
			newest = max(newest, d)
		}
		if newest == 0 {
			s.Missing = append(s.Missing, leaf)
			continue
		}
		s.Denominator += people[newest]
		for _, n := range suits {
			s.Numerator += n
			counted = true
		}
	}
	if counted && s.Denominator > 0 {
		v := big.NewRat(int64(s.Numerator)*10_000, int64(s.Denominator)).FloatString(2)
		s.Value = &v
	}
	return s
}
