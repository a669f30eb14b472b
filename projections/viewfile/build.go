package viewfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Building tells whether the file is still being filled for the first time.
func (f *File) Building() bool { return f.building }

// Complete ends the building: it makes the indexes, brings all to the disk and,
// unless the file was opened aside, puts it in use in the place of the one
// before, which is removed.
func (f *File) Complete(ctx context.Context) error {
	if !f.building {
		return nil
	}
	path := f.place.path()
	for _, statement := range []string{f.schema.Indexes, `PRAGMA wal_checkpoint(TRUNCATE)`, `PRAGMA synchronous = NORMAL`} {
		if _, err := f.writer.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("complete: %w", err)
		}
	}
	for _, beside := range []string{"", "-wal"} { // a query may have kept something in the second
		if err := syncFile(path + beside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("complete: %w", err)
		}
	}
	if !f.aside {
		if err := f.putInUse(path); err != nil {
			return err
		}
	}
	f.building = false
	return nil
}

// Aside opens an empty file beside this one, to build the view anew in it.
func (f *File) Aside() (*File, error) {
	a := &File{name: f.name, dir: f.dir, maker: f.maker, schema: f.schema, aside: true}
	return a, a.begin()
}

// Adopt puts a completed file that was opened aside in the place of this one,
// durably; exchange, which may be nil, exchanges what the view keeps in memory
// of it. Queries that have begun end in the old file, all others go to the new
// one. a is not to be used again.
func (f *File) Adopt(a *File, exchange func()) error {
	if !a.aside || a.building {
		return errors.New("a file that is not complete cannot be put in use")
	}
	if err := f.putInUse(a.place.path()); err != nil {
		return err
	}
	old := f.writer
	f.writer, f.building = a.writer, false
	f.place.move(a.place.path())
	if exchange != nil {
		exchange()
	}
	f.reader.SetMaxIdleConns(0) // those that wait for work have the old file open
	f.reader.SetMaxIdleConns(readers)
	return errors.Join(old.Close(), a.reader.Close())
}

// putInUse makes the file the one in use and removes all others. What cannot be
// removed now, since somebody has it open, is at the next start.
func (f *File) putInUse(path string) error {
	base := filepath.Base(path)
	if err := Replace(f.pointer(), []byte(base+"\n")); err != nil {
		return fmt.Errorf("view file %s: %w", f.name, err)
	}
	_ = f.removeOthers(base)
	return nil
}

// pointer is the file that says which file is in use.
func (f *File) pointer() string { return filepath.Join(f.dir, f.name+".current") }

// current is the name of the file in use; empty when there is none.
func (f *File) current() (string, error) {
	b, err := os.ReadFile(f.pointer())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	base := strings.TrimSpace(string(b))
	if _, err := os.Stat(filepath.Join(f.dir, filepath.Base(base))); base == "" || !f.ours(base) || err != nil {
		return "", nil
	}
	return base, nil
}

// ours tells whether a file of that name is of this view.
func (f *File) ours(base string) bool {
	return base == filepath.Base(base) && strings.HasPrefix(base, f.name+".") && strings.Contains(base, ".db")
}

// made tells whether this program made the file.
func (f *File) made(base string) bool { return strings.HasPrefix(base, f.name+"."+f.maker+".") }

// fresh is a path that no file has.
func (f *File) fresh() (string, error) {
	for n := 1; ; n++ {
		path := filepath.Join(f.dir, fmt.Sprintf("%s.%s.%d.db", f.name, f.maker, n))
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return path, nil
		} else if err != nil {
			return "", err
		}
	}
}

// removeOthers removes every file of this view but the one of that name, and a
// pointer that a killed process did not put in its place.
func (f *File) removeOthers(keep string) error {
	if err := os.Remove(f.pointer() + ".new"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	files, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, entry := range files {
		if base := entry.Name(); f.ours(base) && (keep == "" || !strings.HasPrefix(base, keep)) {
			if err := os.Remove(filepath.Join(f.dir, base)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// remove removes a file with what SQLite keeps beside it.
func remove(path string) error {
	for _, beside := range []string{"-wal", "-shm", ""} {
		if err := os.Remove(path + beside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
