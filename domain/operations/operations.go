// Package operations is what operators decide about the running of the system
// and the record must tell of: for now, that a view leaves a record out. It is
// pure.
package operations

import (
	"unicode/utf8"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
)

// Views is what was decided about the views.
type Views struct{ Skipped []RecordSkipped }

// Skips tells whether the view leaves the record with that hash out.
func (v Views) Skips(view string, record eventlog.Hash) bool {
	for _, s := range v.Skipped {
		if s.View == view && s.Record == record {
			return true
		}
	}
	return false
}

// Event is something that was decided; the set is closed.
type Event interface {
	codec.Event
	evolve(*Views)
}

// Command asks for a decision to be kept; the set is closed.
type Command interface {
	decide(Views) ([]Event, error)
}

// Decider is the rules.
var Decider = decide.Decider[Views, Command, Event]{
	Initial: func() Views { return Views{} },
	Decide:  func(v Views, c Command) ([]Event, error) { return c.decide(v) },
	Evolve:  func(v Views, e Event) Views { e.evolve(&v); return v },
}

// Desk carries out commands.
type Desk = decide.Desk[Views, Command, Event]

// Stream is the one stream of decisions about views.
const Stream = "operations-views"

// Codec holds every form in which these events were ever stored. From the
// first release on no line is ever removed.
var Codec = codec.New(codec.NewForm("record-skipped", 1, func(e RecordSkipped) Event { return e }))

// Why a decision is not kept.
var (
	ErrNoRecord = decide.Refuse("no-record", "请写明视图和要略过的记录。", "Name the view and the record that it shall leave out.", "")
	ErrNoReason = decide.Refuse("no-reason", "请写明理由：以后查看这一决定的人要看得懂。", "Give the reason: whoever looks at this later must understand it.", "")
	ErrTooLong  = decide.Refuse("reason-too-long", "理由请不超过 200 字，不写当事人信息。", "Give the reason in at most 200 characters, without anything about the parties.", "")
)

// longest is the longest reason, in characters.
const longest = 200

// SkipRecord lets one view leave one record out: now, and whenever it is built
// anew. The record stays what it is.
type SkipRecord struct {
	At       calendar.Moment
	View     string
	Record   eventlog.Hash // of the commit, by which it is known in every copy of the log
	Position uint64        // where it stands in this log, for people
	Stored   string        // kind of the event that the view could not take in
	Reason   string
}

func (cmd SkipRecord) decide(v Views) ([]Event, error) {
	switch {
	case cmd.View == "" || cmd.Record.IsZero():
		return nil, ErrNoRecord
	case cmd.Reason == "":
		return nil, ErrNoReason
	case utf8.RuneCountInString(cmd.Reason) > longest:
		return nil, ErrTooLong
	case v.Skips(cmd.View, cmd.Record):
		return nil, nil
	}
	return []Event{RecordSkipped(cmd)}, nil
}

// RecordSkipped: an operator decided that a view leaves a record out.
type RecordSkipped struct {
	At       calendar.Moment `json:"at"`
	View     string          `json:"view" personal:"no"`
	Record   eventlog.Hash   `json:"record"`
	Position uint64          `json:"position"`
	Stored   string          `json:"stored,omitempty" personal:"no"`
	Reason   string          `json:"reason" personal:"no"`
}

// Kind is the stored name.
func (RecordSkipped) Kind() string { return "record-skipped" }

// Happened is 业务发生.
func (e RecordSkipped) Happened() string { return e.At.String() }

// evolve copies: a state is never changed in place.
func (e RecordSkipped) evolve(v *Views) {
	v.Skipped = append(v.Skipped[:len(v.Skipped):len(v.Skipped)], e)
}
