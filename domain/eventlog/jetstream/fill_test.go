package jetstream

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
)

// history gives n records of so many streams, as another log held them.
func history(t testing.TB, n, streams int) iter.Seq2[eventlog.Record, error] {
	heads := make([]eventlog.Head, streams)
	return func(yield func(eventlog.Record, error) bool) {
		for i := range n {
			s := i % streams
			_, sealed, err := eventlog.Seal(heads[s], eventlogtest.Commit(fmt.Sprint("dispute-", s), fmt.Sprint("c", i), 1))
			if err != nil {
				t.Error(err)
				return
			}
			r, err := eventlog.Open(sealed)
			heads[s] = r.Head
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func TestManyRecordsAreFilledWithFewSyncs(t *testing.T) {
	const n = 3*atOnce + 17
	var syncs atomic.Int64
	l := opened(t, Options{Barrier: func(store *os.File) error {
		syncs.Add(1)
		return syncStore(store)
	}})
	before := syncs.Load()
	if kept, err := l.Fill(patient(t), history(t, n, 500)); err != nil || kept != n {
		t.Fatalf("%d kept: %v", kept, err)
	}
	if took := syncs.Load() - before; took > n/atOnce+1 {
		t.Errorf("%d syncs for %d records", took, n)
	}
	if rep, err := eventlog.Verify(patient(t), l); err != nil || rep.Commits != n || rep.Streams != 500 {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestAFillingCountsOnlyWhatIsDurable(t *testing.T) {
	var broken atomic.Bool
	l := opened(t, Options{Barrier: func(store *os.File) error {
		if broken.Load() {
			return syscall.EIO
		}
		return syncStore(store)
	}})
	if kept, err := l.Fill(patient(t), history(t, 100, 10)); err != nil || kept != 100 {
		t.Fatalf("%d kept: %v", kept, err)
	}
	broken.Store(true)
	more := func(yield func(eventlog.Record, error) bool) {
		i := 0
		for r, err := range history(t, 200, 10) {
			if i++; i > 100 && !yield(r, err) {
				return
			}
		}
	}
	if kept, err := l.Fill(patient(t), more); kept != 0 || !errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("with a failing sync %d are said to be durable (%v)", kept, err)
	}
	if kept, err := l.Fill(patient(t), more); kept != 0 || !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("in a log that failed %d are said to be durable (%v)", kept, err)
	}
}

func TestNobodyAppendsDuringAFilling(t *testing.T) {
	l := opened(t, Options{})
	tried := 0
	kept, err := l.Fill(patient(t), func(yield func(eventlog.Record, error) bool) {
		for r, err := range history(t, 50, 5) {
			if !yield(r, err) {
				return
			}
			tried++
			if _, err := l.Append(patient(t), eventlog.Head{}, eventlogtest.Commit("dispute-late", "a", 1)); !errors.Is(err, eventlog.ErrUnavailable) {
				t.Errorf("an append gives %v", err)
			}
		}
	})
	if err != nil || kept != 50 || tried != 50 {
		t.Errorf("%d kept, %d tried to append: %v", kept, tried, err)
	}
	put(t, l, eventlog.Head{}, eventlogtest.Commit("dispute-late", "a", 1))
}

func TestAFillingThatDoesNotFollowIsRefused(t *testing.T) {
	l := opened(t, Options{})
	put(t, l, eventlog.Head{}, eventlogtest.Commit("dispute-0", "mine", 1))
	var moved *eventlog.Conflict
	kept, err := l.Fill(patient(t), history(t, 20, 5))
	if kept != 0 || !errors.As(err, &moved) || moved.Actual.Length != 1 {
		t.Errorf("%d kept: %v", kept, err)
	}
	if rep, err := eventlog.Verify(patient(t), l); err != nil || rep.Commits != 1 {
		t.Errorf("%+v, %v", rep, err)
	}
}
