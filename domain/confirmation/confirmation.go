// Package confirmation is the judicial confirmation case (司法确认) that may follow
// an agreement: applied for jointly, accepted or not, confirmed or dismissed.
// It is pure: days and ids arrive in the commands.
package confirmation

import (
	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/decide"
)

// Stage is how far a confirmation case has come.
type Stage string

// The stages.
const (
	None        Stage = ""             // nobody has applied
	Applied     Stage = "applied"      // 已申请
	Accepted    Stage = "accepted"     // 已受理: the 30 days to decide run (K11)
	Confirmed   Stage = "confirmed"    // 裁定有效
	Dismissed   Stage = "dismissed"    // 裁定驳回
	NotAccepted Stage = "not-accepted" // 裁定不予受理
	Withdrawn   Stage = "withdrawn"    // 撤回
)

// Stages lists them for tables and tests.
var Stages = []Stage{None, Applied, Accepted, Confirmed, Dismissed, NotAccepted, Withdrawn}

// Ended tells whether the court has ruled or the application is gone.
func (s Stage) Ended() bool { return s != None && s != Applied && s != Accepted }

// Case is a confirmation case as its events tell it.
type Case struct {
	Stage    Stage
	Dispute  string // id of the dispute whose agreement it is
	Applied  calendar.Date
	Accepted calendar.Date
	DecideBy calendar.Date // K11
	Number   string        // 案号, e.g. （2021）冀0108诉前调确12号
	Ended    calendar.Date
	Ground   int // of not accepting (1-5) or dismissing (1-6)
	Source   string
}

// Event is something that happened to a confirmation case; the set is closed.
type Event interface {
	codec.Event
	evolve(*Case)
}

// Command asks for something to happen to it; the set is closed.
type Command interface {
	decide(Case) ([]Event, error)
}

// Decider is the rules of a confirmation case.
var Decider = decide.Decider[Case, Command, Event]{
	Initial: func() Case { return Case{} },
	Decide:  func(c Case, cmd Command) ([]Event, error) { return cmd.decide(c) },
	Evolve:  func(c Case, e Event) Case { e.evolve(&c); return c },
}

// Desk carries out commands on confirmation cases.
type Desk = decide.Desk[Case, Command, Event]

// Stream is the log stream of the confirmation case of a dispute.
func Stream(dispute string) string { return "confirmation-" + dispute }

// Codec holds every form in which an event of a confirmation case was ever
// stored. From the first release on no line is ever removed.
var Codec = codec.New(
	codec.NewForm("confirmation-applied", 1, same[ConfirmationApplied]),
	codec.NewForm("confirmation-accepted", 1, same[ConfirmationAccepted]),
	codec.NewForm("confirmation-not-accepted", 1, same[ConfirmationNotAccepted]),
	codec.NewForm("agreement-confirmed", 1, same[AgreementConfirmed]),
	codec.NewForm("confirmation-dismissed", 1, same[ConfirmationDismissed]),
	codec.NewForm("confirmation-withdrawn", 1, same[ConfirmationWithdrawn]),
)

func same[T Event](e T) Event { return e }

// When is the business time of an event.
type When struct {
	At calendar.Moment `json:"at"`
}

// Happened is 业务发生, as RFC 3339.
func (w When) Happened() string { return w.At.String() }

// Occasion is the time of a deed, and what day it is now.
type Occasion struct {
	At    calendar.Moment
	Today calendar.Date
}
