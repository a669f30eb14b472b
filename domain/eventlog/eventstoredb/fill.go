package eventstoredb

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"

	"doorstep/domain/eventlog"
)

// Fill is eventlog.Filler's. The database promises the order of appends only to
// who waits for each answer, so the records go one by one; how fast that is
// hangs on the database's disks and the way to it. Somebody's append to a stream
// that the records tell of is ErrConflict; one to another stream the database
// does not show here, and the tree over all does.
func (l *Log) Fill(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (kept int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	if l.closing.Load() || !l.using.TryRLock() { // taken for writing by Close alone
		return 0, errClosed
	}
	defer l.using.RUnlock()
	end, err := l.End(ctx)
	if err != nil {
		return 0, err
	}
	f := filling{Log: l, fresh: end.IsStart(), heads: map[string]eventlog.Head{}}
	for r, err := range records {
		if err = cmp.Or(err, ctx.Err()); err == nil {
			err = f.keep(ctx, r)
		}
		if err != nil {
			return kept, err
		}
		kept++
	}
	return kept, nil
}

// filling is one Fill under way.
type filling struct {
	*Log
	fresh bool                     // the log held nothing before it
	heads map[string]eventlog.Head // of the streams seen so far
}

// keep keeps one record's bytes as they are, and is sent as often as it takes,
// as an append is.
func (f *filling) keep(ctx context.Context, r eventlog.Record) error {
	switch {
	case !streamForm.MatchString(r.Stream):
		return fmt.Errorf("%w: stream %q", eventlog.ErrInvalid, r.Stream)
	case len(r.Sealed) > eventlog.MaxCommit:
		return fmt.Errorf("%w: %d bytes, at most %d", eventlog.ErrTooLarge, len(r.Sealed), eventlog.MaxCommit)
	}
	bounded, cancel := f.bound(ctx)
	defer cancel()
	at, seen := f.heads[r.Stream]
	if !seen && !f.fresh {
		head, _, err := f.search(bounded, r.Stream, "") // no commit has that id: to the end
		if err != nil {
			return late(ctx, bounded, err)
		}
		at = head
	}
	if r.Version != at.Length || r.Previous != at.Hash {
		return &eventlog.Conflict{Actual: at}
	}
	s := &sending{at: at, commit: r.Commit, sealed: r.Sealed, options: expecting(r.Stream, at), event: event(commitType, eventID(r.Stream, r.Sealed), r.Sealed)}
	for try := 0; ; try++ {
		there, over, err := f.send(bounded, s)
		switch {
		case err == nil && over && !bytes.Equal(there.Sealed, r.Sealed):
			return &eventlog.Conflict{Actual: there.Head}
		case err == nil && over:
			f.heads[r.Stream] = there.Head
			return nil
		case over || !pause(bounded, between(try)):
			return s.unsettled(ctx, bounded, err)
		}
		s.last = err
	}
}
