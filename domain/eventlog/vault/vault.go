// Package vault keeps what the law calls personal out of the log's reach: it
// wraps a log, seals every personal text before it is appended and opens it as it
// is read. Heads, hashes and the sealed commits are those of what the log keeps,
// ciphertext; so chains, proofs, backups and copies hold no plaintext, and
// destroying a person's key makes all of them forget it at once.
//
// A key belongs to one person in one case and to one purpose. It is made before
// the first event that needs it, and is durable in the keys' store, a file of its
// own outside the log, before that event reaches the log.
package vault

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/sealed"
)

// What can be wrong with keys.
var (
	ErrNoMaster    = errors.New("the master key of the persons' keys is missing")
	ErrOtherMaster = errors.New("the master key is not that of these persons' keys")
	ErrExposed     = errors.New("others than its owner can read the master key")
	ErrNoKeys      = errors.New("the persons' keys are missing")
	ErrOtherKeys   = errors.New("the persons' keys are those of another log")
	ErrKeyMissing  = errors.New("a person's key is missing though it was never destroyed")
	ErrErased      = errors.New("the person's data was deleted; nothing more can be recorded of it")
)

// Log seals and opens around another log. Safe for concurrent use.
type Log struct {
	inner eventlog.Log
	table *Table
	keys  *Keys
	mark  string // what stands where a text was deleted, as JSON writes it
}

// New wraps the log. erased is shown in the place of what was deleted; it must
// need no escape in JSON.
func New(log eventlog.Log, table *Table, keys *Keys, erased string) *Log {
	return &Log{inner: log, table: table, keys: keys, mark: erased}
}

// Failed is the inner log's, where it has one.
func (l *Log) Failed() <-chan struct{} {
	if f, ok := l.inner.(interface{ Failed() <-chan struct{} }); ok {
		return f.Failed()
	}
	return nil
}

// Append seals the personal texts and appends. Errors: the log's; ErrErased (an
// eventlog.ErrInvalid) for a text of a person whose key was destroyed, unless the
// commit was kept before; eventlog.ErrUnavailable where a key cannot be kept.
func (l *Log) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if err := c.Check(); err != nil {
		return eventlog.Record{}, err
	}
	if err := ctx.Err(); err != nil {
		return eventlog.Record{}, err
	}
	closed, err := l.seal(ctx, c)
	if errors.Is(err, ErrErased) {
		return l.before(ctx, c, err)
	}
	if err != nil {
		return eventlog.Record{}, err
	}
	r, err := l.inner.Append(ctx, at, closed)
	if err != nil {
		return r, err
	}
	return l.open(ctx, r)
}

// before finds the commit where it was kept before its person was erased: a
// retry finds itself, however late it comes. What it says of the person cannot
// be compared any more; the rest is.
func (l *Log) before(ctx context.Context, c eventlog.Commit, erased error) (eventlog.Record, error) {
	for r, err := range l.inner.Read(ctx, c.Stream, eventlog.Head{}) {
		if err != nil {
			return eventlog.Record{}, err
		}
		if r.ID != c.ID {
			continue
		}
		opened, err := l.open(ctx, r)
		if err != nil {
			return opened, err
		}
		if !l.table.blank(opened.Commit).SameDeed(l.table.blank(c)) {
			return eventlog.Record{}, eventlog.ErrReused
		}
		return opened, nil
	}
	return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrInvalid, erased)
}

// Read is the inner log's, opened.
func (l *Log) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return l.opened(ctx, l.inner.Read(ctx, stream, after))
}

// Follow is the inner log's, opened.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return l.opened(ctx, l.inner.Follow(ctx, after))
}

// End is the inner log's.
func (l *Log) End(ctx context.Context) (eventlog.Position, error) { return l.inner.End(ctx) }

