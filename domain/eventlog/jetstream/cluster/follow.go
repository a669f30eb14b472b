package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"doorstep/domain/eventlog"
)

const (
	// window is how many records are asked for ahead of a follower, and
	// windowBytes about how much that may be.
	window      = 256
	windowBytes = 4 << 20
)

// Follow is eventlog.Log's. Sequence numbers have no gaps, so each record is
// asked for by its number, many at the same time; the leader alone answers. A
// follower that cannot reach the cluster waits until it can.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		reading, leave := context.WithCancel(ctx)
		defer leave()
		records := make(chan eventlog.Record, window)
		var failed error
		go func() {
			defer close(records)
			failed = l.scan(reading, max(after.Token(), genesisSeq), records)
		}()
		for {
			select {
			case r, more := <-records:
				if ctx.Err() != nil {
					return
				}
				if !more {
					yield(eventlog.Record{}, failed)
					return
				}
				if !yield(r, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// scan gives the records after the sequence number until ctx is done or it
// cannot go on.
func (l *Log) scan(ctx context.Context, after uint64, out chan<- eventlog.Record) error {
	if after > l.shore.reached() { // where it begins must be a place in this log
		if err := l.follows(ctx, after); err != nil {
			return err
		}
	}
	var asked []*question // for what comes after after, in order
	defer func() {
		for _, q := range asked {
			q.drop()
		}
	}()
	for size := 1 << 10; ; {
		end, err := l.shore.beyond(ctx, after, l.closed)
		if err != nil {
			return err
		}
		for most := min(max(windowBytes/size, 4), window); len(asked) < most && after+uint64(len(asked)) < end; {
			q, err := l.bulk.api(ctx, l.getVerb(), get{Seq: after + 1 + uint64(len(asked)), Bare: true})
			if err != nil {
				return cmp.Or(l.usable(), err)
			}
			asked = append(asked, q)
		}
		s, err := l.answered(ctx, asked[0], after+1)
		if err != nil {
			return err
		}
		asked = asked[1:]
		r, err := s.open()
		if err != nil {
			return err
		}
		after, size = s.Seq, (7*size+len(s.Sealed))/8+1
		select {
		case out <- r:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answered gives the record that was asked for. When its question was not
// answered well, it is put again by itself.
func (l *Log) answered(ctx context.Context, q *question, seq uint64) (stored, error) {
	var a got
	err := q.reply(ctx, &a)
	for looked := false; ; looked = true {
		var again *trouble
		switch {
		case err == nil && a.Message.Seq == seq:
			return a.Message, nil
		case ctx.Err() != nil:
			return stored{}, ctx.Err()
		case l.closing.Load():
			return stored{}, errClosed
		case errors.As(err, &again):
		case err == nil, (errors.Is(err, errNoRecord) || errors.Is(err, errNoStream)) && looked:
			return stored{}, fmt.Errorf("%w: position %d is missing or cannot be read", eventlog.ErrCorrupt, seq)
		case errors.Is(err, errNoRecord), errors.Is(err, errNoStream): // so says a leader that may be behind
			if err := l.follows(ctx, seq); err != nil {
				return stored{}, err
			}
		default:
			return stored{}, err
		}
		a.Message, err = l.get(ctx, l.bulk, get{Seq: seq})
	}
}

// follows makes sure that the log has come as far as seq.
func (l *Log) follows(ctx context.Context, seq uint64) error {
	_, err := l.confirm(ctx, l.bulk, seq)
	return cmp.Or(ctx.Err(), err)
}
