package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
)

// Reached is a log, empty at first, that servers keep on the far side of a network.
type Reached struct {
	Servers []string // where they listen, host:port, for as long as the test lasts

	// Dial opens a client that speaks with each server at the address via gives
	// for it, and at no other; via nil is straight to them. It may fail with
	// ErrUnavailable when nobody answers. The client gives up on an answer after
	// a second or so, and closes with the test.
	Dial func(t *testing.T, via map[string]string) (eventlog.Log, error)

	// Upsets bring about, by name, what the servers can go through without losing
	// what they acknowledged: a restart of all, another leader. Each returns when
	// it is done, though the servers may still be busy with it.
	Upsets map[string]func(t *testing.T)
}

// RunReached checks that a client of a log that is reached over a network keeps
// the contract whatever happens on the way and to the servers. Each check has
// servers of its own. It prints what was injected; a check in which nothing was
// fails.
func RunReached(t *testing.T, start func(t *testing.T) Reached) { runReached(t, start, nil) }

func runReached(t *testing.T, start func(t *testing.T) Reached, ran ran) {
	for _, c := range reaching {
		t.Run(c.name, func(t *testing.T) {
			ran.note(c.name)
			f := &far{Reached: start(t)}
			c.run(t, f)
			sum := f.sum()
			t.Logf("%d acknowledged; %d upsets; on the way %+v", f.acks, f.upsets, sum)
			if sum.Sum()+f.upsets == 0 || f.acks == 0 {
				t.Error("nothing was injected, or nothing acknowledged: this shows nothing")
			}
		})
	}
}

// far is a Reached with what was done to it.
type far struct {
	Reached
	laid   []ways
	upsets int
	acks   int
}

func (f *far) sum() (all Counts) {
	for _, w := range f.laid {
		all = all.plus(w.counts())
	}
	return all
}

// lay lays ways to every server, and tells which leads to which.
func (f *far) lay(t *testing.T) (ways, map[string]string) {
	t.Helper()
	via, all := map[string]string{}, ways{}
	for _, s := range f.Servers {
		w := lay(t, s)
		via[s], all = w.listener.Addr().String(), append(all, w)
	}
	f.laid = append(f.laid, all)
	return all, via
}

// client opens a client and gives the ways between it and the servers.
func (f *far) client(t *testing.T) (desk, ways) {
	t.Helper()
	all, via := f.lay(t)
	return deskOf(t, f.dial(t, via)), all
}

// witness opens a client that nothing on the way befalls.
func (f *far) witness(t *testing.T) desk {
	t.Helper()
	return deskOf(t, f.dial(t, nil))
}

// dial opens a client, and insists while the servers are unavailable.
func (f *far) dial(t *testing.T, via map[string]string) eventlog.Log {
	t.Helper()
	for give := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		log, err := f.Dial(t, via)
		if err == nil {
			return log
		}
		if !errors.Is(err, eventlog.ErrUnavailable) || time.Now().After(give) {
			t.Fatalf("dial: %v", err)
		}
	}
}

// upset brings an upset about.
func (f *far) upset(t *testing.T, name string) {
	t.Helper()
	f.upsets++
	f.Upsets[name](t)
}

// names of the upsets, in the same order each time.
func (f *far) names() (all []string) {
	for name := range f.Upsets {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// insist appends until the outcome is known, as a desk does, and wants it kept.
func (f *far) insist(t *testing.T, d desk, at eventlog.Head, c eventlog.Commit) eventlog.Record {
	t.Helper()
	r, _, err := insist(d.Log, at, c)
	if err != nil {
		t.Fatalf("append %s to %s: %v", c.ID, c.Stream, err)
	}
	f.acks++
	return r
}

// insist appends until the outcome is known, and tells how often it was not.
func insist(log eventlog.Log, at eventlog.Head, c eventlog.Commit) (r eventlog.Record, unclear int, err error) {
	for give := time.Now().Add(patience); ; unclear++ {
		ctx, cancel := context.WithTimeout(context.Background(), aWhile)
		r, err = log.Append(ctx, at, c)
		cancel()
		again := errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, eventlog.ErrUnavailable)
		if !again || time.Now().After(give) {
			return r, unclear, err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

var reaching = []sentence[*far]{
	{"an answer that is lost after the commit was kept is found out", lostAnswers},
	{"a connection that breaks after any number of bytes loses no commit and doubles none", anyByte},
	{"a retry finds itself after every upset, whoever asks", retries},
	{"followers see every record once over cuts, silence and every upset", unbroken},
	{"a caller is let go at his deadline while the servers are silent", silentServers},
	{"servers that come up later are found", laterServers},
	{"over a slow way everything comes, only later", slowWay},
	{"in bad weather each stream behaves as if one clerk kept it", badWeather},
}

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
