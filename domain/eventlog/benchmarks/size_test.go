package benchmarks

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
)

// size is all that is measured of a log of some length.
type size struct {
	records, disputes int
	bytes             int64
	filled            time.Duration
	load              map[string]loads // by contender
	starts            []started        // of each kind of start
}

// BenchmarkSize measures what grows with the log: loading one dispute, memory,
// and starting.
func BenchmarkSize(b *testing.B) {
	for range b.N {
		var sizes []size
		for _, n := range strings.Split(*records, ",") {
			n, err := strconv.Atoi(n)
			must(b, err)
			sizes = append(sizes, measureSize(b, n))
		}
		reportLoads(sizes)
		reportStarts(sizes)
		reportMemory(b, sizes)
	}
}

func measureSize(b *testing.B, n int) size {
	b.Helper()
	s := size{records: n, load: map[string]loads{}}
	dir := workplace(b)
	began := time.Now()
	s.disputes = filled(b, within(dir, "court"), n)
	s.filled = time.Since(began)
	var err error
	s.bytes, err = bytesIn(within(dir, "court"))
	must(b, err)
	s.starts = measureStarts(b, within(dir, "court"))
	log, err := jetstream.Open(within(dir, "court"), jetstream.Options{})
	must(b, err)
	s.load["Doorstep"] = measureLoads(b, doorstep{log, "Doorstep"}, within(dir, "court"), s.disputes)
	must(b, log.Close())

	pg := newPostgres(b, within(dir, "pg"), 1)
	pg.fill(b, (&court{n: n}).records())
	must(b, pg.stop()) // its buffers are cold too after a start
	pg.start(b)
	pg.writers = append(pg.writers, pg.connect(b))
	pg.prepare(b)
	s.load["PostgreSQL"] = measureLoads(b, pg, within(dir, "pg", "data"), s.disputes)
	must(b, pg.Close())
	return s
}

// filled makes a log of n records and gives how many disputes they are.
func filled(tb testing.TB, dir string, n int) int {
	tb.Helper()
	log := newDoorstep(tb, dir, "", jetstream.Options{})
	c := &court{n: n}
	kept, err := log.Fill(context.Background(), c.records())
	must(tb, err)
	if kept != int64(n) {
		tb.Fatalf("%d records were kept, want %d", kept, n)
	}
	must(tb, log.Close())
	return c.disputes
}

func TestACourtFillsALogThatVerifies(t *testing.T) {
	const n = 3000
	dir := within(t.TempDir(), "court")
	disputes := filled(t, dir, n)
	log, err := jetstream.Open(dir, jetstream.Options{})
	must(t, err)
	defer log.Close()
	report, err := eventlog.Verify(context.Background(), log)
	must(t, err)
	if report.Commits != n || report.Streams != int64(disputes) {
		t.Errorf("%+v, want %d commits of %d disputes", report, n, disputes)
	}
	again := map[string]int{}
	for r, err := range (&court{n: n}).records() {
		must(t, err)
		again[r.Stream]++
		if len(r.Sealed) < 400 || len(r.Sealed) > 700 {
			t.Fatalf("a commit has %d bytes", len(r.Sealed))
		}
	}
	some := slices.Sorted(func(yield func(string) bool) {
		for s := range again {
			if !yield(s) {
				return
			}
		}
	})[:20]
	for _, s := range some {
		if _, n := loadOne(t, doorstep{log, ""}, s); n != again[s] {
			t.Errorf("%d commits of %s loaded, want %d", n, s, again[s])
		}
	}
}

// reportMemory prints what the opened log takes, and what a million disputes
// add to it: the longest log less the shortest, by the disputes between them.
func reportMemory(b *testing.B, sizes []size) {
	fmt.Println("\n### Memory of the process that has the log open")
	head("records", "disputes", "on disk", "heap", "resident", "most while starting", "most while starting after a kill")
	for _, s := range sizes {
		clean, killed := s.starts[0], s.starts[1]
		row(count(s.records), count(s.disputes), mebi(s.bytes), mebi(clean.Heap), mebi(clean.Resident), mebi(clean.Peak), mebi(killed.Peak))
	}
	least, most := sizes[0], sizes[len(sizes)-1]
	if d := most.disputes - least.disputes; d > 0 {
		each := func(f func(started) int64) int64 {
			return (f(most.starts[0]) - f(least.starts[0])) * 1_000_000 / int64(d)
		}
		heap, resident := each(func(s started) int64 { return s.Heap }), each(func(s started) int64 { return s.Resident })
		fmt.Printf("\nA million disputes add %s of heap, %s resident.\n", mebi(heap), mebi(resident))
		b.ReportMetric(float64(resident)/(1<<20), "MiB/million-disputes")
	}
	fmt.Println()
}

func mebi(n int64) string { return count(n>>20) + " MiB" }
