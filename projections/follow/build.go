package follow

import (
	"context"
	"fmt"
	"time"

	"doorstep/domain/eventlog"
)

// Progress is how far a view has come that is being built.
type Progress struct {
	Records int64         // taken in so far
	Done    float64       // of the way to the end of the log as it is now, 0 to 1
	Rate    float64       // records a second
	Left    time.Duration // at that rate; 0 where it cannot be told yet
}

// Rebuild builds a view anew from the log beside the one in use and puts it in
// its place when it has come as far, while pages and commands go on with the old
// one. It returns at once; the channel gives what came of it, and Status the
// progress. Nothing of a copy that was not adopted is left. Errors: ErrNoView,
// ErrBusy, ErrStopped, ErrCannot; later the view's Fault, or the log's.
func (f *Follower) Rebuild(view string) (<-chan error, error) {
	f.pass.Lock()
	defer f.pass.Unlock()
	fd, err := f.idle(view)
	if err != nil {
		return nil, err
	}
	of, can := fd.view.(Rebuildable)
	if !can || fd.building {
		return nil, ErrCannot
	}
	copied, err := of.Aside()
	if err != nil {
		return nil, err
	}
	aside := &feed{view: copied, copy: true, building: true, began: time.Now()}
	f.announce(func() { fd.aside, fd.failed = aside, nil })
	done := make(chan error, 1)
	f.aparts.Go(func() {
		err := f.catchUp(f.running, aside, func() error { return f.adopt(fd, of, copied) })
		if err != nil {
			err = fmt.Errorf("view %s was not built anew: %w", view, err)
			_ = copied.Close()
		}
		f.announce(func() { fd.aside, fd.failed = nil, err })
		f.metrics.built(view, 1)
		done <- err
	})
	return done, nil
}

// adopt puts the copy in the place of what is in use. The pass is held.
func (f *Follower) adopt(fd *feed, of Rebuildable, copied View) error {
	if err := of.Adopt(copied); err != nil {
		return err
	}
	f.announce(func() { fd.mark, fd.seen, fd.paused = fd.aside.mark, f.now(), nil })
	f.metrics.resume(fd.view.Name())
	return nil
}

// completeWhenThere puts a view in use that was built in the common pass, when
// it has come to where the log ended at the start, or can come no further: what
// it holds then is right as far as it goes.
func (f *Follower) completeWhenThere(ctx context.Context, fd *feed) {
	if !fd.building || fd.copy || fd.paused == nil && fd.mark.Position.Before(fd.target) {
		return
	}
	if err := f.complete(ctx, fd); err != nil && ctx.Err() == nil {
		f.pause(fd, &Fault{View: fd.view.Name(), Position: fd.mark.Position, Err: err})
	}
}

func (f *Follower) complete(ctx context.Context, fd *feed) error {
	built, is := fd.view.(Built)
	if !is || !fd.building {
		return nil
	}
	if err := built.Complete(ctx); err != nil {
		return err
	}
	f.announce(func() { fd.building = false })
	f.tellBuilding(fd)
	return nil
}

// tellBuilding shows the progress of one view to whoever watches.
func (f *Follower) tellBuilding(fd *feed) {
	f.mu.Lock()
	p, done := f.progress(fd), 1.0
	if p != nil {
		done = p.Done
	}
	f.mu.Unlock()
	f.metrics.built(fd.view.Name(), done)
}

// progress of a view that is being built or brought up to date; nil for others.
// The lock is held.
func (f *Follower) progress(fd *feed) *Progress {
	if fd.aside != nil {
		fd = fd.aside
	} else if !fd.building && !fd.apart {
		return nil
	}
	to := f.common
	if fd.building && !fd.copy {
		to = fd.target
	}
	return progressOf(fd.mark.Position, to, fd.records, time.Since(fd.began))
}

// progressOf tells the progress from what was done in that time. Places in a
// log are no numbers of records, but they grow with them.
func progressOf(at, to eventlog.Position, records int64, took time.Duration) *Progress {
	p := &Progress{Records: records, Done: 1}
	if at.Before(to) {
		p.Done = float64(at.Token()) / float64(to.Token())
	}
	if took > 0 {
		p.Rate = float64(records) / took.Seconds()
	}
	if p.Done > 0 && p.Done < 1 {
		p.Left = time.Duration(float64(took) * (1 - p.Done) / p.Done)
	}
	return p
}

// Building tells how far the views have come that are not in use yet, the
// slowest of them; false when all are.
func (f *Follower) Building() (Progress, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var slowest *Progress
	for _, fd := range f.feeds {
		if !fd.building {
			continue
		}
		if p := f.progress(fd); slowest == nil || p.Done < slowest.Done {
			slowest = p
		}
	}
	if slowest == nil {
		return Progress{}, false
	}
	return *slowest, true
}
