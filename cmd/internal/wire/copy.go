package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/viewfile"
)

// What can be wrong with a copying, beside what is wrong with a log.
var (
	ErrOtherPast = errors.New("the logs do not hold the same records")
	ErrMoving    = errors.New("somebody still records in the log that is copied")
)

// Copying is a copying under way.
type Copying struct {
	Commits int64         // taken over or found there so far
	Done    float64       // of the way, 0 to 1
	Rate    float64       // commits a second
	Left    time.Duration // at that rate
}

// Copied is what a copying came to.
type Copied struct {
	Log     string `json:"log"`     // id of the record
	Commits int64  `json:"commits"` // both hold
	Added   int64  `json:"added"`   // of them now
	Root    string `json:"root"`    // of the Merkle tree over them, of both, base64
}

// CopyLog takes the whole record over from one place to another, byte for byte
// and in its order, under the same id. The other place is empty, or holds the
// record's beginning, as after a copying that was cut short, and is gone on
// with. In the end it reads all of the copy again and compares the chains, the
// number and the root of the tree. show is told how it goes; it may be nil.
// Errors: ErrOtherLog and ErrOtherPast where the other place holds something
// else; ErrMoving; eventlog.ErrCorrupt; the logs'.
func CopyLog(ctx context.Context, from, to string, log *slog.Logger, show func(Copying)) (done Copied, err error) {
	if samePlace(from, to) && (kindOf(from) != inFolder || CanRetire(from)) {
		return done, fmt.Errorf("%w: the record would be copied onto itself", ErrAddress)
	}
	source, err := openPlace(ctx, from, log)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := target(ctx, to, source.Genesis(), log)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	done, err = copyRecords(ctx, source, target, show)
	if err != nil {
		return done, err
	}
	return done, copyVerifiers(from, to)
}

// filler is a log that is open and can be filled.
type filler interface {
	opened
	eventlog.Filler
}

// target opens what is to be filled, and makes it where there is nothing.
func target(ctx context.Context, place string, g eventlog.Genesis, log *slog.Logger) (filler, error) {
	l, err := openTarget(ctx, place, log)
	if errors.Is(err, ErrNoRecord) {
		if err := createAt(ctx, place, g, log); err != nil {
			return nil, err
		}
		l, err = openTarget(ctx, place, log)
	}
	if err != nil {
		return nil, err
	}
	into, can := l.(filler)
	switch {
	case l.Genesis().ID != g.ID:
		return nil, errors.Join(fmt.Errorf("%w: %s holds %s, not %s", ErrOtherLog, Shown(place), l.Genesis().ID, g.ID), l.Close())
	case !can:
		return nil, errors.Join(fmt.Errorf("%w: %s cannot be filled", ErrAddress, Shown(place)), l.Close())
	}
	return into, nil
}

// openTarget opens a place to be filled: of a folder the log in it, whatever
// log the folder uses now.
func openTarget(ctx context.Context, place string, log *slog.Logger) (opened, error) {
	if kindOf(place) != inFolder {
		return dial(ctx, place, log)
	}
	return orNil(jetstream.Open(place, jetstream.Options{Logger: log}))
}

// copyRecords compares what both have, fills in the rest, and checks it all.
func copyRecords(ctx context.Context, source opened, target filler, show func(Copying)) (Copied, error) {
	s := &copySource{log: source, show: show, began: time.Now()}
	next, stop := iter.Pull2(eventlog.Chained(s.records(ctx)))
	defer stop()
	if err := s.compare(ctx, target, next); err != nil {
		return Copied{}, err
	}
	added, err := target.Fill(ctx, func(yield func(eventlog.Record, error) bool) {
		for r, err, more := next(); more && yield(r, err) && err == nil; r, err, more = next() {
		}
	})
	if err != nil {
		return Copied{Added: added}, err
	}
	root := s.tree.Root()
	done := Copied{Log: source.Genesis().ID, Commits: s.tree.Size(), Added: added, Root: tlog.RootText(root)}
	report, found, err := verifyTree(ctx, target, nil)
	switch {
	case err != nil:
		return done, fmt.Errorf("the copy, read again: %w", err)
	case report.Commits != s.tree.Size() || found != root:
		return done, fmt.Errorf("%w: the copy has %d commits and the root %x, %d commits and %x were copied", ErrOtherPast, report.Commits, found, s.tree.Size(), root)
	}
	if end, err := source.End(ctx); err != nil || s.at != end {
		return done, errors.Join(err, ErrMoving)
	}
	return done, nil
}

