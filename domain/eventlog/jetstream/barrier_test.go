package jetstream

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
)

// opened makes a log with the options and opens it.
func opened(t *testing.T, o Options) *Log {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "court")
	if err := Create(dir, eventlog.NewGenesis(""), o); err != nil {
		t.Fatal(err)
	}
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// gate is a barrier that the test opens and shuts.
type gate struct {
	began   chan struct{} // one for each sync that has begun
	proceed chan error    // what it ends with
}

func newGate() *gate { return &gate{make(chan struct{}), make(chan error)} }

// sync lets the first sync pass, with which opening makes sure of the past.
func (g *gate) options() Options {
	first := true
	return Options{Barrier: func(*os.File) error {
		if first {
			first = false
			return nil
		}
		g.began <- struct{}{}
		return <-g.proceed
	}}
}

func TestNothingIsShownBeforeItIsDurable(t *testing.T) {
	var l *Log
	var synced atomic.Uint64 // sequence number up to which a sync has covered everything
	l = opened(t, Options{Barrier: func(store *os.File) error {
		if l == nil {
			return nil // while opening
		}
		s, err := l.engine.state(context.Background())
		if err != nil {
			return err
		}
		if err := syncStore(store); err != nil {
			return err
		}
		synced.Store(s.last)
		return nil
	}})
	ctx := patient(t)
	check := func(who string, p eventlog.Position) {
		if reached := synced.Load(); reached < p.Token() {
			t.Errorf("%s saw position %s, the syncs had reached %d", who, p, reached)
		}
	}
	const writers, each = 8, 60
	var all, following sync.WaitGroup
	for range 2 {
		following.Go(func() {
			n := 0
			for r, err := range l.Follow(ctx, eventlog.Position{}) {
				if err != nil {
					t.Error(err)
					return
				}
				check("a follower", r.Position)
				if n++; n == writers*each {
					return
				}
			}
		})
	}
	for w := range writers {
		all.Go(func() {
			var at eventlog.Head
			for i := range each {
				r, err := l.Append(ctx, at, eventlogtest.Commit(fmt.Sprint("dispute-", w), fmt.Sprint("c", i), 1))
				if err != nil {
					t.Error(err)
					return
				}
				check("a writer", r.Position)
				at = r.Head
				end, err := l.End(ctx)
				if err != nil || end.Before(r.Position) {
					t.Errorf("the end is %s (%v), %s was acknowledged", end, err, r.Position)
				}
				check("who asked for the end", end)
				for r, err := range l.Read(ctx, fmt.Sprint("dispute-", (w+1)%writers), eventlog.Head{}) {
					if err != nil {
						t.Error(err)
						return
					}
					check("a reader", r.Position)
				}
			}
		})
	}
	all.Wait()
	following.Wait()
	var at eventlog.Head
	_, err := l.Append(ctx, at, eventlogtest.Commit("dispute-0", "late", 1))
	if !errors.Is(err, eventlog.ErrConflict) {
		t.Error(err)
	}
}

