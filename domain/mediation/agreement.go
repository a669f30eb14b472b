package mediation

import (
	"slices"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of agreement and effect.
var (
	ErrAgreed     = decide.Refuse("agreed", "已经达成协议，请先办理协议生效，或者登记当事人拒绝签章。", "An agreement is reached. Let it take effect, or record that a party refuses to sign.", "")
	ErrNotAgreed  = decide.Refuse("not-agreed", "还没有达成调解协议。", "No agreement has been reached yet.", "")
	ErrTerms      = decide.Refuse("no-terms", "请写明协议内容，包括履行方式和期限。", "State the terms, with how and by when they are to be performed.", "特邀调解规定 24；人民调解法 29")
	ErrUnsigned   = decide.Refuse("unsigned", "全体当事人签名、盖章或者按指印之后，协议才能生效。", "The agreement takes effect only when all parties have signed, sealed or fingerprinted it.", "特邀调解规定 24；人民调解法 29")
	ErrUnsealed   = decide.Refuse("unsealed", "书面的人民调解协议、劳动争议调解协议还须调解员签名并加盖调解组织印章。", "A written agreement before a people's mediation committee, or on labour, also needs the mediator's signature and the organisation's seal.", "人民调解法 29；劳动争议调解仲裁法 14")
	ErrUnheard    = decide.Refuse("unheard-party", "还有当事人既没有登记同意调解，也没有参加过调解；先登记其同意或者调解经过，再登记达成协议。", "A party neither agreed to mediation on record nor took part in it. Record the consent or the session first.", "民事诉讼法 99；人民法院在线调解规则 4、15")
	ErrOralLabour = decide.Refuse("labour-in-writing", "劳动争议调解达成协议的，应当制作调解协议书，口头协议不能生效；请重新登记书面协议。", "An agreement on labour must be in writing; an oral one does not take effect.", "劳动争议调解仲裁法 14")
	ErrForm       = decide.Refuse("no-form", "请选择协议形式：书面、口头或者在线。", "Choose the form: written, oral or online.", "")
)

// Form is the form of an agreement.
type Form string

// The forms.
const (
	Written    Form = "written" // 书面
	Oral       Form = "oral"    // 口头
	OnlineForm Form = "online"  // 在线,电子签名
)

// Agreement is what the parties agreed and what was done to it.
type Agreement struct {
	Reached   calendar.Date
	Form      Form
	Partial   bool // 部分达成
	Terms     string
	Effective calendar.Date
	Rule      string        // of effect
	ApplyBy   calendar.Date // K10: joint application for confirmation
}

// ReachAgreement records an agreement (达成调解协议). Until it takes effect the
// parties may put another in its place.
type ReachAgreement struct {
	Occasion
	Organisation string
	Form         Form
	Partial      bool
	Terms        string
}

func (cmd ReachAgreement) decide(d Dispute) ([]Event, error) {
	if err := mayConclude(d, cmd.Organisation); err != nil {
		return nil, err
	}
	a := d.Agreement
	switch {
	case len(d.Refusals) > 0:
		return nil, ErrUnwilling
	case d.Stage == Agreed && a.Form == cmd.Form && a.Partial == cmd.Partial && a.Terms == cmd.Terms:
		return nil, nil
	case cmd.Form != Written && cmd.Form != Oral && cmd.Form != OnlineForm:
		return nil, ErrForm
	case blank(cmd.Terms):
		return nil, ErrTerms
	case slices.ContainsFunc(d.Parties, func(p Party) bool { return !d.heard(p.Key) }):
		return nil, ErrUnheard
	}
	if err := between(d.latest(), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{AgreementReached{When{cmd.At}, cmd.Form, cmd.Partial, cmd.Terms}}, nil
}

// heard tells whether a party agreed on record to be mediated, or took part.
func (d Dispute) heard(key string) bool {
	return slices.ContainsFunc(d.Consents, func(c Consent) bool { return c.Party == key }) ||
		slices.ContainsFunc(d.Sessions, func(s SessionHeld) bool { return slices.Contains(s.Attended, key) })
}

// AgreementReached: the parties agreed; whether that binds them yet depends on
// the form and on the organisation.
type AgreementReached struct {
	When
	Form    Form   `json:"form,omitempty"`
	Partial bool   `json:"partial,omitempty"`
	Terms   string `json:"terms,omitempty" personal:"text"`
}

// Kind is the stored name.
func (AgreementReached) Kind() string { return "agreement-reached" }

func (e AgreementReached) evolve(d *Dispute) {
	d.Stage = Agreed
	d.Agreement = Agreement{Reached: e.At.Date, Form: e.Form, Partial: e.Partial, Terms: e.Terms}
}

// BodyType is what a mediation organisation is (类型), for the rules of effect.
type BodyType string

// BodyOf is the type of an organisation as the roster has it, with its name: a
// committee of a trade or a chamber is a people's mediation committee when it
// is called one, whatever it is listed under (人民调解法 34).
func BodyOf(listed, name string) BodyType { return BodyType(listed + " " + name) }

// effect is the rule that says when an agreement takes effect.
type effect struct {
	id         string
	signatures bool // of all parties
	seal       bool // mediator's signature and the organisation's seal
	written    bool // an oral agreement cannot take effect
	atOnce     bool // on the day on which the parties agreed
}

// effectOf picks the rule for an agreement of the form before a body of the
// type (人民调解法 29, 30; 特邀调解规定 24; 在线调解规则 19; 劳动争议调解仲裁法 14).
func effectOf(form Form, body BodyType) effect {
	switch {
	case form == OnlineForm:
		return effect{id: "ODM22-19", signatures: true}
	case strings.Contains(string(body), "工会") || strings.Contains(string(body), "劳动争议"):
		return effect{id: "LDM07-14", signatures: true, seal: true, written: true}
	case strings.Contains(string(body), "人民调解") && form == Oral:
		return effect{id: "PMA10-30", atOnce: true}
	case strings.Contains(string(body), "人民调解"):
		return effect{id: "PMA10-29", signatures: true, seal: true}
	default:
		return effect{id: "TY16-24", signatures: true}
	}
}

// TakeEffect lets a reached agreement take effect (协议生效).
type TakeEffect struct {
	Occasion
	Organisation string
	Body         BodyType // of that organisation
	AllSigned    bool     // all parties signed, sealed or fingerprinted
	Sealed       bool     // the mediator signed and the organisation sealed
}

func (cmd TakeEffect) decide(d Dispute) ([]Event, error) {
	if d.Stage == Succeeded {
		return nil, nil
	}
	if err := mayConclude(d, cmd.Organisation); err != nil {
		return nil, err
	}
	rule := effectOf(d.Agreement.Form, cmd.Body)
	switch {
	case d.Stage != Agreed:
		return nil, ErrNotAgreed
	case len(d.Refusals) > 0:
		return nil, ErrUnwilling
	case rule.written && d.Agreement.Form == Oral:
		return nil, ErrOralLabour
	case rule.signatures && !cmd.AllSigned:
		return nil, ErrUnsigned
	case rule.seal && !cmd.Sealed:
		return nil, ErrUnsealed
	}
	if err := between(d.latest(), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	at := cmd.At
	if rule.atOnce {
		at = calendar.On(d.Agreement.Reached)
	}
	return []Event{AgreementTookEffect{When: When{at}, Rule: rule.id, Ended: at.Date, ApplyBy: dueOf("K10", at.Date)}}, nil
}

// AgreementTookEffect: the agreement binds; mediation ended with success. The
// 30 days for a joint application run from here (民事诉讼法 205).
type AgreementTookEffect struct {
	When
	Rule    string        `json:"rule" personal:"no"`
	Ended   calendar.Date `json:"ended"` // the day on which mediation ended; a ledger may name another than the day of effect
	ApplyBy calendar.Date `json:"apply_by,omitzero"`
}

// Kind is the stored name.
func (AgreementTookEffect) Kind() string { return "agreement-took-effect" }

func (e AgreementTookEffect) evolve(d *Dispute) {
	d.Stage, d.Ended = Succeeded, e.Ended
	d.Agreement.Effective, d.Agreement.Rule, d.Agreement.ApplyBy = e.At.Date, e.Rule, e.ApplyBy
}

// mayConclude is mayMediate for what may also follow an agreement.
func mayConclude(d Dispute, organisation string) error {
	switch {
	case d.Stage == Unfiled:
		return ErrNotFiled
	case d.Stage.Ended():
		return ErrEnded
	case d.Stage != Mediating && d.Stage != Agreed:
		return ErrNotMediating
	case d.Offer.Organisation != organisation:
		return ErrNotYours
	}
	return nil
}
