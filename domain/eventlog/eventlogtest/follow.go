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
	{"followers from the start, the midst and the end see the same order while writers run", everyAge},
	{"reading a stream is following everything and picking that stream", picking},
	{"a clock that jumps moves no record from its place", jumpingClock},
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

// everyAge lets followers join at different times while writers fill the log:
// one at the start before there is anything, one at the start of what there is,
// one in the midst and one at the end. Each must see what comes after, once.
func everyAge(t *testing.T, d desk) {
	const writers, each = 4, 100
	var writing sync.WaitGroup
	ctx, leave := context.WithCancel(d.ctx)
	defer leave()
	var following sync.WaitGroup
	starts, views := make([]eventlog.Position, 4), []*view{{}, {}, {}, {}}
	join := func(i int, after eventlog.Position) {
		starts[i] = after
		following.Go(func() { views[i].follow(ctx, t, d.Log, after) })
	}
	join(0, eventlog.Position{})
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
	for range each / 2 { // so that there is both a past and a future
		<-kept
	}
	join(1, eventlog.Position{})
	join(2, (<-kept).Position)
	for range each / 2 {
		<-kept
	}
	join(3, d.end(t))
	writing.Wait()
	all := d.follow(t, eventlog.Position{}, writers*each)
	for i, v := range views {
		from := 0
		for from < len(all) && !starts[i].Before(all[from].Position) {
			from++
		}
		v.until(t, len(all)-from)
		v.mu.Lock()
		same(t, v.all, all[from:])
		v.mu.Unlock()
		if i > 1 && (from == 0 || from == len(all)) {
			t.Errorf("follower %d joined at record %d of %d: this shows nothing", i, from, len(all))
		}
	}
	leave()
	following.Wait()
	whole := view{all: all}
	whole.proves(t, "who comes last", writers*each)
}

// picking compares each stream as it is read with what a follower of everything
// has seen of it: the log has no filter of its own to be wrong.
func picking(t *testing.T, d desk) {
	const streams, n = 7, 210
	names, heads := make([]string, streams), make([]eventlog.Head, streams)
	for i := range names {
		names[i] = fresh([]string{"dispute", "confirmation"}[i%2])
	}
	for i := range n {
		k := i * i % streams
		heads[k] = d.must(t, heads[k], Commit(names[k], id(i), 1)).Head
	}
	picked := map[string][]eventlog.Record{}
	for _, r := range d.follow(t, eventlog.Position{}, n) {
		picked[r.Stream] = append(picked[r.Stream], r)
	}
	for _, name := range names {
		same(t, d.read(t, name, eventlog.Head{}), picked[name])
	}
}

// jumpingClock records commits by a clock that jumps an hour and a day either
// way, over the end of the year and over a leap day. Order is the log's alone.
func jumpingClock(t *testing.T, d desk) {
	jumps := []time.Duration{0, time.Hour, -time.Hour, -2 * time.Hour, 24 * time.Hour, -48 * time.Hour, time.Microsecond, 0, -time.Nanosecond}
	streams := []string{fresh("dispute"), fresh("dispute")}
	var heads [2]eventlog.Head
	var all []eventlog.Record
	now := time.Date(2028, 2, 29, 23, 59, 59, 999_999_000, time.UTC)
	for i := range 6 * len(jumps) {
		now = now.Add(jumps[i%len(jumps)])
		if i == 20 {
			now = time.Date(2026, 12, 31, 23, 59, 59, 0, time.FixedZone("Asia/Shanghai", 8*3600))
		}
		k := i % 3 % 2
		c := Commit(streams[k], id(i), 1)
		c.RecordedAt = now
		r := d.must(t, heads[k], c)
		all, heads[k] = append(all, r), r.Head
	}
	backwards := 0
	for i := 1; i < len(all); i++ {
		if all[i].RecordedAt.Before(all[i-1].RecordedAt) {
			backwards++
		}
	}
	if backwards < 6 {
		t.Errorf("the clock went backwards %d times: this shows nothing", backwards)
	}
	same(t, d.follow(t, eventlog.Position{}, len(all)), all)
	for k, s := range streams {
		var want []eventlog.Record
		for _, r := range all {
			if r.Stream == s {
				want = append(want, r)
			}
		}
		same(t, d.read(t, s, eventlog.Head{}), want)
		again := Commit(s, want[0].ID, 1)
		again.RecordedAt = now.AddDate(-1, 0, 0)
		same(t, []eventlog.Record{d.must(t, heads[k], again)}, want[:1])
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
