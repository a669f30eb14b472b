package tlog

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"doorstep/domain/eventlog"
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
}

// Include makes the entry of a commit; the error is for bytes that are not
// UTF-8, which no sealed commit holds.
func Include(index int64, sealed []byte, path []eventlog.Hash) (Inclusive, error) {
	if !utf8.Valid(sealed) {
		return Inclusive{}, fmt.Errorf("%w: a sealed commit is not UTF-8", eventlog.ErrCorrupt)
	}
	in := Inclusive{Index: index, Sealed: string(sealed), Path: make([]string, len(path))}
	for i, h := range path {
		in.Path[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return in, nil
}

// ParseProof reads a proof file; the error is ErrForm. It proves nothing yet.
func ParseProof(file []byte) (Proof, error) {
	var p Proof
	dec := json.NewDecoder(bytes.NewReader(file))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil || dec.More() {
		return p, fmt.Errorf("%w: this is not a proof file", ErrForm)
	}
	if p.Form != ProofForm {
		return p, fmt.Errorf("%w: this version knows proof files of the form %s only", ErrForm, ProofForm)
	}
	return p, nil
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
	path := make([]eventlog.Hash, len(in.Path))
	for i, text := range in.Path {
		h, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(h) != len(path[i]) {
			return eventlog.Record{}, fmt.Errorf("%w: a path is made of hashes in base64", ErrForm)
		}
		path[i] = eventlog.Hash(h)
	}
	if err := CheckInclusion(path, c.Size, c.Root, in.Index, Leaf([]byte(in.Sealed))); err != nil {
		return eventlog.Record{}, err
	}
	return eventlog.Open([]byte(in.Sealed))
}
