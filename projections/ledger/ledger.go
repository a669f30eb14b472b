// Package ledger keeps the Merkle tree over all commits of the record: for each
// commit its leaf, so that a signed checkpoint, the proof that a commit is in
// the record, and the proof that one checkpoint goes on from another can be had
// at any time without reading the record again.
package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/follow"
	"doorstep/projections/viewfile"
)

// schema of the view file. Tiles are as in C2SP tlog-tiles, 256 hashes one
// behind the other; a stretch is where the leaves of a tile of level 0 stand in
// the log, eight bytes each, found by the first of them.
var schema = viewfile.Schema{Tables: `
CREATE TABLE IF NOT EXISTS tile (level INTEGER NOT NULL, n INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, n));
CREATE TABLE IF NOT EXISTS stretch (first INTEGER PRIMARY KEY, n INTEGER NOT NULL, positions BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tree (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL);
INSERT OR IGNORE INTO tree VALUES (1, 0);
`, Program: form}

// form is named anew when any of the above or what stands in it changes. It is
// no program's: the tree hangs on the sealed commits and on RFC 6962 alone, so
// that another program goes on with it and a start need not wait for it.
const form = "tree-1"

// file gives the view its name, mark, digest and the ways it is built.
type file = viewfile.File

// Ledger is the view. Safe for concurrent use.
type Ledger struct {
	*file
	notary *Notary // nil: nothing is signed

	mu    sync.RWMutex // guards the two below
	tree  *tlog.Tree
	stand follow.Mark

	positions []uint64 // of the leaves in the unfinished tile; the feeding goroutine's
}

// ErrOtherTree is given where the tree made anew is not the one that was kept.
var ErrOtherTree = errors.New("the record does not make the tree that was made of it before")

// ErrAbsent is given for a commit that is not in the tree, at least not yet.
var ErrAbsent = errors.New("the commit is not in the ledger")

// Open opens the view in its folder. What it takes in is made known to the
// notary, which may be nil.
func Open(dir string, notary *Notary) (*Ledger, error) {
	file, err := viewfile.Open(dir, "ledger", schema)
	if err != nil {
		return nil, err
	}
	l := &Ledger{file: file, notary: notary}
	if err := l.load(context.Background()); err != nil {
		return nil, errors.Join(fmt.Errorf("view ledger: %w", err), file.Close())
	}
	return l, nil
}

func (l *Ledger) load(ctx context.Context) error {
	var size int64
	if err := l.file.Read().QueryRowContext(ctx, `SELECT size FROM tree`).Scan(&size); err != nil {
		return err
	}
	var err error
	if l.tree, err = tlog.Resume(size, l.tiles(ctx)); err != nil {
		return err
	}
	if l.stand, err = l.file.Mark(ctx); err != nil || size%tlog.Width == 0 {
		return err
	}
	var blob []byte
	if err := l.file.Read().QueryRowContext(ctx, `SELECT positions FROM stretch WHERE n = ? ORDER BY first DESC LIMIT 1`, size/tlog.Width).Scan(&blob); err != nil {
		return err
	}
	l.positions = places(blob)
	return nil
}

// Concerns is follow.Reader's: the ledger reads no events, only what is sealed.
func (l *Ledger) Concerns(string, bool) bool { return false }

// Aside opens an empty copy, to build the view anew beside the one in use.
// Nothing of it is signed.
func (l *Ledger) Aside() (follow.Rebuildable, error) {
	file, err := l.file.Aside()
	return &Ledger{file: file, tree: &tlog.Tree{}}, err
}

// Adopt puts what was built aside in the place of what is in use. The error is
// ErrOtherTree where the two do not agree on what both hold: then the record
// was changed, or one of the files was, and nothing is exchanged.
func (l *Ledger) Adopt(aside follow.View) error {
	a, before := aside.(*Ledger), l.Stand()
	root, err := a.RootAt(context.Background(), before.Size)
	if err != nil {
		return err
	}
	if root != before.Root {
		return fmt.Errorf("%w, within the first %d commits", ErrOtherTree, before.Size)
	}
	return l.file.Adopt(a.file, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.tree, l.stand, l.positions = a.tree, a.stand, a.positions
	})
}

// Take is follow.View's.
func (l *Ledger) Take(ctx context.Context, from, to follow.Mark, batch []follow.Record) error {
	l.mu.RLock()
	next := l.tree.Clone()
	l.mu.RUnlock()
	g := growth{positions: append([]uint64(nil), l.positions...), n: next.Size() / tlog.Width}
	for _, r := range batch {
		g.tiles = append(g.tiles, next.Add(tlog.Leaf(r.Sealed))...)
		g.add(r.Position.Token())
	}
	g.tiles = append(g.tiles, next.Edge()...)
	g.end()
	err := l.file.Take(ctx, from, to, func(tx *sql.Tx) error { return g.write(ctx, tx, next.Size()) })
	if err != nil {
		return err
	}
	l.positions = g.positions
	l.mu.Lock()
	l.tree, l.stand = next, to
	l.mu.Unlock()
	if l.notary != nil {
		l.notary.hear(l.Stand())
	}
	return nil
}

