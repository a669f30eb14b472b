package eventlogtest

import (
	"context"
	"errors"
	"testing"

	"doorstep/domain/eventlog"
)

var reading = []check{
	{"a stream that does not exist is empty", func(t *testing.T, d desk) {
		d.fill(t, fresh("dispute"), 2)
		same(t, d.read(t, fresh("dispute"), eventlog.Head{}), nil)
		same(t, d.read(t, "", eventlog.Head{}), nil)
		same(t, d.read(t, "dispute-*", eventlog.Head{}), nil)
		same(t, d.read(t, "dispute->", eventlog.Head{}), nil)
	}},
	{"reading starts anywhere and gives the rest in order", func(t *testing.T, d desk) {
		s := fresh("dispute")
		all := d.fill(t, s, 7)
		same(t, d.read(t, s, eventlog.Head{}), all)
		for i, r := range all {
			same(t, d.read(t, s, r.Head), all[i+1:])
		}
	}},
	{"a long stream is read whole, between others", func(t *testing.T, d desk) {
		s, other := fresh("dispute"), fresh("dispute")
		var all []eventlog.Record
		var at, beside eventlog.Head
		for i := range 700 {
			r := d.must(t, at, Commit(s, id(i), 1))
			all, at = append(all, r), r.Head
			if i%3 == 0 {
				beside = d.must(t, beside, Commit(other, id(i), 1)).Head
			}
		}
		same(t, d.read(t, s, eventlog.Head{}), all)
		same(t, d.read(t, s, all[300].Head), all[301:])
	}},
	{"a stream whose name begins another's is not it", func(t *testing.T, d desk) {
		s := fresh("dispute")
		d.fill(t, s+"-1", 2)
		same(t, d.read(t, s, eventlog.Head{}), nil)
		all := d.fill(t, s, 1)
		same(t, d.read(t, s, eventlog.Head{}), all)
	}},
	{"a head of another history is damage and not silence", func(t *testing.T, d desk) {
		s := fresh("dispute")
		all := d.fill(t, s, 4)
		forged := all[1].Head
		forged.Hash[0] ^= 1
		var err error
		for _, e := range d.Read(d.ctx, s, forged) {
			err = e
			break
		}
		if !errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("reading behind a forged head gives %v, want ErrCorrupt", err)
		}
	}},
	{"what is read cannot be changed by its reader", func(t *testing.T, d desk) {
		s := fresh("dispute")
		r := d.fill(t, s, 1)[0]
		want := string(r.Sealed)
		for range 2 {
			for _, got := range append(d.read(t, s, eventlog.Head{}), d.follow(t, eventlog.Position{}, 1)...) {
				if string(got.Sealed) != want {
					t.Fatalf("read %s", got.Sealed)
				}
				clear(got.Sealed)
				clear(got.Events[0].Payload)
			}
		}
	}},
	{"a reader may leave in the middle", func(t *testing.T, d desk) {
		s := fresh("dispute")
		all := d.fill(t, s, 5)
		for r, err := range d.Read(d.ctx, s, eventlog.Head{}) {
			if err != nil || r.Position != all[0].Position {
				t.Fatal(r.Position, err)
			}
			break
		}
		same(t, d.read(t, s, all[0].Head), all[1:])
	}},
	{"a reader who has left gets an error and not half a stream", func(t *testing.T, d desk) {
		s := fresh("dispute")
		d.fill(t, s, 3)
		ctx, cancel := context.WithCancel(d.ctx)
		cancel()
		var err error
		for _, e := range d.Read(ctx, s, eventlog.Head{}) {
			err = e
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("reading gives %v, want the context's error", err)
		}
	}},
	{"a sequence can be walked twice", func(t *testing.T, d desk) {
		s := fresh("dispute")
		seq := d.Read(d.ctx, s, eventlog.Head{})
		for n := range 3 {
			count := 0
			for _, err := range seq {
				if err != nil {
					t.Fatal(err)
				}
				count++
			}
			if count != n {
				t.Errorf("walk %d gives %d records", n, count)
			}
			at := eventlog.Head{}
			for _, r := range d.read(t, s, at) {
				at = r.Head
			}
			d.must(t, at, Commit(s, id(n), 1))
		}
	}},
}
