// Package eventlog is what Doorstep asks of a log: append one commit to one
// stream, read one stream, follow everything. It knows no technology; those
// that do live below it, one folder each, and all pass the contract in
// eventlogtest.
//
// One command is one append is one record: a commit of one or more events of
// one stream, kept whole or not at all.
package eventlog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
)

// Log keeps what happened. Implementations are safe for concurrent use.
type Log interface {
	// Append seals c behind at and keeps it, durably, before it returns: what
	// Append acknowledged survives a power cut. The sealed commit has
	// Version at.Length (0 for the first) and Previous at.Hash.
	//
	// When the stream already holds a commit with c.ID, Append keeps nothing
	// and returns that record: a retry finds itself, however late it comes.
	// When it holds one with c.ID but of other content (see Commit.SameDeed)
	// the error is ErrReused.
	//
	// Errors: *Conflict (errors.Is ErrConflict) when the stream does not stand
	// at at; ErrReused; ErrTooLarge; ErrInvalid; ErrUnknown when it cannot be
	// told whether the commit was kept (ask again with the same ID);
	// ErrUnavailable when nothing was kept and nothing can be now.
	Append(ctx context.Context, at Head, c Commit) (Record, error)

	// Read gives the stream's records after the given head, oldest first, and
	// ends. A stream that does not exist is empty, not an error. It sees every
	// commit that any Append acknowledged before the call.
	Read(ctx context.Context, stream string, after Head) iter.Seq2[Record, error]

	// Follow gives all records after the position in the log's order, each
	// exactly once, and waits for more until ctx is done; then the sequence
	// ends without an error. It never gives a record that is not yet durable,
	// and reports ErrCorrupt rather than pass over one that is missing.
	Follow(ctx context.Context, after Position) iter.Seq2[Record, error]

	// End is the position of the last durable record; the zero Position when
	// the log holds none.
	End(ctx context.Context) (Position, error)
}

// What can be wrong with an append or a read.
var (
	ErrConflict    = errors.New("the stream has moved on")
	ErrReused      = errors.New("this command id was used for something else")
	ErrTooLarge    = errors.New("the commit is larger than the log takes")
	ErrInvalid     = errors.New("the commit is not well formed")
	ErrUnknown     = errors.New("it is not known whether the commit was kept")
	ErrUnavailable = errors.New("the log cannot keep anything now")
	ErrCorrupt     = errors.New("the log is damaged")
)

// Conflict says where the stream really stands.
type Conflict struct{ Actual Head }

func (c *Conflict) Error() string {
	return fmt.Sprintf("%v: it holds %d commits", ErrConflict, c.Actual.Length)
}

// Is makes errors.Is(err, ErrConflict) true.
func (c *Conflict) Is(target error) bool { return target == ErrConflict }

// Position is a place in the order of all records. Only an adapter may look
// inside; everybody else compares. The zero Position is before the first.
type Position struct{ token uint64 }

// PositionAt is for adapters: tokens must grow with the log's order, from 1.
func PositionAt(token uint64) Position { return Position{token} }

// Token is for adapters and for storing a checkpoint.
func (p Position) Token() uint64 { return p.token }

// Before tells whether p comes before q.
func (p Position) Before(q Position) bool { return p.token < q.token }

// IsStart tells whether p is before the first record.
func (p Position) IsStart() bool { return p.token == 0 }

// String is the form used in URLs (?seen=) and checkpoints.
func (p Position) String() string { return strconv.FormatUint(p.token, 10) }

// ParsePosition reads what String wrote.
func ParsePosition(s string) (Position, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return Position{}, fmt.Errorf("position %q is not a whole number", s)
	}
	return Position{n}, nil
}

// Revision is an adapter's own mark of where a stream stands. Opaque.
type Revision struct{ token uint64 }

// RevisionAt is for adapters.
func RevisionAt(token uint64) Revision { return Revision{token} }

// Token is for adapters.
func (r Revision) Token() uint64 { return r.token }

// Head is where one stream stands. The zero Head is a stream with no records.
type Head struct {
	Revision Revision
	Length   int64 // commits so far: the version of the next one
	Hash     Hash  // of the last commit
}

// Exists tells whether the stream holds anything.
func (h Head) Exists() bool { return h.Length > 0 }

// Record is a commit as the log keeps it.
type Record struct {
	Commit
	Position Position
	Head     Head   // the stream's head just after this commit
	Sealed   []byte // the exact bytes kept; Head.Hash is their SHA-256
}
