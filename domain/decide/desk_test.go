package decide_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/codec"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
)

// A tally counts up to a hundred thousand; that is all there is to it.
type tally struct {
	Sum   int
	Notes []string
}

type counted struct {
	By   int    `json:"by"`
	Note string `json:"note,omitempty"`
}

func (counted) Kind() string     { return "counted" }
func (counted) Happened() string { return "2024-03-01" }

type strange struct{ counted } // an event that no codec knows

func (strange) Kind() string { return "strange" }

type count struct {
	By   int
	Note string
}

var errFull = decide.Refuse("full", "已经数满。", "It is full.", "")

var tallies = decide.Decider[tally, count, codec.Event]{
	Initial: func() tally { return tally{} },
	Decide: func(s tally, c count) ([]codec.Event, error) {
		switch {
		case c.By == 0:
			return nil, nil
		case c.By < 0:
			return []codec.Event{strange{}}, nil
		case s.Sum+c.By > 100000:
			return nil, errFull
		}
		return []codec.Event{counted{c.By, c.Note}}, nil
	},
	Evolve: func(s tally, e codec.Event) tally {
		c := e.(counted)
		return tally{s.Sum + c.By, append(slices.Clone(s.Notes), c.Note)}
	},
}

var forms = codec.New(codec.NewForm("counted", 1, func(c counted) codec.Event { return c }))

const stream = "tally-1"

type desk = decide.Desk[tally, count, codec.Event]

func deskOn(log eventlog.Log) *desk { return decide.NewDesk(log, tallies, forms, 8) }

func deed(id string) decide.Deed {
	return decide.Deed{ID: id, At: time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC), Actor: "judge-1"}
}

// log is the log in memory with something that happens before an append, or
// instead of it, once.
type log struct {
	*memory.Log
	mu     sync.Mutex
	append func(at eventlog.Head, c eventlog.Commit) (eventlog.Record, error)
	reads  []int64 // length of the head after which each read began
	broken error   // of reading
}

func newLog() *log { return &log{Log: memory.New()} }

func (l *log) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	l.mu.Lock()
	once := l.append
	l.append = nil
	l.mu.Unlock()
	if once != nil {
		return once(at, c)
	}
	return l.Log.Append(ctx, at, c)
}

func (l *log) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads = append(l.reads, after.Length)
	if l.broken != nil {
		return func(yield func(eventlog.Record, error) bool) { yield(eventlog.Record{}, l.broken) }
	}
	return l.Log.Read(ctx, stream, after)
}

func length(t *testing.T, l *log) int64 {
	t.Helper()
	_, head, err := deskOn(l).Load(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	return head.Length
}

func do(t *testing.T, d *desk, id string, c count) decide.Outcome[tally] {
	t.Helper()
	out, err := d.Do(t.Context(), stream, deed(id), c)
	if err != nil {
		t.Fatalf("deed %s: %v", id, err)
	}
	return out
}

func TestADeedIsKeptWithAllThatItBrings(t *testing.T) {
	l := newLog()
	full := decide.Deed{ID: "d1", At: time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC), Actor: "clerk-7", OnBehalfOf: "judge-1", Workstation: "130108001", Correlation: "c", Causation: "b", Trace: "t"}
	out, err := deskOn(l).Do(t.Context(), stream, full, count{By: 3, Note: "三"})
	if err != nil || !out.Kept || out.State.Sum != 3 || out.Head.Length != 1 || out.Position.IsStart() {
		t.Fatalf("%+v, %v", out, err)
	}
	for r, err := range l.Log.Read(t.Context(), stream, eventlog.Head{}) {
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join([]string{r.ID, r.RecordedAt.Format(time.RFC3339), r.Actor, r.OnBehalfOf, r.Workstation, r.Correlation, r.Causation, r.Trace, r.Events[0].Kind, r.Events[0].Happened, string(r.Events[0].Payload)}, " ")
		if want := `d1 2024-03-01T09:00:00Z clerk-7 judge-1 130108001 c b t counted 2024-03-01 {"by":3,"note":"三"}`; got != want || len(r.Events) != 1 || r.Events[0].Version != 1 {
			t.Errorf("kept %s\nwant %s", got, want)
		}
	}
}

func TestARetryFindsItself(t *testing.T) {
	l := newLog()
	d := deskOn(l)
	first := do(t, d, "d1", count{By: 3})
	do(t, d, "d2", count{By: 4})
	for name, desk := range map[string]*desk{"the same desk": d, "another desk": deskOn(l)} {
		again := do(t, desk, "d1", count{By: 3})
		if again.Kept || again.Position != first.Position || again.State.Sum != 7 || again.Head.Length != 2 {
			t.Errorf("%s: %+v", name, again)
		}
	}
	if n := length(t, l); n != 2 {
		t.Errorf("%d commits", n)
	}
}

