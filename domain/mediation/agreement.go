package mediation

import (
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of agreement and effect.
var (
	ErrAgreed    = decide.Refuse("agreed", "已经达成协议，请先办理协议生效，或者登记当事人拒绝签收。", "An agreement is reached. Let it take effect, or record that a party refuses to sign.", "")
	ErrNotAgreed = decide.Refuse("not-agreed", "还没有达成调解协议。", "No agreement has been reached yet.", "")
	ErrTerms     = decide.Refuse("no-terms", "请写明协议内容，包括履行方式和期限。", "State the terms, with how and by when they are to be performed.", "特邀调解规定 24；人民调解法 29")
	ErrUnsigned  = decide.Refuse("unsigned", "全体当事人签名、盖章或者按指印之后，协议才能生效。", "The agreement takes effect only when all parties have signed, sealed or fingerprinted it.", "特邀调解规定 24；人民调解法 29")
	ErrUnsealed  = decide.Refuse("unsealed", "书面的人民调解协议、劳动争议调解协议还须调解员签名并加盖调解组织印章。", "A written agreement before a people's mediation committee, or on labour, also needs the mediator's signature and the organisation's seal.", "人民调解法 29；劳动争议调解仲裁法 14")
	ErrForm      = decide.Refuse("no-form", "请选择协议形式：书面、口头或者在线。", "Choose the form: written, oral or online.", "")
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

// ReachAgreement records an agreement (达成调解协议).
type ReachAgreement struct {
	Occasion
	Organisation string
	Form         Form
	Partial      bool
	Terms        string
}

func (cmd ReachAgreement) decide(d Dispute) ([]Event, error) {
	if err := mayMediate(d, cmd.Organisation); err != nil {
		return nil, err
	}
	switch {
	case cmd.Form != Written && cmd.Form != Oral && cmd.Form != OnlineForm:
		return nil, ErrForm
	case strings.TrimSpace(cmd.Terms) == "":
		return nil, ErrTerms
	}
	if err := between(d.Accepted, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{AgreementReached{When{cmd.At}, cmd.Form, cmd.Partial, cmd.Terms}}, nil
}

// AgreementReached: the parties agreed; whether that binds them yet depends on
// the form and on the organisation.
type AgreementReached struct {
	When
	Form    Form   `json:"form,omitempty"`
	Partial bool   `json:"partial,omitempty"`
	Terms   string `json:"terms,omitempty"`
}

// Kind is the stored name.
func (AgreementReached) Kind() string { return "agreement-reached" }

func (e AgreementReached) evolve(d *Dispute) {
	d.Stage = Agreed
	d.Agreement = Agreement{Reached: e.At.Date, Form: e.Form, Partial: e.Partial, Terms: e.Terms}
}

// BodyType is the type of a mediation organisation (类型) as the roster has it.
type BodyType string

// effect is the rule that says when an agreement takes effect.
type effect struct {
	id         string
	signatures bool // of all parties
	seal       bool // mediator's signature and the organisation's seal
}

// effectOf picks the rule for an agreement of the form before a body of the
// type (人民调解法 29, 30; 特邀调解规定 24; 在线调解规则 19; 劳动争议调解仲裁法 14).
func effectOf(form Form, body BodyType) effect {
	switch {
	case form == OnlineForm:
		return effect{"ODM22-19", true, false}
	case strings.Contains(string(body), "工会"):
		return effect{"LDM07-14", true, true}
	case strings.Contains(string(body), "人民调解") && form == Oral:
		return effect{"PMA10-30", false, false}
	case strings.Contains(string(body), "人民调解"):
		return effect{"PMA10-29", true, true}
	default:
		return effect{"TY16-24", true, false}
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
	case rule.signatures && !cmd.AllSigned:
		return nil, ErrUnsigned
	case rule.seal && !cmd.Sealed:
		return nil, ErrUnsealed
	}
	if err := between(d.Agreement.Reached, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{AgreementTookEffect{When: When{cmd.At}, Rule: rule.id, Ended: cmd.At.Date, ApplyBy: dueOf("K10", cmd.At.Date)}}, nil
}

// AgreementTookEffect: the agreement binds; mediation ended with success. The
// 30 days for a joint application run from here (民事诉讼法 205).
type AgreementTookEffect struct {
	When
	Rule    string        `json:"rule"`
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
