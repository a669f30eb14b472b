// Package viewfile keeps one view in one SQLite file, its checkpoint in the
// same transaction as its data.
//
// The file's name carries a digest of the program that made it: a view never
// mixes what two programs thought. Another program builds its own file from the
// log, and so does who asks for a view to be built anew. A file that is being
// built is nobody's until it is complete; which file is in use says the small
// file NAME.current, which is replaced in one step. So a crash at any moment
// leaves the one or the other, whole; what is left of a file that was not
// completed is removed at the next start.
package viewfile

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite" // the driver "sqlite", without cgo

	"doorstep/domain/eventlog"
	"doorstep/projections/follow"
)

// Schema is what a view's file holds.
type Schema struct {
	Tables  string // statements that make them where they are not there yet
	Indexes string // the same, for what is made once the tables are full

	// Program says whose file it is, where that is not this very program: a
	// view whose content hangs on bytes and a published form alone names that.
	Program string
}

// File is an open view file. Queries may run at any time; all else is for the
// goroutine that feeds the view.
type File struct {
	name   string
	dir    string
	maker  string // what the names of its files carry
	schema Schema

	place    *place  // for reading, which goes on while files are exchanged
	writer   *sql.DB // to the same file
	reader   *sql.DB
	building bool
	aside    bool
}

// checkpoint is one row, always there.
const checkpoint = `CREATE TABLE IF NOT EXISTS checkpoint (
	one INTEGER PRIMARY KEY CHECK (one = 1), before INTEGER NOT NULL, position INTEGER NOT NULL, hash TEXT NOT NULL);
INSERT OR IGNORE INTO checkpoint VALUES (1, 0, 0, '');`

// Open opens the view file of that name that is in use in the folder. Where
// there is none, or it is another program's or damaged, it begins a new one,
// which is in use from Complete on.
func Open(dir, name string, schema Schema) (*File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f := &File{name: name, dir: dir, maker: schema.Program, schema: schema}
	if f.maker == "" {
		program, err := programDigest()
		if err != nil {
			return nil, err
		}
		f.maker = program
	}
	current, err := f.current()
	if err != nil {
		return nil, err
	}
	if f.made(current) {
		err := f.open(filepath.Join(dir, current))
		if err == nil {
			return f, f.removeOthers(current)
		}
		if !damaged(err) { // all that a damaged one holds can be had from the log again
			return nil, fmt.Errorf("view file %s: %w", name, err)
		}
	}
	if err := f.removeOthers(current); err != nil {
		return nil, err
	}
	return f, f.begin()
}

// begin starts a file of its own, to be built.
func (f *File) begin() error {
	f.building = true
	path, err := f.fresh()
	if err == nil {
		err = f.open(path)
	}
	if err != nil {
		return fmt.Errorf("view file %s: %w", f.name, err)
	}
	return nil
}

// open opens the file for writing and for reading.
func (f *File) open(path string) error {
	writer, err := f.create(path)
	if err != nil {
		return err
	}
	f.place = newPlace(path)
	f.writer, f.reader = writer, f.place.reader()
	return nil
}

// create opens the file to write in it and makes what is not there. Syncing is
// relaxed: a view that lost its newest batches in a power cut takes them from
// the log again, and one that is being built is not in use before it is synced.
func (f *File) create(path string) (*sql.DB, error) {
	sync, statements := "synchronous(NORMAL)", checkpoint+f.schema.Tables+f.schema.Indexes
	if f.building {
		sync, statements = "synchronous(OFF)", checkpoint+f.schema.Tables
	}
	db, err := sql.Open("sqlite", source(path, sync, "secure_delete(ON)", "cache_size(-16000)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(statements); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// damaged tells whether SQLite found that the file is not what it wrote.
func damaged(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == codeCorrupt || e.Code() == codeNotADatabase)
}

// SQLite's result codes (https://www.sqlite.org/rescode.html).
const (
	codeCorrupt      = 11
	codeNotADatabase = 26
)

// programDigest tells programs apart: views may hang on any rule in them.
var programDigest = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	exe, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer exe.Close()
	h := sha256.New()
	if _, err := io.Copy(h, exe); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:6]), nil
})

// Name is the view's, in metrics, messages and file names.
func (f *File) Name() string { return f.name }

// Read is for queries; it refuses to write. Begin read-only transactions where
// several queries must see one moment: each goes to its end in the file in
// which it began.
func (f *File) Read() *sql.DB { return f.reader }

// Close closes the file. One that was not completed is of no use to anybody.
func (f *File) Close() error {
	err := errors.Join(f.reader.Close(), f.writer.Close())
	if f.building || f.aside {
		err = errors.Join(err, remove(f.place.path()))
	}
	return err
}

// Mark is the checkpoint.
func (f *File) Mark(ctx context.Context) (follow.Mark, error) {
	var before, position uint64
	var hash string
	row := f.reader.QueryRowContext(ctx, `SELECT before, position, hash FROM checkpoint`)
	if err := row.Scan(&before, &position, &hash); err != nil {
		return follow.Mark{}, err
	}
	m := follow.Mark{Before: eventlog.PositionAt(before), Position: eventlog.PositionAt(position)}
	return m, m.Hash.UnmarshalText([]byte(hash))
}

// Take writes a batch and moves the checkpoint, both or neither. The error is
// follow.ErrMoved when the checkpoint does not stand at from, and what write
// gives otherwise.
func (f *File) Take(ctx context.Context, from, to follow.Mark, write func(*sql.Tx) error) error {
	tx, err := f.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	moved, err := tx.ExecContext(ctx, `UPDATE checkpoint SET before = ?, position = ?, hash = ? WHERE position = ? AND hash = ?`,
		to.Before.Token(), to.Position.Token(), hashText(to.Hash), from.Position.Token(), hashText(from.Hash))
	if err != nil {
		return err
	}
	if n, err := moved.RowsAffected(); err != nil || n != 1 {
		return errors.Join(follow.ErrMoved, err)
	}
	if err := write(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func hashText(h eventlog.Hash) string {
	if h.IsZero() {
		return ""
	}
	return h.String()
}
