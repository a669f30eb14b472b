package eventstoredb_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"

	"github.com/anishathalye/porcupine"
)

// storm is clerks of several programs at work on a few streams while everything
// goes wrong.
type storm struct {
	cluster *standin.Cluster
	streams []string
	start   time.Time
	over    atomic.Bool
	worked  chan struct{} // a clerk ended a deal

	mu      sync.Mutex
	history [][]porcupine.Operation // per stream
	kept    []map[string]eventlog.Record
	unknown int
}

// deal is an append at a head, or a read that goes on from one.
type deal struct {
	read bool
	at   eventlog.Head
}

// answer is where the stream stood after the deal, and whether that is its doing.
type answer struct {
	kept bool
	head eventlog.Head
}

// register is a stream as porcupine's model: its state is its head.
var register = porcupine.Model{
	Init: func() any { return eventlog.Head{} },
	Step: func(state, input, output any) (bool, any) {
		stands, in, out := state.(eventlog.Head), input.(deal), output.(answer)
		switch {
		case out.kept:
			return in.at == stands && out.head.Length == stands.Length+1, out.head
		case in.read:
			return out.head == stands, stands
		}
		return out.head == stands && in.at != stands, stands
	},
	Equal: func(a, b any) bool { return a.(eventlog.Head) == b.(eventlog.Head) },
}

// acts are what goes wrong; each lasts until the next.
func (s *storm) acts() map[string]func() {
	c := s.cluster
	acts := map[string]func(){
		"cut":           c.Cut,
		"leader 1":      func() { c.Lead(1) },
		"leader 2":      func() { c.Freeze(0, true); c.Lead(2) },
		"leader 0":      func() { c.Freeze(2, true); c.Lead(0) },
		"nobody leads":  func() { c.Lead(-1) },
		"leader down":   func() { c.Stop(0); c.Stop(1); c.Lead(2) },
		"leader silent": func() { c.Silence(2, true); c.Silence(0, true); c.Lead(1) },
		"all silent":    func() { c.Silence(0, true); c.Silence(1, true); c.Silence(2, true) },
	}
	for _, f := range []standin.Fault{
		standin.LostAck, standin.KeptSilent, standin.DroppedCall, standin.KeptTimeout, standin.Timeout, standin.KeptUnknown, standin.Busy,
		standin.NoPosition, standin.OddResult, standin.CutRead, standin.DeadRead, standin.ReadTimeout, standin.OddFrame, standin.CutFollow, standin.EndFollow,
		standin.DeadFollow, standin.DoubleFollow,
	} {
		acts[f.String()] = func() { c.Inject(f, 2) }
	}
	return acts
}

// calm ends whatever lasts.
func (s *storm) calm() error {
	var err error
	for i := range 3 {
		s.cluster.Silence(i, false)
		s.cluster.Freeze(i, false)
	}
	for i := range 2 {
		if !s.cluster.Running(i) {
			err = errors.Join(err, s.cluster.Restart(i))
		}
	}
	return err
}

// rage lets each act come once a round, in any order, and waits after each
// until some deals are done or it has lasted long enough.
func (s *storm) rage(t *testing.T, chance *rand.Rand) (done int) {
	defer s.over.Store(true)
	for range rounds {
		acts := s.acts()
		names := make([]string, 0, len(acts))
		for name := range acts {
			names = append(names, name)
		}
		chance.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			acts[name]()
			done++
			for len(s.worked) > 0 { // deals of before
				<-s.worked
			}
			enough := time.After(2 * hasty)
			for deals := 0; deals < 8; deals++ {
				select {
				case <-s.worked:
				case <-enough:
					deals = 8
				}
			}
			if err := s.calm(); err != nil {
				t.Error(err)
				return done
			}
			s.cluster.Lead(chance.IntN(3))
		}
	}
	return done
}

