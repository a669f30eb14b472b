package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/roster"
)

// scrubbed opens the court, makes one pass at full speed and closes it.
func scrubbed(t *testing.T, dir string) (fault string, st scrubState) {
	t.Helper()
	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil {
		t.Fatal(err)
	}
	fault, err = court.scrub.pass(t.Context(), rate.NewLimiter(rate.Inf, 0))
	if err := errors.Join(err, court.Close()); err != nil {
		t.Fatal(err)
	}
	return fault, court.scrub.stands()
}

func TestAScrubReadsAllAndRemembersWhen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir)
	if fault, st := scrubbed(t, dir); fault != "" || time.Since(st.Whole) > time.Minute {
		t.Errorf("of an empty record: %q, %+v", fault, st)
	}
	visit(t, dir, "a", "b", "c")
	before := time.Now()
	if fault, st := scrubbed(t, dir); fault != "" || st.Whole.Before(before) || st.Commits != 0 {
		t.Errorf("%q, %+v", fault, st)
	}
	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil {
		t.Fatal(err)
	}
	defer court.Close()
	if wait := court.scrub.due(time.Hour); wait < 59*time.Minute || wait > time.Hour {
		t.Errorf("just after one the next is due in %s", wait)
	}
	if v, err := court.Verify(t.Context(), Since{}); err != nil || len(v.Faults) > 0 || time.Since(court.scrub.stands().Verified) > time.Minute {
		t.Errorf("verified: %+v, %v, %+v", v, err, court.scrub.stands())
	}
}

// TestAScrubFindsAChangeAndStopsTheCourt: the last record is the same, so that
// the start sees nothing.
func TestAScrubFindsAChangeAndStopsTheCourt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a")
	other := copied(t, dir)
	visit(t, dir, "b1", "c")
	sound := copied(t, dir)
	visit(t, other, "b2", "c")
	exchange(t, dir, other)

	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil {
		t.Fatal(err)
	}
	err = court.Serve(t.Context(), Serving{Listen: "127.0.0.1:0", Scrub: time.Nanosecond, Logger: slog.New(slog.DiscardHandler), Ready: func(string, string) {}})
	if !errors.Is(err, ErrFound) || !strings.Contains(err.Error(), "not as it was recorded") {
		t.Errorf("serving ends with %v", err)
	}
	deed := decide.Deed{ID: "after", At: time.Now(), Actor: "u-1"}
	if _, err := court.Roster.Do(t.Context(), roster.StationStream("z"), deed, roster.ListStation{Code: "z", Name: "z"}); err == nil {
		t.Error("a deed was kept on top of a damaged record")
	}
	if n := value(t, court, "doorstep_scrub_faults"); n != 1 {
		t.Errorf("doorstep_scrub_faults is %v", n)
	}
	_ = court.Close()

	serve := func() error {
		court, err := try(t, Config{Data: dir, Views: true})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		return errors.Join(court.Serve(ctx, Serving{Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler), Ready: func(string, string) { cancel() }}), court.Close())
	}
	if err := serve(); !errors.Is(err, ErrFound) {
		t.Errorf("served again: %v", err)
	}
	exchange(t, dir, sound) // the way out
	if err := serve(); !errors.Is(err, ErrFound) {
		t.Errorf("served before anybody verified it: %v", err)
	}
	court, err = try(t, Config{Data: dir, Views: true})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := court.Verify(t.Context(), Since{}); err != nil || len(v.Faults) > 0 {
		t.Errorf("restored: %+v, %v", v, err)
	}
	if err := court.Close(); err != nil {
		t.Fatal(err)
	}
	if err := serve(); err != nil {
		t.Errorf("restored and verified: %v", err)
	}
}

// value is a gauge of the court's.
func value(t *testing.T, court *Court, name string) float64 {
	t.Helper()
	families, err := court.Metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("%s is not exposed", name)
	return 0
}

// countingLog counts how many records are followed in it.
type countingLog struct {
	eventlog.Log
	read int
	seen func(n int)
}

func (l *countingLog) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for r, err := range l.Log.Follow(ctx, after) {
			l.read++
			l.seen(l.read)
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestAScrubGoesOnWhereItBrokeOff(t *testing.T) {
	const all = scrubStep + 9
	dir := filepath.Join(t.TempDir(), "court")
	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil {
		t.Fatal(err)
	}
	codes := make([]string, all)
	for i := range codes {
		codes[i] = fmt.Sprintf("%c%03d", 'a'+i%20, i)
	}
	list(t, court, codes...)
	if err := court.Follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	court.Log = &countingLog{Log: court.Log, seen: func(n int) {
		if n == scrubStep+5 {
			cancel()
		}
	}}
	_, err = court.scrub.pass(ctx, rate.NewLimiter(rate.Inf, 0))
	if st := court.scrub.stands(); !errors.Is(err, context.Canceled) || st.Commits != scrubStep {
		t.Fatalf("broken off at %+v with %v", st, err)
	}
	if err := errors.Join(court.scrub.change(func(*scrubState) {}), court.Close()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		commits int64
		read    int
	}{"where it was": {scrubStep, 9}, "where it never was": {scrubStep - 1, 1 + all}} {
		if court, err = try(t, Config{Data: copied(t, dir), Views: true}); err != nil {
			t.Fatal(err)
		}
		log := &countingLog{Log: court.Log, seen: func(int) {}}
		court.Log = log
		court.scrub.state.Commits = c.commits
		fault, err := court.scrub.pass(t.Context(), rate.NewLimiter(rate.Inf, 0))
		if fault != "" || err != nil || log.read != c.read {
			t.Errorf("%s: %d records read, want %d; %q, %v", name, log.read, c.read, fault, err)
		}
		if err := court.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatIsRememberedOfScrubsIsNotTakenOnTrust(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a")
	file := filepath.Join(dir, "scrub.json")
	for text, known := range map[string]bool{
		`{"after":0,"commits":0,"whole":"2026-01-02T03:04:05Z","verified":"2026-01-02T03:04:05Z","fault":"position 3"}`: true,
		`{"after":0,"commits":0,"whole":"2026-01-02T03:04:05Z","verified":"2026-01-02T03:04:05Z","gault":"position 3"}`: false,
		`{"after":`: false,
		``:          true,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		court, err := try(t, Config{Data: dir, Views: true})
		if err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		s := newScrubber(court, slog.New(slog.NewTextHandler(&said, nil)))
		if (said.Len() == 0) != known || (s.served() != nil) != strings.Contains(text, `"fault"`) {
			t.Errorf("%s: %+v, says %q", text, s.stands(), &said)
		}
		if now := s.due(scrubEvery) <= 0; now == known && text != "" && !strings.Contains(text, `"fault"`) {
			t.Errorf("%s: the next one is due now: %t", text, now)
		}
		_ = court.Close()
	}
}
