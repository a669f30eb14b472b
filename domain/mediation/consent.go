package mediation

import (
	"slices"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of consent.
var (
	ErrNoParty = decide.Refuse("no-such-party", "该纠纷没有这一当事人。", "The dispute has no such party.", "")
	ErrNoWay   = decide.Refuse("consent-way", "请写明同意或者拒绝是以什么方式表示的。", "State how the party said so: in person, by phone, online or in writing.", "人民法院在线诉讼规则 4")
)

// Consent is what one party said to mediation: consent is per party, to a
// text, and may be taken back.
type Consent struct {
	Party string          `json:"party"` // key
	Way   ConsentWay      `json:"way"`
	Text  string          `json:"text,omitempty"` // version of the text that was shown
	At    calendar.Moment `json:"-"`
}

// ConsentWay is how a party said it. ByApplying is never entered: filing gives it.
type ConsentWay string

// The ways.
const (
	ByApplying ConsentWay = "application" // 申请调解: the applicant's own, given by applying
	InPerson   ConsentWay = "in-person"   // 当面
	ByTheLine  ConsentWay = "phone"       // 电话
	Online     ConsentWay = "online"      // 在线
	InWriting  ConsentWay = "writing"     // 书面
)

// RecordConsent records that a party agrees to be mediated (同意调解).
type RecordConsent struct {
	Occasion
	Party string
	Way   ConsentWay
	Text  string
}

func (cmd RecordConsent) decide(d Dispute) ([]Event, error) {
	if err := mayConsent(d, cmd.Party, cmd.Way, cmd.At, cmd.Today); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(d.Consents, func(c Consent) bool { return c.Party == cmd.Party }) {
		return nil, nil
	}
	return []Event{ConsentGiven{When{cmd.At}, cmd.Party, cmd.Way, cmd.Text}}, nil
}

// RecordRefusal records that a party does not agree, or no longer does.
type RecordRefusal struct {
	Occasion
	Party string
	Way   ConsentWay
}

func (cmd RecordRefusal) decide(d Dispute) ([]Event, error) {
	if err := mayConsent(d, cmd.Party, cmd.Way, cmd.At, cmd.Today); err != nil {
		return nil, err
	}
	if slices.Contains(d.Refusals, cmd.Party) {
		return nil, nil
	}
	return []Event{ConsentRefused{When{cmd.At}, cmd.Party, cmd.Way}}, nil
}

func mayConsent(d Dispute, party string, way ConsentWay, at calendar.Moment, today calendar.Date) error {
	_, known := d.Party(party)
	switch {
	case d.Stage == Unfiled:
		return ErrNotFiled
	case d.Stage.Ended():
		return ErrEnded
	case !known:
		return ErrNoParty
	case !slices.Contains([]ConsentWay{InPerson, ByTheLine, Online, InWriting}, way):
		return ErrNoWay
	}
	return between(d.FiledOn, at.Date, today)
}

// ConsentGiven: this party agreed to be mediated.
type ConsentGiven struct {
	When
	Party string     `json:"party" personal:"no"`
	Way   ConsentWay `json:"way"`
	Text  string     `json:"text,omitempty" personal:"no"`
}

// Kind is the stored name.
func (ConsentGiven) Kind() string { return "consent-given" }

func (e ConsentGiven) evolve(d *Dispute) {
	d.Refusals = without(d.Refusals, e.Party)
	kept := slices.DeleteFunc(slices.Clone(d.Consents), func(c Consent) bool { return c.Party == e.Party })
	d.Consents = append(kept, Consent{e.Party, e.Way, e.Text, e.At})
}

// ConsentRefused: this party will not be mediated.
type ConsentRefused struct {
	When
	Party string     `json:"party" personal:"no"`
	Way   ConsentWay `json:"way"`
}

// Kind is the stored name.
func (ConsentRefused) Kind() string { return "consent-refused" }

func (e ConsentRefused) evolve(d *Dispute) {
	d.Refusals = append(without(d.Refusals, e.Party), e.Party)
	d.Consents = slices.DeleteFunc(slices.Clone(d.Consents), func(c Consent) bool { return c.Party == e.Party })
}

func without(list []string, s string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(x string) bool { return x == s })
}
