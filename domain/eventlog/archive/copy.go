package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"doorstep/domain/eventlog"
)

// copyMagic stands first in every segment of a second copy.
const copyMagic = "doorstep-copy/1\n"

const (
	// batchBytes is how many sealed bytes a batch takes before it is written.
	batchBytes = 1 << 20
	// segmentBytes is how long a segment grows before another is begun.
	segmentBytes = 64 << 20
	segments     = ".commits" // ending of a segment's name
)

// Why a second copy is not carried on. Each error says what was found.
var (
	ErrOtherLog = errors.New("the copy is another log's")
	ErrAhead    = errors.New("the copy has more than the log: the log was set back")
	ErrParted   = errors.New("the copy and the log went apart: one of them was changed")
)

// Stand is how far a second copy has come. It stands in clear behind every
// batch, so that the copy can be carried on without the key that opens it.
type Stand struct {
	Log      string        `json:"log"` // id of the genesis
	Commits  int64         `json:"commits"`
	Before   uint64        `json:"before"`   // position, in the log, of the commit before the last
	Position uint64        `json:"position"` // of the last
	Hash     eventlog.Hash `json:"hash"`     // of the last
}

// Copy (第二副本) is a second copy of a log, in a folder on another disk:
// segments of batches, each batch an archive that goes on from the one before.
// It is not for concurrent use, but for Stand.
type Copy struct {
	dir     string
	genesis eventlog.Genesis
	to      Recipients
	lock    *os.File

	stand  Stand
	file   *os.File // the newest segment; nil: the next batch begins one
	size   int64    // bytes of it that are durable
	signed string   // the checkpoint that was put in last
}

