package statistics_test

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/domain/supervision"
	"doorstep/projections/follow"
	"doorstep/projections/statistics"
)

// The slow counter reads the definitions off the page and counts case by case
// what the records say. It shares no code with the view or the rules of
// counting.

// heard is one event of a dispute that was known.
type heard struct {
	at    int // place among all that was known of the dispute
	event codec.Event
}

// answers is what the slow counter says: the figures, and behind each measure
// the ids.
type answers struct {
	figures statistics.Figures
	ids     map[statistics.Measure][]string
}

func countSlowly(records []follow.Record, q statistics.Query) answers {
	a := answers{ids: map[statistics.Measure][]string{}}
	asOf := q.AsOf
	if asOf == 0 {
		asOf = q.To
	}
	a.figures = statistics.Figures{From: q.From, To: q.To, AsOf: asOf, Grounds: map[int]int{}}
	if !q.KnownAt.IsZero() {
		a.figures.KnownAt = &q.KnownAt
	}
	var days []int
	groups := map[string]map[string][2]int{"station": {}, "organisation": {}, "cause": {}, "month": {}}
	known, order := whatWasKnown(records, q.KnownAt)
	for _, id := range order {
		c := caseFile{known[id], asOf}
		if q.Station != "" && c.holder() != q.Station || q.Organisation != "" && c.organisation() != q.Organisation || q.Cause != "" && c.cause() != q.Cause {
			continue
		}
		for _, m := range c.counts(q.From, q.To) {
			a.ids[m] = append(a.ids[m], id)
		}
		if !slices.Contains(c.counts(q.From, q.To), statistics.Concluded) {
			continue
		}
		end, how := c.end()
		success := 0
		if how == "success" {
			success = 1
		} else {
			a.figures.Grounds[c.ground()]++
		}
		for by, key := range map[string]string{"station": c.holder(), "organisation": c.organisation(), "cause": c.cause(), "month": end.String()[:7]} {
			n := groups[by][key]
			groups[by][key] = [2]int{n[0] + success, n[1] + 1}
		}
		if start := c.acceptance(); start != 0 && start <= end {
			days = append(days, int(end.Time().Sub(start.Time())/(24*time.Hour)))
		}
	}
	a.finish(records, q, asOf, days, groups)
	return a
}

// whatWasKnown is each dispute's events as known at the moment. What was
// recorded after something else that counts was not known before that.
func whatWasKnown(records []follow.Record, at time.Time) (map[string][]heard, []string) {
	known, latest := map[string][]heard{}, map[string]time.Time{}
	var order []string
	seen := map[string]bool{}
	for _, r := range records {
		kind, id, _ := strings.Cut(r.Stream, "-")
		if kind != "dispute" && kind != "confirmation" {
			continue
		}
		if !slices.ContainsFunc(r.Events, matters) {
			continue
		}
		if !seen[id] {
			seen[id], order = true, append(order, id)
		}
		if r.RecordedAt.After(latest[id]) {
			latest[id] = r.RecordedAt
		}
		if !at.IsZero() && latest[id].After(at) {
			continue
		}
		for _, e := range r.Events {
			known[id] = append(known[id], heard{len(known[id]), e})
		}
	}
	return known, order
}

// matters tells whether any number hangs on the event.
func matters(e codec.Event) bool {
	switch e := e.(type) {
	case confirmation.ConfirmationWithdrawn:
		return false
	case mediation.EntryCorrected:
		return e.Field != mediation.FieldAmount && e.Field != mediation.FieldMediator
	}
	return true
}

// caseFile is one dispute, looked at on a day.
type caseFile struct {
	known []heard
	on    calendar.Date
}

// find gives the last event of the kind, and the last correction of the field
// that came after it.
func find[E codec.Event](c caseFile, field mediation.Field) (event E, corrected string, found bool) {
	for _, h := range c.known {
		if e, ok := h.event.(E); ok {
			event, corrected, found = e, "", true
		}
		if e, ok := h.event.(mediation.EntryCorrected); ok && e.Field == field && found {
			corrected = e.Is
		}
	}
	return event, corrected, found
}

func orDay(d calendar.Date, corrected string) calendar.Date {
	if corrected == "" {
		return d
	}
	return day(corrected)
}

