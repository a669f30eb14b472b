// Package viewfile keeps one view in one SQLite file, its checkpoint in the
// same transaction as its data. The file's name carries a digest of the program
// that made it: another program makes its own anew from the log and removes the
// old one, so a view never mixes what two programs thought.
package viewfile

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modernc.org/sqlite" // the driver "sqlite", without cgo

	"doorstep/domain/eventlog"
	"doorstep/projections/follow"
)

// File is an open view file.
type File struct {
	path   string
	writer *sql.DB
	reader *sql.DB
}

// checkpoint is one row, always there.
const checkpoint = `CREATE TABLE IF NOT EXISTS checkpoint (
	one INTEGER PRIMARY KEY CHECK (one = 1), before INTEGER NOT NULL, position INTEGER NOT NULL, hash TEXT NOT NULL);
INSERT OR IGNORE INTO checkpoint VALUES (1, 0, 0, '');`

// Open opens the view file of that name in the folder, made with the schema
// where it is not there yet, and removes those that other programs left.
func Open(dir, name, schema string) (*File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	program, err := programDigest()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name+"."+program+".db")
	if err := removeOthers(dir, name, path); err != nil {
		return nil, err
	}
	f := &File{path: path}
	f.writer, err = create(path, schema)
	if damaged(err) { // all of it can be had from the log again
		if err := remove(path); err != nil {
			return nil, err
		}
		f.writer, err = create(path, schema)
	}
	if err != nil {
		return nil, fmt.Errorf("view file %s: %w", name, err)
	}
	if f.reader, err = connect(path, readers, "query_only(1)", "cache_size(-4000)"); err != nil {
		return nil, errors.Join(err, f.writer.Close())
	}
	return f, nil
}

// readers is how many queries of one view run at once.
const readers = 4

// create opens the file to write in it and makes the tables that are not there.
func create(path, schema string) (*sql.DB, error) {
	db, err := connect(path, 1, "synchronous(NORMAL)", "cache_size(-16000)")
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(checkpoint + schema); err != nil {
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

// connect opens the file. Syncing is relaxed: a view that lost its newest
// batches in a power cut takes them from the log again. Connections are kept,
// since each new one must read the schema again.
func connect(path string, connections int, pragmas ...string) (*sql.DB, error) {
	pragmas = append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "temp_store(MEMORY)"}, pragmas...)
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}} // a read-only transaction locks nothing all the same
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

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

// removeOthers removes the files of that view that other programs made.
func removeOthers(dir, name, keep string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		if !strings.HasPrefix(f.Name(), name+".") || !strings.Contains(f.Name(), ".db") || strings.HasPrefix(path, keep) {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
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

// Read is for queries; it refuses to write. Begin read-only transactions where
// several queries must see one moment.
func (f *File) Read() *sql.DB { return f.reader }

// Close closes the file.
func (f *File) Close() error { return errors.Join(f.reader.Close(), f.writer.Close()) }

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
