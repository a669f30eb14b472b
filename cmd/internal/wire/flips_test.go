package wire

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// standing is all that the court says of its record: the root over every
// commit, and what each view holds.
type standing struct {
	commits int64
	root    string
	views   string
}

// stands verifies the court's folder. It gives an error where the start refuses
// and faults where the verification finds something.
func stands(t *testing.T, dir string) (s standing, faults []string, refused error) {
	t.Helper()
	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil {
		return s, nil, err
	}
	v, err := court.Verify(t.Context(), Since{})
	for _, view := range court.Views.list() {
		digest, e := view.Digest(t.Context())
		err = errors.Join(err, e)
		s.views += view.Name() + " " + digest + "\n"
	}
	s.commits, s.root, faults = v.Commits, v.Root, v.Faults
	if err != nil {
		faults = append(faults, err.Error())
	}
	if err := court.Close(); err != nil {
		faults = append(faults, err.Error())
	}
	return s, faults, nil
}

// classes are the files of the folder, one of each kind.
func classes(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() == 0 {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestFaultEveryTurnedBitIsFoundOrHarmless turns bits, one at a time, in every
// kind of file of a court's folder. Each is refused at the start, found by
// verify, or changed nothing: the same root, the same views.
func TestFaultEveryTurnedBitIsFoundOrHarmless(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a", "b", "c")
	visit(t, dir, "d1", "e")
	want, faults, err := stands(t, dir)
	if err != nil || len(faults) > 0 || want.commits != 5 {
		t.Fatalf("the court as it is: %+v, %v, %v", want, faults, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "session.key"), []byte(strings.Repeat("k", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	names := classes(t, dir)
	for _, must := range []string{"1.blk", "index.db", "meta.inf", "meta.sum", "genesis.json", "mark", "verifiers", "log.key", "checkpoint.json", "scrub.json", "session.key"} {
		if !slices.ContainsFunc(names, func(n string) bool { return filepath.Base(n) == must }) {
			t.Errorf("there is no %s among %q", must, names)
		}
	}
	counts := map[string]*[3]int{} // refused, found, harmless
	for i := range flips {
		name := names[i%len(names)]
		now := copied(t, dir)
		file := filepath.Join(now, name)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		at, bit := rnd.IntN(len(b)), rnd.IntN(8)
		b[at] ^= 1 << bit
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, faults, refused := stands(t, now)
		if counts[name] == nil {
			counts[name] = new([3]int)
		}
		switch {
		case refused != nil:
			counts[name][0]++
		case len(faults) > 0:
			counts[name][1]++
		case got == want:
			counts[name][2]++
		default:
			t.Errorf("%s, byte %d, bit %d: passed unseen: %+v, want %+v", name, at, bit, got, want)
		}
		if err := os.RemoveAll(now); err != nil {
			t.Fatal(err)
		}
	}
	total := [3]int{}
	for _, name := range names {
		if c := counts[name]; c != nil {
			t.Logf("%-60s %3d refused, %3d found, %3d harmless", name, c[0], c[1], c[2])
			for i := range total {
				total[i] += c[i]
			}
		}
	}
	t.Logf("%d bits turned in %d files: %d refused, %d found, %d harmless", flips, len(names), total[0], total[1], total[2])
	if total[0] == 0 || flips < len(names) {
		t.Error("the faults hit nothing")
	}
}
