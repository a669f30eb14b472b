package benchmarks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"doorstep/domain/eventlog"
)

const (
	coldLoads = 40
	warmLoads = 1000
)

// loads is how long loading one dispute took, sorted.
type loads struct{ cold, warm []time.Duration }

// measureLoads loads disputes from all over the log: with nothing in the
// operating system's cache, each time anew, and then with everything in it.
func measureLoads(tb testing.TB, c contender, dir string, disputes int) loads {
	tb.Helper()
	var l loads
	for i := range coldLoads {
		must(tb, evict(dir))
		took, _ := loadOne(tb, c, stream(disputes*(2*i+1)/(2*coldLoads)))
		l.cold = append(l.cold, took)
	}
	must(tb, fetch(dir))
	chance := rand.New(rand.NewPCG(3, 4))
	for range warmLoads {
		took, _ := loadOne(tb, c, stream(chance.IntN(disputes)))
		l.warm = append(l.warm, took)
	}
	slices.Sort(l.cold)
	slices.Sort(l.warm)
	return l
}

// loadOne loads a dispute and gives how long that took and how many commits it
// has. One without any was not loaded.
func loadOne(tb testing.TB, c contender, stream string) (time.Duration, int) {
	tb.Helper()
	var commits []eventlog.Record
	began := time.Now()
	for r, err := range c.load(context.Background(), stream) {
		must(tb, err)
		commits = append(commits, r)
	}
	took := time.Since(began)
	if len(commits) == 0 {
		tb.Fatalf("%s: %s is empty", c.name(), stream)
	}
	return took, len(commits)
}

// reportLoads prints how long loading one dispute takes.
func reportLoads(sizes []size) {
	fmt.Println("\n### Loading one dispute")
	head("records", "disputes", "Doorstep, p50", "p99", "cold p50", "cold, longest", "PostgreSQL, p50", "p99", "cold p50", "cold, longest")
	for _, s := range sizes {
		cells := []string{count(s.records), count(s.disputes)}
		for _, n := range []string{"Doorstep", "PostgreSQL"} {
			l := s.load[n]
			cells = append(cells, span(at(l.warm, 0.5)), span(at(l.warm, 0.99)), span(at(l.cold, 0.5)), span(at(l.cold, 1)))
		}
		row(cells...)
	}
}
