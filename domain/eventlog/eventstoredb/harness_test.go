package eventstoredb_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

const (
	patient = 20 * time.Second       // longer than anything takes that does not hang
	hasty   = 600 * time.Millisecond // for tests in which something does
	brief   = 2 * time.Second        // what a caller waits who must be let go
)

// cluster starts so many nodes of the stand-in and makes their database a log.
func cluster(t *testing.T, nodes int) *standin.Cluster {
	t.Helper()
	c, err := standin.Start(nodes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := eventstoredb.Create(t.Context(), c.URL(), eventlog.NewGenesis("3301"), eventstoredb.Options{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// reach dials the address; the log is closed with the test.
func reach(t *testing.T, url string, patience time.Duration) *eventstoredb.Log {
	t.Helper()
	log, err := eventstoredb.Dial(t.Context(), url, eventstoredb.Options{Patience: patience, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

// happened fails the test when one of the faults never took effect.
func happened(t *testing.T, c *standin.Cluster, faults ...standin.Fault) {
	t.Helper()
	for _, f := range faults {
		if c.Injected(f) == 0 {
			t.Errorf("%q never happened: this test shows nothing", f)
		}
	}
}

// eventually waits until it is so, and fails the test when that takes for ever.
func eventually(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("it never came to be")
		}
	}
}

// must appends a commit of one event.
func must(t *testing.T, log eventlog.Log, at eventlog.Head, stream, id string) eventlog.Record {
	t.Helper()
	r, err := log.Append(t.Context(), at, eventlogtest.Commit(stream, id, 1))
	if err != nil {
		t.Fatalf("append %s to %s: %v", id, stream, err)
	}
	return r
}

// fill appends n commits to a new stream.
func fill(t *testing.T, log eventlog.Log, stream string, n int) (all []eventlog.Record) {
	t.Helper()
	var at eventlog.Head
	for i := range n {
		r := must(t, log, at, stream, fmt.Sprint("c", i))
		all, at = append(all, r), r.Head
	}
	return all
}

// read gives the stream's records after the head.
func read(t *testing.T, log eventlog.Log, stream string, after eventlog.Head) (all []eventlog.Record) {
	t.Helper()
	for r, err := range log.Read(t.Context(), stream, after) {
		if err != nil {
			t.Fatalf("read %s: %v", stream, err)
		}
		all = append(all, r)
	}
	return all
}

// follow gives the first n records after the position, and fails the test when
// one comes twice or not in its place.
func follow(t *testing.T, log eventlog.Log, after eventlog.Position, n int) (all []eventlog.Record) {
	t.Helper()
	for r, err := range log.Follow(t.Context(), after) {
		if err != nil {
			t.Fatalf("follow after %s: %v", after, err)
		}
		if !after.Before(r.Position) {
			t.Fatalf("position %s after %s", r.Position, after)
		}
		after = r.Position
		if all = append(all, r); len(all) == n {
			return all
		}
	}
	t.Fatalf("followed %d records, want %d", len(all), n)
	return nil
}

// readError and followError give the error a reading ends with.
func readError(t *testing.T, log eventlog.Log, stream string, after eventlog.Head) (last error) {
	for _, err := range log.Read(t.Context(), stream, after) {
		last = err
	}
	return last
}

func followError(t *testing.T, log eventlog.Log, after eventlog.Position) (last error) {
	ctx, cancel := context.WithTimeout(t.Context(), patient) // for one that notices nothing
	defer cancel()
	for _, err := range log.Follow(ctx, after) {
		last = err
	}
	return last
}

// one checks that the stream holds that record alone, and no other copy of it.
func one(t *testing.T, log eventlog.Log, r eventlog.Record) {
	t.Helper()
	got := read(t, log, r.Stream, eventlog.Head{})
	if len(got) != 1 || got[0].Head != r.Head || got[0].Position != r.Position || string(got[0].Sealed) != string(r.Sealed) {
		t.Errorf("the stream holds %d commits, want the one acknowledged", len(got))
	}
}

// quiet is a logger for logs that are made to suffer.
var quiet = slog.New(slog.DiscardHandler)
