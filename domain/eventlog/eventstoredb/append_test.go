package eventstoredb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb/standin"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

func TestAnAppendWithoutAPlainAnswerIsResolvedByTheStream(t *testing.T) {
	for _, x := range []struct {
		fault standin.Fault
		kept  bool // by the append that the fault befell
	}{
		{standin.LostAck, true}, {standin.KeptSilent, true}, {standin.KeptTimeout, true}, {standin.KeptUnknown, true},
		{standin.NoPosition, true}, {standin.OddResult, true},
		{standin.Timeout, false}, {standin.DroppedCall, false}, {standin.Busy, false},
	} {
		t.Run(x.fault.String(), func(t *testing.T) {
			t.Parallel()
			c := cluster(t, 3)
			log := reach(t, c.URL(), hasty)
			c.Inject(x.fault, 1)
			first := must(t, log, eventlog.Head{}, "dispute-1", "a")
			one(t, log, first)
			if got := log.Counts().Resolved; x.kept && got != 1 || !x.kept && got != 0 {
				t.Errorf("%d appends were resolved", got)
			}
			c.Inject(x.fault, 2) // and in the midst of a stream, twice over
			second := must(t, log, first.Head, "dispute-1", "b")
			if err := second.Follows(first.Head); err != nil {
				t.Error(err)
			}
			if got := read(t, log, "dispute-1", eventlog.Head{}); len(got) != 2 || got[1].Head != second.Head || got[1].Position != second.Position {
				t.Errorf("the stream holds %d commits", len(got))
			}
			happened(t, c, x.fault)
		})
	}
}

func TestAnAppendWhoseCallerLeavesIsUnknownAndItsRetryFindsOut(t *testing.T) {
	for _, fault := range []standin.Fault{standin.KeptSilent, standin.DroppedCall} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			c := cluster(t, 1)
			log := reach(t, c.URL(), patient)
			c.Inject(fault, 1)
			ctx, cancel := context.WithTimeout(t.Context(), hasty)
			defer cancel()
			commit := eventlogtest.Commit("dispute-1", "a", 1)
			if _, err := log.Append(ctx, eventlog.Head{}, commit); !errors.Is(err, eventlog.ErrUnknown) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, eventlog.ErrUnavailable) {
				t.Errorf("append gives %v, want ErrUnknown and the context's error", err)
			}
			one(t, log, must(t, log, eventlog.Head{}, "dispute-1", "a"))
			happened(t, c, fault)
		})
	}
}

func TestAnAppendThatIsKeptLongAfterItsCallerLeftIsKeptOnce(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), patient)
	let := c.Hold()
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := log.Append(ctx, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
		gone <- err
	}()
	eventually(t, func() bool { return c.Injected(standin.HeldAppend) == 1 })
	cancel()
	if err := <-gone; !errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("append gives %v", err)
	}
	var all sync.WaitGroup
	records := make([]eventlog.Record, 3)
	for i := range records { // again, while the first is still on its way
		all.Go(func() {
			var err error
			if records[i], err = log.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1)); err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, func() bool { return c.Injected(standin.HeldAppend) == 1+len(records) })
	let()
	all.Wait()
	for _, r := range records {
		one(t, log, r)
	}
}

func TestAnUnknownAppendWhoseStreamMovedOnIsAConflict(t *testing.T) {
	c := cluster(t, 1)
	log, other := reach(t, c.URL(), hasty), reach(t, c.URL(), patient)
	c.Inject(standin.DroppedCall, 1)
	done := make(chan error, 1)
	go func() {
		_, err := log.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
		done <- err
	}()
	eventually(t, func() bool { return c.Injected(standin.DroppedCall) == 1 })
	r := must(t, other, eventlog.Head{}, "dispute-1", "b")
	var conflict *eventlog.Conflict
	if err := <-done; !errors.As(err, &conflict) || conflict.Actual != r.Head {
		t.Errorf("append gives %v, want a conflict at %+v", err, r.Head)
	}
	one(t, log, r)
}

