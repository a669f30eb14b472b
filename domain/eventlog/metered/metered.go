// Package metered counts what a log does. It changes nothing of it, and puts
// neither a stream's name nor anything else of a case into a label.
package metered

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"time"

	"doorstep/domain/eventlog"

	"github.com/prometheus/client_golang/prometheus"
)

// Log is a log that is counted. Make it with New.
type Log struct {
	eventlog.Log
	appends *prometheus.CounterVec
	events  prometheus.Counter
	seconds prometheus.Histogram
	down    atomic.Bool // the last that looked found the log unable
}

// The outcomes of an append, as the label says them.
const (
	kept     = "kept"     // kept now, or found to be kept before
	conflict = "conflict" // the stream had moved on: ordinary, the desk looks again
	reused   = "reused"   // the id was used for something else
	failed   = "failed"   // everything else; what a person sees as an error
)

// New counts what log does, in reg. It panics when reg counts a log already.
//
//	doorstep_log_appends_total{outcome}  appends ended so
//	doorstep_log_append_seconds          how long those took that were kept
//	doorstep_log_events_total            events in the commits acknowledged
//	doorstep_log_up                      0 while the log has failed, or the last
//	                                     who used it found that it cannot keep
//	                                     anything or is damaged; else 1
//
// A log with a method Failed, as that of jetstream, is asked by it.
func New(log eventlog.Log, reg prometheus.Registerer) *Log {
	m := &Log{
		Log: log,
		appends: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "doorstep_log_appends_total", Help: "Appends to the log by how they ended.",
		}, []string{"outcome"}),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "doorstep_log_events_total", Help: "Events in the commits acknowledged.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "doorstep_log_append_seconds", Help: "Seconds until an append was durable.",
			Buckets: []float64{.0002, .0005, .001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 10},
		}),
	}
	for _, o := range []string{kept, conflict, reused, failed} { // so that each is there before the first
		m.appends.WithLabelValues(o)
	}
	up := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "doorstep_log_up", Help: "1 while the log can keep commits, else 0.",
	}, m.up)
	reg.MustRegister(m.appends, m.events, m.seconds, up)
	return m
}

func (m *Log) up() float64 {
	if failing, ok := m.Log.(interface{ Failed() <-chan struct{} }); ok {
		select {
		case <-failing.Failed():
			return 0
		default:
		}
	}
	if m.down.Load() {
		return 0
	}
	return 1
}

// Append is eventlog.Log's.
func (m *Log) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	started := time.Now()
	r, err := m.Log.Append(ctx, at, c)
	switch {
	case err == nil:
		m.appends.WithLabelValues(kept).Inc()
		m.seconds.Observe(time.Since(started).Seconds())
		m.events.Add(float64(len(r.Events)))
	case errors.Is(err, eventlog.ErrConflict):
		m.appends.WithLabelValues(conflict).Inc()
	case errors.Is(err, eventlog.ErrReused):
		m.appends.WithLabelValues(reused).Inc()
	default:
		m.appends.WithLabelValues(failed).Inc()
	}
	m.reckon(ctx, err)
	return r, err
}

// reckon tells from what an append or a check found whether the log is up. A caller who left, or who sent what
// no log takes, says nothing about the log.
func (m *Log) reckon(ctx context.Context, err error) {
	switch {
	case err == nil || errors.Is(err, eventlog.ErrConflict) || errors.Is(err, eventlog.ErrReused):
		m.down.Store(false)
	case errors.Is(err, eventlog.ErrUnavailable) && ctx.Err() == nil, errors.Is(err, eventlog.ErrCorrupt):
		m.down.Store(true)
	}
}

// Check asks a log with a method Check whether it can be used now; others it
// asks where they end.
func (m *Log) Check(ctx context.Context) (err error) {
	if able, ok := m.Log.(interface{ Check(context.Context) error }); ok {
		err = able.Check(ctx)
	} else {
		_, err = m.Log.End(ctx)
	}
	m.reckon(ctx, err)
	return err
}

// Read is eventlog.Log's.
func (m *Log) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return m.damaged(m.Log.Read(ctx, stream, after))
}

// Follow is eventlog.Log's.
func (m *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return m.damaged(m.Log.Follow(ctx, after))
}

// damaged lets a reader who finds damage say so.
func (m *Log) damaged(records iter.Seq2[eventlog.Record, error]) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for r, err := range records {
			if errors.Is(err, eventlog.ErrCorrupt) {
				m.down.Store(true)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