func TestWhatIsAlreadySoKeepsNothing(t *testing.T) {
	l := newLog()
	d := deskOn(l)
	do(t, d, "d1", count{By: 3})
	if out := do(t, d, "d2", count{}); out.Kept || !out.Position.IsStart() || out.State.Sum != 3 || out.Head.Length != 1 {
		t.Errorf("%+v", out)
	}
}

func TestARefusalKeepsNothingAndIsGivenAsItIs(t *testing.T) {
	l := newLog()
	out, err := deskOn(l).Do(t.Context(), stream, deed("d1"), count{By: 100001})
	var r *decide.Refusal
	if !errors.As(err, &r) || r != errFull || out.Kept || length(t, l) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestALostRaceIsLookedAtAgain(t *testing.T) {
	for _, c := range []struct {
		name      string
		other     int
		want      int
		wantErr   error
		commits   int64
		seen      int64
		remembers bool
	}{
		{"and decided again", 5, 8, nil, 2, 0, false},
		{"and decided again from memory", 5, 9, nil, 3, 0, true},
		{"and refused, for the rules say no now", 99999, 99999, errFull, 1, 0, false},
		{"and told to be stale, for the person asked", 5, 6, decide.ErrStale, 2, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLog()
			d := deskOn(l)
			if c.remembers {
				do(t, d, "d0", count{By: 1})
			}
			l.append = func(at eventlog.Head, commit eventlog.Commit) (eventlog.Record, error) {
				do(t, deskOn(l), "other", count{By: c.other})
				return l.Log.Append(t.Context(), at, commit)
			}
			mine := deed("d1")
			mine.SeenLength = c.seen
			out, err := d.Do(t.Context(), stream, mine, count{By: 3})
			if !errors.Is(err, c.wantErr) || out.State.Sum != c.want || out.Kept != (c.wantErr == nil) {
				t.Errorf("%+v, %v", out, err)
			}
			if n := length(t, l); n != c.commits {
				t.Errorf("%d commits, want %d", n, c.commits)
			}
		})
	}
}

func TestAPersonWhoSawAnOlderStateIsTold(t *testing.T) {
	l := newLog()
	d := deskOn(l)
	do(t, d, "d1", count{By: 1})
	do(t, d, "d2", count{By: 1})
	for _, c := range []struct {
		seen  int64
		stale bool
	}{{1, true}, {3, true}, {2, false}, {0, false}} {
		mine := deed("seen" + strconv.FormatInt(c.seen, 10))
		mine.SeenLength = c.seen
		out, err := d.Do(t.Context(), stream, mine, count{})
		if errors.Is(err, decide.ErrStale) != c.stale || out.State.Sum != 2 {
			t.Errorf("seen %d: %+v, %v", c.seen, out, err)
		}
	}
	retry := deed("d2") // thought out on one commit, and kept as the second: sent again it is no longer stale
	retry.SeenLength = 1
	if out, err := d.Do(t.Context(), stream, retry, count{By: 1}); err != nil || out.Kept {
		t.Errorf("a retry is stale: %+v, %v", out, err)
	}
}

func TestAnUnknownEndIsFoundOnTheNextTry(t *testing.T) {
	for _, c := range []struct {
		name  string
		kept  bool
		other bool // somebody else's commit follows
	}{{"kept after all", true, false}, {"kept, and another followed", true, true}, {"not kept", false, false}, {"not kept, and another came", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			l := newLog()
			d := deskOn(l)
			do(t, d, "d0", count{By: 1})
			l.append = func(at eventlog.Head, commit eventlog.Commit) (eventlog.Record, error) {
				if c.kept {
					if _, err := l.Log.Append(t.Context(), at, commit); err != nil {
						t.Fatal(err)
					}
				}
				return eventlog.Record{}, eventlog.ErrUnknown
			}
			if _, err := d.Do(t.Context(), stream, deed("d1"), count{By: 3}); !errors.Is(err, eventlog.ErrUnknown) {
				t.Fatalf("first try: %v", err)
			}
			want, commits := 4, int64(2)
			if c.other {
				do(t, deskOn(l), "other", count{By: 10})
				want, commits = want+10, commits+1
			}
			out := do(t, d, "d1", count{By: 3})
			if out.Kept == c.kept || out.State.Sum != want || out.Position.IsStart() || length(t, l) != commits {
				t.Errorf("second try: %+v, %d commits", out, length(t, l))
			}
		})
	}
}

func TestAnEarlierTryThatTheLogFindsIsFoundByTheDeskToo(t *testing.T) {
	l := newLog()
	d := deskOn(l)
	l.append = func(at eventlog.Head, commit eventlog.Commit) (eventlog.Record, error) {
		other := do(t, deskOn(l), "other", count{By: 10})
		if _, err := l.Log.Append(t.Context(), other.Head, commit); err != nil { // the earlier try, on its way until now
			t.Fatal(err)
		}
		return l.Log.Append(t.Context(), at, commit)
	}
	out := do(t, d, "d1", count{By: 3})
	if out.Kept || out.State.Sum != 13 || out.Head.Length != 2 || out.Position.IsStart() {
		t.Errorf("%+v", out)
	}
}

