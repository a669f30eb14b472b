package calendar

import (
	"fmt"
	"time"
)

// Pause is a time that does not count (中止), such as an appraisal (K07): from
// the day it was ordered, which still counts, to the day it ended, which does
// not.
type Pause struct{ From, To Date }

// Due is the last day of a period, and how it was found.
type Due struct {
	Clock   Clock
	From    Date // not counted itself
	Counted Date // the last day as counted
	Due     Date // the last day as it holds: the first working day from Counted on
	Assumed bool // a year without a published calendar was touched
}

// DueOf is the last day of the clock set going on from (民事诉讼法 85: the day
// it starts is not counted; where the last day is a statutory rest day, the
// first working day after it is the last). Errors: ErrUnknownClock;
// ErrNoLength for K07 and K09.
func DueOf(id string, from Date, w *Workdays, pauses ...Pause) (Due, error) {
	c, err := ClockOf(id)
	if err != nil {
		return Due{}, err
	}
	return c.Due(from, w, pauses...)
}

// Of is the clock with a length that the court, or the procedure, sets.
func (c Clock) Of(length int) Clock {
	c.Length = length
	return c
}

// Due is the last day of this clock; the error is ErrNoLength.
func (c Clock) Due(from Date, w *Workdays, pauses ...Pause) (Due, error) {
	if c.Length <= 0 || c.Unit == Unset {
		return Due{}, fmt.Errorf("%w: %s: %s", ErrNoLength, c.ID, c.Note)
	}
	d := Due{Clock: c, From: from}
	works := func(day Date) bool {
		yes, sure := w.Works(day)
		d.Assumed = d.Assumed || !sure
		return yes
	}
	switch c.Unit {
	case Months:
		d.Counted = addMonths(from, c.Length)
	case Years:
		d.Counted = addMonths(from, 12*c.Length)
	case WorkingDays:
		d.Counted = count(from, c.Length, pauses, works)
	default:
		d.Counted = count(from, c.Length, pauses, func(Date) bool { return true })
	}
	d.Due = d.Counted
	for !works(d.Due) {
		d.Due = d.Due.AddDays(1)
	}
	return d, nil
}

// count goes n days on from a day, counting those that count and are in no pause.
func count(from Date, n int, pauses []Pause, counts func(Date) bool) Date {
	day := from
	for n > 0 {
		day = day.AddDays(1)
		if counts(day) && !paused(day, pauses) {
			n--
		}
	}
	return day
}

func paused(day Date, pauses []Pause) bool {
	for _, p := range pauses {
		if day > p.From && day <= p.To {
			return true
		}
	}
	return false
}

// addMonths ends on the same day of the month, or on the month's last day
// where it has no such day.
func addMonths(d Date, n int) Date {
	months := d.Year()*12 + int(d.Month()) - 1 + n
	first := NewDate(months/12, time.Month(months%12+1), 1)
	next := first.AddDays(31)
	last := next.AddDays(-next.Day())
	return min(last, first.AddDays(d.Day()-1))
}
