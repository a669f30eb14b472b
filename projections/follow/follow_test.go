package follow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"

	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
)

// bubble is a part of a test in a bubble of its own, as all tests here run in
// one: they fail when a goroutine is left behind.
func bubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func TestViewsAtDifferentPlacesAreFedInOnePass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLog(numbered(2500)...)
		ahead, behind, fresh := &list{name: "ahead"}, &list{name: "behind"}, &list{name: "fresh"}
		for _, v := range []struct {
			view *list
			at   int
		}{{ahead, 2400}, {behind, 1000}} {
			r := recordAt(t, log, v.at)
			v.view.mark = Mark{Before: eventlog.PositionAt(uint64(v.at - 1)), Position: r.Position, Hash: r.Head.Hash}
			v.view.texts = numbered(v.at)
		}
		log.given = nil
		f, stop := start(t, log, ahead, behind, fresh)
		must(t, f.CatchUp(t.Context()))
		must(t, stop())
		for _, v := range []*list{ahead, behind, fresh} {
			if got := v.took(); !slices.Equal(got, numbered(2500)) {
				t.Errorf("%s has %d notes", v.name, len(got))
			}
		}
		if len(log.given) != 2500+2 { // and each mark is looked at once
			t.Errorf("the log was asked for %d records", len(log.given))
		}
	})
}

func recordAt(t testing.TB, log *watched, at int) eventlog.Record {
	t.Helper()
	for r, err := range log.Log.Follow(t.Context(), eventlog.PositionAt(uint64(at-1))) {
		must(t, err)
		return r
	}
	panic("unreachable")
}

func TestAViewGoesOnWhereItStoodAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, v := newLog(numbered(3)...), &list{name: "v"}
		for range 4 {
			f, stop := start(t, log, v)
			must(t, f.CatchUp(t.Context()))
			must(t, stop())
			log.note("more")
		}
		if got := v.took(); len(got) != 6 {
			t.Errorf("took %q", got)
		}
	})
}

func TestWaitReturnsWhenEveryViewHasTakenTheRecordIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		slow := &list{name: "slow", hook: func(ctx context.Context, _ []Record) error { <-gate; return nil }}
		log := newLog()
		f, stop := start(t, log, &list{name: "quick"}, slow)
		p := log.note("1")
		done := make(chan error, 1)
		go func() { done <- f.Wait(t.Context(), p) }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("returned %v while a view was behind", err)
		default:
		}
		if at, _ := f.Position(); !at.IsStart() {
			t.Errorf("position %s while a view was behind", at)
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.Wait(impatient, p); !errors.Is(err, context.Canceled) {
			t.Errorf("an impatient wait gave %v", err)
		}
		_, moved := f.Position()
		close(gate)
		must(t, <-done)
		<-moved
		if at, _ := f.Position(); at != p {
			t.Errorf("position %s, want %s", at, p)
		}
		must(t, stop())
		must(t, f.Wait(t.Context(), p)) // what is in view stays in view
		if err := f.Wait(t.Context(), eventlog.PositionAt(p.Token()+1)); !errors.Is(err, ErrStopped) {
			t.Errorf("waiting for a follower that has stopped gave %v", err)
		}
	})
}

func TestAViewThatCannotTakeARecordIsPausedThereAndTheOthersGoOn(t *testing.T) {
	for name, c := range map[string]struct {
		how  func() error
		told string
	}{
		"error":   {func() error { return errors.New("no room") }, "no room"},
		"panic":   {func() error { panic("王小明") }, "panic: a string in doorstep/projections/follow.TestAViewThatCannotTake"},
		"runtime": {func() error { var none []int; _ = none[len(numbered(3))]; return nil }, "panic: runtime error: index out of range [3] with length 0 in doorstep/"},
	} {
		how := c.how
		bubble(t, name, func(t *testing.T) {
			log, good := newLog(numbered(1700)...), &list{name: "good"}
			bad := &list{name: "bad", hook: refuse("1234", how)}
			f, stop := start(t, log, bad, good)
			err := f.CatchUp(t.Context())
			if err == nil || !strings.Contains(err.Error(), "view bad at position 1234 (noted v1): "+c.told) || strings.Contains(err.Error(), "王") {
				t.Errorf("waiting gave %v", err)
			}
			last := log.note("one more")
			synctest.Wait()
			must(t, f.Wait(t.Context(), eventlog.PositionAt(1233)))
			if got := bad.took(); !slices.Equal(got, numbered(1233)) {
				t.Errorf("the bad view took %d notes", len(got))
			}
			if got := good.took(); len(got) != 1701 {
				t.Errorf("the good view took %d notes", len(got))
			}
			status := f.Status()
			if status[0].View != "bad" || status[0].Paused == nil || status[0].Position != eventlog.PositionAt(1233) {
				t.Errorf("status %+v", status[0])
			}
			if status[1].Paused != nil || status[1].Position != last || !status[1].Since.Equal(opening) {
				t.Errorf("status %+v", status[1])
			}
			if at, _ := f.Position(); at != last {
				t.Errorf("pages are told of position %s, want %s", at, last)
			}
			must(t, stop())
		})
	}
}

