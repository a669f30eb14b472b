package eventstoredb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

// deeds are all that can be asked of a log.
func deeds(log *eventstoredb.Log) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"append": func(ctx context.Context) error {
			_, err := log.Append(ctx, eventlog.Head{}, eventlogtest.Commit("dispute-new", "a", 1))
			return err
		},
		"append to a stream it knows nothing of": func(ctx context.Context) error {
			_, err := log.Append(ctx, eventlog.Head{Length: 7}, eventlogtest.Commit("dispute-other", "a", 1))
			return err
		},
		"read": func(ctx context.Context) (last error) {
			for _, err := range log.Read(ctx, "dispute-1", eventlog.Head{}) {
				last = err
			}
			return last
		},
		"end":   func(ctx context.Context) error { _, err := log.End(ctx); return err },
		"check": log.Check,
		"follow": func(ctx context.Context) (last error) {
			for _, err := range log.Follow(ctx, eventlog.Position{}) {
				last = err
			}
			return errors.Join(last, ctx.Err())
		},
	}
}

func TestASilentServerHoldsNobodyBeyondHisDeadline(t *testing.T) {
	for _, state := range []string{"connected", "connecting"} {
		for name := range deeds(nil) {
			t.Run(state+" "+name, func(t *testing.T) {
				t.Parallel()
				c := cluster(t, 3)
				log := reach(t, c.URL(), patient)
				must(t, log, eventlog.Head{}, "dispute-1", "a")
				for i := range 3 {
					c.Silence(i, true)
				}
				if state == "connecting" {
					c.Cut()
				}
				ctx, cancel := context.WithTimeout(t.Context(), hasty)
				defer cancel()
				done := make(chan error, 1)
				go func() { done <- deeds(log)[name](ctx) }()
				select {
				case err := <-done:
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("it gives %v, want the context's error", err)
					}
				case <-time.After(patient / 2): // which the log's own patience is longer than
					t.Error("it holds its caller")
				}
				happened(t, c, standin.BlackHole)
			})
		}
	}
}

func TestASilentServerHoldsNobodyWithoutADeadlineBeyondThePatience(t *testing.T) {
	c := cluster(t, 3)
	log := reach(t, c.URL(), hasty)
	must(t, log, eventlog.Head{}, "dispute-1", "a")
	for i := range 3 {
		c.Silence(i, true)
	}
	var all sync.WaitGroup
	for name, deed := range deeds(log) {
		if name == "follow" {
			continue // which waits for ever, as it should
		}
		all.Go(func() {
			if err := deed(t.Context()); !errors.Is(err, eventlog.ErrUnavailable) && !errors.Is(err, eventlog.ErrUnknown) {
				t.Errorf("%s gives %v", name, err)
			}
		})
	}
	all.Wait()
	if log.Counts().Hangs == 0 {
		t.Error("no hang was counted")
	}
	for i := range 3 {
		c.Silence(i, false)
	}
	must(t, log, eventlog.Head{}, "dispute-2", "b")
	happened(t, c, standin.BlackHole)
}

func TestAServerThatIsDownAtTheStartIsFoundWhenItComes(t *testing.T) {
	c := cluster(t, 1)
	c.Stop(0)
	if _, err := eventstoredb.Dial(t.Context(), c.URL(), eventstoredb.Options{Patience: hasty, Logger: quiet}); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("dialling a server that is down gives %v", err)
	}
	found := make(chan error, 1)
	go func() {
		log, err := eventstoredb.Dial(context.Background(), c.URL(), eventstoredb.Options{Patience: patient, Logger: quiet})
		if err == nil {
			err = errors.Join(log.Check(context.Background()), log.Close())
		}
		found <- err
	}()
	if err := c.Restart(0); err != nil {
		t.Fatal(err)
	}
	if err := <-found; err != nil {
		t.Error(err)
	}
	happened(t, c, standin.Down)
}