func (l *Log) opened(ctx context.Context, records iter.Seq2[eventlog.Record, error]) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				r, err = l.open(ctx, r)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// seal gives the commit with its personal texts sealed, and with keys that are
// durable.
func (l *Log) seal(ctx context.Context, c eventlog.Commit) (eventlog.Commit, error) {
	work, err := l.table.find(c, l.keys)
	if err != nil || len(work) == 0 {
		return c, err
	}
	keys, err := l.keys.have(ctx, work, c.Stream)
	if err != nil {
		return c, err
	}
	events := make([]eventlog.Event, len(c.Events))
	copy(events, c.Events)
	for i := 0; i < len(work); {
		event := work[i].event
		var texts []sealed.Text
		var forms []string
		for ; i < len(work) && work[i].event == event; i++ {
			w := work[i]
			texts = append(texts, w.text)
			forms = append(forms, sealed.Seal(keys[i], w.whose, w.place(c), w.written))
		}
		events[event].Payload, err = sealed.Splice(events[event].Payload, texts, forms)
		if err != nil {
			return c, err
		}
	}
	c.Events = events
	return c, nil
}

// open gives the record with its texts opened, or the mark where they are gone.
// Errors: ErrKeyMissing; eventlog.ErrCorrupt for a text that does not open.
func (l *Log) open(ctx context.Context, r eventlog.Record) (eventlog.Record, error) {
	work := l.table.closed(r.Commit)
	if len(work) == 0 {
		return r, nil
	}
	events := make([]eventlog.Event, len(r.Events))
	copy(events, r.Events)
	for i := 0; i < len(work); {
		event := work[i].event
		var texts []sealed.Text
		var plain []string
		for ; i < len(work) && work[i].event == event; i++ {
			text, err := l.openOne(ctx, r.Commit, work[i])
			if err != nil {
				return eventlog.Record{}, fmt.Errorf("%s version %d: %w", r.Stream, r.Version, err)
			}
			texts, plain = append(texts, work[i].text), append(plain, text)
		}
		payload, err := sealed.Splice(events[event].Payload, texts, plain)
		if err != nil {
			return eventlog.Record{}, err
		}
		events[event].Payload = payload
	}
	r.Events = events
	return r, nil
}

func (l *Log) openOne(ctx context.Context, c eventlog.Commit, w piece) (string, error) {
	key, err := l.keys.find(ctx, w.ring(c.Stream), w.whose)
	switch {
	case errors.Is(err, ErrErased):
		return l.mark, nil
	case err != nil:
		return "", err
	}
	text, err := sealed.Open(key, w.written, w.place(c))
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", eventlog.ErrCorrupt, w.whose, err)
	}
	return text, nil
}

// Opening is one text of a commit with the key that opens it alone.
type Opening struct {
	Event int
	Path  string
	Text  string // as it is written in the payload, between its quotes
	Key   []byte // see sealed.KeyOf
}

// Openings gives what opens each text of the record, for a proof to be given
// away; those of erased persons are left out. r is as the log keeps it or as this
// log gave it.
func (l *Log) Openings(ctx context.Context, r eventlog.Record) ([]Opening, error) {
	kept, err := eventlog.Open(r.Sealed)
	if err != nil {
		return nil, err
	}
	var list []Opening
	for _, w := range l.table.closed(kept.Commit) {
		key, err := l.keys.find(ctx, w.ring(kept.Stream), w.whose)
		if errors.Is(err, ErrErased) {
			continue
		}
		if err != nil {
			return nil, err
		}
		own := sealed.KeyOf(key, w.whose, w.place(kept.Commit))
		text, err := sealed.OpenOwn(own, w.written, w.place(kept.Commit))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", eventlog.ErrCorrupt, err)
		}
		list = append(list, Opening{w.event, w.text.Path, text, own})
	}
	return list, nil
}

// ringOf is the case that a stream belongs to: dispute-1 and confirmation-1
// are of one.
func ringOf(stream string) string {
	_, id, _ := strings.Cut(stream, "-")
	return id
}
