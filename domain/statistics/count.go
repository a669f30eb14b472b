package statistics

import (
	"slices"

	"doorstep/domain/calendar"
)

// Facts is all that the history adds to numbers: what stands at the end of
// each day on which anything happened, less what stood the day before. What
// happened counts in the order of the days, on one day in the order of
// recording, whenever it was recorded.
func (h History) Facts() []Fact {
	inOrder := h.entries
	byDay := func(a, b entry) int { return int(a.day) - int(b.day) }
	if !slices.IsSortedFunc(inOrder, byDay) {
		inOrder = slices.Clone(inOrder)
		slices.SortStableFunc(inOrder, byDay)
	}
	s := h.start()
	var facts []Fact
	var now, before [most]Fact
	stood := 0
	for i, e := range inOrder {
		s.take(e)
		if i+1 < len(inOrder) && inOrder[i+1].day == e.day {
			continue
		}
		stands := s.count(now[:0])
		facts = appendChange(facts, e.day, stands, before[:stood])
		stood = copy(before[:], stands)
	}
	return facts
}

// most is the most numbers that one dispute can count for at a time.
const most = 8

// appendChange adds the facts by which the counts of one day differ from those
// before.
func appendChange(facts []Fact, day calendar.Date, stands, stood []Fact) []Fact {
	for _, f := range stands {
		if !slices.ContainsFunc(stood, f.same) {
			f.Happened, f.Sign = day, +1
			facts = append(facts, f)
		}
	}
	for _, f := range stood {
		if !slices.ContainsFunc(stands, f.same) {
			f.Happened, f.Sign = day, -1
			facts = append(facts, f)
		}
	}
	return facts
}

// state is a dispute at the end of a day.
type state struct {
	station, cause, organisation  string
	filed, accepted, ended        calendar.Date
	success, terminated, returned bool
	ground                        int
	delegated, applied, confirmed bool
	heldOne, audioVideo           bool
}

// start is the dispute before anything happened. Where it was filed, and for
// what, is known of it from then on: a ledger may date acceptance before filing.
func (h History) start() state {
	for _, e := range h.entries {
		if e.kind == filed {
			return state{station: e.place, cause: e.cause}
		}
	}
	return state{}
}

// take moves the state on.
func (s *state) take(e entry) {
	switch e.kind {
	case filed:
		s.filed = e.day
	case delegated:
		s.delegated = true
		if s.accepted.IsZero() {
			s.organisation = e.place
		}
	case declined:
		if s.accepted.IsZero() && s.organisation == e.place {
			s.organisation = ""
		}
	case accepted:
		s.accepted, s.organisation, s.delegated = e.day, e.place, true
		if !s.heldOne {
			s.audioVideo = e.audioVideo
		}
	case held: // what was held says how, and not what was meant; one by video makes it mixed
		s.audioVideo = e.audioVideo || s.heldOne && s.audioVideo
		s.heldOne = true
	case succeeded, terminated, returned:
		s.ended, s.ground = e.day, e.ground
		s.success, s.terminated, s.returned = e.kind == succeeded, e.kind == terminated, e.kind == returned
	case transferred:
		s.station = e.place
	case applied:
		s.applied = true
	case confirmed:
		s.confirmed = true
	}
}

// count appends what the dispute counts for as it stands.
func (s *state) count(to []Fact) []Fact {
	add := func(m Measure, day calendar.Date) *Fact {
		to = append(to, Fact{Measure: m, Day: day, Station: s.station, Organisation: s.organisation, Cause: s.cause})
		return &to[len(to)-1]
	}
	if !s.filed.IsZero() {
		add(Filed, s.filed)
		if s.delegated {
			add(Delegated, s.filed)
		}
	}
	switch {
	case s.returned:
		add(Returned, s.ended)
		return to
	case !s.accepted.IsZero():
		add(Received, s.accepted)
		if s.ended.IsZero() {
			add(InHand, 0)
		}
	}
	if s.success || s.terminated {
		f := add(Concluded, s.ended)
		f.Success, f.Ground, f.AudioVideo, f.Days = s.success, s.ground, s.audioVideo, s.days()
	}
	if s.success && s.applied {
		add(ConfirmationApplied, s.ended)
	}
	if s.success && s.confirmed {
		add(Confirmed, s.ended)
	}
	return to
}

func (s *state) days() int {
	if s.accepted.IsZero() || s.accepted.After(s.ended) {
		return NoDays
	}
	return s.ended.DaysSince(s.accepted)
}
