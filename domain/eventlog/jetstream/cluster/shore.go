package cluster

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// shore is how far the log is known to have come: everything up to there was
// shown by the leader, and nothing is ever taken away again.
type shore struct {
	mu      sync.Mutex
	seq     uint64
	moved   chan struct{} // closed and made anew whenever seq grows
	waiting atomic.Int64  // who would like to know that it has
}

func newShore() *shore { return &shore{seq: genesisSeq, moved: make(chan struct{})} }

func (s *shore) reached() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seq
}

// reach tells that the leader has the record.
func (s *shore) reach(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq > s.seq {
		s.seq = seq
		close(s.moved)
		s.moved = make(chan struct{})
	}
}

// beyond gives how far the log has come once that is further than seq. Errors:
// the context's, errClosed.
func (s *shore) beyond(ctx context.Context, seq uint64, closed <-chan struct{}) (uint64, error) {
	s.waiting.Add(1)
	defer s.waiting.Add(-1)
	for {
		s.mu.Lock()
		at, moved := s.seq, s.moved
		s.mu.Unlock()
		if at > seq {
			return at, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return at, ctx.Err()
		case <-closed:
			return at, errClosed
		}
	}
}

// listen keeps the shore up to date with what others append. The leader tells
// of each record it has kept; because such a word can be lost, it is asked
// every now and then as well while anybody waits.
func (l *Log) listen() error {
	kick := make(chan struct{}, 1)
	_, err := l.bulk.nc.Subscribe(l.stream.moved(), func(m *nats.Msg) {
		seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
		if err != nil || seq <= l.shore.reached() {
			return
		}
		select {
		case kick <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return err
	}
	l.tail.Go(func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		tick := time.NewTicker(l.step() / 2)
		defer tick.Stop()
		for {
			select {
			case <-l.closed:
				return
			case <-kick:
			case <-tick.C:
				if l.shore.waiting.Load() == 0 {
					continue
				}
			}
			bounded, done := context.WithTimeout(ctx, l.step())
			if s, err := l.get(bounded, l.bulk, get{Last: ">"}); err == nil {
				l.shore.reach(s.Seq)
			}
			done()
		}
	})
	return nil
}
