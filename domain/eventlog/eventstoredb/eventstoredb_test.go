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
		eventlogtest.Run(t, func(t *testing.T) eventlog.Log { return reach(t, cluster(t, 3).URL(), patient) })
	})
	t.Run("two programs at one node", func(t *testing.T) {
		eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
			url := cluster(t, 1).URL()
			return &turns{logs: []eventlog.Log{reach(t, url, patient), reach(t, url, patient)}}
		})
	})
	t.Run("one database for all", func(t *testing.T) {
		url := cluster(t, 1).URL()
		eventlogtest.Run(t, func(t *testing.T) eventlog.Log { return later(t, url) })
	})
	if url := os.Getenv("DOORSTEP_TEST_ESDB"); url != "" {
		t.Run("a real server", func(t *testing.T) { realServer(t, url) })
	}
}

func TestTheContractOfKeeping(t *testing.T) {
	eventlogtest.RunKept(t, func(t *testing.T) eventlogtest.Open {
		url := cluster(t, 3).URL()
		return func(t *testing.T) (eventlog.Log, func()) {
			log := reach(t, url, patient)
			return log, func() { log.Close() }
		}
	})
}

// realServer runs both contracts against the server at the address.
func realServer(t *testing.T, url string) {
	if err := eventstoredb.Create(t.Context(), url, eventlog.NewGenesis("3301"), eventstoredb.Options{}); err != nil {
		t.Fatalf("%v (the contract wants a database that is empty)", err)
	}
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log { return later(t, url) })
	eventlogtest.RunKept(t, func(t *testing.T) eventlogtest.Open {
		began := later(t, url).began
		return func(t *testing.T) (eventlog.Log, func()) {
			log := reach(t, url, patient)
			return since{log, began}, func() { log.Close() }
		}
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
