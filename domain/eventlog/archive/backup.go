package archive

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"doorstep/domain/eventlog"
)

// Label (标签) is what is known of a backup without opening it. It lies beside
// the backup, is written only when the backup was read back and found whole,
// and holds no personal data.
type Label struct {
	Form     string           `json:"form"`
	Genesis  eventlog.Genesis `json:"genesis"`
	Created  time.Time        `json:"created"`
	Manifest Manifest         `json:"manifest"`
	Signed   int64            `json:"signed"` // commits in its signed checkpoint
	Key      bool             `json:"key"`    // whether the secret signing key is in it
	Size     int64            `json:"size"`   // bytes of the file
	Digest   eventlog.Hash    `json:"digest"` // SHA-256 of the file
	Verified time.Time        `json:"verified"`
}

// The names of a backup and what belongs to it.
const (
	ending  = ".doorstep.age"
	labels  = ".json" // behind a backup's name
	partial = ".part" // behind the name of what is not finished
)

// ErrTaken is given for a folder that another process writes backups into.
var ErrTaken = errors.New("another process is writing into the folder")

// Create writes the commits as a backup into the folder, which it makes where
// only the last part of its path is missing. The backup gets its name when it
// is on the disk and was read back from there and found whole; until then, and
// on any error, the folder holds what it held before, and perhaps a .part file
// that the next Create removes. It gives the backup's path. Errors: ErrTaken;
// eventlog.ErrCorrupt and whatever else records gives; the disk's.
func Create(ctx context.Context, dir string, h Header, signingKey string, to Recipients, records iter.Seq2[eventlog.Record, error]) (string, Label, error) {
	if to.None() {
		return "", Label{}, ErrNoRecipient
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", Label{}, err
	}
	lock, err := takeFolder(dir)
	if err != nil {
		return "", Label{}, err
	}
	defer lock.Close()
	if err := removePartial(dir); err != nil {
		return "", Label{}, err
	}
	h.Created = time.Now().UTC().Truncate(time.Millisecond)
	both, witness, err := to.witness()
	if err != nil {
		return "", Label{}, err
	}
	part := filepath.Join(dir, h.Genesis.ID[:8]+partial)
	l := Label{Form: Form, Genesis: h.Genesis, Created: h.Created, Key: signingKey != ""}
	path, err := l.write(ctx, part, h, signingKey, both, witness, records)
	if err != nil {
		return "", l, errors.Join(err, os.Remove(part))
	}
	return path, l, nil
}

// write makes the file, reads it back, and names it.
func (l *Label) write(ctx context.Context, part string, h Header, signingKey string, to Recipients, with Identities, records iter.Seq2[eventlog.Record, error]) (string, error) {
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := l.fill(ctx, f, h, signingKey, to, records); err != nil {
		return "", err
	}
	forgetCached(f)
	read, err := l.readBack(f, with)
	if err != nil {
		return "", fmt.Errorf("what was written cannot be read back: %w", err)
	}
	if !read.same(l.Manifest) {
		return "", damaged("what was written reads back as something else")
	}
	l.Verified = time.Now().UTC().Truncate(time.Second)
	path := filepath.Join(filepath.Dir(part), l.name())
	if _, err := os.Lstat(path); err == nil {
		return "", fmt.Errorf("%s: %w", filepath.Base(path), os.ErrExist)
	}
	b, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return "", err
	}
	if err := writeDurably(path+labels+partial, append(b, '\n')); err != nil {
		return "", err
	}
	return path, errors.Join(os.Rename(path+labels+partial, path+labels), os.Rename(part, path), syncFolder(filepath.Dir(path)))
}

// name tells backups of one log apart, and sorts them by age.
func (l *Label) name() string {
	return fmt.Sprintf("%s-%s-%d%s", l.Genesis.ID[:8], l.Created.Format("20060102T150405.000Z"), l.Manifest.Commits, ending)
}

// fill writes the archive and makes it durable.
func (l *Label) fill(ctx context.Context, f *os.File, h Header, signingKey string, to Recipients, records iter.Seq2[eventlog.Record, error]) error {
	out := &digested{to: f, sum: sha256.New()}
	sealed, err := seal(out, to)
	if err != nil {
		return err
	}
	w, err := NewWriter(sealed, h, signingKey)
	if err != nil {
		return err
	}
	for r, err := range records {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if err := w.Add(r); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil { // records may have ended because of it
		return err
	}
	if l.Manifest, err = w.Finish(); err != nil {
		return err
	}
	if err := errors.Join(sealed.Close(), f.Sync()); err != nil {
		return err
	}
	signed, err := h.signed()
	l.Size, l.Digest, l.Signed = out.size, out.hash(), signed.Size
	return err
}

// readBack reads the file from its beginning and checks all that can be
// checked.
func (l *Label) readBack(f *os.File, with Identities) (Manifest, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Manifest{}, err
	}
	sum := sha256.New()
	b, err := open(io.TeeReader(f, sum), with)
	if err != nil {
		return Manifest{}, err
	}
	defer b.Close()
	m, err := b.Verify()
	if err != nil {
		return m, err
	}
	if eventlog.Hash(sum.Sum(nil)) != l.Digest {
		return m, damaged("the file has other bytes than were written")
	}
	return m, nil
}

// digested counts and digests what goes through it.
type digested struct {
	to   io.Writer
	sum  hash.Hash
	size int64
}

func (d *digested) Write(b []byte) (int, error) {
	n, err := d.to.Write(b)
	d.sum.Write(b[:n])
	d.size += int64(n)
	return n, err
}

func (d *digested) hash() eventlog.Hash { return eventlog.Hash(d.sum.Sum(nil)) }

// removePartial removes what was not finished. The folder is held.
func removePartial(dir string) error {
	left, err := filepath.Glob(filepath.Join(globbed(dir), "*"+partial))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// globbed is the path with nothing in it that a pattern would take for its own.
func globbed(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
