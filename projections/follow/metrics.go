package follow

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of the follower; registered by Register, counted in any case.
type metrics struct {
	records *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	lag     *prometheus.GaugeVec
	paused  *prometheus.GaugeVec
	where   *prometheus.GaugeVec
	done    *prometheus.GaugeVec
}

func newMetrics() *metrics {
	view := []string{"view"}
	return &metrics{
		records: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "doorstep_projection_records_total", Help: "Records that a view has taken in since the start."}, view),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "doorstep_projection_batch_seconds", Help: "Time in which a view took a batch in.", Buckets: prometheus.ExponentialBuckets(0.0005, 4, 8)}, view),
		lag:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "doorstep_projection_lag_seconds", Help: "Age of the last record that a view took in, at the moment it did."}, view),
		paused:  prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "doorstep_projection_paused", Help: "1 while a view stands still at a record that it cannot take in."}, view),
		where:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "doorstep_projection_paused_position", Help: "Position in the log of the record at which a view stands still, and what it could not take in; absent while it does not."}, []string{"view", "kind", "version"}),
		done:    prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "doorstep_projection_built_ratio", Help: "How far a view has come that is being built, 0 to 1; 1 when none is."}, view),
	}
}

// start makes the view's series, so that a rule can tell 0 from absent.
func (m *metrics) start(view string) {
	m.records.WithLabelValues(view)
	m.paused.WithLabelValues(view).Set(0)
}

func (m *metrics) took(view string, records int, took time.Duration, lag time.Duration) {
	m.records.WithLabelValues(view).Add(float64(records))
	m.seconds.WithLabelValues(view).Observe(took.Seconds())
	m.lag.WithLabelValues(view).Set(max(0, lag.Seconds()))
}

func (m *metrics) pause(f *Fault) {
	m.paused.WithLabelValues(f.View).Set(1)
	m.where.WithLabelValues(f.View, f.Kind, strconv.Itoa(f.Version)).Set(float64(f.Position.Token()))
}

func (m *metrics) resume(view string) {
	m.paused.WithLabelValues(view).Set(0)
	m.where.DeletePartialMatch(prometheus.Labels{"view": view})
}

func (m *metrics) built(view string, done float64) { m.done.WithLabelValues(view).Set(done) }

// Register puts the follower's metrics where they are read.
func (f *Follower) Register(reg prometheus.Registerer) {
	reg.MustRegister(f.metrics.records, f.metrics.seconds, f.metrics.lag, f.metrics.paused, f.metrics.where, f.metrics.done)
}
