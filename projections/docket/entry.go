package docket

import (
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// Entry is one dispute as lists show it. Names are personal data.
type Entry struct {
	ID           string // of the dispute
	Number       string // 案号, the newest; empty: none yet
	Source       string // 平台编号 of an imported dispute
	Station      string
	Organisation string // empty: not delegated
	Mediator     string
	Stage        mediation.Stage
	Cause        string
	Amount       mediation.Fen
	Applicants   string // names, joined by 、
	Respondents  string
	Channel      mediation.Channel
	Filed        calendar.Date
	Designated   calendar.Date
	AcceptBy     calendar.Date // K03
	Accepted     calendar.Date
	Due          calendar.Date // K05 or as extended; zero: not running, or no limit
	Ended        calendar.Date
	Effective    calendar.Date // of the agreement
	ApplyBy      calendar.Date // K10
	Ground       mediation.Ground
	Imported     bool
	Marks        int // what an import found odd
	Confirmation confirmation.Stage
	Applied      calendar.Date // for confirmation
	DecideBy     calendar.Date // K11
}

// entryOf is the row of a dispute and of the confirmation that followed it.
func entryOf(id string, d mediation.Dispute, c confirmation.Case) Entry {
	e := Entry{
		ID: id, Station: d.Station, Organisation: d.Offer.Organisation, Mediator: d.Offer.Mediator, Stage: d.Stage,
		Cause: d.Cause, Amount: d.Amount, Applicants: names(d.Side(mediation.Applicant)), Respondents: names(d.Side(mediation.Respondent)),
		Channel: d.Channel, Filed: d.FiledOn, Designated: d.Offer.Designated, AcceptBy: d.Offer.AcceptBy, Accepted: d.Accepted,
		Ended: d.Ended, Effective: d.Agreement.Effective, ApplyBy: d.Agreement.ApplyBy, Ground: d.Ground, Marks: len(d.Marks),
		Confirmation: c.Stage, Applied: c.Applied, DecideBy: c.DecideBy,
	}
	if runs(d) && !d.NoLimit {
		e.Due = d.Due
	}
	if n := len(d.Numbers); n > 0 {
		e.Number = d.Numbers[n-1]
	}
	if c.Number != "" {
		e.Number = c.Number
	}
	if d.Source != nil {
		e.Imported, e.Source = true, d.Source.ID
	}
	return e
}

// runs tells whether the mediation period runs: an agreement that has not taken
// effect does not stop it (see mediation.Dispute.Overdue).
func runs(d mediation.Dispute) bool {
	return d.Stage == mediation.Mediating || d.Stage == mediation.Agreed
}

func names(parties []mediation.Party) string {
	list := make([]string, len(parties))
	for i, p := range parties {
		list[i] = p.Name
	}
	return strings.Join(list, "、")
}

// LastDay is the last day that runs next: to accept while the dispute is
// designated (K03), to mediate while it is mediated (K05), to decide while a
// confirmation is accepted (K11). Zero where no clock runs. The window to apply
// for confirmation (K10) is the parties' own and no entry's.
func (e Entry) LastDay() calendar.Date {
	switch {
	case e.Stage == mediation.Designated:
		return e.AcceptBy
	case e.Confirmation == confirmation.Accepted:
		return e.DecideBy
	}
	return e.Due
}

// Open tells whether somebody has it in hand: the mediation is not over, or the
// court has a confirmation to decide.
func (e Entry) Open() bool {
	return e.Stage != mediation.Unfiled && !e.Stage.Ended() || e.Confirmation == confirmation.Applied || e.Confirmation == confirmation.Accepted
}
