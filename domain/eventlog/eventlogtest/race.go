package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"doorstep/domain/eventlog"

	"github.com/anishathalye/porcupine"
)

var racing = []check{
	{"of many writers at one head exactly one wins, and the others learn where it led", func(t *testing.T, d desk) {
		const writers, rounds = 8, 25
		s := fresh("dispute")
		var at eventlog.Head
		for round := range rounds {
			won := make(chan eventlog.Record, writers)
			lost := make(chan *eventlog.Conflict, writers)
			var all sync.WaitGroup
			for w := range writers {
				all.Go(func() {
					r, err := d.Append(d.ctx, at, Commit(s, fmt.Sprintf("r%d-w%d", round, w), 1))
					var c *eventlog.Conflict
					switch {
					case err == nil:
						won <- r
					case errors.As(err, &c):
						lost <- c
					default:
						t.Errorf("round %d: %v", round, err)
					}
				})
			}
			all.Wait()
			if len(won) != 1 || len(lost) != writers-1 {
				t.Fatalf("round %d: %d won, %d lost", round, len(won), len(lost))
			}
			r := <-won
			for range writers - 1 {
				if c := <-lost; c.Actual != r.Head {
					t.Fatalf("round %d: a loser was told %+v, the winner stands at %+v", round, c.Actual, r.Head)
				}
			}
			at = r.Head
		}
	}},
	{"the same deed sent many times at once is kept once", func(t *testing.T, d desk) {
		const senders, rounds = 8, 20
		s := fresh("dispute")
		var at eventlog.Head
		for round := range rounds {
			got := make([]eventlog.Record, senders)
			var all sync.WaitGroup
			for i := range senders {
				all.Go(func() {
					var err error
					if got[i], err = d.Append(d.ctx, at, Commit(s, id(round), 1)); err != nil {
						t.Errorf("round %d: %v", round, err)
					}
				})
			}
			all.Wait()
			for i := 1; i < senders; i++ {
				same(t, got[i:i+1], got[:1])
			}
			at = got[0].Head
		}
		if n := len(d.read(t, s, eventlog.Head{})); n != rounds {
			t.Errorf("%d commits, want %d", n, rounds)
		}
	}},
	{"every command comes three times in any order, and is kept once", threeTimes},
	{"among many streams a hundred readers and some writers all come on", crowd},
	{"each stream is a register that behaves as if one clerk kept it", linearizable},
	{"a log agrees with the plainest log there is", agreesWithModel},
}

// threeTimes sends every command of several streams three times, each to
// whatever head its stream then has, from many hands and in any order.
func threeTimes(t *testing.T, d desk) {
	const streams, each, hands = 4, 15, 6
	type order struct{ stream, id string }
	var orders []order
	for range streams {
		s := fresh("dispute")
		for i := range each {
			for range 3 {
				orders = append(orders, order{s, id(i)})
			}
		}
	}
	rand.Shuffle(len(orders), func(i, j int) { orders[i], orders[j] = orders[j], orders[i] })
	todo := make(chan order)
	var mu sync.Mutex
	got := map[order][]eventlog.Record{}
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			for o := range todo {
				var at eventlog.Head
				for { // as a desk does: look, decide, and again when somebody was faster
					r, err := d.Append(d.ctx, at, Commit(o.stream, o.id, 1))
					var moved *eventlog.Conflict
					if errors.As(err, &moved) {
						at = moved.Actual
						continue
					}
					if err != nil {
						t.Errorf("%s of %s: %v", o.id, o.stream, err)
					}
					mu.Lock()
					got[o] = append(got[o], r)
					mu.Unlock()
					break
				}
			}
		})
	}
	for _, o := range orders {
		todo <- o
	}
	close(todo)
	all.Wait()
	kept := map[string]int{}
	for o, records := range got {
		for _, r := range records[1:] {
			same(t, []eventlog.Record{r}, records[:1])
		}
		kept[o.stream]++
	}
	for s, n := range kept {
		var at eventlog.Head
		for _, r := range d.read(t, s, at) {
			if err := r.Follows(at); err != nil {
				t.Fatal(err)
			}
			at = r.Head
		}
		if n != each || at.Length != each {
			t.Errorf("%s holds %d commits, %d commands were answered, want %d", s, at.Length, n, each)
		}
	}
}

