package benchmarks

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
)

// writers is how many append at once.
var writers = []int{1, 16, 64, 256}

// warming goes before each measuring and is not counted.
const warming = 300 * time.Millisecond

// series is what was measured of one contender with one number of writers, a
// figure for each round.
type series struct {
	rates    []float64 // appends in a second
	p50, p99 []time.Duration
}

// BenchmarkAppend has the contenders append the same commits, in turns: every
// round measures each of them with every number of writers, and each round
// begins with another of them.
func BenchmarkAppend(b *testing.B) {
	for range b.N {
		dir := workplace(b)
		pg := newPostgres(b, within(dir, "pg"), slices.Max(writers))
		pg.exec(b, keys)
		pg.prepare(b)
		all := []contender{
			newDoorstep(b, within(dir, "grouped"), "Doorstep", jetstream.Options{}),
			newDoorstep(b, within(dir, "each"), "synced each", jetstream.Options{SyncEach: true}),
			pg,
		}
		of := appendInTurns(b, all)
		fmt.Printf("\n### Durable appends beside PostgreSQL %s and syncing each, %d rounds\n", pg.version(b), *rounds)
		reportAppends(b, of)
		for _, c := range all {
			must(b, c.Close())
		}
	}
}

// appendInTurns gives for each contender's name and number of writers what was
// measured.
func appendInTurns(tb testing.TB, all []contender) map[string]map[int]*series {
	tb.Helper()
	of := map[string]map[int]*series{}
	for _, c := range all {
		of[c.name()] = map[int]*series{}
		for _, w := range writers {
			of[c.name()][w] = &series{}
		}
	}
	for round := range *rounds {
		for _, w := range writers {
			for i := range all {
				c := all[(round+i)%len(all)]
				settle()
				measure(tb, c, w, round, of[c.name()][w])
			}
		}
	}
	return of
}

// measure has w writers append for so many seconds, each to streams of its own.
func measure(tb testing.TB, c contender, w, round int, s *series) {
	tb.Helper()
	took := make([][]time.Duration, w)
	from := time.Now().Add(warming)
	until := from.Add(time.Duration(*seconds * float64(time.Second)))
	var writing sync.WaitGroup
	for i := range w {
		writing.Go(func() {
			var head eventlog.Head
			for n := 0; ; n++ {
				if n%perDispute == 0 {
					head = eventlog.Head{}
				}
				name := stream(((w*1000+round)*1000+i)*1_000_000 + n/perDispute)
				commit := deed(name, n)
				began := time.Now()
				if began.After(until) {
					return
				}
				after, err := c.append(context.Background(), i, head, commit)
				if err != nil {
					tb.Errorf("%s: %v", c.name(), err)
					return
				}
				head = after
				if ended := time.Now(); ended.After(from) && ended.Before(until) {
					took[i] = append(took[i], ended.Sub(began))
				}
			}
		})
	}
	writing.Wait()
	sorted := slices.Sorted(slices.Values(slices.Concat(took...)))
	if len(sorted) == 0 {
		tb.Fatalf("%s appended nothing with %d writers", c.name(), w)
	}
	s.rates = append(s.rates, float64(len(sorted)) / *seconds)
	s.p50, s.p99 = append(s.p50, at(sorted, 0.5)), append(s.p99, at(sorted, 0.99))
}

// reportAppends prints the medians of the rounds and the ratios.
func reportAppends(b *testing.B, of map[string]map[int]*series) {
	names := []string{"Doorstep", "PostgreSQL", "synced each"}
	cells := []string{"writers"}
	for _, n := range names {
		cells = append(cells, n+", appends/s", "p50", "p99")
	}
	head(append(cells, "to PostgreSQL", "to synced each")...)
	for _, w := range writers {
		cells := []string{fmt.Sprint(w)}
		for _, n := range names {
			s := of[n][w]
			cells = append(cells, count(median(s.rates)), span(median(s.p50)), span(median(s.p99)))
		}
		beside, each := ratioOf(of["Doorstep"][w].rates, of["PostgreSQL"][w].rates), ratioOf(of["Doorstep"][w].rates, of["synced each"][w].rates)
		row(append(cells, beside.String(), each.String())...)
		b.ReportMetric(beside.median, fmt.Sprintf("x-postgres-%d", w))
	}
	fmt.Println()
}
