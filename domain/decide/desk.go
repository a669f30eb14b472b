package decide

import (
	"context"
	"errors"
	"fmt"
	"time"

	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
)

// attempts bounds how often a desk looks again. Each lost race means that
// somebody else's commit was kept, so a busy stream gets through this.
const attempts = 64

// ErrBusy is given when others were faster every time.
var ErrBusy = errors.New("the stream is too busy; try again")

// ErrStale is given when the deed was thought out on an older state than the
// one the stream has now and the caller asked to be told.
var ErrStale = errors.New("the case has changed since you looked")

// Deed is who does something and when: what every command brings along.
type Deed struct {
	ID          string    // of the command; the same id is the same deed, however often it is sent
	At          time.Time // 登记: recorded at
	Actor       string    // account, never a name
	OnBehalfOf  string
	Workstation string
	Correlation string
	Causation   string
	Trace       string
	SeenLength  int64 // commits the person had seen; 0: do not check
}

// Outcome is what came of a deed.
type Outcome[S any] struct {
	State    S
	Head     eventlog.Head
	Position eventlog.Position // of the commit that tells of the deed; zero when nothing happened
	Kept     bool              // false: it was already so, or this very deed was kept before
}

// Desk carries out commands on the streams of one decider. Safe for concurrent
// use. It remembers the streams last used, so that a command costs a read of
// the tail and an append; the append itself still catches every mistake.
type Desk[S, C any, E codec.Event] struct {
	log     eventlog.Log
	decider Decider[S, C, E]
	codec   *codec.Codec[E]
	memory  *memory[S]
}

// NewDesk makes a desk that remembers at most remember streams.
func NewDesk[S, C any, E codec.Event](log eventlog.Log, d Decider[S, C, E], c *codec.Codec[E], remember int) *Desk[S, C, E] {
	return &Desk[S, C, E]{log: log, decider: d, codec: c, memory: newMemory[S](remember)}
}

// Load gives the stream's state and head as the log has them now. Errors: the
// log's, and codec.ErrUnknownForm for history that this version cannot read.
func (d *Desk[S, C, E]) Load(ctx context.Context, stream string) (S, eventlog.Head, error) {
	r, err := d.recall(ctx, stream)
	return r.state, r.head, err
}

// Do carries out the command. Errors: a *Refusal from the rules; ErrStale;
// ErrBusy; the log's errors (ErrUnknown: send the same deed again).
func (d *Desk[S, C, E]) Do(ctx context.Context, stream string, deed Deed, cmd C) (Outcome[S], error) {
	for range attempts {
		r, err := d.recall(ctx, stream)
		if err != nil {
			return Outcome[S]{}, err
		}
		if at, done := r.deeds[deed.ID]; done {
			return Outcome[S]{State: r.state, Head: r.head, Position: at}, nil
		}
		if deed.SeenLength > 0 && deed.SeenLength != r.head.Length {
			return Outcome[S]{State: r.state, Head: r.head}, ErrStale
		}
		events, err := d.decider.Decide(r.state, cmd)
		if err != nil || len(events) == 0 {
			return Outcome[S]{State: r.state, Head: r.head}, err
		}
		commit, err := d.commit(stream, deed, events)
		if err != nil {
			return Outcome[S]{}, err
		}
		record, err := d.log.Append(ctx, r.head, commit)
		switch {
		case errors.Is(err, eventlog.ErrConflict):
			continue
		case err != nil:
			return Outcome[S]{}, err
		case record.Head.Length != r.head.Length+1:
			continue // an earlier try of this deed was kept after all: look again and find it
		}
		r = r.after(record, d.decider.Fold(r.state, events...))
		d.memory.keep(stream, r)
		return Outcome[S]{State: r.state, Head: r.head, Position: record.Position, Kept: true}, nil
	}
	return Outcome[S]{}, ErrBusy
}

// recall is what the desk remembers of the stream, brought up to date.
func (d *Desk[S, C, E]) recall(ctx context.Context, stream string) (remembered[S], error) {
	r, known := d.memory.recall(stream)
	if !known {
		r = remembered[S]{state: d.decider.Initial()}
	}
	read := false
	for record, err := range d.log.Read(ctx, stream, r.head) {
		if err != nil {
			return r, fmt.Errorf("read %s: %w", stream, err)
		}
		state := r.state
		for _, stored := range record.Events {
			e, err := d.codec.Decode(stored.Kind, stored.Version, stored.Payload)
			if err != nil {
				return r, fmt.Errorf("read %s version %d: %w", stream, record.Version, err)
			}
			state = d.decider.Evolve(state, e)
		}
		r, read = r.after(record, state), true
	}
	if read {
		d.memory.keep(stream, r)
	}
	return r, nil
}

func (d *Desk[S, C, E]) commit(stream string, deed Deed, events []E) (eventlog.Commit, error) {
	c := eventlog.Commit{
		ID: deed.ID, Stream: stream, RecordedAt: deed.At, Actor: deed.Actor, OnBehalfOf: deed.OnBehalfOf,
		Workstation: deed.Workstation, Correlation: deed.Correlation, Causation: deed.Causation, Trace: deed.Trace,
		Events: make([]eventlog.Event, len(events)),
	}
	for i, e := range events {
		s, err := d.codec.Encode(e)
		if err != nil {
			return c, err
		}
		c.Events[i] = eventlog.Event{Kind: s.Kind, Version: s.Version, Happened: s.Happened, Payload: s.Payload}
	}
	return c, nil
}