// crowd fills many streams; then a hundred readers and four writers go
// on until each of them has done its share. Whoever is done stays and is in the
// others' way: if anybody starves, this does not end.
func crowd(t *testing.T, d desk) {
	const readers, writers, share = 100, 4, 40
	streams := d.streams
	names := make([]string, streams)
	first := make([]eventlog.Head, streams)
	var all sync.WaitGroup
	for hand := range 64 {
		all.Go(func() {
			for i := hand; i < streams; i += 64 {
				names[i] = fresh("dispute")
				r, err := d.Append(d.ctx, eventlog.Head{}, Commit(names[i], "a", 1))
				if err != nil {
					t.Errorf("stream %d: %v", i, err)
					return
				}
				first[i] = r.Head
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	d = deskOf(t, d.Log) // with time of its own
	ctx, leave := context.WithCancel(d.ctx)
	defer leave()
	var short atomic.Int64 // of how many the share is not done
	short.Store(readers + writers)
	done := make([]int, readers+writers)
	for who := range done {
		chance := rand.New(rand.NewPCG(1, uint64(who)))
		all.Go(func() {
			for ctx.Err() == nil {
				if err := d.oneOf(ctx, names, first, who < readers, who-readers, writers, done[who], chance); err != nil {
					if ctx.Err() == nil {
						t.Errorf("%d: %v", who, err)
						leave()
					}
					return
				}
				if done[who]++; done[who] == share && short.Add(-1) == 0 {
					leave()
				}
			}
		})
	}
	all.Wait()
	if n := short.Load(); n > 0 {
		t.Errorf("%d of %d starved", n, len(done))
	}
	t.Logf("readers did %d to %d, writers %d to %d", slices.Min(done[:readers]), slices.Max(done[:readers]), slices.Min(done[readers:]), slices.Max(done[readers:]))
}

// oneOf reads any stream, or appends to one of the writer's own.
func (d desk) oneOf(ctx context.Context, names []string, first []eventlog.Head, read bool, writer, writers, turn int, chance *rand.Rand) error {
	if !read {
		k := turn*writers + writer
		if k >= len(names) {
			<-ctx.Done()
			return ctx.Err()
		}
		_, err := d.Append(ctx, first[k], Commit(names[k], "b", 1))
		return err
	}
	k, n := chance.IntN(len(names)), 0
	for r, err := range d.Read(ctx, names[k], eventlog.Head{}) {
		if err != nil {
			return err
		}
		if n == 0 && r.Head != first[k] {
			return fmt.Errorf("%w: %s begins otherwise", eventlog.ErrCorrupt, names[k])
		}
		n++
	}
	if n == 0 {
		return fmt.Errorf("%w: %s is empty", eventlog.ErrCorrupt, names[k])
	}
	return nil
}

// deal is one thing done to a stream, for porcupine.
type deal struct {
	append bool
	at     eventlog.Head
}

// answer is what came of it: where the stream stands now.
type answer struct {
	kept bool
	head eventlog.Head
}

// register is a stream as porcupine's model: its state is its head. An append
// moves it from the head given to the head returned; a conflict and a read only
// tell where it stands.
var register = porcupine.Model{
	Init: func() any { return eventlog.Head{} },
	Step: func(state, input, output any) (bool, any) {
		stands, in, out := state.(eventlog.Head), input.(deal), output.(answer)
		switch {
		case !in.append:
			return out.head == stands, stands
		case out.kept:
			return in.at == stands && out.head.Length == stands.Length+1, out.head
		default:
			return out.head == stands && in.at != stands, stands
		}
	},
	Equal: func(a, b any) bool { return a.(eventlog.Head) == b.(eventlog.Head) },
}

// linearizable lets clerks append to and read a few streams at once, on heads
// old and new, and has porcupine look for an order that explains each stream.
func linearizable(t *testing.T, d desk) {
	const clerks, deals, streams = 6, 60, 3
	names := make([]string, streams)
	for i := range names {
		names[i] = fresh("dispute")
	}
	var mu sync.Mutex
	history, lost := make([][]porcupine.Operation, streams), make([][]open, streams)
	start := time.Now()
	var all sync.WaitGroup
	for clerk := range clerks {
		all.Go(func() {
			heads := make([]eventlog.Head, streams)
			for i := range deals {
				k, id := (i+clerk)%streams, fmt.Sprintf("k%d-%d", clerk, i)
				op := porcupine.Operation{ClientId: clerk, Call: int64(time.Since(start))}
				at, read := heads[k], i%4 == 3
				if i%8 == 3 { // from the start: a clerk who has moved the stream himself must see that
					at = eventlog.Head{}
				}
				in, out, _, err := d.deal(names[k], at, id, read)
				op.Return, op.Input, op.Output = int64(time.Since(start)), in, out
				mu.Lock()
				if err == nil {
					history[k] = append(history[k], op)
				} else if in.append {
					lost[k] = append(lost[k], open{op, id})
				}
				mu.Unlock()
				if err != nil {
					t.Errorf("clerk %d: %v", clerk, err)
					return
				}
				heads[k] = out.head
			}
		})
	}
	all.Wait()
	d = deskOf(t, d.Log) // with time of its own
	for k, name := range names {
		holds := d.read(t, name, eventlog.Head{})
		h := append(history[k], ended(lost[k], holds)...)
		explained(t, name, h)
		kept := 0
		for _, op := range h {
			if op.Output.(answer).kept {
				kept++
			}
		}
		if len(holds) != kept || kept == 0 {
			t.Errorf("%s holds %d commits, %d were acknowledged", name, len(holds), kept)
		}
	}
}

// open is an append that came back with an error: it may have been kept, then or
// at any time since.
type open struct {
	op porcupine.Operation
	id string
}

// ended gives the open appends that were kept after all, as the stream shows in
// the end. They count as not yet answered; left out, the history would lack the
// moves that others saw, and no order could explain it.
func ended(lost []open, holds []eventlog.Record) (all []porcupine.Operation) {
	for _, o := range lost {
		for _, r := range holds {
			if r.ID == o.id {
				o.op.Return, o.op.Output = math.MaxInt64, answer{true, r.Head}
				all = append(all, o.op)
			}
		}
	}
	return all
}

// explained has porcupine look for an order of the deals that explains them.
func explained(t *testing.T, stream string, history []porcupine.Operation) {
	t.Helper()
	switch porcupine.CheckOperationsTimeout(register, history, patience) {
	case porcupine.Illegal:
		t.Errorf("%s: no order of its %d deals explains them", stream, len(history))
	case porcupine.Unknown:
		t.Errorf("%s: no order of its %d deals was found within %s, which proves neither", stream, len(history), patience)
	}
}

// deal appends at the head, or reads the stream from there.
func (d desk) deal(stream string, at eventlog.Head, id string, read bool) (deal, answer, eventlog.Record, error) {
	if read {
		out := answer{head: at}
		for r, err := range d.Read(d.ctx, stream, at) {
			if err != nil {
				return deal{at: at}, out, r, err
			}
			out.head = r.Head
		}
		return deal{at: at}, out, eventlog.Record{}, nil
	}
	r, err := d.Append(d.ctx, at, Commit(stream, id, 1))
	var c *eventlog.Conflict
	if errors.As(err, &c) {
		return deal{true, at}, answer{false, c.Actual}, r, nil
	}
	return deal{true, at}, answer{true, r.Head}, r, err
}
