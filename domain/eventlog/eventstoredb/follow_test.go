package eventstoredb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

func TestAFollowerWhoseSubscriptionFailsGoesOnWithoutGapOrDouble(t *testing.T) {
	for _, fault := range []standin.Fault{standin.CutFollow, standin.EndFollow, standin.DoubleFollow, standin.DeadFollow, standin.Busy} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			c := cluster(t, 3)
			log := reach(t, c.URL(), hasty)
			all := fill(t, log, "dispute-1", 20)
			c.Inject(fault, 3)
			got := make(chan eventlog.Record)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				defer close(got)
				for r, err := range log.Follow(ctx, eventlog.Position{}) {
					if err != nil {
						t.Errorf("follow: %v", err)
						return
					}
					got <- r
				}
			}()
			for i := range all { // the past
				if r := <-got; r.Position != all[i].Position || r.Head != all[i].Head {
					t.Fatalf("record %d is %s version %d", i, r.Stream, r.Version)
				}
			}
			c.Inject(fault, 2) // and what comes
			at := all[19].Head
			for i := range 10 {
				want := must(t, log, at, "dispute-1", fmt.Sprint("next", i))
				if r := <-got; r.Position != want.Position || r.Head != want.Head {
					t.Fatalf("then comes %s version %d, want %d", r.Stream, r.Version, want.Version)
				}
				at = want.Head
			}
			if n := c.Injected(fault); n < 3 {
				t.Errorf("it happened %d times, want 3 at least", n)
			}
			if fault == standin.DeadFollow && log.Counts().Hangs == 0 {
				t.Error("a dead subscription was not counted")
			}
		})
	}
}

func TestAFollowerGoesOnOverLeaderChangesRestartsAndSilence(t *testing.T) {
	c := cluster(t, 3)
	log, writer := reach(t, c.URL(), hasty), reach(t, c.URL(), hasty)
	got := make(chan eventlog.Record, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer close(got)
		for r, err := range log.Follow(ctx, eventlog.Position{}) {
			if err != nil {
				t.Errorf("follow: %v", err)
				return
			}
			got <- r
		}
	}()
	var at eventlog.Head
	n := 0
	write := func() {
		t.Helper()
		want := must(t, writer, at, "dispute-1", fmt.Sprint("c", n))
		if r := <-got; r.Head != want.Head || r.Position != want.Position {
			t.Fatalf("the follower is given version %d, want %d", r.Version, want.Version)
		}
		at = want.Head
		n++
	}
	for _, disturb := range []func(){
		func() {},
		c.Cut,
		func() { c.Lead(1) },
		func() { c.Freeze(1, true); c.Lead(2) },
		func() { c.Stop(2); c.Lead(0) },
		func() { c.Silence(0, true); c.Lead(1) }, // its connections stay open, and dead
		func() { c.Silence(0, false); c.Cut() },
		func() {
			if err := c.Restart(2); err != nil {
				t.Fatal(err)
			}
			c.Lead(2)
		},
	} {
		disturb()
		write()
		write()
	}
	t.Logf("%+v", log.Counts())
	happened(t, c, standin.CutConnection, standin.Down, standin.BlackHole, standin.NotLeader)
}

func TestAFollowerPassesOverNothing(t *testing.T) {
	for name, x := range map[string]struct {
		spoil func(c *standin.Cluster)
		fault standin.Fault
	}{
		"an event left out":    {func(c *standin.Cluster) { c.Inject(standin.SkipFollow, 2) }, standin.SkipFollow},
		"an event hidden":      {func(c *standin.Cluster) { c.Hide("dispute-1", 3) }, -1},
		"the first one hidden": {func(c *standin.Cluster) { c.Hide("dispute-1", 0) }, -1},
		"a changed byte": {func(c *standin.Cluster) {
			c.Alter("dispute-1", 3, func(b []byte) []byte { return bytes.Replace(b, []byte("filed"), []byte("filee"), 1) })
		}, -1},
		"a foreign event in a stream of ours": {func(c *standin.Cluster) { c.Write("dispute-1", "note", []byte("{}")) }, -1},
		"a commit of another stream":          {func(c *standin.Cluster) { c.Write("dispute-1", "commit", other) }, -1},
	} {
		t.Run(name, func(t *testing.T) {
			c := cluster(t, 1)
			log := reach(t, c.URL(), hasty)
			fill(t, log, "dispute-2", 3)
			fill(t, log, "dispute-1", 6)
			x.spoil(c)
			if err := followError(t, log, eventlog.Position{}); !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("following gives %v, want ErrCorrupt", err)
			}
			if x.fault >= 0 {
				happened(t, c, x.fault)
			}
		})
	}
}

