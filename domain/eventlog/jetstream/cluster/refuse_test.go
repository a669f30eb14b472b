package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream/cluster"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// manage is the cluster's own interface, as an administrator has it.
func manage(t *testing.T, address string) (jetstream.JetStream, string) {
	t.Helper()
	servers, stream, _ := strings.Cut(address, "?stream=")
	nc, err := nats.Connect(servers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js, stream
}

func config(t *testing.T, address string) jetstream.StreamConfig {
	t.Helper()
	js, stream := manage(t, address)
	s, err := js.Stream(patient(t), stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().Config
}

func TestALogIsMadeOnceAndIsTheOneThatWasMade(t *testing.T) {
	address := shared(t)
	if log, err := cluster.Dial(patient(t), address, cluster.Options{}); !errors.Is(err, cluster.ErrNoLog) {
		t.Fatalf("before there is a log: %v, %v", log, err)
	}
	g := eventlog.NewGenesis("雨花")
	for range 2 { // again is what a Create cut short needs
		if err := cluster.Create(patient(t), address, g, cluster.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if log := dialled(t, address, cluster.Options{}); !bytes.Equal(log.Genesis().Written(), g.Written()) {
		t.Errorf("the log is %+v, made was %+v", log.Genesis(), g)
	}
	if err := cluster.Create(patient(t), address, eventlog.NewGenesis("雨花"), cluster.Options{}); !errors.Is(err, cluster.ErrExists) {
		t.Errorf("another log at the same place: %v, want ErrExists", err)
	}
	is := config(t, address)
	if is.Replicas != 3 || !is.DenyDelete || !is.DenyPurge || is.AllowDirect || is.Storage != jetstream.FileStorage || is.Compression != jetstream.NoCompression {
		t.Errorf("the stream is %+v", is)
	}
}

func TestOfManyWhoMakeALogOneDoes(t *testing.T) {
	address := shared(t)
	var all sync.WaitGroup
	made := make(chan eventlog.Genesis, 4)
	for range 4 {
		all.Go(func() {
			g := eventlog.NewGenesis("雨花")
			switch err := cluster.Create(patient(t), address, g, cluster.Options{}); {
			case err == nil:
				made <- g
			case !errors.Is(err, cluster.ErrExists):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(made) != 1 {
		t.Fatalf("%d logs were made", len(made))
	}
	if g, log := <-made, dialled(t, address, cluster.Options{}); log.Genesis().ID != g.ID {
		t.Errorf("the log is %s, made was %s", log.Genesis().ID, g.ID)
	}
}

func TestACreationCutShortCanBeFinished(t *testing.T) {
	address := made(t, shared(t))
	settings := config(t, address)
	js, stream := manage(t, address)
	if err := js.DeleteStream(patient(t), stream); err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(patient(t), settings); err != nil { // the stream, and no genesis
		t.Fatal(err)
	}
	if log, err := cluster.Dial(patient(t), address, cluster.Options{Patience: time.Second}); !errors.Is(err, cluster.ErrShortened) {
		t.Errorf("half a log: %v, %v", log, err)
	}
	made(t, address)
	dialled(t, address, cluster.Options{})
}

func TestWhatIsNotALogIsNotMadeOne(t *testing.T) {
	t.Run("a stream of others", func(t *testing.T) {
		address := shared(t)
		js, stream := manage(t, address)
		if _, err := js.CreateStream(patient(t), jetstream.StreamConfig{Name: stream, Subjects: []string{stream + ".x"}}); err != nil {
			t.Fatal(err)
		}
		if err := cluster.Create(patient(t), address, eventlog.NewGenesis(""), cluster.Options{}); !errors.Is(err, cluster.ErrForeign) {
			t.Errorf("%v, want ErrForeign", err)
		}
	})
	t.Run("subjects of others", func(t *testing.T) {
		address := shared(t)
		js, stream := manage(t, address)
		if _, err := js.CreateStream(patient(t), jetstream.StreamConfig{Name: "THEIRS", Subjects: []string{stream + ".ev.*.*"}}); err != nil {
			t.Fatal(err)
		}
		if err := cluster.Create(patient(t), address, eventlog.NewGenesis(""), cluster.Options{}); !errors.Is(err, cluster.ErrForeign) {
			t.Errorf("%v, want ErrForeign", err)
		}
	})
	t.Run("too few servers", func(t *testing.T) {
		err := cluster.Create(patient(t), shared(t)+"&replicas=5", eventlog.NewGenesis(""), cluster.Options{})
		if !errors.Is(err, eventlog.ErrUnavailable) || !strings.Contains(err.Error(), "fewer than 5") {
			t.Errorf("%v, want ErrUnavailable that says how many servers are needed", err)
		}
	})
}

func TestAnAlteredStreamIsRefused(t *testing.T) {
	address := made(t, shared(t))
	log := dialled(t, address, cluster.Options{})
	good := config(t, address)
	js, _ := manage(t, address)
	for name, change := range map[string]func(*jetstream.StreamConfig){
		"retention": func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"direct":    func(c *jetstream.StreamConfig) { c.AllowDirect = true },
		"discard":   func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
		"replicas":  func(c *jetstream.StreamConfig) { c.Replicas = 1 },
		"subjects":  func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, c.Name+".more") },
		"telling":   func(c *jetstream.StreamConfig) { c.RePublish = nil },
		"message":   func(c *jetstream.StreamConfig) { c.MaxMsgSize = 100 },
		"storage":   func(c *jetstream.StreamConfig) { c.Compression = jetstream.S2Compression },
	} {
		bad := good
		bad.Subjects = append([]string(nil), good.Subjects...)
		change(&bad)
		if _, err := js.UpdateStream(patient(t), bad); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for who, err := range map[string]error{"Check": log.Check(patient(t)), "Dial": dial(t, address)} {
			if !errors.Is(err, cluster.ErrAltered) || !strings.HasSuffix(err.Error(), ": "+name) {
				t.Errorf("%s: %s says %v", name, who, err)
			}
		}
		if _, err := js.UpdateStream(patient(t), good); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if err := eventually(func() error { return log.Check(patient(t)) }); err != nil {
		t.Errorf("as it was again: %v", err)
	}
}

func dial(t *testing.T, address string) error {
	t.Helper()
	log, err := cluster.Dial(patient(t), address, cluster.Options{})
	if err == nil {
		_ = log.Close()
	}
	return err
}

func TestALogThatWasPutBackIsNoticedByWhoeverUsesIt(t *testing.T) {
	address := made(t, shared(t))
	o := cluster.Options{Patience: 300 * time.Millisecond}
	log := dialled(t, address, o)
	var all []eventlog.Record
	var at eventlog.Head
	for i := range 5 {
		r, err := log.Append(patient(t), at, eventlogtest.Commit("dispute-1", fmt.Sprint("c", i), 1))
		if err != nil {
			t.Fatal(err)
		}
		all, at = append(all, r), r.Head
	}
	settings := config(t, address)
	js, stream := manage(t, address)
	if err := js.DeleteStream(patient(t), stream); err != nil {
		t.Fatal(err)
	}
	if _, err := log.End(patient(t)); !errors.Is(err, cluster.ErrShortened) {
		t.Errorf("the stream is gone, and the end is %v", err)
	}
	if _, err := js.CreateStream(patient(t), settings); err != nil {
		t.Fatal(err)
	}
	// The same log, as it was yesterday.
	if err := cluster.Create(patient(t), address, log.Genesis(), o); err != nil {
		t.Fatal(err)
	}
	yesterday := dialled(t, address, o)
	if _, err := yesterday.Append(patient(t), eventlog.Head{}, all[0].Commit); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]error{
		"the end":              second(log.End(patient(t))),
		"a stream":             last(log.Read(patient(t), "dispute-1", eventlog.Head{})),
		"a stream from behind": last(log.Read(patient(t), "dispute-1", at)),
		"a follower":           last(log.Follow(patient(t), eventlog.Position{})),
		"its own word":         log.Check(patient(t)),
		"a reader elsewhere":   last(yesterday.Read(patient(t), "dispute-1", at)),
		"a follower elsewhere": last(yesterday.Follow(patient(t), all[4].Position)),
		"an append":            second(log.Append(patient(t), at, eventlogtest.Commit("dispute-1", "next", 1))),
	} {
		if !errors.Is(got, cluster.ErrShortened) {
			t.Errorf("%s: %v, want ErrShortened", name, got)
		}
	}
	// And another log in its place.
	if err := js.DeleteStream(patient(t), stream); err != nil {
		t.Fatal(err)
	}
	made(t, address)
	fresh := dialled(t, address, o)
	for i := range 6 {
		if _, err := fresh.Append(patient(t), eventlog.Head{}, eventlogtest.Commit(fmt.Sprint("dispute-", i), "a", 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Check(patient(t)); !errors.Is(err, cluster.ErrOtherLog) {
		t.Errorf("another log in its place: %v, want ErrOtherLog", err)
	}
}

func second[T any](_ T, err error) error { return err }

func last[T any](seq func(yield func(T, error) bool)) (err error) {
	for _, err = range seq {
	}
	return err
}

func TestOneServerKeepsALogThatWantsNoMore(t *testing.T) {
	c, err := newAlone(t)
	if err != nil {
		t.Fatal(err)
	}
	address := made(t, c+"?replicas=1")
	log := dialled(t, address, cluster.Options{})
	if _, err := log.Append(patient(t), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1)); err != nil {
		t.Error(err)
	}
	if err := dial(t, c); !errors.Is(err, cluster.ErrAltered) || !strings.HasSuffix(err.Error(), "replicas") {
		t.Errorf("who wants three gets %v", err)
	}
}

// newAlone starts one server that wants a name and password, and gives its
// address with them.
func newAlone(t *testing.T) (string, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "alone", Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
		Username: "doorstep", Password: "geheim",
	})
	if err != nil {
		return "", err
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(starting) {
		return "", errors.New("the server does not start")
	}
	return strings.Replace(s.ClientURL(), "nats://", "nats://doorstep:geheim@", 1), nil
}

func TestWhoIsNotLetInIsToldSoAndNoSecretIsTold(t *testing.T) {
	address, err := newAlone(t)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	o := cluster.Options{Replicas: 1, Logger: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if err := cluster.Create(patient(t), address, eventlog.NewGenesis(""), o); err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string]string{
		"another password": strings.Replace(address, ":geheim@", ":verraten@", 1),
		"nobody":           strings.Replace(address, "doorstep:geheim@", "", 1),
		"a token":          strings.Replace(address, "doorstep:geheim@", "verraten@", 1),
	} {
		log, err := cluster.Dial(context.Background(), wrong, o)
		if !errors.Is(err, cluster.ErrDenied) {
			t.Errorf("%s: %v, %v, want ErrDenied", name, log, err)
		} else if strings.Contains(err.Error(), "verraten") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
	if s := said.String(); strings.Contains(s, "geheim") || strings.Contains(s, "verraten") {
		t.Errorf("the log tells a secret: %s", s)
	}
}
