package vault

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modernc.org/sqlite" // the driver "sqlite", without cgo

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/sealed"
)

// Keys is the keys' store: one file, in which every ring of keys lies encrypted.
// Safe for concurrent use; one process at a time.
type Keys struct {
	writer *sql.DB // every commit is synced
	marker *sql.DB // for what may be lost in a power cut
	reader *sql.DB
	under  []byte // wraps the rings
	index  []byte // makes marks of names and numbers
	cache  *cache
	asked  chan asking
	done   chan struct{}
}

// file is the name of the store in its folder.
const file = "keys.db"

// schema: a row per case with its keys, encrypted; by which number which person
// of which case is found; a note for who destroys keys.
const schema = `
CREATE TABLE IF NOT EXISTS store (one INTEGER PRIMARY KEY CHECK (one = 1), form INTEGER NOT NULL, log TEXT NOT NULL, wrapped BLOB NOT NULL, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ring (id TEXT PRIMARY KEY, keys BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS number (tag BLOB NOT NULL, ring TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (tag, ring, person)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_ring ON number (ring, person);
`

// Exist tells whether there is a keys' store in the folder.
func Exist(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, file))
	return err == nil
}

// CreateKeys makes the keys' store of a log in the folder; it is on the disk when
// it returns, and open.
func CreateKeys(ctx context.Context, dir, log string, master Master) (*Keys, error) {
	if Exist(dir) {
		return nil, fmt.Errorf("%s: %w", file, os.ErrExist)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, sealed.KeySize)
	rand.Read(key)
	wrapped, err := master.Wrap(ctx, masterName(log), key)
	if err != nil {
		return nil, err
	}
	making := filepath.Join(dir, file+".new") // a store that was not finished is none
	for _, left := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(making + left); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	db, err := connect(making, 1, "synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, schema+`INSERT INTO store VALUES (1, 1, ?, ?, '')`, log, wrapped)
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	if err := os.Chmod(making, 0o600); err != nil {
		return nil, err
	}
	if err := os.Rename(making, filepath.Join(dir, file)); err != nil {
		return nil, err
	}
	if err := errors.Join(syncFolder(dir), syncFolder(filepath.Dir(dir))); err != nil {
		return nil, err
	}
	return OpenKeys(ctx, dir, log, master)
}

func masterName(log string) string { return "doorstep persons' keys of " + log }

// OpenKeys opens the keys' store of the log. Errors: ErrNoKeys, ErrOtherKeys,
// ErrOtherMaster.
func OpenKeys(ctx context.Context, dir, log string, master Master) (*Keys, error) {
	path := filepath.Join(dir, file)
	if !Exist(dir) {
		return nil, fmt.Errorf("%w: %s", ErrNoKeys, path)
	}
	k := &Keys{cache: newCache(), asked: make(chan asking, 1024), done: make(chan struct{})}
	var err error
	if k.writer, err = connect(path, 1, "synchronous(FULL)"); err != nil {
		return nil, err
	}
	if k.marker, err = connect(path, 1, "synchronous(NORMAL)"); err != nil {
		return nil, errors.Join(err, k.writer.Close())
	}
	if k.reader, err = connect(path, 4, "query_only(1)", "cache_size(-8000)"); err != nil {
		return nil, errors.Join(err, k.writer.Close(), k.marker.Close())
	}
	if err := k.unlock(ctx, log, master); err != nil {
		return nil, errors.Join(err, k.closeFiles())
	}
	go k.run()
	return k, nil
}

// unlock reads whose store it is and unwraps its key.
func (k *Keys) unlock(ctx context.Context, log string, master Master) error {
	var form int
	var whose string
	var wrapped []byte
	err := k.reader.QueryRowContext(ctx, `SELECT form, log, wrapped FROM store`).Scan(&form, &whose, &wrapped)
	var broken *sqlite.Error
	switch {
	case errors.Is(err, sql.ErrNoRows), errors.As(err, &broken):
		return fmt.Errorf("%w: %s is damaged: %w", ErrNoKeys, file, err)
	case err != nil:
		return err
	case whose != log || form != 1:
		return ErrOtherKeys
	}
	key, err := master.Unwrap(ctx, masterName(log), wrapped)
	if err != nil || len(key) != sealed.KeySize {
		return ErrOtherMaster
	}
	k.under, k.index = derive(key, "rings"), derive(key, "index")
	return nil
}

func derive(key []byte, what string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(what))
	return h.Sum(nil)
}

