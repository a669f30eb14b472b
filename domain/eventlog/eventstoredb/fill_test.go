package eventstoredb_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb/standin"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/eventlog/tlog"
)

// everything gives all records of the log up to its end.
func everything(t *testing.T, log eventlog.Log) iter.Seq2[eventlog.Record, error] {
	t.Helper()
	end, err := log.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(eventlog.Record, error) bool) {
		if end.IsStart() {
			return
		}
		for r, err := range log.Follow(t.Context(), eventlog.Position{}) {
			if !yield(r, err) || err != nil || r.Position == end {
				return
			}
		}
	}
}

// treeOf is the root of the Merkle tree over the log, and how many records it has.
func treeOf(t *testing.T, log eventlog.Log) (int64, eventlog.Hash) {
	t.Helper()
	var tree tlog.Tree
	for r, err := range everything(t, log) {
		if err != nil {
			t.Fatal(err)
		}
		tree.Add(tlog.Leaf(r.Sealed))
	}
	return tree.Size(), tree.Root()
}

// written fills a log in memory as clerks would: a stream's commits now one by
// one, now several together, and one of them large.
func written(t *testing.T, n int) *memory.Log {
	t.Helper()
	log, heads := memory.New(), make([]eventlog.Head, 9)
	for i := range n {
		k := (i / 3 * i) % len(heads)
		c := eventlogtest.Commit(fmt.Sprint("dispute-", k), fmt.Sprint("c", i), 1+i%4)
		if i%50 == 7 {
			c.Events[0].Payload = fmt.Appendf(nil, "%q", strings.Repeat("卷", 20<<10))
		}
		r, err := log.Append(t.Context(), heads[k], c)
		if err != nil {
			t.Fatal(err)
		}
		heads[k] = r.Head
	}
	return log
}

func TestALogMovedThereAndBackIsTheSame(t *testing.T) {
	const n = 600
	from, back := written(t, n), memory.New()
	there := reach(t, cluster(t, 3).URL(), patient)
	if kept, err := there.Fill(t.Context(), eventlog.Chained(everything(t, from))); err != nil || kept != n {
		t.Fatalf("moving there kept %d: %v", kept, err)
	}
	if kept, err := back.Fill(t.Context(), eventlog.Chained(everything(t, there))); err != nil || kept != n {
		t.Fatalf("moving back kept %d: %v", kept, err)
	}
	size, root := treeOf(t, from)
	for name, log := range map[string]eventlog.Log{"there": there, "back": back} {
		if s, r := treeOf(t, log); size != n || s != size || r != root {
			t.Errorf("%s the tree is %s over %d, and was %s over %d", name, r, s, root, size)
		}
		if report, err := eventlog.Verify(t.Context(), log); err != nil || report.Commits != n {
			t.Errorf("%s %+v, %v", name, report, err)
		}
	}
}

func TestAFillingThatNobodyAnswersIsTakenUpAgain(t *testing.T) {
	c := cluster(t, 1)
	from, there := written(t, 100), reach(t, c.URL(), hasty)
	var all []eventlog.Record
	for r := range everything(t, from) {
		all = append(all, r)
	}
	some := func(part []eventlog.Record, meanwhile func(i int)) iter.Seq2[eventlog.Record, error] {
		return func(yield func(eventlog.Record, error) bool) {
			for i, r := range part {
				meanwhile(i)
				if !yield(r, nil) {
					return
				}
			}
		}
	}
	kept, err := there.Fill(t.Context(), some(all, func(i int) {
		if i == 40 {
			c.Silence(0, true)
		}
	}))
	if !errors.Is(err, eventlog.ErrUnknown) && !errors.Is(err, eventlog.ErrUnavailable) || kept > 40 {
		t.Fatalf("kept %d: %v", kept, err)
	}
	c.Silence(0, false)
	held, _ := treeOf(t, there)
	if held < kept {
		t.Fatalf("%d are said to be durable, %d are there", kept, held)
	}
	if more, err := there.Fill(t.Context(), some(all[held:], func(int) {})); err != nil || more != 100-held {
		t.Fatalf("then %d of %d: %v", more, 100-held, err)
	}
	_, want := treeOf(t, from)
	if _, root := treeOf(t, there); root != want {
		t.Error("the trees differ")
	}
	happened(t, c, standin.BlackHole)
}

