package codec

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
)

// Erased stands where a text of a person was deleted by law. It is shown as it
// is, in either language.
const Erased = "〔已依法删除 erased〕"

// Personal is a text of a stored form that belongs to a person and is never kept
// as it is. It is declared where the form is, in the tag "personal" of its
// field, as the purpose that it is kept for and what more is to be known:
//
//	identity  names and identity numbers     by=FIELD: of the party whose key stands in FIELD beside it
//	contact   phones and addresses           lookup: the person is found by this identity number
//	text      what people wrote at length    if=FIELD:VALUE: only where FIELD beside it has this value
//	office    who acted in an office; each name is a person of its own
//	no        belongs to nobody
type Personal struct {
	Kind    string
	Version int
	Path    string // in the payload, parts joined by /; "*" is every element: parties/*/name
	Purpose string
	By      string // name of the field beside it that holds the party's key; empty: the text is everybody's in the case
	If      string // name of the field beside it on whose value it hangs
	Is      string // that value
	Lookup  bool
}

// Personal lists the personal texts of every form.
func (c *Codec[E]) Personal() []Personal {
	var list []Personal
	for _, f := range c.Forms() {
		walk(f.stored, "", func(path string, tag string, _ bool) {
			if p := parse(tag); p.Purpose != "" && p.Purpose != "no" {
				p.Kind, p.Version, p.Path = f.Kind, f.Version, path
				list = append(list, p)
			}
		})
	}
	return list
}

// Undeclared lists the texts of every form that say nothing of whether they are
// personal: KIND vN PATH. A test keeps it empty. Words of a set that the program
// knows have a type of their own and need not be declared.
func (c *Codec[E]) Undeclared() []string {
	var list []string
	for _, f := range c.Forms() {
		walk(f.stored, "", func(path, tag string, free bool) {
			if p := parse(tag); free && !slices.Contains([]string{"identity", "contact", "text", "office", "no"}, p.Purpose) {
				list = append(list, f.Kind+" "+path)
			}
		})
	}
	return list
}

// parse reads a tag.
func parse(tag string) Personal {
	words := strings.Split(tag, ",")
	p := Personal{Purpose: words[0]}
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		switch name {
		case "by":
			p.By = value
		case "if":
			p.If, p.Is, _ = strings.Cut(value, ":")
		case "lookup":
			p.Lookup = true
		}
	}
	return p
}

var marshaler = reflect.TypeFor[encoding.TextMarshaler]()

// walk tells of every string in a stored form: its path, the tag of its field,
// and whether anything may stand there (a plain string).
func walk(t reflect.Type, path string, tell func(path, tag string, free bool)) {
	walkUnder(t, path, "", tell)
}

func walkUnder(t reflect.Type, path, tag string, tell func(path, tag string, free bool)) {
	switch {
	case t.Kind() == reflect.Pointer:
		walkUnder(t.Elem(), path, tag, tell)
	case t.Implements(marshaler):
	case t.Kind() == reflect.String:
		if tag != "" || t == reflect.TypeFor[string]() {
			tell(path, tag, t == reflect.TypeFor[string]())
		}
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Map:
		walkUnder(t.Elem(), path+"/*", tag, tell)
	case t.Kind() == reflect.Struct:
		for f := range fields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				walkUnder(f.Type, path, "", tell)
			case f.IsExported() && name != "-":
				if name == "" {
					name = f.Name
				}
				below := path + "/" + name
				if path == "" {
					below = name
				}
				walkUnder(f.Type, below, f.Tag.Get("personal"), tell)
			}
		}
	}
}

func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}
