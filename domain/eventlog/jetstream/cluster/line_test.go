package cluster_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// line is the network between a program and the servers: one proxy for each
// server, all of which can be made to fail at once.
type line struct {
	listeners []net.Listener
	to        []string

	mu    sync.Mutex
	conns map[net.Conn]bool

	deaf  atomic.Bool // what servers say is swallowed
	mute  atomic.Bool // what the program says is swallowed
	hung  atomic.Bool // nothing is taken from anybody any more: buffers fill up
	heard atomic.Int64
	lost  atomic.Int64 // bytes that were swallowed
}

// between lays a line between the test and the servers, and gives the address
// at its near end.
func between(t *testing.T, c *servers, stream string) (*line, string) {
	t.Helper()
	l := &line{conns: map[net.Conn]bool{}}
	address := "nats://"
	for i, o := range c.options {
		near, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.listeners, l.to = append(l.listeners, near), append(l.to, fmt.Sprint("127.0.0.1:", o.Port))
		go l.serve(near, l.to[i])
		if i > 0 {
			address += ","
		}
		address += near.Addr().String()
	}
	t.Cleanup(func() {
		for _, near := range l.listeners {
			near.Close()
		}
		l.hung.Store(false)
		l.cut()
	})
	return l, address + "?stream=" + stream
}

func (l *line) serve(near net.Listener, to string) {
	for {
		a, err := near.Accept()
		if err != nil {
			return
		}
		b, err := net.Dial("tcp", to)
		if err != nil {
			a.Close()
			continue
		}
		l.mu.Lock()
		l.conns[a], l.conns[b] = true, true
		l.mu.Unlock()
		go l.carry(a, b, &l.mute)
		go l.carry(b, a, &l.deaf)
	}
}

// carry moves bytes from one end to the other while it may.
func (l *line) carry(from, to net.Conn, swallow *atomic.Bool) {
	defer l.hangUp(from, to)
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		for l.hung.Load() {
			l.lost.Add(1)
			if l.gone(from) {
				return
			}
			pauseShortly()
		}
		if swallow.Load() {
			l.lost.Add(int64(n))
			continue
		}
		l.heard.Add(int64(n))
		if _, err := to.Write(buf[:n]); err != nil && err != io.EOF {
			return
		}
	}
}

func (l *line) gone(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.conns[c]
}

func (l *line) hangUp(ends ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range ends {
		delete(l.conns, c)
		c.Close()
	}
}

// cut breaks every connection there is.
func (l *line) cut() {
	l.mu.Lock()
	var all []net.Conn
	for c := range l.conns {
		all = append(all, c)
	}
	l.mu.Unlock()
	l.hangUp(all...)
}
