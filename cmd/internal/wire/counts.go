package wire

import (
	"github.com/prometheus/client_golang/prometheus"

	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/jetstream/cluster"
)

// lived is what a log in a server has lived through, by the names of its
// engine's counts.
type lived struct{ silent, replaced, resolved, resent, resumed int64 }

// registerCounts registers what the log has lived through. With the log in the
// folder all of it stays 0.
//
//	doorstep_log_unanswered_total  questions to the server that got no answer in time
//	doorstep_log_reconnects_total  connections that broke or were given up
//	doorstep_log_resolved_total    appends without a plain answer of which the log then told
//	doorstep_log_resent_total      appends sent again because the log did not hold them
//	doorstep_log_resumed_total     subscriptions taken up again where they broke off
func registerCounts(e engine, reg prometheus.Registerer) {
	now := livedThrough(e)
	for _, c := range []struct {
		name, help string
		of         func(lived) int64
	}{
		{"doorstep_log_unanswered_total", "Questions to the log's server that got no answer in time.", func(l lived) int64 { return l.silent }},
		{"doorstep_log_reconnects_total", "Connections to the log's server that broke or were given up.", func(l lived) int64 { return l.replaced }},
		{"doorstep_log_resolved_total", "Appends without a plain answer of which the log then told whether they were kept.", func(l lived) int64 { return l.resolved }},
		{"doorstep_log_resent_total", "Appends sent again because the log did not hold them.", func(l lived) int64 { return l.resent }},
		{"doorstep_log_resumed_total", "Subscriptions taken up again where they broke off.", func(l lived) int64 { return l.resumed }},
	} {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help}, func() float64 { return float64(c.of(now())) }))
	}
}

func livedThrough(e engine) func() lived {
	apart, is := e.(*elsewhere)
	if !is {
		return func() lived { return lived{} }
	}
	switch log := apart.opened.(type) {
	case *cluster.Log:
		return func() lived {
			c := log.Counts()
			return lived{silent: c.Silent, replaced: c.Replaced, resolved: c.Resolved, resent: c.Resent}
		}
	case *eventstoredb.Log:
		return func() lived {
			c := log.Counts()
			return lived{silent: c.Hangs, replaced: c.Replaced, resolved: c.Resolved, resumed: c.Resumed}
		}
	}
	return func() lived { return lived{} }
}
