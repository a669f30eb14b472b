// Package codec keeps the stored forms of events of any age. A form is a kind,
// a version and a lift: how bytes of that age become today's event. Kinds are
// chosen by hand and never change, so that a type may be renamed freely.
package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Event is anything that can be stored.
type Event interface {
	Kind() string     // the stored name
	Happened() string // 业务发生: RFC 3339 day or date-time
}

// ErrUnknownForm is given for a kind and version that no form was declared
// for: written by newer code, or not ours. It is never skipped silently.
var ErrUnknownForm = errors.New("an event of a form this version does not know")

// ErrUnreadable is given for bytes that are not what their form says. Its text
// tells kind, version and what is wrong, never what the bytes hold: it goes to
// logs and operators.
var ErrUnreadable = errors.New("an event that is not what its form says")

// Form is one stored form of one kind of event.
type Form[E Event] struct {
	Kind    string
	Version int
	stored  reflect.Type // the struct of that age
	decode  func([]byte) (E, error)
}

// NewForm declares the form: T is the struct of that age, lift makes today's
// event of it. It panics when lift makes an event of another kind: a mistake
// that the first test run shows.
func NewForm[T any, E Event](kind string, version int, lift func(T) E) Form[E] {
	var empty T
	if made := lift(empty).Kind(); made != kind || version < 1 {
		panic(fmt.Sprintf("codec: %s v%d is declared but makes %s", kind, version, made))
	}
	return Form[E]{Kind: kind, Version: version, stored: reflect.TypeFor[T](), decode: func(b []byte) (E, error) {
		var stored T
		if err := strictly(b, &stored); err != nil {
			var none E
			return none, fmt.Errorf("%w: %s v%d: %s", ErrUnreadable, kind, version, whatIsWrong(err))
		}
		return lift(stored), nil
	}}
}

// Codec is a closed set of forms.
type Codec[E Event] struct {
	forms   map[key]Form[E]
	current map[string]int
}

type key struct {
	kind    string
	version int
}

// New makes a codec. It panics when a form is declared twice: a mistake that
// the first test run shows.
func New[E Event](forms ...Form[E]) *Codec[E] {
	c := &Codec[E]{forms: make(map[key]Form[E]), current: make(map[string]int)}
	for _, f := range forms {
		k := key{f.Kind, f.Version}
		if _, twice := c.forms[k]; twice {
			panic(fmt.Sprintf("codec: %s v%d declared twice", f.Kind, f.Version))
		}
		c.forms[k] = f
		c.current[f.Kind] = max(c.current[f.Kind], f.Version)
	}
	return c
}

// Stored is an event's stored form.
type Stored struct {
	Kind     string
	Version  int
	Happened string
	Payload  []byte
}

// Encode writes the event in today's form. Error: ErrUnknownForm for an event
// whose kind was never declared.
func (c *Codec[E]) Encode(e E) (Stored, error) {
	v, ok := c.current[e.Kind()]
	if !ok {
		return Stored{}, fmt.Errorf("%w: %s", ErrUnknownForm, e.Kind())
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return Stored{}, fmt.Errorf("%s: %w", e.Kind(), err)
	}
	return Stored{e.Kind(), v, e.Happened(), bytes.TrimSuffix(b.Bytes(), []byte("\n"))}, nil
}

// Decode reads a stored form of any age. Errors: ErrUnknownForm,
// ErrUnreadable.
func (c *Codec[E]) Decode(kind string, version int, payload []byte) (E, error) {
	f, ok := c.forms[key{kind, version}]
	if !ok {
		var none E
		return none, fmt.Errorf("%w: %s v%d", ErrUnknownForm, kind, version)
	}
	return f.decode(payload)
}

// Knows tells whether the kind belongs to this codec, in whatever version.
func (c *Codec[E]) Knows(kind string) bool { _, ok := c.current[kind]; return ok }

// Forms lists every form, by kind and version.
func (c *Codec[E]) Forms() []Form[E] {
	list := make([]Form[E], 0, len(c.forms))
	for _, f := range c.forms {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Form[E]) int {
		if a.Kind != b.Kind {
			if a.Kind < b.Kind {
				return -1
			}
			return 1
		}
		return a.Version - b.Version
	})
	return list
}
