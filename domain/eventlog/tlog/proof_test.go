package tlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
)

// history is a log of 23 commits of several cases, of which case 7 has four in
// one stream and three in another; and the tree over it.
func history(t testing.TB) (records []eventlog.Record, tree *Tree, tiles Tiles) {
	t.Helper()
	log, heads, k := memory.New(), map[string]eventlog.Head{}, kept{}
	tree = &Tree{}
	for i := range 23 {
		stream := []string{"dispute-5", "dispute-7", "confirmation-5", "dispute-7-b", "confirmation-7", "dispute-9"}[i%6]
		r, err := log.Append(context.Background(), heads[stream], eventlogtest.Commit(stream, fmt.Sprint("c", i), 1+i%2))
		if err != nil {
			t.Fatal(err)
		}
		heads[stream] = r.Head
		records = append(records, r)
		k.put(tree.Add(Leaf(r.Sealed)))
	}
	k.put(tree.Edge())
	return records, tree, k.tiles
}

// prove makes the proof of case 7.
func prove(t testing.TB, s *Signer) Proof {
	t.Helper()
	records, tree, tiles := history(t)
	note := sign(t, s, Checkpoint{Origin("0f3c"), tree.Size(), tree.Root()})
	p := Proof{Form: ProofForm, Warning: "personal", Case: "7", Checkpoint: string(note)}
	for i, r := range records {
		if _, id, _ := strings.Cut(r.Stream, "-"); id != "7" {
			continue
		}
		path, err := Inclusion(tree.Size(), int64(i), tiles)
		if err != nil {
			t.Fatal(err)
		}
		in, err := Include(int64(i), r.Sealed, path)
		if err != nil {
			t.Fatal(err)
		}
		p.Commits = append(p.Commits, in)
	}
	return p
}

