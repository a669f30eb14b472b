// Package follow reads the log once, in its order, for all views: it decodes
// each record, hands it to every view, tells how far each has come, and lets a
// page wait until its own deed is in view.
package follow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
)

// View is something that follows the log. A view is fed by one goroutine.
type View interface {
	// Name is how the view is called in metrics and messages; it never changes.
	Name() string

	// Mark is how far the view has come.
	Mark(ctx context.Context) (Mark, error)

	// Take takes the batch in and moves the view from one mark to the next,
	// both or neither. The error is ErrMoved when the view does not stand at from.
	Take(ctx context.Context, from, to Mark, batch []Record) error
}

// Mark is a place in the log and what stood there, so that a view is never
// carried on over another log. The zero Mark is before the first record.
type Mark struct {
	Before   eventlog.Position // the position just before it: from there the record can be read again
	Position eventlog.Position
	Hash     eventlog.Hash // of the record at Position
}

// Record is a record of the log with its events in today's form.
type Record struct {
	eventlog.Record
	Events []codec.Event
}

// What can be wrong with a view.
var (
	ErrMoved    = errors.New("another hand has moved the view on")
	ErrOtherLog = errors.New("the view was made from another log, or from more of this one than there is now")
	ErrStopped  = errors.New("the follower has stopped")
)

// errEnded: following has no end of its own.
var errEnded = errors.New("the log broke off without a reason")

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

	mu      sync.Mutex    // of what follows and of the feeds; only the goroutines of Run write
	moved   chan struct{} // closed and made anew whenever anything changes
	read    eventlog.Position
	stopped error
}

// feed is one view and how it stands.
type feed struct {
	view   View
	mark   Mark
	paused error // why the view takes nothing more in; nil while it does
	seen   time.Time
}

// New makes a follower of the log for the views; now is the clock by which
// their lag is told.
func New(log eventlog.Log, forms *Forms, now func() time.Time, views ...View) *Follower {
	f := &Follower{log: log, forms: forms, now: now, moved: make(chan struct{}), metrics: newMetrics()}
	for _, v := range views {
		f.feeds = append(f.feeds, &feed{view: v})
	}
	return f
}

// Run follows until ctx is done (then it returns nil) or the log cannot be read
// on: an event of a form that this version does not know, a damaged record, a
// log that is gone. What came before is in view then. A view that cannot take a
// record in is paused there, with the record named in its Status; the others go
// on. Errors: ErrOtherLog and the views' own before anything was taken in;
// codec.ErrUnknownForm; the log's. Run is for once.
func (f *Follower) Run(ctx context.Context) (err error) {
	defer func() { f.stop(err) }()
	start, err := f.marks(ctx)
	if err == nil {
		err = f.follow(ctx, start)
	}
	if ctx.Err() != nil {
		return nil // whatever broke off then broke off for that
	}
	return err
}

// follow reads from the position on and shares what it reads.
func (f *Follower) follow(ctx context.Context, start eventlog.Position) error {
	records := make(chan Record, 2*batch)
	ended := make(chan error, 1)
	go func() {
		err := f.readLog(ctx, start, records)
		close(records)
		ended <- err
	}()
	before := start
	for got := gather(ctx, records); len(got) > 0; got = gather(ctx, records) {
		f.share(ctx, before, got)
		before = got[len(got)-1].Position
	}
	err := <-ended // the reader has ended, or ends now that ctx is done
	if err != nil && ctx.Err() == nil {
		f.pauseAll(err)
	}
	return err
}

// marks asks every view where it stands, checks that it stands on this log, and
// returns the earliest position.
func (f *Follower) marks(ctx context.Context) (eventlog.Position, error) {
	var earliest eventlog.Position
	for i, fd := range f.feeds {
		mark, err := fd.view.Mark(ctx)
		if err != nil {
			return earliest, fmt.Errorf("view %s: %w", fd.view.Name(), err)
		}
		if err := f.standsOn(ctx, mark); err != nil {
			return earliest, fmt.Errorf("view %s: %w", fd.view.Name(), err)
		}
		f.mu.Lock()
		fd.mark, fd.seen = mark, f.now()
		f.mu.Unlock()
		f.metrics.start(fd.view.Name())
		if i == 0 || mark.Position.Before(earliest) {
			earliest = mark.Position
		}
	}
	f.announce(func() { f.read = earliest })
	return earliest, nil
}

