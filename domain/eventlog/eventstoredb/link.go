package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"doorstep/domain/eventlog"
)

// link keeps the connection to the node that leads, and replaces it when it
// fails. However many callers need one at once, only one search is under way,
// in a goroutine of its own: each caller waits for it no longer than he likes.
type link struct {
	address  address
	patience time.Duration
	log      *slog.Logger
	genesis  atomic.Pointer[eventlog.Genesis] // of the log that every node must have; nil: not known yet
	making   bool                             // a log is being made, so none may be there

	life context.Context // until close
	end  context.CancelFunc

	mu     sync.Mutex
	leader *node
	hint   string // who leads, as a node said that does not
	search *search

	hangs, replaced atomic.Int64
}

// search is one look for the leader.
type search struct {
	done chan struct{} // closed when err is set, or the leader is the link's
	err  error
}

func newLink(a address, patience time.Duration, log *slog.Logger) *link {
	l := &link{address: a, patience: patience, log: log}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

// take gives the leader's connection; leave must follow. The errors are the
// search's, or ErrUnavailable with the context's.
func (l *link) take(ctx context.Context) (*node, error) {
	for {
		l.mu.Lock()
		if l.life.Err() != nil {
			l.mu.Unlock()
			return nil, errClosed
		}
		if n := l.leader; n != nil {
			n.users++
			l.mu.Unlock()
			return n, nil
		}
		s := l.search
		if s == nil {
			s = &search{done: make(chan struct{})}
			l.search = s
			go l.find(s)
		}
		l.mu.Unlock()
		select {
		case <-s.done:
			if s.err != nil {
				return nil, s.err
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: no leader was found yet: %w", eventlog.ErrUnavailable, ctx.Err())
		}
	}
}

// leave ends what take began. A connection that was given up is closed when its
// last user has left, so that nobody's call is cut for another's failure.
func (l *link) leave(n *node) {
	l.mu.Lock()
	n.users--
	over := n.users == 0 && l.leader != n
	l.mu.Unlock()
	if over {
		n.close()
	}
}

// lost gives up the node for what happened on it. The caller still has it.
func (l *link) lost(n *node, f *failure) {
	if f.kind == slow {
		l.hangs.Add(1)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leader != n || f.kind == busy {
		return
	}
	l.leader, l.hint = nil, f.leader
	l.replaced.Add(1)
	close(n.gone)
	l.log.Warn("the connection to the database is replaced", "node", n.address, "reason", f.text)
}

// find looks for the leader until it answers or the patience is over.
func (l *link) find(s *search) {
	ctx, cancel := context.WithTimeout(l.life, l.patience)
	defer cancel()
	n, err := l.attempt(ctx)
	said := errSlow
	for err != nil && (ctx.Err() != nil || !lasting(err)) {
		if ctx.Err() == nil {
			said = err
		}
		if !pause(ctx, l.address.between()) { // our patience is over, which is no caller's deadline
			err = fmt.Errorf("%w: no node of the database leads and answers; the last said: %v", eventlog.ErrUnavailable, said)
			break
		}
		n, err = l.attempt(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.life.Err() != nil:
		err = errClosed
		if n != nil {
			n.close()
		}
	case err == nil:
		l.leader = n
	}
	l.search, s.err = nil, err
	close(s.done)
}

// lasting tells an error that looking again would only repeat.
func lasting(err error) bool {
	var f *failure
	return errors.Is(err, eventlog.ErrCorrupt) || errors.Is(err, ErrNoLog) || errors.Is(err, ErrAddress) || errors.As(err, &f) && !f.again()
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

// attempt tries each place where the leader may be, once.
func (l *link) attempt(ctx context.Context) (*node, error) {
	l.mu.Lock()
	hint := l.hint
	l.hint = ""
	l.mu.Unlock()
	var errs []error
	if hint != "" {
		n, err := l.reach(ctx, hint)
		if err == nil || lasting(err) {
			return n, err
		}
		errs = append(errs, err)
	}
	for _, seed := range l.address.seeds() {
		to, err := l.leads(ctx, seed)
		if err == nil {
			var n *node
			if n, err = l.reach(ctx, to); err == nil || lasting(err) {
				return n, err
			}
		}
		errs = append(errs, err)
	}
	return nil, errs[len(errs)-1]
}

// step is how long one node may take to answer while the leader is looked for:
// so short that a silent one leaves time for the others.
func (l *link) step() time.Duration { return min(l.address.gossiping(), l.patience/2) }

// leads asks the seed which node leads; one that stands alone leads itself.
func (l *link) leads(ctx context.Context, seed string) (string, error) {
	if !l.address.cluster() {
		return seed, nil
	}
	n, err := open(l.address, seed)
	if err != nil {
		return "", err
	}
	defer n.close()
	to, err := n.leader(ctx, l.step())
	l.count(err)
	return to, err
}

// reach connects to the node and makes sure that it leads and has this log.
func (l *link) reach(ctx context.Context, to string) (*node, error) {
	n, err := open(l.address, to)
	if err != nil {
		return nil, err
	}
	if err = l.identify(ctx, n); err == nil {
		return n, nil
	}
	n.close()
	l.count(err)
	var f *failure
	if errors.As(err, &f) && f.kind == moved && f.leader != "" {
		l.mu.Lock()
		l.hint = f.leader
		l.mu.Unlock()
	}
	return nil, err
}

// count counts the hangs met on the way to a leader.
func (l *link) count(err error) {
	var f *failure
	if errors.As(err, &f) && f.kind == slow {
		l.hangs.Add(1)
	}
}

// close cuts everything.
func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
	if n := l.leader; n != nil {
		l.leader = nil
		close(n.gone)
		n.close()
	}
}