func (c caseFile) by(d calendar.Date) calendar.Date {
	if d > c.on {
		return 0
	}
	return d
}

func (c caseFile) filing() calendar.Date {
	e, is, ok := find[mediation.DisputeFiled](c, mediation.FieldFiled)
	if !ok {
		return 0
	}
	return c.by(orDay(e.At.Date, is))
}

func (c caseFile) cause() string {
	e, is, _ := find[mediation.DisputeFiled](c, mediation.FieldCause)
	return cmp.Or(is, e.Cause)
}

func (c caseFile) acceptance() calendar.Date {
	e, is, ok := find[mediation.DelegationAccepted](c, mediation.FieldAccepted)
	if !ok {
		return 0
	}
	return c.by(orDay(e.At.Date, is))
}

func (c caseFile) end() (calendar.Date, string) {
	if e, is, ok := find[mediation.AgreementTookEffect](c, mediation.FieldEnded); ok {
		return c.by(orDay(e.Ended, is)), "success"
	}
	if e, is, ok := find[mediation.MediationTerminated](c, mediation.FieldEnded); ok {
		return c.by(orDay(e.At.Date, is)), "termination"
	}
	if e, is, ok := find[mediation.ApplicationReturned](c, mediation.FieldEnded); ok {
		return c.by(orDay(e.At.Date, is)), "return"
	}
	return 0, ""
}

func (c caseFile) ground() int {
	e, _, _ := find[mediation.MediationTerminated](c, "")
	return int(e.Ground)
}

// holder is where the latest move by the day led; of two on a day, the one
// recorded last.
func (c caseFile) holder() string {
	e, _, _ := find[mediation.DisputeFiled](c, "")
	holder, since := e.Station, calendar.Date(0)
	for _, h := range c.known {
		if m, ok := h.event.(mediation.StationTransferred); ok && m.At.Date <= c.on && m.At.Date >= since {
			holder, since = m.To, m.At.Date
		}
	}
	return holder
}

// organisation is the one that accepted by the day; before that, the one whose
// delegation stood.
func (c caseFile) organisation() string {
	if e, _, ok := find[mediation.DelegationAccepted](c, ""); ok && c.acceptance() != 0 {
		return e.Organisation
	}
	var steps []heard
	for _, h := range c.known {
		switch e := h.event.(type) {
		case mediation.OrganisationDesignated:
			if e.At.Date <= c.on {
				steps = append(steps, h)
			}
		case mediation.DelegationDeclined:
			if e.At.Date <= c.on {
				steps = append(steps, h)
			}
		}
	}
	slices.SortFunc(steps, func(a, b heard) int {
		return cmp.Or(strings.Compare(a.event.Happened(), b.event.Happened()), a.at-b.at)
	})
	stands := ""
	for _, h := range steps {
		if e, ok := h.event.(mediation.OrganisationDesignated); ok {
			stands = e.Organisation
		}
		if e, ok := h.event.(mediation.DelegationDeclined); ok && e.Organisation == stands {
			stands = ""
		}
	}
	return stands
}

// audioVideo: any session by video or mixed; before the first, what was meant.
// A correction of the mode holds for all that was recorded before it.
func (c caseFile) audioVideo() bool {
	var meant mediation.Mode
	held := map[mediation.Mode]bool{}
	for i, h := range c.known {
		corrected := func(m mediation.Mode) mediation.Mode {
			for _, later := range c.known[i:] {
				if e, ok := later.event.(mediation.EntryCorrected); ok && e.Field == mediation.FieldMode {
					m = mediation.Mode(e.Is)
				}
			}
			return m
		}
		switch e := h.event.(type) {
		case mediation.DelegationAccepted:
			if c.acceptance() != 0 {
				meant = corrected(e.Mode)
			}
		case mediation.SessionHeld:
			if e.At.Date <= c.on {
				held[corrected(e.Mode)] = true
			}
		}
	}
	if len(held) == 0 {
		held[meant] = true
	}
	return held["视频"] || held["混合"]
}

