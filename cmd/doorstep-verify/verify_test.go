package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/eventlog/tlog"
)

// The tests make files with the library and check them with this program, which
// shares no code with it: where both say the same, neither is alone in an error.

// fixed makes keys that are the same in every run.
type fixed byte

func (s fixed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

// court is a small record with its key and its tree.
type court struct {
	signer  *tlog.Signer
	key     string
	records []eventlog.Record
	tiles   tlog.Tiles
}

func newCourt(t testing.TB, commits int) court {
	t.Helper()
	secret, key, err := tlog.NewKey(fixed(1), tlog.Origin("0f3c"))
	if err != nil {
		t.Fatal(err)
	}
	c := court{key: key + "\n"}
	if c.signer, err = tlog.ParseSigner(secret); err != nil {
		t.Fatal(err)
	}
	log, heads, tree := memory.New(), map[string]eventlog.Head{}, &tlog.Tree{}
	for i := range commits {
		stream := fmt.Sprintf("%s-%d", []string{"dispute", "confirmation"}[i%2], i%3)
		r, err := log.Append(context.Background(), heads[stream], eventlogtest.Commit(stream, fmt.Sprint("c", i), 2))
		if err != nil {
			t.Fatal(err)
		}
		heads[stream] = r.Head
		c.records = append(c.records, r)
		tree.Add(tlog.Leaf(r.Sealed))
	}
	edge := tree.Edge()
	c.tiles = func(level int, n int64) ([]eventlog.Hash, error) { return edge[level].Hashes, nil } // fewer than a tile holds
	return c
}

func (c court) note(t testing.TB, size int64) string {
	t.Helper()
	root, err := tlog.RootAt(size, c.tiles)
	if err != nil {
		t.Fatal(err)
	}
	note, err := c.signer.Sign(tlog.Checkpoint{Origin: tlog.Origin("0f3c"), Size: size, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	return string(note)
}

// proofOf is the proof file of a case in the tree of that size.
func (c court) proofOf(t testing.TB, id string, size int64) []byte {
	t.Helper()
	p := tlog.Proof{Form: tlog.ProofForm, Warning: "personal", Case: id, Checkpoint: c.note(t, size)}
	for i, r := range c.records[:size] {
		if _, of, _ := strings.Cut(r.Stream, "-"); of != id {
			continue
		}
		path, err := tlog.Inclusion(size, int64(i), c.tiles)
		if err != nil {
			t.Fatal(err)
		}
		in, err := tlog.Include(int64(i), r.Sealed, path)
		if err != nil {
			t.Fatal(err)
		}
		p.Commits = append(p.Commits, in)
	}
	file, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func (c court) growth(t testing.TB, older, newer int64) []byte {
	t.Helper()
	path, err := tlog.Consistency(newer, older, c.tiles)
	if err != nil {
		t.Fatal(err)
	}
	file, err := tlog.NewGrowth(c.note(t, older), c.note(t, newer), path).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// library is what the library says of a file.
func library(t testing.TB, file []byte, key string) bool {
	t.Helper()
	keys, err := tlog.ParseVerifiers(key)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := tlog.ParseProof(file); err == nil {
		_, _, err = p.Check(keys)
		return err == nil
	}
	g, err := tlog.ParseGrowth(file)
	if err == nil {
		_, _, err = g.Check(keys)
	}
	return err == nil
}

// here is what this program says of it.
func here(file []byte, key string) bool {
	var out, errs bytes.Buffer
	return judge(file, key, &out, &errs) == codeProven
}

func TestBothProveEveryCaseInEveryTree(t *testing.T) {
	c := newCourt(t, 70)
	for size := int64(6); size <= 70; size++ {
		for _, id := range []string{"0", "1", "2"} {
			file := c.proofOf(t, id, size)
			if !library(t, file, c.key) || !here(file, c.key) {
				t.Fatalf("case %s among %d commits: library %t, this program %t", id, size, library(t, file, c.key), here(file, c.key))
			}
		}
	}
}

func TestBothProveEveryGrowth(t *testing.T) {
	c := newCourt(t, 40)
	for newer := range int64(41) {
		for older := range newer + 1 {
			file := c.growth(t, older, newer)
			if !library(t, file, c.key) || !here(file, c.key) {
				t.Fatalf("%d to %d: library %t, this program %t", older, newer, library(t, file, c.key), here(file, c.key))
			}
			// The same path for another pair of checkpoints shows nothing.
			for _, other := range []int64{older - 1, older + 1} {
				if other < 0 || other > 40 || older == 0 {
					continue
				}
				g, err := tlog.ParseGrowth(file)
				if err != nil {
					t.Fatal(err)
				}
				g.Older = c.note(t, other)
				wrong, err := g.Encode()
				if err != nil {
					t.Fatal(err)
				}
				if l, h := library(t, wrong, c.key), here(wrong, c.key); l != h || h && other != 0 {
					t.Fatalf("the path from %d to %d for %d: library %t, this program %t", older, newer, other, l, h)
				}
			}
		}
	}
}

func TestNoByteOfAFileCanBeChanged(t *testing.T) {
	c := newCourt(t, 9)
	for name, file := range map[string][]byte{"a proof": c.proofOf(t, "1", 9), "a growth": c.growth(t, 5, 9)} {
		warning := bytes.Index(file, []byte("personal")) // which says something about the file and nothing of the case
		for at := range file {
			for _, bit := range []byte{1, 32} {
				b := bytes.Clone(file)
				b[at] ^= bit
				l, h := library(t, b, c.key), here(b, c.key)
				if free := warning >= 0 && at >= warning && at < warning+len("personal"); h && !free || l != h {
					t.Fatalf("%s, byte %d (%q for %q): library %t, this program %t", name, at, b[at], file[at], l, h)
				}
			}
		}
	}
}

func TestTheCommandLineSaysWhatIsProven(t *testing.T) {
	c, dir := newCourt(t, 20), t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	_, stranger, err := tlog.NewKey(fixed(9), tlog.Origin("0f3c"))
	if err != nil {
		t.Fatal(err)
	}
	key, proof := file("court.key", []byte("\n"+stranger+"\n"+c.key)), file("proof", c.proofOf(t, "1", 20))
	for name, s := range map[string]struct {
		args     []string
		code     int
		out, err string
	}{
		"a proof":           {[]string{"--key", key, proof}, codeProven, "PROVEN: 7 次登记", ""},
		"a growth":          {[]string{"--key", key, file("growth", c.growth(t, 7, 20))}, codeProven, "7 → 20", ""},
		"the wrong key":     {[]string{"--key", file("other.key", []byte(stranger)), proof}, codeNotProven, "", "none of the keys"},
		"a shorter record":  {[]string{"--key", key, file("shrunk", bytes.ReplaceAll(c.growth(t, 7, 20), []byte("7\\n"), []byte("8\\n")))}, codeNotProven, "", "none of the keys"},
		"some other file":   {[]string{"--key", key, key}, codeNotProven, "", "is not a doorstep-proof/1"},
		"no file":           {[]string{"--key", key, filepath.Join(dir, "none")}, codeUsage, "", "cannot be read"},
		"no key":            {[]string{proof}, codeUsage, "", "usage"},
		"an unknown option": {[]string{"--nonsense"}, codeUsage, "", "usage"},
		"help":              {[]string{"--help"}, codeProven, "", "usage"},
	} {
		var out, errs bytes.Buffer
		if code := run(s.args, &out, &errs); code != s.code || !strings.Contains(out.String(), s.out) || !strings.Contains(errs.String(), s.err) {
			t.Errorf("%s: exit %d\n%s\n%s", name, code, out.String(), errs.String())
		}
		if s.code != codeProven && out.Len() > 0 {
			t.Errorf("%s: something is shown that is not proven:\n%s", name, out.String())
		}
	}
	var out, errs bytes.Buffer
	run([]string{"--key", key, proof}, &out, &errs)
	if lines := strings.Count(out.String(), "recorded 20"); lines != 14 {
		t.Errorf("%d of 14 events are shown:\n%s", lines, out.String())
	}
}

func FuzzBothSayTheSame(f *testing.F) {
	c := newCourt(f, 20)
	f.Add(c.proofOf(f, "1", 20))
	f.Add(c.proofOf(f, "2", 9))
	f.Add(c.growth(f, 7, 20))
	f.Add(c.growth(f, 0, 20))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if l, h := library(t, file, c.key), here(file, c.key); l != h {
			t.Errorf("library %t, this program %t", l, h)
		}
	})
}
