package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/follow"
	"doorstep/projections/ledger"
	"doorstep/projections/viewfile"
)

// numberingFile says whose positions the marks of the views are.
func numberingFile(data string) string { return filepath.Join(data, "views", "numbering") }

// renumber brings what is remembered by position over to a log that numbers its
// records otherwise, as after a move. The signed checkpoint is found again by
// how many commits it speaks of, and proven by its root; views are kept where
// the numbers are the same all the same, and made anew where not. Errors:
// ErrRolledBack, ErrDiffers.
func (court *Court) renumber(ctx context.Context, anchor ledger.Anchor, anchored bool, c Config) (ledger.Anchor, error) {
	now, before := court.numbering, anchor
	moved := anchored && anchor.Numbering != now
	if moved {
		var err error
		if anchor, err = court.refind(ctx, anchor, now); err != nil {
			return anchor, err
		}
	}
	stays := moved && before.Mark() == anchor.Mark()
	if err := court.renumberViews(c, now, before.Numbering, stays); err != nil {
		return anchor, err
	}
	if moved {
		return anchor, anchor.Keep(court.keys.anchorFile())
	}
	return anchor, nil
}

// renumberViews removes views whose marks are in other numbers, unless the
// anchor, which had the same numbers as they, showed that these are no others.
func (court *Court) renumberViews(c Config, now, anchors string, stays bool) error {
	file := numberingFile(c.Data)
	theirs, err := readIfThere(file)
	if err != nil || theirs == now {
		return err
	}
	if theirs != "" && !(stays && theirs == anchors) {
		c.logger().Warn("the log numbers its records otherwise than before: the views are made anew from the record")
		if err := os.RemoveAll(filepath.Dir(file)); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return viewfile.Replace(file, []byte(now))
}

// refind gives the anchor with the place that its last commit has in this log.
func (court *Court) refind(ctx context.Context, anchor ledger.Anchor, now string) (ledger.Anchor, error) {
	signed, err := court.keys.open(anchor)
	if err != nil {
		return anchor, err
	}
	mark, err := markAt(ctx, court.Log, signed)
	if err != nil {
		return anchor, err
	}
	anchor.Numbering = now
	anchor.Before, anchor.Position, anchor.Hash = mark.Before.Token(), mark.Position.Token(), mark.Hash
	return anchor, nil
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

// markAt walks to the last commit that the checkpoint speaks of, and checks that
// all up to it are those that were signed. Errors: ErrRolledBack, ErrDiffers.
func markAt(ctx context.Context, log eventlog.Log, signed tlog.Checkpoint) (follow.Mark, error) {
	var m follow.Mark
	var tree tlog.Tree
	err := walk(ctx, log, func(r eventlog.Record) error {
		if tree.Size() == signed.Size {
			return errEnough
		}
		tree.Add(tlog.Leaf(r.Sealed))
		m = follow.Mark{Before: m.Position, Position: r.Position, Hash: r.Head.Hash}
		return nil
	})
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return m, err
	case tree.Size() < signed.Size:
		return m, fmt.Errorf("%w: it has %d commits, %d were signed", ErrRolledBack, tree.Size(), signed.Size)
	case tree.Root() != signed.Root:
		return m, fmt.Errorf("%w: its first %d commits have another root hash", ErrDiffers, signed.Size)
	}
	return m, nil
}

// walk gives see every record up to the end that the log has now. An error of
// see ends it.
func walk(ctx context.Context, log eventlog.Log, see func(eventlog.Record) error) error {
	end, err := log.End(ctx)
	if err != nil || end.IsStart() {
		return err
	}
	for r, err := range log.Follow(ctx, eventlog.Position{}) {
		if err != nil {
			return err
		}
		if err := see(r); err != nil {
			return err
		}
		if !r.Position.Before(end) {
			return nil
		}
	}
	return ctx.Err()
}
