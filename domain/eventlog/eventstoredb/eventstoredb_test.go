package eventstoredb_test

import (
	"context"
	"iter"
	"os"
	"sync/atomic"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb"
)

// TestTheContract runs on the stand-in, and on a real server when
// DOORSTEP_TEST_ESDB has the address of one whose database is empty
// (esdb://localhost:2113?tls=false, say, of a node started with --mem-db).
func TestTheContract(t *testing.T) {
	t.Run("three nodes", func(t *testing.T) {
		eventlogtest.Engine{
			Name:  "esdb",
			Open:  func(t *testing.T) eventlog.Log { return reach(t, cluster(t, 3).URL(), patient) },
			Fill:  func(t *testing.T) eventlog.Filler { return reach(t, cluster(t, 3).URL(), patient) },
			Place: func(t *testing.T) eventlogtest.Open { return place(cluster(t, 3).URL()) },
			Reach: func(t *testing.T) eventlogtest.Reached { return reached(t, cluster(t, 3), 3) },
		}.Prove(t)
	})
	t.Run("two programs at one node", func(t *testing.T) {
		eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
			url := cluster(t, 1).URL()
			return &turns{logs: []eventlog.Log{reach(t, url, patient), reach(t, url, patient)}}
		})
	})
	t.Run("one database for all", func(t *testing.T) { oneDatabase(t, cluster(t, 1).URL()) })
	if url := os.Getenv("DOORSTEP_TEST_ESDB"); url != "" {
		t.Run("a real server", func(t *testing.T) { realServer(t, url) })
	}
}

func place(url string) eventlogtest.Open {
	return func(t *testing.T) (eventlog.Log, func()) {
		log := reach(t, url, patient)
		return log, func() { log.Close() }
	}
}

// oneDatabase runs the contracts on a database that already holds what the
// checks before put there, as a real server's does.
func oneDatabase(t *testing.T, url string) {
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log { return later(t, url) })
	t.Run("keeping", func(t *testing.T) {
		eventlogtest.RunKept(t, func(t *testing.T) eventlogtest.Open {
			began := later(t, url).began
			return func(t *testing.T) (eventlog.Log, func()) {
				log := reach(t, url, patient)
				return since{log, began}, func() { log.Close() }
			}
		})
	})
	t.Run("filling", func(t *testing.T) {
		eventlogtest.RunFilled(t, func(t *testing.T) eventlog.Filler { return later(t, url) })
	})
}

// realServer runs all contracts against the server at the address. What befalls
// happens on the way to it: nobody restarts it.
func realServer(t *testing.T, url string) {
	if err := eventstoredb.Create(t.Context(), url, eventlog.NewGenesis("3301"), eventstoredb.Options{}); err != nil {
		t.Fatalf("%v (the contract wants a database that is empty)", err)
	}
	oneDatabase(t, url)
	t.Run("reached", func(t *testing.T) {
		eventlogtest.RunReached(t, func(t *testing.T) eventlogtest.Reached {
			began := later(t, url).began
			servers, err := eventstoredb.Servers(url)
			if err != nil {
				t.Fatal(err)
			}
			return eventlogtest.Reached{Servers: servers, Dial: func(t *testing.T, via map[string]string) (eventlog.Log, error) {
				log, err := dialVia(t, url, via)
				if err != nil {
					return nil, err
				}
				return since{log, began}, nil
			}}
		})
	})
}

// since is a log as it would be had it begun where it stood at some time: what
// the contract needs, which wants an empty log for every check, of a database
// that nobody can empty.
type since struct {
	*eventstoredb.Log
	began eventlog.Position
}

// later gives the log of the database as if it began now.
func later(t *testing.T, url string) since {
	t.Helper()
	log := reach(t, url, patient)
	now, err := log.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return since{log, now}
}

func (s since) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	if after.IsStart() {
		after = s.began
	}
	return s.Log.Follow(ctx, after)
}

func (s since) End(ctx context.Context) (eventlog.Position, error) {
	end, err := s.Log.End(ctx)
	if end == s.began {
		return eventlog.Position{}, err
	}
	return end, err
}

// turns is one database reached by several programs, of which a different one
// does each thing.
type turns struct {
	logs []eventlog.Log
	n    atomic.Int64
}

func (s *turns) next() eventlog.Log { return s.logs[int(s.n.Add(1))%len(s.logs)] }

func (s *turns) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	return s.next().Append(ctx, at, c)
}

func (s *turns) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return s.next().Read(ctx, stream, after)
}

func (s *turns) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return s.next().Follow(ctx, after)
}

func (s *turns) End(ctx context.Context) (eventlog.Position, error) { return s.next().End(ctx) }
