package roster

import (
	"maps"

	"doorstep/domain/calendar"
)

// Basis is whom a population figure counts (口径).
type Basis string

// The bases.
const (
	Resident   Basis = "常住"
	Registered Basis = "户籍"
	Floating   Basis = "常住+登记流动"
)

// SuitKind is the kind of first-instance filings.
type SuitKind string

// The kinds.
const (
	Civil          SuitKind = "民事"
	Administrative SuitKind = "行政"
)

type populationKey struct {
	basis Basis
	day   calendar.Date
}

type suitsKey struct {
	month string
	kind  SuitKind
}

// PublishPopulation records a population figure of a territory.
type PublishPopulation struct {
	Territory string
	Basis     Basis
	Day       calendar.Date // the figure's own day
	People    int
	Source    string
	Published calendar.Date
}

func (cmd PublishPopulation) decide(s Entry) ([]Event, error) {
	switch {
	case cmd.Territory == "":
		return nil, ErrNoCode
	case cmd.Basis != Resident && cmd.Basis != Registered && cmd.Basis != Floating:
		return nil, ErrBasis
	case cmd.Day.IsZero():
		return nil, ErrDay
	case cmd.People < 0:
		return nil, ErrNumber
	}
	at := cmd.Published
	if at.IsZero() {
		at = cmd.Day
	}
	e := PopulationPublished{When{calendar.On(at)}, cmd.Territory, cmd.Basis, cmd.Day, cmd.People, cmd.Source}
	if s.Populations[populationKey{cmd.Basis, cmd.Day}] == e {
		return nil, nil
	}
	return []Event{e}, nil
}

// PopulationPublished: so many people on that day, on that basis. A later one
// for the same day and basis restates it.
type PopulationPublished struct {
	When
	Territory string        `json:"territory" personal:"no"`
	Basis     Basis         `json:"basis"`
	Day       calendar.Date `json:"day"`
	People    int           `json:"people"`
	Source    string        `json:"source,omitempty" personal:"no"`
}

// Kind is the stored name.
func (PopulationPublished) Kind() string { return "population-published" }

func (e PopulationPublished) evolve(s *Entry) {
	m := maps.Clone(s.Populations)
	if m == nil {
		m = make(map[populationKey]PopulationPublished, 1)
	}
	m[populationKey{e.Basis, e.Day}] = e
	s.Populations = m
}

// CountSuits records how many first-instance cases were filed from a territory
// in a month.
type CountSuits struct {
	Territory string
	Month     string // YYYY-MM
	Kind      SuitKind
	Count     int
}

func (cmd CountSuits) decide(s Entry) ([]Event, error) {
	first, err := calendar.ParseDate(cmd.Month + "-01")
	switch {
	case cmd.Territory == "":
		return nil, ErrNoCode
	case err != nil:
		return nil, ErrMonth
	case cmd.Kind != Civil && cmd.Kind != Administrative:
		return nil, ErrSuits
	case cmd.Count < 0:
		return nil, ErrNumber
	}
	if n, known := s.Suits[suitsKey{cmd.Month, cmd.Kind}]; known && n == cmd.Count {
		return nil, nil
	}
	last := calendar.DateOf(first.Time().AddDate(0, 1, -1))
	return []Event{SuitsCounted{When{calendar.On(last)}, cmd.Territory, cmd.Month, cmd.Kind, cmd.Count}}, nil
}

// SuitsCounted: so many filings in that month; it happened by the month's last
// day. A later one for the same month and kind restates it.
type SuitsCounted struct {
	When
	Territory string   `json:"territory" personal:"no"`
	Month     string   `json:"month" personal:"no"`
	Suits     SuitKind `json:"kind"`
	Count     int      `json:"count"`
}

// Kind is the stored name.
func (SuitsCounted) Kind() string { return "suits-counted" }

func (e SuitsCounted) evolve(s *Entry) {
	m := maps.Clone(s.Suits)
	if m == nil {
		m = make(map[suitsKey]int, 1)
	}
	m[suitsKey{e.Month, e.Suits}] = e.Count
	s.Suits = m
}
