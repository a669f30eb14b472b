package jetstream

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// underWay bounds how many records of a filling, and how many bytes of them,
	// the server has not answered for yet.
	underWay      = 1024
	underWayBytes = 8 << 20

	// atOnce is how many records of a filling are made durable together.
	atOnce = 4096
)

// Fill is eventlog.Filler's. Nobody appends meanwhile: they get ErrUnavailable.
// The first record is answered for before the second is published, so that
// nothing published earlier can come between; the others follow without
// waiting, each to be kept only at the place foreseen for it.
func (l *Log) Fill(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	if err := l.enter(); err != nil {
		return 0, err
	}
	defer l.using.RUnlock()
	l.filling.Lock()
	defer l.filling.Unlock()
	s, err := l.engine.state(ctx)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	f := &filling{log: l, base: s.last, next: s.last, last: mark{seq: s.last}, heads: map[string]eventlog.Head{}, moved: make(chan struct{}, 1)}
	err = f.publishAll(ctx, records)
	err = cmp.Or(err, f.settle())
	return f.durable(err)
}

// filling is one Fill under way.
type filling struct {
	log   *Log
	base  uint64 // the log's last record before it
	next  uint64 // the last that was published
	heads map[string]eventlog.Head

	mu      sync.Mutex
	last    mark  // the last that was kept; before the first only its number
	records int   // that are not answered for
	bytes   int   // of these
	refused error // the first reason why one was not kept
	moved   chan struct{}
}

// publishAll publishes until the records end or one is not to be kept.
func (f *filling) publishAll(ctx context.Context, records iter.Seq2[eventlog.Record, error]) error {
	for r, err := range records {
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		at, err := f.head(ctx, r.Stream)
		if err != nil {
			return err
		}
		if r.Version != at.Length || r.Previous != at.Hash {
			return &eventlog.Conflict{Actual: at}
		}
		if err := f.wait(ctx, underWay-1, underWayBytes-len(r.Sealed)); err != nil {
			return err
		}
		first := f.next == f.base
		if err := f.publish(at, r); err != nil {
			return err
		}
		if first {
			if err := f.wait(ctx, 0, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// head is where the stream stands behind what was published. What the log held
// before is looked up once for each stream.
func (f *filling) head(ctx context.Context, stream string) (eventlog.Head, error) {
	if head, ok := f.heads[stream]; ok || f.base == genesisSeq {
		return head, nil
	}
	name, ok := subject(stream)
	if !ok {
		return eventlog.Head{}, fmt.Errorf("%w: stream %q", eventlog.ErrInvalid, stream)
	}
	q, err := f.log.get(f.log.reader, request{Last: []string{name}, Batch: 1})
	if err != nil {
		return eventlog.Head{}, err
	}
	got, err := q.records(ctx)
	if err != nil || len(got.records) == 0 {
		return eventlog.Head{}, err
	}
	seq, err := strconv.ParseUint(got.records[0].Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return eventlog.Head{}, fmt.Errorf("%w: a record on %s has no sequence number", eventlog.ErrCorrupt, name)
	}
	r, err := open(seq, got.records[0].Data)
	if err == nil && r.Stream != stream {
		err = fmt.Errorf("%w: a record of %s stands in %s", eventlog.ErrCorrupt, r.Stream, stream)
	}
	return r.Head, err
}

// publish sends one record. It has no message id: the server would remember
// each for half a minute, and the guard lets nothing in twice.
func (f *filling) publish(at eventlog.Head, r eventlog.Record) error {
	name, ok := subject(r.Stream)
	if !ok {
		return fmt.Errorf("%w: stream %q", eventlog.ErrInvalid, r.Stream)
	}
	if len(r.Sealed) > eventlog.MaxCommit {
		return fmt.Errorf("%w: %d bytes, at most %d", eventlog.ErrTooLarge, len(r.Sealed), eventlog.MaxCommit)
	}
	p := &publication{commit: r.Commit, at: at, seq: f.next + 1}
	p.head = eventlog.Head{Length: at.Length + 1, Hash: sha256.Sum256(r.Sealed), Revision: eventlog.RevisionAt(p.seq)}
	m := &nats.Msg{Subject: name, Data: r.Sealed, Header: nats.Header{
		jetstream.ExpectedLastSeqHeader: {strconv.FormatUint(f.next, 10)},
		jetstream.ExpectedStreamHeader:  {streamName},
	}}
	f.mu.Lock()
	f.records++
	f.bytes += len(r.Sealed)
	f.mu.Unlock()
	_, err := f.log.writer.ask(m, func(m *nats.Msg) bool {
		f.hear(p, len(r.Sealed), m)
		return true
	})
	if err != nil {
		f.answered(len(r.Sealed), mark{}, err)
		return err
	}
	f.next = p.seq
	f.heads[r.Stream] = p.head
	return nil
}

// hear takes the server's answer for one record, in the log's order.
func (f *filling) hear(p *publication, size int, m *nats.Msg) {
	seq, o := read(m)
	switch {
	case o.code != 0:
		o.err = fmt.Errorf("%w: another appended during the filling", eventlog.ErrConflict)
	case o.err == nil && (o.twice || seq != p.seq):
		o.err = fmt.Errorf("%w: the event store kept a record at %d, not at %d", eventlog.ErrUnknown, seq, p.seq)
	}
	var at mark
	if o.err == nil {
		at = mark{p.seq, p.head.Hash}
		f.log.noted(p)
	}
	f.answered(size, at, o.err)
	if at.seq > 0 && (at.seq-f.base)%atOnce == 0 {
		f.log.barrier.wrote(at, nil)
	}
}

// answered counts an answer.
func (f *filling) answered(size int, at mark, err error) {
	f.mu.Lock()
	f.records--
	f.bytes -= size
	if err == nil {
		f.last = at
	} else if f.refused == nil {
		f.refused = err
	}
	f.mu.Unlock()
	select {
	case f.moved <- struct{}{}:
	default:
	}
}

// wait waits until at most so many records and bytes are under way; 0 waits for
// all answers even when one refuses. The error is the context's, the reason why
// a record was not kept, or ErrUnknown.
func (f *filling) wait(ctx context.Context, records, bytes int) error {
	var patience <-chan time.Time
	for {
		f.mu.Lock()
		enough, refused := f.records <= records && (f.bytes <= bytes || f.records == 0), f.refused
		f.mu.Unlock()
		if enough || refused != nil && records > 0 {
			return refused
		}
		if patience == nil {
			patience = time.After(answering)
		}
		select {
		case <-f.moved:
		case <-ctx.Done():
			return ctx.Err()
		case <-f.log.failed:
			return fmt.Errorf("%w: %v", eventlog.ErrUnknown, f.log.failedBy)
		case <-patience:
			return fmt.Errorf("%w: the event store gave no answer", eventlog.ErrUnknown)
		}
	}
}

// settle waits for all answers, also when the filling was called off: nothing
// of it is to come later.
func (f *filling) settle() error {
	return f.wait(context.Background(), 0, 0)
}

// durable waits until what was kept is durable and says how many that are.
func (f *filling) durable(err error) (int64, error) {
	f.mu.Lock()
	last := f.last
	f.mu.Unlock()
	if last.seq == f.base {
		return 0, err
	}
	f.log.barrier.wrote(last, nil)
	reached, over := f.log.barrier.beyond(context.Background(), last.seq-1, f.log.failed, f.log.closed)
	if errors.Is(over, errOver) {
		over = fmt.Errorf("%w: %v", eventlog.ErrUnknown, f.log.usable())
	}
	return int64(max(min(reached, last.seq), f.base) - f.base), cmp.Or(err, over)
}
