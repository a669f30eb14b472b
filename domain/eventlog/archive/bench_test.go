package archive

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
)

// length is how many commits a measured backup holds.
const length = 100_000

// year gives the records of a log of so many commits, made as they are asked
// for, so that memory that grows is the archive's own.
func year(b *testing.B, n int) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		heads := make([]eventlog.Head, n/4)
		for i := range n {
			s := i % len(heads)
			_, sealed, err := eventlog.Seal(heads[s], eventlogtest.Commit(fmt.Sprint("dispute-", s), fmt.Sprint("c", i), 1))
			if err != nil {
				b.Fatal(err)
			}
			r, err := eventlog.Open(sealed)
			heads[s] = r.Head
			r.Position = eventlog.PositionAt(uint64(i + 1))
			if !yield(r, err) {
				return
			}
		}
	}
}

// BenchmarkRecords is the making of the records alone, to be taken off from
// BenchmarkCreate.
func BenchmarkRecords(b *testing.B) {
	for range b.N {
		for _, err := range year(b, length) {
			must(b, err)
		}
	}
	b.ReportMetric(length*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkCreate writes a backup, syncs it, and reads it back with all checks.
func BenchmarkCreate(b *testing.B) {
	to, _ := pair(b)
	dir := b.TempDir()
	for range b.N {
		_, l, err := Create(context.Background(), dir, Header{Genesis: genesis}, "", to, year(b, length))
		must(b, err)
		b.ReportMetric(float64(l.Size)/length, "B/commit")
	}
	b.ReportMetric(length*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkVerify opens a backup and checks all of it.
func BenchmarkVerify(b *testing.B) {
	to, with := pair(b)
	path, _, err := Create(context.Background(), b.TempDir(), Header{Genesis: genesis}, "", to, year(b, length))
	must(b, err)
	for b.Loop() {
		a, err := Open(path, with)
		must(b, err)
		_, err = a.Verify()
		must(b, err)
		must(b, a.Close())
	}
	b.ReportMetric(length*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
