package statistics

import (
	"slices"
	"strings"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/roster"
)

// SuitsQuery asks for first-instance filings per 10,000 residents (万人起诉率).
type SuitsQuery struct {
	Year      int
	Territory string // with all below it
	Basis     roster.Basis
	Kind      roster.SuitKind
	AsOf      calendar.Date // only months over and figures published by then; zero: all
	KnownAt   time.Time     // only what had been recorded by then; zero: all
}

// Suits is the answer: filings of the year over the people of the same
// territories, x 10,000. A territory without a population is named in Missing
// and its filings are left out too, so that both sides of the ratio always
// speak of the same ground.
type Suits struct {
	Year        int             `json:"year"`
	Territory   string          `json:"territory"`
	Basis       roster.Basis    `json:"basis"`
	Kind        roster.SuitKind `json:"kind"`
	Value       *string         `json:"value"` // two decimals, rounded half up; nil without a population or without any month's filings
	Numerator   int             `json:"numerator"`
	Denominator int             `json:"denominator"`
	Months      int             `json:"months"`                      // months of the year with a count; under 12 the year is not complete
	Population  calendar.Date   `json:"population_date,omitzero"`    // the oldest of the figures used
	Source      string          `json:"population_source,omitempty"` // of those figures
	Missing     []string        `json:"missing,omitempty"`           // territories without a figure, sorted
	Territories []string        `json:"territories"`                 // those counted, sorted
}

// Register is the published figures of the territories as they were recorded,
// each restatement beside what it restates. The zero Register is empty.
type Register struct {
	listed map[string][]recorded[roster.TerritoryListed]
	people map[string][]recorded[roster.PopulationPublished]
	suits  map[string][]recorded[roster.SuitsCounted]
}

// recorded is something and when it was recorded.
type recorded[T any] struct {
	at  time.Time
	say T
}

// Learn takes in what was recorded of a territory; other events of the roster
// say nothing here.
func (r *Register) Learn(at time.Time, e roster.Event) {
	if r.listed == nil {
		r.listed = map[string][]recorded[roster.TerritoryListed]{}
		r.people = map[string][]recorded[roster.PopulationPublished]{}
		r.suits = map[string][]recorded[roster.SuitsCounted]{}
	}
	switch e := e.(type) {
	case roster.TerritoryListed:
		r.listed[e.Code] = append(r.listed[e.Code], recorded[roster.TerritoryListed]{at, e})
	case roster.PopulationPublished:
		r.people[e.Territory] = append(r.people[e.Territory], recorded[roster.PopulationPublished]{at, e})
	case roster.SuitsCounted:
		r.suits[e.Territory] = append(r.suits[e.Territory], recorded[roster.SuitsCounted]{at, e})
	}
}

// known are the things of the list that had been recorded by the moment (zero:
// all) and had happened by the day (zero: whenever).
func known[T roster.Event](list []recorded[T], at time.Time, asOf calendar.Date, happened func(T) calendar.Date) []T {
	var out []T
	for _, r := range list {
		if !at.IsZero() && r.at.After(at) || !asOf.IsZero() && happened(r.say).After(asOf) {
			continue
		}
		out = append(out, r.say)
	}
	return out
}

// Suits answers the question.
func (r *Register) Suits(q SuitsQuery) Suits {
	s := Suits{Year: q.Year, Territory: q.Territory, Basis: q.Basis, Kind: q.Kind, Territories: []string{}}
	ground := r.ground(q, q.Territory, r.below(q), map[string]bool{})
	sources, months := map[string]bool{}, map[string]bool{}
	for _, g := range ground.figures {
		s.Denominator += g.People
		sources[g.Source] = true
		if s.Population.IsZero() || g.Day.Before(s.Population) {
			s.Population = g.Day
		}
	}
	for _, t := range ground.counted {
		filings := r.filings(q, t)
		for month, n := range filings {
			s.Numerator += n
			months[month] = true
		}
		if len(filings) > 0 || !slices.Contains(ground.whole, t) {
			s.Territories = append(s.Territories, t)
		}
	}
	s.Months = len(months)
	s.Missing, s.Territories = sorted(ground.missing), sorted(s.Territories)
	s.Source = strings.Join(sorted(keys(sources)), "、")
	if s.Months > 0 {
		s.Value = PerTenThousand(s.Numerator, s.Denominator)
	}
	return s
}

// below is which territories lie directly in each, as listed by the moment.
func (r *Register) below(q SuitsQuery) map[string][]string {
	below := map[string][]string{}
	for code, list := range r.listed {
		if now := known(list, q.KnownAt, 0, nil); len(now) > 0 {
			if parent := now[len(now)-1].Parent; parent != "" {
				below[parent] = append(below[parent], code)
			}
		}
	}
	return below
}

// ground is what a territory is counted by: it and what lies below it.
type ground struct {
	figures []roster.PopulationPublished
	counted []string // territories whose filings count
	whole   []string // of these: those that are counted by their parts
	missing []string
}

// ground finds the people of a territory. Where all that lies directly below it
// has figures, their sum is its own; a figure of the whole stands in only where
// one of the parts has none, and is never added to them.
func (r *Register) ground(q SuitsQuery, code string, below map[string][]string, seen map[string]bool) ground {
	if seen[code] { // two territories that are listed as parts of each other
		return ground{}
	}
	seen[code] = true
	g := ground{}
	for _, part := range below[code] {
		p := r.ground(q, part, below, seen)
		g.figures = append(g.figures, p.figures...)
		g.counted = append(g.counted, p.counted...)
		g.whole = append(g.whole, p.whole...)
		g.missing = append(g.missing, p.missing...)
	}
	own, has := r.population(q, code)
	switch {
	case len(g.figures) > 0 && len(g.missing) == 0:
		g.counted, g.whole = append(g.counted, code), append(g.whole, code)
	case has:
		g.figures = []roster.PopulationPublished{own}
		g.counted = append(append(g.counted, g.missing...), code)
		g.missing = nil
	case len(below[code]) > 0: // its parts are named already; what was filed of the whole cannot be split
	default:
		g.missing = append(g.missing, code)
	}
	return g
}

// population is the newest figure on the basis that is dated in or before the
// year; of two for one day the one recorded last.
func (r *Register) population(q SuitsQuery, code string) (roster.PopulationPublished, bool) {
	var best roster.PopulationPublished
	found := false
	published := func(e roster.PopulationPublished) calendar.Date { return e.At.Date }
	for _, e := range known(r.people[code], q.KnownAt, q.AsOf, published) {
		if e.Basis == q.Basis && e.Day.Year() <= q.Year && !e.Day.Before(best.Day) {
			best, found = e, true
		}
	}
	return best, found
}

// filings are the filings of the year by month; of two counts for one month the
// one recorded last.
func (r *Register) filings(q SuitsQuery, code string) map[string]int {
	year := calendar.NewDate(q.Year, 1, 1).String()[:5]
	months := map[string]int{}
	over := func(e roster.SuitsCounted) calendar.Date { return e.At.Date }
	for _, e := range known(r.suits[code], q.KnownAt, q.AsOf, over) {
		if e.Suits == q.Kind && strings.HasPrefix(e.Month, year) {
			months[e.Month] = e.Count
		}
	}
	return months
}

func keys(set map[string]bool) []string {
	var list []string
	for k := range set {
		if k != "" {
			list = append(list, k)
		}
	}
	return list
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
