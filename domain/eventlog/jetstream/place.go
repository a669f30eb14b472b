package jetstream

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"doorstep/domain/eventlog"
)

// place is the folder of a log:
//
//	lock                   held while the log is open; the holder's process id inside
//	eventlog/genesis.json  which log this is
//	eventlog/mark          how far the log had come when it was last synced
//	eventlog/store/        the server's
//	eventlog.new/          a log being made, renamed to eventlog when it is whole
//	restore.new/           a log being restored, the same; see Rebuild
//
// Genesis and mark lie outside the store, so that a store which was emptied,
// exchanged or set back does not pass for the log.
type place struct {
	dir    string
	name   string // of the log in it; empty: eventlog
	lock   *os.File
	marked *os.File // the mark
	stored *os.File // the store's folder
}

func (p place) home() string  { return filepath.Join(p.dir, cmp.Or(p.name, "eventlog")) }
func (p place) half() string  { return filepath.Join(p.dir, "eventlog.new") }
func (p place) store() string { return filepath.Join(p.home(), "store") }

// beside are the names that may always lie next to a log: the program's
// configuration, and what a file system puts at its root.
var beside = []string{"lock", "eventlog.new", "doorstep.toml", "lost+found"}

// Exists tells whether the folder holds a log, in whatever state. A folder that
// cannot be looked into holds none.
func Exists(dir string) bool {
	_, err := os.Stat(place{dir: dir}.home())
	return err == nil
}

// take makes sure of the folder for this process.
func take(dir string) (place, error) {
	p := place{dir: dir}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return p, err
	}
	if err := lockFile(f); err != nil {
		holder, _ := os.ReadFile(f.Name())
		f.Close()
		if errors.Is(err, errLocked) {
			return p, fmt.Errorf("%w: %s is held by process %s", ErrHeld, dir, strings.TrimSpace(string(holder)))
		}
		return p, fmt.Errorf("lock %s: %w", dir, err)
	}
	p.lock = f
	if err := errors.Join(f.Truncate(0), writeAt(f, strconv.Itoa(os.Getpid())+"\n")); err != nil {
		return p, errors.Join(err, f.Close())
	}
	return p, nil
}

// release lets the folder go. The lock file stays: taking it away could let two
// processes hold two files of one name.
func (p place) release() error {
	var err error
	for _, f := range []*os.File{p.marked, p.stored, p.lock} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// vacant checks that a log may be made in the folder.
func (p place) vacant(also []string) error {
	if Exists(p.dir) {
		return fmt.Errorf("%w in %s", ErrExists, p.dir)
	}
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case slices.Contains(beside, e.Name()), slices.Contains(also, e.Name()):
		case e.Name() == rebuilt:
			return fmt.Errorf("%w, in %s: run the restore again, or remove %s", ErrHalfRestored, p.dir, filepath.Join(p.dir, rebuilt))
		default:
			return fmt.Errorf("%w: %s holds %q, which is not Doorstep's; choose an empty folder", ErrForeign, p.dir, e.Name())
		}
	}
	return nil
}

// ReadGenesis tells which log the folder holds, whoever has it open. Errors:
// ErrNoLog, ErrOtherLog.
func ReadGenesis(dir string) (eventlog.Genesis, error) {
	g, _, err := place{dir: dir}.readGenesis()
	return g, err
}

// readGenesis gives the genesis and its exact bytes. Errors: ErrNoLog,
// ErrOtherLog when it cannot be understood.
func (p place) readGenesis() (eventlog.Genesis, []byte, error) {
	var g eventlog.Genesis
	written, err := os.ReadFile(filepath.Join(p.home(), "genesis.json"))
	if errors.Is(err, fs.ErrNotExist) {
		if Exists(p.dir) {
			return g, nil, fmt.Errorf("%w in %s: its genesis.json is missing; put the folder back from a backup", ErrNoLog, p.dir)
		}
		return g, nil, fmt.Errorf("%w in %s", ErrNoLog, p.dir)
	}
	if err != nil {
		return g, nil, err
	}
	if g, err = eventlog.ReadGenesis(written); err != nil {
		return g, nil, fmt.Errorf("%w: %s is not a genesis that this version knows", ErrOtherLog, filepath.Join(p.home(), "genesis.json"))
	}
	return g, written, nil
}

// mark is how far the log had come: a sequence number, and the hash of the
// record there.
type mark struct {
	seq  uint64
	hash eventlog.Hash
}

// markSize is the length of a written mark, always the same so that writing one
// never moves the file's end: twenty digits, a space, 64 digits, a newline.
const markSize = 20 + 1 + 64 + 1

func (m mark) String() string { return fmt.Sprintf("%020d %s\n", m.seq, hex.EncodeToString(m.hash[:])) }

// openMark reads the mark and keeps its file open. The error is ErrShortened
// when there is none: then nobody knows how long the log was.
func (p *place) openMark() (mark, error) {
	var m mark
	name := filepath.Join(p.home(), "mark")
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return m, fmt.Errorf("%w: %v; put the folder back from a backup", ErrShortened, err)
	}
	p.marked = f
	b := make([]byte, markSize+1)
	n, _ := f.ReadAt(b, 0)
	var hash string
	if _, err := fmt.Sscanf(string(b[:n]), "%d %s\n", &m.seq, &hash); err != nil || n != markSize {
		return m, fmt.Errorf("%w: %s cannot be read; put the folder back from a backup", ErrShortened, name)
	}
	if err := m.hash.UnmarshalText([]byte(hash)); err != nil {
		return m, fmt.Errorf("%w: %s: %v", ErrShortened, name, err)
	}
	return m, nil
}

// writeMark writes over the mark in place. It becomes durable with the next
// sync and so is never ahead of the log: what it names was synced before.
func (p place) writeMark(m mark) error { return writeAt(p.marked, m.String()) }

func writeAt(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

// settle makes the mark durable.
func (p place) settle() error { return p.marked.Sync() }

// writeNew makes a file with its contents durable; the folder is the caller's.
func writeNew(name string, contents []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(contents)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir makes names in the folder durable.
func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// syncTree makes everything below the folder durable, file by file.
func syncTree(root string) error {
	return filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncDir(path) // a file is opened and synced just so
	})
}

// size is the number of bytes in the files below the folder. What goes away
// while it looks counts for nothing.
func size(root string) (int64, error) {
	var n int64
	err := filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		} else if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	})
	return n, err
}
