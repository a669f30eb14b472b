package eventlogtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
	"doorstep/domain/eventlog/memory"
)

// sabotaged is set, in a process that is to fail, to what was done to the log.
const sabotaged = "DOORSTEP_TEST_SABOTAGE"

func TestMain(m *testing.M) {
	if os.Getenv(sabotaged) != "" {
		patience = 3 * time.Second // a log that hangs is to be found out before dinner
	}
	os.Exit(m.Run())
}

// altered is a log in memory of which some deeds are not what they should be.
type altered struct {
	*memory.Log
	append func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error)
	read   func(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error]
	follow func(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error]
	fill   func(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (int64, error)
}

func (a altered) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if a.append != nil {
		return a.append(ctx, at, c)
	}
	return a.Log.Append(ctx, at, c)
}

func (a altered) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	if a.read != nil {
		return a.read(ctx, stream, after)
	}
	return a.Log.Read(ctx, stream, after)
}

func (a altered) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	if a.follow != nil {
		return a.follow(ctx, after)
	}
	return a.Log.Follow(ctx, after)
}

func (a altered) Fill(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (int64, error) {
	if a.fill != nil {
		return a.fill(ctx, records)
	}
	return a.Log.Fill(ctx, records)
}

// head is where the stream stands.
func (a altered) head(stream string) (at eventlog.Head) {
	for r := range a.Log.Read(context.Background(), stream, eventlog.Head{}) {
		at = r.Head
	}
	return at
}

// press keeps the commit at the stream's end, whatever its id.
func (a altered) press(ctx context.Context, c eventlog.Commit) (eventlog.Record, error) {
	for {
		_, sealed, err := eventlog.Seal(a.head(c.Stream), c)
		if err != nil {
			return eventlog.Record{}, err
		}
		r, err := eventlog.Open(sealed)
		if err != nil {
			return r, err
		}
		if _, err = a.Log.Fill(ctx, recordsOf([]eventlog.Record{r})); err == nil {
			for kept := range a.Log.Read(ctx, c.Stream, eventlog.Head{}) {
				if kept.Version == r.Version {
					return kept, nil
				}
			}
		}
	}
}

// sabotages are what can be wrong with a log, each with the check that finds it
// out and the words in which it does.
var sabotages = []struct {
	what  string
	do    func(*altered)
	group string
	check string
	words string
}{
	{"the head is not looked at", func(a *altered) {
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			r, err := a.Log.Append(ctx, at, c)
			if errors.Is(err, eventlog.ErrConflict) {
				return a.press(ctx, c)
			}
			return r, err
		}
	}, "racing", "each stream is a register that behaves as if one clerk kept it", "no order of its"},
	{"a loser is told the wrong place", func(a *altered) {
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			r, err := a.Log.Append(ctx, at, c)
			if errors.Is(err, eventlog.ErrConflict) {
				err = &eventlog.Conflict{Actual: at}
			}
			return r, err
		}
	}, "racing", "each stream is a register that behaves as if one clerk kept it", "no order of its"},
	{"every other reading is a moment old", func(a *altered) {
		var n atomic.Int64
		a.read = func(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
			end := a.head(stream)
			return func(yield func(eventlog.Record, error) bool) {
				for r, err := range a.Log.Read(ctx, stream, after) {
					if err == nil && r.Head == end && n.Add(1)%2 == 0 {
						return
					}
					if !yield(r, err) {
						return
					}
				}
			}
		}
	}, "racing", "each stream is a register that behaves as if one clerk kept it", "no order of its"},
	{"a retry is kept again", func(a *altered) {
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			before := a.head(c.Stream)
			r, err := a.Log.Append(ctx, at, c)
			if err == nil && r.Head.Length <= before.Length {
				return a.press(ctx, c)
			}
			return r, err
		}
	}, "racing", "every command comes three times in any order, and is kept once", "record 0:"},
	{"a retry is known only at its own head", func(a *altered) {
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			r, err := a.Log.Append(ctx, at, c)
			if err == nil && r.Version != at.Length {
				return eventlog.Record{}, &eventlog.Conflict{Actual: a.head(c.Stream)}
			}
			return r, err
		}
	}, "asking again", "a retry at any head finds itself after later commits", "has moved on"},
	{"an id is known whatever stands under it", func(a *altered) {
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			r, err := a.Log.Append(ctx, at, c)
			if errors.Is(err, eventlog.ErrReused) {
				err = nil
			}
			return r, err
		}
	}, "asking again", "an id used for something else is refused, at whatever head", "want this command id was used"},
	{"an id is known in every stream", func(a *altered) {
		var mu sync.Mutex
		known := map[string]eventlog.Record{}
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			mu.Lock()
			defer mu.Unlock()
			if r, ok := known[c.ID]; ok {
				return r, nil
			}
			r, err := a.Log.Append(ctx, at, c)
			if err == nil {
				known[c.ID] = r
			}
			return r, err
		}
	}, "asking again", "the same id may stand in two streams", "was taken for the first's"},
	{"every seventh append is answered and not kept", func(a *altered) {
		var n atomic.Int64
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			if n.Add(1)%7 != 0 {
				return a.Log.Append(ctx, at, c)
			}
			_, sealed, err := eventlog.Seal(at, c)
			if err != nil {
				return eventlog.Record{}, err
			}
			r, err := eventlog.Open(sealed)
			r.Position, r.Head.Revision = eventlog.PositionAt(1<<20), eventlog.RevisionAt(1<<20)
			return r, err
		}
	}, "reading", "reading starts anywhere and gives the rest in order", "got 6 records, want 7"},
	{"of a commit of many events the last is lost", func(a *altered) {
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			if len(c.Events) > 2 {
				c.Events = c.Events[:len(c.Events)-1]
			}
			return a.Log.Append(ctx, at, c)
		}
	}, "appending", "one event and a hundred keep their order", "read 2 commits"},
	{"a follower passes over a record", func(a *altered) {
		a.follow = func(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
			return func(yield func(eventlog.Record, error) bool) {
				for r, err := range a.Log.Follow(ctx, after) {
					if r.Position.Token() != 13 && !yield(r, err) {
						return
					}
				}
			}
		}
	}, "following", "followers from the start, the midst and the end see the same order while writers run", "followed 399 records"},
	{"a follower gets two records in the wrong order", func(a *altered) {
		a.follow = func(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
			return func(yield func(eventlog.Record, error) bool) {
				var held *eventlog.Record
				for r, err := range a.Log.Follow(ctx, after) {
					if err == nil && r.Position.Token() == 8 {
						held = &r
						continue
					}
					if !yield(r, err) || held != nil && !yield(*held, nil) {
						return
					}
					held = nil
				}
			}
		}
	}, "following", "following starts anywhere and gives every record after it once, in the log's order", "record 7:"},
	{"a follower gets a record twice", func(a *altered) {
		a.follow = func(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
			return func(yield func(eventlog.Record, error) bool) {
				for r, err := range a.Log.Follow(ctx, after) {
					if !yield(r, err) || err == nil && r.Position.Token() == 9 && !yield(r, nil) {
						return
					}
				}
			}
		}
	}, "following", "following starts anywhere and gives every record after it once, in the log's order", "record 9:"},
	{"a follower leaves out what was recorded before what it gave", func(a *altered) {
		a.follow = func(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
			return func(yield func(eventlog.Record, error) bool) {
				var last time.Time
				for r, err := range a.Log.Follow(ctx, after) {
					if err == nil && r.RecordedAt.Before(last) {
						continue
					}
					if last = r.RecordedAt; !yield(r, err) {
						return
					}
				}
			}
		}
	}, "following", "a clock that jumps moves no record from its place", "records, want 54"},
	{"a follower is shown what cannot be read yet", func(a *altered) {
		a.read = func(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
			end := a.head(stream)
			return func(yield func(eventlog.Record, error) bool) {
				for r, err := range a.Log.Read(ctx, stream, after) {
					if r.Head == end || !yield(r, err) {
						return
					}
				}
			}
		}
	}, "following", "a deed can be read as soon as a follower has shown it", "a follower saw version"},
	{"a writer waits for a slow follower", func(a *altered) {
		var busy atomic.Int64
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			for busy.Load() > 0 {
				if runtime.Gosched(); ctx.Err() != nil {
					return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, ctx.Err())
				}
			}
			return a.Log.Append(ctx, at, c)
		}
		a.follow = func(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
			return func(yield func(eventlog.Record, error) bool) {
				for r, err := range a.Log.Follow(ctx, after) {
					busy.Add(1)
					more := yield(r, err)
					busy.Add(-1)
					if !more {
						return
					}
				}
			}
		}
	}, "following", "a slow follower does not hold the writers up, and misses nothing", "deadline exceeded"},
	{"a follower who left leaves something running", func(a *altered) {
		a.follow = func(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
			go func() { select {} }()
			return a.Log.Follow(ctx, after)
		}
	}, "following", "a follower who leaves is let go at once and leaves nothing running", "goroutines before"},
	{"writers wait for a moment without readers", func(a *altered) {
		var readers atomic.Int64
		a.append = func(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
			for readers.Load() > 0 {
				if runtime.Gosched(); ctx.Err() != nil {
					return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, ctx.Err())
				}
			}
			return a.Log.Append(ctx, at, c)
		}
		a.read = func(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
			return func(yield func(eventlog.Record, error) bool) {
				readers.Add(1)
				defer readers.Add(-1)
				runtime.Gosched()
				a.Log.Read(ctx, stream, after)(yield)
			}
		}
	}, "racing", "among many streams a hundred readers and some writers all come on", "starved"},
	{"a filling exchanges two records", func(a *altered) {
		a.fill = func(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (int64, error) {
			var all []eventlog.Record
			for r, err := range records {
				if err != nil {
					return 0, err
				}
				all = append(all, r)
			}
			for i := 1; i < len(all); i++ {
				if all[i].Stream != all[i-1].Stream {
					all[i-1], all[i] = all[i], all[i-1]
					break
				}
			}
			return a.Log.Fill(ctx, recordsOf(all))
		}
	}, "filling", "a filled log holds the same bytes in the same order, and the same heads", "record "},
	{"a filling says it kept what it did not", func(a *altered) {
		a.fill = func(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (int64, error) {
			kept, err := a.Log.Fill(ctx, records)
			if err != nil {
				kept++
			}
			return kept, err
		}
	}, "filling", "what breaks off the records breaks off the filling, and a prefix stays", "are said to be kept"},
}

// overNetwork are what can be wrong with the client of a log that is reached
// over a network.
var overNetwork = []struct {
	what  string
	do    func(eventlog.Log) eventlog.Log
	check string
	words string
}{
	{"what is not known is told as not kept", func(l eventlog.Log) eventlog.Log { return denier{l} },
		"an answer that is lost after the commit was kept is found out", "told it was not"},
	{"what is not known is done again under another name", func(l eventlog.Log) eventlog.Log { return doubler{l} },
		"an answer that is lost after the commit was kept is found out", "c2-again"},
	{"deadlines are not heard", func(l eventlog.Log) eventlog.Log { return deaf{l} },
		"a caller is let go at his deadline while the servers are silent", "want the context's error"},
	{"a follower that comes back goes on one record later", func(l eventlog.Log) eventlog.Log { return hasty{l} },
		"followers see every record once over cuts, silence and every upset", "a follower saw"},
}

// denier tells nobody that something is not known.
type denier struct{ eventlog.Log }

func (d denier) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	r, err := d.Log.Append(ctx, at, c)
	if errors.Is(err, eventlog.ErrUnknown) {
		err = eventlog.ErrUnavailable
	}
	return r, err
}

