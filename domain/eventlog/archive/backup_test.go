package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
)

// backUp makes a backup of the records.
func backUp(t testing.TB, dir string, h Header, to Recipients, records []eventlog.Record) (string, Label) {
	t.Helper()
	path, l, err := Create(context.Background(), dir, h, "", to, given(records))
	must(t, err)
	return path, l
}

func TestABackupIsNamedWhenItWasReadBack(t *testing.T) {
	c := newCourt(t)
	records := add(t, c, "a", 50)
	to, with := pair(t)
	dir := filepath.Join(t.TempDir(), "backups")
	path, l := backUp(t, dir, c.header(t, 40), to, records)
	b, err := Open(path, with)
	must(t, err)
	got, m, err := gather(b.Reader)
	must(t, err)
	must(t, b.Close())
	sameRecords(t, "backup", got, records)
	info, err := os.Stat(path)
	must(t, err)
	if !m.same(l.Manifest) || l.Signed != 40 || l.Key || l.Size != info.Size() || l.Verified.IsZero() || m.Root != rootOf(records) {
		t.Errorf("the label says %+v, the manifest %+v", l, m)
	}
	listed, err := List(dir)
	if err != nil || len(listed) != 1 || listed[0].Err != nil || listed[0].Label.Digest != l.Digest || listed[0].Path != path {
		t.Errorf("%+v, %v", listed, err)
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is for others too: %v %v", e.Name(), info.Mode(), err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, e.Name())); err != nil || bytes.Contains(b, records[0].Events[0].Payload) {
			t.Errorf("%s holds an event in clear, %v", e.Name(), err)
		}
	}
}

func TestALabelIsHeldAgainstItsBackup(t *testing.T) {
	c := newCourt(t)
	to, _ := pair(t)
	dir := t.TempDir()
	path, _ := backUp(t, dir, c.header(t, 0), to, add(t, c, "a", 20))
	whole, err := os.ReadFile(path)
	must(t, err)
	if _, err := SameBytes(path); err != nil {
		t.Fatal(err)
	}
	turned := bytes.Clone(whole)
	turned[len(whole)/2] ^= 1
	for name, change := range map[string]struct {
		to         []byte
		list, same error
	}{
		"cut":     {whole[:len(whole)-1], ErrTruncated, ErrTruncated},
		"longer":  {append(bytes.Clone(whole), 0), ErrDamaged, ErrDamaged},
		"changed": {turned, nil, ErrDamaged},
	} {
		must(t, os.WriteFile(path, change.to, 0o600))
		listed, err := List(dir)
		if err != nil || len(listed) != 1 || !errors.Is(listed[0].Err, change.list) {
			t.Errorf("%s: listed as %v, %v", name, listed[0].Err, err)
		}
		if _, err := SameBytes(path); !errors.Is(err, change.same) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, os.Remove(path+labels))
	if listed, err := List(dir); err != nil || !errors.Is(listed[0].Err, ErrNoLabel) {
		t.Errorf("without its label: %v %v", listed, err)
	}
}

func TestTheOldestGoOnlyWhenThereAreEnoughNewOnes(t *testing.T) {
	c := newCourt(t)
	to, _ := pair(t)
	dir := t.TempDir()
	stranger := genesis
	stranger.ID = "aaaa5a7e9b1d2c4e6f8091a2b3c4d5e6"
	records := add(t, c, "a", 5)
	others, _ := backUp(t, dir, Header{Genesis: stranger}, to, records[:1])
	var made []string
	for n := range 5 {
		path, _ := backUp(t, dir, c.header(t, n), to, records[:n+1])
		made = append(made, path)
	}
	must(t, os.Truncate(made[1], 10)) // does not count, and stays: somebody may want to look
	gone, err := Rotate(dir, genesis, 2)
	must(t, err)
	if fmt.Sprint(gone) != fmt.Sprint([]string{made[0], made[2]}) {
		t.Errorf("%v went", gone)
	}
	for _, path := range []string{others, made[1], made[3], made[4]} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if gone, err := Rotate(dir, genesis, 0); len(gone) > 0 || err != nil {
		t.Errorf("keeping all: %v %v", gone, err)
	}
}