func TestAProofShowsTheWholeHistory(t *testing.T) {
	signer, public := keysOf(t, 1, "0f3c")
	p := prove(t, signer)
	file, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseProof(bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	c, records, err := again.Check(verifiersOf(t, public))
	if err != nil || c.Size != 23 || len(records) != 8 {
		t.Fatalf("%+v, %d commits, %v", c, len(records), err)
	}
	if r := records[7]; r.Stream != "confirmation-7" || r.Version != 3 || len(r.Events) == 0 {
		t.Errorf("the last is %s %d", r.Stream, r.Version)
	}
}

func TestAProofThatWasTouchedProvesNothing(t *testing.T) {
	signer, public := keysOf(t, 1, "0f3c")
	keys := verifiersOf(t, public)
	records, _, _ := history(t)
	foreign := records[0]
	for name, spoil := range map[string]func(p *Proof){
		"a commit left out":         func(p *Proof) { p.Commits = slices.Delete(p.Commits, 2, 3) },
		"the first left out":        func(p *Proof) { p.Commits = p.Commits[1:] },
		"two exchanged":             func(p *Proof) { p.Commits[1], p.Commits[3] = p.Commits[3], p.Commits[1] },
		"one twice":                 func(p *Proof) { p.Commits = slices.Insert(p.Commits, 1, p.Commits[0]) },
		"no commit":                 func(p *Proof) { p.Commits = nil },
		"another index":             func(p *Proof) { p.Commits[7].Index++ },
		"a negative index":          func(p *Proof) { p.Commits[0].Index = -1 },
		"another commit put in":     func(p *Proof) { p.Commits[0].Sealed = string(foreign.Sealed) },
		"a path cut":                func(p *Proof) { p.Commits[4].Path = p.Commits[4].Path[1:] },
		"a path of other things":    func(p *Proof) { p.Commits[4].Path[0] = "no hash" },
		"a case renamed":            func(p *Proof) { p.Case = "5" },
		"an unsigned checkpoint":    func(p *Proof) { p.Checkpoint = strings.Replace(p.Checkpoint, "\n23\n", "\n24\n", 1) },
		"a checkpoint of no record": func(p *Proof) { p.Checkpoint = "" },
	} {
		p := prove(t, signer)
		spoil(&p)
		if _, _, err := p.Check(keys); !errors.Is(err, ErrNotProven) && !errors.Is(err, ErrForm) && !errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryChangedByteOfACommitIsFound(t *testing.T) {
	signer, public := keysOf(t, 1, "0f3c")
	keys, p := verifiersOf(t, public), prove(t, signer)
	changed := 0
	for i := range p.Commits {
		whole := p.Commits[i].Sealed
		for at := range whole {
			b := []byte(whole)
			b[at] ^= 1
			p.Commits[i].Sealed = string(b)
			if _, _, err := p.Check(keys); !errors.Is(err, ErrNotProven) {
				t.Fatalf("commit %d, byte %d: %v", i, at, err)
			}
			changed++
		}
		p.Commits[i].Sealed = whole
	}
	if changed < 1000 {
		t.Fatalf("only %d bytes were changed", changed)
	}
}

func TestAFileWrittenOverIsRefused(t *testing.T) {
	signer, _ := keysOf(t, 1, "0f3c")
	file, err := prove(t, signer).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"something behind":    append(bytes.Clone(file), '{', '}'),
		"a part said twice":   bytes.Replace(file, []byte(`"case": "7",`), []byte(`"case": "9", "case": "7",`), 1),
		"a part more":         bytes.Replace(file, []byte(`"case": "7",`), []byte(`"case": "7", "also": 1,`), 1),
		"another letter case": bytes.Replace(file, []byte(`"case":`), []byte(`"Case":`), 1),
		"another form":        bytes.Replace(file, []byte(ProofForm), []byte("doorstep-proof/2"), 1),
		"white space":         append(bytes.Clone(file), '\n'),
		"half of it":          file[:len(file)/2],
		"nothing":             nil,
	} {
		if _, err := ParseProof(b); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Include(0, []byte{0xff}, nil); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("bytes that no file can carry: %v", err)
	}
}

func TestGrowthIsShownToWhoeverHoldsAnEarlierCheckpoint(t *testing.T) {
	signer, public := keysOf(t, 1, "0f3c")
	keys := verifiersOf(t, public)
	records, tree, tiles := history(t)
	at := func(size int64) string {
		root, err := RootAt(size, tiles)
		if err != nil {
			t.Fatal(err)
		}
		return string(sign(t, signer, Checkpoint{Origin("0f3c"), size, root}))
	}
	for older := range int64(len(records)) + 1 {
		path, err := Consistency(tree.Size(), older, tiles)
		if err != nil {
			t.Fatal(err)
		}
		file, err := NewGrowth(at(older), at(tree.Size()), path).Encode()
		if err != nil {
			t.Fatal(err)
		}
		g, err := ParseGrowth(file)
		if err != nil {
			t.Fatal(err)
		}
		if was, is, err := g.Check(keys); err != nil || was.Size != older || is.Size != 23 {
			t.Errorf("from %d: %+v %+v %v", older, was, is, err)
		}
		if older > 0 {
			g.Older = at(older - 1)
			if _, _, err := g.Check(keys); !errors.Is(err, ErrNotProven) && older > 1 {
				t.Errorf("the path from %d shows growth from %d: %v", older, older-1, err)
			}
			g.Older = strings.Replace(at(older), "\n", "\n1", 1)
			if _, _, err := g.Check(keys); !errors.Is(err, ErrNotProven) {
				t.Errorf("an unsigned checkpoint passes: %v", err)
			}
		}
	}
	g := NewGrowth(at(23), at(9), nil)
	if _, _, err := g.Check(keys); !errors.Is(err, ErrNotProven) {
		t.Errorf("a record that became shorter passes: %v", err)
	}
	g = NewGrowth(at(9), at(23), nil)
	g.Path = []string{"AAAA"}
	if _, _, err := g.Check(keys); !errors.Is(err, ErrForm) {
		t.Errorf("a path of other things: %v", err)
	}
	g.Newer = ""
	if _, _, err := g.Check(keys); !errors.Is(err, ErrForm) {
		t.Errorf("no newer checkpoint: %v", err)
	}
}

func FuzzProof(f *testing.F) {
	signer, public := keysOf(f, 1, "0f3c")
	keys := verifiersOf(f, public)
	p := prove(f, signer)
	file, err := p.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`{"form":"doorstep-proof/1"}`))
	genuine := map[string]bool{}
	for _, in := range p.Commits {
		genuine[in.Sealed] = true
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err != nil {
			return
		}
		_, records, err := p.Check(keys)
		if err != nil {
			return
		}
		for _, r := range records {
			if !genuine[string(r.Sealed)] {
				t.Errorf("proven, and never recorded: %s", r.Sealed)
			}
		}
	})
}
