package web

import (
	"errors"
	"net/http"
	"net/url"

	"doorstep/api/auth"
	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
)

// showCase shows a case: where it stands, what may be done next, and what
// happened; as of a day of the past where the address names one, and then
// nothing can be done on it.
func (s *site) showCase(v *visit) error {
	sc, err := v.scene(auth.SeeDispute)
	if err != nil {
		return err
	}
	if sc.at, err = v.asOf(); err != nil {
		return err
	}
	h := head{Title: v.say("case.heading"), AsOf: sc.at, Scale: "wide"}
	if !sc.past() {
		return v.page(http.StatusOK, h, casePage(sc, sc.offers()))
	}
	sc.c, err = s.Files.Read(v.request().Context(), sc.now.ID, sc.at)
	if errors.Is(err, casefile.ErrNoCase) {
		return v.page(http.StatusOK, h, caseNotYet(sc))
	}
	if err != nil {
		return err
	}
	return v.page(http.StatusOK, h, casePage(sc, offers{}))
}

// title is the parties: 李翀 诉 王喆.
func (sc scene) title() string {
	applicants, respondents := versus(sc.c.Dispute)
	if respondents == "" {
		return applicants
	}
	return applicants + " 诉 " + respondents
}

// today is the day as of which the case is shown.
func (sc scene) today() calendar.Date {
	switch {
	case !sc.at.Happened.IsZero():
		return sc.at.Happened
	case !sc.at.Known.IsZero():
		return calendar.DateOf(sc.at.Known)
	}
	return sc.v.today()
}

// term is a last day with how it was counted.
type term struct {
	label  string // key of the catalog
	last   calendar.Date
	how    string
	source string // of law, in Chinese
}

// term is the last day that runs now: to answer, to mediate, to apply for
// confirmation, or to decide on it.
func (sc scene) term() (term, bool) {
	d, c := sc.c.Dispute, sc.c.Confirmation
	switch {
	case c.Stage == confirmation.Accepted:
		return sc.counted("term.decide", "K11", c.Accepted, c.DecideBy), true
	case d.Stage == mediation.Designated && !d.Offer.AcceptBy.IsZero():
		return sc.counted("term.answer", "K03", d.Offer.Delivered, d.Offer.AcceptBy), true
	case (d.Stage == mediation.Mediating || d.Stage == mediation.Agreed) && d.NoLimit:
		return term{label: "term.mediate", how: sc.v.say("term.no-limit", "day", day(d.Extended))}, true
	case (d.Stage == mediation.Mediating || d.Stage == mediation.Agreed) && !d.Extended.IsZero():
		return term{label: "term.mediate", last: d.Due, how: sc.v.say("term.extended", "on", day(d.Extended), "until", day(d.Due))}, true
	case d.Stage == mediation.Mediating || d.Stage == mediation.Agreed:
		return sc.counted("term.mediate", "K05", d.Accepted, d.Due), true
	case d.Stage == mediation.Succeeded && (c.Stage == confirmation.None || c.Stage == confirmation.Withdrawn) && sc.today() <= d.Agreement.ApplyBy:
		return sc.counted("term.apply", "K10", d.Agreement.Effective, d.Agreement.ApplyBy), true
	}
	return term{}, false
}

// counted says how a clock of the table came to its last day (民事诉讼法 85).
// Where the record has another day than the table gives today, the record holds.
func (sc scene) counted(label, clock string, from, last calendar.Date) term {
	t := term{label: label, last: last, how: sc.v.say("term.recorded", "from", day(from))}
	due, err := calendar.DueOf(clock, from, workdays)
	if err != nil || due.Due != last {
		return t
	}
	unit := "unit.days"
	if due.Clock.Unit == calendar.WorkingDays {
		unit = "unit.workdays"
	}
	t.how = sc.v.say("term.counted", "from", day(from), "length", sc.v.say(unit, "count", due.Clock.Length), "counted", day(due.Counted))
	if due.Due != due.Counted {
		t.how += sc.v.say("term.rest-day", "due", day(due.Due))
	}
	if due.Assumed {
		t.how += sc.v.say("term.assumed")
	}
	t.how += sc.v.say("term.stop")
	t.source = due.Clock.Source
	return t
}

// milestone is one of the stations of a case on its way.
type milestone struct {
	label string // key of the catalog
	on    calendar.Date
	state string // done, now, ahead, ended
}

