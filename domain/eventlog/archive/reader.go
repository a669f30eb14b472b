package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
)

// Reader reads one archive, once.
type Reader struct {
	in      *bufio.Reader
	header  Header
	key     string
	signed  tlog.Checkpoint // the header's; the zero Checkpoint is none
	has     Manifest        // counted
	says    Manifest        // read; only when whole
	before  *tally
	whole   bool
	pending *frame // read already
}

type frame struct {
	kind byte
	held []byte
}

// tally is what was read of a log so far, over one archive or several that
// follow one another.
type tally struct {
	commits int64
	hash    eventlog.Hash // of the last
	tree    tlog.Tree
	signed  seals
}

// NewReader reads what comes before the commits. Errors: ErrForeign, ErrForm,
// ErrTruncated, ErrDamaged, ErrNotSigned; the reader's.
func NewReader(in io.Reader) (*Reader, error) { return newReader(in, &tally{}) }

func newReader(in io.Reader, before *tally) (*Reader, error) {
	r := &Reader{in: bufio.NewReaderSize(in, 1<<16), before: before}
	if err := r.readMagic(); err != nil {
		return nil, err
	}
	f, err := r.next()
	if err != nil {
		return nil, err
	}
	if f.kind != kindHeader || json.Unmarshal(f.held, &r.header) != nil {
		return nil, damaged("it does not begin with its header")
	}
	if r.header.After != before.commits || r.header.Link != before.hash {
		return nil, damaged("it goes on after %d commits, not after %d", r.header.After, before.commits)
	}
	if r.signed, err = r.header.signed(); err != nil {
		return nil, err
	}
	before.signed.heard(r.header, r.signed.Size)
	before.signed.reached(before.commits)
	if f, err = r.next(); err != nil {
		return nil, err
	}
	if f.kind == kindKey {
		r.key = string(f.held)
		return r, nil
	}
	r.pending = &f
	return r, nil
}

func (r *Reader) readMagic() error {
	b := make([]byte, len(magic))
	n, err := io.ReadFull(r.in, b)
	name, _, _ := strings.Cut(magic, "/")
	switch {
	case err == nil && string(b) == magic:
		return nil
	case err == nil && strings.HasPrefix(string(b), name+"/"):
		return fmt.Errorf("%w: %q", ErrForm, strings.TrimSpace(string(b)))
	case err == nil:
		return foreign("it begins otherwise")
	case (err == io.EOF || err == io.ErrUnexpectedEOF) && strings.HasPrefix(magic, string(b[:n])):
		return cutShort("it has %d bytes", n)
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return foreign("it begins otherwise")
	}
	return err
}

// signed is the header's checkpoint, checked with its own keys, and that it
// speaks of this log.
func (h Header) signed() (tlog.Checkpoint, error) {
	if h.Checkpoint == "" {
		return tlog.Checkpoint{}, nil
	}
	keys, err := tlog.ParseVerifiers(h.Verifiers)
	if err != nil {
		return tlog.Checkpoint{}, fmt.Errorf("%w: %w", ErrNotSigned, err)
	}
	c, err := keys.Open([]byte(h.Checkpoint))
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrNotSigned, err)
	}
	if c.Origin != tlog.Origin(h.Genesis.ID) {
		return c, fmt.Errorf("%w: it is another log's", ErrNotSigned)
	}
	return c, nil
}

// Genesis says which log the archive is of.
func (r *Reader) Genesis() eventlog.Genesis { return r.header.Genesis }

// Header is what stands first.
func (r *Reader) Header() Header { return r.header }

// SigningKey is the log's secret signing key, where the archive has it.
func (r *Reader) SigningKey() string { return r.key }

// Signed gives the log's public keys and the newest checkpoint in the archive
// that was signed of what Records has given so far, and of no more.
func (r *Reader) Signed() (verifiers, checkpoint string) { return r.before.signed.passed() }

