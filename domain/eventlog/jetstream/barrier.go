package jetstream

import (
	"context"
	"fmt"
	"sync"

	"doorstep/domain/eventlog"
)

// barrier makes what was written durable, many records with one sync, and only
// then lets those who wait for it go. A record is covered by a sync that began
// after the record was written, and by no other.
type barrier struct {
	sync   func() error     // of everything written before the call
	marked func(mark) error // told of every mark that has become durable
	fail   func(error)      // told of the first sync that failed

	mu      sync.Mutex
	written mark // of the last record known to be written
	durable mark // of the last record covered by a sync
	waiting []*publication
	moved   chan struct{} // closed and made anew whenever durable moves
	broken  bool

	kick chan struct{}
	quit chan struct{}
	done chan struct{}
}

// raise starts the barrier of a log that is durable up to m.
func raise(m mark, sync func() error, marked func(mark) error, fail func(error)) *barrier {
	b := &barrier{
		sync: sync, marked: marked, fail: fail, written: m, durable: m,
		moved: make(chan struct{}), kick: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go b.run()
	return b
}

// wrote tells that the record at m is written; p, if any, is answered once it
// is durable.
func (b *barrier) wrote(m mark, p *publication) {
	b.mu.Lock()
	if b.written.seq < m.seq {
		b.written = m
	}
	if p != nil {
		if b.broken {
			p.answer(outcome{err: unsynced(nil)})
		} else {
			b.waiting = append(b.waiting, p)
		}
	}
	idle := b.written.seq == b.durable.seq && len(b.waiting) == 0
	b.mu.Unlock()
	if idle {
		return
	}
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

// unsynced is what becomes of an append whose record was written but not made
// durable: it may be there after a restart, or not.
func unsynced(why error) error {
	if why == nil {
		return fmt.Errorf("%w: an earlier sync failed", eventlog.ErrUnknown)
	}
	return fmt.Errorf("%w: the sync failed: %v", eventlog.ErrUnknown, why)
}

func (b *barrier) run() {
	defer close(b.done)
	for {
		select {
		case <-b.kick:
			if !b.pass() {
				return
			}
		case <-b.quit:
			b.pass()
			return
		}
	}
}

// pass syncs once and answers everybody whose record that covers. False when
// the sync failed: then nobody is ever answered with success again.
func (b *barrier) pass() bool {
	b.mu.Lock()
	target, covered := b.written, b.waiting
	b.waiting = nil
	if target.seq == b.durable.seq && len(covered) == 0 {
		b.mu.Unlock()
		return true
	}
	b.mu.Unlock()

	err := b.sync()
	if err != nil {
		b.mu.Lock()
		b.broken = true
		covered = append(covered, b.waiting...)
		b.waiting = nil
		b.mu.Unlock()
		b.fail(fmt.Errorf("sync: %w", err))
		for _, p := range covered {
			p.answer(outcome{err: unsynced(err)})
		}
		return false
	}
	b.mu.Lock()
	b.durable = target
	close(b.moved)
	b.moved = make(chan struct{})
	b.mu.Unlock()
	for _, p := range covered {
		p.answer(outcome{seq: p.seq})
	}
	if err := b.marked(target); err != nil {
		b.fail(fmt.Errorf("mark: %w", err))
		return false
	}
	return true
}

// reached is the sequence number up to which everything is durable.
func (b *barrier) reached() uint64 { return b.stands().seq }

func (b *barrier) stands() mark {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.durable
}

// beyond gives the durable sequence number once it is greater than seq. Errors:
// the context's; errOver when the log failed or closed.
func (b *barrier) beyond(ctx context.Context, seq uint64, over ...<-chan struct{}) (uint64, error) {
	for {
		b.mu.Lock()
		durable, moved := b.durable.seq, b.moved
		b.mu.Unlock()
		if durable > seq {
			return durable, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return durable, ctx.Err()
		case <-over[0]:
			return durable, errOver
		case <-over[1]:
			return durable, errOver
		}
	}
}

// stop makes durable what is written and ends the barrier.
func (b *barrier) stop() {
	close(b.quit)
	<-b.done
}
