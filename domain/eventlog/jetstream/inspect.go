package jetstream

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// inspect looks at the store's files before the server does. The server repairs
// what it reads: it cuts a block off at the first record that is damaged, on
// the disk, and says nothing. So whatever it is going to read is read here
// first: every block when its index is of no use, as after a crash, and
// otherwise the newest. A damaged record that was durable is refused with
// nothing touched; what follows the last durable one, and is torn, was never
// acknowledged and is put aside.
//
// Errors: ErrShortened, ErrDamaged, ErrOtherLog.
func (p place) inspect(left mark, log *slog.Logger) error {
	if err := p.sound(); err != nil {
		return err
	}
	blocks, err := p.listBlocks()
	if err != nil {
		return err
	}
	if blocks == 0 {
		return fmt.Errorf("%w: the store holds no record, and had %d; put the folder back from a backup", ErrShortened, left.seq)
	}
	trusted := p.indexed(blocks)
	from := 1
	if trusted {
		from = blocks
	} else {
		log.Info("the log was not closed; its store is read whole", "blocks", blocks)
	}
	last := uint64(0) // of the records seen
	torn, err := p.walk(from, blocks, func(r stored) error {
		switch {
		case r.gone:
			return nil // the count will tell
		case last != 0 && r.seq != last+1 || last == 0 && from == 1 && r.seq != genesisSeq:
			return fmt.Errorf("%w: position %d stands behind %d; put the folder back from a backup", ErrShortened, r.seq, last)
		case r.seq == left.seq && r.seq != genesisSeq && sha256.Sum256(r.data) != left.hash:
			return fmt.Errorf("%w: another record than before stands at %d", ErrOtherLog, r.seq)
		}
		last = r.seq
		return nil
	})
	switch {
	case err != nil:
		return err
	case torn != nil && (trusted && last == 0 || last < left.seq):
		return fmt.Errorf("%w: %s at byte %d, behind position %d; it had come to %d; put the folder back from a backup", ErrDamaged, p.block(torn.block), torn.at, last, left.seq)
	case last < left.seq:
		return fmt.Errorf("%w: it ends at %d, and had %d; put the folder back from a backup", ErrShortened, last, left.seq)
	case torn != nil:
		if err := p.putAside(*torn, blocks, last, log); err != nil {
			return err
		}
	}
	if trusted && torn == nil {
		return nil
	}
	// An index that is of no use can do harm: where it counts more records than
	// there are, the server makes room for those it misses.
	if err := os.Remove(filepath.Join(p.blocks(), indexFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Torn is the end of a log that was being written when the machine went down,
// put aside at the next start. None of it was ever acknowledged.
type Torn struct {
	When  time.Time `json:"when"`  // it was put aside, UTC
	After uint64    `json:"after"` // position of the last whole record before it
	Bytes int64     `json:"bytes"`
}

func (p place) torn() string { return filepath.Join(p.home(), "torn") }

// tornForm is how the time of putting aside is written in a file's name.
const tornForm = "20060102T150405.000Z"

// putAside takes the torn end out of the store and keeps it in a file: the
// server would throw it away.
func (p place) putAside(t tear, blocks int, last uint64, log *slog.Logger) error {
	if err := os.MkdirAll(p.torn(), 0o700); err != nil {
		return err
	}
	name := filepath.Join(p.torn(), fmt.Sprintf("%s-after-%d", time.Now().UTC().Format(tornForm), last))
	var all []byte
	for n := t.block; n <= blocks; n++ {
		b, err := os.ReadFile(p.block(n))
		if err != nil {
			return err
		}
		if n == t.block {
			b = b[t.at:]
		}
		all = append(all, b...)
	}
	if err := errors.Join(writeNew(name, all), syncDir(p.torn()), syncDir(p.home())); err != nil {
		return err
	}
	for n := blocks; n > t.block; n-- {
		if err := os.Remove(p.block(n)); err != nil {
			return err
		}
	}
	if err := errors.Join(os.Truncate(p.block(t.block), t.at), syncTree(p.blocks())); err != nil {
		return err
	}
	log.Warn("the end of the log was torn and never acknowledged; it was put aside", "after", last, "bytes", len(all), "file", name)
	return nil
}

// Torn lists what was ever put aside, the oldest first.
func (l *Log) Torn() ([]Torn, error) {
	entries, err := os.ReadDir(l.place.torn())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []Torn
	for _, e := range entries {
		when, after, _ := strings.Cut(e.Name(), "-after-")
		t, errWhen := time.Parse(tornForm, when)
		n, errAfter := strconv.ParseUint(after, 10, 64)
		info, errInfo := e.Info()
		if errors.Join(errWhen, errAfter, errInfo) == nil {
			list = append(list, Torn{t, n, info.Size()})
		}
	}
	return list, err
}