// growth is what a batch adds to the file.
type growth struct {
	tiles     []tlog.Tile
	stretches []stretch
	positions []uint64 // of the unfinished one
	n         int64    // of the unfinished one
}

type stretch struct {
	n         int64
	positions []uint64
}

func (g *growth) add(position uint64) {
	if g.positions = append(g.positions, position); len(g.positions) == tlog.Width {
		g.stretches = append(g.stretches, stretch{g.n, g.positions})
		g.positions, g.n = nil, g.n+1
	}
}

func (g *growth) end() {
	if len(g.positions) > 0 {
		g.stretches = append(g.stretches, stretch{g.n, g.positions})
	}
}

func (g *growth) write(ctx context.Context, tx *sql.Tx, size int64) error {
	for _, t := range g.tiles {
		blob := make([]byte, 0, len(t.Hashes)*len(eventlog.Hash{}))
		for _, h := range t.Hashes {
			blob = append(blob, h[:]...)
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO tile VALUES (?, ?, ?)`, t.Level, t.N, blob); err != nil {
			return err
		}
	}
	for _, s := range g.stretches {
		blob := make([]byte, 0, 8*len(s.positions))
		for _, p := range s.positions {
			blob = binary.BigEndian.AppendUint64(blob, p)
		}
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO stretch VALUES (?, ?, ?)`, s.positions[0], s.n, blob); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE tree SET size = ?`, size)
	return err
}

func places(blob []byte) []uint64 {
	list := make([]uint64, len(blob)/8)
	for i := range list {
		list[i] = binary.BigEndian.Uint64(blob[8*i:])
	}
	return list
}

// tiles reads kept tiles.
func (l *Ledger) tiles(ctx context.Context) tlog.Tiles {
	return func(level int, n int64) ([]eventlog.Hash, error) {
		var blob []byte
		if err := l.file.Read().QueryRowContext(ctx, `SELECT hashes FROM tile WHERE level = ? AND n = ?`, level, n).Scan(&blob); err != nil {
			return nil, fmt.Errorf("tile %d/%d: %w", level, n, err)
		}
		hashes := make([]eventlog.Hash, len(blob)/len(eventlog.Hash{}))
		for i := range hashes {
			copy(hashes[i][:], blob[i*len(hashes[i]):])
		}
		return hashes, nil
	}
}

// Stand is where the ledger stands: how many commits, with which root, up to
// which record.
type Stand struct {
	Size int64
	Root eventlog.Hash
	Mark follow.Mark
}

// Stand gives it.
func (l *Ledger) Stand() Stand {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return Stand{l.tree.Size(), l.tree.Root(), l.stand}
}

// Tree is the tree as it was at that size, to be gone on with.
func (l *Ledger) Tree(ctx context.Context, size int64) (*tlog.Tree, error) {
	if size > l.Stand().Size {
		return nil, fmt.Errorf("%w: it has %d commits, %d were asked for", ErrAbsent, l.Stand().Size, size)
	}
	return tlog.Resume(size, l.tiles(ctx))
}

// RootAt is the root that the tree had at that size. The error is ErrAbsent
// when it has not come so far.
func (l *Ledger) RootAt(ctx context.Context, size int64) (eventlog.Hash, error) {
	if size > l.Stand().Size {
		return eventlog.Hash{}, fmt.Errorf("%w: it has %d commits, %d were asked for", ErrAbsent, l.Stand().Size, size)
	}
	return tlog.RootAt(size, l.tiles(ctx))
}

// Index is the place of the record in the tree, from 0. The error is ErrAbsent
// when none stands at that position.
func (l *Ledger) Index(ctx context.Context, p eventlog.Position) (int64, error) {
	var n int64
	var blob []byte
	err := l.file.Read().QueryRowContext(ctx, `SELECT n, positions FROM stretch WHERE first <= ? ORDER BY first DESC LIMIT 1`, p.Token()).Scan(&n, &blob)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	for i, at := range places(blob) {
		if at == p.Token() {
			return n*tlog.Width + int64(i), nil
		}
	}
	return 0, fmt.Errorf("%w: position %s", ErrAbsent, p)
}

// Inclusion proves that the index-th commit is in the tree of that size.
func (l *Ledger) Inclusion(ctx context.Context, size, index int64) ([]eventlog.Hash, error) {
	return tlog.Inclusion(size, index, l.tiles(ctx))
}

// Consistency proves that the tree of size newer holds that of size older
// unchanged.
func (l *Ledger) Consistency(ctx context.Context, newer, older int64) ([]eventlog.Hash, error) {
	return tlog.Consistency(newer, older, l.tiles(ctx))
}
