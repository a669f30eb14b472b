package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
)

// caller asks the cluster over one connection, which is renewed when it breaks,
// to whichever server of the address is to be had. Answers come to one inbox
// and are told apart by a number, so that a question costs no subscription.
// Questions are sent by one goroutine, in the order they were put: it may be
// held up by a line that takes nothing, and nobody who asks is.
type caller struct {
	nc    *nats.Conn
	log   *slog.Logger
	step  time.Duration
	inbox string
	out   chan *question
	gone  chan struct{} // closed by close
	ended chan struct{} // closed when the sender has ended

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]*question
	unwell  time.Time // since when there was no good answer; zero when the last was good
	forced  time.Time // when a connection was last given up
	broken  time.Time // since when there is no connection; zero while there is one

	silent, replaced atomic.Int64
}

// question is one that was put.
type question struct {
	of     *caller
	n      uint64
	msg    *nats.Msg
	mute   bool        // no answer is wanted
	answer chan answer // room for one
}

// soon is how long to wait before what was sent so often is sent again. A
// leader that goes takes questions with it, so at first that is short.
func (c *caller) soon(try int) time.Duration {
	return min(max(c.step/5, 100*time.Millisecond)<<min(try, 8), 2*c.step)
}

// slow is how long the line may take for something small behind something
// large; what takes longer than three times that is broken.
func (c *caller) slow() time.Duration { return max(c.step, time.Second) }

// answer is what came of it: a message, or why there is none.
type answer struct {
	msg *nats.Msg
	err *trouble
}

// trouble is why a question has no answer; it may be put again.
type trouble struct {
	text    string
	perhaps bool  // what was asked may have been done all the same
	cause   error // the context's, when the caller did not wait
}

func (t *trouble) Error() string { return t.text }

// Unwrap gives the log's word for it.
func (t *trouble) Unwrap() []error {
	if t.cause != nil {
		return []error{eventlog.ErrUnavailable, t.cause}
	}
	return []error{eventlog.ErrUnavailable}
}

// connect makes a connection to any server of the address before ctx is done.
func (a address) connect(ctx context.Context, step time.Duration, log *slog.Logger) (*caller, error) {
	c := &caller{
		log: log, step: step, inbox: nats.NewInbox() + ".", waiting: map[uint64]*question{},
		out: make(chan *question, 64), gone: make(chan struct{}), ended: make(chan struct{}),
	}
	options := append(append([]nats.Option{
		nats.Name("doorstep"),
		nats.IgnoreDiscoveredServers(), // what the operator wrote is where we go
		nats.Timeout(c.slow()), nats.FlusherTimeout(c.slow()), nats.PingInterval(c.slow()), nats.MaxPingsOutstanding(2),
		nats.MaxReconnects(-1), nats.ReconnectWait(step / 10), nats.ReconnectJitter(step/10, step/10), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectBufSize(-1), // what cannot be sent now is not sent later, behind our back
		nats.DisconnectErrHandler(c.broke),
		nats.ReconnectHandler(c.mended),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("the connection to the cluster", "error", err)
		}),
	}, a.secrets...), a.secure...)
	for try := 0; ; try++ {
		nc, err := connect(ctx, strings.Join(a.servers, ","), options)
		if err == nil {
			c.nc = nc
			return c, c.open()
		}
		if denied(err) {
			return nil, fmt.Errorf("%w: %v", ErrDenied, err)
		}
		if !pause(ctx, between(try)) {
			return nil, &trouble{text: "no server of the cluster answers; the last try said: " + err.Error()}
		}
	}
}

// connect is nats.Connect that ends when ctx is done.
func connect(ctx context.Context, servers string, options []nats.Option) (*nats.Conn, error) {
	type made struct {
		nc  *nats.Conn
		err error
	}
	done := make(chan made)
	go func() {
		nc, err := nats.Connect(servers, options...)
		select {
		case done <- made{nc, err}:
		case <-ctx.Done():
			if nc != nil {
				nc.Close()
			}
		}
	}()
	select {
	case m := <-done:
		return m.nc, m.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// denied tells an error that trying again would only repeat.
func denied(err error) bool {
	return errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) || errors.Is(err, nats.ErrAuthRevoked) ||
		errors.Is(err, nats.ErrSecureConnRequired) || errors.Is(err, nats.ErrSecureConnWanted) || strings.Contains(err.Error(), "certificate")
}

// open begins to hear and to send.
func (c *caller) open() error {
	sub, err := c.nc.Subscribe(c.inbox+"*", c.hear)
	if err == nil {
		err = sub.SetPendingLimits(-1, -1) // answers are bounded by what is asked for
	}
	go c.send()
	if err != nil {
		c.close()
		return fmt.Errorf("%w: %v", eventlog.ErrUnavailable, err)
	}
	return nil
}

// send sends what is put, in order.
func (c *caller) send() {
	defer close(c.ended)
	for {
		select {
		case <-c.gone:
			return
		case q := <-c.out:
			if !q.mute && !q.open() {
				continue // he who put it has left
			}
			switch err := c.nc.PublishMsg(q.msg); {
			case err == nil:
			case errors.Is(err, nats.ErrReconnectBufExceeded), errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrMaxPayload):
				q.resolve(answer{err: &trouble{text: "the connection to the cluster is broken"}})
			default:
				q.resolve(answer{err: &trouble{text: "the connection to the cluster broke", perhaps: true}})
			}
		}
	}
}

