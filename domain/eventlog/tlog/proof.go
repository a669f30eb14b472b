package tlog

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/sealed"
)

// ProofForm is the form of proof files that this version writes.
const ProofForm = "doorstep-proof/1"

// Proof is one dispute's whole history as a file that proves itself to whoever
// holds the record's public key: its sealed commits, where each stands in the
// tree, and the checkpoint that signs the tree. It holds the dispute's personal
// data and must be handled as the case file itself.
type Proof struct {
	Form       string      `json:"form"`
	Warning    string      `json:"warning"` // that it holds personal data
	Case       string      `json:"case"`
	Checkpoint string      `json:"checkpoint"` // the signed note
	Commits    []Inclusive `json:"commits"`    // in the record's order
}

// Inclusive is a commit with the proof that it is in the tree.
type Inclusive struct {
	Index  int64    `json:"index"`  // in the tree, from 0
	Sealed string   `json:"sealed"` // the exact bytes that the record keeps
	Path   []string `json:"path"`   // hashes in base64, the lowest first
	Opened []Opened `json:"opened,omitempty"`
}

// Opened is a sealed text of a commit with what stands in it and the key that
// opens this text alone; see sealed. A text that was deleted has none.
type Opened struct {
	Event int    `json:"event"` // in the commit, from 0
	Path  string `json:"path"`  // in its payload, see sealed.Place
	Text  string `json:"text"`  // as it is written in JSON, between its quotes
	Key   string `json:"key"`   // base64
}

// Encode is the file. A proof is written in this one way, and in no other is it
// accepted: what a person reads in the file is then what was proven.
func (p Proof) Encode() ([]byte, error) { return encode(p) }

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

// parse reads a file that encode wrote; the error is ErrForm.
func parse[T any](file []byte, form func(T) string, want string) (T, error) {
	var v T
	file = bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n"))
	if err := json.Unmarshal(file, &v); err != nil || form(v) != want {
		return v, fmt.Errorf("%w: this is not a file of the form %s", ErrForm, want)
	}
	if again, err := encode(v); err != nil || !bytes.Equal(again, file) {
		return v, fmt.Errorf("%w: the file was written over by another program", ErrForm)
	}
	return v, nil
}

// Include makes the entry of a commit; the error is for bytes that are not
// UTF-8, which no sealed commit holds.
func Include(index int64, sealed []byte, path []eventlog.Hash) (Inclusive, error) {
	if !utf8.Valid(sealed) {
		return Inclusive{}, fmt.Errorf("%w: a sealed commit is not UTF-8", eventlog.ErrCorrupt)
	}
	return Inclusive{Index: index, Sealed: string(sealed), Path: texts(path)}, nil
}

// ParseProof reads a proof file; the error is ErrForm. It proves nothing yet.
func ParseProof(file []byte) (Proof, error) {
	return parse(file, func(p Proof) string { return p.Form }, ProofForm)
}

// Check proves the file: the checkpoint is signed by one of the keys; every
// commit stands in the signed tree; and of each stream the commits are there
// from the first on, each directly behind the one before. That nothing was
// recorded of the dispute after the last of them it cannot show. Errors:
// ErrForm; ErrNotProven; eventlog.ErrCorrupt.
func (p Proof) Check(keys *Verifiers) (Checkpoint, []eventlog.Record, error) {
	c, err := keys.Open([]byte(p.Checkpoint))
	if err != nil {
		return c, nil, err
	}
	if len(p.Commits) == 0 {
		return c, nil, fmt.Errorf("%w: the file holds no commit", ErrNotProven)
	}
	heads := map[string]eventlog.Head{}
	last := int64(-1)
	var records []eventlog.Record
	for _, in := range p.Commits {
		if in.Index <= last {
			return c, nil, fmt.Errorf("%w: the commits are not in the record's order", ErrNotProven)
		}
		last = in.Index
		r, err := in.check(c)
		if err != nil {
			return c, nil, err
		}
		if _, id, _ := strings.Cut(r.Stream, "-"); id != p.Case {
			return c, nil, fmt.Errorf("%w: a commit is of another case", ErrNotProven)
		}
		if err := r.Follows(eventlog.Head{Length: heads[r.Stream].Length, Hash: heads[r.Stream].Hash}); err != nil {
			return c, nil, err
		}
		heads[r.Stream] = r.Head
		records = append(records, r)
	}
	return c, records, nil
}

// check proves that the commit stands in the tree.
func (in Inclusive) check(c Checkpoint) (eventlog.Record, error) {
	path, err := hashes(in.Path)
	if err != nil {
		return eventlog.Record{}, err
	}
	if err := CheckInclusion(path, c.Size, c.Root, in.Index, Leaf([]byte(in.Sealed))); err != nil {
		return eventlog.Record{}, err
	}
	r, err := eventlog.Open([]byte(in.Sealed))
	if err != nil {
		return r, err
	}
	for _, o := range in.Opened {
		if err := o.check(r.Commit); err != nil {
			return r, err
		}
	}
	return r, nil
}

// check proves that the text is what is sealed at that place of the commit.
func (o Opened) check(c eventlog.Commit) error {
	key, err := base64.StdEncoding.Strict().DecodeString(o.Key)
	if err != nil || o.Event < 0 || o.Event >= len(c.Events) {
		return fmt.Errorf("%w: a text is opened that the commit does not have", ErrForm)
	}
	var w sealed.Wanted
	w.WantStep(o.Path)
	for _, t := range sealed.Texts(c.Events[o.Event].Payload, &w) {
		if t.Path != o.Path {
			continue
		}
		form := string(c.Events[o.Event].Payload[t.Start:t.End])
		text, err := sealed.OpenOwn(key, form, sealed.Place{Commit: c.ID, Stream: c.Stream, Event: o.Event, Path: o.Path})
		if err == nil && text == o.Text {
			return nil
		}
	}
	return fmt.Errorf("%w: a text is not what the commit seals", ErrNotProven)
}

// texts are the hashes in base64.
func texts(path []eventlog.Hash) []string {
	list := make([]string, len(path))
	for i, h := range path {
		list[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return list
}

// hashes reads what texts wrote; the error is ErrForm.
func hashes(path []string) ([]eventlog.Hash, error) {
	list := make([]eventlog.Hash, len(path))
	for i, text := range path {
		h, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(h) != len(list[i]) {
			return nil, fmt.Errorf("%w: a path is made of hashes in base64", ErrForm)
		}
		list[i] = eventlog.Hash(h)
	}
	return list, nil
}