// doubler appends what may have been kept again, behind itself.
type doubler struct{ eventlog.Log }

func (d doubler) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	r, err := d.Log.Append(ctx, at, c)
	if !errors.Is(err, eventlog.ErrUnknown) {
		return r, err
	}
	c.ID += "-again"
	var moved *eventlog.Conflict
	for give := time.Now().Add(patience); err != nil && time.Now().Before(give); {
		if r, err = d.Log.Append(context.WithoutCancel(ctx), at, c); errors.As(err, &moved) {
			at = moved.Actual
		}
	}
	return r, err
}

// deaf hears nobody who leaves.
type deaf struct{ eventlog.Log }

func (d deaf) End(ctx context.Context) (eventlog.Position, error) {
	return d.Log.End(context.WithoutCancel(ctx))
}

// hasty skips a record whenever a following begins in the midst.
type hasty struct{ eventlog.Log }

func (h hasty) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		skip := !after.IsStart()
		for r, err := range h.Log.Follow(ctx, after) {
			if skip && err == nil {
				skip = false
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// TestTheContractFindsOut runs, for each thing that can be wrong with a log, this
// test program again with such a log, and wants the check that is there for it
// to fail and to say why.
func TestTheContractFindsOut(t *testing.T) {
	if what := os.Getenv(sabotaged); what != "" {
		sabotage(t, what)
		return
	}
	var caught atomic.Int64
	t.Cleanup(func() { t.Logf("%d of %d caught", caught.Load(), len(sabotages)+len(overNetwork)) })
	find := func(what, path, words string) {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			child := exec.Command(os.Args[0], "-test.run=^"+t.Name()[:strings.Index(t.Name(), "/")]+"$/"+path, "-test.v")
			child.Env = append(os.Environ(), sabotaged+"="+what)
			said, err := child.CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("nobody noticed:\n%s", said)
			case !strings.Contains(string(said), words):
				t.Errorf("it was noticed, but nobody says %q:\n%.4000s", words, said)
			default:
				caught.Add(1)
			}
		})
	}
	for _, s := range sabotages {
		find(s.what, exactly(s.group)+"/"+exactly(s.check), s.words)
	}
	for _, s := range overNetwork {
		find(s.what, "^reached$/"+exactly(s.check), s.words)
	}
}

