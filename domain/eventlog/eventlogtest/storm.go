package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"doorstep/domain/eventlog"

	"github.com/anishathalye/porcupine"
)

// Storm is clerks of several programs at work on a few streams, and a follower
// in each program, while everything goes wrong. Afterwards what was acknowledged
// is compared with what the streams hold and with what the followers saw, and
// each stream's history is given to porcupine.
type Storm struct {
	Programs []eventlog.Log
	Witness  eventlog.Log      // which nothing befalls: tells at the end what is there
	Acts     map[string]func() // what goes wrong, each until Calm
	Calm     func()            // ends whatever lasts
	Rounds   int               // how often each act comes
	Lasting  time.Duration     // an act, unless eight deals are done before
}

// Weathered is what a storm came to.
type Weathered struct {
	Acts         int // faults that were brought about
	Acknowledged int // appends
	Unknown      int // appends of which it was not known at first whether they were kept
	Unavailable  int // deals that were refused, and done again
}

// storm is one that rages.
type storm struct {
	Storm
	streams []string
	start   time.Time
	over    atomic.Bool
	worked  chan struct{} // a clerk ended a deal

	mu      sync.Mutex
	history [][]porcupine.Operation // by stream
	kept    []map[string]eventlog.Record
	sum     Weathered
}

// Rage lets the storm rage, and fails the test when anything that was
// acknowledged is lost, doubled or out of order, or when nothing was.
func (s Storm) Rage(t *testing.T) Weathered {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := &storm{Storm: s, streams: []string{fresh("dispute"), fresh("dispute"), fresh("confirmation")}, start: time.Now(), worked: make(chan struct{}, 64)}
	r.history, r.kept = make([][]porcupine.Operation, len(r.streams)), make([]map[string]eventlog.Record, len(r.streams))
	for k := range r.kept {
		r.kept[k] = map[string]eventlog.Record{}
	}
	witness := deskOf(t, s.Witness)
	began := witness.end(t)
	views := make([]*view, len(s.Programs))
	following, leave := context.WithCancel(context.Background())
	defer leave()
	var clerks, followers sync.WaitGroup
	for i, log := range s.Programs {
		views[i] = &view{}
		followers.Go(func() { views[i].follow(following, t, log, began) })
	}
	for number := range 6 {
		clerks.Go(func() {
			r.clerk(t, s.Programs[number%len(s.Programs)], number, rand.New(rand.NewPCG(seed, uint64(number))))
		})
	}
	r.rage(rand.New(rand.NewPCG(seed, 100)))
	clerks.Wait()

	witness = deskOf(t, s.Witness) // with time of its own
	streams, all := make([][]eventlog.Record, len(r.streams)), 0
	for k, name := range r.streams {
		streams[k] = witness.read(t, name, eventlog.Head{})
		all += len(streams[k])
	}
	for _, v := range views {
		v.until(t, all)
	}
	leave()
	followers.Wait()
	r.judge(t, streams, views)
	return r.sum
}

// rage lets each act come once a round, in any order, and waits after each
// until some deals are done or it has lasted long enough.
func (s *storm) rage(chance *rand.Rand) {
	defer s.over.Store(true)
	names := make([]string, 0, len(s.Acts))
	for name := range s.Acts {
		names = append(names, name)
	}
	slices.Sort(names) // so that the seed says the order
	for range s.Rounds {
		chance.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			s.Acts[name]()
			s.sum.Acts++
			s.work(s.Lasting)
			s.Calm()
			s.work(s.Lasting)
		}
	}
}

// work waits until eight deals are done, or for so long.
func (s *storm) work(long time.Duration) {
	for len(s.worked) > 0 { // deals of before
		<-s.worked
	}
	enough := time.After(long)
	for range 8 {
		select {
		case <-s.worked:
		case <-enough:
			return
		}
	}
}

// clerk appends and reads until the storm is over. A deal whose outcome is not
// known is done again, as a desk does it, until it is.
func (s *storm) clerk(t *testing.T, log eventlog.Log, number int, chance *rand.Rand) {
	heads := make([]eventlog.Head, len(s.streams))
	for n := 0; !s.over.Load(); n++ {
		k := chance.IntN(len(s.streams))
		at, id, read := heads[k], fmt.Sprintf("k%d-%d", number, n), chance.IntN(4) == 0
		if read && chance.IntN(2) == 0 {
			at = eventlog.Head{}
		}
		op := porcupine.Operation{ClientId: number, Call: int64(time.Since(s.start))}
		in, out, r, err := s.insist(log, s.streams[k], at, id, read)
		op.Return, op.Input, op.Output = int64(time.Since(s.start)), in, out
		if err != nil {
			t.Errorf("clerk %d: %v", number, err)
			return
		}
		heads[k] = out.head
		s.mu.Lock()
		s.history[k] = append(s.history[k], op)
		if out.kept {
			s.kept[k][id] = r
		}
		s.mu.Unlock()
		select {
		case s.worked <- struct{}{}:
		default:
		}
	}
}

