package wire

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/eventlog/tlog"
)

// told is a log that holds what the test says, and reads it as engines do.
type told struct {
	eventlog.Log
	sealed [][]byte
}

func (l told) End(context.Context) (eventlog.Position, error) {
	return eventlog.PositionAt(uint64(len(l.sealed))), nil
}

func (l told) Follow(_ context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for i, sealed := range l.sealed[after.Token():] {
			r, err := eventlog.Open(sealed)
			r.Position = eventlog.PositionAt(uint64(i) + 1)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// recorded are the sealed commits of a log, and the tree's claim over the first
// n of them.
func recorded(t *testing.T, n int) ([][]byte, tlog.Checkpoint) {
	t.Helper()
	log, heads, tree := memory.New(), map[string]eventlog.Head{}, tlog.Tree{}
	var sealed [][]byte
	for i := range 15 {
		stream := fmt.Sprint("dispute-", i%4)
		r, err := log.Append(t.Context(), heads[stream], eventlogtest.Commit(stream, fmt.Sprint("c", i), 1))
		if err != nil {
			t.Fatal(err)
		}
		heads[stream] = r.Head
		if sealed = append(sealed, r.Sealed); i < n {
			tree.Add(tlog.Leaf(r.Sealed))
		}
	}
	return sealed, tlog.Checkpoint{Size: tree.Size(), Root: tree.Root()}
}

// detected tells whether the walk finds that the log is not what the claim says.
func detected(t *testing.T, sealed [][]byte, says tlog.Checkpoint) bool {
	t.Helper()
	c := &claim{by: "the checkpoint given", says: says}
	_, _, err := verifyTree(t.Context(), told{sealed: sealed}, []*claim{c})
	if err != nil && !errors.Is(err, eventlog.ErrCorrupt) {
		t.Fatal(err)
	}
	return err != nil || len(c.faults()) > 0
}

func TestEveryChangeOfWhatWasRecordedBeforeACheckpointIsFound(t *testing.T) {
	const n = 12
	sealed, says := recorded(t, n)
	if detected(t, sealed, says) || detected(t, sealed[:n], says) {
		t.Fatal("a sound log is said to be changed")
	}
	changes := 0
	for i := range n {
		for at := range sealed[i] {
			for _, bit := range []byte{1, 0x20, 0x80} {
				b := slices.Clone(sealed)
				b[i] = slices.Clone(sealed[i])
				b[i][at] ^= bit
				if changes++; !detected(t, b, says) {
					t.Fatalf("commit %d, byte %d, bit %#x: not found", i, at, bit)
				}
			}
		}
		for name, b := range map[string][][]byte{
			"left out":            slices.Delete(slices.Clone(sealed), i, i+1),
			"twice":               slices.Insert(slices.Clone(sealed), i, sealed[i]),
			"and all behind gone": sealed[:i],
		} {
			if changes++; !detected(t, b, says) {
				t.Errorf("commit %d %s: not found", i, name)
			}
		}
		for j := range i {
			b := slices.Clone(sealed)
			b[i], b[j] = b[j], b[i]
			if changes++; !detected(t, b, says) {
				t.Errorf("commits %d and %d exchanged: not found", i, j)
			}
		}
	}
	if changes < 10000 {
		t.Errorf("only %d changes were made", changes)
	}
	t.Logf("%d changes, all found", changes)
}

func TestARewrittenHistoryWhoseChainIsSoundIsFoundByTheTreeAlone(t *testing.T) {
	sealed, says := recorded(t, 15)
	log, heads := memory.New(), map[string]eventlog.Head{}
	var forged [][]byte
	for i, s := range sealed {
		r, err := eventlog.Open(s)
		if err != nil {
			t.Fatal(err)
		}
		c := r.Commit
		if i == 3 {
			c.Actor = "u-18"
		}
		kept, err := log.Append(t.Context(), heads[c.Stream], c)
		if err != nil {
			t.Fatal(err)
		}
		heads[c.Stream] = kept.Head
		forged = append(forged, kept.Sealed)
	}
	if _, err := eventlog.Verify(t.Context(), told{sealed: forged}); err != nil {
		t.Fatalf("the chains are not sound: %v", err)
	}
	if !detected(t, forged, says) {
		t.Error("it passes")
	}
}
