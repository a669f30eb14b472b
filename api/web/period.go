package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"doorstep/domain/calendar"
	"doorstep/projections/casefile"
	"doorstep/projections/statistics"
)

// period is which figures are asked for; it stands in the address whole, so
// that a page of figures can be sent to somebody and shows the same.
type period struct {
	From, To calendar.Date
	AsOf     casefile.AsOf
	Station  string // empty: the whole court
}

// period reads it from the address: year, or from and to; as_of; as_known_at;
// station. What is missing is the current year where it holds anything, or else
// the newest that does. Errors: errBadDay; errNotFound for no such station.
func (v *visit) period() (period, error) {
	p := period{Station: v.query("station")}
	if _, ok := v.site.Directory.Station(p.Station); p.Station != "" && !ok {
		return p, errNotFound
	}
	var err error
	if p.AsOf, err = v.asOf(); err != nil {
		return p, err
	}
	year := v.currentYear()
	if s := v.query("year"); s != "" {
		if year, err = strconv.Atoi(s); err != nil || year < 1900 || year > 9999 {
			return p, errBadDay
		}
	}
	p.From, p.To = calendar.NewDate(year, time.January, 1), calendar.NewDate(year, time.December, 31)
	for name, day := range map[string]*calendar.Date{"from": &p.From, "to": &p.To} {
		if s := v.query(name); s != "" {
			if *day, err = calendar.ParseDate(s); err != nil {
				return p, errBadDay
			}
		}
	}
	if p.To.Before(p.From) {
		return p, errBadDay
	}
	return p, nil
}

// currentYear is the year of today where it holds anything, or else the newest
// year that does.
func (v *visit) currentYear() int {
	years := v.site.Statistics.Years()
	if now := v.today().Year(); len(years) == 0 || slices.Contains(years, now) {
		return now
	}
	return years[len(years)-1]
}

// year is the year that the period is, or 0.
func (p period) year() int {
	if p.From.Year() == p.To.Year() && p.From.Month() == 1 && p.From.Day() == 1 && p.To.Month() == 12 && p.To.Day() == 31 {
		return p.From.Year()
	}
	return 0
}

// past tells whether the page shows what was, and so does not move.
func (p period) past() bool { return !p.AsOf.Happened.IsZero() || !p.AsOf.Known.IsZero() }

// query is the question to the figures.
func (p period) query() statistics.Query {
	return statistics.Query{From: p.From, To: p.To, AsOf: p.AsOf.Happened, KnownAt: p.AsOf.Known, Station: p.Station}
}

// before is the same period one year earlier.
func (p period) before() period {
	p.From, p.To = yearBefore(p.From), yearBefore(p.To)
	p.AsOf.Happened = 0
	return p
}

// yearBefore is the day one year earlier; the 29th of February becomes the 28th.
func yearBefore(d calendar.Date) calendar.Date {
	day := d.Day()
	if d.Month() == time.February && day == 29 {
		day = 28
	}
	return calendar.NewDate(d.Year()-1, d.Month(), day)
}

// month is the part of the period that lies in the month (YYYY-MM); what had
// happened by the period's day still counts by that day.
func (p period) month(month string) period {
	first, err := calendar.ParseDate(month + "-01")
	if err != nil {
		return p
	}
	if p.AsOf.Happened.IsZero() {
		p.AsOf.Happened = p.To
	}
	last := calendar.DateOf(first.Time().AddDate(0, 1, -1))
	p.From, p.To = max(p.From, first), min(p.To, last)
	return p
}

// values are the period as an address carries it.
func (p period) values() url.Values {
	q := url.Values{}
	if y := p.year(); y != 0 {
		q.Set("year", strconv.Itoa(y))
	} else {
		q.Set("from", p.From.String())
		q.Set("to", p.To.String())
	}
	if !p.AsOf.Happened.IsZero() {
		q.Set("as_of", p.AsOf.Happened.String())
	}
	if !p.AsOf.Known.IsZero() {
		q.Set("as_known_at", p.AsOf.Known.Format(time.RFC3339))
	}
	if p.Station != "" {
		q.Set("station", p.Station)
	}
	return q
}

// address is a page's path with the period and more names and values.
func (p period) address(path string, more ...string) string {
	q := p.values()
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	return path + "?" + q.Encode()
}

// list is the address of the disputes behind a number of the period.
func (p period) list(m statistics.Measure, more ...string) string {
	return p.address("/stats/cases", append([]string{"measure", string(m)}, more...)...)
}

// inYear is the same question about a whole year.
func (p period) inYear(year int) period {
	return period{From: calendar.NewDate(year, time.January, 1), To: calendar.NewDate(year, time.December, 31), Station: p.Station}
}

// whole is the same question about the whole court.
func (p period) whole() period {
	p.Station = ""
	return p
}

// knownDay is the day by the end of which things had been recorded.
func (p period) knownDay() calendar.Date {
	if p.AsOf.Known.IsZero() {
		return 0
	}
	return calendar.DateOf(p.AsOf.Known)
}

// words says which period it is.
func (p period) words(ctx context.Context) string {
	if y := p.year(); y != 0 {
		return say(ctx, "figures.words-year", "year", strconv.Itoa(y), "asof", longDay(ctx, p.until(here(ctx).today())))
	}
	return say(ctx, "figures.words", "from", longDay(ctx, p.From), "to", longDay(ctx, p.To), "asof", longDay(ctx, p.until(here(ctx).today())))
}

// until is the day by which things had happened: of a period that is not over,
// today.
func (p period) until(today calendar.Date) calendar.Date {
	if !p.AsOf.Happened.IsZero() {
		return p.AsOf.Happened
	}
	return max(p.From, min(p.To, today))
}
