package confirmation

import (
	"errors"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of applying and accepting.
var (
	ErrNoAgreement = decide.Refuse("no-agreement", "须先有生效的调解协议，才能申请司法确认。", "There must be an agreement in effect before its confirmation can be applied for.", "民事诉讼法 205")
	ErrNotJoint    = decide.Refuse("not-joint", "司法确认须由双方当事人共同申请；一方申请的，须记录另一方同意。", "Both sides must apply jointly; where one applies, the other's consent must be on record.", "民事诉讼法 205；民诉法解释 351")
	ErrWindow      = decide.Refuse("window-closed", "自调解协议生效之日起已超过三十日，不能再申请司法确认；可以就协议起诉。", "More than thirty days have passed since the agreement took effect. It can no longer be confirmed; a suit on the agreement is possible.", "民事诉讼法 205")
	ErrApplied     = decide.Refuse("already-applied", "该协议已经申请过司法确认。", "Confirmation of this agreement has been applied for already.", "")
	ErrNotApplied  = decide.Refuse("not-applied", "还没有人申请司法确认。", "Nobody has applied for confirmation yet.", "")
	ErrEnded       = decide.Refuse("confirmation-ended", "该司法确认案件已经办结。", "This confirmation case is closed.", "")
	ErrFuture      = decide.Refuse("in-the-future", "发生时间不能晚于现在。", "What happened cannot lie in the future.", "")
	ErrEarlier     = decide.Refuse("before-previous", "日期不能早于前一环节，请核对。", "This cannot have happened before the step it follows. Check the day.", "")
	ErrGround      = decide.Refuse("no-ground", "请选择法定理由。", "Choose one of the statutory grounds.", "民诉法解释 355、358")
)

// Apply applies for confirmation of an agreement (司法确认申请).
type Apply struct {
	Occasion
	Dispute   string
	Effective calendar.Date // the day on which the agreement took effect; zero: it has not
	ApplyBy   calendar.Date // K10
	Joint     bool          // all parties apply, or have agreed on record
}

func (cmd Apply) decide(c Case) ([]Event, error) {
	switch {
	case c.Stage == Applied && c.Dispute == cmd.Dispute && c.Applied == cmd.At.Date:
		return nil, nil
	case c.Stage != None && c.Stage != Withdrawn:
		return nil, ErrApplied
	case cmd.Effective.IsZero():
		return nil, ErrNoAgreement
	case !cmd.Joint:
		return nil, ErrNotJoint
	case cmd.At.Date.After(cmd.ApplyBy):
		return nil, ErrWindow
	}
	if err := between(max(cmd.Effective, c.Ended), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{ConfirmationApplied{When: When{cmd.At}, Dispute: cmd.Dispute}}, nil
}

// ConfirmationApplied: the parties ask the court to confirm their agreement.
type ConfirmationApplied struct {
	When
	Dispute string `json:"dispute" personal:"no"`
	Source  string `json:"source_hash,omitempty" personal:"text"` // of the ledger row that told of it
}

// Kind is the stored name.
func (ConfirmationApplied) Kind() string { return "confirmation-applied" }

func (e ConfirmationApplied) evolve(c *Case) {
	source := c.Source // of the row that told of an earlier application
	if e.Source != "" {
		source = e.Source
	}
	*c = Case{Stage: Applied, Dispute: e.Dispute, Applied: e.At.Date, Source: source}
}

// Accept takes the application on (受理); the court has 30 days (K11).
type Accept struct {
	Occasion
	Number string // 案号; may be given later
}

func (cmd Accept) decide(c Case) ([]Event, error) {
	switch {
	case c.Stage == Accepted:
		return nil, nil
	case c.Stage == None:
		return nil, ErrNotApplied
	case c.Stage.Ended():
		return nil, ErrEnded
	}
	if err := between(c.Applied, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	due, err := calendar.DueOf("K11", cmd.At.Date, calendar.Official())
	if err != nil {
		panic("confirmation: " + err.Error()) // the table is part of the program
	}
	return []Event{ConfirmationAccepted{When{cmd.At}, cmd.Number, due.Due}}, nil
}

// ConfirmationAccepted: the court took the application on.
type ConfirmationAccepted struct {
	When
	Number   string        `json:"number,omitempty" personal:"no"`
	DecideBy calendar.Date `json:"decide_by"` // K11
}

// Kind is the stored name.
func (ConfirmationAccepted) Kind() string { return "confirmation-accepted" }

func (e ConfirmationAccepted) evolve(c *Case) {
	c.Stage, c.Accepted, c.DecideBy, c.Number = Accepted, e.At.Date, e.DecideBy, e.Number
}

// RefuseAcceptance does not take the application on (裁定不予受理), on one of the
// five grounds of 民诉法解释 355.
type RefuseAcceptance struct {
	Occasion
	Ground int
}

func (cmd RefuseAcceptance) decide(c Case) ([]Event, error) {
	switch {
	case c.Stage == NotAccepted && c.Ground == cmd.Ground:
		return nil, nil
	case c.Stage == None:
		return nil, ErrNotApplied
	case c.Stage == Accepted:
		return nil, ErrTaken
	case c.Stage.Ended():
		return nil, ErrEnded
	case cmd.Ground < 1 || cmd.Ground > len(AcceptanceGrounds):
		return nil, ErrGround
	}
	if err := between(c.Applied, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{ConfirmationNotAccepted{When{cmd.At}, cmd.Ground}}, nil
}

// ErrTaken is given where the application was accepted before: it can then be
// dismissed, not refused.
var ErrTaken = decide.Refuse("already-accepted", "已经受理的，应当裁定驳回，不能再裁定不予受理。", "The application was accepted; it can be dismissed, no longer refused.", "民诉法解释 355")

// AcceptanceGrounds are the five grounds of 民诉法解释 355, in its order.
var AcceptanceGrounds = []Ground{
	{"不属于人民法院受理范围", "not a matter for the courts"},
	{"不属于收到申请的人民法院管辖", "another court has jurisdiction"},
	{"申请确认婚姻关系、亲子关系、收养关系等身份关系无效、有效或者解除", "it concerns marriage, parentage or adoption as a status"},
	{"涉及适用其他特别程序、公示催告程序、破产程序审理", "another special procedure, public summons or bankruptcy applies"},
	{"调解协议内容涉及物权、知识产权确权", "it declares real rights or intellectual property"},
}

// Ground is a statutory ground in both languages.
type Ground struct{ Chinese, English string }

// In gives it in the language ("zh" or "en").
func (g Ground) In(lang string) string {
	if lang == "en" {
		return g.English
	}
	return g.Chinese
}

// ConfirmationNotAccepted: the court did not take the application on; ground 0
// is one that a ledger did not name.
type ConfirmationNotAccepted struct {
	When
	Ground int `json:"ground,omitempty"`
}

// Kind is the stored name.
func (ConfirmationNotAccepted) Kind() string { return "confirmation-not-accepted" }

func (e ConfirmationNotAccepted) evolve(c *Case) {
	c.Stage, c.Ground, c.Ended = NotAccepted, e.Ground, e.At.Date
}

func between(earlier, day, today calendar.Date) error {
	switch {
	case day.After(today):
		return ErrFuture
	case day.Before(earlier):
		return ErrEarlier
	}
	return nil
}

// Result is what a ledger says came of an application (司法确认结果).
type Result string

// The results; empty: pending.
const (
	ResultConfirmed   Result = "确认"
	ResultDismissed   Result = "驳回"
	ResultNotAccepted Result = "不予受理"
	ResultWithdrawn   Result = "撤回"
)

// Import records what one row of a court's ledger tells of a confirmation.
type Import struct {
	Dispute string
	Hash    string // of the row
	Applied calendar.Date
	Result  Result
	Ended   calendar.Date
}

// ErrImportConflict is given when the row was imported before with other content.
var ErrImportConflict = errors.New("the same id was imported before with other content")

func (cmd Import) decide(c Case) ([]Event, error) {
	switch {
	case c.Stage != None && c.Source == cmd.Hash:
		return nil, nil
	case c.Stage != None:
		return nil, ErrImportConflict
	}
	on := func(d calendar.Date) When { return When{calendar.On(d)} }
	events := []Event{ConfirmationApplied{on(cmd.Applied), cmd.Dispute, cmd.Hash}}
	switch cmd.Result {
	case ResultConfirmed:
		events = append(events, AgreementConfirmed{When: on(cmd.Ended)})
	case ResultDismissed:
		events = append(events, ConfirmationDismissed{When: on(cmd.Ended)})
	case ResultNotAccepted:
		events = append(events, ConfirmationNotAccepted{When: on(cmd.Ended)})
	case ResultWithdrawn:
		events = append(events, ConfirmationWithdrawn{on(cmd.Ended)})
	}
	return events, nil
}