// OpenCopy takes the folder, which must be there, for the log's second copy, and
// cuts back what a crash left half written at its end. A folder without a
// segment is a copy that is about to begin. Errors: ErrTaken, ErrOtherLog,
// ErrDamaged; the disk's.
func OpenCopy(dir string, g eventlog.Genesis, to Recipients) (*Copy, error) {
	if to.word != nil {
		return nil, fmt.Errorf("%w: a second copy takes keys, not a passphrase", ErrNoRecipient)
	}
	lock, err := takeFolder(dir)
	if err != nil {
		return nil, err
	}
	c := &Copy{dir: dir, genesis: g, to: to, lock: lock, stand: Stand{Log: g.ID}}
	if err := c.findEnd(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// findEnd goes to the end of the newest segment, and cuts there.
func (c *Copy) findEnd() error {
	all, err := listSegments(c.dir)
	if err != nil {
		return err
	}
	for i := len(all) - 1; i >= 0; i-- {
		end, err := scanSegment(all[i], c.genesis.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(all[i].path), err)
		}
		if end.last.Commits == 0 { // no batch was finished in it
			if err := os.Remove(all[i].path); err != nil {
				return err
			}
			continue
		}
		c.stand = end.last
		return c.carryOn(all[i].path, end.size)
	}
	return syncFolder(c.dir)
}

// carryOn opens the segment and cuts off what stands behind its last batch.
func (c *Copy) carryOn(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	c.file, c.size = f, size
	return errors.Join(f.Truncate(size), f.Sync(), syncFolder(c.dir))
}

// Stand is how far the copy has come.
func (c *Copy) Stand() Stand { return c.stand }

// Follows checks that the log still has what the copy has, at the place where
// the copy ends. Errors: ErrAhead, ErrParted; the log's; the context's.
func (c *Copy) Follows(ctx context.Context, log eventlog.Log) error {
	if c.stand.Commits == 0 {
		return nil
	}
	end, err := log.End(ctx)
	if err != nil {
		return err
	}
	at := eventlog.PositionAt(c.stand.Position)
	if end.Before(at) {
		return fmt.Errorf("%w: it has %d commits up to position %s, the log ends at %s", ErrAhead, c.stand.Commits, at, end)
	}
	for r, err := range log.Follow(ctx, eventlog.PositionAt(c.stand.Before)) {
		switch {
		case err != nil:
			return err
		case r.Position != at || r.Head.Hash != c.stand.Hash:
			return fmt.Errorf("%w: another commit stands at position %s", ErrParted, at)
		}
		return nil
	}
	return ctx.Err()
}

// Add puts the log's next commits behind what the copy has; they are durable
// when it returns. After an error the copy stands where it stood and can be
// tried again.
func (c *Copy) Add(records []eventlog.Record, verifiers, checkpoint string) error {
	if len(records) == 0 {
		return nil
	}
	next, batch, err := c.batch(records, verifiers, checkpoint)
	if err != nil {
		return err
	}
	if err := c.sameFolder(); err != nil {
		return err
	}
	if c.file == nil || c.size >= segmentBytes {
		if err := c.begin(); err != nil {
			return err
		}
	}
	if _, err := c.file.WriteAt(batch, c.size); err != nil {
		return c.abandon(err)
	}
	if err := c.file.Sync(); err != nil {
		return c.abandon(err)
	}
	c.size += int64(len(batch))
	c.stand, c.signed = next, checkpoint
	return nil
}

// batch makes the bytes of a batch and its stand.
func (c *Copy) batch(records []eventlog.Record, verifiers, checkpoint string) (Stand, []byte, error) {
	next := c.stand
	h := Header{Genesis: c.genesis, After: next.Commits, Link: next.Hash}
	if next.Commits == 0 {
		h.Verifiers = verifiers
	}
	if checkpoint != c.signed {
		h = h.with(verifiers, checkpoint, next.Commits+int64(len(records)))
	}
	var body bytes.Buffer
	sealed, err := seal(&body, c.to)
	if err != nil {
		return next, nil, err
	}
	w, err := NewWriter(sealed, h, "")
	if err != nil {
		return next, nil, err
	}
	for _, r := range records {
		if err := w.Add(r); err != nil {
			return next, nil, err
		}
		next.Before, next.Position = next.Position, r.Position.Token()
		next.Commits++
		next.Hash = r.Head.Hash
	}
	if _, err = w.Finish(); err == nil {
		err = sealed.Close()
	}
	if err != nil {
		return next, nil, err
	}
	stand, err := json.Marshal(next)
	return next, appendFrame(appendFrame(nil, kindBatch, body.Bytes()), kindStand, stand), err
}

// with is the header with the checkpoint, where it is one of this log and of so
// many commits at most: one that speaks of more, whoever reads up to there could
// not check.
func (h Header) with(verifiers, checkpoint string, commits int64) Header {
	signed := h
	signed.Verifiers, signed.Checkpoint = verifiers, checkpoint
	if c, err := signed.signed(); err != nil || c.Size <= h.After || c.Size > commits {
		return h
	}
	return signed
}

// begin begins another segment.
func (c *Copy) begin() error {
	if c.file != nil {
		if err := c.file.Close(); err != nil {
			return err
		}
		c.file = nil
	}
	path := filepath.Join(c.dir, segmentName(c.stand.Commits))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) // what may stand there has no batch
	if err != nil {
		return err
	}
	if _, err := io.WriteString(f, copyMagic); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), syncFolder(c.dir)); err != nil {
		return errors.Join(err, f.Close())
	}
	c.file, c.size = f, int64(len(copyMagic))
	return nil
}

// sameFolder checks that the folder is the one that was taken: where its disk
// went away, another may lie under its name.
func (c *Copy) sameFolder() error {
	held, err := c.lock.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(filepath.Join(c.dir, "lock"))
	if err != nil || !os.SameFile(held, there) {
		return fmt.Errorf("%s is no longer the folder of the copy: %w", c.dir, errors.Join(err, os.ErrNotExist))
	}
	return nil
}

// abandon leaves a segment whose file failed: what a failed sync left on the
// disk nobody knows, so the next batch begins a segment of its own. What stands
// behind the last whole batch is passed over by who reads.
func (c *Copy) abandon(err error) error {
	_ = c.file.Truncate(c.size)
	_ = c.file.Close()
	c.file = nil
	return err
}

// Close lets the folder go.
func (c *Copy) Close() error {
	var err error
	if c.file != nil {
		err = c.file.Close()
	}
	return errors.Join(err, c.lock.Close())
}
