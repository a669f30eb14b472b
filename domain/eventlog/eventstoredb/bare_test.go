package eventstoredb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb/standin"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// The tests of this file show what the module's own Client does when things go
// wrong, each beside what our Log does: where a newer Client no longer failed
// so, the first half would say that the second is not needed any more.

// bare is the module's Client.
func bare(t *testing.T, url string) *esdb.Client {
	t.Helper()
	conf, err := esdb.ParseConnectionString(url)
	if err != nil {
		t.Fatal(err)
	}
	conf.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(conf)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// put appends an event with the bare client.
func put(ctx context.Context, client *esdb.Client, stream string) (*esdb.WriteResult, error) {
	return client.AppendToStream(ctx, stream, esdb.AppendToStreamOptions{}, esdb.EventData{EventType: "t", ContentType: esdb.ContentTypeJson, Data: []byte("{}")})
}

// stacks are those of all goroutines.
func stacks() []string {
	buf := make([]byte, 4<<20)
	return strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
}

// blocked counts goroutines that stand in the function, in that state.
func blocked(function, state string) (n int) {
	for _, s := range stacks() {
		first, _, _ := strings.Cut(s, "\n")
		if strings.Contains(first, state) && strings.Contains(s, function) {
			n++
		}
	}
	return n
}

func TestAFailedDiscoveryHangsTheBareClientForEverAndUsNot(t *testing.T) {
	const callers = 20
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	c.Stop(0)

	// The Client's callers must never be let go: closing it would make them panic.
	client := bare(t, c.URL()+"&maxDiscoverAttempts=1")
	ctx, cancel := context.WithCancel(t.Context())
	before := blocked("grpcClient).getConnectionHandle", "chan send")
	returned := make(chan error, callers)
	for range callers {
		go func() {
			_, err := put(ctx, client, "bare")
			returned <- err
		}()
	}
	if err := <-returned; err == nil {
		t.Fatal("the bare client appended to a server that is down")
	}
	cancel() // which nobody hears
	eventually(t, func() bool {
		return blocked("esdb.connectionStateMachine", "") == 0 && blocked("grpcClient).getConnectionHandle", "chan send") == before+callers-1-len(returned)
	})
	hung := callers - 1 - len(returned)
	t.Logf("%d of %d callers of the bare client wait for a goroutine that is gone", hung, callers)
	if hung == 0 {
		t.Error("the bare client hangs no more")
	}

	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), brief)
			defer cancel()
			if _, err := log.Append(ctx, eventlog.Head{}, eventlogtest.Commit(fmt.Sprint("dispute-", i), "a", 1)); !errors.Is(err, eventlog.ErrUnavailable) {
				t.Errorf("append to a server that is down: %v", err)
			}
		})
	}
	all.Wait()
	happened(t, c, standin.Down)
}

func TestTheBareClientIsOverOnceItFoundNobodyAndWeAreNot(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	client := bare(t, c.URL()+"&maxDiscoverAttempts=1")
	c.Stop(0)
	if _, err := put(t.Context(), client, "bare"); err == nil {
		t.Fatal("the bare client appended to a server that is down")
	}
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	if _, err := log.End(ctx); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("end: %v", err)
	}
	if err := c.Restart(0); err != nil {
		t.Fatal(err)
	}
	var over *esdb.Error
	if _, err := put(t.Context(), client, "bare"); !errors.As(err, &over) || over.Code() != esdb.ErrorCodeConnectionClosed {
		t.Errorf("the bare client is well again: %v", err)
	}
	must(t, log, eventlog.Head{}, "dispute-1", "a")
	happened(t, c, standin.Down)
}

// doomed is set, to the server's address, for a process that the bare client is
// to end.
const doomed = "DOORSTEP_TEST_DOOMED"

// doom runs this test again in a process of its own and gives what it said; it
// must fail. Its input ends when it is ready to.
func doom(t *testing.T, url string, ready func() bool) string {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), doomed+"="+url)
	var said bytes.Buffer
	child.Stdout, child.Stderr = &said, &said
	input, err := child.StdinPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, ready)
	input.Close()
	if child.Wait() == nil {
		t.Errorf("the bare client's process lives: %s", said.String())
	}
	return said.String()
}