// standsOn checks that the record at the mark is the one the view saw.
func (f *Follower) standsOn(ctx context.Context, m Mark) error {
	if m.Position.IsStart() {
		return nil
	}
	end, err := f.log.End(ctx)
	if err != nil {
		return err
	}
	if end.Before(m.Position) {
		return ErrOtherLog
	}
	for r, err := range f.log.Follow(ctx, m.Before) {
		switch {
		case err != nil:
			return err
		case r.Position != m.Position || r.Head.Hash != m.Hash:
			return ErrOtherLog
		}
		return nil
	}
	return ctx.Err()
}

// readLog decodes ahead of the views.
func (f *Follower) readLog(ctx context.Context, after eventlog.Position, out chan<- Record) error {
	for r, err := range f.log.Follow(ctx, after) {
		if err != nil {
			return err
		}
		record, err := f.forms.Decode(r)
		if err != nil {
			return err
		}
		select {
		case out <- record:
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

// share gives the batch to all views at once and waits for them.
func (f *Follower) share(ctx context.Context, before eventlog.Position, got []Record) {
	var all sync.WaitGroup
	for _, fd := range f.feeds {
		all.Go(func() { f.bring(ctx, fd, before, got) })
	}
	all.Wait()
	f.announce(func() { f.read = f.slowest() })
}

// slowest is how far all views have come that are not paused. The lock is held.
func (f *Follower) slowest() eventlog.Position {
	slowest, any := f.read, false
	for _, fd := range f.feeds {
		if p := fd.mark.Position; fd.paused == nil && (!any || p.Before(slowest)) {
			slowest, any = p, true
		}
	}
	return slowest
}

// bring lets one view take in what it has not seen yet. A batch that it cannot
// take in is given again record by record, so that it comes as far as it can
// and the record that stops it has a name.
func (f *Follower) bring(ctx context.Context, fd *feed, before eventlog.Position, got []Record) {
	if fd.paused != nil {
		return
	}
	for len(got) > 0 && !fd.mark.Position.Before(got[0].Position) {
		before, got = got[0].Position, got[1:]
	}
	if len(got) == 0 {
		return
	}
	err := f.give(ctx, fd, before, got)
	if err != nil && len(got) > 1 && !errors.Is(err, ErrMoved) {
		for i := range got {
			if err = f.give(ctx, fd, before, got[i:i+1]); err != nil {
				got = got[i:]
				break
			}
			before = got[i].Position
		}
	}
	if err != nil && ctx.Err() == nil {
		f.mu.Lock()
		fd.paused = fmt.Errorf("view %s at position %s: %w", fd.view.Name(), got[0].Position, err)
		f.mu.Unlock()
		f.metrics.pause(fd.view.Name())
	}
}

// give moves one view on by the records.
func (f *Follower) give(ctx context.Context, fd *feed, before eventlog.Position, got []Record) error {
	last := got[len(got)-1]
	to := Mark{Before: before, Position: last.Position, Hash: last.Head.Hash}
	if len(got) > 1 {
		to.Before = got[len(got)-2].Position
	}
	started := time.Now()
	if err := take(ctx, fd.view, fd.mark, to, got); err != nil {
		return err
	}
	f.mu.Lock()
	fd.mark, fd.seen = to, f.now()
	f.mu.Unlock()
	f.metrics.took(fd.view.Name(), len(got), time.Since(started), f.now().Sub(last.RecordedAt))
	return nil
}

// take turns a view's panic into its error: one bad record must not stop the
// others.
func take(ctx context.Context, v View, from, to Mark, got []Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return v.Take(ctx, from, to, got)
}

// pauseAll is for a record that nobody can read: what came before it is in view.
func (f *Follower) pauseAll(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fd := range f.feeds {
		if fd.paused == nil {
			fd.paused = err
			f.metrics.pause(fd.view.Name())
		}
	}
}

func (f *Follower) announce(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
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