func TestAFollowerFromTheMidstNoticesWhatIsHiddenAfterIt(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), hasty)
	all := fill(t, log, "dispute-1", 3)
	mark := must(t, log, eventlog.Head{}, "dispute-2", "mark")
	next := must(t, log, all[2].Head, "dispute-1", "hidden")
	last := must(t, log, next.Head, "dispute-1", "last")
	if got := follow(t, log, mark.Position, 2); got[1].Head != last.Head {
		t.Fatal("the midst is not the midst")
	}
	c.Hide("dispute-1", 3)
	if err := followError(t, log, mark.Position); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("following gives %v, want ErrCorrupt", err)
	}
}

func TestFollowingStartsOnlyWhereARecordOfThisLogStands(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), hasty)
	all := fill(t, log, "dispute-1", 5)
	for name, at := range map[string]eventlog.Position{
		"beyond the end":   eventlog.PositionAt(all[4].Position.Token() + 1<<20),
		"between records":  eventlog.PositionAt(all[2].Position.Token() + 1),
		"where it was cut": all[4].Position,
	} {
		if name == "where it was cut" {
			c.Rewind("dispute-1", 4)
		}
		if err := followError(t, log, at); !errors.Is(err, eventstoredb.ErrShortened) {
			t.Errorf("%s: following gives %v, want ErrShortened", name, err)
		}
	}
	follow(t, log, all[1].Position, 2)
}

func TestWhatOthersKeepBesideIsLeftOut(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), hasty)
	first := must(t, log, eventlog.Head{}, "dispute-1", "a")
	c.Write("Somebody's stream", "note", []byte("not even JSON"))
	c.Write("$settings-of-the-server", "$note", []byte("{}"))
	second := must(t, log, first.Head, "dispute-1", "b")
	c.Write("Somebody's stream", "commit", []byte("{}"))
	if got := follow(t, log, eventlog.Position{}, 2); got[1].Head != second.Head {
		t.Errorf("then comes %s", got[1].Stream)
	}
	if end, err := log.End(t.Context()); err != nil || end != second.Position {
		t.Errorf("the log ends at %s, %v", end, err)
	}
}

func TestAFollowerMayComeBeforeTheServer(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), hasty)
	all := fill(t, log, "dispute-1", 3)
	c.Stop(0)
	got := make(chan eventlog.Record, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer close(got)
		for r, err := range log.Follow(ctx, all[1].Position) {
			if err != nil {
				t.Errorf("follow: %v", err)
				return
			}
			got <- r
		}
	}()
	eventually(t, func() bool { return log.Counts().Resumed > 0 }) // it has tried, and tries again
	if err := c.Restart(0); err != nil {
		t.Fatal(err)
	}
	if r := <-got; r.Head != all[2].Head {
		t.Errorf("then comes version %d", r.Version)
	}
	happened(t, c, standin.Down)
}

func TestAnIdleFollowerTakesUpWhereTheDatabaseHadLooked(t *testing.T) {
	const idle = 5000 // events of the server's own, over several checkpoints
	c := cluster(t, 1)
	log := reach(t, c.URL(), hasty)
	last := must(t, log, eventlog.Head{}, "dispute-1", "first")
	got := make(chan eventlog.Record)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer close(got)
		for r := range log.Follow(ctx, eventlog.Position{}) {
			got <- r
		}
	}()
	<-got
	// The cut may come before the follower has heard of a checkpoint, so it is
	// tried some times; without checkpoints none would do.
	for range 20 {
		seen := c.Looked()
		for range idle {
			c.Write("$stats", "$stats", []byte("{}"))
		}
		eventually(t, func() bool { return c.Looked() >= seen+idle })
		seen = c.Looked()
		c.Cut()
		last = must(t, log, last.Head, "dispute-1", fmt.Sprint("c", last.Version))
		if r := <-got; r.Head != last.Head {
			t.Fatalf("then comes version %d, want %d", r.Version, last.Version)
		}
		if c.Looked()-seen < idle {
			happened(t, c, standin.CutConnection)
			return
		}
	}
	t.Error("after each cut the database looked at everything again")
}
