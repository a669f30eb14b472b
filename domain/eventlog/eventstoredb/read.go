package eventstoredb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"doorstep/domain/eventlog"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// Read is eventlog.Log's. Where a connection breaks it goes on, on the next, at
// the record after the last it gave.
func (l *Log) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		if err := cmp.Or(l.usable(), ctx.Err()); err != nil {
			yield(eventlog.Record{}, err)
			return
		}
		head, ids, left := after, []string(nil), false
		err := l.walk(ctx, stream, after, func(r eventlog.Record) bool {
			left = !yield(r, nil)
			head, ids = r.Head, append(ids, r.ID)
			return !left
		})
		switch {
		case left:
		case err != nil:
			yield(eventlog.Record{}, err)
		default:
			l.known.Learn(stream, after, head, ids...)
		}
	}
}

// search looks for the commit of that id in the stream: the record, or else
// where the stream stands.
func (l *Log) search(ctx context.Context, stream, id string) (eventlog.Head, *eventlog.Record, error) {
	from, seen := l.known.Look(stream, id)
	if seen {
		from = eventlog.Head{}
	}
	var kept *eventlog.Record
	head, ids := from, []string(nil)
	err := l.walk(ctx, stream, from, func(r eventlog.Record) bool {
		if r.ID == id {
			kept = &r
			return false
		}
		head, ids = r.Head, append(ids, r.ID)
		return true
	})
	if err == nil && kept == nil {
		l.known.Learn(stream, from, head, ids...)
	}
	return head, kept, err
}

var (
	errShort  = errors.New("the stream is shorter than it was") // it ends before where it is known to have come
	errEnough = errors.New("no more is wanted")
)

// walk gives the stream's records after the head to take, which says whether it
// wants more, until the stream ends. A node that shows less of the stream than
// is known is taken for one that is behind, like a leader that was cut off and
// does not know it yet, and is given up for another; when for as long as the
// patience lasts none shows more, records are lost.
func (l *Log) walk(ctx context.Context, stream string, after eventlog.Head, take func(eventlog.Record) bool) error {
	if !streamForm.MatchString(stream) {
		return nil // no stream of ours can be called so
	}
	floor, _ := l.known.Look(stream, "")
	head := after
	give, short := time.Now().Add(3*l.patience), time.Time{}
	for try := 0; ; try++ {
		n, err := l.link.take(ctx)
		if err != nil {
			return late(ctx, ctx, err)
		}
		came := head.Length
		err = l.pass(ctx, n, stream, &head, take)
		if err == nil && head.Length < floor.Length {
			err = errShort
		}
		if errors.Is(err, errShort) {
			if short.IsZero() {
				short = time.Now().Add(l.patience)
			} else if time.Now().After(short) {
				l.link.leave(n)
				return fmt.Errorf("%w: of %s there were %d commits", ErrShortened, stream, max(head.Length, floor.Length))
			}
			err = &failure{kind: broken, text: "the node shows a stream shorter than it was"}
		}
		if again := l.done(n, err); errors.Is(err, errEnough) {
			return nil
		} else if !again {
			return late(ctx, ctx, err)
		}
		if head.Length > came {
			give, try = time.Now().Add(3*l.patience), 0
		}
		if time.Now().After(give) || !pause(ctx, between(try)) {
			return late(ctx, ctx, err)
		}
	}
}

// pass reads the stream once from one node, and moves head along. It ends
// without an error where the stream ends, and with errEnough or errShort.
func (l *Log) pass(ctx context.Context, n *node, stream string, head *eventlog.Head, take func(eventlog.Record) bool) error {
	r, err := n.read(ctx, l.patience, forwards(stream, uint64(head.Length)))
	if err != nil {
		return err
	}
	defer r.end()
	for {
		frame, err := r.next(l.patience)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch content := frame.Content.(type) {
		case *streams.ReadResp_Event:
			s, _ := storedOf(frame)
			record, err := s.open()
			if err == nil {
				err = record.Follows(*head)
			}
			if err != nil {
				return err
			}
			*head = record.Head
			if !take(record) {
				return errEnough
			}
		case *streams.ReadResp_StreamNotFound_:
			if head.Exists() {
				return errShort
			}
			return nil
		case *streams.ReadResp_LastStreamPosition: // what newer servers end with
			if content.LastStreamPosition+1 < uint64(head.Length) {
				return errShort
			}
			if content.LastStreamPosition+1 > uint64(head.Length) {
				return fmt.Errorf("%w: %s goes on to revision %d, and ends at %d when it is read", eventlog.ErrCorrupt, stream, content.LastStreamPosition, head.Length-1)
			}
		}
	}
}

// record reads one record of a stream; false when there is none.
func (l *Log) record(ctx context.Context, stream string, revision uint64) (eventlog.Record, bool, error) {
	r, err := ask(ctx, l, func(ctx context.Context, n *node) (*eventlog.Record, error) {
		what := forwards(stream, revision)
		what.CountOption = &streams.ReadReq_Options_Count{Count: 1}
		s, err := l.first(ctx, n, what)
		if s == nil || err != nil {
			return nil, err
		}
		r, err := s.open()
		return &r, err
	})
	if r == nil || err != nil {
		return eventlog.Record{}, false, err
	}
	return *r, true, nil
}

// first gives the first event of an answer; nil when there is none.
func (l *Log) first(ctx context.Context, n *node, what *streams.ReadReq_Options) (*stored, error) {
	r, err := n.read(ctx, l.patience, what)
	if err != nil {
		return nil, err
	}
	defer r.end()
	for {
		frame, err := r.next(l.patience)
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if s, ok := storedOf(frame); ok {
			return &s, nil
		}
	}
}

// end gives the position of the last commit in the database.
func (l *Log) end(ctx context.Context, n *node) (eventlog.Position, error) {
	r, err := n.read(ctx, l.patience, backwards())
	if err != nil {
		return eventlog.Position{}, err
	}
	defer r.end()
	for {
		frame, err := r.next(l.patience)
		if errors.Is(err, io.EOF) {
			return eventlog.Position{}, nil
		}
		if err != nil {
			return eventlog.Position{}, err
		}
		if s, ok := storedOf(frame); ok && s.kind == commitType && streamForm.MatchString(s.stream) {
			return eventlog.PositionAt(s.at.commit), nil
		}
	}
}
