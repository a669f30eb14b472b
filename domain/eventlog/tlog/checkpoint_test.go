package tlog

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"

	"doorstep/domain/eventlog"
)

// seed makes keys that are the same in every run.
type seed byte

func (s seed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

// keysOf makes a signer and its public key.
func keysOf(t testing.TB, s seed, log string) (*Signer, string) {
	t.Helper()
	secret, public, err := NewKey(s, Origin(log))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ParseSigner(secret + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return signer, public
}

func verifiersOf(t testing.TB, keys ...string) *Verifiers {
	t.Helper()
	v, err := ParseVerifiers(strings.Join(keys, "\n") + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sign(t testing.TB, s *Signer, c Checkpoint) []byte {
	t.Helper()
	b, err := s.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var ofFive = Checkpoint{Origin("0f3c"), 5, eventlog.Hash(bytes.Repeat([]byte{7}, 32))}

func TestACheckpointIsWrittenAsItWasWhenItWasFirstGivenAway(t *testing.T) {
	signer, public := keysOf(t, 1, "0f3c")
	got := append([]byte(public+"\n\n"), sign(t, signer, ofFive)...)
	const golden = "testdata/five.checkpoint"
	if os.Getenv("DOORSTEP_GOLDEN") == "write" {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}

func TestTheExampleOfTheSpecificationIsRead(t *testing.T) {
	const text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
	c, err := parseText(text)
	if err != nil || c.Origin != "example.com/behind-the-sofa" || c.Size != 20852163 || c.Text() != text {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestTextThatIsNoCheckpointIsRefused(t *testing.T) {
	root := "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
	for _, text := range []string{
		"", "a\n5\n", "a\n5\n" + root, "a\n5\n" + root + "\nmore\n", "\n5\n" + root + "\n", "a\n05\n" + root + "\n", "a\n+5\n" + root + "\n", "a\n-5\n" + root + "\n",
		"a\n5x\n" + root + "\n", "a\n99999999999999999999\n" + root + "\n", "a\n5\nCsUY\n", "a\n5\n" + root[:43] + "\n", "a\n5\n" + strings.Replace(root, "I=", "J=", 1) + "\n", "a\n5\n\n",
	} {
		if c, err := parseText(text); !errors.Is(err, ErrForm) {
			t.Errorf("%q is read as %+v (%v)", text, c, err)
		}
	}
}

func TestOnlyTheRecordsOwnKeysAreBelieved(t *testing.T) {
	signer, public := keysOf(t, 1, "0f3c")
	renewed, newer := keysOf(t, 2, "0f3c")
	stranger, strange := keysOf(t, 3, "beef")
	note := sign(t, signer, ofFive)
	for name, c := range map[string]struct {
		note []byte
		keys []string
		want error
	}{
		"by its key":                       {note, []string{public}, nil},
		"by a key it had before":           {note, []string{public, newer}, nil},
		"by its new key":                   {sign(t, renewed, ofFive), []string{public, newer}, nil},
		"through a mail program":           {bytes.ReplaceAll(note, []byte("\n"), []byte("\r\n")), []string{public}, nil},
		"by a key nobody knows":            {sign(t, renewed, ofFive), []string{public}, ErrNotProven},
		"by another record's key":          {sign(t, stranger, Checkpoint{Origin("beef"), 5, ofFive.Root}), []string{public}, ErrNotProven},
		"a size changed":                   {bytes.Replace(note, []byte("\n5\n"), []byte("\n6\n"), 1), []string{public}, ErrNotProven},
		"a root changed":                   {bytes.Replace(note, []byte("BwcHB"), []byte("BwcHC"), 1), []string{public}, ErrNotProven},
		"without its signature":            {[]byte(ofFive.Text()), []string{public}, ErrForm},
		"with a known stranger's key only": {relabelled(t, stranger), []string{public, strange}, ErrNotProven},
		"nothing":                          {nil, []string{public}, ErrForm},
	} {
		got, err := verifiersOf(t, c.keys...).Open(c.note)
		if !errors.Is(err, c.want) || err == nil && got != ofFive {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := stranger.Sign(ofFive); err == nil {
		t.Error("a key signs another record's checkpoint")
	}
	v := verifiersOf(t, public, newer)
	if v.Newest(signer) || !v.Newest(renewed) || v.Newest(stranger) {
		t.Error("the newest key is not told from the others")
	}
}

// relabelled is a note of one record signed with the key of another.
func relabelled(t *testing.T, stranger *Signer) []byte {
	t.Helper()
	signature, err := stranger.signer.Sign([]byte(ofFive.Text()))
	if err != nil {
		t.Fatal(err)
	}
	proper := string(sign(t, stranger, Checkpoint{Origin("beef"), 5, ofFive.Root}))
	_, line, _ := strings.Cut(proper, "\n\n")
	return []byte(ofFive.Text() + "\n" + line[:strings.LastIndex(line, " ")+1] + encodeSignature(stranger, signature) + "\n")
}

func TestWhatIsNoKeyIsRefusedWithoutRepeatingIt(t *testing.T) {
	secret, public, err := NewKey(seed(1), Origin("0f3c"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "q+q", public, secret[:len(secret)-3], "PRIVATE+KEY+a+b+c"} {
		if _, err := ParseSigner(text); !errors.Is(err, ErrForm) || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("a signer of %q: %v", text, err)
		}
	}
	for _, text := range []string{"", "\n\n", "x", secret, public[:len(public)-3], public + "\nx"} {
		if _, err := ParseVerifiers(text); !errors.Is(err, ErrForm) {
			t.Errorf("verifiers of %q: %v", text, err)
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	signer, public := keysOf(f, 1, "0f3c")
	note, err := signer.Sign(ofFive)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(note)
	f.Add([]byte(ofFive.Text()))
	f.Add([]byte("a\n0\n\n\n— a AAAA\n"))
	keys := verifiersOf(f, public)
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := keys.Open(b); err == nil && c != ofFive {
			t.Errorf("a checkpoint that was never signed: %+v", c)
		}
		if c, err := parseText(string(b)); err == nil && c.Text() != string(b) {
			t.Errorf("%q is read as %+v", b, c)
		}
	})
}

// encodeSignature writes a signature as a note's last word.
func encodeSignature(s *Signer, signature []byte) string {
	id := binary.BigEndian.AppendUint32(nil, s.signer.KeyHash())
	return base64.StdEncoding.EncodeToString(append(id, signature...))
}
