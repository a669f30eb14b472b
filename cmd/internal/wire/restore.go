package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/archive"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/ledger"
)

// Restoring says what is restored, and to where.
type Restoring struct {
	Source  string             // a backup's file, or a second copy's folder
	With    archive.Identities // to open it
	Data    string             // the court's folder to be made: absent or empty, but for keys
	Until   time.Time          // only what was recorded up to then, up to the first commit recorded later; zero: all
	Commits int64              // only so many commits; 0: all
	Logger  *slog.Logger
}

// Restored is what a restore came to.
type Restored struct {
	Checked
	Of  int64 `json:"of"`   // commits in the source
	Own bool  `json:"keys"` // whether the signing key is in its place
}

// ErrTooFew is given where the source does not reach to where it was asked for.
var ErrTooFew = errors.New("the backup does not hold so much")

// Restore makes a court's folder from a backup or a second copy. The source is
// read to its end and checked as CheckSource does, also behind the point in
// time; the record made from it is read back, and its chains, its count, its
// Merkle root and the signed checkpoint compared; only then it gets its place.
// Errors: archive's; ErrTooFew; jetstream's of Rebuild; ErrDiffers.
func Restore(ctx context.Context, r Restoring) (Restored, error) {
	began := time.Now()
	src, err := archive.OpenSource(r.Source, r.With)
	if err != nil {
		return Restored{}, err
	}
	defer src.Close()
	var made Restored
	err = jetstream.Rebuild(r.Data, src.Genesis(), jetstream.Options{Logger: r.Logger}, func(l *jetstream.Log, home string) error {
		made, err = r.fill(ctx, src, l, home)
		return err
	})
	if err != nil {
		return made, err
	}
	key, err := readIfThere(filepath.Join(r.Data, "keys", "log.key"))
	made.Own = key != ""
	made.Seconds = time.Since(began).Seconds()
	return made, err
}

// fill fills the log and reads it back.
func (r Restoring) fill(ctx context.Context, src archive.Source, log eventlog.Filler, home string) (Restored, error) {
	var made Restored
	cut := newFound(src)
	kept, of, err := r.pour(ctx, src, log, cut)
	if err != nil {
		return made, err
	}
	if kept != cut.commits {
		return made, fmt.Errorf("%w: it took %d commits of %d", eventlog.ErrUnknown, kept, cut.commits)
	}
	if made.Checked, err = cut.checked(r.Source, src); err != nil {
		return made, err
	}
	made.Of = of
	anchor, err := r.readBack(ctx, log, cut)
	if err != nil {
		return made, err
	}
	return made, cut.files(home, anchor, src.SigningKey())
}

// pour fills the log with the source's records up to the cut, and reads the
// rest of the source, which must be sound too. It gives how many commits the
// log took and how many the source has.
func (r Restoring) pour(ctx context.Context, src archive.Source, log eventlog.Filler, cut *found) (kept, of int64, err error) {
	next, stop := iter.Pull2(eventlog.Chained(src.Records()))
	defer stop()
	beyond := false
	kept, err = log.Fill(ctx, func(yield func(eventlog.Record, error) bool) {
		for r.Commits == 0 || cut.commits < r.Commits {
			record, err, more := next()
			if !more {
				return
			}
			if err == nil && !r.Until.IsZero() && record.RecordedAt.After(r.Until) {
				beyond = true
				return
			}
			if err == nil {
				cut.take(record)
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	})
	if err != nil {
		return kept, 0, err
	}
	of = cut.commits
	if beyond {
		of++
	}
	for {
		_, err, more := next()
		switch {
		case !more && r.Commits > of:
			return kept, of, fmt.Errorf("%w: it has %d commits", ErrTooFew, of)
		case !more && cut.commits == 0 && of > 0:
			return kept, of, fmt.Errorf("%w: nothing in it was recorded by then", ErrTooFew)
		case !more:
			return kept, of, nil
		case err != nil:
			return kept, of, err
		case ctx.Err() != nil:
			return kept, of, ctx.Err()
		}
		of++
	}
}

// readBack reads the log that was filled and compares it with what was put in.
// It gives where the newest checkpoint's last commit stands.
func (r Restoring) readBack(ctx context.Context, log eventlog.Log, put *found) (ledger.Anchor, error) {
	end, err := log.End(ctx)
	if err != nil {
		return ledger.Anchor{}, err
	}
	signed, err := put.signed()
	if err != nil {
		return ledger.Anchor{}, err
	}
	anchor := ledger.Anchor{Checkpoint: put.checkpoint, Numbering: numbering(Embedded)}
	var tree tlog.Tree
	var before eventlog.Position
	for record, err := range eventlog.Chained(upTo(ctx, log, end)) {
		if err != nil {
			return anchor, err
		}
		tree.Add(tlog.Leaf(record.Sealed))
		if tree.Size() == signed.Size {
			anchor.Before, anchor.Position, anchor.Hash = before.Token(), record.Position.Token(), record.Head.Hash
			if tree.Root() != signed.Root {
				return anchor, fmt.Errorf("%w: its first %d commits have another root hash", ErrDiffers, signed.Size)
			}
		}
		before = record.Position
	}
	if tree.Size() != put.commits || tree.Root() != put.tree.Root() {
		return anchor, fmt.Errorf("%w: what was restored reads back as %d commits of %d, or with another root hash", ErrDiffers, tree.Size(), put.commits)
	}
	return anchor, nil
}

// found counts what is read from a source.
type found struct {
	src                   archive.Source
	commits, events       int64
	streams               int64
	last                  time.Time
	tree                  tlog.Tree
	verifiers, checkpoint string // as of the last commit that was taken
}

func newFound(src archive.Source) *found {
	f := &found{src: src}
	f.verifiers, f.checkpoint = src.Signed()
	return f
}

func (f *found) take(r eventlog.Record) {
	f.commits++
	f.events += int64(len(r.Events))
	if r.Version == 0 {
		f.streams++
	}
	f.last = r.RecordedAt
	f.tree.Add(tlog.Leaf(r.Sealed))
	f.verifiers, f.checkpoint = f.src.Signed()
}

// signed is the newest checkpoint of what was taken, the zero Checkpoint where
// there is none.
func (f *found) signed() (tlog.Checkpoint, error) {
	if f.checkpoint == "" {
		return tlog.Checkpoint{}, nil
	}
	keys, err := tlog.ParseVerifiers(f.verifiers)
	if err != nil {
		return tlog.Checkpoint{}, err
	}
	return keys.Open([]byte(f.checkpoint))
}

func (f *found) checked(source string, src archive.Source) (Checked, error) {
	signed, err := f.signed()
	g := src.Genesis()
	c := Checked{Source: source, Log: g.ID, Court: g.Court, Commits: f.commits, Events: f.events, Streams: f.streams,
		Root: tlog.RootText(f.tree.Root()), Last: f.last, Signed: signed.Size, Key: src.SigningKey() != ""}
	if second, is := src.(*archive.Second); is {
		c.Torn = second.Torn()
	}
	return c, err
}

// files puts what belongs to the record beside it: the public keys, the newest
// signed checkpoint, and the signing key where there is one.
func (f *found) files(home string, anchor ledger.Anchor, secret string) error {
	var errs []error
	put := func(name, content string) {
		if content == "" {
			return
		}
		path := filepath.Join(home, name)
		errs = append(errs, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600))
	}
	put("verifiers", f.verifiers)
	put("keys/log.key", secret)
	if f.checkpoint != "" {
		b, err := json.Marshal(anchor)
		errs = append(errs, err)
		put("keys/checkpoint.json", string(b)+"\n")
	}
	return errors.Join(errs...)
}
