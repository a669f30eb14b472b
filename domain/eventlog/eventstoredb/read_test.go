package eventstoredb_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

func TestAReadThatBreaksGoesOnWhereItWas(t *testing.T) {
	for _, fault := range []standin.Fault{standin.CutRead, standin.DeadRead, standin.ReadTimeout, standin.Busy} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			c := cluster(t, 3)
			log := reach(t, c.URL(), hasty)
			all := fill(t, log, "dispute-1", 40)
			c.Inject(fault, 2)
			got := read(t, log, "dispute-1", eventlog.Head{})
			if len(got) != len(all) {
				t.Fatalf("read %d commits, want %d", len(got), len(all))
			}
			for i := range all {
				if got[i].Head != all[i].Head || got[i].Position != all[i].Position {
					t.Fatalf("commit %d is another", i)
				}
			}
			if n := c.Injected(fault); n != 2 {
				t.Errorf("it happened %d times, want 2", n)
			}
		})
	}
}

func TestReadsThatBreakOverAndOverComeToTheEndAsLongAsTheyComeOn(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	all := fill(t, log, "dispute-1", 30)
	c.Inject(standin.CutRead, 60) // every connection's first event, that of its genesis too
	if n := len(read(t, log, "dispute-1", eventlog.Head{})); n != len(all) {
		t.Errorf("read %d commits, want %d", n, len(all))
	}
	happened(t, c, standin.CutRead)
}

func TestWhatIsReadIsWhatWasKeptOrAnError(t *testing.T) {
	for name, x := range map[string]struct {
		spoil func(c *standin.Cluster)
		want  error
	}{
		"a changed byte": {func(c *standin.Cluster) {
			c.Alter("dispute-1", 1, func(b []byte) []byte { return bytes.Replace(b, []byte("filed"), []byte("filee"), 1) })
		}, eventlog.ErrCorrupt},
		"half a record":      {func(c *standin.Cluster) { c.Alter("dispute-1", 1, func(b []byte) []byte { return b[:len(b)/2] }) }, eventlog.ErrCorrupt},
		"another's record":   {func(c *standin.Cluster) { c.Alter("dispute-1", 1, func([]byte) []byte { return other }) }, eventlog.ErrCorrupt},
		"a foreign event":    {func(c *standin.Cluster) { c.Write("dispute-1", "note", []byte("{}")) }, eventlog.ErrCorrupt},
		"a forged commit":    {func(c *standin.Cluster) { c.Write("dispute-1", "commit", other) }, eventlog.ErrCorrupt},
		"a shortened stream": {func(c *standin.Cluster) { c.Rewind("dispute-1", 2) }, eventstoredb.ErrShortened},
		"a vanished stream":  {func(c *standin.Cluster) { c.Rewind("dispute-1", 0) }, eventstoredb.ErrShortened},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cluster(t, 1)
			log := reach(t, c.URL(), hasty)
			all := fill(t, log, "dispute-1", 3)
			x.spoil(c)
			if err := readError(t, log, "dispute-1", eventlog.Head{}); !errors.Is(err, x.want) {
				t.Errorf("reading gives %v, want %v", err, x.want)
			}
			fresh := reach(t, c.URL(), hasty) // which knows nothing of the stream
			if err := readError(t, fresh, "dispute-1", all[2].Head); errors.Is(x.want, eventstoredb.ErrShortened) && !errors.Is(err, x.want) {
				t.Errorf("reading behind a head that is gone gives %v, want %v", err, x.want)
			}
			_, err := fresh.Append(t.Context(), all[0].Head, eventlogtest.Commit("dispute-1", "late", 1))
			if err == nil {
				t.Error("an append behind a head of before was kept")
			}
		})
	}
}

// other is a commit of another stream, well formed.
var other = func() []byte {
	_, sealed, err := eventlog.Seal(eventlog.Head{}, eventlogtest.Commit("dispute-other", "a", 1))
	if err != nil {
		panic(err)
	}
	return sealed
}()

func TestAReadAfterALeaderChangeSeesAllThatWasAcknowledged(t *testing.T) {
	c := cluster(t, 3)
	log, other := reach(t, c.URL(), patient), reach(t, c.URL(), patient)
	var at eventlog.Head
	for i := range 12 {
		leader := i % 3
		c.Lead(leader)
		c.Freeze((leader+1)%3, true)
		c.Freeze((leader+2)%3, true)
		r := must(t, log, at, "dispute-1", string(rune('a'+i)))
		if got := read(t, other, "dispute-1", at); len(got) != 1 || got[0].Head != r.Head {
			t.Fatalf("change %d: another program reads %d commits", i, len(got))
		}
		if end, err := other.End(t.Context()); err != nil || end != r.Position {
			t.Fatalf("change %d: the log ends at %s (%v), want %s", i, end, err, r.Position)
		}
		at = r.Head
	}
	if n := c.Injected(standin.StaleRead); n != 0 {
		t.Errorf("%d of our reads were answered by a node that was behind", n)
	}
	happened(t, c, standin.NotLeader)
}

func TestALeaderCutOffThatDoesNotKnowItDoesNotPassForDamage(t *testing.T) {
	c := cluster(t, 3)
	log := reach(t, c.URL(), patient)
	all := fill(t, log, "dispute-1", 2)
	c.Freeze(0, true) // it leads still, for all it knows
	other := reach(t, c.URL(), patient)
	next := must(t, other, all[1].Head, "dispute-1", "next") // kept by the others
	ctx, cancel := context.WithTimeout(t.Context(), hasty)
	defer cancel()
	for _, err := range log.Read(ctx, "dispute-1", next.Head) {
		if !errors.Is(err, eventlog.ErrUnavailable) || errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("reading behind a head that the node has not seen gives %v", err)
		}
	}
	behind := c.Injected(standin.StaleRead)
	done := make(chan error)
	go func() {
		defer close(done)
		for _, err := range log.Read(t.Context(), "dispute-1", next.Head) {
			done <- err
		}
	}()
	eventually(t, func() bool { return c.Injected(standin.StaleRead) > behind })
	c.Lead(1)
	if err := <-done; err != nil {
		t.Errorf("reading gives %v", err)
	}
	happened(t, c, standin.StaleRead)
}
