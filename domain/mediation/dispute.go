// Package mediation is the life of one dispute before any suit (诉前调解): filed
// or returned, routed to a mediation organisation, accepted, mediated, agreed
// or ended. A stage is a file; in it a command, what is decided, the event and
// its effect on the dispute stand together, top to bottom.
//
// The package is pure: days, times and ids arrive in the commands.
package mediation

import (
	"slices"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/decide"
)

// Stage is how far a dispute has come.
type Stage string

// The stages, in their order.
const (
	Unfiled    Stage = ""           // nothing is known of it yet
	Filed      Stage = "filed"      // 已登记,待分流
	Designated Stage = "designated" // 已委派,待接受
	Mediating  Stage = "mediating"  // 调解中: the 30 days run
	Agreed     Stage = "agreed"     // 达成协议,待生效
	Succeeded  Stage = "succeeded"  // 协议生效: counted as success
	Terminated Stage = "terminated" // 终结
	Returned   Stage = "returned"   // 退回申请: never received
)

// Stages lists them for tables and tests.
var Stages = []Stage{Unfiled, Filed, Designated, Mediating, Agreed, Succeeded, Terminated, Returned}

// Ended tells whether the mediation is over.
func (s Stage) Ended() bool { return s == Succeeded || s == Terminated || s == Returned }

// Dispute is one dispute as its events tell it. Slices are replaced, never
// appended to in place, so that a state may be folded on twice.
type Dispute struct {
	Stage      Stage
	Court      string        // code of the court
	Station    string        // workstation (法官工作站) that holds it now
	MovedOn    calendar.Date // the day on which it last came there from another
	Channel    Channel
	Cause      string // 案由
	Amount     Fen    // 标的额
	Parties    []Party
	Facts      string
	Numbers    []string // 案号: a dispute has many numbers and none is its identity
	Source     *Source  // where an imported dispute came from
	Marks      []Mark   // what the import found odd
	FiledOn    calendar.Date
	FiledAt    calendar.Moment
	Refusals   []string // keys of parties who refused mediation and have not come back
	Consents   []Consent
	Offer      Offer         // the delegation that stands
	Declined   []string      // organisations that declined this dispute
	DeclinedOn calendar.Date // the day on which the last of them did
	Accepted   calendar.Date
	Due        calendar.Date // last day of mediation, K05, or as extended
	Extended   calendar.Date // the day on which all parties agreed to extend
	NoLimit    bool          // extended without naming a day
	Mode       Mode
	Sessions   []SessionHeld
	Agreement  Agreement
	Ended      calendar.Date // the day on which mediation ended, or the application was returned
	Ground     Ground        // of termination
	Return     ReturnGround
	Performed  Performance
	Held       bool     // the file is on hold: nothing of it may be deleted
	Erased     []string // keys of parties whose personal data was deleted
}

// Offer is the delegation (委派) of a dispute to an organisation.
type Offer struct {
	Organisation string
	Mediator     string // account or name of the mediator; empty until accepted
	Designated   calendar.Date
	Delivered    calendar.Date
	AcceptBy     calendar.Date // K03
}

// Party finds a party by its key.
func (d Dispute) Party(key string) (Party, bool) {
	i := slices.IndexFunc(d.Parties, func(p Party) bool { return p.Key == key })
	if i < 0 {
		return Party{}, false
	}
	return d.Parties[i], true
}

// Side gives the parties of one role.
func (d Dispute) Side(role Role) []Party {
	var side []Party
	for _, p := range d.Parties {
		if p.Role == role {
			side = append(side, p)
		}
	}
	return side
}

// Overdue tells whether the mediation ran past its last day by the given day.
func (d Dispute) Overdue(on calendar.Date) bool {
	if d.Due.IsZero() || d.NoLimit {
		return false
	}
	if d.Stage.Ended() {
		return d.Ended.After(d.Due)
	}
	return on.After(d.Due)
}

// latest is the last day on which the mediation is known to have gone on: no
// agreement and no end can lie before it.
func (d Dispute) latest() calendar.Date {
	last := max(d.FiledOn, d.DeclinedOn, d.Offer.Designated, d.Offer.Delivered, d.Accepted, d.Extended, d.Agreement.Reached)
	for _, s := range d.Sessions {
		last = max(last, s.At.Date)
	}
	return last
}

// Event is something that happened to a dispute. The set is closed: an event
// without its effect on the dispute does not compile.
type Event interface {
	codec.Event
	evolve(*Dispute)
}

// Command asks for something to happen to a dispute. The set is closed too.
type Command interface {
	decide(Dispute) ([]Event, error)
}

// Decider is the rules of a dispute.
var Decider = decide.Decider[Dispute, Command, Event]{
	Initial: func() Dispute { return Dispute{} },
	Decide:  func(d Dispute, c Command) ([]Event, error) { return c.decide(d) },
	Evolve:  func(d Dispute, e Event) Dispute { e.evolve(&d); return d },
}

// Desk carries out commands on disputes.
type Desk = decide.Desk[Dispute, Command, Event]

// Stream is the log stream of a dispute.
func Stream(id string) string { return "dispute-" + id }

// Codec holds every form in which an event of a dispute was ever stored. From
// the first release on no line is ever removed.
var Codec = codec.New(
	codec.NewForm("dispute-filed", 1, same[DisputeFiled]),
	codec.NewForm("application-returned", 1, same[ApplicationReturned]),
	codec.NewForm("consent-given", 1, same[ConsentGiven]),
	codec.NewForm("consent-refused", 1, same[ConsentRefused]),
	codec.NewForm("organisation-designated", 1, same[OrganisationDesignated]),
	codec.NewForm("delegation-delivered", 1, same[DelegationDelivered]),
	codec.NewForm("delegation-accepted", 1, same[DelegationAccepted]),
	codec.NewForm("delegation-declined", 1, same[DelegationDeclined]),
	codec.NewForm("session-held", 1, same[SessionHeld]),
	codec.NewForm("extension-agreed", 1, same[ExtensionAgreed]),
	codec.NewForm("agreement-reached", 1, same[AgreementReached]),
	codec.NewForm("agreement-took-effect", 1, same[AgreementTookEffect]),
	codec.NewForm("mediation-terminated", 1, same[MediationTerminated]),
	codec.NewForm("performance-recorded", 1, same[PerformanceRecorded]),
	codec.NewForm("station-transferred", 1, same[StationTransferred]),
	codec.NewForm("entry-corrected", 1, same[EntryCorrected]),
	codec.NewForm("entry-marked", 1, same[EntryMarked]),
	codec.NewForm("party-erased", 1, same[PartyErased]),
	codec.NewForm("hold-placed", 1, same[HoldPlaced]),
	codec.NewForm("hold-released", 1, same[HoldReleased]),
)

func same[T Event](e T) Event { return e }

// Occasion is the time of a deed: when it happened (业务发生), and what day it is
// now, since nothing here asks for "now".
type Occasion struct {
	At    calendar.Moment
	Today calendar.Date
}

// When is the business time of an event; it is embedded in all of them.
type When struct {
	At calendar.Moment `json:"at"`
}

// Happened is 业务发生, as RFC 3339.
func (w When) Happened() string { return w.At.String() }
