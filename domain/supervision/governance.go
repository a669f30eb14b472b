// Package supervision is guidance and supervision (指导督办). For now it holds the
// activities of comprehensive governance (综合治理) in which a workstation's judge
// takes part. It is pure.
package supervision

import (
	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/decide"
	"doorstep/domain/roster"
	"strings"
)

// Station is what a workstation has done in governance.
type Station struct{ Activities int }

// Event is something that happened at a workstation; the set is closed.
type Event interface {
	codec.Event
	evolve(*Station)
}

// Command asks for a record; the set is closed.
type Command interface {
	decide(Station) ([]Event, error)
}

// Decider is the rules.
var Decider = decide.Decider[Station, Command, Event]{
	Initial: func() Station { return Station{} },
	Decide:  func(s Station, c Command) ([]Event, error) { return c.decide(s) },
	Evolve:  func(s Station, e Event) Station { e.evolve(&s); return s },
}

// Desk carries out commands.
type Desk = decide.Desk[Station, Command, Event]

// Streams is what the names of these streams begin with.
const Streams = "governance-"

// Stream is the log stream of a workstation's activities.
func Stream(station string) string {
	return Streams + strings.TrimPrefix(roster.StationStream(station), "station-")
}

// Codec holds every form in which these events were ever stored. From the
// first release on no line is ever removed.
var Codec = codec.New(codec.NewForm("governance-held", 1, func(e GovernanceHeld) Event { return e }))

// ErrNoStation is given where no workstation is named.
var ErrNoStation = decide.Refuse("no-station", "请选择法官工作站。", "Choose the workstation.", "")

// HoldGovernance records an activity of comprehensive governance.
type HoldGovernance struct {
	At      calendar.Moment
	Station string
	Type    string
	Subject string
	People  int
	Source  string // hash of the row it was imported from
}

func (cmd HoldGovernance) decide(Station) ([]Event, error) {
	switch {
	case cmd.Station == "":
		return nil, ErrNoStation
	case cmd.People < 0:
		return nil, roster.ErrNumber
	}
	return []Event{GovernanceHeld{cmd.At, cmd.Station, cmd.Type, cmd.Subject, cmd.People, cmd.Source}}, nil
}

// GovernanceHeld: an activity took place.
type GovernanceHeld struct {
	At      calendar.Moment `json:"at"`
	Station string          `json:"station" personal:"no"`
	Type    string          `json:"type" personal:"no"`
	Subject string          `json:"subject,omitempty" personal:"no"`
	People  int             `json:"people"`
	Source  string          `json:"source_hash,omitempty" personal:"no"`
}

// Kind is the stored name.
func (GovernanceHeld) Kind() string { return "governance-held" }

// Happened is 业务发生.
func (e GovernanceHeld) Happened() string { return e.At.String() }

func (e GovernanceHeld) evolve(s *Station) { s.Activities++ }
