package mediation

import (
	"slices"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of routing, delivery and acceptance.
var (
	ErrNoOrganisation = decide.Refuse("no-organisation", "请选择调解组织。", "Choose a mediation organisation.", "")
	ErrUnwilling      = decide.Refuse("party-unwilling", "有当事人不同意调解，不能委派或者继续调解；当事人重新同意的，先登记其同意。", "A party does not agree to mediation. It can go on only after that party's consent is recorded.", "人民法院在线调解规则 7、15")
	ErrUnderWay       = decide.Refuse("under-way", "调解组织已经接受，调解正在进行，不能再委派、接受或者退回；确实不能继续的，请终结调解。", "An organisation has accepted and mediation is under way, so the dispute can no longer be designated, accepted or declined. Where it cannot go on, end the mediation.", "人民法院在线调解规则 12、25")
	ErrNotDesignated  = decide.Refuse("not-designated", "该纠纷还没有委派给调解组织。", "The dispute is not delegated to any organisation.", "")
	ErrNotYours       = decide.Refuse("not-yours", "该纠纷没有委派给您所在的调解组织。", "The dispute is not delegated to your organisation.", "人民法院在线调解规则 12")
	ErrNoMediator     = decide.Refuse("no-mediator", "接受委派时请指定调解员。", "Name the mediator when you accept.", "人民法院在线调解规则 11")
	ErrPartyMediates  = decide.Refuse("party-mediates", "调解员是本案当事人，应当回避。", "The mediator is a party to this dispute and must step aside.", "人民法院在线调解规则 13")
	ErrAgain          = decide.Refuse("designate-again", "该组织曾经退回本案，或者前一次委派尚未答复；重新委派请写明理由。", "That organisation declined this dispute, or the one before has not answered yet. Say why you designate again.", "人民法院在线调解规则 12")
	ErrNoReason       = decide.Refuse("no-reason", "请写明理由。", "State the reason.", "人民法院在线调解规则 12")
)

// Candidate is an organisation that was offered for a dispute, and why: what
// the rule set said on the day, kept for ever.
type Candidate struct {
	Organisation string   `json:"organisation" personal:"no"`
	Score        int      `json:"score"`
	Reasons      []Reason `json:"reasons"`
	Open         int      `json:"open"` // disputes it had open then
}

// Reason is one rule's word on one organisation.
type Reason struct {
	Rule    string `json:"rule" personal:"no"`
	Points  int    `json:"points"`
	Chinese string `json:"zh" personal:"no"`
	English string `json:"en" personal:"no"`
}

// Designate delegates the dispute to an organisation (委派调解). A second call
// before acceptance re-designates.
type Designate struct {
	Occasion
	Organisation string
	Ruleset      string      // version of the rule set that ranked the candidates
	Candidates   []Candidate // what was offered, best first
	Reason       string      // why not the first of them, or why again
	Deliver      bool        // on the platform: it reaches the organisation at once (see Deliver)
}

func (cmd Designate) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case d.Stage.Ended():
		return nil, ErrEnded
	case d.Stage == Mediating || d.Stage == Agreed:
		return nil, ErrUnderWay
	case len(d.Refusals) > 0:
		return nil, ErrUnwilling
	case cmd.Organisation == "":
		return nil, ErrNoOrganisation
	case d.Stage == Designated && d.Offer.Organisation == cmd.Organisation:
		return nil, nil
	case len(cmd.Candidates) > 0 && cmd.Candidates[0].Organisation != cmd.Organisation && blank(cmd.Reason):
		return nil, ErrNoReason
	case (d.Stage == Designated || slices.Contains(d.Declined, cmd.Organisation)) && blank(cmd.Reason):
		return nil, ErrAgain
	}
	if err := between(max(d.FiledOn, d.DeclinedOn, d.Offer.Designated), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	events := []Event{OrganisationDesignated{When{cmd.At}, cmd.Organisation, cmd.Ruleset, slices.Clone(cmd.Candidates), cmd.Reason}}
	if cmd.Deliver {
		events = append(events, DelegationDelivered{When{cmd.At}, dueOf("K03", cmd.At.Date)})
	}
	return events, nil
}

// OrganisationDesignated: the dispute was delegated, by which rules and over
// which others.
type OrganisationDesignated struct {
	When
	Organisation string      `json:"organisation" personal:"no"`
	Ruleset      string      `json:"ruleset,omitempty" personal:"no"`
	Candidates   []Candidate `json:"candidates,omitempty"`
	Reason       string      `json:"reason,omitempty" personal:"text"`
}

// Kind is the stored name.
func (OrganisationDesignated) Kind() string { return "organisation-designated" }

func (e OrganisationDesignated) evolve(d *Dispute) {
	d.Stage = Designated
	d.Offer = Offer{Organisation: e.Organisation, Designated: e.At.Date}
}

// Deliver records that the delegation reached the organisation: its three
// working days to answer start (K03).
type Deliver struct{ Occasion }

