package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
)

// told is a log that is followed as the test tells it.
type told struct {
	eventlog.Log
	records []eventlog.Record
	end     eventlog.Position
	failure error // after the records; without one it waits for more
}

func (l *told) End(context.Context) (eventlog.Position, error) { return l.end, nil }

func (l *told) Follow(ctx context.Context, _ eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for _, r := range l.records {
			if !yield(r, nil) {
				return
			}
		}
		if l.failure != nil {
			yield(eventlog.Record{}, l.failure)
			return
		}
		<-ctx.Done()
	}
}

// history is a sound log of three streams and fifteen commits of two events.
func history(t *testing.T) []eventlog.Record {
	t.Helper()
	log := memory.New()
	heads := map[string]eventlog.Head{}
	var all []eventlog.Record
	for i := range 15 {
		stream := fmt.Sprint("dispute-", i%3)
		r, err := log.Append(context.Background(), heads[stream], eventlogtest.Commit(stream, fmt.Sprint("c", i), 2))
		if err != nil {
			t.Fatal(err)
		}
		heads[stream] = r.Head
		all = append(all, r)
	}
	return all
}

func TestASoundLogIsCounted(t *testing.T) {
	all := history(t)
	log := &told{records: all, end: all[14].Position}
	rep, err := eventlog.Verify(context.Background(), log)
	want := eventlog.Report{Commits: 15, Events: 30, Streams: 3, End: all[14].Position}
	if err != nil || rep != want {
		t.Errorf("%+v (%v), want %+v", rep, err, want)
	}
	log.end = all[9].Position // what comes after the end at the call is another day's
	want = eventlog.Report{Commits: 10, Events: 20, Streams: 3, End: all[9].Position}
	if rep, err = eventlog.Verify(context.Background(), log); err != nil || rep != want {
		t.Errorf("%+v (%v), want %+v", rep, err, want)
	}
	if rep, err = eventlog.Verify(context.Background(), memory.New()); err != nil || rep != (eventlog.Report{}) {
		t.Errorf("an empty log: %+v (%v)", rep, err)
	}
}

func TestDamageIsFoundAndNamed(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func([]eventlog.Record) []eventlog.Record
		names string
	}{
		"a commit left out": {func(r []eventlog.Record) []eventlog.Record { return append(r[:4:4], r[5:]...) }, "dispute-1 version 2"},
		"two of one stream exchanged": {func(r []eventlog.Record) []eventlog.Record {
			r[3].Commit, r[6].Commit = r[6].Commit, r[3].Commit
			return r
		}, "dispute-0 version 2"},
		"a payload changed": {func(r []eventlog.Record) []eventlog.Record {
			changed := strings.Replace(string(r[7].Sealed), "u-17", "u-18", 1)
			forged, err := eventlog.Open([]byte(changed))
			forged.Position = r[7].Position
			if err != nil {
				panic(err)
			}
			r[7] = forged
			return r
		}, "dispute-1 version 3"},
		"the first commit of a stream left out": {func(r []eventlog.Record) []eventlog.Record { return r[1:] }, "dispute-0 version 1"},
		"a commit twice": {func(r []eventlog.Record) []eventlog.Record {
			twice := r[5]
			twice.Position = r[6].Position
			r[6] = twice
			return r
		}, "dispute-2 version 1"},
		"a position that goes back": {func(r []eventlog.Record) []eventlog.Record {
			r[8].Position = r[2].Position
			return r
		}, "position 3 stands after 8"},
		"an event without a kind": {func(r []eventlog.Record) []eventlog.Record {
			r[14].Events[1].Kind = ""
			return r
		}, "dispute-2 version 4"},
		"the last record left out": {func(r []eventlog.Record) []eventlog.Record {
			r[14].Position = eventlog.PositionAt(99)
			return r
		}, "position 15, is missing"},
	} {
		all := history(t)
		end := all[14].Position
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		_, err := eventlog.Verify(ctx, &told{records: c.spoil(all), end: end})
		cancel()
		if !errors.Is(err, eventlog.ErrCorrupt) || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %v, want ErrCorrupt naming %q", name, err, c.names)
		}
	}
}

func TestVerifyingEndsWithWhatTheLogSays(t *testing.T) {
	all := history(t)
	rep, err := eventlog.Verify(context.Background(), &told{records: all[:6], end: all[14].Position, failure: eventlog.ErrUnavailable})
	if !errors.Is(err, eventlog.ErrUnavailable) || rep.Commits != 6 {
		t.Errorf("%+v, %v", rep, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = eventlog.Verify(ctx, &told{records: all[:6], end: all[14].Position}); !errors.Is(err, context.Canceled) {
		t.Errorf("a verification cut short gives %v", err)
	}
}
