package jetstream

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
)

// answering is how long the server, which is in the same process, may take for
// one answer before it is given up: only a disk that hangs takes seconds.
const answering = 60 * time.Second

// caller asks the server over one connection of its own. Answers come to one
// inbox and are told apart by a number, so that a question costs no
// subscription. take is called for every answer, in the order they come.
type caller struct {
	nc    *nats.Conn
	inbox string

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]func(*nats.Msg) (done bool)
	gone    chan struct{}
}

func (e *engine) caller() (*caller, error) {
	nc, err := e.connect()
	if err != nil {
		return nil, err
	}
	c := &caller{nc: nc, inbox: nats.NewInbox() + ".", waiting: map[uint64]func(*nats.Msg) bool{}, gone: make(chan struct{})}
	sub, err := nc.Subscribe(c.inbox+"*", c.hear)
	if err == nil {
		err = sub.SetPendingLimits(-1, -1) // answers are bounded by what is asked for
	}
	if err == nil {
		err = nc.FlushTimeout(answering)
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return c, nil
}

// hear hands an answer to whoever asked. It runs in one goroutine.
func (c *caller) hear(m *nats.Msg) {
	n, err := strconv.ParseUint(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:], 36, 64)
	if err != nil {
		return
	}
	c.mu.Lock()
	take := c.waiting[n]
	c.mu.Unlock()
	if take != nil && take(m) {
		c.forget(n)
	}
}

func (c *caller) forget(n uint64) {
	c.mu.Lock()
	delete(c.waiting, n)
	c.mu.Unlock()
}

// ask sends m and has take called with each answer until it says that it is
// done. forget takes the question back.
func (c *caller) ask(m *nats.Msg, take func(*nats.Msg) bool) (n uint64, err error) {
	c.mu.Lock()
	c.next++
	n = c.next
	c.waiting[n] = take
	c.mu.Unlock()
	m.Reply = c.inbox + strconv.FormatUint(n, 36)
	if err := c.nc.PublishMsg(m); err != nil {
		c.forget(n)
		return n, fmt.Errorf("%w: %v", eventlog.ErrUnavailable, err)
	}
	return n, nil
}

// question is one that has several answers.
type question struct {
	of      *caller
	n       uint64
	answers chan *nats.Msg
	end     func(*nats.Msg) bool
}

// put asks for at most most answers and the one after them that end recognises.
func (c *caller) put(m *nats.Msg, most int, end func(*nats.Msg) bool) (*question, error) {
	q := &question{of: c, answers: make(chan *nats.Msg, most+1), end: end}
	var err error
	q.n, err = c.ask(m, func(m *nats.Msg) bool {
		select {
		case q.answers <- m:
			return end(m)
		default: // more than was asked for
			return true
		}
	})
	return q, err
}

// drop is for a question whose answers nobody waits for.
func (q *question) drop() {
	if q != nil {
		q.of.forget(q.n)
	}
}

// collect waits for all answers; the last is the one that end recognised. The
// error is ErrUnavailable, or the context's.
func (q *question) collect(ctx context.Context) ([]*nats.Msg, error) {
	defer q.drop()
	patience := time.NewTimer(answering)
	defer patience.Stop()
	all := make([]*nats.Msg, 0, cap(q.answers))
	for {
		select {
		case m := <-q.answers:
			if all = append(all, m); q.end(m) {
				return all, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-q.of.gone:
			return nil, errClosed
		case <-patience.C:
			return nil, fmt.Errorf("%w: the event store does not answer", eventlog.ErrUnavailable)
		}
	}
}

// close lets the connection go; questions under way get no answer.
func (c *caller) close() {
	close(c.gone)
	c.nc.Close()
}
