package follow

import (
	"context"
	"errors"
	"time"

	"doorstep/domain/eventlog"
)

// feed is one view and how it stands. Whoever feeds it writes its fields under
// the follower's lock.
type feed struct {
	view   View
	mark   Mark
	paused *Fault // why the view takes nothing more in; nil while it does
	seen   time.Time
	apart  bool // it is fed by itself and not in the common pass

	building bool              // it is not complete; pages do not show it
	target   eventlog.Position // from where on it is
	began    time.Time         // the building, or the bringing up to date
	records  int64             // taken in since then
	aside    *feed             // the copy that is built beside it
	failed   error             // why the last one was not adopted
	copy     bool              // it is such a copy itself
}

// concerned tells whether the view must be able to read the record's events.
func (f *Follower) concerned(fd *feed, r Record) bool {
	reader, is := fd.view.(Reader)
	return !is || reader.Concerns(r.Stream, f.forms.Knows(r.Stream))
}

// bring lets one view take in what it has not seen yet, up to the record that
// stops it: one whose events nobody can read, or one that the view cannot take
// in. A batch that fails is given again record by record, so that the view
// comes as far as it can and the record has a name.
func (f *Follower) bring(ctx context.Context, fd *feed, before eventlog.Position, got []Record) {
	if fd.paused != nil {
		return
	}
	for len(got) > 0 && !fd.mark.Position.Before(got[0].Position) {
		before, got = got[0].Position, got[1:]
	}
	readable := len(got)
	for i, r := range got {
		if r.Unread != nil && f.concerned(fd, r) && !f.skips(fd, r) {
			readable = i
			break
		}
	}
	fault := f.bringReadable(ctx, fd, before, got[:readable])
	if fault == nil && readable < len(got) {
		fault = faultAt(fd.view.Name(), got[readable], got[readable].Unread.Err)
	}
	if ctx.Err() != nil {
		return // whatever broke off then broke off for that
	}
	if fault != nil {
		f.pause(fd, fault)
	}
	f.completeWhenThere(ctx, fd)
}

func (f *Follower) bringReadable(ctx context.Context, fd *feed, before eventlog.Position, got []Record) *Fault {
	if len(got) == 0 {
		return nil
	}
	err := f.give(ctx, fd, before, got)
	if err == nil || len(got) == 1 || errors.Is(err, ErrMoved) {
		return faultOf(fd, got[0], err)
	}
	for i := range got {
		if err := f.give(ctx, fd, before, got[i:i+1]); err != nil {
			return faultOf(fd, got[i], err)
		}
		before = got[i].Position
	}
	return nil
}

func faultOf(fd *feed, r Record, err error) *Fault {
	if err == nil {
		return nil
	}
	return faultAt(fd.view.Name(), r, err)
}

// give moves one view on by the records, without those that it leaves out.
func (f *Follower) give(ctx context.Context, fd *feed, before eventlog.Position, got []Record) error {
	last := got[len(got)-1]
	to := Mark{Before: before, Position: last.Position, Hash: last.Head.Hash}
	if len(got) > 1 {
		to.Before = got[len(got)-2].Position
	}
	started := time.Now()
	if err := take(ctx, fd.view, fd.mark, to, f.without(fd, got)); err != nil {
		return err
	}
	f.mu.Lock()
	fd.mark, fd.seen, fd.records = to, f.now(), fd.records+int64(len(got))
	f.mu.Unlock()
	if !fd.copy {
		f.metrics.took(fd.view.Name(), len(got), time.Since(started), f.now().Sub(last.RecordedAt))
	}
	f.tellBuilding(fd)
	return nil
}

// take turns a view's panic into its error: one bad record must not stop the
// others.
func take(ctx context.Context, v View, from, to Mark, got []Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	return v.Take(ctx, from, to, got)
}

// pause lets the view stand where it is and tells the operator.
func (f *Follower) pause(fd *feed, fault *Fault) {
	f.mu.Lock()
	fd.paused = fault
	f.mu.Unlock()
	if fd.copy {
		return // whoever asked for it is told
	}
	f.metrics.pause(fault)
	f.logger.Error("a view stands still", "view", fault.View, "position", fault.Position.String(), "kind", fault.Kind, "version", fault.Version, "reason", fault.Err.Error())
}
