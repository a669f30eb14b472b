package vault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/sealed"
)

// Field is a personal text of a stored form; see codec.Personal, which says the
// same where the form is declared.
type Field struct {
	Kind    string
	Version int
	Path    string // parts joined by /; "*" is every element
	Purpose string
	By      string // name of the text beside it that names the person; empty: everybody in the case
	If, Is  string // only where the text If beside it is Is
	Lookup  bool   // the person is found by this text, an identity number
}

// Office is the purpose of texts whose person is whom the text names.
const Office = "office"

// Everybody is the person of texts that belong to all in a case: free text names
// whom it likes, so it goes with the first of them who is erased.
const Everybody = "all"

// Table is which texts are personal. It is never changed.
type Table struct {
	forms map[string]*form // by kind and version
}

type form struct {
	fields []Field
	wanted sealed.Wanted
}

// NewTable makes the table.
func NewTable(fields []Field) *Table {
	t := &Table{forms: map[string]*form{}}
	for _, f := range fields {
		k := formKey(f.Kind, f.Version)
		if t.forms[k] == nil {
			t.forms[k] = &form{}
		}
		t.forms[k].fields = append(t.forms[k].fields, f)
		t.forms[k].wanted.Want(f.Path)
		dir := f.Path[:strings.LastIndexByte(f.Path, '/')+1]
		for _, beside := range []string{f.By, f.If} {
			if beside != "" {
				t.forms[k].wanted.Want(dir + beside)
			}
		}
	}
	return t
}

func formKey(kind string, version int) string { return kind + " " + strconv.Itoa(version) }

// piece is one personal text of a commit.
type piece struct {
	event   int
	text    sealed.Text
	written string // as it stands in the payload
	whose   sealed.Whose
	number  string // by which the person is found; empty: none
}

func (p piece) place(c eventlog.Commit) sealed.Place {
	return sealed.Place{Commit: c.ID, Stream: c.Stream, Event: p.event, Path: p.text.Path}
}

// ring is which keys the piece's is among: those of the case, or of a person in
// office, who has none.
func (p piece) ring(stream string) string {
	if p.whose.Purpose == Office {
		return p.whose.Person
	}
	return ringOf(stream)
}

// find lists the personal texts that stand in the commit, in their order. Empty
// texts say nothing and stay.
func (t *Table) find(c eventlog.Commit, keys *Keys) ([]piece, error) {
	var work []piece
	err := t.each(c, func(event int, f Field, all []sealed.Text, text sealed.Text) error {
		payload := c.Events[event].Payload
		p := piece{event: event, text: text, written: string(payload[text.Start:text.End])}
		if p.written == "" {
			return nil
		}
		if p.whose = (sealed.Whose{Person: Everybody, Purpose: f.Purpose}); f.By != "" {
			p.whose.Person, _ = sealed.Sibling(payload, all, text, f.By)
		}
		if f.Purpose == Office || f.Lookup {
			plain, err := sealed.Plain(p.written)
			if err != nil {
				return fmt.Errorf("%w: %s", eventlog.ErrInvalid, f.Path)
			}
			if f.Purpose == Office {
				p.whose.Person = keys.officer(plain)
			}
			if f.Lookup {
				p.number = plain
			}
		}
		if err := p.whose.Check(); err != nil {
			return fmt.Errorf("%w: %s of %s: %w", eventlog.ErrInvalid, f.Path, f.Kind, err)
		}
		work = append(work, p)
		return nil
	})
	return work, err
}

// closed lists the sealed texts of a commit as the log keeps it.
func (t *Table) closed(c eventlog.Commit) []piece {
	var work []piece
	_ = t.each(c, func(event int, _ Field, _ []sealed.Text, text sealed.Text) error {
		written := string(c.Events[event].Payload[text.Start:text.End])
		if whose, ok := sealed.Of(written); ok {
			work = append(work, piece{event: event, text: text, written: written, whose: whose})
		}
		return nil
	})
	return work
}

// blank is the commit with every personal text left empty.
func (t *Table) blank(c eventlog.Commit) eventlog.Commit {
	c.Events = slices.Clone(c.Events)
	texts := make([][]sealed.Text, len(c.Events))
	_ = t.each(c, func(event int, _ Field, _ []sealed.Text, text sealed.Text) error {
		texts[event] = append(texts[event], text)
		return nil
	})
	for i, found := range texts {
		if payload, err := sealed.Splice(c.Events[i].Payload, found, make([]string, len(found))); err == nil {
			c.Events[i].Payload = payload
		}
	}
	return c
}

// each tells of every declared text that stands in the commit.
func (t *Table) each(c eventlog.Commit, tell func(event int, f Field, all []sealed.Text, text sealed.Text) error) error {
	for i, e := range c.Events {
		form := t.forms[formKey(e.Kind, e.Version)]
		if form == nil {
			continue
		}
		all := sealed.Texts(e.Payload, &form.wanted)
		for _, text := range all {
			f, declared := form.field(text.Path)
			if !declared {
				continue
			}
			if f.If != "" {
				if is, _ := sealed.Sibling(e.Payload, all, text, f.If); is != f.Is {
					continue
				}
			}
			if err := tell(i, f, all, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// field is the declaration of the text at the path.
func (f *form) field(path string) (Field, bool) {
	for _, declared := range f.fields {
		if matches(declared.Path, path) {
			return declared, true
		}
	}
	return Field{}, false
}

// matches tells whether the path is one that the pattern means.
func matches(pattern, path string) bool {
	for pattern != "" || path != "" {
		var want, part string
		want, pattern, _ = strings.Cut(pattern, "/")
		part, path, _ = strings.Cut(path, "/")
		if want != "*" && want != part {
			return false
		}
	}
	return true
}

// Seals tells whether any personal text of the commit, as a log keeps it, is
// sealed.
func (t *Table) Seals(c eventlog.Commit) bool { return len(t.closed(c)) > 0 }
