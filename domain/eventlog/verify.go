package eventlog

import (
	"context"
	"fmt"
)

// Report is what Verify walked over.
type Report struct {
	Commits int64
	Events  int64
	Streams int64
	End     Position // of the last record that was looked at
}

// Verify walks the whole log, up to the end it has at the call, and checks that
// every stream is one unbroken chain: versions from 0 without a gap, and each
// commit carrying the hash of the one before it as it is kept. It also checks
// that positions grow; whether a position is missing between two others only
// the adapter can see, and says so as it is followed. Memory: one head per
// stream.
//
// Errors: ErrCorrupt, naming the stream and version or the position, with the
// report of what was sound before it; the log's; the context's.
func Verify(ctx context.Context, log Log) (Report, error) {
	var rep Report
	end, err := log.End(ctx)
	if err != nil || end.IsStart() {
		return rep, err
	}
	heads := map[string]link{}
	for r, err := range log.Follow(ctx, Position{}) {
		if err != nil {
			return rep, err
		}
		if !rep.End.Before(r.Position) {
			return rep, fmt.Errorf("%w: position %s stands after %s", ErrCorrupt, r.Position, rep.End)
		}
		if end.Before(r.Position) {
			return rep, fmt.Errorf("%w: the record at the end, position %s, is missing", ErrCorrupt, end)
		}
		last := heads[r.Stream]
		if err := r.Follows(Head{Length: last.length, Hash: last.hash}); err != nil {
			return rep, fmt.Errorf("position %s: %w", r.Position, err)
		}
		if err := r.Check(); err != nil {
			return rep, fmt.Errorf("%w: position %s, %s version %d: %v", ErrCorrupt, r.Position, r.Stream, r.Version, err)
		}
		heads[r.Stream] = link{r.Head.Length, r.Head.Hash}
		rep.Commits++
		rep.Events += int64(len(r.Events))
		rep.Streams, rep.End = int64(len(heads)), r.Position
		if r.Position == end {
			return rep, nil
		}
	}
	return rep, ctx.Err()
}

// link is what must be known of a stream to check its next commit.
type link struct {
	length int64
	hash   Hash
}
