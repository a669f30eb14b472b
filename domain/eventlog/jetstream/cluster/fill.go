package cluster

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// atOnce bounds how many records of a filling, and about how many bytes of
// them, go to the leader as one.
const (
	atOnce      = 256
	atOnceBytes = 4 << 20
)

// Headers of JetStream's atomic publishing. It is the one way to send many
// records at once and be sure that nobody's append comes to stand between them.
const (
	headerBatch  = "Nats-Batch-Id"
	headerNumber = "Nats-Batch-Sequence"
	headerCommit = "Nats-Batch-Commit"
)

// Fill is eventlog.Filler's. Records go to the leader in groups, each kept
// whole and only directly behind the one before it, or not at all. Where no
// answer comes the leader tells how far it has come, and the group is sent again.
func (l *Log) Fill(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	if l.closing.Load() || !l.using.TryRLock() { // taken for writing by Close alone
		return 0, errClosed
	}
	defer l.using.RUnlock()
	bounded, cancel := l.bound(ctx)
	defer cancel()
	end, err := l.confirm(bounded, l.bulk, l.shore.reached())
	if err != nil {
		return 0, late(ctx, bounded, err)
	}
	f := &filling{Log: l, fresh: end == genesisSeq, end: end, heads: map[string]eventlog.Head{}}
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
	fresh bool   // the log held nothing before it
	end   uint64 // of the log: the last record that was kept
	kept  int64
	heads map[string]eventlog.Head // of the streams, behind all that was added
	group []filled
	bytes int
}

// filled is a record of the group that is being gathered.
type filled struct {
	subject string
	sealed  []byte
}

// add puts one more record into the group, and sends the group when it is full.
func (f *filling) add(ctx context.Context, r eventlog.Record) error {
	if len(f.group) >= atOnce || f.bytes+len(r.Sealed) > atOnceBytes {
		if err := f.flush(ctx); err != nil {
			return err
		}
	}
	subject, ok := f.stream.subject(r.Stream)
	switch {
	case !ok:
		return fmt.Errorf("%w: stream %q", eventlog.ErrInvalid, r.Stream)
	case len(r.Sealed) > eventlog.MaxCommit:
		return fmt.Errorf("%w: %d bytes, at most %d", eventlog.ErrTooLarge, len(r.Sealed), eventlog.MaxCommit)
	}
	at, err := f.head(ctx, r.Stream, subject)
	if err != nil {
		return err
	}
	if r.Version != at.Length || r.Previous != at.Hash {
		return &eventlog.Conflict{Actual: at}
	}
	f.group, f.bytes = append(f.group, filled{subject, r.Sealed}), f.bytes+len(r.Sealed)
	f.heads[r.Stream] = eventlog.Head{
		Revision: eventlog.RevisionAt(f.end + uint64(len(f.group))), Length: at.Length + 1, Hash: sha256.Sum256(r.Sealed),
	}
	return nil
}

// head is where the stream stands behind what was added. What the log held
// before is looked up once for each stream.
func (f *filling) head(ctx context.Context, stream, subject string) (eventlog.Head, error) {
	if head, ok := f.heads[stream]; ok || f.fresh {
		return head, nil
	}
	bounded, cancel := f.bound(ctx)
	defer cancel()
	s, err := f.get(bounded, f.bulk, get{Last: subject})
	switch {
	case errors.Is(err, errNoRecord):
		return eventlog.Head{}, nil
	case err != nil:
		return eventlog.Head{}, late(ctx, bounded, err)
	case s.Seq > f.end:
		return eventlog.Head{}, f.intruded()
	}
	r, err := s.open()
	return r.Head, err
}

func (f *filling) intruded() error {
	return fmt.Errorf("%w: somebody appended at position %d while the log was filled", eventlog.ErrConflict, f.end+1)
}

// flush has the group kept, and sends it as often as that takes.
func (f *filling) flush(ctx context.Context) error {
	if len(f.group) == 0 {
		return nil
	}
	bounded, cancel := f.bound(ctx)
	defer cancel()
	began := time.Now()
	for try := 0; ; try++ {
		err := f.send(bounded)
		var t *trouble
		if err != nil && (!errors.As(err, &t) || t.cause != nil) {
			return late(ctx, bounded, err)
		}
		if err != nil { // a good answer needs no second look
			var there bool
			if there, err = f.there(bounded); err != nil {
				return late(ctx, bounded, err)
			}
			if !there {
				if f.bulk.away(began) || !pause(bounded, between(try)) {
					return late(ctx, bounded, t)
				}
				f.resent.Add(1)
				continue
			}
		}
		f.end += uint64(len(f.group))
		f.kept += int64(len(f.group))
		f.group, f.bytes = f.group[:0], 0
		f.shore.reach(f.end)
		return nil
	}
}

// send sends the group once. Without an error all of it was kept, at its place.
func (f *filling) send(ctx context.Context) error {
	id := rand.Text()
	for i, r := range f.group {
		m := &nats.Msg{Subject: r.subject, Data: r.sealed, Header: nats.Header{headerBatch: {id}, headerNumber: {strconv.Itoa(i + 1)}}}
		if i == 0 {
			m.Header.Set(jetstream.ExpectedLastSeqHeader, strconv.FormatUint(f.end, 10))
			m.Header.Set(jetstream.ExpectedStreamHeader, f.stream.name)
		}
		if i < len(f.group)-1 {
			if err := f.bulk.tell(ctx, m); err != nil {
				return err
			}
			continue
		}
		m.Header.Set(headerCommit, "1")
		q, err := f.bulk.put(ctx, m)
		if err != nil {
			return err
		}
		// A caller who leaves waits for this one too, within our patience: so he
		// who goes on finds the log at rest.
		m, err = q.listen(context.WithoutCancel(ctx), f.patience)
		q.drop()
		var seq uint64
		if err == nil {
			seq, err = q.ack(m)
		}
		if err == nil && seq != f.end+uint64(len(f.group)) {
			err = errMoved
		}
		return err
	}
	return nil
}

// there asks the leader whether it has the group. The error is ErrConflict when
// something else stands in its place.
func (f *filling) there(ctx context.Context) (bool, error) {
	end, err := f.confirm(ctx, f.bulk, f.end)
	if err != nil || end == f.end {
		return false, err
	}
	for i, r := range f.group {
		s, err := f.get(ctx, f.bulk, get{Seq: f.end + 1 + uint64(i)})
		switch {
		case errors.Is(err, errNoRecord):
			return false, f.intruded()
		case err != nil:
			return false, err
		case s.Subject != r.subject || !bytes.Equal(s.Sealed, r.sealed):
			return false, f.intruded()
		}
	}
	return true, nil
}
