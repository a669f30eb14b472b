package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// publication is one commit on its way into the log.
type publication struct {
	at      eventlog.Head
	commit  eventlog.Commit
	sealed  []byte
	subject string
	perhaps bool // it may have been kept already
}

// Append is eventlog.Log's. It is published as often as it takes, always the
// same bytes on the same subject behind the same record, so that the leader
// keeps it once at most; and whenever an answer is missing or is no plain one,
// the stream itself is asked.
func (l *Log) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if err := ctx.Err(); err != nil {
		return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	c, sealed, err := eventlog.Seal(at, c)
	if err != nil {
		return eventlog.Record{}, err
	}
	subject, ok := l.stream.subject(c.Stream)
	if !ok {
		return eventlog.Record{}, fmt.Errorf("%w: stream %q", eventlog.ErrInvalid, c.Stream)
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
	p, began := &publication{at: at, commit: c, sealed: sealed, subject: subject}, time.Now()
	for try := 0; ; try++ {
		r, over, err := l.publish(bounded, p)
		if err == nil && over {
			return r, nil
		}
		if over || l.desk.away(began) || !pause(bounded, between(try)) {
			return r, p.unsettled(ctx, bounded, err)
		}
		l.resent.Add(1)
	}
}

// unsettled gives an error its right name when the commit may have been kept
// although it was not answered so.
func (p *publication) unsettled(ctx, bounded context.Context, err error) error {
	switch {
	case errors.Is(err, eventlog.ErrConflict), errors.Is(err, eventlog.ErrReused): // the stream said so itself
		return err
	case !p.perhaps:
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

// settled looks whether the answer is known without publishing: the commit is
// kept already, or the stream stands elsewhere. What it does not know of, the
// leader refuses, for it is told what to expect.
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

// publish publishes the commit once. It is over when there is an answer, good
// or bad; otherwise err says why not, and it may be published again.
func (l *Log) publish(ctx context.Context, p *publication) (r eventlog.Record, over bool, err error) {
	m := &nats.Msg{Subject: p.subject, Data: p.sealed, Header: nats.Header{
		jetstream.MsgIDHeader:               {p.commit.Stream + "/" + p.commit.ID},
		jetstream.ExpectedLastSubjSeqHeader: {strconv.FormatUint(p.at.Revision.Token(), 10)},
		jetstream.ExpectedStreamHeader:      {l.stream.name},
	}}
	q, err := l.desk.put(ctx, m)
	if err != nil {
		return eventlog.Record{}, true, err
	}
	seq, err := q.kept(ctx)
	var t *trouble
	var r2 *refusal
	switch {
	case err == nil && seq > p.at.Revision.Token():
		return l.acknowledged(p, seq), true, nil
	case err == nil, errors.Is(err, errMoved):
	case errors.As(err, &t):
		p.perhaps = p.perhaps || t.perhaps
		if t.cause != nil {
			return eventlog.Record{}, true, err
		}
		if !t.perhaps {
			return eventlog.Record{}, false, err
		}
	case errors.As(err, &r2), errors.Is(err, eventlog.ErrUnavailable):
		return eventlog.Record{}, true, err
	}
	r, settled, asking := l.lookUp(ctx, p.at, p.commit)
	if settled && p.perhaps {
		l.resolved.Add(1)
	}
	if settled || asking != nil {
		return r, true, asking
	}
	return eventlog.Record{}, false, err
}

// errMoved is that the leader does not keep a record for where the stream
// stands, or has it already, or is about to: the stream tells which.
var errMoved = &trouble{text: "another append to the stream is under way"}

// ack is what the leader answers to a publication.
type ack struct {
	Seq       uint64    `json:"seq"`
	Duplicate bool      `json:"duplicate"`
	Error     *apiError `json:"error"`
}

// kept reads the answer to a publication: the sequence number of the record.
// Errors: errMoved; *trouble when it may be published again; *refusal.
func (q *question) kept(ctx context.Context) (uint64, error) {
	m, err := q.wait(ctx)
	if err != nil {
		return 0, err
	}
	return q.ack(m)
}

func (q *question) ack(m *nats.Msg) (uint64, error) {
	if len(m.Data) == 0 {
		q.of.bad()
		return 0, &trouble{text: "nobody leads the stream: " + m.Header.Get("Status")}
	}
	var a ack
	if err := json.Unmarshal(m.Data, &a); err != nil || a.Error == nil && a.Seq == 0 {
		return 0, &trouble{text: "an answer of the cluster cannot be read", perhaps: true}
	}
	if a.Error == nil {
		q.of.good()
		if a.Duplicate {
			return 0, errMoved
		}
		return a.Seq, nil
	}
	switch e := a.Error; {
	case e.Code == codeWrongLast, e.Code == codeWrongLastBusy, e.Code == codeDuplicateBusy:
		q.of.good()
		return 0, errMoved
	case e.Code == codeStoreFailed: // the others may have kept it
		return 0, &trouble{text: fmt.Sprintf("the cluster answers %d %s", e.Code, e.Text), perhaps: true}
	case e.Code == codeIncomplete:
		return 0, &trouble{text: fmt.Sprintf("the cluster answers %d %s", e.Code, e.Text)}
	case e.Code == codeResources, e.Code == codeStorage: // full, which waiting does not change
		return 0, &refusal{e.Code, e.Text}
	case e.Status == 500, e.Status == 503, e.Status == 408, e.Status == 429:
		q.of.bad()
		return 0, &trouble{text: fmt.Sprintf("the cluster answers %d %s", e.Code, e.Text)}
	default:
		return 0, &refusal{e.Code, e.Text}
	}
}

// acknowledged is the record of a commit that the leader has kept.
func (l *Log) acknowledged(p *publication, seq uint64) eventlog.Record {
	r := eventlog.Record{Commit: p.commit, Sealed: p.sealed, Position: position(seq)}
	r.Head = eventlog.Head{Revision: eventlog.RevisionAt(seq), Length: p.at.Length + 1, Hash: sha256.Sum256(p.sealed)}
	l.known.Learn(p.commit.Stream, p.at, r.Head, p.commit.ID)
	l.shore.reach(seq)
	return r
}
