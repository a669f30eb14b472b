package metered_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/eventlog/metered"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestTheContract(t *testing.T) {
	eventlogtest.Run(t, func(*testing.T) eventlog.Log { return metered.New(memory.New(), prometheus.NewRegistry()) })
}

// faulty is a log that answers as it is told.
type faulty struct {
	eventlog.Log
	err    error
	failed chan struct{}
}

func (f *faulty) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if f.err != nil {
		return eventlog.Record{}, f.err
	}
	return f.Log.Append(ctx, at, c)
}

func (f *faulty) Follow(context.Context, eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) { yield(eventlog.Record{}, f.err) }
}

func (f *faulty) Failed() <-chan struct{} { return f.failed }

func TestEveryAppendIsCountedByHowItEnded(t *testing.T) {
	reg := prometheus.NewRegistry()
	log := metered.New(memory.New(), reg)
	ctx := context.Background()
	r, err := log.Append(ctx, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		commit eventlog.Commit
		at     eventlog.Head
		want   error
	}{
		{eventlogtest.Commit("dispute-1", "b", 1), eventlog.Head{}, eventlog.ErrConflict},
		{eventlogtest.Commit("dispute-1", "a", 1), r.Head, eventlog.ErrReused},
		{eventlogtest.Commit("dispute-1", "b", 0), r.Head, eventlog.ErrInvalid},
		{eventlogtest.Commit("dispute-1", "b", 2), r.Head, nil},
	} {
		if _, err := log.Append(ctx, c.at, c.commit); !errors.Is(err, c.want) {
			t.Fatalf("append gives %v, want %v", err, c.want)
		}
	}
	want := `
# HELP doorstep_log_appends_total Appends to the log by how they ended.
# TYPE doorstep_log_appends_total counter
doorstep_log_appends_total{outcome="conflict"} 1
doorstep_log_appends_total{outcome="failed"} 1
doorstep_log_appends_total{outcome="kept"} 2
doorstep_log_appends_total{outcome="reused"} 1
# HELP doorstep_log_events_total Events in the commits acknowledged.
# TYPE doorstep_log_events_total counter
doorstep_log_events_total 5
# HELP doorstep_log_up 1 while the log can keep commits, else 0.
# TYPE doorstep_log_up gauge
doorstep_log_up 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "doorstep_log_appends_total", "doorstep_log_events_total", "doorstep_log_up"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(reg, "doorstep_log_append_seconds"); n != 1 || err != nil {
		t.Errorf("%d histograms, %v", n, err)
	}
}

func TestTheLogIsDownWhileItCannotKeepAnything(t *testing.T) {
	left, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want float64
	}{
		"unavailable":           {context.Background(), eventlog.ErrUnavailable, 0},
		"damaged":               {context.Background(), eventlog.ErrCorrupt, 0},
		"conflict":              {context.Background(), &eventlog.Conflict{}, 1},
		"too large":             {context.Background(), eventlog.ErrTooLarge, 1},
		"unknown":               {context.Background(), eventlog.ErrUnknown, 1},
		"the caller had left":   {left, errors.Join(eventlog.ErrUnavailable, context.Canceled), 1},
		"nothing is the matter": {context.Background(), nil, 1},
	} {
		reg := prometheus.NewRegistry()
		inner := &faulty{Log: memory.New(), err: c.err, failed: make(chan struct{})}
		log := metered.New(inner, reg)
		_, _ = log.Append(c.ctx, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
		if got := up(t, reg); got != c.want {
			t.Errorf("%s: up is %v, want %v", name, got, c.want)
		}
		inner.err = nil
		if _, err := log.Append(context.Background(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1)); err != nil {
			t.Fatal(err)
		}
		if got := up(t, reg); got != 1 {
			t.Errorf("%s: up is %v after the log kept something", name, got)
		}
		close(inner.failed)
		if got := up(t, reg); got != 0 {
			t.Errorf("%s: up is %v after the log failed", name, got)
		}
	}
}

func TestAReaderWhoFindsDamageTakesTheLogDown(t *testing.T) {
	reg := prometheus.NewRegistry()
	log := metered.New(&faulty{Log: memory.New(), err: eventlog.ErrCorrupt, failed: make(chan struct{})}, reg)
	for _, err := range log.Follow(context.Background(), eventlog.Position{}) {
		if !errors.Is(err, eventlog.ErrCorrupt) {
			t.Fatal(err)
		}
	}
	if got := up(t, reg); got != 0 {
		t.Errorf("up is %v", got)
	}
}

func TestNoLabelTellsOfACase(t *testing.T) {
	reg := prometheus.NewRegistry()
	log := metered.New(memory.New(), reg)
	if _, err := log.Append(context.Background(), eventlog.Head{}, eventlogtest.Commit("dispute-secret", "deed-secret", 1)); err != nil {
		t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() != "outcome" {
					t.Errorf("%s has a label %s", f.GetName(), l.GetName())
				}
			}
		}
		if s := f.String(); strings.Contains(s, "secret") {
			t.Errorf("%s tells of a case", s)
		}
	}
}

func up(t *testing.T, reg *prometheus.Registry) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "doorstep_log_up" {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatal("doorstep_log_up is not there")
	return 0
}

// checkable is a log that says itself whether it can be used.
type checkable struct {
	eventlog.Log
	err error
}

func (c *checkable) Check(context.Context) error { return c.err }

func TestACheckTellsWhetherTheLogIsUp(t *testing.T) {
	inner := &checkable{Log: memory.New()}
	reg := prometheus.NewRegistry()
	log := metered.New(inner, reg)
	for _, c := range []struct {
		err  error
		want string
	}{{nil, "1"}, {eventlog.ErrUnavailable, "0"}, {nil, "1"}, {eventlog.ErrCorrupt, "0"}} {
		inner.err = c.err
		if err := log.Check(t.Context()); !errors.Is(err, c.err) {
			t.Fatalf("%v is told as %v", c.err, err)
		}
		up := "# HELP doorstep_log_up 1 while the log can keep commits, else 0.\n# TYPE doorstep_log_up gauge\ndoorstep_log_up " + c.want + "\n"
		if err := testutil.GatherAndCompare(reg, strings.NewReader(up), "doorstep_log_up"); err != nil {
			t.Errorf("after %v: %v", c.err, err)
		}
	}
	if err := metered.New(memory.New(), prometheus.NewRegistry()).Check(t.Context()); err != nil {
		t.Errorf("a log that says nothing of itself: %v", err)
	}
}
