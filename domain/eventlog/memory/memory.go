// Package memory is a log that lives as long as its process: for tests, and the
// plainest reading of what the port asks. Nothing in it survives anything.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"sync"

	"doorstep/domain/eventlog"
)

// Log keeps everything in memory. Make it with New.
type Log struct {
	mu      sync.Mutex
	sealed  [][]byte         // all records; the position of sealed[i] is i+1
	streams map[string][]int // where in sealed the stream's records are
	ids     map[deed]int     // where in sealed the commit of that id is
	grown   chan struct{}    // closed and made anew with every append
}

// deed is a commit id within its stream.
type deed struct{ stream, id string }

// New makes an empty log.
func New() *Log {
	return &Log{streams: map[string][]int{}, ids: map[deed]int{}, grown: make(chan struct{})}
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
	l.mu.Lock()
	defer l.mu.Unlock()
	if i, kept := l.ids[deed{c.Stream, c.ID}]; kept {
		r, err := record(i, l.sealed[i])
		if err == nil && !r.SameDeed(c) {
			err = eventlog.ErrReused
		}
		return r, err
	}
	if actual, err := l.head(c.Stream); err != nil || actual != at {
		return eventlog.Record{}, cmp.Or[error](err, &eventlog.Conflict{Actual: actual})
	}
	return record(l.keep(c.Stream, c.ID, sealed), sealed)
}

// keep puts the record behind all others and says where. The lock is held.
func (l *Log) keep(stream, id string, sealed []byte) int {
	i := len(l.sealed)
	l.sealed = append(l.sealed, sealed)
	l.streams[stream] = append(l.streams[stream], i)
	l.ids[deed{stream, id}] = i
	close(l.grown)
	l.grown = make(chan struct{})
	return i
}

// Fill is eventlog.Filler's.
func (l *Log) Fill(ctx context.Context, records iter.Seq2[eventlog.Record, error]) (kept int64, err error) {
	for r, err := range records {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return kept, err
		}
		l.mu.Lock()
		if int64(len(l.streams[r.Stream])) != r.Version {
			head, err := l.head(r.Stream)
			l.mu.Unlock()
			return kept, cmp.Or[error](err, &eventlog.Conflict{Actual: head})
		}
		l.keep(r.Stream, r.ID, bytes.Clone(r.Sealed))
		l.mu.Unlock()
		kept++
	}
	return kept, nil
}

// record reads what is kept anew each time, so that nobody can change it.
func record(i int, sealed []byte) (eventlog.Record, error) {
	r, err := eventlog.Open(bytes.Clone(sealed))
	r.Position = eventlog.PositionAt(uint64(i) + 1)
	r.Head.Revision = eventlog.RevisionAt(uint64(i) + 1)
	return r, err
}

func (l *Log) head(stream string) (eventlog.Head, error) {
	places := l.streams[stream]
	if len(places) == 0 {
		return eventlog.Head{}, nil
	}
	last := places[len(places)-1]
	r, err := record(last, l.sealed[last])
	return r.Head, err
}

// Read is eventlog.Log's.
func (l *Log) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		l.mu.Lock()
		places, all := l.streams[stream], l.sealed // both only ever grow
		l.mu.Unlock()
		last := after
		for _, i := range places[min(int(after.Length), len(places)):] {
			r, err := record(i, all[i])
			if err == nil {
				err = cmp.Or(r.Follows(last), ctx.Err())
			}
			if !yield(r, err) || err != nil {
				return
			}
			last = r.Head
		}
	}
}

// Follow is eventlog.Log's.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for i := int(after.Token()); ; i++ {
			sealed, ok := l.await(ctx, i)
			if !ok {
				return
			}
			r, err := record(i, sealed)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// await waits for the i-th record; false when ctx is done.
func (l *Log) await(ctx context.Context, i int) ([]byte, bool) {
	for ctx.Err() == nil {
		l.mu.Lock()
		all, grown := l.sealed, l.grown
		l.mu.Unlock()
		if i < len(all) {
			return all[i], true
		}
		select {
		case <-grown:
		case <-ctx.Done():
		}
	}
	return nil, false
}

// End is eventlog.Log's.
func (l *Log) End(context.Context) (eventlog.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return eventlog.PositionAt(uint64(len(l.sealed))), nil
}