func TestClosingTheBareClientUnderCallsPanicsAndUsNot(t *testing.T) {
	if url := os.Getenv(doomed); url != "" {
		client := bare(t, url)
		for range 2 {
			go func() { _, _ = put(context.Background(), client, "bare") }()
		}
		eventually(t, func() bool { return blocked("grpcClient).getConnectionHandle", "chan send") == 1 })
		_, _ = io.ReadAll(os.Stdin) // until the first of them has reached the server
		client.Close()
		select {} // until the panic
	}
	c := cluster(t, 1)
	c.Inject(standin.DeadFeatures, 1)
	if said := doom(t, c.URL(), func() bool { return c.Injected(standin.DeadFeatures) > 0 }); !strings.Contains(said, "panic: send on closed channel") {
		t.Errorf("the bare client does not panic: %s", said)
	}

	log := reach(t, c.URL(), patient)
	first := must(t, log, eventlog.Head{}, "dispute-1", "a")
	let := c.Hold()
	done := make(chan error, 1)
	go func() {
		_, err := log.Append(context.Background(), first.Head, eventlogtest.Commit("dispute-1", "b", 1))
		done <- err
	}()
	eventually(t, func() bool { return c.Injected(standin.HeldAppend) > 0 })
	closed := make(chan struct{})
	go func() { log.Close(); close(closed) }()
	let()
	if err := <-done; err != nil {
		t.Errorf("an append under way while the log is closed: %v", err)
	}
	<-closed
	happened(t, c, standin.DeadFeatures, standin.HeldAppend)
}

func TestTheBareClientReadsFromWhoeverAnswersAndWeFromTheLeader(t *testing.T) {
	c := cluster(t, 3)
	log := reach(t, c.URL(), patient)
	first := must(t, log, eventlog.Head{}, "dispute-1", "a")
	client := bare(t, c.URL())
	defer client.Close()
	if n := len(bareRead(t, client, "dispute-1")); n != 1 {
		t.Fatalf("the bare client reads %d events, want 1", n)
	}
	if n := c.Heard("requires-leader", "true"); n == 0 {
		t.Error("we do not ask for the leader")
	}

	c.Freeze(0, true) // the old leader, which replication leaves behind
	c.Lead(1)
	refusals := c.Injected(standin.NotLeader)
	second := must(t, log, first.Head, "dispute-1", "b")
	if n := len(bareRead(t, client, "dispute-1")); n != 1 || c.Injected(standin.StaleRead) != 1 {
		t.Errorf("the bare client reads %d events, %d of its reads were stale: it is cured", n, c.Injected(standin.StaleRead))
	}
	if c.Injected(standin.NotLeader) != refusals+1 { // one of ours
		t.Errorf("the bare client asked for the leader")
	}
	if got := read(t, log, "dispute-1", eventlog.Head{}); len(got) != 2 || got[1].Head != second.Head {
		t.Errorf("we read %d commits, want 2", len(got))
	}
	happened(t, c, standin.StaleRead, standin.NotLeader)
}

func bareRead(t *testing.T, client *esdb.Client, stream string) (all []*esdb.ResolvedEvent) {
	t.Helper()
	r, err := client.ReadStream(t.Context(), stream, esdb.ReadStreamOptions{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		e, err := r.Recv()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
}

func TestAnAppendRefusedInMidSendingIsAnEOFToTheBareClientAndARefusalToUs(t *testing.T) {
	c := cluster(t, 1)
	c.Pose("23.10.8", 8<<10)
	client := bare(t, c.URL())
	defer client.Close()
	var many []esdb.EventData
	for range 300 {
		many = append(many, esdb.EventData{EventType: "t", ContentType: esdb.ContentTypeJson, Data: make([]byte, 4<<10)})
	}
	_, err := client.AppendToStream(t.Context(), "bare", esdb.AppendToStreamOptions{}, many...)
	var unknown *esdb.Error
	if !errors.As(err, &unknown) || unknown.Code() != esdb.ErrorCodeUnknown || !strings.Contains(err.Error(), "EOF") {
		t.Errorf("the bare client says %v, and no longer EOF", err)
	}

	log := reach(t, c.URL(), patient)
	if _, err := log.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 400)); !errors.Is(err, eventlog.ErrTooLarge) {
		t.Errorf("we say %v", err)
	}
	must(t, log, eventlog.Head{}, "dispute-1", "a")
}

