// Package archive is the file form of a log outside its engine: commits in the
// log's order, sealed bytes and nothing derived, with a header that says whose
// they are and a manifest that says where they end. Backups are files of this
// form, encrypted; the second copy (copy.go) is a folder of many small ones.
// DESIGN.md says what is promised.
package archive

import (
	"errors"
	"fmt"
	"time"

	"doorstep/domain/eventlog"
)

// Form is the form of archives that this version writes.
const Form = "doorstep-archive/1"

// Why an archive is not taken. Each error says what was found.
var (
	ErrForeign   = errors.New("this is not an archive of Doorstep's")
	ErrForm      = errors.New("the archive was written by a newer version")
	ErrTruncated = errors.New("the archive is cut short")
	ErrDamaged   = errors.New("the archive is damaged")
	ErrKey       = errors.New("the key given does not open the archive")
	ErrNotSigned = errors.New("the archive does not hold what its signed checkpoint says")
)

// Header stands first in an archive.
type Header struct {
	Form    string           `json:"form"`
	Genesis eventlog.Genesis `json:"genesis"`         // of the log
	Created time.Time        `json:"created"`         // UTC, to the millisecond: when the archive was begun
	After   int64            `json:"after,omitempty"` // commits of the log before the first one here; 0 in a backup
	Link    eventlog.Hash    `json:"link,omitzero"`   // hash of the last of those

	// Verifiers are the log's public keys, one a line, the newest last;
	// Checkpoint is the newest checkpoint signed of commits that the archive
	// has. Either may be empty: of a log that nobody signs for.
	Verifiers  string `json:"verifiers,omitempty"`
	Checkpoint string `json:"checkpoint,omitempty"`
}

// Manifest stands last in an archive and counts what is in it. Nothing in it is
// personal data.
type Manifest struct {
	Commits  int64         `json:"commits"`
	Events   int64         `json:"events"`
	Streams  int64         `json:"streams"`           // that begin here
	First    uint64        `json:"first"`             // position of the first commit in the log it was read from
	Last     uint64        `json:"last"`              // of the last one
	Hash     eventlog.Hash `json:"hash,omitzero"`     // of the last one
	Root     eventlog.Hash `json:"root,omitzero"`     // of the Merkle tree over all commits; only where the archive begins with the first
	Recorded time.Time     `json:"recorded,omitzero"` // when the last one was recorded
}

// same tells whether both count the same.
func (m Manifest) same(o Manifest) bool {
	equal := m.Recorded.Equal(o.Recorded)
	m.Recorded = o.Recorded // a time is compared by its own rules
	return equal && m == o
}

func foreign(what string) error { return fmt.Errorf("%w: %s", ErrForeign, what) }
func damaged(f string, v ...any) error {
	return fmt.Errorf("%w: "+f, append([]any{ErrDamaged}, v...)...)
}
func cutShort(f string, v ...any) error {
	return fmt.Errorf("%w: "+f, append([]any{ErrTruncated}, v...)...)
}