func TestAViewThatAnotherHandMovedIsPausedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, v := newLog(numbered(3)...), &list{name: "v"}
		v.hook = func(context.Context, []Record) error { return ErrMoved }
		f, stop := start(t, log, v)
		if err := f.CatchUp(t.Context()); !errors.Is(err, ErrMoved) || v.takes != 1 {
			t.Errorf("%v after %d tries", err, v.takes)
		}
		must(t, stop())
	})
}

func TestALogThatCannotBeReadOnStopsAllThere(t *testing.T) {
	for name, fault := range map[string]struct {
		log  func(*watched)
		want error
	}{
		"damage":         {func(l *watched) { l.after, l.fault = 1500, eventlog.ErrCorrupt }, eventlog.ErrCorrupt},
		"without reason": {func(l *watched) { l.after = 1500 }, errEnded},
	} {
		bubble(t, name, func(t *testing.T) {
			log, v := newLog(numbered(1500)...), &list{name: "v"}
			fault.log(log)
			beyond := log.note("never seen")
			f, stop := start(t, log, v)
			if err := f.Wait(t.Context(), beyond); !errors.Is(err, fault.want) {
				t.Errorf("waiting gave %v", err)
			}
			synctest.Wait()
			if status := f.Status()[0]; !errors.Is(status.Paused, fault.want) || status.Position != eventlog.PositionAt(1500) {
				t.Errorf("status %+v", status)
			}
			if got := v.took(); !slices.Equal(got, numbered(1500)) {
				t.Errorf("took %d notes", len(got))
			}
			must(t, f.Wait(t.Context(), eventlog.PositionAt(1500)))
			if err := f.Wait(t.Context(), beyond); !errors.Is(err, fault.want) {
				t.Errorf("waiting later gave %v", err)
			}
			if err := stop(); !errors.Is(err, fault.want) {
				t.Errorf("Run gave %v", err)
			}
		})
	}
}

func TestAViewIsNotCarriedOnOverAnotherLog(t *testing.T) {
	log := newLog(numbered(5)...)
	third := recordAt(t, log, 3)
	for name, mark := range map[string]Mark{
		"ahead of the log": {eventlog.PositionAt(8), eventlog.PositionAt(9), third.Head.Hash},
		"other content":    {eventlog.PositionAt(1), eventlog.PositionAt(2), third.Head.Hash},
		"a gap":            {eventlog.PositionAt(1), eventlog.PositionAt(3), third.Head.Hash},
	} {
		bubble(t, name, func(t *testing.T) {
			log, v, other := newLog(numbered(5)...), &list{name: "v", mark: mark}, &list{name: "other"}
			f := New(log, forms(), clock, nil, other, v)
			if err := f.Begin(t.Context()); !errors.Is(err, ErrOtherLog) || !strings.Contains(err.Error(), "view v") {
				t.Errorf("Begin gave %v", err)
			}
			if err := f.Run(t.Context()); !errors.Is(err, ErrOtherLog) || !strings.Contains(err.Error(), "view v") {
				t.Errorf("Run gave %v", err)
			}
			if err := f.Wait(t.Context(), eventlog.PositionAt(1)); !errors.Is(err, ErrStopped) || !errors.Is(err, ErrOtherLog) {
				t.Errorf("waiting gave %v", err)
			}
			if len(v.took())+len(other.took()) > 0 {
				t.Error("a view took something in")
			}
		})
	}
}

