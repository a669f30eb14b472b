package ledger

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"doorstep/domain/eventlog/tlog"
)

// fixed makes keys that are the same in every run.
type fixed byte

func (s fixed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

// office is a folder for an anchor with the keys to it.
func office(t *testing.T) (path string, begin func() *Notary, keys *tlog.Verifiers) {
	t.Helper()
	secret, public, err := tlog.NewKey(fixed(1), tlog.Origin("0f3c"))
	must(t, err)
	signer, err := tlog.ParseSigner(secret)
	must(t, err)
	keys, err = tlog.ParseVerifiers(public)
	must(t, err)
	path = filepath.Join(t.TempDir(), "checkpoint.json")
	return path, func() *Notary {
		return NewNotary(path, tlog.Origin("0f3c"), "sequence", signer, slog.New(slog.DiscardHandler))
	}, keys
}

// anchored is the checkpoint in the file, checked; nothing when there is none.
func anchored(t *testing.T, path string, keys *tlog.Verifiers) (tlog.Checkpoint, Anchor) {
	t.Helper()
	a, is, err := ReadAnchor(path)
	must(t, err)
	if !is {
		return tlog.Checkpoint{}, a
	}
	c, err := keys.Open([]byte(a.Checkpoint))
	must(t, err)
	return c, a
}

func stand(n int) Stand { return Stand{int64(n), tree(n).Root(), mark(n - 1)} }

func TestANotarySignsWhatItHeardLast(t *testing.T) {
	path, begin, keys := office(t)
	n := begin()
	l := open(t, t.TempDir(), n)
	feed(t, l, 0, 10)
	if c, _ := anchored(t, path, keys); c.Size != 0 {
		t.Errorf("%d commits are signed before anybody found that the record is sound", c.Size)
	}
	n.Begin(0, l.Stand())
	feed(t, l, 10, 20)
	feed(t, l, 20, 33)
	must(t, n.Close())
	c, a := anchored(t, path, keys)
	if c != (tlog.Checkpoint{Origin: tlog.Origin("0f3c"), Size: 33, Root: tree(33).Root()}) || a.Mark() != mark(32) {
		t.Errorf("%+v at %+v", c, a)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its file is for others too: %v %v", info.Mode(), err)
	}
}

func TestANotarySignsByItself(t *testing.T) {
	path, begin, keys := office(t)
	n := begin()
	n.Begin(0, stand(5))
	patience := time.Now().Add(time.Minute) // it bounds a failure only
	for c, _ := anchored(t, path, keys); c.Size != 5; c, _ = anchored(t, path, keys) {
		if time.Now().After(patience) {
			t.Fatal("nothing is signed")
		}
		runtime.Gosched()
	}
	must(t, n.Close())
}

func TestANotaryNeverSignsLessThanItHas(t *testing.T) {
	path, begin, keys := office(t)
	n := begin()
	n.Begin(0, stand(0))
	if _, err := n.Sign(stand(12)); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Sign(stand(11)); !errors.Is(err, ErrBehind) {
		t.Errorf("a shorter record is signed: %v", err)
	}
	if a, err := n.Sign(stand(12)); err != nil || a.Checkpoint == "" {
		t.Errorf("the same is not signed again: %v", err)
	}
	must(t, n.Close())
	n = begin()
	n.hear(stand(3))
	n.Begin(12, stand(3))
	must(t, n.Close())
	if c, _ := anchored(t, path, keys); c.Size != 12 {
		t.Errorf("the file tells of %d commits", c.Size)
	}
}

func TestANotaryThatMustNotSignDoesNot(t *testing.T) {
	path, begin, _ := office(t)
	n := begin()
	n.hear(stand(4))
	must(t, n.Close())
	if _, is, err := ReadAnchor(path); is || err != nil {
		t.Errorf("it signed: %t %v", is, err)
	}
	if _, err := n.Sign(stand(4)); err == nil {
		t.Error("it signs on demand")
	}
}

func TestAnAnchorThatCannotBeKeptIsTold(t *testing.T) {
	path, begin, _ := office(t)
	must(t, os.RemoveAll(filepath.Dir(path)))
	n := begin()
	n.Begin(0, stand(4))
	if err := n.Close(); err == nil {
		t.Error("a notary without a folder says that all is well")
	}
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte("{"), 0o600))
	if _, _, err := ReadAnchor(path); err == nil {
		t.Error("half an anchor is read")
	}
}
