// Package eventlogtest is the contract that every log passes. An adapter calls
// Run, RunKept when what it keeps outlives the process, RunFilled when it is an
// eventlog.Filler, and RunReached when it is reached over a network, each from a
// test of a few lines; whatever else it promises it tests at home.
package eventlogtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"doorstep/domain/eventlog"
)

// patience is how long a check waits for something that must happen before it
// gives up. It bounds failures only: no check is about speed.
var patience = 4 * time.Minute

// Run checks that the logs that open gives keep the contract. Each check has a
// log of its own, empty at first; open cleans up after itself with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) eventlog.Log) { run(t, open, nil, 1_000) }

// groups are the checks of every log.
var groups = []struct {
	name   string
	checks []check
}{
	{"appending", appending}, {"asking again", again}, {"reading", reading}, {"following", following}, {"racing", racing},
}

func run(t *testing.T, open func(t *testing.T) eventlog.Log, ran ran, streams int) {
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.checks {
				t.Run(c.name, func(t *testing.T) {
					ran.note(c.name)
					d := deskOf(t, open(t))
					d.streams = streams
					c.run(t, d)
				})
			}
		})
	}
}

// check is one sentence of the contract.
type check = sentence[desk]

// sentence is a check of whatever kind of log.
type sentence[D any] struct {
	name string
	run  func(t *testing.T, d D)
}

func namesOf[D any](all []sentence[D]) (names []string) {
	for _, c := range all {
		names = append(names, c.name)
	}
	return names
}

// desk is a log with the words in which the checks are written.
type desk struct {
	eventlog.Log
	ctx     context.Context
	streams int // how many a check makes that is about many
}

func deskOf(t *testing.T, log eventlog.Log) desk {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return desk{Log: log, ctx: ctx}
}

var recorded = time.Date(2026, 3, 2, 9, 30, 0, 0, time.FixedZone("Asia/Shanghai", 8*3600))

// Commit makes a well-formed commit of n events.
func Commit(stream, id string, n int) eventlog.Commit {
	c := eventlog.Commit{
		ID: id, Stream: stream, RecordedAt: recorded, Actor: "u-17", Workstation: "ws-3",
		Correlation: "imp-1", Causation: "cmd-1", Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	}
	for i := range n {
		c.Events = append(c.Events, eventlog.Event{
			Kind: "filed", Version: 1, Happened: "2026-03-01", Payload: json.RawMessage(fmt.Sprintf(`{"id":%q,"n":%d}`, id, i)),
		})
	}
	return c
}

// must appends and fails the test when that does not succeed.
func (d desk) must(t *testing.T, at eventlog.Head, c eventlog.Commit) eventlog.Record {
	t.Helper()
	r, err := d.Append(d.ctx, at, c)
	if err != nil {
		t.Fatalf("append %s to %s behind %d commits: %v", c.ID, c.Stream, at.Length, err)
	}
	return r
}

// fill appends n commits of one event to the stream and gives their records.
func (d desk) fill(t *testing.T, stream string, n int) []eventlog.Record {
	t.Helper()
	var all []eventlog.Record
	var at eventlog.Head
	for i := range n {
		r := d.must(t, at, Commit(stream, fmt.Sprintf("%s-%d", stream, i), 1))
		all, at = append(all, r), r.Head
	}
	return all
}

// read gives the stream's records after the head.
func (d desk) read(t *testing.T, stream string, after eventlog.Head) []eventlog.Record {
	t.Helper()
	var all []eventlog.Record
	for r, err := range d.Read(d.ctx, stream, after) {
		if err != nil {
			t.Fatalf("read %s: %v", stream, err)
		}
		all = append(all, r)
	}
	return all
}

// follow gives the first n records after the position.
func (d desk) follow(t *testing.T, after eventlog.Position, n int) []eventlog.Record {
	t.Helper()
	all, err := d.take(after, n)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// take is follow for goroutines that are not the test's.
func (d desk) take(after eventlog.Position, n int) ([]eventlog.Record, error) {
	var all []eventlog.Record
	if n == 0 {
		return nil, nil
	}
	for r, err := range d.Follow(d.ctx, after) {
		if err != nil {
			return nil, fmt.Errorf("follow after %s: %w", after, err)
		}
		if all = append(all, r); len(all) == n {
			return all, nil
		}
	}
	return nil, fmt.Errorf("followed %d records, want %d", len(all), n)
}

// end gives the position of the last record.
func (d desk) end(t *testing.T) eventlog.Position {
	t.Helper()
	p, err := d.End(d.ctx)
	if err != nil {
		t.Fatalf("end: %v", err)
	}
	return p
}

// refuses checks that the append fails with want and that the stream stands
// where it stood.
func (d desk) refuses(t *testing.T, at eventlog.Head, c eventlog.Commit, want error) {
	t.Helper()
	end := d.end(t)
	if r, err := d.Append(d.ctx, at, c); !errors.Is(err, want) {
		t.Errorf("append gives version %d and error %v, want %v", r.Version, err, want)
	}
	if now := d.end(t); now != end {
		t.Errorf("the refused append moved the end from %s to %s", end, now)
	}
}

// conflicts is refuses for a stream that does not stand at at; the conflict
// must say where it stands.
func (d desk) conflicts(t *testing.T, at eventlog.Head, c eventlog.Commit, actual eventlog.Head) {
	t.Helper()
	d.refuses(t, at, c, eventlog.ErrConflict)
	var conflict *eventlog.Conflict
	if _, err := d.Append(d.ctx, at, c); !errors.As(err, &conflict) {
		t.Fatalf("append gives %v, want a *Conflict", err)
	}
	if conflict.Actual != actual {
		t.Errorf("the conflict says the stream stands at %+v, want %+v", conflict.Actual, actual)
	}
}

// same checks that two lists of records are the same to the last byte.
func same(t *testing.T, got, want []eventlog.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d records, want %d", len(got), len(want))
	}
	for i := range want {
		g, w := got[i], want[i]
		if g.Position != w.Position || g.Head != w.Head || string(g.Sealed) != string(w.Sealed) || !sameCommit(g.Commit, w.Commit) {
			t.Fatalf("record %d:\n got %s at %s, head %+v\nwant %s at %s, head %+v", i, g.Sealed, g.Position, g.Head, w.Sealed, w.Position, w.Head)
		}
	}
}

func sameCommit(a, b eventlog.Commit) bool {
	left, err := json.Marshal(a)
	right, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(left) == string(right) && a.RecordedAt.Equal(b.RecordedAt) &&
		reflect.DeepEqual(a.Events, b.Events) // marshalling evens out white space
}

var streams atomic.Int64

// fresh is the name of a stream that no other check uses.
func fresh(kind string) string { return fmt.Sprintf("%s-%d", kind, streams.Add(1)) }
