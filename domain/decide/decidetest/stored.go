package decidetest

import (
	"bytes"
	"encoding"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"doorstep/domain/codec"
)

// events is where stored forms lie, one file each: KIND.vN.json with every
// field, KIND.vN.minimal.json with none that may be left out, and others
// KIND.vN.WORD.json for fields that came later. They are written by hand and
// never again: what was stored once must be readable for ever. The newest form
// is written back byte for byte; an older one is compared with the event that
// it became, in KIND.vN.WORD.lifted.json.
const events = "testdata/events"

// Stored checks the files against the forms, both ways. The examples are events
// of which a missing file is proposed.
func (r Room[S, C, E]) Stored(t *testing.T, examples []Row[C, E]) {
	t.Helper()
	belongs := map[string]bool{}
	for _, form := range r.Codec.Forms() {
		name := fmt.Sprintf("%s.v%d", form.Kind, form.Version)
		whole := true
		for _, must := range []string{name + ".json", name + ".minimal.json"} {
			if _, err := os.Stat(filepath.Join(events, must)); err != nil {
				whole = false
				t.Errorf("%s/%s is missing; stored forms are added by hand. Write into it, with every field or with as few as can be:\n%s", events, must, r.example(t, form, examples))
			}
		}
		said := map[string]bool{}
		for _, path := range glob(t, name+".json", name+".*.json") {
			belongs[path] = true
			if !strings.HasSuffix(path, ".lifted.json") {
				r.keeps(t, form, path, said)
			}
		}
		for _, field := range unsaid(form, r.Codec, said) {
			if !whole {
				break
			}
			t.Errorf("%s: no file of this form has the field %s; add one named %s.WORD.json", name, field, name)
		}
	}
	for _, path := range glob(t, "*") {
		if !belongs[path] {
			t.Errorf("%s belongs to no form: no line of the codec is ever removed", path)
		}
	}
}

// keeps checks one file of a form, and notes the fields that it has.
func (r Room[S, C, E]) keeps(t *testing.T, form codec.Form[E], path string, said map[string]bool) {
	t.Helper()
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.Codec.Decode(form.Kind, form.Version, want)
	if err != nil {
		t.Errorf("%s cannot be read any more: %v", path, err)
		return
	}
	got := r.encode(t, e)
	if got.Version != form.Version {
		path = strings.TrimSuffix(path, ".json") + ".lifted.json"
		if want, err = os.ReadFile(path); err != nil {
			t.Errorf("%s is missing: the event that the old form became. It is now:\n%s", path, got.Payload)
			return
		}
	}
	if !bytes.Equal(bytes.TrimSuffix(want, []byte("\n")), got.Payload) {
		t.Errorf("%s is written back otherwise:\n%s", path, got.Payload)
	}
	note(reflect.ValueOf(e), "", said)
	r.Decider.Evolve(r.Decider.Initial(), e)
}

func (r Room[S, C, E]) example(t testing.TB, form codec.Form[E], rows []Row[C, E]) []byte {
	t.Helper()
	best := []byte("(no row of the table tells of such an event)")
	for _, row := range rows {
		for _, e := range append(row.Then, row.Given...) {
			if s := r.encode(t, e); e.Kind() == form.Kind && (len(s.Payload) > len(best) || best[0] == '(') {
				best = s.Payload
			}
		}
	}
	return best
}

func glob(t testing.TB, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, p := range patterns {
		paths, err := filepath.Glob(filepath.Join(events, p))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, paths...)
	}
	return all
}

// note marks the fields that are set in v, by path.
func note(v reflect.Value, path string, said map[string]bool) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if !v.IsZero() {
		said[path] = true
	}
	switch {
	case leaf(v.Type()):
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); stored(f) {
				note(v.Field(i), path+"."+f.Name, said)
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			note(v.Index(i), path, said)
		}
	}
}

// unsaid lists the fields of today's form that no file has.
func unsaid[E codec.Event](form codec.Form[E], c *codec.Codec[E], said map[string]bool) []string {
	e, err := c.Decode(form.Kind, form.Version, []byte("{}"))
	if s, encErr := c.Encode(e); err != nil || encErr != nil || s.Version != form.Version {
		return nil
	}
	var missing []string
	var walk func(t reflect.Type, path string)
	walk = func(t reflect.Type, path string) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || leaf(t) {
			return
		}
		for i := range t.NumField() {
			f := t.Field(i)
			if !stored(f) {
				continue
			}
			if at := path + "." + f.Name; said[at] {
				walk(f.Type, at)
			} else {
				missing = append(missing, strings.TrimPrefix(at, "."))
			}
		}
	}
	walk(reflect.TypeOf(e), "")
	return missing
}

func stored(f reflect.StructField) bool { return f.IsExported() && f.Tag.Get("json") != "-" }

var text = reflect.TypeFor[encoding.TextMarshaler]()

func leaf(t reflect.Type) bool { return t.Implements(text) }

// Fuzz throws bytes at the codec, beginning with the stored files: whatever can
// be read is written and read again to the same bytes, and folds on every
// history of the table without a panic.
func (r Room[S, C, E]) Fuzz(f *testing.F, rows []Row[C, E]) {
	f.Helper()
	for _, path := range glob(f, "*.json") {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		kind, rest, _ := strings.Cut(filepath.Base(path), ".v")
		version, err := strconv.Atoi(strings.SplitN(rest, ".", 2)[0])
		if err != nil {
			f.Fatalf("%s: %v", path, err)
		}
		f.Add(kind, version, b)
	}
	var states []S
	for _, row := range rows {
		states = append(states, r.fold(f, row.Given))
	}
	f.Fuzz(func(t *testing.T, kind string, version int, payload []byte) {
		e, err := r.Codec.Decode(kind, version, payload)
		if err != nil {
			return
		}
		once := r.encode(t, e)
		again, err := r.Codec.Decode(once.Kind, once.Version, once.Payload)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once.Payload)
		}
		if twice := r.encode(t, again); !bytes.Equal(once.Payload, twice.Payload) || once.Happened != twice.Happened {
			t.Fatalf("written twice, not the same:\n%s\n%s", once.Payload, twice.Payload)
		}
		for _, s := range states {
			r.Decider.Evolve(s, e)
		}
	})
}
