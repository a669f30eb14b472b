package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
)

// lostAnswers holds the answer to an append back until a witness has seen the
// commit, and breaks the connection then.
func lostAnswers(t *testing.T, f *far) {
	const rounds = 9
	d, between := f.client(t)
	w := f.witness(t)
	s := fresh("dispute")
	first := d.must(t, eventlog.Head{}, Commit(s, "first", 1))
	at, lost := first.Head, 0
	for i := range rounds {
		between.hold(down, true)
		ctx, leave := context.WithCancel(d.ctx)
		type outcome struct {
			r   eventlog.Record
			err error
		}
		done := make(chan outcome, 1)
		go func() {
			r, err := d.Append(ctx, at, Commit(s, id(i), 1))
			done <- outcome{r, err}
		}()
		var kept []eventlog.Record
		for give := time.Now().Add(aWhile); len(kept) == 0 && time.Now().Before(give); time.Sleep(time.Millisecond) {
			kept = w.read(t, s, at)
		}
		if i%3 == 2 { // the caller gives up first
			leave()
		}
		between.cut()
		between.calm()
		o := <-done
		leave()
		if o.err != nil && !errors.Is(o.err, eventlog.ErrUnknown) && !errors.Is(o.err, eventlog.ErrUnavailable) {
			t.Fatalf("round %d: %v", i, o.err)
		}
		if len(kept) > 0 {
			lost++
			if errors.Is(o.err, eventlog.ErrUnavailable) && !errors.Is(o.err, eventlog.ErrUnknown) {
				t.Errorf("round %d: it was kept, and the caller is told it was not: %v", i, o.err)
			}
		}
		r := f.insist(t, d, at, Commit(s, id(i), 1))
		if o.err == nil {
			same(t, []eventlog.Record{o.r}, []eventlog.Record{r})
		}
		same(t, w.read(t, s, at), []eventlog.Record{r})
		at = r.Head
	}
	t.Logf("%d of %d answers were lost after the commit was kept", lost, rounds)
	if lost < rounds/3 {
		t.Errorf("only %d answers were lost after the commit was kept", lost)
	}
}

// anyByte breaks the connection of an append at twenty places from its first
// byte to beyond its last, on the way there and on the way back.
func anyByte(t *testing.T, f *far) {
	const places = 20
	d, between := f.client(t)
	w := f.witness(t)
	s := fresh("dispute")
	var all []eventlog.Record
	var at eventlog.Head
	keep := func(c eventlog.Commit) {
		r := f.insist(t, d, at, c)
		between.calm()
		same(t, []eventlog.Record{f.insist(t, d, at, c)}, []eventlog.Record{r})
		all, at = append(all, r), r.Head
	}
	keep(Commit(s, "first", 1))
	broke := [2]int{}
	for _, direction := range []int{up, down} {
		size := math.MaxInt
		for i := range 4 { // the least, for a client that has just come back says more
			before := between.bytes(direction)
			r := f.insist(t, d, at, Commit(s, fmt.Sprintf("whole%d-%d", direction, i), 1))
			all, at = append(all, r), r.Head
			size = min(size, between.bytes(direction)-before)
		}
		for i := range places {
			before := f.sum().Cut
			between.each(func(w *way) { w.breakAfter(direction, size*i*5/4/places) })
			keep(Commit(s, fmt.Sprintf("b%d-%d", direction, i), 1))
			broke[direction] += f.sum().Cut - before
		}
	}
	same(t, w.read(t, s, eventlog.Head{}), all)
	same(t, w.follow(t, eventlog.Position{}, len(all)), all)
	t.Logf("connections broke %d times on the way there and %d times on the way back", broke[up], broke[down])
	if broke[up] < places/4 || broke[down] < places/4 {
		t.Error("too few connections broke")
	}
}

// retries asks again for what was acknowledged, at old heads and new, after
// later commits, and through another client.
func retries(t *testing.T, f *far) {
	d, between := f.client(t)
	other := f.witness(t)
	s := fresh("dispute")
	var all []eventlog.Record
	var at eventlog.Head
	more := func(name string) {
		for i := range 3 {
			r := f.insist(t, d, at, Commit(s, fmt.Sprint(name, i), 1))
			all, at = append(all, r), r.Head
		}
	}
	again := func() {
		for _, who := range []desk{d, other} {
			for i, r := range all {
				for _, at := range []eventlog.Head{{}, r.Head, all[0].Head, at} {
					c := Commit(s, r.ID, 1)
					c.RecordedAt = c.RecordedAt.Add(time.Duration(i) * time.Hour)
					same(t, []eventlog.Record{f.insist(t, who, at, c)}, []eventlog.Record{r})
				}
			}
			if _, _, err := insist(who.Log, at, Commit(s, all[0].ID, 2)); !errors.Is(err, eventlog.ErrReused) {
				t.Errorf("an id used for something else gives %v", err)
			}
		}
	}
	more("a")
	between.cut()
	again()
	for i, name := range f.names() {
		more(fmt.Sprintf("u%d-", i))
		f.upset(t, name)
		again()
	}
	d, other = deskOf(t, d.Log), deskOf(t, other.Log)
	same(t, other.read(t, s, eventlog.Head{}), all)
}

// unbroken lets a follower begin before everything, one in the midst and one at
// the end, and then everything befalls them while others write.
func unbroken(t *testing.T, f *far) {
	d, between := f.client(t)
	w := f.witness(t)
	s := fresh("dispute")
	var at eventlog.Head
	n, positions := 0, []eventlog.Position{{}}
	write := func(count int) {
		for range count {
			r := f.insist(t, w, at, Commit(s, id(n), 1))
			at, n, positions = r.Head, n+1, append(positions, r.Position)
		}
	}
	write(20)
	ctx, leave := context.WithCancel(context.Background())
	var following sync.WaitGroup
	starts, views := []int{0, 10, 20}, []*view{{}, {}, {}}
	for i, v := range views {
		following.Go(func() { v.follow(ctx, t, d.Log, positions[starts[i]]) })
	}
	defer following.Wait()
	defer leave()
	seen := func() {
		t.Helper()
		for i, v := range views {
			v.until(t, n-starts[i])
		}
	}
	faults := map[string]func(){
		"cut":          between.cut,
		"silence":      func() { between.silence(true); write(3); between.cut(); between.calm() },
		"half silence": func() { between.hold(down, true); write(3); between.calm() },
		"slow":         func() { between.slow(20 * time.Millisecond) },
		"refused":      func() { between.refuse(true); write(3); between.refuse(false) },
	}
	for _, name := range f.names() {
		faults["upset: "+name] = func() { f.upset(t, name) }
	}
	for round := range 2 {
		if round == 1 { // an upset may take seconds to recover from
			maps.DeleteFunc(faults, func(name string, _ func()) bool { return strings.HasPrefix(name, "upset") })
		}
		for name, befall := range faults {
			write(2)
			befall()
			write(5)
			between.calm()
			seen()
			if t.Failed() {
				t.Fatalf("after: %s", name)
			}
		}
	}
	leave()
	following.Wait()
	d = deskOf(t, w.Log)
	all := d.read(t, s, eventlog.Head{})
	for i, v := range views {
		same(t, v.all, all[starts[i]:])
	}
}
