package tlog

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/eventlog"
)

// vectors are the leaves and roots with which Certificate Transparency's own
// implementations test theirs.
var vectors = []struct{ leaf, root string }{
	{"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
	{"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
	{"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
	{"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
	{"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
	{"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
	{"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
	{"606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
}

func TestTheTreeIsThatOfRFC6962(t *testing.T) {
	tree := &Tree{}
	if want := sha256.Sum256(nil); tree.Root() != want {
		t.Errorf("an empty tree has the root %s", tree.Root())
	}
	for i, v := range vectors {
		leaf, err := hex.DecodeString(v.leaf)
		if err != nil {
			t.Fatal(err)
		}
		tree.Add(Leaf(leaf))
		if tree.Root().String() != v.root || tree.Size() != int64(i)+1 {
			t.Errorf("%d leaves: root %s, want %s", tree.Size(), tree.Root(), v.root)
		}
	}
}

// plain is the Merkle tree hash as RFC 6962, 2.1 defines it, word for word.
func plain(leaves []eventlog.Hash) eventlog.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	left, right := plain(leaves[:k]), plain(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// kept are tiles in memory.
type kept map[string][]eventlog.Hash

func (k kept) put(tiles []Tile) {
	for _, t := range tiles {
		k[fmt.Sprint(t.Level, "/", t.N)] = t.Hashes
	}
}

func (k kept) tiles(level int, n int64) ([]eventlog.Hash, error) {
	if h, ok := k[fmt.Sprint(level, "/", n)]; ok {
		return h, nil
	}
	return nil, fmt.Errorf("no tile %d/%d", level, n)
}

// grow makes a tree of that size and keeps its tiles.
func grow(size int64) (*Tree, kept, []eventlog.Hash) {
	tree, k := &Tree{}, kept{}
	var leaves []eventlog.Hash
	for i := range size {
		leaves = append(leaves, Leaf(fmt.Append(nil, "commit ", i)))
		k.put(tree.Add(leaves[i]))
	}
	k.put(tree.Edge())
	return tree, k, leaves
}

// most is a size that has tiles of three levels.
const most = Width*Width + 3*Width + 7

func TestEveryTreeOfAnySizeIsThePlainOne(t *testing.T) {
	whole, k, leaves := grow(most)
	if whole.Root() != plain(leaves) {
		t.Fatal("the tree over three levels of tiles has another root")
	}
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.OneOf(rapid.Int64Range(0, 3*Width), rapid.Int64Range(0, most), rapid.SampledFrom([]int64{Width - 1, Width, Width + 1, Width*Width - 1, Width * Width, Width*Width + 1})).Draw(rt, "size")
		want := plain(leaves[:size])
		if root, err := RootAt(size, k.tiles); err != nil || root != want {
			rt.Fatalf("RootAt: %s (%v), want %s", root, err, want)
		}
		tree, err := Resume(size, k.tiles)
		if err != nil || tree.Root() != want || tree.Size() != size {
			rt.Fatalf("Resume: %v", err)
		}
		more := min(int64(rapid.IntRange(0, 2*Width).Draw(rt, "more")), most-size)
		grown := tree.Clone()
		for _, leaf := range leaves[size : size+more] {
			grown.Add(leaf)
		}
		if grown.Root() != plain(leaves[:size+more]) {
			rt.Fatal("a tree taken up again grows to another root")
		}
		if tree.Root() != want || tree.Size() != size {
			rt.Fatal("the tree moved with its clone")
		}
	})
}

func TestAnyCommitIsProvenInAnyTreeAndNoOther(t *testing.T) {
	_, k, leaves := grow(most)
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.OneOf(rapid.Int64Range(1, 40), rapid.Int64Range(1, most)).Draw(rt, "size")
		index := rapid.Int64Range(0, size-1).Draw(rt, "index")
		root := plain(leaves[:size])
		path, err := Inclusion(size, index, k.tiles)
		if err != nil {
			rt.Fatal(err)
		}
		if err := CheckInclusion(path, size, root, index, leaves[index]); err != nil {
			rt.Fatal(err)
		}
		other := rapid.Int64Range(0, size-1).Draw(rt, "other")
		if err := CheckInclusion(path, size, root, index, leaves[other]); other != index && !errors.Is(err, ErrNotProven) {
			rt.Fatalf("leaf %d passes for leaf %d: %v", other, index, err)
		}
		if err := CheckInclusion(path, size, root, other, leaves[index]); other != index && !errors.Is(err, ErrNotProven) {
			rt.Fatalf("leaf %d passes at %d: %v", index, other, err)
		}
		if len(path) == 0 {
			return
		}
		path[rapid.IntRange(0, len(path)-1).Draw(rt, "hash")][rapid.IntRange(0, 31).Draw(rt, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		if err := CheckInclusion(path, size, root, index, leaves[index]); !errors.Is(err, ErrNotProven) {
			rt.Fatalf("a changed path passes: %v", err)
		}
	})
}

func TestAnyTwoSizesAreConsistentAndNothingElseIs(t *testing.T) {
	_, k, leaves := grow(most)
	rapid.Check(t, func(rt *rapid.T) {
		newer := rapid.OneOf(rapid.Int64Range(0, 40), rapid.Int64Range(0, most)).Draw(rt, "newer")
		older := rapid.Int64Range(0, newer).Draw(rt, "older")
		at := func(size int64) Checkpoint { return Checkpoint{"doorstep/x", size, plain(leaves[:size])} }
		path, err := Consistency(newer, older, k.tiles)
		if err != nil {
			rt.Fatal(err)
		}
		if err := CheckConsistency(path, at(newer), at(older)); err != nil {
			rt.Fatal(err)
		}
		forged := at(older)
		forged.Root[rapid.IntRange(0, 31).Draw(rt, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		if err := CheckConsistency(path, at(newer), forged); !errors.Is(err, ErrNotProven) {
			rt.Fatalf("another history of %d commits passes: %v", older, err)
		}
		if err := CheckConsistency(path, Checkpoint{"doorstep/y", newer, plain(leaves[:newer])}, at(older)); !errors.Is(err, ErrNotProven) {
			rt.Fatalf("another record's checkpoint passes: %v", err)
		}
	})
}

func TestTilesThatAreNotThereAreTold(t *testing.T) {
	_, k, _ := grow(3 * Width / 2)
	short := func(level int, n int64) ([]eventlog.Hash, error) {
		h, err := k.tiles(level, n)
		return h[:len(h)/2], err
	}
	none := func(int, int64) ([]eventlog.Hash, error) { return nil, errors.New("gone") }
	for name, tiles := range map[string]Tiles{"short": short, "none": none} {
		if _, err := Resume(3*Width/2, tiles); err == nil {
			t.Errorf("%s: taken up again", name)
		}
		if _, err := RootAt(3*Width/2, tiles); err == nil {
			t.Errorf("%s: there is a root", name)
		}
		if _, err := Inclusion(3*Width/2, 3*Width/2-1, tiles); err == nil {
			t.Errorf("%s: there is a path", name)
		}
	}
}

func TestATreeAndItsCloneGrowApart(t *testing.T) {
	for size := range int64(2 * Width) {
		tree, _, leaves := grow(size)
		clone := tree.Clone()
		a, b := Leaf([]byte("a")), Leaf([]byte("b"))
		clone.Add(a)
		tree.Add(b)
		if clone.Root() != plain(append(leaves[:size:size], a)) || tree.Root() != plain(append(leaves[:size:size], b)) {
			t.Fatalf("at %d leaves one wrote over the other", size)
		}
	}
}
