package follow

import (
	"fmt"
	"strings"

	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
)

// Forms decodes the events of every stream that views know.
type Forms struct {
	decode  map[string]func(version int, payload []byte) (codec.Event, error)
	streams []string // what the names of known streams begin with
}

// NewForms starts an empty set; add codecs with Add.
func NewForms() *Forms {
	return &Forms{decode: map[string]func(int, []byte) (codec.Event, error){}}
}

// Add puts all kinds of a codec into the set, and what the names of the streams
// that hold them begin with. It panics when two codecs share a kind: a mistake
// that the first test run shows.
func Add[E codec.Event](f *Forms, c *codec.Codec[E], streams ...string) {
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
	f.streams = append(f.streams, streams...)
}

// Knows tells whether streams of that kind belong to one of the codecs.
func (f *Forms) Knows(stream string) bool {
	for _, begins := range f.streams {
		if strings.HasPrefix(stream, begins) {
			return true
		}
	}
	return false
}

// Decode gives the record with its events in today's form, or with the reason
// why they cannot be read: no view that they concern may pass over it.
func (f *Forms) Decode(r eventlog.Record) Record {
	out := Record{Record: r, Events: make([]codec.Event, len(r.Commit.Events))}
	for i, stored := range r.Commit.Events {
		err := fmt.Errorf("%w: %s v%d", codec.ErrUnknownForm, stored.Kind, stored.Version)
		if decode, ok := f.decode[stored.Kind]; ok {
			out.Events[i], err = decode(stored.Version, stored.Payload)
		}
		if err != nil {
			out.Events, out.Unread = nil, &Unread{stored.Kind, stored.Version, err}
			return out
		}
	}
	return out
}
