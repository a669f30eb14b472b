package jetstream_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
)

// perStream is how many commits a benchmark's stream gets: a case's life.
const perStream = 8

// benchLog makes and opens a log for a benchmark.
func benchLog(b *testing.B, o jetstream.Options) *jetstream.Log {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "court")
	if err := jetstream.Create(dir, eventlog.NewGenesis(""), o); err != nil {
		b.Fatal(err)
	}
	log, err := jetstream.Open(dir, o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := log.Close(); err != nil {
			b.Error(err)
		}
	})
	return log
}

// deed is a commit of about 600 bytes, as a session with its outcome is.
func deed(stream string, n int64) eventlog.Commit {
	return eventlog.Commit{
		ID: fmt.Sprintf("6f1d2c3b4a59%020d", n), Stream: stream, Actor: "u-mediator-17", Workstation: "ws-yuhua-3",
		RecordedAt:  time.Date(2026, 3, 2, 1, 30, 0, int(n%1e6)*1000, time.UTC),
		Correlation: "imp-2026-03-02", Causation: fmt.Sprintf("cmd-%024d", n),
		Events: []eventlog.Event{{
			Kind: "session-held", Version: 1, Happened: "2026-03-01T14:30",
			Payload: json.RawMessage(fmt.Sprintf(`{"session":%d,"room":"二楼调解室","present":["p-1","p-2"],"note":"双方就还款期限初步达成一致，下次调解前提交还款计划。","mediator":"m-104"}`, n)),
		}, {
			Kind: "extension-agreed", Version: 1, Happened: "2026-03-01", Payload: json.RawMessage(`{"until":"2026-04-15","days":30}`),
		}},
	}
}

// benchReplay is the length of the log that is read whole.
const benchReplay = 60_000

func BenchmarkReplay(b *testing.B) {
	log := benchLog(b, jetstream.Options{})
	fill(b, log, benchReplay)
	events := 0
	b.ResetTimer()
	for range b.N {
		n := 0
		for r, err := range log.Follow(context.Background(), eventlog.Position{}) {
			if err != nil {
				b.Fatal(err)
			}
			events += len(r.Events)
			if n++; n == benchReplay {
				break
			}
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(events)/2/b.Elapsed().Seconds(), "commits/s")
	b.SetBytes(0)
}

// fill appends n commits with 64 writers.
func fill(b *testing.B, log eventlog.Log, n int) {
	b.Helper()
	const writers = 64
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			var at eventlog.Head
			stream := ""
			for i := w; i < n; i += writers {
				if at.Length%perStream == 0 {
					stream, at = fmt.Sprintf("dispute-f%d", i), eventlog.Head{}
				}
				r, err := log.Append(context.Background(), at, deed(stream, int64(i)))
				if err != nil {
					b.Error(err)
					return
				}
				at = r.Head
			}
		})
	}
	all.Wait()
}

// BenchmarkReadLong reads a stream as long as a court's roster may get, whose
// records lie between those of others.
func BenchmarkReadLong(b *testing.B) {
	for _, length := range []int{1000, 8000} {
		b.Run(fmt.Sprint("commits-", length), func(b *testing.B) {
			log := benchLog(b, jetstream.Options{})
			var beside sync.WaitGroup
			beside.Go(func() { fill(b, log, 2*length) })
			var at eventlog.Head
			for i := range length {
				r, err := log.Append(context.Background(), at, deed("roster-1", int64(i)))
				if err != nil {
					b.Fatal(err)
				}
				at = r.Head
			}
			beside.Wait()
			b.ResetTimer()
			for range b.N {
				n := 0
				for _, err := range log.Read(context.Background(), "roster-1", eventlog.Head{}) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != length {
					b.Fatalf("read %d commits, want %d", n, length)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(length*b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	log := benchLog(b, jetstream.Options{})
	fill(b, log, benchReplay)
	var heads []eventlog.Record
	for r, err := range log.Follow(context.Background(), eventlog.Position{}) {
		if err != nil {
			b.Fatal(err)
		}
		if heads = append(heads, r); len(heads) == benchReplay {
			break
		}
	}
	b.Run("stream", func(b *testing.B) {
		for i := range b.N {
			for _, err := range log.Read(context.Background(), heads[i*7919%len(heads)].Stream, eventlog.Head{}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("no-such-stream", func(b *testing.B) {
		for i := range b.N {
			for _, err := range log.Read(context.Background(), fmt.Sprint("dispute-none", i), eventlog.Head{}) {
				b.Fatal(err)
			}
		}
	})
	b.Run("nothing-new", func(b *testing.B) {
		last := heads[len(heads)-1]
		for range b.N {
			for _, err := range log.Read(context.Background(), last.Stream, last.Head) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
