package cluster_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
)

func TestTheContract(t *testing.T) {
	apart := startServers(t) // which are upset, so nobody shares them
	var logs atomic.Int64
	eventlogtest.Engine{
		Name: "cluster",
		Open: func(t *testing.T) eventlog.Log {
			log, _ := place(t)(t)
			return log
		},
		Fill: func(t *testing.T) eventlog.Filler {
			log, _ := place(t)(t)
			return log.(eventlog.Filler)
		},
		Place: func(t *testing.T) eventlogtest.Open { return place(t) },
		Reach: func(t *testing.T) eventlogtest.Reached {
			stream := fmt.Sprint("EV", logs.Add(1))
			if err := apart.ready(); err != nil {
				t.Fatal(err)
			}
			made(t, apart.address(stream))
			return apart.reached(stream)
		},
	}.Prove(t)
}
