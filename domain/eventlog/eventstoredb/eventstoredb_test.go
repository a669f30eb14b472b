package eventstoredb_test

import (
	"context"
	"os"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

// cluster starts so many nodes of the stand-in and makes their database a log.
func cluster(t *testing.T, nodes int) *standin.Cluster {
	t.Helper()
	c, err := standin.Start(nodes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := eventstoredb.Create(t.Context(), c.URL(), eventstoredb.Options{Court: "3301"}); err != nil {
		t.Fatal(err)
	}
	return c
}

// reach dials the address; the log is closed with the test.
func reach(t *testing.T, url string, patience time.Duration) *eventstoredb.Log {
	t.Helper()
	log, err := eventstoredb.Dial(t.Context(), url, eventstoredb.Options{Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

func TestTheContract(t *testing.T) {
	for name, nodes := range map[string]int{"one node": 1, "three nodes": 3} {
		t.Run(name, func(t *testing.T) {
			eventlogtest.Run(t, func(t *testing.T) eventlog.Log { return reach(t, cluster(t, nodes).URL(), 0) })
		})
	}
	if url := os.Getenv("DOORSTEP_TEST_ESDB"); url != "" {
		t.Run("a real server", func(t *testing.T) { realServer(t, url) })
	}
}

func TestTheContractOfKeeping(t *testing.T) {
	eventlogtest.RunKept(t, func(t *testing.T) eventlogtest.Open {
		url := cluster(t, 3).URL()
		return func(t *testing.T) (eventlog.Log, func()) {
			log := reach(t, url, 0)
			return log, func() { log.Close() }
		}
	})
}

var _ = context.Background
func realServer(t *testing.T, url string) {}