// connect opens the file. What is deleted is overwritten with zeros.
func connect(path string, connections int, pragmas ...string) (*sql.DB, error) {
	pragmas = append([]string{"busy_timeout(30000)", "journal_mode(WAL)", "secure_delete(ON)", "temp_store(MEMORY)"}, pragmas...)
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Close closes the store; nobody may append any more.
func (k *Keys) Close() error {
	close(k.asked)
	<-k.done
	return k.closeFiles()
}

func (k *Keys) closeFiles() error {
	return errors.Join(k.reader.Close(), k.marker.Close(), k.writer.Close())
}

// find gives one key. Errors: ErrErased, ErrKeyMissing.
func (k *Keys) find(ctx context.Context, id string, w sealed.Whose) ([]byte, error) {
	r, err := k.ring(ctx, id)
	if err != nil {
		return nil, err
	}
	key, err := r.key(w)
	if errors.Is(err, ErrKeyMissing) {
		err = fmt.Errorf("%w: %s", err, w)
	}
	return key, err
}

// ring gives the keys of a case; none where it has none.
func (k *Keys) ring(ctx context.Context, id string) (ring, error) {
	r, ok, wiped := k.cache.get(id)
	if ok {
		return r, nil
	}
	r, err := k.readRing(k.reader.QueryRowContext(ctx, selectRing, id), id)
	if err == nil {
		k.cache.keep(id, r, wiped)
	}
	return r, err
}

const selectRing = `SELECT keys FROM ring WHERE id = ?`

func (k *Keys) readRing(row *sql.Row, id string) (ring, error) {
	var b []byte
	if err := row.Scan(&b); errors.Is(err, sql.ErrNoRows) {
		return ring{}, nil
	} else if err != nil {
		return nil, err
	}
	b, err := unwrap(k.under, id, b)
	if err != nil {
		return nil, fmt.Errorf("%w: the keys of %s cannot be read", ErrNoKeys, id)
	}
	return readRing(b)
}

// officer is the mark of who acts in an office under this name.
func (k *Keys) officer(name string) string {
	return "m-" + hex.EncodeToString(derive(k.index, "office "+strings.TrimSpace(name))[:12])
}

// tag is the mark of an identity number, however it is typed.
func (k *Keys) tag(number string) []byte {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '\u3000' || r == '-':
			return -1
		case r > '\uff00' && r < '\uff5f': // full width
			return r - ('\uff01' - '!')
		}
		return r
	}, strings.TrimSpace(number))
	return derive(k.index, "number "+strings.ToUpper(plain))[:16]
}

// Found is one case in which a person stands.
type Found struct{ Case, Person string }

// Find gives the cases in which the person of that identity number stands, in
// no order that means anything.
func (k *Keys) Find(ctx context.Context, number string) ([]Found, error) {
	rows, err := k.reader.QueryContext(ctx, `SELECT ring, person FROM number WHERE tag = ? ORDER BY ring, person`, k.tag(number))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Found
	for rows.Next() {
		var f Found
		if err := rows.Scan(&f.Case, &f.Person); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, rows.Err()
}

// Erase destroys the keys of the person in the case, for every purpose, and those
// of the texts that belong to all in it. It is durable, and the bytes are
// overwritten in the store's files, when it returns; how many keys there were it
// tells. To erase again is no error.
func (k *Keys) Erase(ctx context.Context, id, person string) (int, error) {
	n, err := k.erase(ctx, id, []string{person, Everybody})
	k.cache.wipe(id)
	if err != nil || n == 0 {
		return n, err
	}
	return n, k.overwrite(ctx)
}

func (k *Keys) erase(ctx context.Context, id string, persons []string) (int, error) {
	tx, err := k.writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	old, err := k.readRing(tx.QueryRowContext(ctx, selectRing, id), id)
	if err != nil {
		return 0, err
	}
	left, n := old.without(persons)
	for _, p := range persons { // nothing more is sealed for them, whatever they had
		for _, purpose := range []string{"identity", "contact", "text"} {
			if w := (sealed.Whose{Person: p, Purpose: purpose}); (p == Everybody) == (purpose == "text") {
				if _, had := left[w]; !had {
					left[w] = nil
				}
			}
		}
	}
	if _, err := tx.ExecContext(ctx, putRing, id, wrap(k.under, id, left.written())); err != nil {
		return 0, err
	}
	for _, p := range persons {
		if _, err := tx.ExecContext(ctx, `DELETE FROM number WHERE ring = ? AND person = ?`, id, p); err != nil {
			return 0, err
		}
	}
	return n, tx.Commit()
}

const putRing = `INSERT OR REPLACE INTO ring VALUES (?, ?)`

// overwrite empties the journal, in which older pages stand.
func (k *Keys) overwrite(ctx context.Context) error {
	for range 20 {
		var busy, pages, moved int
		if err := k.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
			return err
		}
		if busy == 0 {
			return nil
		}
	}
	return errors.New("the keys are destroyed, but others read in their store and its journal could not be emptied yet")
}

