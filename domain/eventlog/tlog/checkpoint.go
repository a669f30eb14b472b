package tlog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"doorstep/domain/eventlog"
)

// Checkpoint (检查点) says what the record held when it had Size commits.
type Checkpoint struct {
	Origin string // which record: Origin of its id
	Size   int64  // commits
	Root   eventlog.Hash
}

// Origin is the name of a record in its checkpoints and keys.
func Origin(log string) string { return "doorstep/" + log }

// RootText is a root hash as checkpoints write it, base64, so that people compare
// like with like.
func RootText(root eventlog.Hash) string { return base64.StdEncoding.EncodeToString(root[:]) }

// Text is the note that is signed: origin, size in decimal, root in base64, a
// line each.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, RootText(c.Root))
}

// ErrForm is given for what is not written as a checkpoint, a key or a proof
// is.
var ErrForm = errors.New("not in the form that is expected")

// parseText reads what Text wrote, and nothing else: what is signed says what
// was meant in one way only.
func parseText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" || lines[3] != "" {
		return Checkpoint{}, fmt.Errorf("%w: a checkpoint has three lines", ErrForm)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, fmt.Errorf("%w: the second line of a checkpoint is a number of commits", ErrForm)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(eventlog.Hash{}) {
		return Checkpoint{}, fmt.Errorf("%w: the third line of a checkpoint is a root hash in base64", ErrForm)
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: eventlog.Hash(root)}
	if c.Text() != text {
		return Checkpoint{}, fmt.Errorf("%w: the checkpoint is written another way", ErrForm)
	}
	return c, nil
}

// NewKey makes an Ed25519 key for a record. The first is the secret one (私钥),
// to be kept; the second verifies what it signs (公钥), to be given away. Each is
// one line of text.
func NewKey(random io.Reader, origin string) (secret, public string, err error) {
	return note.GenerateKey(random, origin)
}

// Signer signs checkpoints of one record.
type Signer struct{ signer note.Signer }

// ParseSigner reads a secret key; the error is ErrForm and carries nothing of it.
func ParseSigner(secret string) (*Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		return nil, fmt.Errorf("%w: this is not a signing key", ErrForm)
	}
	return &Signer{s}, nil
}

// Sign gives the checkpoint as a signed note.
func (s *Signer) Sign(c Checkpoint) ([]byte, error) {
	if c.Origin != s.signer.Name() {
		return nil, fmt.Errorf("the key is not that of record %s", c.Origin)
	}
	return note.Sign(&note.Note{Text: c.Text()}, s.signer)
}

// Verifiers are the public keys that a record had, the newest last.
type Verifiers struct{ all []note.Verifier }

// ParseVerifiers reads public keys, one a line; the error is ErrForm.
func ParseVerifiers(text string) (*Verifiers, error) {
	v := &Verifiers{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("%w: this is not a verifier key", ErrForm)
		}
		v.all = append(v.all, key)
	}
	if len(v.all) == 0 {
		return nil, fmt.Errorf("%w: there is no verifier key", ErrForm)
	}
	return v, nil
}

// Newest tells whether what the signer signs is verified by the newest key.
func (v *Verifiers) Newest(s *Signer) bool {
	last := v.all[len(v.all)-1]
	if last.Name() != s.signer.Name() || last.KeyHash() != s.signer.KeyHash() {
		return false
	}
	probe := []byte("doorstep")
	signature, err := s.signer.Sign(probe)
	return err == nil && last.Verify(probe, signature)
}

// Open reads a signed checkpoint and checks that one of the keys signed it, and
// that the key is the record's. Errors: ErrForm; ErrNotProven.
func (v *Verifiers) Open(signed []byte) (Checkpoint, error) {
	signed = bytes.ReplaceAll(signed, []byte("\r\n"), []byte("\n")) // it may have been through a mail program
	n, err := note.Open(signed, note.VerifierList(v.all...))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified), errors.As(err, &invalid):
		return Checkpoint{}, fmt.Errorf("%w: none of the record's keys signed this checkpoint", ErrNotProven)
	case err != nil:
		return Checkpoint{}, fmt.Errorf("%w: this is not a signed checkpoint", ErrForm)
	}
	c, err := parseText(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	for _, s := range n.Sigs {
		if s.Name == c.Origin {
			return c, nil
		}
	}
	return Checkpoint{}, fmt.Errorf("%w: the checkpoint is signed with the key of another record", ErrNotProven)
}
