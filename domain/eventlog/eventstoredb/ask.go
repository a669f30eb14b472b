package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"doorstep/domain/eventlog"
)

// bound gives a call the time it may take at most: what the caller has, and no
// more than three answers' patience.
func (l *Log) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 3*l.patience)
}

// ask puts a question to the leader, and again to the next when a node fails,
// until there is an answer or the time is over. A question may be put twice.
func ask[T any](ctx context.Context, l *Log, question func(context.Context, *node) (T, error)) (T, error) {
	bounded, cancel := l.bound(ctx)
	defer cancel()
	var none T
	for try := 0; ; try++ {
		n, err := l.link.take(bounded)
		if err != nil {
			return none, late(ctx, bounded, err)
		}
		answer, err := question(bounded, n)
		again := l.done(n, err)
		if !again {
			return answer, late(ctx, bounded, err)
		}
		if !pause(bounded, between(try)) {
			return none, late(ctx, bounded, err)
		}
	}
}

// done gives the node back, and gives it up when the call's failure asks for
// that. It tells whether the call may be made again.
func (l *Log) done(n *node, err error) (again bool) {
	defer l.link.leave(n)
	var f *failure
	if !errors.As(err, &f) || !f.again() {
		return false
	}
	l.link.lost(n, f)
	return true
}

// late says who was out of time: the caller, whose error it then is, or we.
func late(ctx, bounded context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", eventlog.ErrUnavailable, ctx.Err())
	case bounded.Err() != nil && !errors.Is(err, eventlog.ErrCorrupt):
		return fmt.Errorf("%w: the database gave no answer in time; the last was: %v", eventlog.ErrUnavailable, err)
	}
	return err
}

// between is how long to wait before the next try: soon at first, for most
// failures are over as soon as another node leads.
func between(try int) time.Duration {
	return min(10*time.Millisecond<<min(try, 10), 500*time.Millisecond)
}