// exactly is the pattern of a subtest of that name.
func exactly(name string) string {
	return "^" + regexp.QuoteMeta(strings.ReplaceAll(name, " ", "_")) + "$"
}

// sabotage runs the contract against a log of which that is wrong.
func sabotage(t *testing.T, what string) {
	for _, s := range sabotages {
		if s.what == what {
			open := func(*testing.T) eventlog.Filler {
				a := &altered{Log: memory.New()}
				s.do(a)
				return *a
			}
			Run(t, func(t *testing.T) eventlog.Log { return open(t) })
			t.Run("filling", func(t *testing.T) { RunFilled(t, open) })
		}
	}
	for _, s := range overNetwork {
		if s.what == what {
			t.Run("reached", func(t *testing.T) { RunReached(t, func(t *testing.T) Reached { return oneServer(t, s.do) }) })
		}
	}
}

// oneServer is a log reached over a network, whose client is what of makes it.
func oneServer(t *testing.T, of func(eventlog.Log) eventlog.Log) Reached {
	t.Helper()
	c, err := standin.Start(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := eventstoredb.Create(t.Context(), c.URL(), eventlog.NewGenesis("3301"), eventstoredb.Options{}); err != nil {
		t.Fatal(err)
	}
	return Reached{
		Servers: []string{c.Address(0)},
		Dial: func(t *testing.T, via map[string]string) (eventlog.Log, error) {
			to := cmp.Or(via[c.Address(0)], c.Address(0))
			log, err := eventstoredb.Dial(t.Context(), strings.Replace(c.URL(), c.Address(0), to, 1), eventstoredb.Options{Patience: time.Second})
			if err != nil {
				return nil, err
			}
			t.Cleanup(func() { log.Close() })
			return of(log), nil
		},
		Upsets: map[string]func(*testing.T){"restart": func(t *testing.T) {
			c.Stop(0)
			if err := c.Restart(0); err != nil {
				t.Error(err)
			}
		}},
	}
}
