package docket

import (
	"errors"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// Urgency groups open disputes by their next last day (see Entry.LastDay).
type Urgency string

// The urgencies, most urgent first; the empty one is any.
const (
	Overdue Urgency = "overdue" // its last day is past
	Today   Urgency = "today"   // it ends today
	Soon    Urgency = "soon"    // within three working days
	Later   Urgency = "later"   // after that
	Unset   Urgency = "none"    // no clock runs
)

// Urgencies lists them in that order.
var Urgencies = []Urgency{Overdue, Today, Soon, Later, Unset}

// soonDays is how many working days ahead are soon: as many as an organisation
// has to answer a delegation (K03).
const soonDays = 3

// What stands in the column last_day where there is no day. They sort behind
// all days, so that one range of one index is any group of a list.
const (
	noClock  = 99999997 // open, and no clock runs
	closed   = 99999998 // nobody has it in hand
	nowhere  = 99999999 // not filed: in no list
	firstDay = 0
)

// lastDay is the entry's place in the order of urgency.
func lastDay(e Entry) int {
	switch day := e.LastDay(); {
	case e.Stage == mediation.Unfiled:
		return nowhere
	case !e.Open():
		return closed
	case day.IsZero():
		return noClock
	default:
		return int(day)
	}
}

// errNoToday is a fault of the caller, not of a person.
var errNoToday = errors.New("docket: urgency is told by a day and none was given")

// soonUntil is the last day that is soon.
func soonUntil(today calendar.Date) calendar.Date {
	for n := 0; n < soonDays; {
		today = today.AddDays(1)
		if works, _ := calendar.Official().Works(today); works {
			n++
		}
	}
	return today
}

// On is the urgency on a day; empty for an entry that is not open.
func (e Entry) On(today calendar.Date) Urgency {
	return urgencyOf(lastDay(e), today, soonUntil(today))
}

func urgencyOf(lastDay int, today, soon calendar.Date) Urgency {
	for _, u := range Urgencies {
		if from, to := u.between(today, soon); lastDay >= from && lastDay <= to {
			return u
		}
	}
	return ""
}

// days is the urgency's range of the column last_day, both ends included.
func (u Urgency) days(today calendar.Date) (from, to int) {
	if u == "" {
		return firstDay, closed
	}
	return u.between(today, soonUntil(today))
}

func (u Urgency) between(today, soon calendar.Date) (from, to int) {
	switch u {
	case Overdue:
		return firstDay, int(today) - 1
	case Today:
		return int(today), int(today)
	case Soon:
		return int(today) + 1, int(soon)
	case Later:
		return int(soon) + 1, noClock - 1
	case Unset:
		return noClock, noClock
	}
	return nowhere, firstDay // an urgency that does not exist has no day
}