func TestABackupThatFailsLeavesTheFolderAsItWas(t *testing.T) {
	c := newCourt(t)
	to, _ := pair(t)
	dir := t.TempDir()
	records := add(t, c, "a", 9)
	kept, _ := backUp(t, dir, c.header(t, 3), to, records[:3])
	broken := errors.New("the log broke")
	stopped, stop := context.WithCancel(t.Context())
	for name, f := range map[string]struct {
		ctx     context.Context
		header  Header
		to      Recipients
		records iter.Seq2[eventlog.Record, error]
		want    error
	}{
		"the log fails": {t.Context(), c.header(t, 3), to, func(yield func(eventlog.Record, error) bool) {
			_ = yield(records[0], nil) && yield(eventlog.Record{}, broken)
		}, broken},
		"stopped half way": {stopped, c.header(t, 3), to, func(yield func(eventlog.Record, error) bool) {
			_ = yield(records[0], nil)
			stop() // and the records end, as those of Follow do
		}, context.Canceled},
		"a damaged chain":           {t.Context(), c.header(t, 0), to, given(append(records[:2:2], records[4:]...)), eventlog.ErrCorrupt},
		"another past":              {t.Context(), c.header(t, 5), to, given(add(t, newCourt(t), "b", 9)), ErrNotSigned},
		"fewer than were signed of": {t.Context(), c.header(t, 5), to, given(records[:4]), ErrNotSigned},
		"nobody to encrypt for":     {t.Context(), c.header(t, 3), Recipients{}, given(records), ErrNoRecipient},
	} {
		if _, _, err := Create(f.ctx, dir, f.header, "", f.to, f.records); !errors.Is(err, f.want) {
			t.Errorf("%s: %v", name, err)
		}
		all, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(all) != 3 { // the lock, the backup, its label
			t.Errorf("%s: left %v", name, all)
		}
	}
	if _, err := SameBytes(kept); err != nil {
		t.Error(err)
	}
	// What a killed process left goes with the next backup; two at once do not mix.
	must(t, os.WriteFile(filepath.Join(dir, "0f3c5a7e"+partial), []byte("half"), 0o600))
	lock, err := takeFolder(dir)
	must(t, err)
	if _, _, err := Create(t.Context(), dir, c.header(t, 3), "", to, given(records)); !errors.Is(err, ErrTaken) {
		t.Errorf("a second writer: %v", err)
	}
	must(t, lock.Close())
	backUp(t, dir, c.header(t, 3), to, records)
	if left, _ := filepath.Glob(filepath.Join(dir, "*"+partial)); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestABackupWhileWritersAppendIsAPrefixOfTheLog(t *testing.T) {
	c := newCourt(t)
	to, with := pair(t)
	dir := t.TempDir()
	add(t, c, "first", 60)
	// Every commit that a backup reads lets one be appended, so that writers
	// are at work all the time that backups are, and the test ends.
	tokens := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			var at eventlog.Head
			for i := 0; ; i++ {
				if _, more := <-tokens; !more {
					return
				}
				r, err := c.Append(context.Background(), at, eventlogtest.Commit(fmt.Sprint("dispute-", w), fmt.Sprint("c", i), 1))
				if err != nil {
					t.Error(err)
					return
				}
				at = r.Head
			}
		})
	}
	var paths []string
	for len(paths) < 5 {
		end, err := c.End(t.Context())
		must(t, err)
		path, l, err := Create(t.Context(), dir, Header{Genesis: genesis}, "", to, upTo(t, c, end, tokens))
		must(t, err)
		if l.Manifest.Last != end.Token() {
			t.Errorf("it ends at %d, the log did at %s", l.Manifest.Last, end)
		}
		paths = append(paths, path)
	}
	close(tokens)
	writers.Wait()
	all := c.all(t)
	for i, path := range paths {
		b, err := Open(path, with)
		must(t, err)
		got, _, err := gather(b.Reader)
		must(t, err)
		must(t, b.Close())
		sameRecords(t, path, got, all[:len(got)])
		if len(got) < 60 || i > 0 && len(got) == len(all) {
			t.Errorf("backup %d has %d commits of %d: nobody appended while it was made", i, len(got), len(all))
		}
	}
	t.Logf("%d backups while %d commits were appended", len(paths), len(all)-60)
}

func upTo(t *testing.T, c *court, end eventlog.Position, tokens chan<- struct{}) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for r, err := range c.Follow(t.Context(), eventlog.Position{}) {
			tokens <- struct{}{}
			if !yield(r, err) || r.Position == end {
				return
			}
		}
	}
}
