package cluster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream/cluster"

	"github.com/nats-io/nats.go"
)

func pauseShortly() { time.Sleep(2 * time.Millisecond) }

// sharedServers is the cluster itself, for tests that put a line before it.
func sharedServers(t *testing.T) (*servers, string) {
	t.Helper()
	address := shared(t)
	return sharedBy, address[strings.LastIndex(address, "=")+1:]
}

// kept counts how often the commit stands in its stream, as another process
// with a line of its own sees it.
func kept(t *testing.T, log eventlog.Log, stream, id string) (n int) {
	t.Helper()
	for r, err := range log.Read(patient(t), stream, eventlog.Head{}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.ID == id {
			n++
		}
	}
	return n
}

func TestWhoLeavesBeforeTheAnswerDoesNotKnowAndFindsOutLater(t *testing.T) {
	servers, stream := sharedServers(t)
	made(t, servers.address(stream))
	line, address := between(t, servers, stream)
	log := dialled(t, address, cluster.Options{Patience: 4 * time.Second})
	line.deaf.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	c := eventlogtest.Commit("dispute-1", "a", 1)
	if _, err := log.Append(ctx, eventlog.Head{}, c); !errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("without an answer: %v, want ErrUnknown", err)
	}
	line.cut()
	line.deaf.Store(false)
	r, err := log.Append(patient(t), eventlog.Head{}, c)
	if err != nil || r.Version != 0 {
		t.Errorf("asked again: version %d, %v", r.Version, err)
	}
	if n := kept(t, log, "dispute-1", "a"); n != 1 || line.lost.Load() == 0 {
		t.Errorf("kept %d times, %d bytes swallowed", n, line.lost.Load())
	}
}

