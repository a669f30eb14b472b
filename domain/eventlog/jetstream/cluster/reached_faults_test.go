//go:build faults

package cluster_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"doorstep/domain/eventlog/eventlogtest"
)

// All servers down at once, beside what the quick test has: elections after it
// take up to nine seconds each.
func TestTheContractOverANetworkFaultsOfAllServers(t *testing.T) {
	c := startServers(t)
	var logs atomic.Int64
	eventlogtest.RunReached(t, func(t *testing.T) eventlogtest.Reached {
		stream := fmt.Sprint("EV", logs.Add(1))
		if err := c.ready(); err != nil {
			t.Fatal(err)
		}
		made(t, c.address(stream))
		r := c.reached(stream)
		r.Upsets["all servers restarted"] = func(t *testing.T) {
			c.stop()
			for i := range c.running {
				if err := c.start(i); err != nil {
					t.Fatal(err)
				}
			}
		}
		return r
	})
}