// Manifest is what stands last; it is known, and true, when Records has come to
// its end without an error.
func (r *Reader) Manifest() (Manifest, bool) { return r.says, r.whole }

// Records gives the commits in the log's order; a commit's position is its
// number, from 1. The end is reached without an error only where the archive is
// whole: every checksum right, as many commits, events and streams as its
// manifest says, the same last hash and Merkle root, the root that its signed
// checkpoint says, and nothing behind it. Whether each commit follows in its
// stream is for eventlog.Chained. Errors: ErrTruncated, ErrDamaged,
// ErrNotSigned, ErrKey; the reader's.
func (r *Reader) Records() iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for {
			f, err := r.next()
			if err != nil {
				yield(eventlog.Record{}, err)
				return
			}
			switch f.kind {
			case kindRecord:
				record, err := r.take(f.held)
				if !yield(record, err) || err != nil {
					return
				}
			case kindManifest:
				if err := r.finish(f.held); err != nil {
					yield(eventlog.Record{}, err)
				}
				return
			default:
				yield(eventlog.Record{}, damaged("a frame of kind %q among the commits", f.kind))
				return
			}
		}
	}
}

// next is the next frame, which must be there.
func (r *Reader) next() (frame, error) {
	if f := r.pending; f != nil {
		r.pending = nil
		return *f, nil
	}
	kind, held, err := readFrame(r.in)
	if err == io.EOF {
		return frame{}, cutShort("it has no end")
	}
	return frame{kind, held}, err
}

func (r *Reader) take(sealed []byte) (eventlog.Record, error) {
	record, err := eventlog.Open(sealed)
	if err != nil {
		return record, damaged("commit %d: %v", r.before.commits, err)
	}
	r.has.count(record)
	r.before.commits++
	r.before.hash = record.Head.Hash
	r.before.tree.Add(tlog.Leaf(sealed))
	r.before.signed.reached(r.before.commits)
	record.Position = eventlog.PositionAt(uint64(r.before.commits))
	record.Head.Revision = eventlog.RevisionAt(uint64(r.before.commits))
	return record, r.agrees()
}

// agrees checks the tree against the signed checkpoint, where it is just as
// large.
func (r *Reader) agrees() error {
	if r.signed.Origin != "" && r.signed.Size == r.before.commits && r.signed.Root != r.before.tree.Root() {
		return fmt.Errorf("%w: its first %d commits have another root hash", ErrNotSigned, r.signed.Size)
	}
	return nil
}

// finish compares what was read with the manifest.
func (r *Reader) finish(held []byte) error {
	var says Manifest
	if err := json.Unmarshal(held, &says); err != nil {
		return damaged("its manifest: %v", err)
	}
	has := r.has
	has.First, has.Last = says.First, says.Last // positions are in no commit
	if r.header.After == 0 {
		has.Root = r.before.tree.Root()
	}
	span := says.Last - says.First + 1
	switch {
	case has.Commits != says.Commits || has.Events != says.Events || has.Streams != says.Streams:
		return damaged("it holds %d commits, %d events and %d streams; its manifest says %d, %d and %d",
			has.Commits, has.Events, has.Streams, says.Commits, says.Events, says.Streams)
	case !has.same(says):
		return damaged("its commits have other hashes or times than its manifest says")
	case says.Commits > 0 && (says.First == 0 || says.Last < says.First || span < uint64(says.Commits)):
		return damaged("positions %d to %d for %d commits", says.First, says.Last, says.Commits)
	case r.signed.Size > r.before.commits:
		return fmt.Errorf("%w: it has %d commits, %d were signed", ErrNotSigned, r.before.commits, r.signed.Size)
	case r.signed.Size == 0 && r.signed.Origin != "" && r.signed.Root != (&tlog.Tree{}).Root():
		return fmt.Errorf("%w: an empty log has another root hash", ErrNotSigned)
	}
	if _, err := r.in.ReadByte(); err == nil {
		return damaged("something stands behind its end")
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	r.says, r.whole = says, true
	return nil
}