func TestAVersionWithASuffixStopsTheBareClientAndUsNot(t *testing.T) {
	c := cluster(t, 1)
	c.Pose("26.1.0-prerelease", 1<<20)
	client := bare(t, c.URL()+"&maxDiscoverAttempts=1")
	if _, err := put(t.Context(), client, "bare"); err == nil || !strings.Contains(err.Error(), "0-prerelease") {
		t.Errorf("the bare client connects: %v", err)
	}
	must(t, reach(t, c.URL(), patient), eventlog.Head{}, "dispute-1", "a")
}

func TestAFrameItDoesNotExpectIsAPanicToTheBareClientAndNothingToUs(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	must(t, log, eventlog.Head{}, "dispute-1", "a")
	client := bare(t, c.URL())
	defer client.Close()
	c.Inject(standin.OddFrame, 2)
	r, err := client.ReadStream(t.Context(), "dispute-1", esdb.ReadStreamOptions{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the bare client does not panic any more")
			}
		}()
		_, _ = r.Recv()
	}()
	if n := len(read(t, log, "dispute-1", eventlog.Head{})); n != 1 {
		t.Errorf("we read %d commits", n)
	}
	if n := c.Injected(standin.OddFrame); n != 2 {
		t.Errorf("%d odd frames were sent, want 2", n)
	}
}

func TestABadDateEndsTheBareClientsWholeProcessAndWeReadOn(t *testing.T) {
	if url := os.Getenv(doomed); url != "" {
		bareRead(t, bare(t, url), "dispute-1")
		return
	}
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	must(t, log, eventlog.Head{}, "dispute-1", "a")
	c.Inject(standin.BadDate, 1)
	if said := doom(t, c.URL(), func() bool { return c.Injected(standin.BadDate) > 0 }); !strings.Contains(said, "Failed to parse created date") {
		t.Errorf("the bare client says %s", said)
	}
	c.Inject(standin.BadDate, 1)
	if n := len(read(t, log, "dispute-1", eventlog.Head{})); n != 1 {
		t.Errorf("we read %d commits", n)
	}
	if n := c.Injected(standin.BadDate); n != 2 {
		t.Errorf("%d bad dates were sent, want 2", n)
	}
}

func TestAnAnswerThatSaysNothingIsSuccessToTheBareClientAndAQuestionToUs(t *testing.T) {
	c := cluster(t, 1)
	client := bare(t, c.URL())
	defer client.Close()
	c.Inject(standin.OddResult, 1)
	if r, err := put(t.Context(), client, "bare"); err != nil || r.NextExpectedVersion != 1 {
		t.Errorf("the bare client says %+v, %v", r, err)
	}
	c.Inject(standin.OddResult, 1)
	log := reach(t, c.URL(), patient)
	r := must(t, log, eventlog.Head{}, "dispute-1", "a")
	if r.Version != 0 || r.Position.IsStart() || log.Counts().Resolved != 1 {
		t.Errorf("version %d at %s, %+v", r.Version, r.Position, log.Counts())
	}
	happened(t, c, standin.OddResult)
}

func TestACutSubscriptionIsOverForTheBareClientAndGoesOnForUs(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	all := fill(t, log, "dispute-1", 5)
	client := bare(t, c.URL())
	defer client.Close()
	sub, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: esdb.ExcludeSystemEventsFilter()})
	if err != nil {
		t.Fatal(err)
	}
	c.Inject(standin.CutFollow, 1)
	must(t, log, all[4].Head, "dispute-1", "next")
	for over := false; !over; {
		switch e := sub.Recv(); {
		case e.SubscriptionDropped != nil:
			over = true
		case e.EventAppeared != nil && e.EventAppeared.Event.EventNumber == 5:
			t.Fatal("the bare client goes on")
		}
	}
	if e := sub.Recv(); e.SubscriptionDropped == nil {
		t.Error("the bare client goes on")
	}
	c.Inject(standin.CutFollow, 2)
	follow(t, log, eventlog.Position{}, 6)
	if n := c.Injected(standin.CutFollow); n != 3 {
		t.Errorf("%d subscriptions were cut, want 3", n)
	}
}
