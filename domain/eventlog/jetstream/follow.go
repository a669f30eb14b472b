package jetstream

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"doorstep/domain/eventlog"
)

const (
	stretch      = 256
	stretchBytes = 1 << 20
)

// Follow is eventlog.Log's.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		last := max(after.Token(), genesisSeq)
		for ctx.Err() == nil {
			records, err := l.stretch(ctx, last)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				yield(eventlog.Record{}, err)
				return
			}
			for _, r := range records {
				if ctx.Err() != nil || !yield(r, nil) {
					return
				}
				last = r.Position.Token()
			}
		}
	}
}

// stretch waits for durable records after the sequence number and gives the
// next of them.
func (l *Log) stretch(ctx context.Context, after uint64) ([]eventlog.Record, error) {
	if err := l.enter(); err != nil {
		return nil, err
	}
	defer l.using.RUnlock()
	durable, err := l.barrier.beyond(ctx, after, l.failed, l.closed)
	if err != nil {
		return nil, cmp.Or(l.usable(), err)
	}
	n := int(min(durable-after, stretch))
	answers, _, err := l.get(ctx, l.scanner, request{Seq: after + 1, Batch: n, MaxBytes: stretchBytes})
	if err != nil {
		return nil, err
	}
	if len(answers) == 0 {
		return nil, missing(after + 1)
	}
	records := make([]eventlog.Record, len(answers))
	for i, m := range answers {
		r, err := open(m)
		if err != nil {
			return nil, err
		}
		if want := after + 1 + uint64(i); r.Position.Token() != want {
			return nil, missing(want)
		}
		if want, ok := subject(r.Stream); !ok || want != m.Header.Get("Nats-Subject") {
			return nil, fmt.Errorf("%w: position %s holds a record of another stream", eventlog.ErrCorrupt, r.Position)
		}
		records[i] = r
	}
	return records, nil
}

// missing is what a reader says who finds no record where one was kept.
func missing(seq uint64) error {
	return fmt.Errorf("%w: position %d is missing or cannot be read", eventlog.ErrCorrupt, seq)
}