// insist does a deal until its outcome is known.
func (s *storm) insist(log eventlog.Log, stream string, at eventlog.Head, id string, read bool) (deal, answer, eventlog.Record, error) {
	for give := time.Now().Add(patience); ; {
		ctx, cancel := context.WithTimeout(context.Background(), aWhile)
		in, out, r, err := desk{Log: log, ctx: ctx}.deal(stream, at, id, read)
		cancel()
		unknown, unavailable := errors.Is(err, eventlog.ErrUnknown), errors.Is(err, eventlog.ErrUnavailable)
		again := unknown || unavailable || read && errors.Is(err, context.DeadlineExceeded)
		if !again || time.Now().After(give) {
			return in, out, r, err
		}
		s.mu.Lock()
		if unknown {
			s.sum.Unknown++
		} else {
			s.sum.Unavailable++
		}
		s.mu.Unlock()
		time.Sleep(5 * time.Millisecond) // a log that is down answers at once
	}
}

// aWhile is what a caller waits who must be let go.
const aWhile = 2 * time.Second

// judge compares what was acknowledged with what the streams hold and with what
// the followers saw.
func (s *storm) judge(t *testing.T, streams [][]eventlog.Record, views []*view) {
	t.Helper()
	for k, name := range s.streams {
		stand := map[string]eventlog.Record{}
		for _, r := range streams[k] {
			if _, twice := stand[r.ID]; twice {
				t.Errorf("%s holds %s twice", name, r.ID)
			}
			stand[r.ID] = r
		}
		for id, r := range s.kept[k] {
			if got := stand[id]; got.Head != r.Head || got.Position != r.Position || string(got.Sealed) != string(r.Sealed) {
				t.Errorf("%s: %s was acknowledged as version %d and is version %d", name, id, r.Version, got.Version)
			}
			s.sum.Acknowledged++
		}
		if len(stand) != len(s.kept[k]) {
			t.Errorf("%s holds %d commits, %d were acknowledged", name, len(stand), len(s.kept[k]))
		}
		explained(t, name, s.history[k])
	}
	if s.sum.Acknowledged == 0 || s.sum.Acts == 0 {
		t.Errorf("%d acts and %d acknowledgements: this shows nothing", s.sum.Acts, s.sum.Acknowledged)
	}
	for i, v := range views {
		v.proves(t, fmt.Sprint("follower ", i), s.sum.Acknowledged)
	}
}

// view is what one follower has seen.
type view struct {
	mu  sync.Mutex
	all []eventlog.Record
}

// follow takes what comes until ctx is done. Where the log lets a follower go
// because it is unavailable, it comes back where it was.
func (v *view) follow(ctx context.Context, t *testing.T, log eventlog.Log, after eventlog.Position) {
	for ctx.Err() == nil {
		for r, err := range log.Follow(ctx, after) {
			if err != nil {
				if !errors.Is(err, eventlog.ErrUnavailable) {
					t.Errorf("follow after %s: %v", after, err)
					return
				}
				time.Sleep(5 * time.Millisecond)
				break
			}
			after = r.Position
			v.mu.Lock()
			v.all = append(v.all, r)
			v.mu.Unlock()
		}
	}
}

func (v *view) seen() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.all)
}

// until waits until the follower has seen n records.
func (v *view) until(t *testing.T, n int) {
	t.Helper()
	for give := time.Now().Add(patience); v.seen() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(give) {
			t.Errorf("a follower saw %d records, want %d", v.seen(), n)
			return
		}
	}
}

// proves checks that n records were seen, in growing positions, and each behind
// the one before it in its stream.
func (v *view) proves(t *testing.T, who string, n int) {
	t.Helper()
	var last eventlog.Position
	stood := map[string]eventlog.Head{}
	for _, r := range v.all {
		if err := r.Follows(stood[r.Stream]); err != nil || !last.Before(r.Position) {
			t.Errorf("%s: %s at %s after %s: %v", who, r.Stream, r.Position, last, err)
			return
		}
		stood[r.Stream], last = r.Head, r.Position
	}
	if len(v.all) != n {
		t.Errorf("%s saw %d records, want %d", who, len(v.all), n)
	}
}
