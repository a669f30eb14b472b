package calendar

import (
	"fmt"
	"time"
)

// Moment is when something happened (业务发生): a day, and the time of that day
// where it is known. A ledger knows only days; a deed at a desk knows minutes.
type Moment struct {
	Date   Date
	second int32 // of the day + 1; 0 when only the day is known
}

// On is a day whose time is not known.
func On(d Date) Moment { return Moment{Date: d} }

// At is an instant, to the second.
func At(t time.Time) Moment {
	t = t.In(Shanghai)
	return Moment{Date: DateOf(t), second: int32(t.Hour()*3600+t.Minute()*60+t.Second()) + 1}
}

// IsZero tells whether there is no day.
func (m Moment) IsZero() bool { return m.Date.IsZero() }

// Timed tells whether the time of day is known.
func (m Moment) Timed() bool { return m.second > 0 }

// Time is the instant; noon where only the day is known.
func (m Moment) Time() time.Time {
	if !m.Timed() {
		return m.Date.Time()
	}
	return time.Date(m.Date.Year(), m.Date.Month(), m.Date.Day(), 0, 0, int(m.second-1), 0, Shanghai)
}

// Before orders moments: by day, then by time where both are timed.
func (m Moment) Before(o Moment) bool {
	if m.Date != o.Date {
		return m.Date < o.Date
	}
	return m.Timed() && o.Timed() && m.second < o.second
}

// String is RFC 3339: a day, or a date-time with +08:00.
func (m Moment) String() string {
	if !m.Timed() {
		return m.Date.String()
	}
	return m.Time().Format(time.RFC3339)
}

// ParseMoment reads what String wrote.
func ParseMoment(s string) (Moment, error) {
	if len(s) <= len("2006-01-02") {
		d, err := ParseDate(s)
		return On(d), err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return Moment{}, fmt.Errorf("%q is neither a day nor an RFC 3339 date-time", s)
	}
	return At(t), nil
}

// MarshalText writes String.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads String; empty is the zero Moment.
func (m *Moment) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*m = Moment{}
		return nil
	}
	v, err := ParseMoment(string(b))
	*m = v
	return err
}
