// Package calendar counts as the law counts: days, working days with make-up
// days (调休), statutory periods and the table of clocks K01-K21. It is pure:
// what day it is comes from the caller.
package calendar

import (
	"fmt"
	"time"
)

// Shanghai is the zone in which all legal days are counted (UTC+8, no summer
// time), so that a signature at 23:30 belongs to that day.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Date is a legal day. The zero Date is no day at all. Dates compare with ==
// and order with Before; the underlying number is yyyymmdd.
type Date int32

// NewDate makes a date of a year, month and day that are known to exist.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 12, 0, 0, 0, Shanghai))
}

// DateOf is the legal day of an instant.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Shanghai).Date()
	return Date(y*10000 + int(m)*100 + d)
}

// ParseDate reads YYYY-MM-DD and refuses a day that does not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.ParseInLocation("2006-01-02", s, Shanghai)
	if err != nil {
		return 0, fmt.Errorf("%q is not a day written YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// IsZero tells whether d is no day.
func (d Date) IsZero() bool { return d == 0 }

// Year, Month and Day are the parts.
func (d Date) Year() int         { return int(d) / 10000 }
func (d Date) Month() time.Month { return time.Month(int(d) / 100 % 100) }
func (d Date) Day() int          { return int(d) % 100 }

// Time is noon of the day in Shanghai, for arithmetic and formatting.
func (d Date) Time() time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), 12, 0, 0, 0, Shanghai)
}

// AddDays moves by calendar days.
func (d Date) AddDays(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// DaysSince is the number of calendar days from earlier to d.
func (d Date) DaysSince(earlier Date) int {
	return int(d.Time().Sub(earlier.Time()).Hours() / 24)
}

// Before and After order days.
func (d Date) Before(e Date) bool { return d < e }
func (d Date) After(e Date) bool  { return d > e }

// String is YYYY-MM-DD; empty for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year(), int(d.Month()), d.Day())
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD; empty is the zero Date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	v, err := ParseDate(string(b))
	*d = v
	return err
}
