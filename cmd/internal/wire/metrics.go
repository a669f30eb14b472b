package wire

import (
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// newHTTPMetrics registers what the pages and the process tell of themselves:
// requests by route template, never by address, so that no label names a case.
func newHTTPMetrics(reg prometheus.Registerer) func(method, route string, status int, took time.Duration) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "doorstep_http_requests_total", Help: "Requests answered, by route template."},
		[]string{"method", "route", "status"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "doorstep_http_request_seconds", Help: "Time to answer, by route template.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"method", "route"})
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "doorstep_build_info", Help: "1, labelled with what runs."}, []string{"version", "go"})
	build.WithLabelValues(Version, runtime.Version()).Set(1)
	reg.MustRegister(requests, seconds, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return func(method, route string, status int, took time.Duration) {
		requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
		seconds.WithLabelValues(method, route).Observe(took.Seconds())
	}
}
