package follow

import (
	"context"
	"time"

	"doorstep/domain/eventlog"
)

// Resume lets a view that stands still try its record again, and go on from
// there: by itself, until it has come up to the others. It returns at once; the
// view's Status tells what came of it. Errors: ErrNoView, ErrFollows, ErrBusy,
// ErrStopped.
func (f *Follower) Resume(view string) error {
	f.pass.Lock()
	defer f.pass.Unlock()
	fd, err := f.idle(view)
	if err != nil {
		return err
	}
	if fd.paused == nil {
		return ErrFollows
	}
	f.announce(func() { fd.paused, fd.apart, fd.began, fd.records = nil, true, time.Now(), 0 })
	f.metrics.resume(view)
	f.aparts.Go(func() {
		err := f.catchUp(f.running, fd, func() error {
			f.announce(func() { fd.apart = false })
			return nil
		})
		if err != nil && f.running.Err() == nil {
			f.pass.Lock()
			defer f.pass.Unlock()
			if fd.paused == nil { // it was the log that could not be read
				f.pause(fd, &Fault{View: view, Position: fd.mark.Position, Err: err})
			}
			f.announce(func() { fd.apart = false })
		}
	})
	return nil
}

// idle finds a view that nobody brings up to date or builds anew. The pass is
// held.
func (f *Follower) idle(view string) (*feed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fd := f.feedOf(view)
	switch {
	case fd == nil:
		return nil, ErrNoView
	case f.stopped != nil || f.running == nil:
		return nil, ErrStopped
	case fd.apart || fd.aside != nil:
		return nil, ErrBusy
	}
	return fd, nil
}

// catchUp reads the log for one view alone until it stands where the common
// pass does. Then it calls join, with the common pass held, so that the two
// stand at one place. The error is the log's or the view's Fault.
func (f *Follower) catchUp(ctx context.Context, fd *feed, join func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	records, ended := f.read(ctx, fd.mark.Position)
	defer func() {
		cancel()
		for range records {
		}
		<-ended
	}()
	held := false
	defer func() {
		if held {
			f.pass.Unlock()
		}
	}()
	for before := fd.mark.Position; ; {
		if fd.paused != nil {
			return fd.paused
		}
		if level := f.level(fd); level && held {
			return join()
		} else if level {
			if err := f.complete(ctx, fd); err != nil { // the long part, while the others go on
				return err
			}
			f.pass.Lock()
			held = true
			continue // they may have gone on
		}
		got := gather(ctx, records)
		if len(got) == 0 {
			return f.whyEnded(ctx)
		}
		f.bring(ctx, fd, before, got)
		if before = got[len(got)-1].Position; fd.mark.Position.Before(before) && fd.paused == nil {
			return f.whyEnded(ctx) // it was broken off
		}
		f.announce(func() {})
	}
}

// whyEnded is the reason for which nothing more is to be had.
func (f *Follower) whyEnded(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errEnded
}

// level tells whether the view stands where the common pass does, and no
// earlier than the one whose place it is to take.
func (f *Follower) level(fd *feed) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	least := f.common
	for _, other := range f.feeds {
		if other.aside == fd && least.Before(other.mark.Position) {
			least = other.mark.Position
		}
	}
	return !fd.mark.Position.Before(least)
}

// read decodes the log from behind the position, ahead of whoever takes from
// the channel, which is closed at the end; the reason comes last.
func (f *Follower) read(ctx context.Context, after eventlog.Position) (<-chan Record, <-chan error) {
	records, ended := make(chan Record, 2*batch), make(chan error, 1)
	go func() {
		err := f.readLog(ctx, after, records)
		close(records)
		ended <- err
	}()
	return records, ended
}
