package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"doorstep/api/local"
	"doorstep/domain/eventlog"
	"doorstep/projections/follow"
)

// Verification is what a check of the whole record found. Nothing wrong is
// left out of Faults.
type Verification struct {
	Log     string   `json:"log"` // id of the record
	Commits int64    `json:"commits"`
	Events  int64    `json:"events"`
	Streams int64    `json:"streams"`
	Views   []string `json:"views"`  // compared with a fold from scratch
	Faults  []string `json:"faults"` // empty: all is well
}

// Verify checks the chain of every stream and that nothing is missing between,
// then folds every view anew from the first record and compares it with the
// one in use. Errors are of the check itself; what it finds is in Faults.
func (court *Court) Verify(ctx context.Context) (Verification, error) {
	if court.Remote != nil {
		return local.Ask[struct{}, Verification](ctx, court.Remote, askVerify, struct{}{})
	}
	v := Verification{Log: court.Genesis.ID, Views: []string{}, Faults: []string{}}
	report, err := eventlog.Verify(ctx, court.Log)
	v.Commits, v.Events, v.Streams = report.Commits, report.Events, report.Streams
	if errors.Is(err, eventlog.ErrCorrupt) {
		v.Faults = append(v.Faults, err.Error())
		return v, nil // views of a damaged log prove nothing
	}
	if err != nil {
		return v, err
	}
	return v, court.compareViews(ctx, &v)
}

// digester is a view that can say what it holds.
type digester interface {
	follow.View
	Digest(ctx context.Context) (string, error)
}

func (v Views) list() []digester { return []digester{v.Directory, v.Docket, v.Statistics} }

// compareViews folds the views from scratch beside those in use. While people
// work on, both move; they are compared where they stand at the same record.
func (court *Court) compareViews(ctx context.Context, v *Verification) error {
	scratch, err := os.MkdirTemp(filepath.Join(court.Data, "views"), "verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fresh, err := openViews(scratch, court.Log, court.Now)
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- fresh.Follower.Run(run) }()
	err = errors.Join(court.Follower.CatchUp(ctx), fresh.Follower.CatchUp(ctx))
	if err == nil {
		err = compare(ctx, court.Views.list(), fresh.list(), v)
	}
	stop()
	return errors.Join(err, <-done, fresh.close())
}

// rounds bounds how often two moving views are looked at until both stand at
// the same record.
const rounds = 1000

func compare(ctx context.Context, inUse, fresh []digester, v *Verification) error {
	for i, view := range inUse {
		same, err := sameContent(ctx, view, fresh[i])
		if err != nil {
			return fmt.Errorf("view %s: %w", view.Name(), err)
		}
		v.Views = append(v.Views, view.Name())
		if !same {
			v.Faults = append(v.Faults, fmt.Sprintf("view %s differs from a fold from scratch", view.Name()))
		}
	}
	return nil
}

// sameContent compares two views; a difference counts only when both stood at
// one mark before and after.
func sameContent(ctx context.Context, a, b digester) (bool, error) {
	for range rounds {
		markA, errA := a.Mark(ctx)
		markB, errB := b.Mark(ctx)
		if err := errors.Join(errA, errB); err != nil {
			return false, err
		}
		digestA, errA := a.Digest(ctx)
		digestB, errB := b.Digest(ctx)
		if err := errors.Join(errA, errB); err != nil {
			return false, err
		}
		afterA, errA := a.Mark(ctx)
		afterB, errB := b.Mark(ctx)
		if err := errors.Join(errA, errB); err != nil {
			return false, err
		}
		if markA == markB && markA == afterA && markB == afterB {
			return digestA == digestB, nil
		}
	}
	return false, errors.New("people work faster than views can be compared; try again at a quieter time")
}
