package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"doorstep/domain/eventlog"
)

// RunFilled checks that the logs that open gives can take over what another log
// holds. Each check has a log of its own, empty at first.
func RunFilled(t *testing.T, open func(t *testing.T) eventlog.Filler) { runFilled(t, open, nil) }

func runFilled(t *testing.T, open func(t *testing.T) eventlog.Filler, ran ran) {
	for _, c := range filling {
		t.Run(c.name, func(t *testing.T) {
			ran.note(c.name)
			into := open(t)
			c.run(t, filler{deskOf(t, into), into})
		})
	}
}

// filler is a desk whose log can be filled.
type filler struct {
	desk
	into eventlog.Filler
}

var filling = []sentence[filler]{
	{"a filled log holds the same bytes in the same order, and the same heads", func(t *testing.T, d filler) {
		source := sourceOf(t, 40, 7)
		d.fills(t, recordsOf(source), int64(len(source)))
		d.holds(t, source)
	}},
	{"filling goes on where it broke off", func(t *testing.T, d filler) {
		source := sourceOf(t, 30, 5)
		for _, part := range [][]eventlog.Record{source[:1], source[1:1], source[1:17], source[17:]} {
			d.fills(t, recordsOf(part), int64(len(part)))
		}
		d.holds(t, source)
	}},
	{"people go on in a filled log where they were", func(t *testing.T, d filler) {
		source := sourceOf(t, 20, 4)
		d.fills(t, recordsOf(source), 20)
		for _, r := range source {
			there := d.read(t, r.Stream, eventlog.Head{})
			last := there[len(there)-1]
			again, err := d.Append(d.ctx, eventlog.Head{}, r.Commit)
			if err != nil || string(again.Sealed) != string(r.Sealed) {
				t.Fatalf("%s of %s asked for again gives version %d and %v", r.ID, r.Stream, again.Version, err)
			}
			d.conflicts(t, eventlog.Head{}, Commit(r.Stream, "late-"+r.ID, 1), last.Head)
			if r.Version == 0 {
				d.must(t, last.Head, Commit(r.Stream, "next", 1))
			}
		}
	}},
	{"what breaks off the records breaks off the filling, and a prefix stays", func(t *testing.T, d filler) {
		source := sourceOf(t, 50, 5)
		broke := errors.New("the source broke off")
		kept, err := d.into.Fill(d.ctx, func(yield func(eventlog.Record, error) bool) {
			for _, r := range source[:33] {
				if !yield(r, nil) {
					return
				}
			}
			yield(eventlog.Record{}, broke)
		})
		if !errors.Is(err, broke) {
			t.Fatalf("filling ends with %v, want %v", err, broke)
		}
		held := int64(len(d.all(t)))
		if kept > held || held > 33 {
			t.Fatalf("%d records are said to be kept, %d are there, 33 were given", kept, held)
		}
		d.fills(t, recordsOf(source[held:]), int64(len(source))-held)
		d.holds(t, source)
	}},
	{"a filling that is called off leaves a prefix", func(t *testing.T, d filler) {
		source := sourceOf(t, 50, 5)
		ctx, cancel := context.WithCancel(d.ctx)
		defer cancel()
		_, err := d.into.Fill(ctx, func(yield func(eventlog.Record, error) bool) {
			for i, r := range source {
				if i == 21 {
					cancel()
				}
				if !yield(r, nil) {
					return
				}
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("filling ends with %v", err)
		}
		held := len(d.all(t))
		d.fills(t, recordsOf(source[held:]), int64(len(source)-held))
		d.holds(t, source)
	}},
	{"whoever appends meanwhile comes before, after, or not at all, and nothing is torn", func(t *testing.T, d filler) {
		source := sourceOf(t, 200, 1)
		stream := source[0].Stream
		stop, done := make(chan struct{}), make(chan int)
		go func() { // at the head it finds, over and over
			kept := 0
			for i := 0; ; i++ {
				select {
				case <-stop:
					done <- kept
					return
				default:
				}
				var at eventlog.Head
				for r, err := range d.Read(d.ctx, stream, eventlog.Head{}) {
					if err == nil {
						at = r.Head
					}
				}
				if _, err := d.Append(d.ctx, at, Commit(stream, fmt.Sprint("intruder-", i), 1)); err == nil {
					kept++
				}
			}
		}()
		n, err := d.into.Fill(d.ctx, recordsOf(source))
		close(stop)
		intruded := <-done
		if err != nil && !errors.Is(err, eventlog.ErrConflict) {
			t.Fatalf("filling ends with %v", err)
		}
		report, broken := eventlog.Verify(d.ctx, d.Log)
		if broken != nil || report.Commits < n+int64(intruded) {
			t.Fatalf("%d filled and %d appended, then the log has %d: %v", n, intruded, report.Commits, broken)
		}
		if err == nil && n != int64(len(source)) {
			t.Errorf("%d of %d were kept, and no error", n, len(source))
		}
	}},
}

// fills fills the log with records and wants all of them kept.
func (d filler) fills(t *testing.T, records iter.Seq2[eventlog.Record, error], want int64) {
	t.Helper()
	if kept, err := d.into.Fill(d.ctx, records); err != nil || kept != want {
		t.Fatalf("filling kept %d of %d: %v", kept, want, err)
	}
}

// all is everything the log holds, in its order.
func (d filler) all(t *testing.T) []eventlog.Record {
	t.Helper()
	end := d.end(t)
	var all []eventlog.Record
	if end.IsStart() {
		return nil
	}
	for r, err := range d.Follow(d.ctx, eventlog.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, r); r.Position == end {
			break
		}
	}
	return all
}

// holds checks that the log holds exactly the source: bytes, order and heads.
func (d filler) holds(t *testing.T, source []eventlog.Record) {
	t.Helper()
	all := d.all(t)
	if len(all) != len(source) {
		t.Fatalf("%d records, want %d", len(all), len(source))
	}
	heads := map[string]eventlog.Head{}
	for i, want := range source {
		got := all[i]
		if string(got.Sealed) != string(want.Sealed) || got.Head.Length != want.Head.Length || got.Head.Hash != want.Head.Hash {
			t.Fatalf("record %d:\n got %s\nwant %s", i, got.Sealed, want.Sealed)
		}
		heads[got.Stream] = got.Head
	}
	for stream, head := range heads {
		read := d.read(t, stream, eventlog.Head{})
		if last := read[len(read)-1]; last.Head != head {
			t.Fatalf("%s stands at %+v when read and at %+v when followed", stream, last.Head, head)
		}
	}
}

// sourceOf is what another log held: n records of several streams in turn.
// Positions and revisions are that log's, and nobody's here.
func sourceOf(t *testing.T, n, streams int) []eventlog.Record {
	t.Helper()
	names := make([]string, streams)
	for i := range names {
		names[i] = fresh("dispute")
	}
	heads := map[string]eventlog.Head{}
	var all []eventlog.Record
	for i := range n {
		stream := names[i*i%streams]
		_, sealed, err := eventlog.Seal(heads[stream], Commit(stream, fmt.Sprint("c", i), 1+i%3))
		if err != nil {
			t.Fatal(err)
		}
		r, err := eventlog.Open(sealed)
		if err != nil {
			t.Fatal(err)
		}
		r.Position, r.Head.Revision = eventlog.PositionAt(uint64(1000+7*i)), eventlog.RevisionAt(uint64(5000+i))
		heads[stream] = r.Head
		all = append(all, r)
	}
	return all
}

func recordsOf(all []eventlog.Record) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}
