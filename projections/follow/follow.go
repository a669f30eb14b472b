// Package follow reads the log once, in its order, for all views: it decodes
// each record, hands it to every view, tells how far each has come, and lets a
// page wait until its own deed is in view.
//
// A view that cannot take a record in stands still there, and the others go on.
// It goes on when an operator says so, by itself until it has come up to the
// others. In the same way a view is built anew beside the one in use.
package follow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"doorstep/domain/eventlog"
)

// batch is the most records a view takes at once: large enough that a rebuild
// is bound by the view and not by its transactions.
const batch = 1000

// Follower feeds the views. Make it with New, start it with Run.
type Follower struct {
	log     eventlog.Log
	forms   *Forms
	feeds   []*feed
	metrics *metrics
	now     func() time.Time
	logger  *slog.Logger

	pass   sync.Mutex     // held while a batch is shared: between batches views leave the common pass and join it
	aparts sync.WaitGroup // views that are fed by themselves

	mu      sync.Mutex    // of what follows and of the feeds
	moved   chan struct{} // closed and made anew whenever anything changes
	begun   bool
	running context.Context   // of Run; nil before it
	common  eventlog.Position // the last record that the common pass has shared
	seen    eventlog.Position // how far all views have come that do not stand still
	skipped map[skip]bool
	stopped error
}

// New makes a follower of the log for the views; now is the clock by which
// their lag is told. What an operator must know goes to logger, which may be
// nil.
func New(log eventlog.Log, forms *Forms, now func() time.Time, logger *slog.Logger, views ...View) *Follower {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	f := &Follower{log: log, forms: forms, now: now, logger: logger, moved: make(chan struct{}), metrics: newMetrics(), skipped: map[skip]bool{}}
	for _, v := range views {
		f.feeds = append(f.feeds, &feed{view: v})
	}
	return f
}

// feedOf finds a view's feed; nil when there is none. The lock is held.
func (f *Follower) feedOf(view string) *feed {
	for _, fd := range f.feeds {
		if fd.view.Name() == view {
			return fd
		}
	}
	return nil
}

// Begin asks every view where it stands and checks that it stands on this log,
// before anything is taken in. Run does it where nobody did before. Errors:
// ErrOtherLog and the views' own, with the view's name; learnSkips'.
func (f *Follower) Begin(ctx context.Context) error {
	f.mu.Lock()
	begun := f.begun
	f.mu.Unlock()
	if begun {
		return nil
	}
	end, err := f.log.End(ctx)
	if err != nil {
		return err
	}
	earliest := end
	for _, fd := range f.feeds {
		if err := f.stand(ctx, fd, end); err != nil {
			return fmt.Errorf("view %s: %w", fd.view.Name(), err)
		}
		if fd.mark.Position.Before(earliest) {
			earliest = fd.mark.Position
		}
	}
	if err := f.learnSkips(ctx); err != nil {
		return err
	}
	f.announce(func() { f.begun, f.seen, f.common = true, earliest, earliest })
	return nil
}

// stand finds out where the view stands.
func (f *Follower) stand(ctx context.Context, fd *feed, end eventlog.Position) error {
	mark, err := fd.view.Mark(ctx)
	if err != nil {
		return err
	}
	if err := f.standsOn(ctx, mark, end); err != nil {
		return err
	}
	built, is := fd.view.(Built)
	f.mu.Lock()
	fd.mark, fd.seen, fd.began = mark, f.now(), time.Now()
	fd.building, fd.target = is && built.Building(), end
	f.mu.Unlock()
	f.metrics.start(fd.view.Name())
	f.tellBuilding(fd)
	return nil
}

// standsOn checks that the record at the mark is the one the view saw.
func (f *Follower) standsOn(ctx context.Context, m Mark, end eventlog.Position) error {
	if m.Position.IsStart() {
		return nil
	}
	if end.Before(m.Position) {
		return fmt.Errorf("%w: it has come to position %s, the log ends at %s", ErrOtherLog, m.Position, end)
	}
	for r, err := range f.log.Follow(ctx, m.Before) {
		switch {
		case err != nil:
			return err
		case r.Position != m.Position || r.Head.Hash != m.Hash:
			return fmt.Errorf("%w: another record stands at position %s", ErrOtherLog, m.Position)
		}
		return nil
	}
	return ctx.Err()
}

