package archive

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"doorstep/domain/eventlog"
)

// Second is a second copy being read.
type Second struct {
	segments []segment
	with     Identities
	genesis  eventlog.Genesis
	tally    tally
	torn     bool
}

// OpenSecond opens a second copy for reading, also while it grows: then what
// was finished when the reader came there. Errors: ErrKey, ErrForeign, ErrForm,
// ErrTruncated where there is nothing whole in it, ErrDamaged; the disk's.
func OpenSecond(dir string, with Identities) (*Second, error) {
	all, err := listSegments(dir)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, foreign("the folder holds no segment of a second copy")
	}
	s := &Second{segments: all, with: with}
	f, err := os.Open(all[0].path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	err = eachBatch(f, all[0].after, func(batch []byte, _ Stand, _ int64) error {
		first, err := open(bytes.NewReader(batch), with)
		if err != nil {
			return err
		}
		defer first.Close()
		s.genesis = first.Header().Genesis
		return errEnough
	})
	switch {
	case errors.Is(err, errEnough):
		return s, nil
	case err == nil:
		return nil, cutShort("%s has no batch", filepath.Base(all[0].path))
	}
	return nil, fmt.Errorf("%s: %w", filepath.Base(all[0].path), err)
}

var errEnough = errors.New("enough")

// Genesis says which log it is a copy of.
func (s *Second) Genesis() eventlog.Genesis { return s.genesis }

// SigningKey is none: a second copy never holds it.
func (s *Second) SigningKey() string { return "" }

// Signed gives the log's public keys and the newest checkpoint that was signed
// of what Records has given so far, and of no more.
func (s *Second) Signed() (verifiers, checkpoint string) { return s.tally.signed.passed() }

// Torn tells, when Records has come to its end, whether something half written
// stands behind it: what a crash left there or a writer is about to finish.
func (s *Second) Torn() bool { return s.torn }

// Close is for Source; nothing is held.
func (s *Second) Close() error { return nil }

// Records gives the commits of the copy up to its last whole batch, with the
// checks that Reader.Records makes of each batch, and that each batch goes on
// from the one before. It can be called once. Errors: ErrKey, ErrTruncated,
// ErrDamaged, ErrNotSigned; the disk's.
func (s *Second) Records() iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for i, seg := range s.segments {
			until := int64(-1) // the newest has no end but its own
			if i+1 < len(s.segments) {
				until = s.segments[i+1].after
			}
			err := s.read(seg, until, yield)
			if errors.Is(err, errEnough) {
				return
			}
			if err != nil {
				yield(eventlog.Record{}, fmt.Errorf("%s: %w", filepath.Base(seg.path), err))
				return
			}
		}
	}
}

// read gives the records of a segment, up to so many commits in all.
func (s *Second) read(seg segment, until int64, yield func(eventlog.Record, error) bool) error {
	if seg.after != s.tally.commits {
		return damaged("a segment is missing before it")
	}
	f, err := os.Open(seg.path)
	if err != nil {
		return err
	}
	defer f.Close()
	var size int64
	left := false
	err = eachBatch(f, seg.after, func(batch []byte, at Stand, upTo int64) error {
		if s.tally.commits == until {
			return errEnough // the rest was written again in the next segment
		}
		size = upTo
		if err := s.readBatch(batch, at, yield); err != nil {
			left = errors.Is(err, errEnough)
			return err
		}
		return nil
	})
	var within errWithin
	switch {
	case left || errors.As(err, &within):
		return err
	case s.tally.commits == until: // whatever stands behind
		return nil
	case until >= 0:
		return errors.Join(err, damaged("it has %d commits up to its end, the next segment begins after %d", s.tally.commits, until))
	case errors.Is(err, ErrTruncated), errors.Is(err, ErrDamaged):
		s.torn = true
		return crashed(f, size, s.genesis.ID, err)
	}
	return err
}

// readBatch gives the records of one batch.
func (s *Second) readBatch(batch []byte, at Stand, yield func(eventlog.Record, error) bool) error {
	sealed, err := unseal(bytes.NewReader(batch), s.with)
	if err != nil {
		return damagedWithin(err)
	}
	defer sealed.Close()
	r, err := newReader(sealed, &s.tally)
	if err != nil {
		return damagedWithin(err)
	}
	if r.header.Genesis != s.genesis {
		return fmt.Errorf("%w: %s", ErrOtherLog, r.header.Genesis.ID)
	}
	for record, err := range r.Records() {
		if err != nil {
			return damagedWithin(err)
		}
		if !yield(record, nil) {
			return errEnough
		}
	}
	if at.Log != s.genesis.ID || at.Commits != s.tally.commits || at.Hash != s.tally.hash {
		return damagedWithin(damaged("a batch ends elsewhere than its stand says"))
	}
	return nil
}

// errWithin marks what is wrong within a batch whose checksum is right: no crash
// does that.
type errWithin struct{ error }

func (e errWithin) Unwrap() error { return e.error }

func damagedWithin(err error) error { return errWithin{err} }