func TestOneSyncCoversEveryoneWhoWroteBeforeItBegan(t *testing.T) {
	g := newGate()
	l := opened(t, g.options())
	ctx := patient(t)
	const writers = 32
	done := make(chan error, writers+1)
	put := func(stream string) {
		_, err := l.Append(ctx, eventlog.Head{}, eventlogtest.Commit(stream, "a", 1))
		done <- err
	}
	go put("dispute-first")
	<-g.began
	for w := range writers {
		go put(fmt.Sprint("dispute-", w))
	}
	written := func() bool {
		l.barrier.mu.Lock()
		defer l.barrier.mu.Unlock()
		return len(l.barrier.waiting) == writers
	}
	for !written() {
		runtime.Gosched()
		if len(done) > 0 {
			t.Fatal("an append was acknowledged while the only sync was still running")
		}
	}
	g.proceed <- nil
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	<-g.began
	if len(done) > 0 {
		t.Fatal("a sync that began before they were written let others go")
	}
	if end, _ := l.End(ctx); end.Token() != genesisSeq+1 {
		t.Errorf("the log ends at %s before its second sync is over", end)
	}
	g.proceed <- nil
	for range writers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

func TestAfterAFailedSyncNothingIsAcknowledged(t *testing.T) {
	g := newGate()
	l := opened(t, g.options())
	ctx := patient(t)
	appended := make(chan error, 1)
	put := func(stream string) {
		_, err := l.Append(ctx, eventlog.Head{}, eventlogtest.Commit(stream, "a", 1))
		appended <- err
	}
	go put("dispute-1")
	<-g.began
	g.proceed <- nil
	if err := <-appended; err != nil {
		t.Fatal(err)
	}
	followed := make(chan error, 1)
	go func() {
		var last error
		for _, err := range l.Follow(ctx, eventlog.Position{}) {
			last = err
		}
		followed <- last
	}()
	go put("dispute-2")
	<-g.began
	g.proceed <- syscall.EIO
	if err := <-appended; !errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("the append under the failed sync gives %v, want ErrUnknown", err)
	}
	<-l.Failed()
	for name, err := range map[string]error{
		"append": func() error {
			_, err := l.Append(ctx, eventlog.Head{}, eventlogtest.Commit("dispute-3", "a", 1))
			return err
		}(),
		"read": func() (last error) {
			for _, err := range l.Read(ctx, "dispute-1", eventlog.Head{}) {
				last = err
			}
			return last
		}(),
		"end":    func() error { _, err := l.End(ctx); return err }(),
		"check":  l.Check(ctx),
		"follow": <-followed,
	} {
		if !errors.Is(err, eventlog.ErrUnavailable) {
			t.Errorf("%s gives %v, want ErrUnavailable", name, err)
		}
	}
	dir := l.place.dir
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	l, err := Open(dir, Options{}) // the disk is well again
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
	for _, s := range []string{"dispute-1", "dispute-2", "dispute-3"} {
		if _, err := l.Append(ctx, eventlog.Head{}, eventlogtest.Commit(s, "a", 1)); err != nil {
			t.Errorf("%s sent again: %v", s, err)
		}
	}
	rep, err := eventlog.Verify(ctx, l)
	if err != nil || rep.Commits != 3 {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestTheMarkIsOneSyncBehindTheLogAtMost(t *testing.T) {
	l := opened(t, Options{})
	var last, before eventlog.Record
	for _, s := range []string{"dispute-1", "dispute-2", "dispute-3"} {
		last, before = put(t, l, eventlog.Head{}, eventlogtest.Commit(s, "a", 1)), last
	}
	left := place{dir: l.place.dir} // as a process finds it that comes after a kill
	m, err := left.openMark()
	if err != nil {
		t.Fatal(err)
	}
	defer left.marked.Close()
	switch m {
	case mark{last.Position.Token(), last.Head.Hash}, mark{before.Position.Token(), before.Head.Hash}:
	default:
		t.Errorf("the mark says %d, the log has %s", m.seq, last.Position)
	}
}

func TestACallerWhoLeavesIsToldThatItIsNotKnown(t *testing.T) {
	g := newGate()
	l := opened(t, g.options())
	ctx := patient(t)
	leaving, leave := context.WithCancel(ctx)
	appended := make(chan error, 1)
	c := eventlogtest.Commit("dispute-1", "a", 1)
	go func() {
		_, err := l.Append(leaving, eventlog.Head{}, c)
		appended <- err
	}()
	<-g.began
	leave()
	if err := <-appended; !errors.Is(err, eventlog.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("append gives %v", err)
	}
	again := make(chan error, 1)
	go func() {
		_, err := l.Append(ctx, eventlog.Head{}, c)
		again <- err
	}()
	g.proceed <- nil
	if err := <-again; err != nil {
		t.Error(err)
	}
	if end, _ := l.End(ctx); end.Token() != genesisSeq+1 {
		t.Errorf("the log ends at %s", end)
	}
}