// Run follows until ctx is done (then it returns nil) or the log cannot be read
// on: a damaged record, a log that is gone. What came before is in view then. A
// view that cannot take a record in is paused there, with the record named in
// its Status; the others go on. Errors: Begin's; the log's. Run is for once.
func (f *Follower) Run(ctx context.Context) (err error) {
	if err = f.Begin(ctx); err == nil {
		err = f.run(ctx)
	}
	if ctx.Err() != nil {
		err = nil // whatever broke off then broke off for that
	}
	f.stop(err)
	return err
}

func (f *Follower) run(ctx context.Context) error {
	running, cancel := context.WithCancel(ctx)
	f.announce(func() { f.running = running })
	for _, fd := range f.feeds {
		f.completeWhenThere(ctx, fd) // of an empty log
	}
	err := f.follow(ctx)
	f.pass.Lock()
	f.stop(err) // nobody begins to be fed apart from now on
	f.pass.Unlock()
	cancel()
	f.aparts.Wait()
	return err
}

// follow is the common pass: it reads from where the slowest view stands and
// shares what it reads.
func (f *Follower) follow(ctx context.Context) error {
	before := f.common
	records, ended := f.read(ctx, before)
	for got := gather(ctx, records); len(got) > 0; got = gather(ctx, records) {
		f.share(ctx, before, got)
		f.heed(got)
		before = got[len(got)-1].Position
	}
	err := <-ended // the reader has ended, or ends now that ctx is done
	if err != nil && ctx.Err() == nil {
		f.pauseAll(err)
	}
	return err
}

// readLog decodes ahead of the views.
func (f *Follower) readLog(ctx context.Context, after eventlog.Position, out chan<- Record) error {
	for r, err := range f.log.Follow(ctx, after) {
		if err != nil {
			return err
		}
		select {
		case out <- f.forms.Decode(r):
		case <-ctx.Done():
			return nil
		}
	}
	if ctx.Err() == nil {
		return errEnded
	}
	return nil
}

// gather waits for one record and takes along what is there already.
func gather(ctx context.Context, records <-chan Record) []Record {
	if ctx.Err() != nil {
		return nil
	}
	var got []Record
	select {
	case r, ok := <-records:
		if !ok {
			return nil
		}
		got = append(got, r)
	case <-ctx.Done():
		return nil
	}
	for len(got) < batch {
		select {
		case r, ok := <-records:
			if !ok {
				return got
			}
			got = append(got, r)
		default:
			return got
		}
	}
	return got
}

// share gives the batch to all views at once that are in the common pass, and
// waits for them.
func (f *Follower) share(ctx context.Context, before eventlog.Position, got []Record) {
	f.pass.Lock()
	defer f.pass.Unlock()
	var all sync.WaitGroup
	for _, fd := range f.feeds {
		if !fd.apart {
			all.Go(func() { f.bring(ctx, fd, before, got) })
		}
	}
	all.Wait()
	if ctx.Err() != nil {
		return // a view may have been broken off: it stands behind what was shared
	}
	f.announce(func() { f.common = got[len(got)-1].Position })
}

// slowest is how far all views have come that do not stand still. It never goes
// back. The lock is held.
func (f *Follower) slowest() eventlog.Position {
	slowest, any := f.common, false
	for _, fd := range f.feeds {
		if p := fd.mark.Position; fd.paused == nil && (!any || p.Before(slowest)) {
			slowest, any = p, true
		}
	}
	if slowest.Before(f.seen) {
		return f.seen
	}
	return slowest
}

// pauseAll is for a log that cannot be read on: what came before is in view.
func (f *Follower) pauseAll(err error) {
	f.pass.Lock()
	defer f.pass.Unlock()
	for _, fd := range f.feeds {
		if fd.paused == nil && !fd.apart { // those apart find out by themselves
			f.pause(fd, &Fault{View: fd.view.Name(), Position: fd.mark.Position, Err: err})
		}
	}
}

func (f *Follower) announce(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	f.seen = f.slowest()
	close(f.moved)
	f.moved = make(chan struct{})
}

func (f *Follower) stop(err error) {
	f.announce(func() {
		f.stopped = ErrStopped
		if err != nil {
			f.stopped = errors.Join(ErrStopped, err)
		}
	})
}
