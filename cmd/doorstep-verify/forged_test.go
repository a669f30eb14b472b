package main

import (
	"slices"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
)

func TestBothRefuseAProofThatWasTouched(t *testing.T) {
	c := newCourt(t, 20)
	genuine := c.proofOf(t, "1", 20)
	for name, spoil := range map[string]func(p *tlog.Proof){
		"a commit left out":      func(p *tlog.Proof) { p.Commits = slices.Delete(p.Commits, 2, 3) },
		"the first left out":     func(p *tlog.Proof) { p.Commits = p.Commits[1:] },
		"two exchanged":          func(p *tlog.Proof) { p.Commits[1], p.Commits[3] = p.Commits[3], p.Commits[1] },
		"one twice":              func(p *tlog.Proof) { p.Commits = slices.Insert(p.Commits, 1, p.Commits[0]) },
		"no commit":              func(p *tlog.Proof) { p.Commits = nil },
		"another index":          func(p *tlog.Proof) { p.Commits[2].Index++ },
		"an index beyond":        func(p *tlog.Proof) { p.Commits[6].Index = 20 },
		"a negative index":       func(p *tlog.Proof) { p.Commits[0].Index = -1 },
		"a path cut":             func(p *tlog.Proof) { p.Commits[2].Path = p.Commits[2].Path[1:] },
		"a path of other things": func(p *tlog.Proof) { p.Commits[2].Path[0] = "AAAA" },
		"a case renamed":         func(p *tlog.Proof) { p.Case = "2" },
		"a smaller tree":         func(p *tlog.Proof) { p.Checkpoint = c.note(t, 9) },
		"no checkpoint":          func(p *tlog.Proof) { p.Checkpoint = "" },
	} {
		p, err := tlog.ParseProof(genuine)
		if err != nil {
			t.Fatal(err)
		}
		spoil(&p)
		file, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if l, h := library(t, file, c.key), here(file, c.key); l || h {
			t.Errorf("%s: library %t, this program %t", name, l, h)
		}
	}
}

// TestACourtThatSignsTwoHistoriesCannotShowGrowth: the key is good, the record
// is not the one that the checkpoint spoke of.
func TestACourtThatSignsTwoHistoriesCannotShowGrowth(t *testing.T) {
	c := newCourt(t, 40)
	forged := func(size int64) string {
		note, err := c.signer.Sign(tlog.Checkpoint{Origin: tlog.Origin("0f3c"), Size: size, Root: eventlog.Hash{1, 2, 3}})
		if err != nil {
			t.Fatal(err)
		}
		return string(note)
	}
	for newer := int64(1); newer <= 40; newer++ {
		for older := range newer + 1 {
			for _, which := range []string{"older", "newer"} {
				g, err := tlog.ParseGrowth(c.growth(t, older, newer))
				if err != nil {
					t.Fatal(err)
				}
				if which == "older" {
					g.Older = forged(older)
				} else if g.Newer = forged(newer); older == 0 {
					continue // whatever came goes on from nothing
				}
				file, err := g.Encode()
				if err != nil {
					t.Fatal(err)
				}
				if l, h := library(t, file, c.key), here(file, c.key); l || h {
					t.Fatalf("%d to %d, the %s forged: library %t, this program %t", older, newer, which, l, h)
				}
			}
		}
	}
}