// happened tells whether there is an event of the kind by the day.
func happened[E codec.Event](c caseFile, at func(E) calendar.Date) bool {
	return slices.ContainsFunc(c.known, func(h heard) bool {
		e, ok := h.event.(E)
		return ok && at(e) <= c.on
	})
}

// counts lists the numbers that the dispute counts for.
func (c caseFile) counts(from, to calendar.Date) []statistics.Measure {
	var list []statistics.Measure
	in := func(d calendar.Date) bool { return d != 0 && from <= d && d <= to }
	add := func(m statistics.Measure, yes bool) {
		if yes {
			list = append(list, m)
		}
	}
	end, how := c.end()
	ended := end != 0
	delegated := c.acceptance() != 0 || happened(c, func(e mediation.OrganisationDesignated) calendar.Date { return e.At.Date })
	add(statistics.Filed, in(c.filing()))
	add(statistics.Delegated, in(c.filing()) && delegated)
	add(statistics.Returned, in(end) && how == "return")
	add(statistics.Received, in(c.acceptance()) && !(ended && how == "return"))
	add(statistics.InHand, c.acceptance() != 0 && !ended)
	add(statistics.Concluded, in(end) && how != "return")
	add(statistics.Success, in(end) && how == "success")
	add(statistics.AudioVideo, in(end) && how != "return" && c.audioVideo())
	add(statistics.ConfirmationApplied, in(end) && how == "success" && happened(c, func(e confirmation.ConfirmationApplied) calendar.Date { return e.At.Date }))
	add(statistics.Confirmed, in(end) && how == "success" && happened(c, func(e confirmation.AgreementConfirmed) calendar.Date { return e.At.Date }))
	return list
}

// finish turns lists into numbers and numbers into rates.
func (a *answers) finish(records []follow.Record, q statistics.Query, asOf calendar.Date, days []int, groups map[string]map[string][2]int) {
	f := &a.figures
	for m, into := range map[statistics.Measure]*int{
		statistics.Filed: &f.Filed, statistics.Delegated: &f.Delegated, statistics.Returned: &f.Returned, statistics.Received: &f.Received,
		statistics.InHand: &f.OpenAtAsOf, statistics.Concluded: &f.Concluded, statistics.Success: &f.Success, statistics.AudioVideo: &f.AudioVideo,
		statistics.ConfirmationApplied: &f.ConfirmationApplied, statistics.Confirmed: &f.Confirmed,
	} {
		*into = len(a.ids[m])
	}
	for _, r := range records {
		if !q.KnownAt.IsZero() && r.RecordedAt.After(q.KnownAt) {
			continue
		}
		for _, e := range r.Events {
			if g, ok := e.(supervision.GovernanceHeld); ok && q.Organisation == "" && q.Cause == "" && (q.Station == "" || q.Station == g.Station) &&
				q.From <= g.At.Date && g.At.Date <= q.To && g.At.Date <= asOf {
				f.GovernanceActivities++
			}
		}
	}
	percent := func(a, b int) *string { return exactly(100*a, b, 2) }
	f.SuccessRateConcluded, f.SuccessRateReceived = percent(f.Success, f.Concluded), percent(f.Success, f.Received)
	f.AudioVideoRate, f.ConfirmationAppliedRate = percent(f.AudioVideo, f.Concluded), percent(f.ConfirmationApplied, f.Success)
	slices.Sort(days)
	sum := 0
	for _, d := range days {
		sum += d
	}
	f.MeanDays = exactly(sum, len(days), 2)
	if n := len(days); n > 0 {
		f.MedianDays = exactly(days[(n-1)/2]+days[n/2], 2, 1)
	}
	in := func(by string) map[string]statistics.Group {
		out := map[string]statistics.Group{}
		for key, n := range groups[by] {
			out[key] = statistics.Group{Success: n[0], Concluded: n[1], Rate: percent(n[0], n[1])}
		}
		return out
	}
	f.By = statistics.By{Station: in("station"), Organisation: in("organisation"), Cause: in("cause"), Month: in("month")}
}

// exactly is a/b with the decimals, half up.
func exactly(a, b, decimals int) *string {
	if b == 0 {
		return nil
	}
	s := big.NewRat(int64(a), int64(b)).FloatString(decimals)
	return &s
}
