package eventlogtest

import (
	"fmt"
	"sync"
	"testing"

	"doorstep/domain/eventlog"
)

// Open opens the one log of a place, and gives what closes it. A log that is
// still open when its test ends must close itself.
type Open func(t *testing.T) (log eventlog.Log, shut func())

// RunKept checks that what a log acknowledged is there, unchanged, when it is
// closed and opened again. Each check has a place of its own.
func RunKept(t *testing.T, place func(t *testing.T) Open) { runKept(t, place, nil) }

func runKept(t *testing.T, place func(t *testing.T) Open, ran ran) {
	for _, c := range keeping {
		t.Run(c.name, func(t *testing.T) {
			ran.note(c.name)
			c.run(t, place(t))
		})
	}
}

// reopened opens the place as a desk.
func reopened(t *testing.T, open Open) (desk, func()) {
	t.Helper()
	log, shut := open(t)
	return deskOf(t, log), shut
}

var keeping = []sentence[Open]{
	{"every record, head and position is the same after reopening", func(t *testing.T, open Open) {
		d, shut := reopened(t, open)
		var all []eventlog.Record
		var names []string
		for range 5 {
			s := fresh("dispute")
			names = append(names, s)
			all = append(all, d.fill(t, s, 6)...)
		}
		for range 3 {
			shut()
			d, shut = reopened(t, open)
			same(t, d.follow(t, eventlog.Position{}, len(all)), all)
			same(t, d.follow(t, all[11].Position, len(all)-12), all[12:])
			for i, s := range names {
				same(t, d.read(t, s, eventlog.Head{}), all[6*i:6*i+6])
			}
			if p := d.end(t); p != all[len(all)-1].Position {
				t.Fatalf("the log ends at %s, want %s", p, all[len(all)-1].Position)
			}
		}
	}},
	{"an empty log is empty after reopening", func(t *testing.T, open Open) {
		_, shut := reopened(t, open)
		shut()
		d, _ := reopened(t, open)
		if p := d.end(t); !p.IsStart() {
			t.Errorf("it ends at %s", p)
		}
		d.fill(t, fresh("dispute"), 1)
	}},
	{"a retry after reopening finds itself, and a reused id is refused", func(t *testing.T, open Open) {
		d, shut := reopened(t, open)
		s := fresh("dispute")
		all := d.fill(t, s, 3)
		shut()
		d, _ = reopened(t, open)
		same(t, []eventlog.Record{d.must(t, all[0].Head, Commit(s, all[1].ID, 1))}, all[1:2])
		same(t, []eventlog.Record{d.must(t, all[2].Head, Commit(s, all[0].ID, 1))}, all[:1])
		d.refuses(t, all[2].Head, Commit(s, all[1].ID, 2), eventlog.ErrReused)
		same(t, d.read(t, s, eventlog.Head{}), all)
	}},
	{"a head from before goes on, and a stale one conflicts", func(t *testing.T, open Open) {
		d, shut := reopened(t, open)
		s := fresh("dispute")
		all := d.fill(t, s, 2)
		shut()
		d, shut = reopened(t, open)
		d.conflicts(t, all[0].Head, Commit(s, "stale", 1), all[1].Head)
		d.conflicts(t, eventlog.Head{}, Commit(s, "stale", 1), all[1].Head)
		r := d.must(t, all[1].Head, Commit(s, "next", 1))
		if err := r.Follows(all[1].Head); err != nil {
			t.Error(err)
		}
		if !all[1].Position.Before(r.Position) {
			t.Errorf("position %s after %s", r.Position, all[1].Position)
		}
		shut()
		d, _ = reopened(t, open)
		same(t, d.read(t, s, eventlog.Head{}), append(all, r))
	}},
	{"a follower comes back where it was and goes on live", func(t *testing.T, open Open) {
		d, shut := reopened(t, open)
		all := d.fill(t, fresh("dispute"), 10)
		seen := d.follow(t, eventlog.Position{}, 4)
		shut()
		d, _ = reopened(t, open)
		more := d.fill(t, fresh("dispute"), 5)
		seen = append(seen, d.follow(t, seen[3].Position, 11)...)
		same(t, seen, append(all, more...))
	}},
	{"everything acknowledged to many writers is there", func(t *testing.T, open Open) {
		d, shut := reopened(t, open)
		const writers, each = 8, 40
		var writing sync.WaitGroup
		kept := make([][]eventlog.Record, writers)
		names := make([]string, writers)
		for w := range writers {
			names[w] = fresh("dispute")
			writing.Go(func() {
				var at eventlog.Head
				for i := range each {
					r, err := d.Append(d.ctx, at, Commit(names[w], fmt.Sprint("c", i), 1))
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
					kept[w], at = append(kept[w], r), r.Head
				}
			})
		}
		writing.Wait()
		shut()
		d, _ = reopened(t, open)
		for w, s := range names {
			same(t, d.read(t, s, eventlog.Head{}), kept[w])
		}
	}},
	{"a closed log answers with an error", func(t *testing.T, open Open) {
		d, shut := reopened(t, open)
		s := fresh("dispute")
		at := d.fill(t, s, 1)[0].Head
		shut()
		if _, err := d.Append(d.ctx, at, Commit(s, "x", 1)); err == nil {
			t.Error("it kept a commit")
		}
		for _, err := range d.Read(d.ctx, s, eventlog.Head{}) {
			if err == nil {
				t.Error("it gave a record")
			}
		}
		if _, err := d.take(eventlog.Position{}, 1); err == nil {
			t.Error("a follower got a record")
		}
		if _, err := d.End(d.ctx); err == nil {
			t.Error("it knew its end")
		}
		d, _ = reopened(t, open)
		if n := len(d.read(t, s, eventlog.Head{})); n != 1 {
			t.Errorf("%d commits, want 1", n)
		}
	}},
}