func TestCancellingEndsRunAtOnce(t *testing.T) {
	held := func(ctx context.Context, _ []Record) error { <-ctx.Done(); return ctx.Err() }
	for name, v := range map[string]*list{"idle": {name: "v"}, "in a batch": {name: "v", hook: held}} {
		bubble(t, name, func(t *testing.T) {
			log := newLog(numbered(9000)...) // more than is read ahead, so that the reader waits too
			f, stop := start(t, log, v)
			synctest.Wait()
			must(t, stop())
			if status := f.Status()[0]; status.Paused != nil {
				t.Errorf("a view that was broken off is not paused: %v", status.Paused)
			}
		})
	}
	bubble(t, "before it began", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		log := newLog("1", "2")
		r := recordAt(t, log, 2)
		v := &list{name: "v", mark: Mark{eventlog.PositionAt(1), r.Position, r.Head.Hash}}
		must(t, New(log, forms(), clock, nil, v).Run(ctx))
	})
}

func TestWithoutViewsTheFollowerStillReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, stop := start(t, newLog("1", "2"))
		must(t, f.CatchUp(t.Context()))
		must(t, stop())
	})
}

func TestWhateverStopsAViewItHasAllThatCameBefore(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(rt, "records")
		log := newLog(numbered(n)...)
		views := make([]*list, rapid.IntRange(1, 3).Draw(rt, "views"))
		poison := make([]int, len(views))
		for i := range views {
			views[i] = &list{name: fmt.Sprint("v", i)}
			if poison[i] = rapid.IntRange(0, 2*n).Draw(rt, "poison"); poison[i] > 0 {
				views[i].hook = refuse(fmt.Sprint(poison[i]), func() error { return errors.New("no") })
			}
		}
		for range rapid.IntRange(1, 4).Draw(rt, "starts") {
			of := make([]View, 0, len(views))
			for _, v := range views {
				if rapid.IntRange(0, 3).Draw(rt, "absent") > 0 { // a view that comes later starts where it stood
					of = append(of, v)
				}
			}
			f, stop := start(t, log, of...)
			for range rapid.IntRange(0, 5).Draw(rt, "more") {
				n++
				log.note(fmt.Sprint(n))
			}
			if rapid.Bool().Draw(rt, "wait") {
				_ = f.CatchUp(t.Context())
			}
			must(t, stop())
		}
		f, stop := start(t, log, views[0])
		_ = f.CatchUp(t.Context())
		must(t, stop())
		for i, v := range views {
			got := v.took()
			if !slices.Equal(got, numbered(len(got))) {
				rt.Fatalf("%s took %q", v.name, got)
			}
			if poison[i] > 0 && len(got) >= poison[i] {
				rt.Fatalf("%s took what it cannot", v.name)
			}
		}
		if want := min(n, max(poison[0]-1, 0)); poison[0] > 0 && len(views[0].took()) != want || poison[0] == 0 && len(views[0].took()) != n {
			rt.Fatalf("of %d records, poisoned at %d, %d were taken", n, poison[0], len(views[0].took()))
		}
	})
}

func TestMetricsTellOfEachViewAndNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLog(numbered(20)...)
		f, stop := start(t, log, &list{name: "good"}, &list{name: "bad", hook: refuse("7", func() error { return errors.New("no") })})
		registry := prometheus.NewRegistry()
		f.Register(registry)
		_ = f.CatchUp(t.Context())
		synctest.Wait()
		must(t, stop())
		want := `
# HELP doorstep_projection_paused 1 while a view stands still at a record that it cannot take in.
# TYPE doorstep_projection_paused gauge
doorstep_projection_paused{view="bad"} 1
doorstep_projection_paused{view="good"} 0
# HELP doorstep_projection_paused_position Position in the log of the record at which a view stands still, and what it could not take in; absent while it does not.
# TYPE doorstep_projection_paused_position gauge
doorstep_projection_paused_position{kind="noted",version="1",view="bad"} 7
# HELP doorstep_projection_records_total Records that a view has taken in since the start.
# TYPE doorstep_projection_records_total counter
doorstep_projection_records_total{view="bad"} 6
doorstep_projection_records_total{view="good"} 20
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "doorstep_projection_paused", "doorstep_projection_paused_position", "doorstep_projection_records_total"); err != nil {
			t.Error(err)
		}
	})
}

func TestAKindBelongsToOneCodec(t *testing.T) {
	f := NewForms()
	Add(f, codec.New(
		codec.NewForm("noted", 2, func(n note) note { return n }),
		codec.NewForm("noted", 3, func(n note) note { return n }),
	))
	defer func() {
		if recover() == nil {
			t.Error("a second codec took the kind over")
		}
	}()
	Add(f, codec.New(codec.NewForm("noted", 2, func(n note) note { return n })))
}