// clerk appends and reads until the storm is over. A deal whose outcome is not
// known is done again, as a desk does it, until it is.
func (s *storm) clerk(t *testing.T, log *eventstoredb.Log, number int, chance *rand.Rand) {
	heads := make([]eventlog.Head, len(s.streams))
	for n := 0; !s.over.Load(); n++ {
		k := chance.IntN(len(s.streams))
		in := deal{read: chance.IntN(4) == 0, at: heads[k]}
		id := fmt.Sprintf("k%d-%d", number, n)
		op := porcupine.Operation{ClientId: number, Call: int64(time.Since(s.start)), Input: in}
		var out answer
		var r eventlog.Record
		var err error
		for again := true; again; {
			if in.read {
				out, err = s.look(t, log, k, in.at)
			} else {
				r, out, err = s.attempt(t, log, k, in.at, id)
			}
			again = errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, eventlog.ErrUnavailable)
		}
		if err != nil {
			t.Errorf("clerk %d: %v", number, err)
			return
		}
		op.Return, op.Output, heads[k] = int64(time.Since(s.start)), out, out.head
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

func (s *storm) attempt(t *testing.T, log *eventstoredb.Log, k int, at eventlog.Head, id string) (eventlog.Record, answer, error) {
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	r, err := log.Append(ctx, at, eventlogtest.Commit(s.streams[k], id, 1))
	var conflict *eventlog.Conflict
	switch {
	case errors.As(err, &conflict):
		return r, answer{false, conflict.Actual}, nil
	case errors.Is(err, eventlog.ErrUnknown):
		s.mu.Lock()
		s.unknown++
		s.mu.Unlock()
	}
	return r, answer{true, r.Head}, err
}

func (s *storm) look(t *testing.T, log *eventstoredb.Log, k int, at eventlog.Head) (answer, error) {
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	for r, err := range log.Read(ctx, s.streams[k], at) {
		if err != nil {
			return answer{}, err
		}
		at = r.Head
	}
	return answer{head: at}, nil
}

func TestUnderEveryFaultNothingAcknowledgedIsLostOrDoubled(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := &storm{cluster: cluster(t, 3), streams: []string{"dispute-1", "dispute-2", "confirmation-1"}, start: time.Now(), worked: make(chan struct{}, 64)}
	s.history, s.kept = make([][]porcupine.Operation, len(s.streams)), make([]map[string]eventlog.Record, len(s.streams))
	for k := range s.kept {
		s.kept[k] = map[string]eventlog.Record{}
	}
	programs := []*eventstoredb.Log{reach(t, s.cluster.URL(), hasty), reach(t, s.cluster.URL(), hasty)}
	views := make([][]eventlog.Record, len(programs))
	following, leave := context.WithCancel(t.Context())
	defer leave()
	var clerks, followers sync.WaitGroup
	seen := make([]atomic.Int64, len(programs))
	for i, log := range programs {
		followers.Go(func() {
			for r, err := range log.Follow(following, eventlog.Position{}) {
				if err != nil {
					t.Errorf("follower %d: %v", i, err)
					return
				}
				views[i] = append(views[i], r)
				seen[i].Add(1)
			}
		})
	}
	for number := range 6 {
		clerks.Go(func() {
			s.clerk(t, programs[number%len(programs)], number, rand.New(rand.NewPCG(seed, uint64(number))))
		})
	}
	acts := s.rage(t, rand.New(rand.NewPCG(seed, 100)))
	clerks.Wait()

	fresh := reach(t, s.cluster.URL(), patient)
	var all int64
	heads := map[string][]eventlog.Record{}
	for _, name := range s.streams {
		heads[name] = read(t, fresh, name, eventlog.Head{})
		all += int64(len(heads[name]))
	}
	eventually(t, func() bool { return seen[0].Load() >= all && seen[1].Load() >= all })
	leave()
	followers.Wait()
	s.judge(t, heads, views)
	t.Logf("%d acts, %d records kept, %d unknown outcomes cleared up; %+v, %+v", acts, all, s.unknown, programs[0].Counts(), programs[1].Counts())
	for f := standin.LostAck; f <= standin.NotLeader; f++ {
		if s.cluster.Injected(f) == 0 {
			continue
		}
		t.Logf("%5d times: %s", s.cluster.Injected(f), f)
	}
	happened(t, s.cluster, standin.LostAck, standin.KeptSilent, standin.DroppedCall, standin.KeptTimeout, standin.Timeout, standin.KeptUnknown, standin.Busy,
		standin.NoPosition, standin.OddResult, standin.CutRead, standin.DeadRead, standin.ReadTimeout, standin.OddFrame, standin.CutFollow, standin.EndFollow, standin.DeadFollow,
		standin.DoubleFollow, standin.Down, standin.CutConnection, standin.BlackHole, standin.NotLeader)
}

// judge compares what was acknowledged with what the streams hold and with what
// the followers saw.
func (s *storm) judge(t *testing.T, streams map[string][]eventlog.Record, views [][]eventlog.Record) {
	t.Helper()
	acknowledged := 0
	for k, name := range s.streams {
		stand := map[string]eventlog.Record{}
		for _, r := range streams[name] {
			if _, twice := stand[r.ID]; twice {
				t.Errorf("%s holds %s twice", name, r.ID)
			}
			stand[r.ID] = r
		}
		for id, r := range s.kept[k] {
			if got := stand[id]; got.Head != r.Head || got.Position != r.Position || string(got.Sealed) != string(r.Sealed) {
				t.Errorf("%s: %s was acknowledged as version %d and is version %d", name, id, r.Version, got.Version)
			}
			acknowledged++
		}
		if len(stand) != len(s.kept[k]) {
			t.Errorf("%s holds %d commits, %d were acknowledged", name, len(stand), len(s.kept[k]))
		}
		if result := porcupine.CheckOperationsTimeout(register, s.history[k], time.Minute); result != porcupine.Ok {
			t.Errorf("%s: no order of its %d deals explains them (%s)", name, len(s.history[k]), result)
		}
	}
	if acknowledged == 0 {
		t.Error("nothing was acknowledged")
	}
	for i, view := range views {
		var last eventlog.Position
		stood := map[string]eventlog.Head{}
		for _, r := range view {
			if err := r.Follows(stood[r.Stream]); err != nil || !last.Before(r.Position) {
				t.Fatalf("follower %d: %s at %s after %s: %v", i, r.Stream, r.Position, last, err)
			}
			stood[r.Stream], last = r.Head, r.Position
		}
		if len(view) != acknowledged {
			t.Errorf("follower %d saw %d records, %d were acknowledged", i, len(view), acknowledged)
		}
	}
}