func TestALineThatTakesNothingHoldsNobodyUp(t *testing.T) {
	servers, stream := sharedServers(t)
	made(t, servers.address(stream))
	line, address := between(t, servers, stream)
	log := dialled(t, address, cluster.Options{Patience: 2 * time.Second})
	first, err := log.Append(patient(t), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
	if err != nil {
		t.Fatal(err)
	}
	line.hung.Store(true)
	big := eventlogtest.Commit("dispute-1", "big", 1)
	big.Events[0].Payload = json.RawMessage(`"` + strings.Repeat("x", 400_000) + `"`)
	began := time.Now()
	var all sync.WaitGroup
	for i := range 60 { // more than any buffer on the way takes
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			var err error
			switch i % 3 {
			case 0:
				c := big
				c.ID = fmt.Sprint("big", i)
				_, err = log.Append(ctx, first.Head, c)
			case 1:
				for _, err = range log.Read(ctx, "dispute-1", first.Head) {
				}
			case 2:
				_, err = log.End(ctx)
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("call %d: %v, want the context's error", i, err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > starting/2 {
		t.Errorf("calls with 300 ms took %s", took)
	}
	// And who has no deadline of his own gets ours.
	if _, err := log.End(context.Background()); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("without a deadline: %v, want ErrUnavailable", err)
	}
	if line.lost.Load() == 0 {
		t.Error("the line took everything: this test tests nothing")
	}
	line.hung.Store(false)
	line.cut()
	if _, err := log.Append(patient(t), first.Head, eventlogtest.Commit("dispute-1", "after", 1)); err != nil && !errors.Is(err, eventlog.ErrConflict) {
		t.Errorf("when the line is well again: %v", err)
	}
	if rep, err := eventlog.Verify(patient(t), log); err != nil || rep.Commits < 1 {
		t.Errorf("%+v, %v", rep, err)
	}
	t.Logf("60 calls on a line that takes nothing, %+v", log.Counts())
}

// stepDown makes the stream's leader give up leading.
func stepDown(t *testing.T, c *servers, stream string) {
	t.Helper()
	nc, err := nats.Connect(strings.TrimSuffix(c.address(""), "?stream="))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := eventually(func() error {
		m, err := nc.Request("$JS.API.STREAM.LEADER.STEPDOWN."+stream, nil, 5*time.Second)
		if err == nil && !strings.Contains(string(m.Data), `"success":true`) {
			err = errors.New(string(m.Data))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// traffic is clerks who append and followers who watch, through several
// processes' connections, while something happens to the cluster.
type traffic struct {
	t      *testing.T
	ctx    context.Context
	logs   []*cluster.Log
	stop   chan struct{}
	all    sync.WaitGroup
	mu     sync.Mutex
	acked  map[string]eventlog.Record // by stream and id
	tried  map[string]eventlog.Commit
	failed int // appends that ended without an answer, and were asked again
}

// run lets the clerks work: each on a stream of his own and in turn on one that
// all share.
func run(t *testing.T, logs ...*cluster.Log) *traffic {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	f := &traffic{t: t, ctx: ctx, logs: logs, stop: make(chan struct{}), acked: map[string]eventlog.Record{}, tried: map[string]eventlog.Commit{}}
	for w := range 6 {
		f.all.Go(func() { f.clerk(w) })
	}
	return f
}

func (f *traffic) clerk(w int) {
	log := f.logs[w%len(f.logs)]
	heads := map[string]eventlog.Head{}
	for i := 0; ; i++ {
		select {
		case <-f.stop:
			return
		default:
		}
		stream := fmt.Sprint("dispute-w", w)
		if i%3 == 2 {
			stream = "dispute-shared"
		}
		c := eventlogtest.Commit(stream, fmt.Sprintf("w%d-%d", w, i), 1+i%3)
		f.mu.Lock()
		f.tried[stream+"/"+c.ID] = c
		f.mu.Unlock()
		for {
			r, err := log.Append(f.ctx, heads[stream], c)
			var moved *eventlog.Conflict
			switch {
			case err == nil:
				f.mu.Lock()
				f.acked[stream+"/"+c.ID] = r
				f.mu.Unlock()
				heads[stream] = r.Head
			case errors.As(err, &moved):
				heads[stream] = moved.Actual
				continue
			case errors.Is(err, eventlog.ErrUnknown), errors.Is(err, eventlog.ErrUnavailable):
				f.mu.Lock()
				f.failed++
				f.mu.Unlock()
				if f.ctx.Err() == nil {
					continue
				}
				f.t.Errorf("clerk %d: %v", w, err)
				return
			default:
				f.t.Errorf("clerk %d: %v", w, err)
				return
			}
			break
		}
	}
}

func (f *traffic) acks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.acked)
}

// until waits until n more appends were acknowledged.
func (f *traffic) until(n int) {
	f.t.Helper()
	want := f.acks() + n
	if err := eventually(func() error {
		if f.acks() < want {
			return fmt.Errorf("%d of %d acknowledgements", f.acks(), want)
		}
		return nil
	}); err != nil {
		f.t.Error(err)
	}
}

// verdict ends the traffic and compares: every acknowledged commit is there as
// it was acknowledged, everything is there once, nothing is there that nobody
// tried, and what followers saw is the log.
func (f *traffic) verdict(seen ...func() []eventlog.Record) (acked int) {
	f.t.Helper()
	close(f.stop)
	f.all.Wait()
	end, err := f.logs[0].End(f.ctx)
	if err != nil {
		f.t.Fatal(err)
	}
	there := map[string]eventlog.Record{}
	var order []eventlog.Record
	for r, err := range f.logs[0].Follow(f.ctx, eventlog.Position{}) {
		if err != nil {
			f.t.Fatal(err)
		}
		key := r.Stream + "/" + r.ID
		if _, twice := there[key]; twice {
			f.t.Errorf("%s is kept twice", key)
		}
		if c, ok := f.tried[key]; !ok || !r.SameDeed(c) {
			f.t.Errorf("%s is kept, and nobody tried it so", key)
		}
		there[key] = r
		if order = append(order, r); r.Position == end {
			break
		}
	}
	for key, r := range f.acked {
		if is, ok := there[key]; !ok || is.Position != r.Position || is.Head != r.Head || string(is.Sealed) != string(r.Sealed) {
			f.t.Errorf("%s was acknowledged at %s and is not there so", key, r.Position)
		}
	}
	if rep, err := eventlog.Verify(f.ctx, f.logs[0]); err != nil || rep.Commits != int64(len(order)) {
		f.t.Errorf("%+v, %v, want %d commits", rep, err, len(order))
	}
	for i, s := range seen {
		got := s()
		if len(got) != len(order) {
			f.t.Errorf("follower %d saw %d records of %d", i, len(got), len(order))
			continue
		}
		for k := range got {
			if got[k].Position != order[k].Position || string(got[k].Sealed) != string(order[k].Sealed) {
				f.t.Errorf("follower %d saw another record at place %d", i, k)
				break
			}
		}
	}
	return len(f.acked)
}

// watch follows the log from the start until its end, as it is when the result
// is asked for.
func (f *traffic) watch(log *cluster.Log) func() []eventlog.Record {
	ctx, cancel := context.WithCancel(f.ctx)
	records := make(chan eventlog.Record, 1<<16)
	go func() {
		defer close(records)
		for r, err := range log.Follow(ctx, eventlog.Position{}) {
			if err != nil {
				f.t.Errorf("follow: %v", err)
				return
			}
			records <- r
		}
	}()
	return func() []eventlog.Record {
		end, err := log.End(f.ctx)
		if err != nil {
			f.t.Fatal(err)
		}
		var all []eventlog.Record
		for r := range records {
			if all = append(all, r); r.Position == end {
				break
			}
		}
		cancel()
		for range records {
		}
		return all
	}
}

func TestLeadersStepDownUnderLoad(t *testing.T) {
	servers, stream := sharedServers(t)
	address := made(t, servers.address(stream))
	a, b := dialled(t, address, cluster.Options{}), dialled(t, address, cluster.Options{})
	f := run(t, a, b)
	seen := f.watch(b)
	const steps = 6
	led := map[int]bool{}
	for range steps {
		f.until(40)
		led[servers.leader(t, stream)] = true
		stepDown(t, servers, stream)
	}
	f.until(40)
	acked := f.verdict(seen)
	t.Logf("%d leaders stepped down, %d acknowledged, %d asked again, %+v %+v", steps, acked, f.failed, a.Counts(), b.Counts())
	if len(led) < 2 || acked < steps*40 {
		t.Errorf("%d servers led, %d acknowledgements: the fault hit nothing", len(led), acked)
	}
}

func TestServersAreRestartedOneByOneUnderLoad(t *testing.T) {
	c := startServers(t)
	address := made(t, c.address("EV"))
	a, b := dialled(t, address, cluster.Options{}), dialled(t, address, cluster.Options{})
	f := run(t, a, b)
	seen := f.watch(b)
	for i := range c.running {
		f.until(30)
		c.halt(i)
		f.until(30) // with one server down
		if err := c.start(i); err != nil {
			t.Fatal(err)
		}
		if err := c.current("EV"); err != nil {
			t.Fatal(err)
		}
	}
	acked := f.verdict(seen)
	t.Logf("%d servers restarted, %d acknowledged, %d asked again, %+v %+v", len(c.running), acked, f.failed, a.Counts(), b.Counts())
	if acked < 180 {
		t.Errorf("only %d acknowledgements", acked)
	}
}

// current waits until every server has all of the stream.
func (c *servers) current(stream string) error {
	return eventually(func() error {
		for i, s := range c.up() {
			if !s.JetStreamIsStreamCurrent("$G", stream) {
				return fmt.Errorf("server %d is behind", i)
			}
		}
		return nil
	})
}

func TestClosingLetsEverybodyGoAndLeavesNothingRunning(t *testing.T) {
	address := made(t, shared(t))
	log := dialled(t, address, cluster.Options{}) // so that what is made once is made
	_ = log.Close()
	before := runtime.NumGoroutine()
	log = dialled(t, address, cluster.Options{})
	ended := make(chan error)
	caught := make(chan struct{})
	go func() {
		var last error
		for _, err := range log.Follow(patient(t), eventlog.Position{}) {
			if last = err; err == nil {
				close(caught)
			}
		}
		ended <- last
	}()
	if _, err := log.Append(patient(t), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1)); err != nil {
		t.Fatal(err)
	}
	<-caught
	_ = log.Close()
	if err := <-ended; !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("a follower of a closed log got %v, want ErrUnavailable", err)
	}
	if err := log.Check(patient(t)); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("a closed log says %v of itself", err)
	}
	if err := eventually(func() error {
		if n := runtime.NumGoroutine(); n > before+2 {
			return fmt.Errorf("%d goroutines before, %d after", before, n)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
