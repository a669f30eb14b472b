package follow

import (
	"fmt"

	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
)

// Forms decodes the events of every stream that views know.
type Forms struct {
	decode map[string]func(version int, payload []byte) (codec.Event, error)
}

// NewForms starts an empty set; add codecs with Add.
func NewForms() *Forms {
	return &Forms{decode: map[string]func(int, []byte) (codec.Event, error){}}
}

// Add puts all kinds of a codec into the set. It panics when two codecs share a
// kind: a mistake that the first test run shows.
func Add[E codec.Event](f *Forms, c *codec.Codec[E]) {
	kinds := map[string]bool{} // a kind has a form for each version of it
	for _, form := range c.Forms() {
		kinds[form.Kind] = true
	}
	for kind := range kinds {
		if f.decode[kind] != nil {
			panic("follow: kind " + kind + " belongs to two codecs")
		}
		f.decode[kind] = func(version int, payload []byte) (codec.Event, error) { return c.Decode(kind, version, payload) }
	}
}

// Decode gives the record's events in today's form; codec.ErrUnknownForm for
// an event of newer code, which no view may pass over.
func (f *Forms) Decode(r eventlog.Record) (Record, error) {
	out := Record{Record: r, Events: make([]codec.Event, len(r.Commit.Events))}
	for i, stored := range r.Commit.Events {
		decode, ok := f.decode[stored.Kind]
		if !ok {
			return out, fmt.Errorf("%w: %s v%d at position %s", codec.ErrUnknownForm, stored.Kind, stored.Version, r.Position)
		}
		e, err := decode(stored.Version, stored.Payload)
		if err != nil {
			return out, fmt.Errorf("position %s: %w", r.Position, err)
		}
		out.Events[i] = e
	}
	return out, nil
}
