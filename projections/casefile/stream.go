package casefile

import (
	"context"
	"fmt"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
)

// told is what one stream tells, as of a moment.
type told[E codec.Event] struct {
	events   []E
	entries  []Entry // one per event, in the order of the record
	length   int64   // commits
	position eventlog.Position
}

// readStream reads a whole stream, checks that every record follows the one
// before it, and keeps what was recorded and had happened by then.
func readStream[E codec.Event](ctx context.Context, log eventlog.Log, stream string, c *codec.Codec[E], at AsOf) (told[E], error) {
	var t told[E]
	var head eventlog.Head
	for r, err := range log.Read(ctx, stream, eventlog.Head{}) {
		if err == nil {
			err = r.Follows(head)
		}
		if err != nil {
			return t, fmt.Errorf("read %s: %w", stream, err)
		}
		head = r.Head
		if !at.Known.IsZero() && r.RecordedAt.After(at.Known) {
			continue
		}
		t.length, t.position = r.Head.Length, r.Position
		for _, stored := range r.Events {
			e, err := c.Decode(stored.Kind, stored.Version, stored.Payload)
			if err != nil {
				return t, fmt.Errorf("read %s version %d: %w", stream, r.Version, err)
			}
			happened, err := calendar.ParseMoment(e.Happened())
			if err != nil {
				return t, fmt.Errorf("read %s version %d: %w", stream, r.Version, err)
			}
			if !at.Happened.IsZero() && happened.Date.After(at.Happened) {
				continue
			}
			t.events = append(t.events, e)
			t.entries = append(t.entries, entryOf(r, e, happened))
		}
	}
	return t, nil
}

func entryOf(r eventlog.Record, e codec.Event, happened calendar.Moment) Entry {
	return Entry{
		Event: e, Happened: happened, Recorded: r.RecordedAt, Late: calendar.DateOf(r.RecordedAt).After(happened.Date),
		Position: r.Position, Version: r.Version, Hash: r.Head.Hash,
		Actor: r.Actor, OnBehalfOf: r.OnBehalfOf, Workstation: r.Workstation,
	}
}
