package jetstream_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream"
)

// The harness runs this test program a second time, as a process that appends
// until it is killed and says on its standard output what it tries and what was
// acknowledged. What the parent has read is what a user was told.
const (
	childFolder = "DOORSTEP_TEST_FOLDER" // of the log the child opens
	childMode   = "DOORSTEP_TEST_MODE"
	childRun    = "DOORSTEP_TEST_RUN" // makes the child's ids new
)

func TestMain(m *testing.M) {
	if os.Getenv(childFolder) != "" {
		os.Exit(child(os.Getenv(childFolder), os.Getenv(childMode), os.Getenv(childRun)))
	}
	os.Exit(m.Run())
}

// child appends with sixteen writers, each to a stream of its own and in turn
// to one that all share, until it is killed or the log fails.
func child(dir, mode, run string) int {
	o := jetstream.Options{}
	switch mode {
	case "create":
		err := jetstream.Create(dir, eventlog.NewGenesis(""), o)
		fmt.Println("created", err)
		return 0
	case "unsafe": // the test of the test: acknowledged before it is durable
		o.Barrier = func(*os.File) error { return nil }
	}
	log, err := jetstream.Open(dir, o)
	if err != nil {
		fmt.Println("refused", err)
		return 1
	}
	fmt.Println("open", os.Getpid())
	var out sync.Mutex
	say := func(format string, v ...any) {
		line := fmt.Sprintf(format+"\n", v...)
		out.Lock()
		defer out.Unlock()
		_, _ = io.WriteString(os.Stdout, line) // one write: a line is said whole or not at all
	}
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() { childWriter(log, w, run, say) })
	}
	all.Wait()
	return 1
}

func childWriter(log *jetstream.Log, w int, run string, say func(string, ...any)) {
	heads := map[string]eventlog.Head{}
	for i := 0; ; i++ {
		stream := fmt.Sprintf("dispute-%s-%d-%d", run, w, i/20)
		if i%4 == 3 {
			stream = "dispute-shared" // kept through all runs, raced for by all writers
		}
		c := eventlogtest.Commit(stream, fmt.Sprintf("%s-%d-%d", run, w, i), 1+i%3)
		say("try %s %s %d", stream, c.ID, len(c.Events))
		for {
			r, err := log.Append(context.Background(), heads[stream], c)
			var moved *eventlog.Conflict
			if errors.As(err, &moved) {
				heads[stream] = moved.Actual
				continue
			}
			if err != nil {
				say("error %v", err)
				return
			}
			heads[stream] = r.Head
			say("ack %s %s %d %s", stream, c.ID, r.Version, r.Head.Hash)
			break
		}
	}
}

// spoken is what the child said.
type spoken struct {
	tried map[string]eventlog.Commit // by id
	acked map[string]acked
	told  int // acknowledgements the child itself gave
}

type acked struct {
	stream, hash string
	version      int64
}

func newSpoken() *spoken {
	return &spoken{tried: map[string]eventlog.Commit{}, acked: map[string]acked{}}
}

func (s *spoken) hear(line string) {
	switch f := strings.Fields(line); f[0] {
	case "try":
		var n int
		_, _ = fmt.Sscan(f[3], &n)
		s.tried[f[2]] = eventlogtest.Commit(f[1], f[2], n)
	case "ack":
		a := acked{stream: f[1], hash: f[4]}
		_, _ = fmt.Sscan(f[3], &a.version)
		s.acked[f[2]] = a
		s.told++
	}
}

// writer is a child under way.
type writer struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func launch(t *testing.T, dir, mode, run string) *writer {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childFolder+"="+dir, childMode+"="+mode, childRun+"="+run)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &writer{cmd, bufio.NewScanner(out)}
}

// until reads what the child says until it has acknowledged n commits, and
// gives how many it did; fewer when it ended.
func (w *writer) until(s *spoken, n int) int {
	before := len(s.acked)
	for len(s.acked)-before < n && w.lines.Scan() {
		s.hear(w.lines.Text())
	}
	return len(s.acked) - before
}

// kill ends the child at once. What it had said until then was said.
func (w *writer) kill(s *spoken) {
	_ = w.cmd.Process.Kill()
	for w.lines.Scan() {
		s.hear(w.lines.Text())
	}
	_ = w.cmd.Wait()
}

// verdict compares the log with what the child said, sends again all that was
// tried and not acknowledged, as a user would, and compares once more. It gives
// how many acknowledged commits are not there as they were acknowledged.
func verdict(t *testing.T, dir string, s *spoken) (lost int) {
	t.Helper()
	log, err := jetstream.Open(dir, jetstream.Options{})
	if err != nil {
		t.Fatalf("after the fault: %v", err)
	}
	defer func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if _, err := eventlog.Verify(ctx, log); err != nil {
		t.Fatal(err)
	}
	kept := everything(ctx, t, log)
	for id, a := range s.acked {
		if r, ok := kept[id]; !ok || r.Stream != a.stream || r.Version != a.version || r.Head.Hash.String() != a.hash {
			lost++
		}
	}
	for id, c := range s.tried {
		was, there := kept[id]
		if there && !was.SameDeed(c) {
			t.Errorf("%s is kept, but not as it was tried", id)
		}
		if _, done := s.acked[id]; done {
			continue
		}
		r := send(ctx, t, log, c)
		if there && r.Position != was.Position {
			t.Errorf("%s was kept at %s and, sent again, at %s", id, was.Position, r.Position)
		}
		// Now it is acknowledged too, and the next fault must not take it.
		s.acked[id] = acked{stream: r.Stream, hash: r.Head.Hash.String(), version: r.Version}
	}
	if n := len(everything(ctx, t, log)); lost == 0 && n != len(s.tried) {
		t.Errorf("%d commits are kept, %d were tried", n, len(s.tried))
	}
	return lost
}

// everything gives all commits by id; an id that is there twice fails the test.
func everything(ctx context.Context, t *testing.T, log eventlog.Log) map[string]eventlog.Record {
	t.Helper()
	kept := map[string]eventlog.Record{}
	end, err := log.End(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if end.IsStart() {
		return kept
	}
	for r, err := range log.Follow(ctx, eventlog.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if first, twice := kept[r.ID]; twice {
			t.Errorf("%s is kept twice, at %s and %s", r.ID, first.Position, r.Position)
		}
		kept[r.ID] = r
		if r.Position == end {
			break
		}
	}
	return kept
}

// send appends the commit wherever its stream stands.
func send(ctx context.Context, t *testing.T, log eventlog.Log, c eventlog.Commit) eventlog.Record {
	t.Helper()
	var at eventlog.Head
	for {
		r, err := log.Append(ctx, at, c)
		var moved *eventlog.Conflict
		if errors.As(err, &moved) {
			at = moved.Actual
			continue
		}
		if err != nil {
			t.Fatalf("sending %s again: %v", c.ID, err)
		}
		return r
	}
}
