package cluster_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream/cluster"
)

// reached is the log in the stream, as the contract over a network wants it.
func (c *servers) reached(stream string) eventlogtest.Reached {
	r := eventlogtest.Reached{Upsets: map[string]func(t *testing.T){
		"another leader": func(t *testing.T) { stepDown(t, c, stream) },
		"the leader restarted": func(t *testing.T) {
			c.restart(t, c.leader(t, stream))
		},
	}}
	for _, o := range c.options {
		r.Servers = append(r.Servers, fmt.Sprint("127.0.0.1:", o.Port))
	}
	r.Dial = func(t *testing.T, via map[string]string) (eventlog.Log, error) {
		address := "nats://"
		for i, s := range r.Servers {
			if through, ok := via[s]; ok {
				s = through
			}
			if i > 0 {
				address += ","
			}
			address += s
		}
		log, err := cluster.Dial(context.Background(), address+"?stream="+stream, cluster.Options{Patience: 3 * time.Second})
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { _ = log.Close() })
		return log, nil
	}
	return r
}

// restart stops one server as an operator does, and starts it again.
func (c *servers) restart(t *testing.T, i int) {
	t.Helper()
	c.halt(i)
	if err := c.start(i); err != nil {
		t.Fatal(err)
	}
}