// way is the milestones of the case: what is behind it, where it stands, what
// lies ahead of it.
func (sc scene) way() []milestone {
	d, c := sc.c.Dispute, sc.c.Confirmation
	list := []milestone{
		{"milestone.filed", d.FiledOn, ""}, {"milestone.designated", d.Offer.Designated, ""}, {"milestone.accepted", d.Accepted, ""},
		{"milestone.agreed", d.Agreement.Reached, ""}, {"milestone.effective", d.Agreement.Effective, ""}, {"milestone.confirmed", 0, ""},
	}
	if c.Stage == confirmation.Confirmed {
		list[5].on = c.Ended
	}
	if d.Stage == mediation.Terminated || d.Stage == mediation.Returned {
		label := map[mediation.Stage]string{mediation.Terminated: "milestone.terminated", mediation.Returned: "milestone.returned"}[d.Stage]
		var done []milestone
		for _, m := range list {
			if !m.on.IsZero() {
				m.state = "done"
				done = append(done, m)
			}
		}
		return append(done, milestone{label, d.Ended, "ended"})
	}
	reached := 0
	for i := range list {
		if !list[i].on.IsZero() {
			reached = i
		}
	}
	for i := range list {
		switch {
		case i <= reached:
			list[i].state = "done"
		case i == reached+1:
			list[i].state = "now"
		default:
			list[i].state = "ahead"
		}
	}
	return list
}

// newest is the hash of the newest record of the case, in short.
func (sc scene) newest() string {
	for _, e := range sc.c.History {
		if e.Position == sc.c.Position {
			full := e.Hash.String()
			return full[:4] + "…" + full[len(full)-4:]
		}
	}
	return dash
}

// asOfDay is the page as of the end of a day.
func (sc scene) asOfDay(d calendar.Date) string {
	return casePath(sc.c.ID) + "?" + url.Values{"as_of": {d.String()}}.Encode()
}

// agreementFacts are what there is to know of the agreement.
func (sc scene) agreementFacts() []fact {
	a := sc.c.Dispute.Agreement
	form, partial, performed := "", "", ""
	if a.Form != "" {
		form = sc.v.say("form-of." + string(a.Form))
	}
	if a.Partial {
		partial = sc.v.say("case.partial")
	}
	if p := sc.c.Dispute.Performed; p.Status != "" {
		performed = sc.v.say("performance."+string(p.Status)) + " " + day(p.On)
	}
	return some(sc.line("form", form, false), sc.line("extent", partial, false), sc.line("reached-on", day(a.Reached), false),
		sc.line("effective-on", day(a.Effective), false), sc.line("apply-by", day(a.ApplyBy), false), sc.line("performance", performed, false))
}

// delegationFacts are what there is to know of the organisation that has it.
func (sc scene) delegationFacts() []fact {
	d := sc.c.Dispute
	return some(sc.line("organisation", sc.v.organisation(d.Offer.Organisation), true), sc.line("mediator", d.Offer.Mediator, true),
		sc.line("mode", sc.v.modeWord(d.Mode), false), sc.line("designated-on", day(d.Offer.Designated), false), sc.line("accepted-on", day(d.Accepted), false))
}

// filingFacts are what was said when it was filed.
func (sc scene) filingFacts() []fact {
	d := sc.c.Dispute
	return some(sc.line("cause", d.Cause, true), sc.line("amount", sc.v.amount(d.Amount), false), sc.line("station", sc.v.station(d.Station), true),
		sc.line("channel", sc.v.channel(d.Channel), false), sc.line("filed-on", day(d.FiledOn), false))
}

// confirmationFacts are what there is to know of the court's part.
func (sc scene) confirmationFacts() []fact {
	c := sc.c.Confirmation
	ground := ""
	switch c.Stage {
	case confirmation.NotAccepted:
		ground = sc.lawGround(confirmation.AcceptanceGrounds, c.Ground)
	case confirmation.Dismissed:
		ground = sc.lawGround(confirmation.DismissalGrounds, c.Ground)
	}
	return some(sc.line("number", c.Number, true), sc.line("applied-on", day(c.Applied), false), sc.line("taken-on", day(c.Accepted), false),
		sc.line("decide-by", day(c.DecideBy), false), sc.line("ruled-on", day(c.Ended), false), sc.line("ground", ground, false))
}
