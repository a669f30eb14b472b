package eventstoredb_test

import (
	"math/rand/v2"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

// acts are what goes wrong with the cluster and in its answers.
func acts(c *standin.Cluster) map[string]func() {
	acts := map[string]func(){
		"cut":           c.Cut,
		"leader 1":      func() { c.Lead(1) },
		"leader 2":      func() { c.Freeze(0, true); c.Lead(2) },
		"leader 0":      func() { c.Freeze(2, true); c.Lead(0) },
		"nobody leads":  func() { c.Lead(-1) },
		"leader down":   func() { c.Stop(0); c.Stop(1); c.Lead(2) },
		"leader silent": func() { c.Silence(2, true); c.Silence(0, true); c.Lead(1) },
		"all silent":    func() { c.Silence(0, true); c.Silence(1, true); c.Silence(2, true) },
	}
	for _, f := range []standin.Fault{
		standin.LostAck, standin.KeptSilent, standin.DroppedCall, standin.KeptTimeout, standin.Timeout, standin.KeptUnknown, standin.Busy,
		standin.NoPosition, standin.OddResult, standin.CutRead, standin.DeadRead, standin.ReadTimeout, standin.OddFrame, standin.CutFollow, standin.EndFollow,
		standin.DeadFollow, standin.DoubleFollow,
	} {
		acts[f.String()] = func() { c.Inject(f, 2) }
	}
	return acts
}

// calm ends whatever lasts, and lets any node lead.
func calm(t *testing.T, c *standin.Cluster) {
	for i := range 3 {
		c.Silence(i, false)
		c.Freeze(i, false)
		if !c.Running(i) {
			if err := c.Restart(i); err != nil {
				t.Error(err)
			}
		}
	}
	c.Lead(rand.IntN(3))
}

func TestUnderEveryFaultNothingAcknowledgedIsLostOrDoubled(t *testing.T) {
	c := cluster(t, 3)
	one, two := reach(t, c.URL(), hasty), reach(t, c.URL(), hasty)
	came := eventlogtest.Storm{
		Programs: []eventlog.Log{one, two}, Witness: reach(t, c.URL(), patient),
		Acts: acts(c), Calm: func() { calm(t, c) }, Rounds: rounds, Lasting: 2 * hasty,
	}.Rage(t)
	t.Logf("%+v; %+v, %+v", came, one.Counts(), two.Counts())
	if one.Counts() == (eventstoredb.Counts{}) {
		t.Error("the first program lived through nothing")
	}
	for f := standin.LostAck; f <= standin.NotLeader; f++ {
		if c.Injected(f) > 0 {
			t.Logf("%5d times: %s", c.Injected(f), f)
		}
	}
	happened(t, c, standin.LostAck, standin.KeptSilent, standin.DroppedCall, standin.KeptTimeout, standin.Timeout, standin.KeptUnknown, standin.Busy,
		standin.NoPosition, standin.OddResult, standin.CutRead, standin.DeadRead, standin.ReadTimeout, standin.OddFrame, standin.CutFollow, standin.EndFollow, standin.DeadFollow,
		standin.DoubleFollow, standin.Down, standin.CutConnection, standin.BlackHole, standin.NotLeader)
}
