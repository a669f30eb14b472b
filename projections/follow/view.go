package follow

import (
	"context"
	"errors"

	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
)

// View is something that follows the log. A view is fed by one goroutine at a
// time.
type View interface {
	// Name is how the view is called in metrics and messages; it never changes.
	Name() string

	// Mark is how far the view has come.
	Mark(ctx context.Context) (Mark, error)

	// Take takes the batch in and moves the view from one mark to the next,
	// both or neither. The batch may be empty. The error is ErrMoved when the
	// view does not stand at from.
	Take(ctx context.Context, from, to Mark, batch []Record) error
}

// Reader is a view that does not read the events of every stream.
type Reader interface {
	// Concerns tells whether the view reads the events of the stream; known is
	// whether this version of the program knows streams of that kind. A view
	// that reads events at all must say yes to what is not known: nobody can
	// tell what newer code would have made of it.
	Concerns(stream string, known bool) bool
}

// Built is a view that is not in use before it is complete.
type Built interface {
	View
	// Building tells whether the view is not complete yet.
	Building() bool
	// Complete puts the view in use as it stands, durably.
	Complete(ctx context.Context) error
}

// Rebuildable is a view that can be built anew beside the one in use.
type Rebuildable interface {
	Built
	// Aside opens an empty copy of the view, which nobody sees.
	Aside() (Rebuildable, error)
	// Adopt puts a complete copy in the place of what is in use, durably, while
	// questions are answered.
	Adopt(aside View) error
	// Close lets go of it; of a copy that was not adopted nothing is left.
	Close() error
}

// Mark is a place in the log and what stood there, so that a view is never
// carried on over another log. The zero Mark is before the first record.
type Mark struct {
	Before   eventlog.Position // the position just before it: from there the record can be read again
	Position eventlog.Position
	Hash     eventlog.Hash // of the record at Position
}

// Record is a record of the log with its events in today's form.
type Record struct {
	eventlog.Record
	Events []codec.Event
	Unread *Unread // why there are no Events; nil where there are
}

// What can be wrong with a view.
var (
	ErrMoved    = errors.New("another hand has moved the view on")
	ErrOtherLog = errors.New("the view was made from another log, or from more of this one than there is now")
	ErrStopped  = errors.New("the follower has stopped")
	ErrNoView   = errors.New("there is no such view")
	ErrFollows  = errors.New("the view does not stand still")
	ErrBusy     = errors.New("the view is being brought up to date or built anew already")
	ErrCannot   = errors.New("the view cannot be built anew beside the one in use")
	errEnded    = errors.New("the log broke off without a reason") // following has no end of its own
)
