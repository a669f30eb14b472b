package sealed

import (
	"fmt"
	"strconv"
	"strings"
)

// Text is one string in a JSON payload.
type Text struct {
	Path       string // parts joined by /: parties/0/name
	Start, End int    // of what stands between the quotes, as it is written there
	inside     int    // which object holds it
}

// Texts finds the strings of a valid JSON payload that wanted asks for, by the
// parts of their path: an element of a list is "*" to it, and where it answers
// for no value below a part, nothing below is looked at. Strings are as they are
// written: escapes stay escapes, so that what is put back is the same bytes.
func Texts(payload []byte, wanted *Wanted) []Text {
	s := scanner{b: payload}
	s.value(wanted, "")
	return s.found
}

// Sibling is the string of that name in the object that holds t, as written;
// false where there is none among the texts found.
func Sibling(payload []byte, all []Text, t Text, name string) (string, bool) {
	dir := t.Path[:strings.LastIndexByte(t.Path, '/')+1]
	for _, o := range all {
		if o.inside == t.inside && o.Path == dir+name {
			return string(payload[o.Start:o.End]), true
		}
	}
	return "", false
}

// Wanted is which strings are looked for.
type Wanted struct {
	here  bool
	parts map[string]*Wanted
}

// Want asks for the strings at the path; "*" is every element of a list and
// every value of a map.
func (w *Wanted) Want(path string) {
	for _, part := range strings.Split(path, "/") {
		if w.parts == nil {
			w.parts = map[string]*Wanted{}
		}
		if w.parts[part] == nil {
			w.parts[part] = &Wanted{}
		}
		w = w.parts[part]
	}
	w.here = true
}

// WantStep asks for the one string that Text.Path names.
func (w *Wanted) WantStep(path string) {
	for _, part := range strings.Split(path, "/") {
		name := unstep.Replace(part)
		if w.parts == nil {
			w.parts = map[string]*Wanted{}
		}
		next := &Wanted{}
		w.parts[name] = next
		if _, err := strconv.Atoi(part); err == nil { // an element of a list
			w.parts["*"] = next
		}
		w = next
	}
	w.here = true
}

var unstep = strings.NewReplacer("~1", "/", "~0", "~")

func (w *Wanted) below(part string) *Wanted {
	if w == nil {
		return nil
	}
	if at, ok := w.parts[part]; ok {
		return at
	}
	return w.parts["*"]
}

// scanner walks over JSON that is known to be valid.
type scanner struct {
	b       []byte
	at      int
	objects int
	inside  int
	found   []Text
}

// value passes over the value that begins next, and notes what is wanted of it.
func (s *scanner) value(w *Wanted, path string) {
	s.space()
	if s.at >= len(s.b) {
		return
	}
	switch s.b[s.at] {
	case '{':
		s.object(w, path)
	case '[':
		s.list(w, path)
	case '"':
		start, end := s.text()
		if w != nil && w.here {
			s.found = append(s.found, Text{path, start, end, s.inside})
		}
	default:
		for s.at < len(s.b) && !strings.ContainsRune(",]} \t\r\n", rune(s.b[s.at])) {
			s.at++
		}
	}
}

func (s *scanner) object(w *Wanted, path string) {
	outer := s.inside
	s.objects++
	s.inside = s.objects
	mine := s.inside
	s.at++
	for s.next('}') {
		start, end := s.text()
		s.space()
		s.at++ // the colon
		name := unescape(s.b[start:end])
		if below := w.below(name); below != nil {
			s.value(below, join(path, step.Replace(name)))
		} else {
			s.value(nil, "")
		}
		s.inside = mine
	}
	s.inside = outer
}

func (s *scanner) list(w *Wanted, path string) {
	s.at++
	below := w.below("*")
	for i := 0; s.next(']'); i++ {
		if below != nil {
			s.value(below, join(path, strconv.Itoa(i)))
		} else {
			s.value(nil, "")
		}
	}
}

// next passes over what stands between members; false at the end, behind it.
func (s *scanner) next(end byte) bool {
	s.space()
	if s.at < len(s.b) && s.b[s.at] == ',' {
		s.at++
		s.space()
	}
	if s.at >= len(s.b) || s.b[s.at] == end {
		s.at++
		return false
	}
	return true
}

// text passes over a string; start and end are inside its quotes.
func (s *scanner) text() (start, end int) {
	s.at++
	start = s.at
	for s.at < len(s.b) && s.b[s.at] != '"' {
		if s.b[s.at] == '\\' {
			s.at++
		}
		s.at++
	}
	end = min(s.at, len(s.b))
	s.at++
	return start, end
}

func (s *scanner) space() {
	for s.at < len(s.b) && (s.b[s.at] == ' ' || s.b[s.at] == '\n' || s.b[s.at] == '\t' || s.b[s.at] == '\r') {
		s.at++
	}
}

// step is a member's name as a part of a path (RFC 6901).
var step = strings.NewReplacer("~", "~0", "/", "~1")

func join(path, part string) string {
	if path == "" {
		return part
	}
	return path + "/" + part
}

// unescape is a member's name as JSON means it.
func unescape(name []byte) string {
	if strings.IndexByte(string(name), '\\') < 0 {
		return string(name)
	}
	plain, err := Plain(string(name))
	if err != nil {
		return string(name)
	}
	return plain
}

// Splice puts other strings in the place of the texts, which are in order;
// what is put there is written as it is, between the quotes.
func Splice(payload []byte, texts []Text, with []string) ([]byte, error) {
	if len(texts) != len(with) {
		return nil, fmt.Errorf("%d texts and %d to put there", len(texts), len(with))
	}
	size := len(payload)
	for i, t := range texts {
		size += len(with[i]) - (t.End - t.Start)
	}
	out, last := make([]byte, 0, size), 0
	for i, t := range texts {
		out = append(out, payload[last:t.Start]...)
		out = append(out, with[i]...)
		last = t.End
	}
	return append(out, payload[last:]...), nil
}