func TestDesksSideBySideLoseNothing(t *testing.T) {
	l := newLog()
	const desks, deeds = 6, 40
	var wg sync.WaitGroup
	for i := range desks {
		d := deskOn(l)
		wg.Go(func() {
			for j := range deeds {
				id := fmt.Sprintf("d%d-%d", i, j)
				if _, err := d.Do(t.Context(), stream, deed(id), count{By: 1, Note: id}); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	wg.Wait()
	state, head, err := deskOn(l).Load(t.Context(), stream)
	if err != nil || state.Sum != desks*deeds || head.Length != desks*deeds {
		t.Fatalf("sum %d in %d commits, %v", state.Sum, head.Length, err)
	}
	slices.Sort(state.Notes)
	if n := len(slices.Compact(state.Notes)); n != desks*deeds {
		t.Errorf("%d different deeds", n)
	}
}

func TestADeskSharedByManyLosesNothing(t *testing.T) {
	l := newLog()
	d := deskOn(l)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for j := range 40 {
				if _, err := d.Do(t.Context(), stream, deed(fmt.Sprintf("d%d-%d", i, j)), count{By: 1}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if state, _, err := d.Load(t.Context(), stream); err != nil || state.Sum != 240 {
		t.Errorf("sum %d, %v", state.Sum, err)
	}
}

func TestAStreamThatAlwaysMovesIsGivenUp(t *testing.T) {
	l := newLog()
	n := 0
	var busy func(at eventlog.Head, c eventlog.Commit) (eventlog.Record, error)
	busy = func(at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
		n++
		l.append = busy
		return eventlog.Record{}, &eventlog.Conflict{}
	}
	l.append = busy
	if _, err := deskOn(l).Do(t.Context(), stream, deed("d1"), count{By: 1}); !errors.Is(err, decide.ErrBusy) || n < 10 {
		t.Errorf("after %d tries: %v", n, err)
	}
}

func TestOnlyTheTailOfARememberedStreamIsRead(t *testing.T) {
	l := newLog()
	d := decide.NewDesk(l, tallies, forms, 2)
	for i, s := range []string{"tally-1", "tally-2", "tally-1", "tally-3", "tally-1", "tally-2"} {
		if _, err := d.Do(t.Context(), s, deed("d"+strconv.Itoa(i)), count{By: 1}); err != nil {
			t.Fatal(err)
		}
	}
	// tally-2 had to go when tally-3 came, since tally-1 was used after it
	if want := []int64{0, 0, 1, 0, 2, 0}; !slices.Equal(l.reads, want) {
		t.Errorf("reads after %v, want %v", l.reads, want)
	}
}

func TestAHistoryOfANewerAgeIsNotDecidedOn(t *testing.T) {
	l := newLog()
	d := deskOn(l)
	out := do(t, d, "d1", count{By: 1})
	newer := eventlog.Commit{ID: "n", Stream: stream, RecordedAt: deed("").At, Actor: "a", Events: []eventlog.Event{{Kind: "counted", Version: 2, Happened: "2024-03-01", Payload: []byte("{}")}}}
	if _, err := l.Log.Append(t.Context(), out.Head, newer); err != nil {
		t.Fatal(err)
	}
	for name, desk := range map[string]*desk{"a desk that remembers": d, "a new desk": deskOn(l)} {
		if _, err := desk.Do(t.Context(), stream, deed("d2"), count{By: 1}); !errors.Is(err, codec.ErrUnknownForm) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := desk.Load(t.Context(), stream); !errors.Is(err, codec.ErrUnknownForm) {
			t.Errorf("%s loads: %v", name, err)
		}
	}
	n := 0
	for range l.Log.Read(t.Context(), stream, eventlog.Head{}) {
		n++
	}
	if n != 2 {
		t.Errorf("%d commits", n)
	}
}

func TestWhatCannotBeReadOrWrittenIsAnError(t *testing.T) {
	l := newLog()
	if _, err := deskOn(l).Do(t.Context(), stream, deed("d1"), count{By: -1}); !errors.Is(err, codec.ErrUnknownForm) {
		t.Errorf("an event that was never declared: %v", err)
	}
	if _, err := deskOn(l).Do(t.Context(), stream, deed("not an id"), count{By: 1}); !errors.Is(err, eventlog.ErrInvalid) {
		t.Errorf("a deed without a proper id: %v", err)
	}
	l.broken = eventlog.ErrCorrupt
	if _, err := deskOn(l).Do(t.Context(), stream, deed("d1"), count{By: 1}); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("a damaged log: %v", err)
	}
}
