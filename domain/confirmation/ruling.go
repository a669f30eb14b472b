package confirmation

import (
	"doorstep/domain/decide"
)

// ErrNotTaken is given where the court has not accepted the application yet.
var ErrNotTaken = decide.Refuse("not-accepted-yet", "请先受理司法确认申请，再作裁定。", "Accept the application before ruling on it.", "民事诉讼法 206")

// Confirm rules that the agreement is valid (裁定调解协议有效): it can be enforced.
type Confirm struct {
	Occasion
	Number string // 案号 of the ruling, where not given on acceptance
}

func (cmd Confirm) decide(c Case) ([]Event, error) {
	if c.Stage == Confirmed {
		return nil, nil
	}
	if err := mayRule(c, cmd.Occasion); err != nil {
		return nil, err
	}
	return []Event{AgreementConfirmed{When{cmd.At}, cmd.Number}}, nil
}

// AgreementConfirmed: the court ruled the agreement valid.
type AgreementConfirmed struct {
	When
	Number string `json:"number,omitempty" personal:"no"`
}

// Kind is the stored name.
func (AgreementConfirmed) Kind() string { return "agreement-confirmed" }

func (e AgreementConfirmed) evolve(c *Case) {
	c.Stage, c.Ended = Confirmed, e.At.Date
	if e.Number != "" {
		c.Number = e.Number
	}
}

// DismissalGrounds are the six grounds of 民诉法解释 358, in its order.
var DismissalGrounds = []Ground{
	{"违反法律强制性规定", "it violates mandatory law"},
	{"损害国家利益、社会公共利益、他人合法权益", "it harms the state, the public or others"},
	{"违背公序良俗", "it is against public order or good morals"},
	{"违反自愿原则", "it was not voluntary"},
	{"内容不明确", "its content is unclear"},
	{"其他不能进行司法确认的情形", "other"},
}

// Dismiss rules that the agreement is not confirmed (裁定驳回申请).
type Dismiss struct {
	Occasion
	Ground int
}

func (cmd Dismiss) decide(c Case) ([]Event, error) {
	if c.Stage == Dismissed && c.Ground == cmd.Ground {
		return nil, nil
	}
	if err := mayRule(c, cmd.Occasion); err != nil {
		return nil, err
	}
	if cmd.Ground < 1 || cmd.Ground > len(DismissalGrounds) {
		return nil, ErrGround
	}
	return []Event{ConfirmationDismissed{When{cmd.At}, cmd.Ground}}, nil
}

func mayRule(c Case, o Occasion) error {
	switch {
	case c.Stage == None:
		return ErrNotApplied
	case c.Stage.Ended():
		return ErrEnded
	case c.Stage != Accepted:
		return ErrNotTaken
	}
	return between(c.Accepted, o.At.Date, o.Today)
}

// ConfirmationDismissed: the court dismissed the application; ground 0 is one
// that a ledger did not name.
type ConfirmationDismissed struct {
	When
	Ground int `json:"ground,omitempty"`
}

// Kind is the stored name.
func (ConfirmationDismissed) Kind() string { return "confirmation-dismissed" }

func (e ConfirmationDismissed) evolve(c *Case) {
	c.Stage, c.Ground, c.Ended = Dismissed, e.Ground, e.At.Date
}

// Withdraw lets the parties take the application back before the ruling
// (准予撤回, 民诉法解释 357).
type Withdraw struct{ Occasion }

func (cmd Withdraw) decide(c Case) ([]Event, error) {
	switch {
	case c.Stage == Withdrawn:
		return nil, nil
	case c.Stage == None:
		return nil, ErrNotApplied
	case c.Stage.Ended():
		return nil, ErrEnded
	}
	if err := between(max(c.Applied, c.Accepted), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{ConfirmationWithdrawn{When{cmd.At}}}, nil
}

// ConfirmationWithdrawn: the application is gone; a new one may follow within
// the window.
type ConfirmationWithdrawn struct{ When }

// Kind is the stored name.
func (ConfirmationWithdrawn) Kind() string { return "confirmation-withdrawn" }

func (e ConfirmationWithdrawn) evolve(c *Case) { c.Stage, c.Ended = Withdrawn, e.At.Date }
