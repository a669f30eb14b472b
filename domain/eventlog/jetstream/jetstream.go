// Package jetstream keeps the log in an embedded NATS JetStream server: one
// folder, one process, no network. Appends are published at the same time and
// made durable together: an append returns only after one sync of the file
// system that began when its record was written. DESIGN.md says what is
// promised and what the start refuses.
package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"doorstep/domain/eventlog"
)

// Options say how a log is made and opened. The zero Options are good ones.
type Options struct {
	Logger   *slog.Logger // nil: slog.Default()
	MaxStore int64        // bytes the log may fill; 0: what it has and nine tenths of what is free
	Beside   []string     // names that may lie in the folder already when Create comes

	// SyncEach syncs each record by itself instead of many together: for file
	// systems that cannot be synced whole. Open chooses it by itself where it
	// knows that it must.
	SyncEach bool

	// Barrier stands in for the sync of the file system the given folder lies
	// on. For tests: nil is the true one.
	Barrier func(store *os.File) error
}

// Why a folder is not opened or not made a log. Each error says what was found.
var (
	ErrExists  = errors.New("there is a log already")
	ErrForeign = errors.New("the folder holds other things")
	ErrHeld    = errors.New("another process has the log open")
	ErrNoLog   = errors.New("there is no log")

	// The next four are eventlog.ErrCorrupt too.
	ErrShortened = fmt.Errorf("%w: it is shorter than it was", eventlog.ErrCorrupt)
	ErrDamaged   = fmt.Errorf("%w: a file of its store is damaged", eventlog.ErrCorrupt)
	ErrOtherLog  = fmt.Errorf("%w: the store belongs to another log", eventlog.ErrCorrupt)
	ErrAltered   = fmt.Errorf("%w: its settings were changed", eventlog.ErrCorrupt)
)

var errClosed = fmt.Errorf("%w: the log is closed", eventlog.ErrUnavailable)

// Log is an open log. Make the folder with Create, open it with Open.
type Log struct {
	place   place
	genesis eventlog.Genesis
	log     *slog.Logger
	engine  *engine
	writer  *caller // publishes and takes acknowledgements
	reader  *caller // reads streams
	scanner *caller // reads the whole log, so that bulk never delays a desk
	barrier *barrier
	known   *known

	last uint64 // sequence number of the last answer; only the writer's goroutine uses it

	filling  sync.RWMutex // held for reading by every append, for writing by a Fill
	closing  atomic.Bool
	using    sync.RWMutex // held for reading by everything under way
	closed   chan struct{}
	shut     sync.Once
	shutErr  error
	failing  sync.Once
	failed   chan struct{}
	failedBy error // set before failed is closed
}

// Genesis says which log this is.
func (l *Log) Genesis() eventlog.Genesis { return l.genesis }

// Failed is closed when the log can keep nothing any more because a sync or a
// write failed. Nothing was acknowledged that may be lost; the process should
// stop, and be started again when the disk is well.
func (l *Log) Failed() <-chan struct{} { return l.failed }

// Refuse lets the log keep nothing more, as if it had failed: for whoever found
// that it is damaged.
func (l *Log) Refuse(reason error) { l.fail(reason) }

// fail poisons the log.
func (l *Log) fail(err error) {
	l.failing.Do(func() {
		l.failedBy = err
		l.log.Error("the log has failed and keeps nothing more", "error", err)
		close(l.failed)
	})
}

// usable is nil, or ErrUnavailable with the reason.
func (l *Log) usable() error {
	select {
	case <-l.failed:
		return fmt.Errorf("%w: %v", eventlog.ErrUnavailable, l.failedBy)
	default:
	}
	if l.closing.Load() {
		return errClosed
	}
	return nil
}

// enter lets somebody use the server until he calls l.using.RUnlock. The lock
// is only ever taken for writing by Close, so that failing to get it means that.
func (l *Log) enter() error {
	if err := l.usable(); err != nil {
		return err
	}
	if !l.using.TryRLock() {
		return errClosed
	}
	return nil
}

// End is eventlog.Log's.
func (l *Log) End(context.Context) (eventlog.Position, error) {
	if err := l.usable(); err != nil {
		return eventlog.Position{}, err
	}
	return position(l.barrier.reached()), nil
}

// position is the place of a sequence number; the genesis is before the first.
func position(seq uint64) eventlog.Position {
	if seq <= genesisSeq {
		return eventlog.Position{}
	}
	return eventlog.PositionAt(seq)
}

// Check tells whether the log can be used now, cheaply: that no sync failed and
// that the store is whole as far as its own count shows. The error says why not.
func (l *Log) Check(ctx context.Context) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.using.RUnlock()
	state, err := l.engine.state(ctx)
	if err != nil {
		return fmt.Errorf("%w: %v", eventlog.ErrUnavailable, err)
	}
	if err := state.whole(); err != nil {
		return err
	}
	if reached := l.barrier.reached(); state.last < reached {
		return fmt.Errorf("%w: it ends at %d, %d was synced", ErrShortened, state.last, reached)
	}
	return nil
}

// Close waits for what is under way, stops the server and lets the folder go.
// What it had acknowledged is durable already. Further calls give the same.
func (l *Log) Close() error {
	l.shut.Do(func() {
		l.closing.Store(true)
		close(l.closed)
		l.using.Lock() // until everybody has left; never let go
		l.barrier.stop()
		l.stopCallers()
		l.engine.stop()
		l.shutErr = errors.Join(l.place.writeMark(l.barrier.stands()), l.place.settle(), l.place.release())
	})
	return l.shutErr
}

func (l *Log) stopCallers() {
	for _, c := range []*caller{l.writer, l.reader, l.scanner} {
		if c != nil {
			c.close()
		}
	}
}
