package jetstream

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// errOver ends a wait because the log failed or was closed; usable says which.
var errOver = errors.New("the log is over")

// What the server answers when the stream does not stand where the publisher
// thought: 10071 in the plain case, 10164 when another publication of the
// subject is under way (in clusters, and within batches).
const (
	wrongLastSequence         = 10071
	wrongLastSequenceConstant = 10164
)

// publication is one commit on its way into the log.
type publication struct {
	commit eventlog.Commit
	sealed []byte
	at     eventlog.Head
	head   eventlog.Head // just after it; the revision is set when the server has answered
	seq    uint64
	done   chan outcome // room for one
	over   atomic.Bool
}

// outcome is how a publication ended: durable at seq, or refused by the server
// with a code, or kept before under its message id, or err.
type outcome struct {
	seq   uint64
	code  int
	twice bool
	err   error
}

func (p *publication) answer(o outcome) {
	if p.over.CompareAndSwap(false, true) {
		p.done <- o
	}
}

// Append is eventlog.Log's.
func (l *Log) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if err := ctx.Err(); err != nil {
		return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, err)
	}
	c, sealed, err := eventlog.Seal(at, c)
	if err != nil {
		return eventlog.Record{}, err
	}
	if err := l.enter(); err != nil {
		return eventlog.Record{}, err
	}
	defer l.using.RUnlock()
	if !l.filling.TryRLock() {
		return eventlog.Record{}, fmt.Errorf("%w: it is being filled from another", eventlog.ErrUnavailable)
	}
	defer l.filling.RUnlock()
	if r, settled, err := l.settled(ctx, at, c); settled || err != nil {
		return r, err
	}
	p := &publication{commit: c, sealed: sealed, at: at, done: make(chan outcome, 1)}
	p.head = eventlog.Head{Length: at.Length + 1, Hash: sha256.Sum256(sealed)}
	if err := l.publish(p); err != nil {
		return eventlog.Record{}, err
	}
	return l.await(ctx, p)
}

// settled looks whether the answer is known without publishing: the commit is
// kept already, or the stream stands elsewhere. What it does not know of, the
// server refuses.
func (l *Log) settled(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, bool, error) {
	if head, seen := l.known.look(c.Stream, c.ID); !seen && head == at {
		return eventlog.Record{}, false, nil
	}
	return l.lookUp(ctx, at, c)
}

// lookUp brings what is known of the stream up to date, and gives the record
// the commit became when it was kept before, or the conflict when the stream
// does not stand at at.
func (l *Log) lookUp(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, bool, error) {
	head, kept, err := l.search(ctx, c.Stream, c.ID)
	switch {
	case err != nil:
		return eventlog.Record{}, false, fmt.Errorf("%w: looking for %s: %w", eventlog.ErrUnavailable, c.ID, err)
	case kept != nil && !kept.SameDeed(c):
		return *kept, true, eventlog.ErrReused
	case kept != nil:
		return *kept, true, nil
	case head != at:
		return eventlog.Record{}, true, &eventlog.Conflict{Actual: head}
	}
	return eventlog.Record{}, false, nil
}

// publish sends the commit to the server, to be kept only if the stream's last
// record is still the one at at.
func (l *Log) publish(p *publication) error {
	subject, ok := subject(p.commit.Stream)
	if !ok {
		return fmt.Errorf("%w: stream %q", eventlog.ErrInvalid, p.commit.Stream)
	}
	m := &nats.Msg{Subject: subject, Data: p.sealed, Header: nats.Header{
		jetstream.MsgIDHeader:               {p.commit.Stream + "/" + p.commit.ID},
		jetstream.ExpectedLastSubjSeqHeader: {strconv.FormatUint(p.at.Revision.Token(), 10)},
		jetstream.ExpectedStreamHeader:      {streamName},
	}}
	_, err := l.writer.ask(m, func(m *nats.Msg) bool {
		l.acknowledged(p, m)
		return true
	})
	return err
}

// ack is what the server answers to a publication.
type ack struct {
	Seq       uint64 `json:"seq"`
	Duplicate bool   `json:"duplicate"`
	Error     *struct {
		Code int    `json:"err_code"`
		Text string `json:"description"`
	} `json:"error"`
}

// acknowledged takes the server's answer, in the order in which it kept the
// records: so whatever a barrier covers is known here before it is durable.
func (l *Log) acknowledged(p *publication, m *nats.Msg) {
	seq, o := read(m)
	if seq == 0 {
		p.answer(o)
		return
	}
	p.seq = seq
	p.head.Revision = eventlog.RevisionAt(seq)
	l.noted(p)
	l.barrier.wrote(mark{seq, p.head.Hash}, p)
}

// read reads the server's answer to a publication: where it was kept, or the
// outcome where it was not kept now.
func read(m *nats.Msg) (seq uint64, o outcome) {
	var a ack
	err := json.Unmarshal(m.Data, &a)
	switch {
	case len(m.Data) == 0:
		o.err = fmt.Errorf("%w: the event store answers %q", eventlog.ErrUnavailable, m.Header.Get("Status"))
	case err != nil || a.Error == nil && a.Seq == 0:
		o.err = fmt.Errorf("%w: the event store's answer cannot be read", eventlog.ErrUnknown)
	case a.Error != nil && a.Error.Code != wrongLastSequence && a.Error.Code != wrongLastSequenceConstant:
		o.err = fmt.Errorf("%w: the event store answers %d %s", eventlog.ErrUnavailable, a.Error.Code, a.Error.Text)
	case a.Error != nil:
		o.code = a.Error.Code
	case a.Duplicate:
		o.twice = true
	default:
		return a.Seq, outcome{}
	}
	return 0, o
}

// noted remembers a publication that was kept.
func (l *Log) noted(p *publication) {
	if l.last+1 != p.seq { // an answer was lost: what is known of some stream is old
		l.known.forgetAll()
	}
	l.last = p.seq
	l.known.note(p.commit.Stream, p.commit.ID, p.at, p.head)
}

// await waits until the commit is durable, or it is known why not.
func (l *Log) await(ctx context.Context, p *publication) (eventlog.Record, error) {
	patience := time.NewTimer(answering)
	defer patience.Stop()
	select {
	case o := <-p.done:
		switch {
		case o.err != nil:
			return eventlog.Record{}, o.err
		case o.code != 0 || o.twice:
			return l.resolve(ctx, p)
		}
		return eventlog.Record{Commit: p.commit, Position: position(p.seq), Head: p.head, Sealed: p.sealed}, nil
	case <-ctx.Done():
		return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrUnknown, ctx.Err())
	case <-l.failed:
		return eventlog.Record{}, fmt.Errorf("%w: %v", eventlog.ErrUnknown, l.failedBy)
	case <-patience.C:
		return l.resolve(ctx, p)
	}
}

// resolve finds out from the stream itself what became of a commit for which
// the server gave no plain answer. As long as the stream has not moved, the
// commit may still be kept: ErrUnknown.
func (l *Log) resolve(ctx context.Context, p *publication) (eventlog.Record, error) {
	r, settled, err := l.lookUp(ctx, p.at, p.commit)
	if settled {
		return r, err
	}
	return eventlog.Record{}, fmt.Errorf("%w: the event store gave no answer", eventlog.ErrUnknown)
}
