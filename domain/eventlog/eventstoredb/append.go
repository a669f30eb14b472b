package eventstoredb

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"doorstep/domain/eventlog"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// sending is one commit on its way into the log.
type sending struct {
	at      eventlog.Head
	commit  eventlog.Commit
	sealed  []byte
	options *streams.AppendReq
	event   *streams.AppendReq
	perhaps bool  // it may have been kept already
	last    error // why the last try did not end it
}

// Append is eventlog.Log's. It is sent as often as it takes, always the same
// bytes under the same event id behind the same revision, so that the database
// keeps it once at most; and whenever an answer is missing or cannot be
// understood, the stream itself is asked.
func (l *Log) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if err := ctx.Err(); err != nil {
		return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	c, sealed, err := eventlog.Seal(at, c)
	if err != nil {
		return eventlog.Record{}, err
	}
	if l.closing.Load() || !l.using.TryRLock() { // taken for writing by Close alone
		return eventlog.Record{}, errClosed
	}
	defer l.using.RUnlock()
	bounded, cancel := l.bound(ctx)
	defer cancel()
	if r, settled, err := l.settled(bounded, at, c); settled || err != nil {
		return r, late(ctx, bounded, err)
	}
	s := &sending{at: at, commit: c, sealed: sealed, options: expecting(c.Stream, at), event: event(commitType, eventID(c.Stream, sealed), sealed)}
	for try := 0; ; try++ {
		r, over, err := l.send(bounded, s)
		if err == nil && over {
			return r, nil
		}
		if over || !pause(bounded, between(try)) {
			return r, unsettled(ctx, bounded, s.perhaps, err)
		}
		s.last = err
	}
}

// unsettled gives an error its right name when, perhaps, what was sent was kept
// although it was not answered so.
func unsettled(ctx, bounded context.Context, perhaps bool, err error) error {
	switch {
	case errors.Is(err, eventlog.ErrConflict), errors.Is(err, eventlog.ErrReused): // the stream said so itself
		return err
	case !perhaps:
		return late(ctx, bounded, err)
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", eventlog.ErrUnknown, ctx.Err())
	}
	return fmt.Errorf("%w: %w", eventlog.ErrUnknown, &lastWord{err})
}

// lastWord is an error that is told, but that the caller shall not act upon:
// unavailable means that nothing was kept, which is not known here.
type lastWord struct{ err error }

func (w *lastWord) Error() string { return w.err.Error() }
func (w *lastWord) Is(target error) bool {
	return target != eventlog.ErrUnavailable && errors.Is(w.err, target)
}

// settled looks whether the answer is known without sending: the commit is kept
// already, or the stream stands elsewhere. What it does not know of, the
// database refuses, for it is told what to expect.
func (l *Log) settled(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, bool, error) {
	if at == (eventlog.Head{}) { // nothing stands before it
		return eventlog.Record{}, false, nil
	}
	if head, seen := l.known.Look(c.Stream, c.ID); !seen && head == at {
		return eventlog.Record{}, false, nil
	}
	return l.lookUp(ctx, at, c)
}

// lookUp asks the stream: the record the commit became when it was kept, or the
// conflict when the stream does not stand at at.
func (l *Log) lookUp(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, bool, error) {
	head, kept, err := l.search(ctx, c.Stream, c.ID)
	switch {
	case err != nil:
		return eventlog.Record{}, false, err
	case kept != nil && !kept.SameDeed(c):
		return *kept, true, eventlog.ErrReused
	case kept != nil:
		return *kept, true, nil
	case head != at:
		return eventlog.Record{}, true, &eventlog.Conflict{Actual: head}
	}
	return eventlog.Record{}, false, nil
}

// send sends the commit once. It is over when there is an answer, good or bad;
// otherwise err says why not, and it may be sent again.
func (l *Log) send(ctx context.Context, s *sending) (r eventlog.Record, over bool, err error) {
	n, err := l.link.take(ctx)
	if err != nil {
		return eventlog.Record{}, true, err
	}
	answer, f := n.append(ctx, l.patience, s.options, s.event)
	switch {
	case f == nil && acknowledges(answer, s.at, 1):
		l.link.leave(n)
		return l.kept(s, answer.GetSuccess()), true, nil
	case f == nil: // refused for where the stream stands, or kept without saying where, or no answer at all
		s.perhaps = s.perhaps || answer.GetWrongExpectedVersion() == nil
		l.link.leave(n)
		err = fmt.Errorf("%w: the database contradicts itself about where the stream stands", eventlog.ErrUnavailable)
	default:
		s.perhaps = s.perhaps || f.perhaps
		if !l.done(n, f) {
			return eventlog.Record{}, true, f
		}
		if !f.perhaps {
			return eventlog.Record{}, false, f
		}
		err = f
	}
	r, settled, asking := l.lookUp(ctx, s.at, s.commit)
	if settled && s.perhaps {
		l.resolved.Add(1)
	}
	if settled || asking != nil {
		return r, true, asking
	}
	return eventlog.Record{}, false, err
}

// acknowledges tells whether the answer says that n events were kept behind the
// head, and where.
func acknowledges(answer *streams.AppendResp, at eventlog.Head, n int) bool {
	done := answer.GetSuccess()
	revision, some := done.GetCurrentRevisionOption().(*streams.AppendResp_Success_CurrentRevision)
	return some && revision.CurrentRevision == uint64(at.Length)+uint64(n)-1 && done.GetPosition() != nil
}

// kept is the record of a commit that the database acknowledged.
func (l *Log) kept(s *sending, done *streams.AppendResp_Success) eventlog.Record {
	r := eventlog.Record{Commit: s.commit, Sealed: s.sealed, Position: eventlog.PositionAt(done.GetPosition().GetCommitPosition())}
	r.Head = eventlog.Head{Revision: eventlog.RevisionAt(uint64(s.at.Length)), Length: s.at.Length + 1, Hash: sha256.Sum256(s.sealed)}
	l.known.Learn(s.commit.Stream, s.at, r.Head, s.commit.ID)
	return r
}
