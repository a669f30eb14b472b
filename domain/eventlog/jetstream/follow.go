package jetstream

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"doorstep/domain/eventlog"
)

// stretch is how many records of the whole log are asked for at once. The
// server lets nobody append while it answers, so stretches take it well under a
// millisecond.
const (
	stretch      = 256
	stretchBytes = 1 << 20
)

// Follow is eventlog.Log's. While its caller works on one stretch the next is
// read, and the one after it is asked for.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		reading, leave := context.WithCancel(ctx)
		defer leave()
		stretches := make(chan []eventlog.Record, 1)
		var failed error
		go func() {
			defer close(stretches)
			failed = l.scan(reading, max(after.Token(), genesisSeq), stretches)
		}()
		for {
			select {
			case records, more := <-stretches:
				for _, r := range records {
					if ctx.Err() != nil || !yield(r, nil) {
						return
					}
				}
				if !more {
					if ctx.Err() == nil {
						yield(eventlog.Record{}, failed)
					}
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// scan reads the log after the sequence number as it becomes durable, until ctx
// is done or it cannot go on.
func (l *Log) scan(ctx context.Context, after uint64, out chan<- []eventlog.Record) error {
	var next asked // for what comes after after; none when there was nothing yet
	for {
		if next.question == nil {
			durable, err := l.barrier.beyond(ctx, after, l.failed, l.closed)
			if err != nil {
				return cmp.Or(l.usable(), err)
			}
			if next, err = l.getAfter(after, durable); err != nil {
				return cmp.Or(l.usable(), err)
			}
		}
		got, err := next.records(ctx)
		if err != nil {
			return cmp.Or(l.usable(), err)
		}
		// Sequence numbers only grow, so n records of which the last is the n-th
		// after after are exactly those, with none left out.
		first := after + 1
		after += uint64(len(got.records))
		if len(got.records) == 0 || got.last != after {
			return fmt.Errorf("%w: positions %d to %d hold %d records that can be read", eventlog.ErrCorrupt, first, got.last, len(got.records))
		}
		next = asked{}
		if durable := l.barrier.reached(); durable > after {
			if next, err = l.getAfter(after, durable); err != nil {
				return cmp.Or(l.usable(), err)
			}
		}
		if err := l.deliver(ctx, first, got, out); err != nil {
			next.drop()
			return err
		}
	}
}

// getAfter asks for the next records after the sequence number, none of them
// beyond durable.
func (l *Log) getAfter(after, durable uint64) (asked, error) {
	return l.get(l.scanner, request{Seq: after + 1, Batch: int(min(durable-after, stretch)), MaxBytes: stretchBytes, Bare: true})
}

// deliver reads what the server gave and hands it on, up to the first record
// that cannot be read.
func (l *Log) deliver(ctx context.Context, first uint64, got batch, out chan<- []eventlog.Record) error {
	records := make([]eventlog.Record, 0, len(got.records))
	var damage error
	for i, m := range got.records {
		r, err := open(first+uint64(i), m.Data)
		if err != nil {
			damage = err
			break
		}
		records = append(records, r)
	}
	select {
	case out <- records:
		return damage
	case <-ctx.Done():
		return ctx.Err()
	}
}

// missing is what a reader says who finds no record where one was kept.
func missing(seq uint64) error {
	return fmt.Errorf("%w: position %d is missing or cannot be read", eventlog.ErrCorrupt, seq)
}
