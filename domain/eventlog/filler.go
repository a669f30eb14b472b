package eventlog

import (
	"context"
	"fmt"
	"iter"
)

// Filler is a log that can take over what another one holds, byte for byte:
// for moving and for restoring.
type Filler interface {
	Log

	// Fill keeps the sealed bytes of the records behind what the log holds, in
	// the order given, and returns when they are durable. The heads (length and
	// hash) of their streams, and the Merkle tree over all, are then what they
	// were in the log they came from; positions and revisions are this log's own.
	// The records must follow in their streams: Chained sees to it.
	//
	// Nobody else may append meanwhile; the error is ErrConflict when somebody
	// did. On any error, also one that records gives, the log holds the records
	// up to some place and none after it; kept counts those that are durable for
	// certain. Whoever goes on looks first how far it came.
	Fill(ctx context.Context, records iter.Seq2[Record, error]) (kept int64, err error)
}

// Chained gives the records on and checks, as Verify does, that each follows
// the one before it in its stream, from the first on; the error is ErrCorrupt.
// Memory: one head per stream.
func Chained(records iter.Seq2[Record, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		heads := map[string]link{}
		for r, err := range records {
			if err == nil {
				last := heads[r.Stream]
				err = r.Follows(Head{Length: last.length, Hash: last.hash})
			}
			if err == nil {
				if err = r.Check(); err != nil {
					err = fmt.Errorf("%w: %s version %d: %v", ErrCorrupt, r.Stream, r.Version, err)
				}
			}
			if err == nil {
				heads[r.Stream] = link{r.Head.Length, r.Head.Hash}
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}
