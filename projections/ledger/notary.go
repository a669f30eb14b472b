package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/follow"
	"doorstep/projections/viewfile"
)

// Anchor is the newest checkpoint that was signed, and where the record stood
// then. It is kept apart from the record, so that a record set back to an
// earlier day does not pass for itself.
type Anchor struct {
	Checkpoint string        `json:"checkpoint"` // the signed note
	Numbering  string        `json:"numbering"`  // whose positions the next two are
	Before     uint64        `json:"before"`     // position of the record before the last
	Position   uint64        `json:"position"`   // of the last record
	Hash       eventlog.Hash `json:"hash"`       // of it
}

// Mark is the place of the anchor in the log.
func (a Anchor) Mark() follow.Mark {
	return follow.Mark{Before: eventlog.PositionAt(a.Before), Position: eventlog.PositionAt(a.Position), Hash: a.Hash}
}

// Keep puts the anchor into its file; it is on the disk when Keep returns.
func (a Anchor) Keep(path string) error {
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return viewfile.Replace(path, append(b, '\n'))
}

// ReadAnchor reads the anchor's file; false when there is none yet.
func ReadAnchor(path string) (Anchor, bool, error) {
	var a Anchor
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return a, false, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil {
		return a, false, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return a, true, nil
}

// ErrBehind is given where the record is shorter than a checkpoint signed of it.
var ErrBehind = errors.New("the record is shorter than its signed checkpoint")

// calm is how long a notary rests after signing, so that its syncs do not
// compete with those of the log.
const calm = time.Second

// Notary signs where the ledger stands, soon after it has moved, and keeps the
// newest signature in the anchor's file. It never signs a shorter record after
// a longer one.
type Notary struct {
	path      string
	origin    string
	numbering string
	signer    *tlog.Signer
	log       *slog.Logger

	mu     sync.Mutex // guards what follows and the file
	newest Stand      // heard of
	signed int64      // commits in the checkpoint in the file
	begun  bool       // before that nothing is signed

	heard chan struct{}
	stop  chan struct{}
	done  chan struct{}
}

// NewNotary makes the notary of the record with that origin, whose log numbers
// positions so. It only listens until Begin.
func NewNotary(path, origin, numbering string, signer *tlog.Signer, log *slog.Logger) *Notary {
	n := &Notary{path: path, origin: origin, numbering: numbering, signer: signer, log: log,
		heard: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go n.run()
	return n
}

// Begin lets the notary sign, once the caller has found that the record agrees
// with the checkpoint in the anchor's file, which tells of so many commits (0:
// there is none). s is where the ledger stands.
func (n *Notary) Begin(signed int64, s Stand) {
	n.mu.Lock()
	n.begun, n.signed = true, signed
	n.mu.Unlock()
	n.hear(s)
}

// hear takes down where the ledger stands; signing comes later.
func (n *Notary) hear(s Stand) {
	n.mu.Lock()
	if s.Size > n.newest.Size {
		n.newest = s
	}
	n.mu.Unlock()
	select {
	case n.heard <- struct{}{}:
	default: // it is about to look
	}
}

func (n *Notary) run() {
	defer close(n.done)
	for {
		select {
		case <-n.heard:
		case <-n.stop:
			return
		}
		if err := n.catchUp(); err != nil {
			n.log.Error("the newest checkpoint could not be kept", "error", err)
		}
		select {
		case <-time.After(calm):
		case <-n.stop:
			return
		}
	}
}

// catchUp signs what was heard last.
func (n *Notary) catchUp() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.begun || n.newest.Size <= n.signed {
		return nil
	}
	_, err := n.write(n.newest)
	return err
}

// Signed is how many commits the newest checkpoint in the file speaks of.
func (n *Notary) Signed() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.signed
}

// Sign signs that stand now and keeps it in the file.
func (n *Notary) Sign(s Stand) (Anchor, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.begun {
		return Anchor{}, errors.New("nothing is signed of a record that was not found sound")
	}
	return n.write(s)
}

// write signs and keeps, and is on the disk when it returns. The lock is held.
func (n *Notary) write(s Stand) (Anchor, error) {
	if s.Size < n.signed {
		return Anchor{}, fmt.Errorf("%w: %d commits are signed, the record has %d", ErrBehind, n.signed, s.Size)
	}
	note, err := n.signer.Sign(tlog.Checkpoint{Origin: n.origin, Size: s.Size, Root: s.Root})
	if err != nil {
		return Anchor{}, err
	}
	a := Anchor{string(note), n.numbering, s.Mark.Before.Token(), s.Mark.Position.Token(), s.Mark.Hash}
	if s.Size == n.signed { // the file says so already
		return a, nil
	}
	if err := a.Keep(n.path); err != nil {
		return a, err
	}
	n.signed = s.Size
	return a, nil
}

// Close signs what was heard last and ends.
func (n *Notary) Close() error {
	close(n.stop)
	<-n.done
	return n.catchUp()
}