// copySource is the log that is copied, as it is read.
type copySource struct {
	log   opened
	show  func(Copying)
	began time.Time
	tree  tlog.Tree
	at    eventlog.Position
}

// records are all that the log holds, those too that come meanwhile, until
// there is none more.
func (s *copySource) records(ctx context.Context) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		end, err := s.log.End(ctx)
		if err != nil {
			yield(eventlog.Record{}, err)
			return
		}
		for s.at.Before(end) {
			for r, err := range s.log.Follow(ctx, s.at) {
				if err == nil {
					s.took(r, end)
				}
				if !yield(r, err) || err != nil {
					return
				}
				if !r.Position.Before(end) {
					break
				}
			}
			if err = ctx.Err(); err == nil {
				end, err = s.log.End(ctx)
			}
			if err != nil {
				yield(eventlog.Record{}, err)
				return
			}
		}
	}
}

func (s *copySource) took(r eventlog.Record, end eventlog.Position) {
	s.tree.Add(tlog.Leaf(r.Sealed))
	s.at = r.Position
	if s.show == nil || s.tree.Size()%256 != 0 && r.Position.Before(end) {
		return
	}
	c := Copying{Commits: s.tree.Size(), Done: min(1, float64(r.Position.Token())/float64(end.Token()))}
	if took := time.Since(s.began); took > 0 {
		c.Rate = float64(c.Commits) / took.Seconds()
		c.Left = time.Duration(float64(took) * (1 - c.Done) / c.Done)
	}
	s.show(c)
}

// compare takes from the source what the target has already.
func (s *copySource) compare(ctx context.Context, target opened, next func() (eventlog.Record, error, bool)) error {
	return walk(ctx, target, func(have eventlog.Record) error {
		r, err, more := next()
		switch {
		case err != nil:
			return err
		case !more:
			return fmt.Errorf("%w: the other place has more than the %d commits that are to be copied", ErrOtherPast, s.tree.Size())
		case !bytes.Equal(have.Sealed, r.Sealed):
			return fmt.Errorf("%w: commit %d is another in the other place", ErrOtherPast, s.tree.Size())
		}
		return nil
	})
}

// copyVerifiers takes the record's public keys along from one folder to another.
func copyVerifiers(from, to string) error {
	if kindOf(from) != inFolder || kindOf(to) != inFolder || samePlace(from, to) {
		return nil
	}
	public, err := readIfThere(verifiersFile(from))
	if err != nil || public == "" {
		return err
	}
	return viewfile.Replace(filepath.Join(to, "eventlog", "verifiers"), []byte(public))
}

// RetireLog marks the log in a folder as moved to another place. Errors:
// ErrNotFolder; ErrRetired where it is so marked.
func RetireLog(place, to string, done Copied) error {
	if !CanRetire(place) {
		return ErrNotFolder
	}
	return jetstream.Retire(place, fmt.Sprintf("%s: %d commits, root %s, moved to %s", time.Now().UTC().Format(time.RFC3339), done.Commits, done.Root, Shown(to)))
}

// CanRetire tells whether the log at a place can be marked: only one in a folder
// can. What a server holds is locked there, with the server's own means.
func CanRetire(place string) bool {
	kept, err := readSettings(place)
	return kindOf(place) == inFolder && err == nil && (kept.Log == "" || kept.Log == Embedded)
}