func TestWhenNobodyAnswersNothingWasKept(t *testing.T) {
	c := cluster(t, 3)
	log := reach(t, c.URL(), hasty)
	for i := range 3 {
		c.Stop(i)
	}
	if _, err := log.End(t.Context()); !errors.Is(err, eventlog.ErrUnavailable) { // now it knows that its connection is gone
		t.Errorf("end gives %v", err)
	}
	_, err := log.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
	if !errors.Is(err, eventlog.ErrUnavailable) || errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("append gives %v, want ErrUnavailable alone", err)
	}
	for i := range 3 {
		if err := c.Restart(i); err != nil {
			t.Fatal(err)
		}
	}
	one(t, log, must(t, log, eventlog.Head{}, "dispute-1", "a"))
	happened(t, c, standin.Down)
}

func TestARetryOfAnotherProgramFindsTheRecordAndAReusedIDIsRefused(t *testing.T) {
	c := cluster(t, 1)
	log, other := reach(t, c.URL(), patient), reach(t, c.URL(), patient)
	first := must(t, log, eventlog.Head{}, "dispute-1", "a")
	later := eventlogtest.Commit("dispute-1", "a", 1)
	later.RecordedAt = later.RecordedAt.AddDate(0, 0, 1) // so its bytes are others
	if r, err := other.Append(t.Context(), eventlog.Head{}, later); err != nil || string(r.Sealed) != string(first.Sealed) {
		t.Errorf("a later retry is %s, %v", r.Sealed, err)
	}
	if _, err := other.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 2)); !errors.Is(err, eventlog.ErrReused) {
		t.Errorf("another deed under the same id gives %v", err)
	}
	one(t, log, first)
}

func TestTheDatabasesOwnLimitIsTold(t *testing.T) {
	c := cluster(t, 1)
	c.Pose("23.10.8", 1<<10)
	log := reach(t, c.URL(), patient)
	if _, err := log.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "big", 20)); !errors.Is(err, eventlog.ErrTooLarge) {
		t.Errorf("append gives %v", err)
	}
	one(t, log, must(t, log, eventlog.Head{}, "dispute-1", "a"))
}

func TestWhatOthersDeletedIsDamage(t *testing.T) {
	for name, remove := range map[string]func(*testing.T, string){
		"softly":   func(t *testing.T, url string) { bareDelete(t, url, "dispute-1", false) },
		"for good": func(t *testing.T, url string) { bareDelete(t, url, "dispute-1", true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cluster(t, 1)
			log := reach(t, c.URL(), hasty)
			all := fill(t, log, "dispute-1", 3)
			remove(t, c.URL())
			if err := readError(t, log, "dispute-1", eventlog.Head{}); !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("reading gives %v", err)
			}
			if err := readError(t, log, "dispute-1", all[1].Head); !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("reading its end gives %v", err)
			}
			fresh := reach(t, c.URL(), hasty) // which never saw the stream, and takes it for a new one
			if _, err := fresh.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "new", 1)); !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("appending to what seems a new stream gives %v", err)
			}
			for _, at := range []eventlog.Head{{}, all[1].Head} {
				if _, err := log.Append(t.Context(), at, eventlogtest.Commit("dispute-1", fmt.Sprint("x", at.Length), 1)); !errors.Is(err, eventlog.ErrCorrupt) {
					t.Errorf("appending behind %d gives %v", at.Length, err)
				}
			}
		})
	}
}

func bareDelete(t *testing.T, url, stream string, tombstone bool) {
	t.Helper()
	client := bare(t, url)
	defer client.Close()
	var err error
	if tombstone {
		_, err = client.TombstoneStream(t.Context(), stream, esdb.TombstoneStreamOptions{})
	} else {
		_, err = client.DeleteStream(t.Context(), stream, esdb.DeleteStreamOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
}
