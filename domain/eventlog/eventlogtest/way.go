package eventlogtest

import (
	"net"
	"sync"
	"testing"
	"time"
)

// way is what lies between one client and one server. It carries bytes both
// ways, and what befalls them is for the test to say.
type way struct {
	to       string
	listener net.Listener

	mu      sync.Mutex
	open    [2]chan struct{} // by direction; closed while bytes go through
	refused bool
	late    time.Duration
	budget  [2]int // bytes until every connection breaks, by direction; below 0: none
	carried map[*carried]struct{}
	counts  Counts
	bytes   [2]int // that went through
}

// The two directions of a way.
const (
	up   = iota // from the client to the server
	down        // and back
)

// Counts is what befell clients on their ways.
type Counts struct {
	Cut     int // connections that were broken
	Held    int // pieces of data that were held back, for good or for a while
	Late    int // pieces of data that came late
	Refused int // connections that were not taken
}

func (c Counts) plus(o Counts) Counts {
	return Counts{c.Cut + o.Cut, c.Held + o.Held, c.Late + o.Late, c.Refused + o.Refused}
}

// Sum is everything that befell.
func (c Counts) Sum() int { return c.Cut + c.Held + c.Late + c.Refused }

// carried is one connection over a way.
type carried struct {
	ends [2]net.Conn // the client's, the server's
	over chan struct{}
	once sync.Once
}

func (c *carried) cut() {
	c.once.Do(func() {
		close(c.over)
		for _, end := range c.ends {
			end.Close()
		}
	})
}

// lay lays a way to the server. It ends with the test.
func lay(t *testing.T, to string) *way {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &way{to: to, listener: l, carried: map[*carried]struct{}{}, budget: [2]int{-1, -1}}
	for d := range w.open {
		w.open[d] = make(chan struct{})
		close(w.open[d])
	}
	var all sync.WaitGroup
	all.Go(func() { w.accept(&all) })
	t.Cleanup(func() {
		l.Close()
		w.refuse(true)
		all.Wait()
	})
	return w
}

func (w *way) accept(all *sync.WaitGroup) {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.DialTimeout("tcp", w.to, patience)
		w.mu.Lock()
		if err != nil || w.refused {
			w.counts.Refused++
			w.mu.Unlock()
			client.Close()
			if server != nil {
				server.Close()
			}
			continue
		}
		c := &carried{ends: [2]net.Conn{client, server}, over: make(chan struct{})}
		w.carried[c] = struct{}{}
		w.mu.Unlock()
		for d := range 2 {
			all.Go(func() { w.carry(c, d) })
		}
	}
}

// carry brings what comes at one end of the connection to the other.
func (w *way) carry(c *carried, direction int) {
	defer func() {
		c.cut()
		w.mu.Lock()
		delete(w.carried, c)
		w.mu.Unlock()
	}()
	piece := make([]byte, 32<<10)
	for {
		n, err := c.ends[direction].Read(piece)
		if n > 0 {
			pass := w.pass(c, direction, n)
			if _, err := c.ends[1-direction].Write(piece[:pass]); err != nil || pass < n {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass holds a piece of n bytes up for as long as it must wait, and tells how
// many of them may go on; when those are not all the connection is to break.
func (w *way) pass(c *carried, direction, n int) int {
	w.mu.Lock()
	late, open := w.late, w.open[direction]
	if late > 0 {
		w.counts.Late++
	}
	select {
	case <-open:
	default:
		w.counts.Held++
	}
	w.mu.Unlock()
	if late > 0 {
		select {
		case <-time.After(late):
		case <-c.over:
			return 0
		}
	}
	select {
	case <-open:
	case <-c.over:
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bytes[direction] += n
	switch left := w.budget[direction]; {
	case left < 0:
		return n
	case left > n:
		w.budget[direction] -= n
		return n
	default:
		w.budget[direction] = -1
		w.counts.Cut++
		return left
	}
}

// cut breaks every connection; new ones are taken.
func (w *way) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.carried {
		c.cut()
		w.counts.Cut++
	}
}

// hold lets nothing through in that direction, or ends that; what waited goes on.
func (w *way) hold(direction int, held bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.open[direction]:
		if held {
			w.open[direction] = make(chan struct{})
		}
	default:
		if !held {
			close(w.open[direction])
		}
	}
}

// refuse takes no connection and breaks those there are, as a server that is
// down; or ends that.
func (w *way) refuse(refused bool) {
	w.mu.Lock()
	w.refused = refused
	w.mu.Unlock()
	if refused {
		w.cut()
	}
}

// slow lets every piece of data wait that long; 0 ends that.
func (w *way) slow(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = by
}

// breakAfter breaks the connection that carries the n-th byte from now on in
// that direction, just before it.
func (w *way) breakAfter(direction, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.budget[direction] = n
}

// ways are those from one client to every server.
type ways []*way

func (all ways) each(do func(*way)) {
	for _, w := range all {
		do(w)
	}
}

func (all ways) cut() { all.each((*way).cut) }
func (all ways) hold(direction int, held bool) {
	all.each(func(w *way) { w.hold(direction, held) })
}
func (all ways) silence(silent bool)   { all.hold(up, silent); all.hold(down, silent) }
func (all ways) refuse(refused bool)   { all.each(func(w *way) { w.refuse(refused) }) }
func (all ways) slow(by time.Duration) { all.each(func(w *way) { w.slow(by) }) }

// calm ends whatever lasts.
func (all ways) calm() {
	all.silence(false)
	all.refuse(false)
	all.slow(0)
	all.each(func(w *way) { w.breakAfter(up, -1); w.breakAfter(down, -1) })
}

// bytes tells how many went through in that direction.
func (all ways) bytes(direction int) (sum int) {
	for _, w := range all {
		w.mu.Lock()
		sum += w.bytes[direction]
		w.mu.Unlock()
	}
	return sum
}

func (all ways) counts() (sum Counts) {
	for _, w := range all {
		w.mu.Lock()
		sum = sum.plus(w.counts)
		w.mu.Unlock()
	}
	return sum
}
