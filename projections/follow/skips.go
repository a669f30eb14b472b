package follow

import (
	"context"
	"fmt"

	"doorstep/domain/eventlog"
	"doorstep/domain/operations"
)

// skip is a record that a view leaves out, since an operator decided so. The
// record is known by its hash, which is the same in every copy of the log.
type skip struct {
	view   string
	record eventlog.Hash
}

// learnSkips reads all that operators have decided so far: a view that is built
// anew meets the record long before the decision. The error is
// codec.ErrUnknownForm where newer code kept a decision that this one cannot
// read: its views would not be the same.
func (f *Follower) learnSkips(ctx context.Context) error {
	for r, err := range f.log.Read(ctx, operations.Stream, eventlog.Head{}) {
		if err != nil {
			return err
		}
		for _, stored := range r.Commit.Events {
			e, err := operations.Codec.Decode(stored.Kind, stored.Version, stored.Payload)
			if err != nil {
				return fmt.Errorf("decisions of operators, position %s: %w", r.Position, err)
			}
			f.learn(e)
		}
	}
	return nil
}

// learn takes a decision down.
func (f *Follower) learn(e operations.Event) {
	if e, is := e.(operations.RecordSkipped); is {
		f.mu.Lock()
		f.skipped[skip{e.View, e.Record}] = true
		f.mu.Unlock()
	}
}

// heed takes down what operators decided in the batch, and lets views go on
// that stood at such a record.
func (f *Follower) heed(got []Record) {
	for _, r := range got {
		if r.Stream != operations.Stream {
			continue
		}
		for _, e := range r.Events {
			if e, is := e.(operations.RecordSkipped); is {
				f.learn(e)
				f.goOnAt(e.View, e.Record)
			}
		}
	}
}

// goOnAt resumes the view when it stands at that record.
func (f *Follower) goOnAt(view string, record eventlog.Hash) {
	f.mu.Lock()
	fd := f.feedOf(view)
	stands := fd != nil && fd.paused != nil && fd.paused.Record == record
	f.mu.Unlock()
	if stands {
		_ = f.Resume(view) // it may have gone on meanwhile
	}
}

// skips tells whether the view leaves the record out.
func (f *Follower) skips(fd *feed, r Record) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.skipped) > 0 && f.skipped[skip{fd.view.Name(), r.Head.Hash}]
}

// without is the batch without what the view leaves out.
func (f *Follower) without(fd *feed, got []Record) []Record {
	f.mu.Lock()
	none := len(f.skipped) == 0
	f.mu.Unlock()
	if none {
		return got
	}
	left := make([]Record, 0, len(got))
	for _, r := range got {
		if !f.skips(fd, r) {
			left = append(left, r)
		}
	}
	return left
}
