package eventstoredb

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"

	"doorstep/domain/eventlog"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// A group is what one append of a filling takes: the database limits its bytes,
// and it must not hold the server's writer for long.
const (
	atOnce      = 256
	atOnceBytes = 768 << 10 // of the mebibyte that the database takes by default
)

// Fill is eventlog.Filler's. One append is under way at a time, of as many
// records as follow each other in one stream. More at once would be faster, and
// wrong: the database drops an append that waited too long for its turn and
// takes the next, which would leave a hole where nothing can be put any more.
//
// Somebody who appends meanwhile to a stream that the records do not go on with
// is not noticed: whoever moves a log compares both in the end.
func (l *Log) Fill(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (int64, error) {
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
	f := &filling{Log: l, fresh: end.IsStart(), heads: map[string]eventlog.Head{}}
	for r, err := range records {
		if err = cmp.Or(err, ctx.Err()); err == nil {
			err = f.add(ctx, r)
		}
		if err != nil {
			return f.kept, err
		}
	}
	return f.kept, f.flush(ctx)
}

// filling is one Fill under way.
type filling struct {
	*Log
	fresh bool                     // the log held nothing before it
	heads map[string]eventlog.Head // of the streams, behind all that was kept
	kept  int64

	group []eventlog.Record // of one stream, each behind the one before
	bytes int
	at    eventlog.Head // where the group's stream stands before it
}

// add puts a record into the group, and sends what was gathered when it does
// not belong there.
func (f *filling) add(ctx context.Context, r eventlog.Record) error {
	switch {
	case !streamForm.MatchString(r.Stream):
		return fmt.Errorf("%w: stream %q", eventlog.ErrInvalid, r.Stream)
	case len(r.Sealed) > eventlog.MaxCommit:
		return fmt.Errorf("%w: %d bytes, at most %d", eventlog.ErrTooLarge, len(r.Sealed), eventlog.MaxCommit)
	}
	if len(f.group) > 0 && (f.group[0].Stream != r.Stream || len(f.group) == atOnce || f.bytes+len(r.Sealed) > atOnceBytes) {
		if err := f.flush(ctx); err != nil {
			return err
		}
	}
	stands := f.behind()
	if len(f.group) == 0 {
		at, err := f.head(ctx, r)
		if err != nil {
			return err
		}
		f.at, stands = at, at
	}
	if r.Version != stands.Length || r.Previous != stands.Hash {
		return &eventlog.Conflict{Actual: stands}
	}
	f.group, f.bytes = append(f.group, r), f.bytes+len(r.Sealed)
	return nil
}

// behind is the head behind the group.
func (f *filling) behind() eventlog.Head {
	if len(f.group) == 0 {
		return f.at
	}
	last := f.group[len(f.group)-1]
	return eventlog.Head{Revision: eventlog.RevisionAt(uint64(last.Version)), Length: last.Version + 1, Hash: sha256.Sum256(last.Sealed)}
}

// head is where the record's stream stands. What the log held before is looked
// up once for each stream; whether there is more of it the database will say.
func (f *filling) head(ctx context.Context, r eventlog.Record) (eventlog.Head, error) {
	if head, ok := f.heads[r.Stream]; ok || f.fresh || r.Version == 0 {
		return head, nil
	}
	before, found, err := f.record(ctx, r.Stream, uint64(r.Version-1))
	switch {
	case err != nil:
		return eventlog.Head{}, err
	case !found:
		head, _, err := f.search(ctx, r.Stream, "")
		return head, err // no record of ours: a conflict
	}
	return before.Head, nil
}

// flush sends the group, as often as it takes.
func (f *filling) flush(ctx context.Context) error {
	if len(f.group) == 0 {
		return nil
	}
	stream, behind := f.group[0].Stream, f.behind()
	events, ids := make([]*streams.AppendReq, len(f.group)), make([]string, len(f.group))
	for i, r := range f.group {
		events[i], ids[i] = event(commitType, eventID(stream, r.Sealed), r.Sealed), r.ID
	}
	bounded, cancel := f.bound(ctx)
	defer cancel()
	perhaps := false
	for try := 0; ; try++ {
		over, err := f.send(bounded, expecting(stream, f.at), events, &perhaps)
		if err == nil {
			break
		}
		if over || !pause(bounded, between(try)) {
			return unsettled(ctx, bounded, perhaps, err)
		}
	}
	f.known.Learn(stream, f.at, behind, ids...)
	f.kept += int64(len(f.group))
	f.heads[stream], f.group, f.bytes = behind, f.group[:0], 0
	return nil
}

// send sends the group once. It is over when it was kept or cannot be any more.
func (f *filling) send(ctx context.Context, expected *streams.AppendReq, events []*streams.AppendReq, perhaps *bool) (over bool, err error) {
	n, err := f.link.take(ctx)
	if err != nil {
		return true, err
	}
	answer, failure := n.append(ctx, f.patience, append([]*streams.AppendReq{expected}, events...)...)
	switch {
	case failure == nil && acknowledges(answer, f.at, len(events)):
		f.link.leave(n)
		return true, nil
	case failure == nil:
		*perhaps = *perhaps || answer.GetWrongExpectedVersion() == nil
		f.link.leave(n)
		return f.compare(ctx)
	}
	*perhaps = *perhaps || failure.perhaps
	return !f.done(n, failure), failure
}

// compare asks the stream whether the group stands in it: nil when it does.
func (f *filling) compare(ctx context.Context) (over bool, err error) {
	i, head := 0, f.at
	err = f.walk(ctx, f.group[0].Stream, f.at, func(r eventlog.Record) bool {
		if i < len(f.group) && bytes.Equal(r.Sealed, f.group[i].Sealed) {
			i++
		}
		head = r.Head
		return true
	})
	switch {
	case errors.Is(err, eventlog.ErrCorrupt): // it stands otherwise before the group already
		return true, err
	case err != nil:
		return true, err
	case i == len(f.group) && head.Length == f.at.Length+int64(i):
		f.resolved.Add(1)
		return true, nil
	case head == f.at:
		return false, fmt.Errorf("%w: the database does not say whether it kept the records", eventlog.ErrUnavailable)
	}
	return true, &eventlog.Conflict{Actual: head}
}
