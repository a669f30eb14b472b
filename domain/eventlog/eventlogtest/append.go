package eventlogtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
)

var appending = []check{
	{"the first commit of a stream has version 0 and no previous hash", func(t *testing.T, d desk) {
		r := d.must(t, eventlog.Head{}, Commit(fresh("dispute"), "a", 1))
		if r.Version != 0 || !r.Previous.IsZero() || r.Head.Length != 1 || !r.Head.Exists() || r.Head.Hash.IsZero() {
			t.Errorf("version %d, previous %q, head %+v", r.Version, r.Previous, r.Head)
		}
		if r.Position.IsStart() {
			t.Error("the record stands at the position before the first")
		}
	}},
	{"the record appended is the record read, to the last byte", func(t *testing.T, d desk) {
		s := fresh("dispute")
		first := d.must(t, eventlog.Head{}, Commit(s, "a", 2))
		second := d.must(t, first.Head, Commit(s, "b", 1))
		same(t, d.read(t, s, eventlog.Head{}), []eventlog.Record{first, second})
		same(t, d.follow(t, eventlog.Position{}, 2), []eventlog.Record{first, second})
	}},
	{"every commit carries the hash of the one before it", func(t *testing.T, d desk) {
		var at eventlog.Head
		for _, r := range d.fill(t, fresh("dispute"), 5) {
			if err := r.Follows(at); err != nil {
				t.Fatal(err)
			}
			at = r.Head
		}
	}},
	{"a new stream that exists already is a conflict that says where it stands", func(t *testing.T, d desk) {
		s := fresh("dispute")
		all := d.fill(t, s, 3)
		d.conflicts(t, eventlog.Head{}, Commit(s, "late", 1), all[2].Head)
	}},
	{"a stale head is a conflict that says where the stream stands", func(t *testing.T, d desk) {
		s := fresh("dispute")
		all := d.fill(t, s, 3)
		d.conflicts(t, all[0].Head, Commit(s, "late", 1), all[2].Head)
		d.must(t, all[2].Head, Commit(s, "late", 1))
	}},
	{"a head ahead of the stream is a conflict", func(t *testing.T, d desk) {
		s, other := fresh("dispute"), fresh("dispute")
		at := d.fill(t, s, 1)[0].Head
		ahead := d.fill(t, other, 4)[3].Head
		d.conflicts(t, ahead, Commit(s, "ahead", 1), at)
		d.conflicts(t, ahead, Commit(fresh("dispute"), "ahead", 1), eventlog.Head{})
	}},
	{"a head that is right in one part only is a conflict", func(t *testing.T, d desk) {
		s := fresh("dispute")
		at := d.fill(t, s, 2)[1].Head
		for _, change := range []func(*eventlog.Head){
			func(h *eventlog.Head) { h.Length++ },
			func(h *eventlog.Head) { h.Length = 0 },
			func(h *eventlog.Head) { h.Hash[7] ^= 1 },
			func(h *eventlog.Head) { h.Hash = eventlog.Hash{} },
			func(h *eventlog.Head) { h.Revision = eventlog.Revision{} },
		} {
			wrong := at
			change(&wrong)
			d.conflicts(t, wrong, Commit(s, "wrong", 1), at)
		}
	}},
	{"streams do not disturb each other", func(t *testing.T, d desk) {
		a, b := fresh("dispute"), fresh("confirmation")
		var want [2][]eventlog.Record
		var at [2]eventlog.Head
		for i := range 6 {
			k := i % 2
			r := d.must(t, at[k], Commit([]string{a, b}[k], fmt.Sprint("c", i), 1))
			want[k], at[k] = append(want[k], r), r.Head
		}
		same(t, d.read(t, a, eventlog.Head{}), want[0])
		same(t, d.read(t, b, eventlog.Head{}), want[1])
	}},
	{"one event and a hundred keep their order", func(t *testing.T, d desk) {
		s := fresh("dispute")
		one := d.must(t, eventlog.Head{}, Commit(s, "one", 1))
		d.must(t, one.Head, Commit(s, "hundred", 100))
		all := d.read(t, s, eventlog.Head{})
		if len(all) != 2 || len(all[0].Events) != 1 || len(all[1].Events) != 100 {
			t.Fatalf("read %d commits", len(all))
		}
		for i, e := range all[1].Events {
			if want := fmt.Sprintf(`{"id":"hundred","n":%d}`, i); string(e.Payload) != want {
				t.Fatalf("event %d is %s", i, e.Payload)
			}
		}
	}},
	{"a commit of the largest size is kept, one byte more is refused, and the stream goes on", func(t *testing.T, d desk) {
		s := fresh("dispute")
		var at eventlog.Head
		for i, spare := range []int{1, 0} {
			r := d.must(t, at, sized(t, at, Commit(s, fmt.Sprint("c", i), 1), eventlog.MaxCommit-spare))
			if len(r.Sealed) != eventlog.MaxCommit-spare {
				t.Fatalf("sealed to %d bytes", len(r.Sealed))
			}
			at = r.Head
		}
		d.refuses(t, at, sized(t, at, Commit(s, "big", 1), eventlog.MaxCommit+1), eventlog.ErrTooLarge)
		d.must(t, at, Commit(s, "after", 1))
	}},
	{"what people write and what machines write comes back as it was", oddities},
	{"what is not well formed is refused and says so", malformed},
	{"a time of recording is kept in UTC to the microsecond", func(t *testing.T, d desk) {
		c := Commit(fresh("dispute"), "a", 1)
		c.RecordedAt = time.Date(2026, 3, 2, 0, 15, 0, 123456789, time.FixedZone("", 8*3600))
		r := d.must(t, eventlog.Head{}, c)
		want := time.Date(2026, 3, 1, 16, 15, 0, 123456000, time.UTC)
		if !r.RecordedAt.Equal(want) || r.RecordedAt.Location() != time.UTC {
			t.Errorf("recorded at %s, want %s", r.RecordedAt, want)
		}
	}},
	{"nothing is kept for a caller who has already left", func(t *testing.T, d desk) {
		ctx, cancel := context.WithCancel(d.ctx)
		cancel()
		s := fresh("dispute")
		if _, err := d.Append(ctx, eventlog.Head{}, Commit(s, "a", 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("append gives %v, want the context's error", err)
		}
		same(t, d.read(t, s, eventlog.Head{}), nil)
	}},
	{"the end is the position of the last record", func(t *testing.T, d desk) {
		if p := d.end(t); !p.IsStart() {
			t.Errorf("an empty log ends at %s", p)
		}
		for _, r := range append(d.fill(t, fresh("dispute"), 3), d.fill(t, fresh("dispute"), 2)...)[4:] {
			if p := d.end(t); p != r.Position {
				t.Errorf("the log ends at %s, its last record stands at %s", p, r.Position)
			}
		}
	}},
}

// sized fills the commit's first event until it seals to size bytes.
func sized(t *testing.T, at eventlog.Head, c eventlog.Commit, size int) eventlog.Commit {
	t.Helper()
	c.Events[0].Payload = json.RawMessage(`""`)
	_, sealed, err := eventlog.Seal(at, c)
	if err != nil {
		t.Fatal(err)
	}
	c.Events[0].Payload = json.RawMessage(`"` + strings.Repeat("x", size-len(sealed)) + `"`)
	return c
}

func oddities(t *testing.T, d desk) {
	payloads := []string{
		`{}`, `""`, `null`, `[]`, `0`, `-1.5e-300`, `12345678901234567890123`, `{"":{"":[]}}`,
		`{"name":"欧阳·买买提𬎎〇","note":"<b>&amp;\u003c\u2028"}`, `"\u0000\u0007\ud83d\ude00😀"`, `"` + "\u2028\u2029\ufeff" + `"`,
		`"` + strings.Repeat("家门口", 3000) + `"`, strings.Repeat("[", 500) + strings.Repeat("]", 500), `{"b":1,"a":2,"b":3}`,
	}
	longest := strings.Repeat("Zz9-_", 12) + "abcd"
	s := "dispute-" + longest
	c := Commit(s, longest, 0)
	c.Actor, c.OnBehalfOf, c.Trace = "账号\t1", `"quoted"\`, "\x00"
	for i, p := range payloads {
		c.Events = append(c.Events, eventlog.Event{Kind: "种类/" + fmt.Sprint(i), Version: 1 << 30, Happened: "2026-02-29T24:00", Payload: json.RawMessage(p)})
	}
	kept := d.must(t, eventlog.Head{}, c)
	same(t, d.read(t, s, eventlog.Head{}), []eventlog.Record{kept})
	read := d.follow(t, eventlog.Position{}, 1)[0]
	if read.Actor != c.Actor || read.OnBehalfOf != c.OnBehalfOf || read.Trace != c.Trace || read.ID != longest || !read.SameDeed(c) {
		t.Errorf("read %+v", read.Commit)
	}
	for i, p := range payloads {
		if string(read.Events[i].Payload) != p {
			t.Errorf("payload %.40q came back as %.40q", p, read.Events[i].Payload)
		}
	}
	spaced := Commit(s, "spaced", 1)
	spaced.Events[0].Payload = json.RawMessage("{ \"a\" :\n1 }")
	r := d.must(t, kept.Head, spaced)
	same(t, d.read(t, s, kept.Head), []eventlog.Record{r})
	same(t, []eventlog.Record{d.must(t, kept.Head, spaced)}, []eventlog.Record{r})
}

func malformed(t *testing.T, d desk) {
	for name, spoil := range map[string]func(*eventlog.Commit){
		"no stream":          func(c *eventlog.Commit) { c.Stream = "" },
		"no kind":            func(c *eventlog.Commit) { c.Stream = "0f3c" },
		"upper-case kind":    func(c *eventlog.Commit) { c.Stream = "Dispute-1" },
		"wildcard stream":    func(c *eventlog.Commit) { c.Stream = "dispute->" },
		"dotted stream":      func(c *eventlog.Commit) { c.Stream = "dispute-1.2" },
		"stream of names":    func(c *eventlog.Commit) { c.Stream = "dispute-王伟" },
		"stream too long":    func(c *eventlog.Commit) { c.Stream = "dispute-" + strings.Repeat("x", 65) },
		"no id":              func(c *eventlog.Commit) { c.ID = "" },
		"id too long":        func(c *eventlog.Commit) { c.ID = strings.Repeat("x", 65) },
		"id with a space":    func(c *eventlog.Commit) { c.ID = "a b" },
		"no events":          func(c *eventlog.Commit) { c.Events = nil },
		"no time":            func(c *eventlog.Commit) { c.RecordedAt = time.Time{} },
		"year beyond 9999":   func(c *eventlog.Commit) { c.RecordedAt = time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC) },
		"event of no kind":   func(c *eventlog.Commit) { c.Events[0].Kind = "" },
		"version 0":          func(c *eventlog.Commit) { c.Events[0].Version = 0 },
		"no day":             func(c *eventlog.Commit) { c.Events[0].Happened = "" },
		"no payload":         func(c *eventlog.Commit) { c.Events[0].Payload = nil },
		"half a payload":     func(c *eventlog.Commit) { c.Events[0].Payload = json.RawMessage(`{"a":`) },
		"payload not UTF-8":  func(c *eventlog.Commit) { c.Events[0].Payload = json.RawMessage("\"\xff\"") },
		"actor not UTF-8":    func(c *eventlog.Commit) { c.Actor = "\xc3\x28" },
		"kind not UTF-8":     func(c *eventlog.Commit) { c.Events[0].Kind = "\xc3\x28" },
		"one bad event of 2": func(c *eventlog.Commit) { c.Events = append(c.Events, eventlog.Event{}) },
	} {
		c := Commit("dispute-ok", "ok", 1)
		spoil(&c)
		if r, err := d.Append(d.ctx, eventlog.Head{}, c); !errors.Is(err, eventlog.ErrInvalid) {
			t.Errorf("%s: kept as version %d, error %v, want ErrInvalid", name, r.Version, err)
		}
	}
	if p := d.end(t); !p.IsStart() {
		t.Errorf("something was kept: the log ends at %s", p)
	}
}

var again = []check{
	{"a retry at once finds itself", func(t *testing.T, d desk) {
		s := fresh("dispute")
		c := Commit(s, "a", 2)
		kept := d.must(t, eventlog.Head{}, c)
		same(t, []eventlog.Record{d.must(t, eventlog.Head{}, c)}, []eventlog.Record{kept})
		same(t, d.read(t, s, eventlog.Head{}), []eventlog.Record{kept})
	}},
	{"a retry at any head finds itself after later commits", func(t *testing.T, d desk) {
		s := fresh("dispute")
		all := d.fill(t, s, 4)
		heads := []eventlog.Head{{}}
		for _, r := range all {
			heads = append(heads, r.Head)
		}
		for i, r := range all {
			for _, at := range heads {
				c := Commit(s, fmt.Sprintf("%s-%d", s, i), 1)
				c.RecordedAt = c.RecordedAt.Add(time.Hour) // a retry is recorded later
				same(t, []eventlog.Record{d.must(t, at, c)}, []eventlog.Record{r})
			}
		}
		same(t, d.read(t, s, eventlog.Head{}), all)
	}},
	{"a retry finds itself even at a head the stream never had", func(t *testing.T, d desk) {
		s := fresh("dispute")
		kept := d.fill(t, s, 2)[1]
		ahead := d.fill(t, fresh("dispute"), 5)[4].Head
		same(t, []eventlog.Record{d.must(t, ahead, Commit(s, kept.ID, 1))}, []eventlog.Record{kept})
	}},
	{"the same id may stand in two streams", func(t *testing.T, d desk) {
		a, b := fresh("dispute"), fresh("dispute")
		one := d.must(t, eventlog.Head{}, Commit(a, "same", 1))
		two := d.must(t, eventlog.Head{}, Commit(b, "same", 1))
		if one.Position == two.Position {
			t.Error("the second stream's commit was taken for the first's")
		}
	}},
	{"an id used for something else is refused, at whatever head", func(t *testing.T, d desk) {
		s := fresh("dispute")
		all := d.fill(t, s, 3)
		for _, change := range []func(*eventlog.Commit){
			func(c *eventlog.Commit) { c.Events[0].Payload = json.RawMessage(`{"id":"other"}`) },
			func(c *eventlog.Commit) { c.Events[0].Kind = "returned" },
			func(c *eventlog.Commit) { c.Events[0].Version = 2 },
			func(c *eventlog.Commit) { c.Events[0].Happened = "2026-03-02" },
			func(c *eventlog.Commit) { c.Events = append(c.Events, c.Events[0]) },
		} {
			c := Commit(s, all[1].ID, 1)
			change(&c)
			for _, at := range []eventlog.Head{{}, all[0].Head, all[2].Head} {
				d.refuses(t, at, c, eventlog.ErrReused)
			}
		}
		same(t, d.read(t, s, eventlog.Head{}), all)
	}},
	{"an id refused for a conflict may be used at the right head", func(t *testing.T, d desk) {
		s := fresh("dispute")
		all := d.fill(t, s, 2)
		c := Commit(s, "later", 1)
		d.conflicts(t, all[0].Head, c, all[1].Head)
		if r := d.must(t, all[1].Head, c); r.Version != 2 {
			t.Errorf("version %d", r.Version)
		}
	}},
	{"an id refused for its size may be used for something smaller", func(t *testing.T, d desk) {
		s := fresh("dispute")
		d.refuses(t, eventlog.Head{}, sized(t, eventlog.Head{}, Commit(s, "a", 1), eventlog.MaxCommit+1), eventlog.ErrTooLarge)
		d.must(t, eventlog.Head{}, Commit(s, "a", 1))
	}},
}
