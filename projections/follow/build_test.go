package follow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"doorstep/domain/eventlog"
)

// site is a list that can be built, and what became of it.
type site struct {
	list
	building bool
	asides   func() *site // makes its copies
	ripe     func() error // before it is completed
	adopts   func() error // before a copy is adopted
	closed   bool
	adopted  int
}

func (s *site) Building() bool { return s.building }

func (s *site) Complete(context.Context) error {
	if s.ripe != nil {
		if err := s.ripe(); err != nil {
			return err
		}
	}
	s.building = false
	return nil
}

func (s *site) Aside() (Rebuildable, error) { return s.asides(), nil }

func (s *site) Adopt(aside View) error {
	if s.adopts != nil {
		if err := s.adopts(); err != nil {
			return err
		}
	}
	a := aside.(*site)
	if a.building {
		return errors.New("it is not complete")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.mark.Position.Before(s.mark.Position) {
		return errors.New("it would go back")
	}
	s.mark, s.texts, s.adopted = a.mark, a.texts, s.adopted+1
	return nil
}

func (s *site) Close() error { s.closed = true; return nil }

func newSite(name string) *site {
	return &site{list: list{name: name}, asides: func() *site { return &site{list: list{name: name}, building: true} }}
}

func TestAViewIsBuiltAnewWhileItIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLog(numbered(5200)...)
		v, other := newSite("v"), &list{name: "other"}
		half := make(chan struct{})
		v.asides = func() *site {
			a := &site{list: list{name: "v"}, building: true}
			a.hook = func(ctx context.Context, got []Record) error {
				if got[0].Position.Token() > 2000 {
					<-half
				}
				return nil
			}
			return a
		}
		f, stop := start(t, log, v, other)
		must(t, f.CatchUp(t.Context()))
		v.mu.Lock()
		v.texts = []string{"wrong"} // as a faulty program may have left it
		v.mu.Unlock()
		done, err := f.Rebuild("v")
		must(t, err)
		synctest.Wait()
		st := f.Status()[0]
		if !st.Anew || st.Progress == nil || st.Progress.Records < 1000 || st.Progress.Done < 0.1 || st.Progress.Done > 0.6 || st.Building {
			t.Errorf("%+v %+v", st, st.Progress)
		}
		if got := testutil.ToFloat64(f.metrics.done.WithLabelValues("v")); got != st.Progress.Done {
			t.Errorf("the metric says %v, Status %v", got, st.Progress.Done)
		}
		if _, err := f.Rebuild("v"); !errors.Is(err, ErrBusy) {
			t.Errorf("two copies at once: %v", err)
		}
		if err := f.Resume("v"); !errors.Is(err, ErrBusy) {
			t.Errorf("%v", err)
		}
		must(t, f.Wait(t.Context(), log.note("meanwhile"))) // the old one follows
		if v.adopted != 0 || v.took()[0] != "wrong" {
			t.Error("the copy is in use before it is complete")
		}
		close(half)
		must(t, <-done)
		must(t, f.Wait(t.Context(), log.note("after")))
		if want := append(numbered(5200), "meanwhile", "after"); !slices.Equal(v.took(), want) || v.adopted != 1 {
			t.Errorf("%d notes, adopted %d times", len(v.took()), v.adopted)
		}
		if st := f.Status()[0]; st.Anew || st.Progress != nil || st.Failed != nil {
			t.Errorf("%+v", st)
		}
		must(t, stop())
	})
}

func TestAViewThatStoodStillGoesOnWithItsNewCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, v := newLog(numbered(2000)...), newSite("v")
		v.hook = refuse("700", func() error { return errors.New("no room") })
		f, stop := start(t, log, v)
		_ = f.CatchUp(t.Context())
		done, err := f.Rebuild("v") // its copies have no such fault
		must(t, err)
		must(t, <-done)
		must(t, f.Wait(t.Context(), log.note("after")))
		if len(v.took()) != 2001 {
			t.Errorf("%d notes", len(v.took()))
		}
		must(t, stop())
	})
}

func TestACopyThatCannotBePutInUseLeavesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(v, a *site)
		told  string
	}{
		"a record it cannot take": {func(_, a *site) { a.hook = refuse("1234", func() error { return errors.New("no room") }) }, "view v at position 1234 (noted v1): no room"},
		"no room for indexes":     {func(_, a *site) { a.ripe = func() error { return errors.New("disk full") } }, "disk full"},
		"another tree":            {func(v, _ *site) { v.adopts = func() error { return errors.New("another tree") } }, "another tree"},
	} {
		bubble(t, name, func(t *testing.T) {
			log, v := newLog(numbered(3000)...), newSite("v")
			a := &site{list: list{name: "v"}, building: true}
			v.asides = func() *site { return a }
			c.spoil(v, a)
			f, stop := start(t, log, v)
			must(t, f.CatchUp(t.Context()))
			done, err := f.Rebuild("v")
			must(t, err)
			if err := <-done; err == nil || !strings.Contains(err.Error(), c.told) || !strings.Contains(err.Error(), "view v was not built anew") {
				t.Errorf("%v", err)
			}
			if st := f.Status()[0]; st.Paused != nil || st.Anew || st.Failed == nil || !a.closed || v.adopted != 0 {
				t.Errorf("%+v, closed %t", st, a.closed)
			}
			must(t, f.Wait(t.Context(), log.note("after"))) // the old one follows on
			v.asides = newSite("v").asides
			v.adopts = nil
			done, err = f.Rebuild("v")
			must(t, err)
			must(t, <-done)
			if st := f.Status()[0]; st.Failed != nil {
				t.Errorf("%+v", st)
			}
			must(t, stop())
		})
	}
}

func TestStoppingEndsWhatIsBuiltAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, v := newLog(numbered(9000)...), newSite("v")
		a := &site{list: list{name: "v"}, building: true}
		a.hook = func(ctx context.Context, _ []Record) error { <-ctx.Done(); return ctx.Err() }
		v.asides = func() *site { return a }
		f, stop := start(t, log, v)
		must(t, f.CatchUp(t.Context()))
		done, err := f.Rebuild("v")
		must(t, err)
		synctest.Wait()
		must(t, stop())
		if err := <-done; !errors.Is(err, context.Canceled) || !a.closed || v.adopted != 0 {
			t.Errorf("%v, closed %t", err, a.closed)
		}
		if _, err := f.Rebuild("v"); !errors.Is(err, ErrStopped) {
			t.Errorf("%v", err)
		}
	})
}

func TestAViewThatIsBuiltForTheFirstTimeIsInUseWhenItIsComplete(t *testing.T) {
	for _, n := range []int{0, 1, 2500} {
		bubble(t, fmt.Sprint(n, " records"), func(t *testing.T) {
			log, v := newLog(numbered(n)...), newSite("v")
			gate := make(chan struct{})
			v.building, v.ripe = true, func() error { <-gate; return nil }
			f, stop := start(t, log, v)
			synctest.Wait()
			if p, building := f.Building(); !building || n > 0 && p.Done != 1 || p.Records != int64(n) {
				t.Errorf("%+v, %t", p, building)
			}
			if st := f.Status()[0]; !st.Building {
				t.Errorf("%+v", st)
			}
			done := make(chan error, 1)
			go func() { done <- f.CatchUp(t.Context()) }()
			synctest.Wait()
			select {
			case err := <-done:
				if n > 0 {
					t.Fatalf("somebody was let in before the view was complete: %v", err)
				}
			default:
			}
			close(gate)
			must(t, f.CatchUp(t.Context()))
			synctest.Wait()
			if _, building := f.Building(); building || v.building {
				t.Error("it is not complete")
			}
			must(t, stop())
		})
	}
}

func TestAViewThatCannotBeBuiltToTheEndIsInUseAsFarAsItGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, v := newLog(numbered(2500)...), newSite("v")
		v.building, v.hook = true, refuse("1700", func() error { return errors.New("no room") })
		f, stop := start(t, log, v)
		if err := f.CatchUp(t.Context()); err == nil || !strings.Contains(err.Error(), "position 1700") {
			t.Errorf("%v", err)
		}
		if _, building := f.Building(); building || v.building {
			t.Error("pages wait for a view that will never come")
		}
		must(t, stop())
	})
}

// TestOfTwoFollowersOnOneViewEachRecordIsTakenOnce: the loser stands still and
// says why.
func TestOfTwoFollowersOnOneViewEachRecordIsTakenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, v := newLog(), &list{name: "v"}
		f1, stop1 := start(t, log, v)
		f2, stop2 := start(t, log, v)
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for range 300 {
					log.note("n")
				}
			})
		}
		writers.Wait()
		synctest.Wait()
		var moved int
		for _, f := range []*Follower{f1, f2} {
			if st := f.Status()[0]; st.Paused != nil && errors.Is(st.Paused, ErrMoved) {
				moved++
			} else if st.Position != eventlog.PositionAt(1200) || st.Paused != nil {
				t.Errorf("%+v", st)
			}
		}
		if moved != 1 || len(v.took()) != 1200 {
			t.Errorf("%d of two stand still; %d of 1200 notes", moved, len(v.took()))
		}
		must(t, stop1())
		must(t, stop2())
	})
}