func TestAFillingIsRefusedWhereItDoesNotBelong(t *testing.T) {
	c := cluster(t, 1)
	from, there := written(t, 30), reach(t, c.URL(), patient)
	must(t, there, eventlog.Head{}, "dispute-0", "somebody")
	var conflict *eventlog.Conflict
	kept, err := there.Fill(t.Context(), everything(t, from))
	if !errors.As(err, &conflict) || conflict.Actual.Length != 1 || kept != 0 {
		t.Errorf("kept %d: %v", kept, err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := there.Fill(ctx, everything(t, from)); !errors.Is(err, context.Canceled) {
		t.Errorf("for a caller who left: %v", err)
	}
	there.Close()
	if _, err := there.Fill(t.Context(), everything(t, from)); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("a closed log: %v", err)
	}
}

// source is a log of n commits.
func source(t *testing.T, n, streams int) iter.Seq2[eventlog.Record, error] {
	t.Helper()
	log, heads := memory.New(), map[string]eventlog.Head{}
	var all []eventlog.Record
	for i := range n {
		stream := fmt.Sprint("dispute-", i/3*i%streams) // now one by one, now several together
		r, err := log.Append(t.Context(), heads[stream], eventlogtest.Commit(stream, fmt.Sprint("c", i), 1))
		if err != nil {
			t.Fatal(err)
		}
		heads[stream] = r.Head
		all = append(all, r)
	}
	return func(yield func(eventlog.Record, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestAFillingGoesThroughEveryFault(t *testing.T) {
	faults := []standin.Fault{standin.LostAck, standin.KeptSilent, standin.KeptTimeout, standin.KeptUnknown, standin.NoPosition, standin.OddResult, standin.Timeout, standin.DroppedCall, standin.Busy}
	for _, fault := range faults {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			c := cluster(t, 3)
			log := reach(t, c.URL(), hasty)
			records := source(t, 30, 4)
			given := 0
			kept, err := log.Fill(t.Context(), func(yield func(eventlog.Record, error) bool) {
				for r := range records {
					if given++; given%10 == 5 {
						c.Inject(fault, 1)
					}
					if !yield(r, nil) {
						return
					}
				}
			})
			if err != nil || kept != 30 {
				t.Fatalf("%d of 30 kept, %v", kept, err)
			}
			got := follow(t, log, eventlog.Position{}, 30)
			i := 0
			for r := range records {
				if string(got[i].Sealed) != string(r.Sealed) {
					t.Fatalf("record %d is another", i)
				}
				i++
			}
			if n := c.Injected(fault); n != 3 {
				t.Errorf("the fault took effect %d times of 3", n)
			}
			t.Logf("30 records acknowledged through %d faults", c.Injected(fault))
		})
	}
}

func TestAFillingWhoseDatabaseIsGoneEndsAndGoesOn(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), hasty)
	records := source(t, 20, 3)
	given := 0
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	kept, err := log.Fill(ctx, func(yield func(eventlog.Record, error) bool) {
		for r := range records {
			if given++; given == 9 {
				c.Stop(0)
			}
			if !yield(r, nil) {
				return
			}
		}
	})
	if !errors.Is(err, eventlog.ErrUnavailable) && !errors.Is(err, eventlog.ErrUnknown) || kept > 8 {
		t.Fatalf("%d kept, %v", kept, err)
	}
	if err := c.Restart(0); err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	rest := func(yield func(eventlog.Record, error) bool) {
		for r := range records {
			if n++; n > kept && !yield(r, nil) {
				return
			}
		}
	}
	if more, err := log.Fill(t.Context(), rest); err != nil || more != 20-kept {
		t.Fatalf("%d of %d kept then, %v", more, 20-kept, err)
	}
	follow(t, log, eventlog.Position{}, 20)
}