func TestASeedThatHangsOrIsDownLeavesTheOthers(t *testing.T) {
	c := cluster(t, 3)
	c.Lead(2)
	c.Silence(0, true)
	c.Stop(1)
	for tried := 0; tried < 3 || c.Injected(standin.BlackHole) == 0; tried++ { // seeds are tried in any order
		log := reach(t, c.URL(), patient)
		if err := log.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.Silence(0, false)
	c.Inject(standin.DeadGossip, 2)
	reach(t, c.URL(), patient)
	happened(t, c, standin.BlackHole, standin.Down, standin.DeadGossip)
}

func TestWithoutALeaderNothingIsDecidedUntilThereIsOne(t *testing.T) {
	c := cluster(t, 3)
	log := reach(t, c.URL(), hasty)
	first := must(t, log, eventlog.Head{}, "dispute-1", "a")
	c.Lead(-1)
	for name, deed := range deeds(log) {
		if name == "follow" {
			continue
		}
		if err := deed(t.Context()); !errors.Is(err, eventlog.ErrUnavailable) || errors.Is(err, eventlog.ErrUnknown) {
			t.Errorf("%s gives %v", name, err)
		}
	}
	c.Lead(2)
	must(t, log, first.Head, "dispute-1", "b")
	happened(t, c, standin.NotLeader)
}

func TestOneNodeOfAClusterSaysWhoLeads(t *testing.T) {
	c := cluster(t, 3)
	log := reach(t, fmt.Sprintf("esdb://%s?tls=false", c.Address(0)), patient)
	first := must(t, log, eventlog.Head{}, "dispute-1", "a")
	c.Lead(1)
	second := must(t, log, first.Head, "dispute-1", "b")
	c.Lead(2)
	must(t, log, second.Head, "dispute-1", "c")
	if n := log.Counts().Replaced; n != 2 {
		t.Errorf("%d connections were replaced, want 2", n)
	}
	happened(t, c, standin.NotLeader)
}

func TestEveryCallAsksForTheLeaderAlone(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	for name, deed := range deeds(log) {
		ctx, cancel := context.WithTimeout(t.Context(), hasty)
		_ = deed(ctx)
		cancel()
		if c.Heard("requires-leader", "") > 0 {
			t.Fatalf("%s did not", name)
		}
	}
	if c.Heard("requires-leader", "true") < 6 {
		t.Error("nobody did")
	}
}

func TestManyCallersShareOneSearch(t *testing.T) {
	const rounds, callers = 20, 30
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	asked := c.Heard("read", "genesis")
	for round := range rounds {
		c.Cut()
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				if _, err := log.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit(fmt.Sprintf("dispute-%d-%d", round, i), "a", 1)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	// Each search ends with one question for the genesis.
	if n := c.Heard("read", "genesis") - asked; n > 3*rounds {
		t.Errorf("%d searches by %d callers for %d cuts", n, callers, rounds)
	}
	if n := c.Injected(standin.EmptyAppend); n > 0 {
		t.Errorf("of %d appends only the first half was sent", n)
	}
	happened(t, c, standin.CutConnection)
}

func TestOnesFailureCutsNobodyElsesCall(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	let := c.Hold()
	done := make(chan error, 1)
	go func() {
		_, err := log.Append(context.Background(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
		done <- err
	}()
	eventually(t, func() bool { return c.Injected(standin.HeldAppend) == 1 })
	c.Inject(standin.ReadTimeout, 1)
	if err := log.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if n := log.Counts().Replaced; n != 1 {
		t.Fatalf("%d connections were replaced, want 1", n)
	}
	let()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := c.Injected(standin.HeldAppend); n != 1 || log.Counts().Resolved != 0 {
		t.Errorf("the append was sent %d times, %d were resolved by the stream", n, log.Counts().Resolved)
	}
	happened(t, c, standin.ReadTimeout)
}

func TestAnotherDatabaseInTheLogsPlaceIsRefused(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), hasty)
	first := must(t, log, eventlog.Head{}, "dispute-1", "a")
	if g := log.Genesis(); g.Court != "3301" || len(g.ID) != 32 || g.Form != 1 || g.Created.IsZero() {
		t.Errorf("genesis %+v", g)
	}
	c.Rewind("genesis", 0)
	c.Cut()
	want := func(what error) {
		t.Helper()
		_, err := log.Append(t.Context(), first.Head, eventlogtest.Commit("dispute-1", "b", 1))
		if !errors.Is(err, what) || !errors.Is(err, eventlog.ErrCorrupt) && !errors.Is(err, eventlog.ErrUnknown) {
			t.Errorf("append gives %v, want %v", err, what)
		}
		if err := followError(t, log, eventlog.Position{}); !errors.Is(err, what) {
			t.Errorf("following gives %v, want %v", err, what)
		}
		if err := log.Check(t.Context()); !errors.Is(err, what) {
			t.Errorf("check gives %v, want %v", err, what)
		}
	}
	want(eventstoredb.ErrOtherLog)
	if _, err := eventstoredb.Dial(t.Context(), c.URL(), eventstoredb.Options{}); !errors.Is(err, eventstoredb.ErrNoLog) {
		t.Errorf("dialling gives %v, want ErrNoLog", err)
	}
	if err := eventstoredb.Create(t.Context(), c.URL(), eventlog.NewGenesis("3301"), eventstoredb.Options{}); err != nil {
		t.Fatal(err)
	}
	want(eventstoredb.ErrOtherLog)
	c.Alter("genesis", 0, func([]byte) []byte { return []byte(`{"form":2}`) })
	if _, err := eventstoredb.Dial(t.Context(), c.URL(), eventstoredb.Options{}); !errors.Is(err, eventstoredb.ErrOtherLog) {
		t.Errorf("dialling a log of another form gives %v", err)
	}
	happened(t, c, standin.CutConnection)
}

func TestAnAddressIsTakenOrRefusedWithoutTellingThePassword(t *testing.T) {
	const secret = "s3cret"
	for url, says := range map[string]string{
		"":                                      "esdb://",
		"nats://localhost":                      "esdb://",
		"kurrentdb://localhost:2113":            "esdb://",
		"esdb://admin:s3cret@host:port":         "host:2113",
		"esdb://admin:s3cret@ho st:2113":        "host:2113",
		"esdb://admin:s3cret@h:2113/path":       "path",
		"esdb://:s3cret@h:2113":                 "",
		"esdb://":                               "",
		"esdb://admin:s3cret@h?tsl=false":       `"tsl"`,
		"esdb://admin:s3cret@h?tls=perhaps":     "tls",
		"esdb://h?nodePreference=follower":      "leader",
		"esdb://h?nodePreference=nearest":       "nearest",
		"esdb://h?defaultDeadline=soon":         "defaultDeadline",
		"esdb://h?gossipTimeout=soon":           "gossipTimeout",
		"esdb://h?userCertFile=a.pem":           "userKeyFile",
		"esdb://h?tlsCAFile=/none/such.pem":     "such.pem",
		"esdb://admin:s3cret@h?a=%zz&tls=false": "settings",
	} {
		_, err := eventstoredb.Dial(t.Context(), url, eventstoredb.Options{Patience: hasty, Logger: quiet})
		if !errors.Is(err, eventstoredb.ErrAddress) || !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("%s gives %v, want ErrAddress that says %q", url, err, says)
		}
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%s: the error tells the password: %v", url, err)
		}
	}
}
