package eventstoredb_test

import (
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

// dialVia reaches the log by other ways than its own; it is closed with the test.
func dialVia(t *testing.T, url string, via map[string]string) (*eventstoredb.Log, error) {
	log, err := eventstoredb.DialVia(t.Context(), url, eventstoredb.Options{Patience: hasty, Logger: quiet}, via)
	if err == nil {
		t.Cleanup(func() { log.Close() })
	}
	return log, err
}

// reached is the stand-in as the suite wants it.
func reached(t *testing.T, c *standin.Cluster, nodes int) eventlogtest.Reached {
	t.Helper()
	r := eventlogtest.Reached{
		Dial: func(t *testing.T, via map[string]string) (eventlog.Log, error) {
			return dialVia(t, c.URL(), via)
		},
		Upsets: map[string]func(*testing.T){
			"restart": func(t *testing.T) {
				for i := range nodes {
					c.Stop(i)
				}
				for i := range nodes {
					if err := c.Restart(i); err != nil {
						t.Error(err)
					}
				}
			},
		},
	}
	for i := range nodes {
		r.Servers = append(r.Servers, c.Address(i))
	}
	if nodes > 1 {
		leader := 0
		r.Upsets["another leads"] = func(*testing.T) { leader = (leader + 1) % nodes; c.Lead(leader) }
		r.Upsets["the leader goes down"] = func(t *testing.T) {
			down := leader
			c.Stop(down)
			leader = (leader + 1) % nodes
			c.Lead(leader)
			if err := c.Restart(down); err != nil {
				t.Error(err)
			}
		}
	}
	return r
}
