package standin

import "sync"

// Fault is something that goes wrong.
type Fault int

// Faults that Inject brings about, each in the next calls it concerns.
const (
	LostAck      Fault = iota // an append is kept, and the connection breaks before the answer
	KeptSilent                // an append is kept, and never answered
	DroppedCall               // an append is neither kept nor answered
	KeptTimeout               // an append is kept, and answered with a time-out
	Timeout                   // an append is not kept, and answered with a time-out
	KeptUnknown               // an append is kept, and answered with an unknown error
	Busy                      // an append or a read is refused: too busy
	NoPosition                // an append is kept, and the answer does not say where
	OddResult                 // an append is kept, and the answer says nothing
	CutRead                   // a read breaks after its first event
	DeadRead                  // a read is never answered
	ReadTimeout               // a read is answered with a time-out
	OddFrame                  // a read begins with a frame that does not belong there
	BadDate                   // a read gives an event whose date cannot be read
	CutFollow                 // a subscription breaks after its next event
	DeadFollow                // a subscription gives nothing more, and stays open
	EndFollow                 // a subscription ends without an error
	SkipFollow                // a subscription leaves an event out
	DoubleFollow              // a subscription gives an event twice
	DeadGossip                // gossip is never answered
	DeadFeatures              // the list of features is never answered
	injected                  // how many there are above

	// What the Cluster's methods bring about, counted where it takes effect.
	Down          // nodes stopped
	CutConnection // connections cut
	BlackHole     // reads and writes of connections held back
	StaleRead     // reads answered by a node that had not seen everything
	NotLeader     // calls refused because another node leads
	HeldAppend    // appends held back
	EmptyAppend   // appends of nothing to no stream, taken as the server takes them
)

var names = map[Fault]string{
	LostAck: "lost ack", KeptSilent: "kept and silent", DroppedCall: "dropped call", KeptTimeout: "kept, timed out", Timeout: "timed out",
	KeptUnknown: "kept, unknown error", Busy: "busy", NoPosition: "no position", OddResult: "odd result", CutRead: "cut read",
	DeadRead: "dead read", ReadTimeout: "read timed out", OddFrame: "odd frame", BadDate: "bad date", CutFollow: "cut subscription", DeadFollow: "dead subscription",
	EndFollow: "ended subscription", SkipFollow: "event left out", DoubleFollow: "event doubled", DeadGossip: "dead gossip",
	DeadFeatures: "dead features", Down: "node down", CutConnection: "cut connection", BlackHole: "black hole",
	StaleRead: "stale read", NotLeader: "not the leader", HeldAppend: "slow append",
	EmptyAppend: "empty append",
}

// String is what the fault is called in a report.
func (f Fault) String() string { return names[f] }

type faults struct {
	mu      sync.Mutex
	pending [injected]int
	counts  map[Fault]int
}

// Inject lets the fault befall the next so many calls that it concerns.
func (c *Cluster) Inject(f Fault, times int) {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.pending[f] += times
}

// Injected tells how often the fault took effect.
func (c *Cluster) Injected(f Fault) int {
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	return c.faults.counts[f]
}

func (f *faults) happened(what Fault, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[Fault]int{}
	}
	f.counts[what] += times
}

// take tells whether the fault is to happen now.
func (f *faults) take(what Fault) bool {
	f.mu.Lock()
	due := f.pending[what] > 0
	if due {
		f.pending[what]--
	}
	f.mu.Unlock()
	if due {
		f.happened(what, 1)
	}
	return due
}

// hold keeps appends back.
type hold struct {
	gate chan struct{}
	all  sync.WaitGroup
}

// Hold keeps appends back from now on, as a slow disk does. let lets them go on,
// those too whose client has left, and returns when they are done.
func (c *Cluster) Hold() (let func()) {
	h := &hold{gate: make(chan struct{})}
	c.mu.Lock()
	c.hold = h
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		c.hold = nil
		c.mu.Unlock()
		close(h.gate)
		h.all.Wait()
	}
}

// held waits while appends are kept back; done must be called after the append.
func (c *Cluster) held() (done func()) {
	c.mu.Lock()
	h := c.hold
	if h == nil {
		c.mu.Unlock()
		return func() {}
	}
	h.all.Add(1)
	c.mu.Unlock()
	c.faults.happened(HeldAppend, 1)
	<-h.gate
	return h.all.Done
}
