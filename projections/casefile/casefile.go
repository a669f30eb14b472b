// Package casefile is one dispute as its own records tell it: where it stands
// and its history, as of any day on either clock. A dispute has at most some
// hundred records, so it is read from its two streams when it is asked for and
// can never be behind.
package casefile

import (
	"context"
	"errors"
	"regexp"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
)

// AsOf is a moment on both clocks; a zero part is now.
type AsOf struct {
	Happened calendar.Date // 业务发生: only what had happened by the end of that day
	Known    time.Time     // 登记: only what had been recorded by then
}

// Case is one dispute and what followed it.
type Case struct {
	ID           string
	Dispute      mediation.Dispute
	Confirmation confirmation.Case
	Length       int64             // commits in the dispute's stream, as a form's mark of what its reader saw
	Confirmed    int64             // commits in the confirmation's stream
	Position     eventlog.Position // of the newest record of both
	History      []Entry           // in the order in which it happened
}

// ErrNoCase is given for an id that no dispute has, at least not then.
var ErrNoCase = errors.New("there is no such dispute")

// Files reads cases from the log. Safe for concurrent use.
type Files struct{ log eventlog.Log }

// New makes a reader.
func New(log eventlog.Log) *Files { return &Files{log} }

// idForm is what can be part of a stream's name; nothing else is asked of the log.
var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Read reads one case. Errors: ErrNoCase; eventlog.ErrCorrupt where a record
// does not follow the one before it; codec.ErrUnknownForm for history that this
// version cannot read; the log's.
func (f *Files) Read(ctx context.Context, id string, at AsOf) (Case, error) {
	if !idForm.MatchString(id) {
		return Case{}, ErrNoCase
	}
	dispute, err := readStream(ctx, f.log, mediation.Stream(id), mediation.Codec, at)
	if err != nil {
		return Case{}, err
	}
	followed, err := readStream(ctx, f.log, confirmation.Stream(id), confirmation.Codec, at)
	if err != nil {
		return Case{}, err
	}
	c := Case{
		ID: id, Dispute: mediation.Decider.Fold(mediation.Decider.Initial(), dispute.events...),
		Confirmation: confirmation.Decider.Fold(confirmation.Decider.Initial(), followed.events...),
		Length:       dispute.length, Confirmed: followed.length, Position: later(dispute.position, followed.position),
		History: history(dispute.entries, followed.entries),
	}
	if c.Dispute.Stage == mediation.Unfiled {
		return Case{}, ErrNoCase
	}
	return c, nil
}

// Changed is what was recorded of the dispute since its stream had so many
// commits (see Case.Length), oldest record first: for whoever filled in a form
// meanwhile. Errors: as Read.
func (f *Files) Changed(ctx context.Context, id string, sinceLength int64) ([]Entry, error) {
	c, err := f.Read(ctx, id, AsOf{})
	if err != nil {
		return nil, err
	}
	return c.since(sinceLength, false), nil
}

// ChangedConfirmation is Changed for the confirmation of its agreement (see
// Case.Confirmed).
func (f *Files) ChangedConfirmation(ctx context.Context, id string, sinceConfirmed int64) ([]Entry, error) {
	c, err := f.Read(ctx, id, AsOf{})
	if err != nil {
		return nil, err
	}
	return c.since(sinceConfirmed, true), nil
}

func later(a, b eventlog.Position) eventlog.Position {
	if a.Before(b) {
		return b
	}
	return a
}
