package follow

import (
	"context"
	"time"

	"doorstep/domain/eventlog"
)

// Status is how one view stands.
type Status struct {
	View     string
	Position eventlog.Position
	Since    time.Time // when it last took something in
	Paused   *Fault    // why it stands still; nil while it does not
	Building bool      // it is not in use yet
	Anew     bool      // a copy is built beside it
	Progress *Progress // of the building, or of its way back to the others; nil without
	Failed   error     // why the last copy was not put in use
	Skipped  int       // records that it leaves out
}

// Status tells of every view.
func (f *Follower) Status() []Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Status, len(f.feeds))
	for i, fd := range f.feeds {
		list[i] = Status{View: fd.view.Name(), Position: fd.mark.Position, Since: fd.seen, Paused: fd.paused,
			Building: fd.building, Anew: fd.aside != nil, Progress: f.progress(fd), Failed: fd.failed}
		for s := range f.skipped {
			if s.view == fd.view.Name() {
				list[i].Skipped++
			}
		}
	}
	return list
}

// Wait returns when every view that is not paused is in use and has taken the
// record at p in. Errors: ctx's; the reason of a paused view that has not come to p;
// ErrStopped.
func (f *Follower) Wait(ctx context.Context, p eventlog.Position) error {
	for {
		done, moved, err := f.reached(p)
		if done || err != nil {
			return err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *Follower) reached(p eventlog.Position) (bool, <-chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	done := true
	for _, fd := range f.feeds {
		if !fd.mark.Position.Before(p) && !fd.building {
			continue
		}
		if fd.paused != nil {
			return false, nil, fd.paused
		}
		done = false
	}
	if !done && f.stopped != nil {
		return false, nil, f.stopped
	}
	return done, f.moved, nil
}

// CatchUp waits until the views have taken in all that the log holds now.
func (f *Follower) CatchUp(ctx context.Context) error {
	end, err := f.log.End(ctx)
	if err != nil {
		return err
	}
	return f.Wait(ctx, end)
}

// Position is how far all views have come that are not paused, and a channel
// that is closed when anything has changed: for pages that show what is new.
func (f *Follower) Position() (eventlog.Position, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen, f.moved
}
