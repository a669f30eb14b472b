package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/follow"
	"doorstep/projections/ledger"
	"doorstep/projections/viewfile"
)

// Why a record is not opened though the log itself is sound.
var (
	ErrRolledBack = errors.New("the record is shorter than its signed checkpoint")
	ErrDiffers    = errors.New("the record is not the one that its signed checkpoint speaks of")
	ErrNoKey      = errors.New("the record's signing key is missing")
	ErrOtherKey   = errors.New("the signing key is not this record's")
)

// keys are what is kept apart from the record: the secret key that signs its
// checkpoints, and the newest of them.
//
//	keys/log.key            the secret key, for its owner alone
//	keys/checkpoint.json    the newest signed checkpoint, see ledger.Anchor
//	eventlog/verifiers      the public keys, the newest last; see verifiersFile
type keys struct {
	dir       string
	signer    *tlog.Signer
	verifiers *tlog.Verifiers
	public    string // the newest verifier key
}

func (k keys) anchorFile() string { return filepath.Join(k.dir, "checkpoint.json") }

// openKeys reads the record's keys. They are made when the record is (also when
// that was cut short), or when the first version that signs meets a record that
// has none; where something is recorded already, the operator is told. Whoever
// calls holds the folder. Errors: ErrNoKey, ErrOtherKey.
func (court *Court) openKeys(ctx context.Context, c Config) (keys, error) {
	k := keys{dir: c.Keys}
	if k.dir == "" {
		k.dir = filepath.Join(c.Data, "keys")
	}
	secretFile, publicFile := filepath.Join(k.dir, "log.key"), verifiersFile(c.Data)
	secret, err := readIfThere(secretFile)
	if err != nil {
		return k, err
	}
	public, err := readIfThere(publicFile)
	if err != nil {
		return k, err
	}
	_, anchored, err := k.anchor()
	if err != nil {
		return k, err
	}
	end, err := court.Log.End(ctx)
	if err != nil {
		return k, err
	}
	switch {
	case c.NewKey, public == "" && !anchored && (secret == "" || end.IsStart()):
		if !end.IsStart() {
			c.logger().Warn("a new signing key was made", "file", secretFile)
		}
		if secret, public, err = newKey(secretFile, publicFile, public, tlog.Origin(court.Genesis.ID)); err != nil {
			return k, err
		}
	case secret == "":
		return k, fmt.Errorf("%w: %s", ErrNoKey, secretFile)
	case public == "":
		return k, fmt.Errorf("%w: %s is missing", ErrOtherKey, publicFile)
	}
	if k.signer, err = tlog.ParseSigner(secret); err != nil {
		return k, fmt.Errorf("%w: %s: %w", ErrOtherKey, secretFile, err)
	}
	if k.verifiers, err = tlog.ParseVerifiers(public); err != nil {
		return k, fmt.Errorf("%w: %s: %w", ErrOtherKey, publicFile, err)
	}
	if !k.verifiers.Newest(k.signer) {
		return k, fmt.Errorf("%w: %s does not belong to the newest key in %s", ErrOtherKey, secretFile, publicFile)
	}
	lines := strings.Fields(public)
	k.public = lines[len(lines)-1]
	return k, nil
}

// verifiersFile is where the public keys are: beside the record, or in the
// court's folder itself where the record is or ever was in a server.
func verifiersFile(data string) string {
	apart := filepath.Join(data, "verifiers")
	if _, err := os.Stat(apart); err == nil || !jetstream.Exists(data) {
		return apart
	}
	return filepath.Join(data, "eventlog", "verifiers")
}

func readIfThere(path string) (string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// newKey makes a key and adds its public half to those that the record had.
// The secret half is on the disk first: a public key without it would stop the
// next start, a secret one that nobody knows of is only replaced.
func newKey(secretFile, publicFile, before, origin string) (secret, public string, err error) {
	secret, added, err := tlog.NewKey(rand.Reader, origin)
	if err != nil {
		return "", "", err
	}
	public = before + added + "\n"
	err = os.MkdirAll(filepath.Dir(secretFile), 0o700)
	if err == nil {
		err = viewfile.Replace(secretFile, []byte(secret+"\n"))
	}
	if err == nil {
		err = viewfile.Replace(publicFile, []byte(public))
	}
	return secret, public, err
}

// anchor is the newest checkpoint that was signed; false when none was yet.
// The error is ErrDiffers where its file cannot be understood.
func (k keys) anchor() (ledger.Anchor, bool, error) {
	a, is, err := ledger.ReadAnchor(k.anchorFile())
	if err != nil {
		return a, is, fmt.Errorf("%w: %w", ErrDiffers, err)
	}
	return a, is, nil
}

// open reads the anchor's checkpoint; of no anchor that of an empty record.
func (k keys) open(a ledger.Anchor) (tlog.Checkpoint, error) {
	if a.Checkpoint == "" {
		return tlog.Checkpoint{}, nil
	}
	c, err := k.verifiers.Open([]byte(a.Checkpoint))
	if err != nil {
		return c, fmt.Errorf("%w: %s: %w", ErrDiffers, k.anchorFile(), err)
	}
	return c, nil
}

// standsOn checks that the log has the record that stood at the mark, at its
// place. Errors: ErrRolledBack, ErrDiffers.
func standsOn(ctx context.Context, log eventlog.Log, m follow.Mark) error {
	if m.Position.IsStart() {
		return nil
	}
	end, err := log.End(ctx)
	if err != nil {
		return err
	}
	if end.Before(m.Position) {
		return fmt.Errorf("%w: it ends at position %s, and had come to %s", ErrRolledBack, end, m.Position)
	}
	for r, err := range log.Follow(ctx, m.Before) {
		switch {
		case err != nil:
			return err
		case r.Position != m.Position || r.Head.Hash != m.Hash:
			return fmt.Errorf("%w: another record stands at position %s", ErrDiffers, m.Position)
		}
		return nil
	}
	return ctx.Err()
}

// agrees checks that the tree made from the log is the one that was signed. It
// waits for the views only where the ledger has not come so far yet.
func (court *Court) agrees(ctx context.Context, signed tlog.Checkpoint) error {
	if court.Ledger.Stand().Size < signed.Size {
		if err := court.Follower.CatchUp(ctx); err != nil {
			return err
		}
	}
	return court.holds(ctx, signed)
}

// holds checks that the ledger holds what the checkpoint says. Errors:
// ErrRolledBack, ErrDiffers.
func (court *Court) holds(ctx context.Context, signed tlog.Checkpoint) error {
	if size := court.Ledger.Stand().Size; size < signed.Size {
		return fmt.Errorf("%w: it has %d commits, %d were signed", ErrRolledBack, size, signed.Size)
	}
	if signed.Origin == "" { // nothing was signed yet
		return nil
	}
	root, err := court.Ledger.RootAt(ctx, signed.Size)
	if err != nil {
		return err
	}
	if root != signed.Root {
		return fmt.Errorf("%w: its first %d commits have another root hash", ErrDiffers, signed.Size)
	}
	return nil
}