// hear hands an answer to whoever asked. It runs in one goroutine.
func (c *caller) hear(m *nats.Msg) {
	n, err := strconv.ParseUint(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:], 36, 64)
	if err != nil {
		return
	}
	c.mu.Lock()
	q := c.waiting[n]
	c.mu.Unlock()
	if q != nil {
		q.resolve(answer{msg: m})
	}
}

// broke ends every question under way: its answer went to a connection that is
// no more.
func (c *caller) broke(nc *nats.Conn, err error) {
	select {
	case <-c.gone:
		return
	default:
	}
	c.replaced.Add(1)
	c.log.Warn("the connection to the cluster broke and is renewed", "error", err)
	c.mu.Lock()
	if c.broken.IsZero() {
		c.broken = time.Now()
	}
	all := make([]*question, 0, len(c.waiting))
	for _, q := range c.waiting {
		all = append(all, q)
	}
	c.mu.Unlock()
	for _, q := range all {
		q.resolve(answer{err: &trouble{text: "the connection to the cluster broke", perhaps: true}})
	}
}

func (c *caller) mended(nc *nats.Conn) {
	c.log.Info("connected to the cluster again", "server", nc.ConnectedAddr())
	c.mu.Lock()
	c.broken = time.Time{}
	c.mu.Unlock()
}

// away tells that there has been no connection for as long as the patience
// lasts, all of it since began: who has waited so long is helped by no more.
func (c *caller) away(began time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.broken.IsZero() && time.Since(c.broken) > 5*c.step && time.Since(began) > 5*c.step
}

// put puts a question. The error is that it was not put: ctx is done, or the
// log closed.
func (c *caller) put(ctx context.Context, m *nats.Msg) (*question, error) {
	q := &question{of: c, msg: m, answer: make(chan answer, 1)}
	c.mu.Lock()
	c.next++
	q.n = c.next
	c.waiting[q.n] = q
	c.mu.Unlock()
	m.Reply = c.inbox + strconv.FormatUint(q.n, 36)
	select {
	case c.out <- q:
		return q, nil
	case <-ctx.Done():
		q.drop()
		return nil, &trouble{text: "the question was not put", cause: ctx.Err()}
	case <-c.gone:
		q.drop()
		return nil, errClosed
	}
}

// tell sends what has no answer, in order with what is put.
func (c *caller) tell(ctx context.Context, m *nats.Msg) error {
	select {
	case c.out <- &question{of: c, msg: m, mute: true}:
		return nil
	case <-ctx.Done():
		return &trouble{text: "the message was not sent", cause: ctx.Err()}
	case <-c.gone:
		return errClosed
	}
}

// open tells whether an answer is still waited for.
func (q *question) open() bool {
	q.of.mu.Lock()
	defer q.of.mu.Unlock()
	return q.of.waiting[q.n] == q
}

// drop is for a question whose answer nobody waits for.
func (q *question) drop() { q.take() }

// take ends the question; true for the one who does.
func (q *question) take() bool {
	q.of.mu.Lock()
	defer q.of.mu.Unlock()
	if q.of.waiting[q.n] != q {
		return false
	}
	delete(q.of.waiting, q.n)
	return true
}

func (q *question) resolve(a answer) {
	if q.take() {
		q.answer <- a
	}
}

// wait waits for the answer and sends the question again while none comes: an
// answer to any sending will do, for on a slow line the first is under way.
// Errors: *trouble, errClosed.
func (q *question) wait(ctx context.Context) (*nats.Msg, error) {
	defer q.drop()
	for try := 0; ; try++ {
		m, err := q.listen(ctx, q.of.soon(try))
		if err != errSilent {
			return m, err
		}
		select {
		case q.of.out <- q:
		default: // so much waits to be sent that one more would not help
		}
	}
}

var errSilent = &trouble{text: "the cluster does not answer", perhaps: true}

// listen waits for the answer for a while; errSilent when that is over.
func (q *question) listen(ctx context.Context, while time.Duration) (*nats.Msg, error) {
	patience := time.NewTimer(while)
	defer patience.Stop()
	select {
	case a := <-q.answer:
		if a.err != nil {
			return nil, a.err
		}
		return a.msg, nil
	case <-ctx.Done():
		return nil, &trouble{text: ctx.Err().Error(), perhaps: true, cause: ctx.Err()}
	case <-q.of.gone:
		return nil, errClosed
	case <-patience.C:
		q.of.silent.Add(1)
		q.of.bad()
		return nil, errSilent
	}
}

// bad tells of an answer that did not come or was no use. When there was no
// other for long, another server is tried: ours may be cut off.
func (c *caller) bad() {
	c.mu.Lock()
	now := time.Now()
	if c.unwell.IsZero() {
		c.unwell = now
	}
	give := now.Sub(c.unwell) >= 3*c.slow() && now.Sub(c.forced) >= 3*c.slow()
	if give {
		c.unwell, c.forced = time.Time{}, now
	}
	c.mu.Unlock()
	if give {
		c.log.Warn("another server of the cluster is tried", "instead of", c.nc.ConnectedAddr())
		go func() { _ = c.nc.ForceReconnect() }() // it may wait for a line that takes nothing
	}
}

// good forgets what bad was told.
func (c *caller) good() {
	c.mu.Lock()
	c.unwell = time.Time{}
	c.mu.Unlock()
}

// close lets the connection go; questions under way get no answer.
func (c *caller) close() {
	close(c.gone)
	c.nc.Close()
	<-c.ended
}

// pause waits; false when ctx is done first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// between is how long to wait before the next try: soon at first, for most
// failures are over as soon as another server leads.
func between(try int) time.Duration {
	return min(2*time.Millisecond<<min(try, 10), 100*time.Millisecond)
}
