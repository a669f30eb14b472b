package cluster_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream/cluster"
)

func TestTheContract(t *testing.T) {
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
		Reach: reached,
	}.Prove(t)
}

// reached is a log in the shared cluster, whose servers tell nobody where the
// others are: so a client keeps to the ways it was given.
func reached(t *testing.T) eventlogtest.Reached {
	t.Helper()
	address := made(t, shared(t))
	servers, stream := sharedBy, address[strings.LastIndex(address, "=")+1:]
	r := eventlogtest.Reached{
		Dial: func(t *testing.T, via map[string]string) (eventlog.Log, error) {
			to := address
			for server, way := range via {
				to = strings.Replace(to, server, way, 1)
			}
			log, err := cluster.Dial(t.Context(), to, cluster.Options{Patience: 2 * time.Second})
			if err != nil {
				return nil, err
			}
			t.Cleanup(func() { _ = log.Close() })
			return log, nil
		},
		Upsets: map[string]func(*testing.T){
			"the leader goes down and comes back": func(t *testing.T) {
				i := servers.leader(t, stream)
				servers.halt(i)
				if err := servers.start(i); err != nil {
					t.Error(err)
				}
			},
			"all go down one after another and come back": func(t *testing.T) {
				for i := range 3 {
					servers.halt(i)
				}
				for i := range 3 {
					if err := servers.start(i); err != nil {
						t.Error(err)
					}
				}
			},
		},
	}
	for _, o := range servers.options {
		r.Servers = append(r.Servers, fmt.Sprint("127.0.0.1:", o.Port))
	}
	return r
}
