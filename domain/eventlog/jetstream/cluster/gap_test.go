package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// TestNothingIsPassedOver: Dial refuses a stream from which records can be
// taken out, so here the log is opened without its questions.
func TestNothingIsPassedOver(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := server.NewServer(&server.Options{ServerName: "alone", Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer func() { s.Shutdown(); s.WaitForShutdown() }()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not start")
	}
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	settings := layout{standardName, 1}.settings()
	settings.DenyDelete, settings.DenyPurge = false, false
	stream, err := js.CreateStream(ctx, settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, "genesis", eventlog.NewGenesis("").Written()); err != nil {
		t.Fatal(err)
	}
	o := Options{Replicas: 1, Patience: 500 * time.Millisecond}
	if _, err := Dial(ctx, s.ClientURL(), o); !errors.Is(err, ErrAltered) {
		t.Errorf("Dial says %v, want ErrAltered", err)
	}
	l, err := reach(ctx, s.ClientURL(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.listen(); err != nil {
		t.Fatal(err)
	}
	var at [2]eventlog.Head
	for i := range 8 {
		k := i % 2
		r, err := l.Append(ctx, at[k], eventlogtest.Commit([]string{"dispute-1", "dispute-2"}[k], string(rune('a'+i)), 1))
		if err != nil {
			t.Fatal(err)
		}
		at[k] = r.Head
	}
	if err := stream.DeleteMsg(ctx, 4); err != nil { // the second of dispute-1
		t.Fatal(err)
	}
	n := 0
	for _, err = range l.Follow(ctx, eventlog.Position{}) {
		if err == nil {
			n++
		}
	}
	if !errors.Is(err, eventlog.ErrCorrupt) || n != 2 {
		t.Errorf("a follower saw %d records and %v, want 2 and ErrCorrupt", n, err)
	}
	for _, err = range l.Read(ctx, "dispute-1", eventlog.Head{}) {
	}
	if !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("a reader got %v, want ErrCorrupt", err)
	}
	if err := l.whole(ctx); !errors.Is(err, ErrAltered) {
		t.Errorf("the log says %v of itself", err)
	}
}
