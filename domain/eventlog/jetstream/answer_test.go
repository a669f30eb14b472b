package jetstream

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"

	"github.com/nats-io/nats.go"
)

// smuggle publishes a commit of which the log hears no answer, as when the
// answer is lost.
func smuggle(t *testing.T, l *Log, at eventlog.Head, c eventlog.Commit) eventlog.Head {
	t.Helper()
	c, sealed, err := eventlog.Seal(at, c)
	if err != nil {
		t.Fatal(err)
	}
	name, _ := subject(c.Stream)
	ack, err := l.engine.js.PublishMsg(patient(t), &nats.Msg{Subject: name, Data: sealed})
	if err != nil {
		t.Fatal(err)
	}
	r, err := open(ack.Sequence, sealed)
	if err != nil {
		t.Fatal(err)
	}
	return r.Head
}

func put(t *testing.T, l *Log, at eventlog.Head, c eventlog.Commit) eventlog.Record {
	t.Helper()
	r, err := l.Append(patient(t), at, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARetryAfterALostAnswerFindsItself(t *testing.T) {
	l := opened(t, Options{})
	first := eventlogtest.Commit("dispute-1", "a", 1)
	head := smuggle(t, l, eventlog.Head{}, first)
	if r := put(t, l, eventlog.Head{}, first); r.Head != head {
		t.Errorf("the retry stands at %+v, the first try at %+v", r.Head, head)
	}
	second := eventlogtest.Commit("dispute-1", "b", 1)
	head = smuggle(t, l, head, second)
	third := put(t, l, head, eventlogtest.Commit("dispute-1", "c", 1))
	if r := put(t, l, third.Head, second); r.Head != head {
		t.Errorf("the retry stands at %+v, the first try at %+v", r.Head, head)
	}
	if rep, err := eventlog.Verify(patient(t), l); err != nil || rep.Commits != 3 {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestAnIDIsKnownBeyondTheServersWindow(t *testing.T) {
	l := opened(t, Options{})
	old := eventlogtest.Commit("dispute-1", "old", 1)
	head := smuggle(t, l, eventlog.Head{}, old) // without a message id: to the server it is as if long ago
	kept := head
	for _, id := range []string{"b", "c", "d"} {
		head = put(t, l, head, eventlogtest.Commit("dispute-1", id, 1)).Head
	}
	if known, seen := l.known.look("dispute-1", "old"); known != head || !seen {
		t.Fatalf("the log knows %+v and of the id %v: this test would test nothing", known, seen)
	}
	if r := put(t, l, head, old); r.Head != kept {
		t.Errorf("sent again it stands at %+v, first it stood at %+v", r.Head, kept)
	}
	if _, err := l.Append(patient(t), head, eventlogtest.Commit("dispute-1", "old", 2)); !errors.Is(err, eventlog.ErrReused) {
		t.Errorf("used for something else: %v", err)
	}
	if rep, err := eventlog.Verify(patient(t), l); err != nil || rep.Commits != 4 {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestTheServersWriteErrorsEndTheLog(t *testing.T) {
	for _, said := range []struct {
		format string
		v      []any
		ends   bool
	}{
		{"JetStream stream '%s > %s' critical write error: %v", []any{"$G", "EV", "no space left on device"}, true},
		{"JetStream failed to store a msg on stream '%s > %s': %v", []any{"$G", "EV", "input/output error"}, true},
		{"Filestore [%s] Stream state too short (%d bytes)", []any{"EV", 4}, false},
	} {
		var heard error
		(&serverLog{slog.New(slog.DiscardHandler), func(err error) { heard = err }}).Errorf(said.format, said.v...)
		if (heard != nil) != said.ends {
			t.Errorf("%q: %v", said.format, heard)
		}
	}
}

func TestALostAnswerMakesTheLogForgetWhatItKnew(t *testing.T) {
	l := opened(t, Options{})
	known := put(t, l, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
	smuggle(t, l, known.Head, eventlogtest.Commit("dispute-1", "b", 1))
	put(t, l, eventlog.Head{}, eventlogtest.Commit("dispute-2", "a", 1)) // its answer shows the gap
	n := 0
	for r, err := range l.Read(patient(t), "dispute-1", known.Head) {
		if err != nil || r.ID != "b" {
			t.Errorf("%s, %v", r.ID, err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("a reader got %d new records, want 1", n)
	}
}

func TestWithoutAnAnswerTheStreamDecides(t *testing.T) {
	l := opened(t, Options{})
	ctx := patient(t)
	at := put(t, l, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1)).Head
	ours := &publication{commit: eventlogtest.Commit("dispute-1", "ours", 1), at: at}
	if _, err := l.resolve(ctx, ours); !errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("while the stream has not moved: %v, want ErrUnknown", err)
	}
	head := smuggle(t, l, at, ours.commit)
	if r, err := l.resolve(ctx, ours); err != nil || r.Head != head {
		t.Errorf("when it was kept: %+v, %v", r.Head, err)
	}
	late := &publication{commit: eventlogtest.Commit("dispute-1", "late", 1), at: at}
	var moved *eventlog.Conflict
	if _, err := l.resolve(ctx, late); !errors.As(err, &moved) || moved.Actual != head {
		t.Errorf("when another was kept: %v", err)
	}
	other := &publication{commit: eventlogtest.Commit("dispute-1", "ours", 2), at: at}
	if _, err := l.resolve(ctx, other); !errors.Is(err, eventlog.ErrReused) {
		t.Errorf("when another deed has the id: %v", err)
	}
}

func TestEveryAnswerOfTheServerHasItsMeaning(t *testing.T) {
	l := opened(t, Options{})
	for _, c := range []struct {
		answer string
		want   error
		code   int
		twice  bool
	}{
		{`{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 4"}}`, nil, 10071, false},
		{`{"error":{"code":400,"err_code":10164,"description":"wrong last sequence"}}`, nil, 10164, false},
		{`{"error":{"code":503,"err_code":10023,"description":"insufficient resources"}}`, eventlog.ErrUnavailable, 0, false},
		{`{"error":{"code":429,"err_code":10167,"description":"too many requests"}}`, eventlog.ErrUnavailable, 0, false},
		{`{"stream":"EV","seq":9,"duplicate":true}`, nil, 0, true},
		{``, eventlog.ErrUnavailable, 0, false}, // no responders
		{`{}`, eventlog.ErrUnknown, 0, false},
		{`half a`, eventlog.ErrUnknown, 0, false},
	} {
		p := &publication{done: make(chan outcome, 1)}
		l.acknowledged(p, &nats.Msg{Data: []byte(c.answer), Header: nats.Header{"Status": {"503"}}})
		o := <-p.done
		if !errors.Is(o.err, c.want) || o.code != c.code || o.twice != c.twice {
			t.Errorf("%q: %+v", c.answer, o)
		}
	}
}

func TestWhatIsKnownIsBounded(t *testing.T) {
	l := opened(t, Options{})
	l.known = newKnown(50)
	for i := range 40 {
		var at eventlog.Head
		for _, id := range []string{"a", "b", "c"} {
			at = put(t, l, at, eventlogtest.Commit("dispute-"+string(rune('a'+i%26))+string(rune('a'+i/26)), id, 1)).Head
		}
	}
	if l.known.ids > 50 || l.known.order.Len() != len(l.known.streams) || l.known.order.Len() > 17 {
		t.Errorf("%d ids of %d streams (%d) are remembered, at most 50", l.known.ids, l.known.order.Len(), len(l.known.streams))
	}
	sum := 0
	for el := l.known.order.Front(); el != nil; el = el.Next() {
		sum += len(el.Value.(*stand).ids)
	}
	if sum != l.known.ids {
		t.Errorf("%d ids are remembered, %d are counted", sum, l.known.ids)
	}
}

func TestTheGenesisIsSeenByNobody(t *testing.T) {
	l := opened(t, Options{})
	ctx, cancel := context.WithCancel(patient(t))
	defer cancel()
	if end, err := l.End(ctx); err != nil || !end.IsStart() {
		t.Errorf("an empty log ends at %s (%v)", end, err)
	}
	r := put(t, l, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
	for got, err := range l.Follow(ctx, eventlog.Position{}) {
		if err != nil || got.Position != r.Position {
			t.Errorf("the first record followed stands at %s (%v)", got.Position, err)
		}
		cancel()
	}
	for _, name := range []string{"genesis", "", "-", "dispute-", "-1", "dispute-*", "dispute->", "dispute-a.b", "dis pute-1"} {
		for r, err := range l.Read(patient(t), name, eventlog.Head{}) {
			t.Errorf("%q holds %s (%v)", name, r.Sealed, err)
		}
	}
}
