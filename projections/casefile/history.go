package casefile

import (
	"slices"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
)

// Entry is one event in a dispute's history.
type Entry struct {
	Event       codec.Event
	Happened    calendar.Moment
	Recorded    time.Time
	Late        bool // recorded on a later day than it happened
	Position    eventlog.Position
	Version     int64         // of the commit in its stream
	Hash        eventlog.Hash // of the commit
	Actor       string        // account
	OnBehalfOf  string
	Workstation string
	Corrected   bool // a later correction says otherwise
}

// history is the entries of both streams in the order in which they happened.
func history(streams ...[]Entry) []Entry {
	entries := slices.Concat(streams...)
	slices.SortStableFunc(entries, byRecord)
	strike(entries)
	return byHappening(entries)
}

// byRecord is the log's order; the events of a commit keep theirs.
func byRecord(a, b Entry) int {
	switch {
	case a.Position.Before(b.Position):
		return -1
	case b.Position.Before(a.Position):
		return 1
	}
	return 0
}

// byHappening puts entries that are in the order of the record into the order
// in which they happened. A day without a time is neither before nor after a
// time of that day, so no sort can be trusted with it: each entry goes in front
// of the first that is surely later, and otherwise stays where the record has it.
func byHappening(entries []Entry) []Entry {
	sorted := make([]Entry, 0, len(entries))
	for _, e := range entries {
		at := slices.IndexFunc(sorted, func(other Entry) bool { return e.Happened.Before(other.Happened) })
		if at < 0 {
			at = len(sorted)
		}
		sorted = slices.Insert(sorted, at, e)
	}
	return sorted
}

// strike marks what a later correction says otherwise: the entry that said it
// first, and the corrections of the same field between.
func strike(entries []Entry) {
	for i, e := range entries {
		correction, ok := e.Event.(mediation.EntryCorrected)
		if !ok {
			continue
		}
		for j := range entries[:i] {
			if says(entries[j].Event, correction.Field, entries[:i]) {
				entries[j].Corrected = true
			}
		}
	}
}

// says tells whether the event is where the field's value stood before the
// correction; before is all that was recorded up to it.
func says(e codec.Event, field mediation.Field, before []Entry) bool {
	switch e := e.(type) {
	case mediation.DisputeFiled:
		return field == mediation.FieldCause || field == mediation.FieldAmount || field == mediation.FieldFiled
	case mediation.DelegationAccepted:
		return field == mediation.FieldAccepted || field == mediation.FieldMediator || field == mediation.FieldMode && !slices.ContainsFunc(before, isSession)
	case mediation.SessionHeld:
		return field == mediation.FieldMode
	case mediation.AgreementTookEffect, mediation.MediationTerminated, mediation.ApplicationReturned:
		return field == mediation.FieldEnded
	case mediation.EntryCorrected:
		return e.Field == field
	}
	return false
}

// isSession: once a session was held, its mode and no longer the intended one
// is the dispute's.
func isSession(e Entry) bool { _, ok := e.Event.(mediation.SessionHeld); return ok }

// since is what came with and after that commit of one of the two streams, in
// the order of the record.
func (c Case) since(version int64, ofConfirmation bool) []Entry {
	var list []Entry
	for _, e := range c.History {
		if _, confirms := e.Event.(confirmation.Event); confirms == ofConfirmation && e.Version >= version {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, byRecord)
	return list
}
