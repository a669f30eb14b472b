package archive

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
)

// named are the reasons for which an archive is refused.
var named = []error{ErrForeign, ErrForm, ErrTruncated, ErrDamaged, ErrKey, ErrNotSigned, eventlog.ErrCorrupt}

func isNamed(err error) bool {
	return slices.ContainsFunc(named, func(n error) bool { return errors.Is(err, n) })
}

// small is a backup of few commits: plain, compressed, encrypted.
func small(t *testing.T) (plain, packed, locked []byte, with Identities, records []eventlog.Record) {
	t.Helper()
	c := newCourt(t)
	records = add(t, c, "a", 7)
	plain, _ = write(t, c.header(t, 5), "PRIVATE+KEY", records)
	to, with := pair(t)
	return plain, sealedBytes(t, plain, Recipients{}), sealedBytes(t, plain, to), with, records
}

// refuses reads the archive and wants a named reason, or, where that cannot be
// told apart, the very records.
func refuses(t *testing.T, what string, err error) bool {
	t.Helper()
	switch {
	case err == nil:
		return false
	case !isNamed(err):
		t.Errorf("%s: refused without a name: %v", what, err)
	}
	return true
}

func TestAnArchiveCutShortAnywhereIsRefused(t *testing.T) {
	plain, packed, locked, with, _ := small(t)
	cuts := 0
	for name, b := range map[string][]byte{"plain": plain, "packed": packed, "locked": locked} {
		for n := range b {
			var err error
			if name == "plain" {
				_, _, err = read(b[:n])
				if err != nil && !errors.Is(err, ErrTruncated) {
					t.Errorf("plain cut at %d: %v", n, err)
				}
			} else {
				_, err = readSealed(b[:n], with)
			}
			if !refuses(t, name, err) {
				t.Errorf("%s, cut after %d of %d bytes, is taken", name, n, len(b))
			}
			cuts++
		}
	}
	t.Logf("%d cuts, all refused", cuts)
	if cuts < 3000 {
		t.Error("too few")
	}
}

func TestAnArchiveWithAnyBitTurnedIsRefusedOrTheSame(t *testing.T) {
	plain, packed, locked, with, records := small(t)
	turned, harmless := 0, 0
	for name, b := range map[string][]byte{"plain": plain, "packed": packed, "locked": locked} {
		for at := range b {
			bit := byte(1) << (at % 8)
			bad := bytes.Clone(b)
			bad[at] ^= bit
			var err error
			var got []eventlog.Record
			if name == "plain" {
				got, _, err = read(bad)
			} else {
				got, err = readSealed(bad, with)
			}
			turned++
			if refuses(t, name, err) {
				continue
			}
			harmless++
			sameRecords(t, name, got, records)
			if name != "packed" { // a flag of the compression that says nothing
				t.Errorf("%s: bit %d of byte %d of %d turned, and taken", name, bit, at, len(b))
			}
		}
	}
	t.Logf("%d bits turned, %d of them harmless, all others refused", turned, harmless)
	if turned < 3000 || harmless > 20 {
		t.Errorf("%d turned, %d harmless", turned, harmless)
	}
}

// frames are the frames of a plain archive.
func frames(t *testing.T, b []byte) [][]byte {
	t.Helper()
	b = bytes.TrimPrefix(b, []byte(magic))
	var all [][]byte
	for len(b) > 0 {
		n := frameHead + int(b[1])<<24 + int(b[2])<<16 + int(b[3])<<8 + int(b[4]) + frameTail
		all, b = append(all, b[:n]), b[n:]
	}
	return all
}

func joined(frames ...[]byte) []byte { return append([]byte(magic), bytes.Join(frames, nil)...) }

