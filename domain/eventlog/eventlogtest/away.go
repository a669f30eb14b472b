package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
)

// silentServers lets many callers ask while nothing comes through: with a
// deadline, and without one until they leave.
func silentServers(t *testing.T, f *far) {
	d, between := f.client(t)
	s := fresh("dispute")
	first := d.must(t, eventlog.Head{}, Commit(s, "first", 1))
	f.acks++
	asks := map[string]func(context.Context) error{
		"append": func(ctx context.Context) error {
			_, err := d.Append(ctx, first.Head, Commit(s, "silent", 1))
			return err
		},
		"append to a new stream": func(ctx context.Context) error {
			_, err := d.Append(ctx, eventlog.Head{}, Commit(fresh("dispute"), "silent", 1))
			return err
		},
		"read": func(ctx context.Context) (last error) {
			for _, err := range d.Read(ctx, s, eventlog.Head{}) {
				last = err
			}
			return last
		},
		"end": func(ctx context.Context) error { _, err := d.End(ctx); return err },
		"follow": func(ctx context.Context) error {
			for _, err := range d.Follow(ctx, first.Position) {
				if err != nil && !errors.Is(err, eventlog.ErrUnavailable) {
					return err
				}
			}
			<-ctx.Done() // it may be told that nobody answers, or wait
			return ctx.Err()
		},
	}
	before := runtime.NumGoroutine()
	for _, connected := range []bool{true, false} {
		between.silence(true)
		if !connected {
			between.cut()
		}
		var all sync.WaitGroup
		for name, ask := range asks {
			for i := range 8 {
				all.Go(func() {
					ctx, leave := context.WithTimeout(d.ctx, 200*time.Millisecond)
					if i%2 == 0 {
						leave()
						ctx, leave = context.WithCancel(d.ctx)
						time.AfterFunc(200*time.Millisecond, leave)
					}
					defer leave()
					if err := ask(ctx); ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
						t.Errorf("%s (connected: %t) comes back with %v, want the context's error", name, connected, err)
					}
				})
			}
		}
		gone := make(chan struct{})
		go func() { all.Wait(); close(gone) }()
		select {
		case <-gone:
		case <-time.After(patience):
			buf := make([]byte, 1<<20)
			t.Fatalf("callers are held beyond their deadlines\n%s", buf[:runtime.Stack(buf, true)])
		}
		between.cut()
		between.calm()
		f.insist(t, d, first.Head, Commit(s, "silent", 1))
	}
	for give := time.Now().Add(patience); runtime.NumGoroutine() > before+12; time.Sleep(time.Millisecond) {
		if time.Now().After(give) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
	d = deskOf(t, d.Log)
	if n := len(d.read(t, s, eventlog.Head{})); n != 2 {
		t.Errorf("%d commits, want 2", n)
	}
}

// laterServers starts a client before its servers, and lets them be away while
// others wait for them.
func laterServers(t *testing.T, f *far) {
	w := f.witness(t)
	s := fresh("dispute")
	first := f.insist(t, w, eventlog.Head{}, Commit(s, "first", 1))
	between, via := f.lay(t)
	between.refuse(true)
	early, err := f.Dial(t, via)
	if err == nil { // it came without having looked
		ctx, leave := context.WithTimeout(w.ctx, aWhile)
		_, err = early.End(ctx)
		leave()
	}
	if !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("while nobody answers: %v, want ErrUnavailable", err)
	}
	between.refuse(false)
	d := deskOf(t, f.dial(t, via))
	same(t, d.read(t, s, eventlog.Head{}), []eventlog.Record{first})

	between.refuse(true)
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	var v view
	var waiting sync.WaitGroup
	waiting.Go(func() { v.follow(ctx, t, d.Log, eventlog.Position{}) })
	kept, unclear := make(chan eventlog.Record, 1), make(chan error, 1)
	waiting.Go(func() {
		ctx, leave := context.WithTimeout(context.Background(), aWhile)
		_, err := d.Append(ctx, first.Head, Commit(s, "waiting", 1))
		leave()
		unclear <- err
		r, _, err := insist(d.Log, first.Head, Commit(s, "waiting", 1))
		if err != nil {
			t.Errorf("an append to servers that were away: %v", err)
		}
		kept <- r
	})
	if err := <-unclear; !errors.Is(err, eventlog.ErrUnavailable) && !errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("an append to servers that are away: %v", err)
	}
	same(t, w.read(t, s, first.Head), nil)
	between.refuse(false)
	second := <-kept
	f.acks++
	v.until(t, 2)
	leave()
	waiting.Wait()
	same(t, v.all, []eventlog.Record{first, second})
}

// slowWay carries a few commits of every size, a long stream and a follower
// over a way on which every piece is late.
func slowWay(t *testing.T, f *far) {
	d, between := f.client(t)
	s := fresh("dispute")
	between.slow(4 * time.Millisecond)
	var all []eventlog.Record
	var at eventlog.Head
	for i, size := range []int{400, 60 << 10, 400, eventlog.MaxCommit} {
		r := f.insist(t, d, at, sized(t, at, Commit(s, id(i), 1), size))
		all, at = append(all, r), r.Head
	}
	d = deskOf(t, d.Log)
	same(t, d.read(t, s, eventlog.Head{}), all)
	same(t, d.follow(t, eventlog.Position{}, len(all)), all)
}

// badWeather is a storm of everything that can happen on the way and of the
// servers' upsets.
func badWeather(t *testing.T, f *far) {
	one, there := f.client(t)
	two, elsewhere := f.client(t)
	acts := map[string]func(){
		"cut":             there.cut,
		"cut elsewhere":   elsewhere.cut,
		"silence":         func() { there.silence(true) },
		"no answers":      func() { elsewhere.hold(down, true) },
		"nothing heard":   func() { there.hold(up, true) },
		"slow":            func() { there.slow(10 * time.Millisecond) },
		"nobody answers":  func() { there.refuse(true); elsewhere.refuse(true) },
		"broken requests": func() { there.each(func(w *way) { w.breakAfter(up, 300) }) },
		"broken answers":  func() { elsewhere.each(func(w *way) { w.breakAfter(down, 120) }) },
	}
	for i := range f.Servers {
		acts[fmt.Sprint("silence of server ", i)] = func() { there[i].hold(up, true); there[i].hold(down, true); elsewhere[i].hold(up, true) }
		acts[fmt.Sprint("no way to server ", i)] = func() { there[i].refuse(true); elsewhere[i].refuse(true) }
	}
	for _, name := range f.names() {
		acts["upset: "+name] = func() { f.upset(t, name) }
	}
	w := Storm{
		Programs: []eventlog.Log{one.Log, two.Log}, Witness: f.witness(t).Log, Acts: acts, Rounds: 1, Lasting: 600 * time.Millisecond,
		Calm: func() {
			there.calm()
			elsewhere.calm()
		},
	}.Rage(t)
	f.acks += w.Acknowledged
	t.Logf("%+v", w)
}
