package eventlogtest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
)

func id(n int) string { return fmt.Sprint("c", n) }

var following = []check{
	{"following starts anywhere and gives every record after it once, in the log's order", func(t *testing.T, d desk) {
		a, b := fresh("dispute"), fresh("dispute")
		var all []eventlog.Record
		var at [2]eventlog.Head
		for i := range 20 {
			k := i % 3 % 2
			r := d.must(t, at[k], Commit([]string{a, b}[k], id(i), 1))
			all, at[k] = append(all, r), r.Head
		}
		same(t, d.follow(t, eventlog.Position{}, len(all)), all)
		for i, r := range all {
			same(t, d.follow(t, r.Position, len(all)-i-1), all[i+1:])
		}
	}},
	{"positions grow, and survive being written down", func(t *testing.T, d desk) {
		var last eventlog.Position
		for i := range 12 {
			r := d.must(t, eventlog.Head{}, Commit(fresh("dispute"), id(i), 1))
			if !last.Before(r.Position) || r.Position.Before(last) {
				t.Fatalf("position %s after %s", r.Position, last)
			}
			read, err := eventlog.ParsePosition(r.Position.String())
			if err != nil || read != r.Position || eventlog.PositionAt(r.Position.Token()) != r.Position {
				t.Fatalf("position %s is read as %s (%v)", r.Position, read, err)
			}
			last = r.Position
		}
	}},
	{"a follower that has caught up gets what comes next", func(t *testing.T, d desk) {
		s := fresh("dispute")
		first := d.must(t, eventlog.Head{}, Commit(s, "a", 1))
		got := make(chan eventlog.Record)
		ctx, cancel := context.WithCancel(d.ctx)
		var all sync.WaitGroup
		all.Go(func() {
			defer close(got)
			for r, err := range d.Follow(ctx, eventlog.Position{}) {
				if err != nil {
					t.Errorf("follow: %v", err)
					return
				}
				got <- r
			}
		})
		defer all.Wait()
		defer cancel()
		same(t, []eventlog.Record{<-got}, []eventlog.Record{first})
		at := first.Head
		for i := range 50 {
			r := d.must(t, at, Commit(s, id(i), 1))
			same(t, []eventlog.Record{<-got}, []eventlog.Record{r})
			at = r.Head
		}
	}},
	{"followers of every age see the same order while writers run", everyAge},
	{"a follower of the end waits for the first record of an empty log", func(t *testing.T, d desk) {
		done := make(chan error, 1)
		go func() {
			_, err := d.take(eventlog.Position{}, 1)
			done <- err
		}()
		d.fill(t, fresh("dispute"), 1)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}},
	{"a slow follower does not hold the writers up, and misses nothing", slowFollower},
	{"a follower who leaves is let go at once and leaves nothing running", letGo},
	{"a follower may leave in the middle and come back where he was", func(t *testing.T, d desk) {
		all := d.fill(t, fresh("dispute"), 9)
		var at eventlog.Position
		var got []eventlog.Record
		for range 3 {
			part := d.follow(t, at, 3)
			got, at = append(got, part...), part[2].Position
		}
		same(t, got, all)
	}},
	{"a deed can be read as soon as a follower has shown it", func(t *testing.T, d desk) {
		s := fresh("dispute")
		writing := make(chan error, 1)
		go func() {
			var at eventlog.Head
			for i := range 100 {
				r, err := d.Append(d.ctx, at, Commit(s, id(i), 1))
				if err != nil {
					writing <- err
					return
				}
				at = r.Head
			}
			writing <- nil
		}()
		var at eventlog.Head
		n := 0
		for shown, err := range d.Follow(d.ctx, eventlog.Position{}) {
			if err != nil {
				t.Fatal(err)
			}
			if at.Length < shown.Head.Length {
				for _, r := range d.read(t, s, at) {
					at = r.Head
				}
			}
			if at.Length < shown.Head.Length {
				t.Fatalf("a follower saw version %d, a reader after it %d commits", shown.Version, at.Length)
			}
			if n++; n == 100 {
				break
			}
		}
		if err := <-writing; err != nil {
			t.Fatal(err)
		}
	}},
}

// everyAge lets followers join at different times while writers fill the log;
// each must see what it had not seen, each record once.
func everyAge(t *testing.T, d desk) {
	const writers, each, followers = 4, 100, 4
	var writing, reading sync.WaitGroup
	views := make([][]eventlog.Record, followers)
	join := func(i int, after eventlog.Position, n int) {
		reading.Go(func() {
			var err error
			if views[i], err = d.take(after, n); err != nil {
				t.Error(err)
			}
		})
	}
	join(0, eventlog.Position{}, writers*each)
	kept := make(chan eventlog.Record, writers*each)
	for w := range writers {
		s := fresh("dispute")
		writing.Go(func() {
			var at eventlog.Head
			for i := range each {
				r, err := d.Append(d.ctx, at, Commit(s, fmt.Sprintf("w%d-%d", w, i), 1))
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				at = r.Head
				kept <- r
			}
		})
	}
	for i := 1; i < followers; i++ {
		for range each / 2 { // so that each joins while there is both a past and a future
			<-kept
		}
		join(i, eventlog.Position{}, writers*each)
	}
	writing.Wait()
	reading.Wait()
	for i := 1; i < followers; i++ {
		same(t, views[i], views[0])
	}
	heads := map[string]eventlog.Head{}
	var last eventlog.Position
	for _, r := range views[0] {
		if err := r.Follows(heads[r.Stream]); err != nil {
			t.Fatal(err)
		}
		if !last.Before(r.Position) {
			t.Fatalf("position %s after %s", r.Position, last)
		}
		heads[r.Stream], last = r.Head, r.Position
	}
}

func slowFollower(t *testing.T, d desk) {
	const n = 1500
	s := fresh("dispute")
	first := d.must(t, eventlog.Head{}, Commit(s, "first", 1))
	holding, written := make(chan bool), make(chan bool)
	done := make(chan []eventlog.Record, 1)
	go func() {
		var got []eventlog.Record
		for r, err := range d.Follow(d.ctx, eventlog.Position{}) {
			if err != nil {
				t.Errorf("follow: %v", err)
				break
			}
			if got = append(got, r); len(got) == 1 {
				close(holding)
				<-written
			}
			if len(got) == n+1 {
				break
			}
		}
		done <- got
	}()
	<-holding
	all, at := []eventlog.Record{first}, first.Head
	for i := range n {
		r := d.must(t, at, Commit(s, id(i), 1))
		all, at = append(all, r), r.Head
	}
	close(written)
	same(t, <-done, all)
}

func letGo(t *testing.T, d desk) {
	const followers = 40
	d.fill(t, fresh("dispute"), 3)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(d.ctx)
	var caught, gone sync.WaitGroup
	caught.Add(followers)
	for range followers {
		gone.Go(func() {
			n := 0
			for _, err := range d.Follow(ctx, eventlog.Position{}) {
				if err != nil {
					t.Errorf("a cancelled follower got %v; it must only end", err)
					return
				}
				if n++; n == 3 {
					caught.Done()
				}
			}
		})
	}
	caught.Wait()
	cancel()
	gone.Wait()
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before+followers/4; runtime.Gosched() {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines before, %d after\n%s", before, runtime.NumGoroutine(), slices.Clip(buf[:runtime.Stack(buf, true)]))
		}
	}
}