func TestAnArchivePutTogetherOtherwiseIsRefused(t *testing.T) {
	plain, _, locked, with, records := small(t)
	f := frames(t, plain) // header, key, seven commits, manifest
	if len(f) != 10 {
		t.Fatalf("%d frames", len(f))
	}
	c := newCourt(t)
	others := add(t, c, "other", 7)
	other, _ := write(t, c.header(t, 5), "", others)
	o := frames(t, other)
	swapped := slices.Clone(f)
	swapped[4], swapped[5] = f[5], f[4]
	for name, b := range map[string][]byte{
		"one after the other":       append(bytes.Clone(plain), plain...),
		"something behind":          append(bytes.Clone(plain), 0),
		"a commit left out":         joined(slices.Delete(slices.Clone(f), 4, 5)...),
		"a commit twice":            joined(slices.Insert(slices.Clone(f), 4, f[4])...),
		"two commits swapped":       joined(swapped...),
		"without its last commit":   joined(slices.Delete(slices.Clone(f), 8, 9)...),
		"without its manifest":      joined(f[:9]...),
		"without its header":        joined(f[1:]...),
		"with two headers":          joined(slices.Insert(slices.Clone(f), 1, f[0])...),
		"with two keys":             joined(slices.Insert(slices.Clone(f), 1, f[1])...),
		"with the key at the end":   joined(append(append(slices.Clone(f[:1]), f[2:9]...), f[1], f[9])...),
		"another log's commit":      joined(append(append(slices.Clone(f[:8]), o[7]), f[9])...),
		"another log's manifest":    joined(append(slices.Clone(f[:9]), o[8])...),
		"another log's everything":  joined(append(slices.Clone(f[:2]), o[1:]...)...),
		"a frame of a second copy":  joined(append(slices.Clone(f[:3]), appendFrame(nil, kindStand, []byte("{}")))...),
		"a frame of no kind at all": joined(append(slices.Clone(f[:3]), appendFrame(nil, 'X', nil))...),
		"a part for the whole":      part(t, records),
	} {
		_, _, err := read(b)
		if !refuses(t, name, err) {
			t.Errorf("%s: taken", name)
		}
		t.Logf("%s: %v", name, err)
	}
	for name, b := range map[string][]byte{
		"two files, one after the other": append(bytes.Clone(locked), locked...),
		"two streams in one file":        sealTwice(t, plain),
	} {
		if _, err := readSealed(b, with); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// part is an archive that goes on from the third commit.
func part(t *testing.T, records []eventlog.Record) []byte {
	t.Helper()
	b, _ := write(t, Header{Genesis: genesis, After: 3, Link: records[2].Head.Hash}, "", records[3:])
	return b
}

func sealTwice(t *testing.T, plain []byte) []byte {
	t.Helper()
	once := sealedBytes(t, plain, Recipients{})
	return append(bytes.Clone(once), once...)
}

func TestTheWrongKeyOpensNothing(t *testing.T) {
	plain, _, locked, _, records := small(t)
	_, stranger := pair(t)
	for name, with := range map[string]Identities{"another key": stranger, "no key": {}} {
		if _, err := readSealed(locked, with); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	defer func(work int) { scryptWork = work }(scryptWork)
	scryptWork = 10
	to, with, err := FromPassphrase("  correct horse battery staple\n")
	must(t, err)
	word := sealedBytes(t, plain, to)
	got, err := readSealed(word, with)
	must(t, err)
	sameRecords(t, "with a passphrase", got, records)
	_, wrong, err := FromPassphrase("correct horse battery stable")
	must(t, err)
	for name, with := range map[string]Identities{"another passphrase": wrong, "a key": stranger} {
		if _, err := readSealed(word, with); !errors.Is(err, ErrKey) {
			t.Errorf("%s for a passphrase: %v", name, err)
		}
	}
	if _, _, err := FromPassphrase("short"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("a short passphrase: %v", err)
	}
	if _, err := ParseRecipients("AGE-SECRET-KEY-1"); !errors.Is(err, ErrNoRecipient) {
		t.Errorf("no recipient: %v", err)
	}
	if _, err := ParseIdentities("age1"); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("no identity: %v", err)
	}
}

func TestWhatTheCheckpointDoesNotSayIsRefused(t *testing.T) {
	c := newCourt(t)
	records := add(t, c, "a", 6)
	stranger := newCourt(t)
	add(t, stranger, "b", 6)
	h := c.header(t, 4)
	for name, change := range map[string]func(h *Header){
		"of other commits":      func(h *Header) { h.Checkpoint = stranger.header(t, 4).Checkpoint },
		"of another empty log":  func(h *Header) { h.Checkpoint = forgeEmpty(t, c) },
		"that nobody signed":    func(h *Header) { h.Checkpoint = h.Checkpoint[:len(h.Checkpoint)-8] + "AAAAAAA\n" },
		"without keys":          func(h *Header) { h.Verifiers = "" },
		"of another log":        func(h *Header) { h.Genesis.ID = "ffffffffffffffffffffffffffffffff" },
		"of more than it holds": func(h *Header) { h.Checkpoint = c.sign(t, append(slices.Clone(records), records[0])) },
		"that is no checkpoint": func(h *Header) { h.Checkpoint = "hello" },
		"of all but the first":  func(h *Header) { h.Checkpoint = c.sign(t, records[1:]) },
	} {
		changed := h
		change(&changed)
		b, _ := write(t, changed, "", records)
		if _, _, err := read(b); !errors.Is(err, ErrNotSigned) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, n := range []int{0, 1, 5, 6} {
		b, _ := write(t, c.header(t, n), "", records)
		if _, _, err := read(b); err != nil {
			t.Errorf("%d commits signed: %v", n, err)
		}
	}
}

// forgeEmpty is a checkpoint of no commits with the root of one.
func forgeEmpty(t *testing.T, c *court) string {
	t.Helper()
	note, err := c.signer.Sign(tlog.Checkpoint{Origin: tlog.Origin(genesis.ID), Root: rootOf(c.all(t)[:1])})
	must(t, err)
	return string(note)
}
