package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"doorstep/domain/eventlog"
)

// Read is eventlog.Log's. Every record comes from the stream's leader.
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
	if err == nil && kept != nil && !seen {
		l.known.Learn(stream, from, kept.Head, append(ids, id)...)
	} else if err == nil && kept == nil {
		l.known.Learn(stream, from, head, ids...)
	}
	return head, kept, err
}

// walk gives the stream's records after the head to take, which says whether it
// wants more, until the stream ends. That it ends is believed only of a leader
// that has shown, before it was asked, all that this process knows to be there:
// one that was cut off and does not know it yet shows less.
func (l *Log) walk(ctx context.Context, stream string, after eventlog.Head, take func(eventlog.Record) bool) error {
	subject, ok := l.stream.subject(stream)
	if !ok {
		return nil // no stream of ours can be called so
	}
	floor := max(l.shore.reached(), after.Revision.Token())
	leads, leave := context.WithCancel(ctx)
	defer leave()
	confirmed := make(chan error, 1)
	go func() {
		bounded, cancel := l.bound(leads)
		defer cancel()
		_, err := l.confirm(bounded, l.desk, floor)
		confirmed <- late(leads, bounded, err)
	}()
	sure := false
	confirm := func() error {
		err := <-confirmed
		sure = err == nil
		return err
	}
	if known, _ := l.known.Look(stream, ""); known == after && after.Exists() { // there will hardly be more
		if err := confirm(); err != nil {
			return err
		}
	}
	for head := after; ; {
		if !sure && len(confirmed) > 0 {
			if err := confirm(); err != nil {
				return err
			}
		}
		r, err := l.behind(ctx, subject, stream, head)
		switch {
		case errors.Is(err, errNoRecord) && sure:
			return nil
		case errors.Is(err, errNoRecord):
			err = confirm()
		case err == nil:
			head = r.Head
			if !take(r) {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
}

// behind gives the stream's record behind the head; errNoRecord when there is
// none.
func (l *Log) behind(ctx context.Context, subject, stream string, head eventlog.Head) (eventlog.Record, error) {
	bounded, cancel := l.bound(ctx)
	defer cancel()
	s, err := l.get(bounded, l.desk, get{Seq: head.Revision.Token() + 1, Next: subject})
	switch {
	case errors.Is(err, errNoRecord):
		return eventlog.Record{}, err
	case errors.Is(err, errNoStream):
		return eventlog.Record{}, fmt.Errorf("%w: the stream %s is gone", ErrShortened, l.stream.name)
	case err != nil:
		return eventlog.Record{}, late(ctx, bounded, err)
	}
	r, err := s.open()
	if err == nil {
		err = r.Follows(head)
	}
	if err == nil && r.Stream != stream {
		err = fmt.Errorf("%w: a record of %s stands in %s", eventlog.ErrCorrupt, r.Stream, stream)
	}
	return r, err
}
