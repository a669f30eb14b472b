package statistics

import (
	"slices"

	rules "doorstep/domain/statistics"
)

// Measure names a number whose disputes can be listed.
type Measure = rules.Measure

// The measures.
const (
	Filed               = rules.Filed
	Delegated           = rules.Delegated
	Returned            = rules.Returned
	Received            = rules.Received
	InHand              = rules.InHand // accepted and not ended by AsOf
	Concluded           = rules.Concluded
	Success             = rules.Success
	AudioVideo          = rules.AudioVideo
	ConfirmationApplied = rules.ConfirmationApplied
	Confirmed           = rules.Confirmed
)

// Measures lists them.
var Measures = []Measure{Filed, Delegated, Returned, Received, InHand, Concluded, Success, AudioVideo, ConfirmationApplied, Confirmed}

// Cases lists the ids of the disputes behind a number, in the order in which
// the log first told of them: its length is the number. A measure that has no
// disputes lists none.
func (s *Statistics) Cases(q Query, m Measure) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	kept, part := m, outcome(0)
	switch m {
	case Success:
		kept, part = Concluded, successful
	case AudioVideo:
		kept, part = Concluded, audioVideo
	}
	if !slices.Contains(Measures, m) {
		return nil
	}
	k, w := s.all.on(s.all.window(q), kept)
	net := make([]int8, len(s.all.disputes.list)+1)
	for i := range k.day {
		if w.takes(k, i) && k.outcome[i]&part == part {
			net[k.dispute[i]] += k.sign[i]
		}
	}
	var ids []string
	for number, n := range net {
		if n > 0 {
			ids = append(ids, s.all.disputes.name(uint32(number)))
		}
	}
	return ids
}

// Years are the years in which anything was filed, received or concluded,
// oldest first.
func (s *Statistics) Years() []int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var years []int
	for year, n := range s.all.years {
		if n > 0 {
			years = append(years, year)
		}
	}
	slices.Sort(years)
	return years
}

// SuitsQuery asks for first-instance filings per 10,000 residents (万人起诉率).
type SuitsQuery = rules.SuitsQuery

// Suits is the answer: filings of the year in the territory and those below it
// over their population, newest figure dated in or before the year, x 10,000.
type Suits = rules.Suits

// Suits answers the question.
func (s *Statistics) Suits(q SuitsQuery) Suits {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all.register.Suits(q)
}
