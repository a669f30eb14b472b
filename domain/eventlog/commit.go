package eventlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// MaxCommit is the most bytes a sealed commit may have: half of what the
// strictest engine takes (1 MiB), so that headers never decide.
const MaxCommit = 512 << 10

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// IsZero tells whether the hash is unset, as before a stream's first commit.
func (h Hash) IsZero() bool { return h == Hash{} }

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes lower-case hexadecimal; the zero hash is empty.
func (h Hash) MarshalText() ([]byte, error) {
	if h.IsZero() {
		return []byte{}, nil
	}
	return []byte(h.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*h = Hash{}
		return nil
	}
	if hex.DecodedLen(len(b)) != len(h) {
		return fmt.Errorf("a hash has %d bytes", len(h))
	}
	_, err := hex.Decode(h[:], b)
	return err
}

// Event is one event in its stored form.
type Event struct {
	Kind     string          `json:"kind"`     // chosen by hand, never the name of a type
	Version  int             `json:"v"`        // of the stored form
	Happened string          `json:"happened"` // 业务发生: RFC 3339 day or date-time
	Payload  json.RawMessage `json:"data"`
}

// Commit is what one command brought about in one stream.
type Commit struct {
	ID          string    `json:"id"`     // deterministic from the command's id
	Stream      string    `json:"stream"` // "dispute-0f3c…": kind, dash, id; never personal data
	Version     int64     `json:"version"`
	Previous    Hash      `json:"previous,omitzero"` // of the stream's commit before this one
	RecordedAt  time.Time `json:"recorded"`          // 登记, UTC
	Actor       string    `json:"actor"`             // account, never a name
	OnBehalfOf  string    `json:"behalf,omitempty"`
	Workstation string    `json:"workstation,omitempty"`
	Correlation string    `json:"correlation,omitempty"`
	Causation   string    `json:"causation,omitempty"`
	Trace       string    `json:"trace,omitempty"`
	Events      []Event   `json:"events"`
}

var (
	streamForm = regexp.MustCompile(`^[a-z]+-[A-Za-z0-9_-]{1,64}$`)
	idForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// Check tells whether the commit is well formed; the error is ErrInvalid.
func (c Commit) Check() error {
	switch {
	case !streamForm.MatchString(c.Stream):
		return fmt.Errorf("%w: stream %q is not kind-id", ErrInvalid, c.Stream)
	case !idForm.MatchString(c.ID):
		return fmt.Errorf("%w: id %q", ErrInvalid, c.ID)
	case len(c.Events) == 0:
		return fmt.Errorf("%w: no events", ErrInvalid)
	case c.RecordedAt.IsZero():
		return fmt.Errorf("%w: no time of recording", ErrInvalid)
	}
	for _, s := range []string{c.Actor, c.OnBehalfOf, c.Workstation, c.Correlation, c.Causation, c.Trace} {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%w: not UTF-8", ErrInvalid)
		}
	}
	for _, e := range c.Events {
		switch {
		case e.Kind == "" || e.Version < 1 || e.Happened == "" || !json.Valid(e.Payload),
			!utf8.ValidString(e.Kind), !utf8.ValidString(e.Happened), !utf8.Valid(e.Payload):
			return fmt.Errorf("%w: event %q", ErrInvalid, e.Kind)
		}
	}
	return nil
}

// SameDeed tells whether both commits say the same: the events of one command,
// wherever in the stream they came to stand and whenever they were recorded.
func (c Commit) SameDeed(other Commit) bool {
	if c.ID != other.ID || c.Stream != other.Stream || len(c.Events) != len(other.Events) {
		return false
	}
	for i, e := range c.Events {
		o := other.Events[i]
		if e.Kind != o.Kind || e.Version != o.Version || e.Happened != o.Happened {
			return false
		}
		if !bytes.Equal(e.Payload, o.Payload) && !bytes.Equal(compact(e.Payload), compact(o.Payload)) {
			return false
		}
	}
	return true
}

// compact is the payload as Seal writes it: without white space between its
// parts. What is not JSON stays as it is.
func compact(payload json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, payload) != nil || b.Len() == len(payload) {
		return payload
	}
	return b.Bytes()
}

// Seal gives the commit its place behind at and returns the bytes that every
// engine keeps, the same on all of them. The commit it returns is the one that
// Open will read from those bytes. Errors: ErrInvalid, ErrTooLarge.
func Seal(at Head, c Commit) (Commit, []byte, error) {
	if err := c.Check(); err != nil {
		return c, nil, err
	}
	c.Version, c.Previous = at.Length, at.Hash
	c.RecordedAt = c.RecordedAt.UTC().Truncate(time.Microsecond)
	c.Events = slices.Clone(c.Events)
	for i := range c.Events {
		c.Events[i].Payload = compact(c.Events[i].Payload)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		return c, nil, fmt.Errorf("%w: %v", ErrInvalid, err)
	}
	sealed := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(sealed) > MaxCommit {
		return c, nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(sealed), MaxCommit)
	}
	return c, sealed, nil
}

// Open reads what Seal wrote; the error is ErrCorrupt. The adapter adds the
// position and the revision.
func Open(sealed []byte) (Record, error) {
	var c Commit
	if err := json.Unmarshal(sealed, &c); err != nil {
		return Record{}, fmt.Errorf("%w: a record cannot be read: %v", ErrCorrupt, err)
	}
	return Record{Commit: c, Sealed: sealed, Head: Head{Length: c.Version + 1, Hash: sha256.Sum256(sealed)}}, nil
}

// Follows checks that r stands directly behind at in its stream; the error is
// ErrCorrupt and names the stream and version.
func (r Record) Follows(at Head) error {
	if r.Version != at.Length || r.Previous != at.Hash {
		return fmt.Errorf("%w: %s version %d does not follow the commit before it (%d commits)", ErrCorrupt, r.Stream, r.Version, at.Length)
	}
	return nil
}
