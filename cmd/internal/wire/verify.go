package wire

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"doorstep/api/local"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/follow"
	"doorstep/projections/ledger"
)

// Verification is what a check of the whole record found. Nothing wrong is
// left out of Faults.
type Verification struct {
	Log     string   `json:"log"` // id of the record
	Commits int64    `json:"commits"`
	Events  int64    `json:"events"`
	Streams int64    `json:"streams"`
	Root    string   `json:"root"`   // of the Merkle tree over all commits, base64
	Since   int64    `json:"since"`  // commits in the checkpoint that was asked for; 0: none
	Signed  int64    `json:"signed"` // commits in the newest checkpoint that was signed
	Views   []string `json:"views"`  // compared with a fold from scratch
	Torn    []string `json:"torn"`   // ends that were never acknowledged, put aside at a start after a crash
	Faults  []string `json:"faults"` // empty: all is well
}

// Since is an earlier checkpoint; the zero Since is none.
type Since struct {
	Note []byte
}

// Verify checks the chain of every stream and that nothing is missing between;
// computes the Merkle tree anew from the record and compares it with the
// ledger's, with the newest signed checkpoint and with the earlier one that the
// caller holds; then folds every view anew from the first record and compares
// it with the one in use. Errors are of the check itself; what it finds is in
// Faults.
func (court *Court) Verify(ctx context.Context, since Since) (Verification, error) {
	if court.Remote != nil {
		return local.Ask[Since, Verification](ctx, court.Remote, askVerify, since)
	}
	v := Verification{Log: court.Genesis.ID, Views: []string{}, Torn: []string{}, Faults: []string{}}
	if err := court.tellTorn(&v); err != nil {
		return v, err
	}
	claims, err := court.claims(court.Ledger.Stand(), since, &v)
	if err != nil {
		return v, err
	}
	report, root, err := verifyTree(ctx, court.Log, claims)
	v.Commits, v.Events, v.Streams, v.Root = report.Commits, report.Events, report.Streams, tlog.RootText(root)
	if errors.Is(err, eventlog.ErrCorrupt) {
		v.Faults = append(v.Faults, err.Error())
		return v, nil // views of a damaged log prove nothing
	}
	if err != nil {
		return v, err
	}
	for _, c := range claims {
		v.Faults = append(v.Faults, c.faults()...)
	}
	if err := court.compareViews(ctx, &v); err != nil || len(v.Faults) > 0 {
		return v, err
	}
	return v, court.scrub.verified()
}

// tellTorn lists what was put aside; a log in a server has nothing of the kind.
func (court *Court) tellTorn(v *Verification) error {
	embedded, is := court.engine.(interface {
		Torn() ([]jetstream.Torn, error)
	})
	if !is {
		return nil
	}
	list, err := embedded.Torn()
	for _, t := range list {
		v.Torn = append(v.Torn, fmt.Sprintf("%s: %d bytes behind position %d", t.When.Format(time.RFC3339), t.Bytes, t.After))
	}
	return err
}

// claim is something that says which root the record had at some size.
type claim struct {
	by    string
	says  tlog.Checkpoint
	found *eventlog.Hash // nil: the record has not so many commits
}

// claims are all that is known of the record's roots. A claim that is not
// signed as it should be is a fault already.
func (court *Court) claims(stand ledger.Stand, since Since, v *Verification) ([]*claim, error) {
	list := []*claim{{by: "the ledger", says: tlog.Checkpoint{Size: stand.Size, Root: stand.Root}}}
	anchor, anchored, err := court.keys.anchor()
	if err != nil {
		return nil, err
	}
	signed, err := court.keys.open(anchor)
	switch {
	case err != nil:
		v.Faults = append(v.Faults, err.Error())
	case anchored:
		v.Signed = signed.Size
		list = append(list, &claim{by: "the newest signed checkpoint", says: signed})
	}
	if len(since.Note) > 0 {
		earlier, err := court.OpenCheckpoint(since.Note)
		if err != nil {
			v.Faults = append(v.Faults, fmt.Sprintf("the checkpoint given: %v", err))
			return list, nil
		}
		v.Since = earlier.Size
		list = append(list, &claim{by: "the checkpoint given", says: earlier})
	}
	return list, nil
}

func (c *claim) faults() []string {
	switch {
	case c.found == nil:
		return []string{fmt.Sprintf("%s speaks of %d commits, which the record does not have", c.by, c.says.Size)}
	case *c.found != c.says.Root:
		return []string{fmt.Sprintf("%s and the record differ within the first %d commits: something recorded then was changed", c.by, c.says.Size)}
	}
	return nil
}

// verifyTree walks the log once for both: the chain of every stream, and the
// tree over all.
func verifyTree(ctx context.Context, log eventlog.Log, claims []*claim) (eventlog.Report, eventlog.Hash, error) {
	watched := &watchedLog{Log: log, see: func(size int64, tree *tlog.Tree) {
		for _, c := range claims {
			if c.says.Size == size {
				root := tree.Root()
				c.found = &root
			}
		}
	}}
	watched.see(0, &watched.tree)
	report, err := eventlog.Verify(ctx, watched)
	return report, watched.tree.Root(), err
}

// watchedLog makes the tree of what is followed in it.
type watchedLog struct {
	eventlog.Log
	tree tlog.Tree
	see  func(size int64, tree *tlog.Tree)
}

func (l *watchedLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for r, err := range l.Log.Follow(ctx, after) {
			if err == nil {
				l.tree.Add(tlog.Leaf(r.Sealed))
				l.see(l.tree.Size(), &l.tree)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// digester is a view that can say what it holds.
type digester interface {
	follow.View
	Digest(ctx context.Context) (string, error)
}

func (v Views) list() []digester { return []digester{v.Directory, v.Docket, v.Statistics, v.Ledger} }

// compareViews folds the views from scratch beside those in use. While people
// work on, both move; they are compared where they stand at the same record.
func (court *Court) compareViews(ctx context.Context, v *Verification) error {
	scratch, err := os.MkdirTemp(filepath.Join(court.Data, "views"), "verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fresh, err := openViews(scratch, court.Log, court.Now, nil, nil)
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
