package wire

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"doorstep/cmd/internal/democourt"
	"doorstep/domain/eventlog"
)

// benchCourt is a folder that holds the demo year of so many courts.
func benchCourt(b *testing.B, years int) *Court {
	b.Helper()
	court, err := Open(b.Context(), Config{Data: b.TempDir(), Create: true, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := court.Close(); err != nil {
			b.Error(err)
		}
	})
	for i := range years {
		importYear(b, court, strconv.Itoa(i))
	}
	return court
}

func importYear(b testing.TB, court *Court, code string) (rows int64) {
	b.Helper()
	book, err := democourt.Book()
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	importer := court.Importer()
	importer.Court = code
	report, err := importer.Run(b.Context(), book, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer report.Close()
	return report.Accepted + report.Unchanged
}

// BenchmarkImport imports the demo year into a durable log on this disk.
func BenchmarkImport(b *testing.B) {
	court := benchCourt(b, 0)
	var rows int64
	i := 0
	for b.Loop() {
		rows += importYear(b, court, "bench-"+strconv.Itoa(i))
		i++
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkRebuild folds all views from scratch, beside the bare reading of the
// same log in the same run.
func BenchmarkRebuild(b *testing.B) {
	court := benchCourt(b, 10)
	var events int64
	var raw, rebuild time.Duration
	for b.Loop() {
		started := time.Now()
		n := readAll(b, court.Log)
		raw += time.Since(started)
		started = time.Now()
		rebuildViews(b, court)
		rebuild += time.Since(started)
		events += n
	}
	b.ReportMetric(float64(events)/raw.Seconds(), "raw-events/s")
	b.ReportMetric(float64(events)/rebuild.Seconds(), "rebuilt-events/s")
	b.ReportMetric(raw.Seconds()/rebuild.Seconds(), "of-raw")
}

func readAll(b *testing.B, log eventlog.Log) (events int64) {
	b.Helper()
	end, err := log.End(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for r, err := range log.Follow(b.Context(), eventlog.Position{}) {
		if err != nil {
			b.Fatal(err)
		}
		events += int64(len(r.Events))
		if r.Position == end {
			break
		}
	}
	return events
}

func rebuildViews(b *testing.B, court *Court) {
	b.Helper()
	views, err := openViews(b.TempDir(), court.Log, court.Now, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	run, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- views.Follower.Run(run) }()
	if err := views.Follower.CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	stop()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	if err := views.close(); err != nil {
		b.Fatal(err)
	}
}
