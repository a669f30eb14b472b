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

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo

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
	if f.writer, err = connect(path, 1); err != nil {
		return nil, err
	}
	if _, err := f.writer.Exec(checkpoint + schema); err != nil {
		f.writer.Close()
		return nil, fmt.Errorf("view file %s: %w", name, err)
	}
	if f.reader, err = connect(path, 4); err != nil {
		f.writer.Close()
		return nil, err
	}
	return f, nil
}

// connect opens the file. Syncing is relaxed: a view that lost its newest
// batches in a power cut takes them from the log again.
func connect(path string, connections int) (*sql.DB, error) {
	q := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(10000)", "temp_store(MEMORY)", "cache_size(-16000)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
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

func removeOthers(dir, name, keep string) error {
	found, err := filepath.Glob(filepath.Join(dir, name+".*.db*"))
	if err != nil {
		return err
	}
	for _, path := range found {
		if strings.HasPrefix(path, keep) {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Read is for queries.
func (f *File) Read() *sql.DB { return f.reader }

// Close closes the file.
func (f *File) Close() error { return errors.Join(f.reader.Close(), f.writer.Close()) }

// Mark is the checkpoint.
func (f *File) Mark(ctx context.Context) (follow.Mark, error) {
	var before, position uint64
	var hash string
	row := f.writer.QueryRowContext(ctx, `SELECT before, position, hash FROM checkpoint`)
	if err := row.Scan(&before, &position, &hash); err != nil {
		return follow.Mark{}, err
	}
	m := follow.Mark{Before: eventlog.PositionAt(before), Position: eventlog.PositionAt(position)}
	return m, m.Hash.UnmarshalText([]byte(hash))
}

// Take writes a batch and moves the checkpoint, both or neither. The error is
// follow.ErrMoved when the checkpoint does not stand at from.
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

// Digest is a digest of all that the view holds, checkpoint and all, the same
// for the same content whatever order it was written in.
func (f *File) Digest(ctx context.Context) (string, error) {
	tables, err := column(ctx, f.reader, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, table := range tables {
		if err := digestTable(ctx, f.reader, table, h); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func digestTable(ctx context.Context, db *sql.DB, table string, h io.Writer) error {
	columns, err := column(ctx, db, `SELECT name FROM pragma_table_info('`+table+`') ORDER BY cid`)
	if err != nil {
		return err
	}
	list := `"` + strings.Join(columns, `", "`) + `"`
	rows, err := db.QueryContext(ctx, `SELECT `+list+` FROM "`+table+`" ORDER BY `+list)
	if err != nil {
		return err
	}
	defer rows.Close()
	cells, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %#v\n", table, cells)
	}
	return rows.Err()
}

func column(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
