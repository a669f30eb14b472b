package archive

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"doorstep/domain/eventlog"
)

// Backup is a backup being read.
type Backup struct {
	*Reader
	sealed *unsealed
	file   io.Closer
}

// Open opens a backup with one of the keys it was encrypted for. Errors:
// ErrKey, ErrForeign, ErrForm, ErrTruncated, ErrDamaged, ErrNotSigned; the disk's.
func Open(path string, with Identities) (*Backup, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := open(f, with)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	b.file = f
	return b, nil
}

func open(in io.Reader, with Identities) (*Backup, error) {
	sealed, err := unseal(in, with)
	if err != nil {
		return nil, err
	}
	r, err := NewReader(sealed)
	if err != nil {
		sealed.Close()
		return nil, err
	}
	return &Backup{Reader: r, sealed: sealed}, nil
}

// Close lets go of the file.
func (b *Backup) Close() error {
	b.sealed.Close()
	if b.file == nil {
		return nil
	}
	return b.file.Close()
}

// Verify reads an archive to its end and checks all that Records checks, and
// that every commit follows in its stream. Errors: those of Records;
// eventlog.ErrCorrupt.
func (r *Reader) Verify() (Manifest, error) {
	for _, err := range eventlog.Chained(r.Records()) {
		if err != nil {
			return Manifest{}, err
		}
	}
	return r.says, nil
}

// ErrNoLabel is given for a backup without its label.
var ErrNoLabel = errors.New("the label of the backup is missing or cannot be read")

// ReadLabel reads the label beside a backup. The error is ErrNoLabel.
func ReadLabel(path string) (Label, error) {
	b, err := os.ReadFile(path + labels)
	var l Label
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l, ErrNoLabel
	case err != nil:
		return l, fmt.Errorf("%w: %v", ErrNoLabel, err)
	case l.Form != Form:
		return l, fmt.Errorf("%w: form %q", ErrNoLabel, l.Form)
	}
	return l, nil
}

// SameBytes checks, without any key, that the backup has the very bytes that
// were found whole when it was made. Errors: ErrNoLabel, ErrTruncated,
// ErrDamaged; the disk's.
func SameBytes(path string) (Label, error) {
	f, err := os.Open(path)
	if err != nil {
		return Label{}, err
	}
	defer f.Close()
	l, err := ReadLabel(path)
	if err != nil {
		return l, err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	switch {
	case err != nil:
		return l, err
	case n < l.Size:
		return l, cutShort("it has %d bytes of %d", n, l.Size)
	case eventlog.Hash(sum.Sum(nil)) != l.Digest:
		return l, damaged("it has other bytes than when it was made")
	}
	return l, nil
}
