package wire

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/archive"
	"doorstep/projections/ledger"
)

// Backing says where a backup goes and what it holds.
type Backing struct {
	Dir        string             // the folder of the backups
	To         archive.Recipients // who can open it
	SigningKey bool               // put the record's secret signing key in
	Keep       int                // how many whole backups of the record to keep; 0: all
}

// Backup is a backup that was made and read back.
type Backup struct {
	File string `json:"file"`
	archive.Label
	Removed []string `json:"removed"` // older ones that went
	Seconds float64  `json:"seconds"` // it took to write and to read back
}

// Backup makes a backup of the record up to the end that it has now, while
// people work on. Errors: archive's; the log's; the disk's.
func (court *Court) Backup(ctx context.Context, b Backing) (Backup, error) {
	began := time.Now()
	made := Backup{Removed: []string{}}
	h, err := court.archiveHeader() // before the end, so that what is signed is in it
	if err != nil {
		return made, err
	}
	secret := ""
	if b.SigningKey {
		if secret, err = readIfThere(filepath.Join(court.keysDir(), "log.key")); err == nil && secret == "" {
			err = ErrNoKey
		}
		if err != nil {
			return made, err
		}
	}
	end, err := court.Log.End(ctx)
	if err != nil {
		return made, err
	}
	if made.File, made.Label, err = archive.Create(ctx, b.Dir, h, secret, b.To, upTo(ctx, court.Log, end)); err != nil {
		return made, err
	}
	made.Seconds = time.Since(began).Seconds()
	gone, err := archive.Rotate(b.Dir, court.Genesis, b.Keep)
	made.Removed = append(made.Removed, gone...)
	return made, err
}

// archiveHeader says which record it is, and what was signed of it.
func (court *Court) archiveHeader() (archive.Header, error) {
	h := archive.Header{Genesis: court.Genesis}
	var err error
	h.Verifiers, h.Checkpoint, err = court.signedSoFar()
	return h, err
}

// signedSoFar is the record's public keys and its newest signed checkpoint, as
// the files say that its holder keeps.
func (court *Court) signedSoFar() (verifiers, checkpoint string, err error) {
	if verifiers, err = readIfThere(verifiersFile(court.Data)); err != nil {
		return "", "", err
	}
	anchor, _, err := ledger.ReadAnchor(keys{dir: court.keysDir()}.anchorFile())
	return verifiers, anchor.Checkpoint, err
}

// keysDir is where the record's keys are kept.
func (court *Court) keysDir() string {
	if court.keys.dir != "" {
		return court.keys.dir
	}
	return filepath.Join(court.Data, "keys")
}

// upTo gives the log's records up to the end that it has had. Where they end
// sooner, that is an error.
func upTo(ctx context.Context, log eventlog.Log, end eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		if end.IsStart() {
			return
		}
		for r, err := range log.Follow(ctx, eventlog.Position{}) {
			if err == nil && end.Before(r.Position) {
				err = fmt.Errorf("%w: the record at the end, position %s, is missing", eventlog.ErrCorrupt, end)
			}
			if !yield(r, err) || err != nil || r.Position == end {
				return
			}
		}
		err := ctx.Err()
		if err == nil {
			err = fmt.Errorf("%w: the log ended before position %s", eventlog.ErrUnavailable, end)
		}
		yield(eventlog.Record{}, err)
	}
}

// Checked is what a check of a backup or a second copy found.
type Checked struct {
	Source  string    `json:"source"`
	Log     string    `json:"log"`
	Court   string    `json:"court"`
	Commits int64     `json:"commits"`
	Events  int64     `json:"events"`
	Streams int64     `json:"streams"`
	Root    string    `json:"root"`          // of the Merkle tree, base64
	Last    time.Time `json:"last,omitzero"` // when the last commit was recorded
	Signed  int64     `json:"signed"`        // commits in its newest signed checkpoint
	Key     bool      `json:"key"`           // whether it holds the secret signing key
	Torn    bool      `json:"torn"`          // something half written stands at the end of a second copy
	Seconds float64   `json:"seconds"`
}

// CheckSource reads a backup or a second copy to its end and checks all that can
// be checked: every checksum, the chain of every stream, counts, the Merkle
// root, the signed checkpoint. Errors: archive's; eventlog.ErrCorrupt; the disk's.
func CheckSource(ctx context.Context, source string, with archive.Identities) (Checked, error) {
	began := time.Now()
	src, err := archive.OpenSource(source, with)
	if err != nil {
		return Checked{}, err
	}
	defer src.Close()
	found := newFound(src)
	for r, err := range eventlog.Chained(src.Records()) {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return Checked{}, err
		}
		found.take(r)
	}
	c, err := found.checked(source, src)
	c.Seconds = time.Since(began).Seconds()
	return c, err
}