// Note is what SetNote said last.
func (k *Keys) Note(ctx context.Context) (note string, err error) {
	err = k.reader.QueryRowContext(ctx, `SELECT note FROM store`).Scan(&note)
	return note, err
}

// SetNote keeps a note for who destroys keys: how far in the log it has come. A
// store put back from a copy has the note of its day. The newest may be lost in
// a power cut, never one from before the last Erase.
func (k *Keys) SetNote(ctx context.Context, note string) error {
	_, err := k.marker.ExecContext(ctx, `UPDATE store SET note = ?`, note)
	return err
}

// asking is a commit that needs keys.
type asking struct {
	ring    string
	whose   []sealed.Whose
	numbers map[sealed.Whose]string
	answer  chan answer
}

type answer struct {
	ring ring
	err  error
}

// have gives the key of each piece, in their order, made and kept where there
// was none. Errors: ErrErased; eventlog.ErrUnavailable where it cannot be kept.
func (k *Keys) have(ctx context.Context, work []piece, stream string) ([][]byte, error) {
	rings := map[string]ring{}
	needed := map[string]*asking{}
	for _, p := range work {
		id := p.ring(stream)
		r, seen := rings[id]
		if !seen {
			var err error
			if r, err = k.ring(ctx, id); err != nil {
				return nil, unavailable(err)
			}
			rings[id] = r
		}
		if _, known := r[p.whose]; known {
			continue
		}
		if needed[id] == nil {
			needed[id] = &asking{ring: id, numbers: map[sealed.Whose]string{}, answer: make(chan answer, 1)}
		}
		a := needed[id]
		if !slices.Contains(a.whose, p.whose) {
			a.whose = append(a.whose, p.whose)
		}
		if p.number != "" {
			a.numbers[p.whose] = p.number
		}
	}
	for _, a := range needed {
		k.asked <- *a
	}
	for id, a := range needed {
		got := <-a.answer
		if got.err != nil {
			return nil, unavailable(got.err)
		}
		rings[id] = got.ring
	}
	keys := make([][]byte, len(work))
	for i, p := range work {
		var err error
		if keys[i], err = rings[p.ring(stream)].key(p.whose); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func unavailable(err error) error {
	return fmt.Errorf("%w: a person's key cannot be kept: %w", eventlog.ErrUnavailable, err)
}

// group is the most commits whose keys are kept with one sync.
const group = 1000

// run keeps the keys that are asked for: of all that wait, in one transaction.
func (k *Keys) run() {
	defer close(k.done)
	for first := range k.asked {
		waiting := []asking{first}
		for more := true; more && len(waiting) < group; {
			select {
			case a, open := <-k.asked:
				if more = open; open {
					waiting = append(waiting, a)
				}
			default:
				more = false
			}
		}
		_, _, wiped := k.cache.get("")
		rings, err := k.keep(waiting)
		for id, r := range rings {
			k.cache.keep(id, r, wiped)
		}
		for _, a := range waiting {
			a.answer <- answer{rings[a.ring], err}
		}
	}
}

// keep adds the keys to their rings; all are durable when it returns.
func (k *Keys) keep(waiting []asking) (map[string]ring, error) {
	ctx := context.Background()
	tx, err := k.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	rings := map[string]ring{}
	for _, a := range waiting {
		if rings[a.ring] == nil {
			if rings[a.ring], err = k.readRing(tx.QueryRowContext(ctx, selectRing, a.ring), a.ring); err != nil {
				return nil, err
			}
		}
		rings[a.ring] = rings[a.ring].with(a.whose)
		for w, number := range a.numbers {
			if rings[a.ring][w] == nil {
				continue // erased: it is not found again
			}
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO number VALUES (?, ?, ?)`, k.tag(number), a.ring, w.Person); err != nil {
				return nil, err
			}
		}
	}
	for id, r := range rings {
		if _, err := tx.ExecContext(ctx, putRing, id, wrap(k.under, id, r.written())); err != nil {
			return nil, err
		}
	}
	return rings, tx.Commit()
}

// Erased tells whether the person has no key in the case that opens anything.
func (k *Keys) Erased(ctx context.Context, id, person string) bool {
	r, err := k.ring(ctx, id)
	if err != nil {
		return false
	}
	for w, key := range r {
		if key != nil && (w.Person == person || w.Person == Everybody) {
			return false
		}
	}
	return true
}
