// Package tlog is the court's transparency log (可验证日志): one Merkle tree
// over all commits of the record, in the record's order, as RFC 6962 has it,
// with checkpoints and keys in the forms of C2SP (tlog-checkpoint, signed-note).
// A leaf is the sealed bytes of a commit. Who holds a signed checkpoint can
// tell for ever after whether anything recorded before it was changed, left out
// or put in.
//
// The package computes; who keeps the hashes and the key is not its business.
package tlog

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"doorstep/domain/eventlog"
)

// ErrNotProven is given where a proof, a checkpoint or a signature does not
// show what it claims.
var ErrNotProven = errors.New("not proven")

// Leaf is the hash under which a sealed commit stands in the tree.
func Leaf(sealed []byte) eventlog.Hash { return eventlog.Hash(tlog.RecordHash(sealed)) }

// height is that of a tile, as in C2SP tlog-tiles.
const height = 8

// Width is how many hashes a full tile holds.
const Width = 1 << height

// Tile is a stretch of hashes of one level, kept together: at level 0 the
// leaves, at level 1 the roots of full tiles of level 0, and so on. Tile N of a
// level starts at the N*Width-th hash of it.
type Tile struct {
	Level  int
	N      int64
	Hashes []eventlog.Hash // at most Width; fewer only in the newest of a level
}

// Tree is a tree that grows: of what is finished it keeps nothing, of each
// level only the newest tile. The zero Tree is empty.
type Tree struct {
	size int64
	edge [][]eventlog.Hash // by level; always shorter than Width
}

// Size is how many leaves the tree has.
func (t *Tree) Size() int64 { return t.size }

// Clone is a tree that grows by itself.
func (t *Tree) Clone() *Tree {
	c := &Tree{size: t.size, edge: make([][]eventlog.Hash, len(t.edge))}
	for i, hashes := range t.edge {
		c.edge[i] = slices.Clone(hashes)
	}
	return c
}

// Add puts a leaf behind the last and gives the tiles that it finished.
func (t *Tree) Add(leaf eventlog.Hash) []Tile {
	var full []Tile
	t.size++
	for level, h, n := 0, leaf, t.size; ; level++ {
		if level == len(t.edge) {
			t.edge = append(t.edge, nil)
		}
		t.edge[level] = append(t.edge[level], h)
		if n%Width != 0 {
			return full
		}
		n /= Width
		full = append(full, Tile{level, n - 1, t.edge[level]})
		h = subtree(t.edge[level])
		t.edge[level] = nil
	}
}

// Edge is the newest tile of each level that has one unfinished.
func (t *Tree) Edge() []Tile {
	var edge []Tile
	n := t.size
	for level, hashes := range t.edge {
		n /= Width
		if len(hashes) > 0 {
			edge = append(edge, Tile{level, n, slices.Clone(hashes)})
		}
	}
	return edge
}

// subtree is the root of a full tree over the hashes, whose number is a power
// of two.
func subtree(hashes []eventlog.Hash) eventlog.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return eventlog.Hash(tlog.NodeHash(tlog.Hash(subtree(hashes[:half])), tlog.Hash(subtree(hashes[half:]))))
}

// Root is the root hash; of an empty tree the SHA-256 of nothing.
func (t *Tree) Root() eventlog.Hash {
	// All that the root is made of lies in the unfinished tiles, so that no
	// other is asked for.
	root, err := RootAt(t.size, func(level int, n int64) ([]eventlog.Hash, error) {
		if level >= len(t.edge) {
			return nil, fmt.Errorf("no tile %d/%d", level, n)
		}
		return t.edge[level], nil
	})
	if err != nil {
		panic("tlog: " + err.Error()) // a Tree holds what it was given
	}
	return root
}

// Resume takes a tree of that size up again from its kept tiles.
func Resume(size int64, tiles Tiles) (*Tree, error) {
	t := &Tree{size: size}
	for level, n := 0, size; n > 0; level, n = level+1, n/Width {
		width := int(n % Width)
		t.edge = append(t.edge, nil)
		if width == 0 {
			continue
		}
		hashes, err := tiles(level, n/Width)
		if err != nil {
			return nil, err
		}
		if len(hashes) < width {
			return nil, fmt.Errorf("tile %d/%d holds %d hashes of %d", level, n/Width, len(hashes), width)
		}
		t.edge[level] = slices.Clone(hashes[:width])
	}
	return t, nil
}

// Tiles gives the hashes of a kept tile, as many as there are.
type Tiles func(level int, n int64) ([]eventlog.Hash, error)

// ReadHashes is tlog.HashReader's: the hashes at storage indexes.
func (tiles Tiles) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		tile := tlog.TileForIndex(height, index)
		kept, err := tiles(tile.L, tile.N)
		if err != nil {
			return nil, err
		}
		data := make([]byte, 0, len(kept)*tlog.HashSize)
		for _, h := range kept {
			data = append(data, h[:]...)
		}
		if hashes[i], err = tlog.HashFromTile(tile, data, index); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// RootAt is the root hash that the tree had when it was of that size.
func RootAt(size int64, tiles Tiles) (eventlog.Hash, error) {
	h, err := tlog.TreeHash(size, tiles)
	return eventlog.Hash(h), err
}

// Inclusion proves that the index-th leaf, counted from 0, is in the tree of
// that size: the hashes beside its way up, the lowest first (RFC 6962, 2.1.1).
func Inclusion(size, index int64, tiles Tiles) ([]eventlog.Hash, error) {
	p, err := tlog.ProveRecord(size, index, tiles)
	return ours(p), err
}

// Consistency proves that the tree of size newer holds the tree of size older
// unchanged in front (RFC 6962, 2.1.2).
func Consistency(newer, older int64, tiles Tiles) ([]eventlog.Hash, error) {
	if older == 0 { // every tree holds the empty one; the library wants more
		return nil, nil
	}
	p, err := tlog.ProveTree(newer, older, tiles)
	return ours(p), err
}

// CheckInclusion checks what Inclusion gave; the error is ErrNotProven.
func CheckInclusion(proof []eventlog.Hash, size int64, root eventlog.Hash, index int64, leaf eventlog.Hash) error {
	if err := tlog.CheckRecord(theirs(proof), size, tlog.Hash(root), index, tlog.Hash(leaf)); err != nil {
		return fmt.Errorf("%w: commit %d is not in the tree of %d commits with this root", ErrNotProven, index, size)
	}
	return nil
}

// CheckConsistency checks what Consistency gave; the error is ErrNotProven.
func CheckConsistency(proof []eventlog.Hash, newer, older Checkpoint) error {
	if newer.Origin != older.Origin {
		return fmt.Errorf("%w: the checkpoints are of two records", ErrNotProven)
	}
	if older.Size == 0 && len(proof) == 0 && older.Root == (&Tree{}).Root() {
		return nil
	}
	if err := tlog.CheckTree(theirs(proof), newer.Size, tlog.Hash(newer.Root), older.Size, tlog.Hash(older.Root)); err != nil {
		return fmt.Errorf("%w: the tree of %d commits does not hold that of %d unchanged", ErrNotProven, newer.Size, older.Size)
	}
	return nil
}

func ours(p []tlog.Hash) []eventlog.Hash {
	hashes := make([]eventlog.Hash, len(p))
	for i, h := range p {
		hashes[i] = eventlog.Hash(h)
	}
	return hashes
}

func theirs(p []eventlog.Hash) []tlog.Hash {
	hashes := make([]tlog.Hash, len(p))
	for i, h := range p {
		hashes[i] = tlog.Hash(h)
	}
	return hashes
}