func (cmd Deliver) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case d.Stage.Ended():
		return nil, ErrEnded
	case !d.Offer.Delivered.IsZero():
		return nil, nil
	case d.Stage != Designated:
		return nil, ErrNotDesignated
	}
	if err := between(d.Offer.Designated, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{DelegationDelivered{When{cmd.At}, dueOf("K03", cmd.At.Date)}}, nil
}

// DelegationDelivered: the organisation has the delegation.
type DelegationDelivered struct {
	When
	AcceptBy calendar.Date `json:"accept_by"` // K03
}

// Kind is the stored name.
func (DelegationDelivered) Kind() string { return "delegation-delivered" }

func (e DelegationDelivered) evolve(d *Dispute) {
	d.Offer.Delivered, d.Offer.AcceptBy = e.At.Date, e.AcceptBy
}

// Accept is the organisation's yes (接受委派). The 30 days start here.
type Accept struct {
	Occasion
	Organisation string // that answers
	Mediator     string
	Mode         Mode // in which it means to mediate
}

func (cmd Accept) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Mediating && d.Offer.Organisation == cmd.Organisation && d.Offer.Mediator == cmd.Mediator:
		return nil, nil
	case d.Stage == Mediating:
		return nil, ErrUnderWay
	}
	if err := mayAnswer(d, cmd.Organisation); err != nil {
		return nil, err
	}
	switch {
	case len(d.Refusals) > 0:
		return nil, ErrUnwilling
	case blank(cmd.Mediator):
		return nil, ErrNoMediator
	case d.isParty(cmd.Mediator):
		return nil, ErrPartyMediates
	case cmd.Mode != "" && !cmd.Mode.known():
		return nil, ErrMode
	}
	if err := between(max(d.Offer.Designated, d.Offer.Delivered), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	events := make([]Event, 0, 2)
	if d.Offer.Delivered.IsZero() {
		events = append(events, DelegationDelivered{When{cmd.At}, dueOf("K03", cmd.At.Date)})
	}
	return append(events, DelegationAccepted{When{cmd.At}, cmd.Organisation, cmd.Mediator, cmd.Mode, dueOf("K05", cmd.At.Date)}), nil
}

// DelegationAccepted: the dispute is received, the mediation period runs
// (人民法院在线调解规则 24).
type DelegationAccepted struct {
	When
	Organisation string        `json:"organisation" personal:"no"`
	Mediator     string        `json:"mediator,omitempty" personal:"office"`
	Mode         Mode          `json:"mode,omitempty"`
	Due          calendar.Date `json:"due"` // K05
}

// Kind is the stored name.
func (DelegationAccepted) Kind() string { return "delegation-accepted" }

func (e DelegationAccepted) evolve(d *Dispute) {
	d.Stage, d.Accepted, d.Due, d.Mode = Mediating, e.At.Date, e.Due, e.Mode
	d.Offer.Organisation, d.Offer.Mediator = e.Organisation, e.Mediator
}

// Decline is the organisation's no (不予接受), with its reason; the dispute goes
// back to be routed again.
type Decline struct {
	Occasion
	Organisation string
	Reason       string
}

func (cmd Decline) decide(d Dispute) ([]Event, error) {
	if d.Stage == Mediating {
		return nil, ErrUnderWay
	}
	if err := mayAnswer(d, cmd.Organisation); err != nil {
		return nil, err
	}
	if blank(cmd.Reason) {
		return nil, ErrNoReason
	}
	if err := between(max(d.Offer.Designated, d.Offer.Delivered), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{DelegationDeclined{When{cmd.At}, cmd.Organisation, cmd.Reason}}, nil
}

// isParty tells whether somebody of that name is a party, who cannot mediate.
func (d Dispute) isParty(name string) bool {
	return slices.ContainsFunc(d.Parties, func(p Party) bool { return p.Name == strings.TrimSpace(name) })
}

// mayAnswer refuses whoever was not asked.
func mayAnswer(d Dispute, organisation string) error {
	switch {
	case d.Stage == Unfiled:
		return ErrNotFiled
	case d.Stage.Ended():
		return ErrEnded
	case d.Stage == Agreed:
		return ErrUnderWay
	case d.Stage != Designated:
		return ErrNotDesignated
	case d.Offer.Organisation != organisation:
		return ErrNotYours
	}
	return nil
}

// DelegationDeclined: the organisation did not take the dispute.
type DelegationDeclined struct {
	When
	Organisation string `json:"organisation" personal:"no"`
	Reason       string `json:"reason" personal:"text"`
}

// Kind is the stored name.
func (DelegationDeclined) Kind() string { return "delegation-declined" }

func (e DelegationDeclined) evolve(d *Dispute) {
	d.Stage, d.Offer = Filed, Offer{}
	d.Declined, d.DeclinedOn = append(without(d.Declined, e.Organisation), e.Organisation), e.At.Date
}

// dueOf is the last day of a clock of the table, by the official calendar.
func dueOf(clock string, from calendar.Date) calendar.Date {
	due, err := calendar.DueOf(clock, from, calendar.Official())
	if err != nil {
		panic("mediation: " + err.Error()) // the table is part of the program
	}
	return due.Due
}
