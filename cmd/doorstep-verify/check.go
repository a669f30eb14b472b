package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// proof is the file; docs/integrity.md says what its parts are.
type proof struct {
	Form       string `json:"form"`
	Warning    string `json:"warning"`
	Case       string `json:"case"`
	Checkpoint string `json:"checkpoint"`
	Commits    []struct {
		Index  int64    `json:"index"`
		Sealed string   `json:"sealed"`
		Path   []string `json:"path"`
		Opened []opened `json:"opened,omitempty"`
	} `json:"commits"`
}

// commit is what is shown of a sealed commit, and what chains it to the one
// before it.
type commit struct {
	ID       string `json:"id"`
	Stream   string `json:"stream"`
	Version  int64  `json:"version"`
	Previous string `json:"previous"`
	Recorded string `json:"recorded"`
	Events   []struct {
		Kind     string          `json:"kind"`
		Happened string          `json:"happened"`
		Data     json.RawMessage `json:"data"`
	} `json:"events"`
	texts []opened // proven
}

func (c commit) kind() string { kind, _, _ := strings.Cut(c.Stream, "-"); return kind }

func (c commit) of() string { _, id, _ := strings.Cut(c.Stream, "-"); return id }

// checkpoint is the signed statement about the whole record.
type checkpoint struct {
	origin   string
	size     int64
	root     [sha256.Size]byte
	rootText string
}

// The forms of files that are known.
const (
	proofForm  = "doorstep-proof/1"
	growthForm = "doorstep-growth/1"
)

var errForm = errors.New("the file is not a " + proofForm + " or " + growthForm + ", or another program has written it over")

// read takes a file in only where it is written as Doorstep writes it: then
// nothing stands in it that a person would read and this program would not.
func read(file []byte, into any) bool {
	file = bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n"))
	if json.Unmarshal(file, into) != nil {
		return false
	}
	var again bytes.Buffer
	enc := json.NewEncoder(&again)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(into) == nil && bytes.Equal(again.Bytes(), file)
}

// finding is a file that is proven.
type finding struct {
	proof   proof
	signed  checkpoint
	commits []commit
}

// check proves the file with the public keys, one a line. The error says, with
// nothing of the case in it, why it is not proven.
func check(file []byte, keys string) (finding, error) {
	var f finding
	if !read(file, &f.proof) || f.proof.Form != proofForm {
		return f, errForm
	}
	var err error
	if f.signed, err = openNote(f.proof.Checkpoint, keys); err != nil {
		return f, err
	}
	if len(f.proof.Commits) == 0 {
		return f, errors.New("the file holds no commit")
	}
	type head struct {
		length int64
		hash   string
	}
	heads, last := map[string]head{}, int64(-1)
	for i, in := range f.proof.Commits {
		if in.Index <= last {
			return f, fmt.Errorf("commit %d is not in the record's order", i)
		}
		last = in.Index
		if err := inTree(f.signed, in.Index, []byte(in.Sealed), in.Path); err != nil {
			return f, fmt.Errorf("commit %d: %w", i, err)
		}
		var c commit
		if err := json.Unmarshal([]byte(in.Sealed), &c); err != nil {
			return f, fmt.Errorf("commit %d cannot be understood", i)
		}
		before := heads[c.Stream]
		switch {
		case c.of() != f.proof.Case:
			return f, fmt.Errorf("commit %d is of another case", i)
		case c.Version != before.length || c.Previous != before.hash:
			return f, fmt.Errorf("commit %d does not stand directly behind the one before it", i)
		}
		for _, o := range in.Opened {
			if !c.seals(o) {
				return f, fmt.Errorf("commit %d: a text is not what it seals", i)
			}
		}
		c.texts = in.Opened
		sum := sha256.Sum256([]byte(in.Sealed))
		heads[c.Stream] = head{before.length + 1, hex.EncodeToString(sum[:])}
		f.commits = append(f.commits, c)
	}
	return f, nil
}

// inTree checks the inclusion of a leaf (RFC 6962, 2.1.1): hashed together with
// its path it must give the root.
func inTree(c checkpoint, index int64, sealed []byte, path []string) error {
	if index < 0 || index >= c.size {
		return errors.New("it is not among the commits that the checkpoint speaks of")
	}
	hash := sha256.Sum256(append([]byte{0}, sealed...))
	// Below the level where the leaf's way and that of the last leaf meet every
	// level has a neighbour; above it only those have on whose left is one.
	inner := bits.Len64(uint64(index) ^ uint64(c.size-1))
	border := bits.OnesCount64(uint64(index) >> inner)
	if len(path) != inner+border {
		return errors.New("its path has another length than such a tree gives")
	}
	for level, text := range path {
		beside, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(beside) != sha256.Size {
			return errors.New("its path is not made of hashes")
		}
		if level < inner && index>>level&1 == 0 {
			hash = node(hash[:], beside)
		} else {
			hash = node(beside, hash[:])
		}
	}
	if hash != c.root {
		return errors.New("it is not in the record that was signed, as it stands in the file")
	}
	return nil
}

func node(left, right []byte) [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte{1}, left...), right...))
}

// openNote checks the signature of a signed note (C2SP signed-note) that is a
// checkpoint (C2SP tlog-checkpoint), and reads it.
func openNote(note, keys string) (checkpoint, error) {
	text, signatures, ok := cutLast(note, "\n\n")
	if !ok || !strings.HasSuffix(signatures, "\n") {
		return checkpoint{}, errors.New("the checkpoint is not a signed note")
	}
	text += "\n"
	c, err := readCheckpoint(text)
	if err != nil {
		return c, err
	}
	for line := range strings.Lines(signatures) {
		for key := range strings.Lines(keys) {
			if signedBy(text, strings.TrimSuffix(line, "\n"), strings.TrimSpace(key), c.origin) {
				return c, nil
			}
		}
	}
	return c, errors.New("none of the keys given signed the checkpoint")
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func readCheckpoint(text string) (checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return checkpoint{}, errors.New("the checkpoint has not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, errors.New("the checkpoint tells no number of commits")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != sha256.Size {
		return checkpoint{}, errors.New("the checkpoint tells no root hash")
	}
	return checkpoint{lines[0], size, [sha256.Size]byte(root), lines[2]}, nil
}

// signedBy tells whether the signature line is the key's over the text. A key
// is NAME+ID+KEY: the id is the start of SHA-256(NAME, newline, 1, key bytes),
// 1 stands for Ed25519.
func signedBy(text, line, key, origin string) bool {
	parts := strings.SplitN(key, "+", 3)
	if len(parts) != 3 || parts[0] != origin {
		return false
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 1 {
		return false
	}
	sum := sha256.Sum256([]byte(origin + "\n" + string(typed)))
	id := binary.BigEndian.Uint32(sum[:])
	encoded, ok := strings.CutPrefix(line, "— "+origin+" ")
	signature, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(signature) != 4+ed25519.SignatureSize || binary.BigEndian.Uint32(signature) != id || fmt.Sprintf("%08x", id) != parts[1] {
		return false
	}
	return ed25519.Verify(typed[1:], []byte(text), signature[4:])
}
