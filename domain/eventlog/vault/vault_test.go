package vault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/eventlog/vault"
)

// parties is the shape of a filed dispute.
var parties = []vault.Field{
	{Kind: "filed", Version: 1, Path: "parties/*/name", Purpose: "identity", By: "key"},
	{Kind: "filed", Version: 1, Path: "parties/*/number", Purpose: "identity", By: "key", Lookup: true},
	{Kind: "filed", Version: 1, Path: "facts", Purpose: "text"},
	{Kind: "filed", Version: 1, Path: "is", Purpose: "office", If: "field", Is: "mediator"},
}

const payload = `{"parties":[{"key":"A1","name":"欧阳冠玉","number":"130108199903031234"},{"key":"B1","name":"李不凡"}],"facts":"欧阳冠玉\n说","field":"mediator","is":"赵调解","amount":"5.00"}`

func filing(stream, id string) eventlog.Commit {
	c := eventlogtest.Commit(stream, id, 1)
	c.Events[0].Payload = json.RawMessage(payload)
	return c
}

func mustAppend(t *testing.T, log eventlog.Log, at eventlog.Head, c eventlog.Commit) eventlog.Record {
	t.Helper()
	r, err := log.Append(context.Background(), at, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var plaintexts = []string{"欧阳冠玉", "130108199903031234", "李不凡", "赵调解"}

// leaks lists the plaintexts that stand in b.
func leaks(b []byte) (found []string) {
	for _, text := range plaintexts {
		if bytes.Contains(b, []byte(text)) {
			found = append(found, text)
		}
	}
	return found
}

// TestAFieldThatIsForgottenIsFound is the test of the test: with each
// declaration left out in turn, a plaintext stands in the log, and leaks sees it.
func TestAFieldThatIsForgottenIsFound(t *testing.T) {
	log, _ := around(t, memory.New(), vault.NewTable(parties))
	if r := mustAppend(t, log, eventlog.Head{}, filing("dispute-1", "c1")); len(leaks(r.Sealed)) > 0 || string(r.Events[0].Payload) != payload {
		t.Fatalf("sealed %s\nopened %s", r.Sealed, r.Events[0].Payload)
	}
	for skip := range parties {
		var some []vault.Field
		for i, f := range parties {
			if i != skip {
				some = append(some, f)
			}
		}
		log, _ := around(t, memory.New(), vault.NewTable(some))
		if r := mustAppend(t, log, eventlog.Head{}, filing("dispute-1", "c1")); len(leaks(r.Sealed)) == 0 {
			t.Errorf("%s was not declared, and nobody saw its text", parties[skip].Path)
		}
	}
}

func TestAPersonIsErasedAndNobodyElse(t *testing.T) {
	inner := memory.New()
	dir := t.TempDir()
	keys := keysIn(t, dir)
	log := vault.New(inner, vault.NewTable(parties), keys, erased)
	first := mustAppend(t, log, eventlog.Head{}, filing("dispute-1", "c1"))
	mustAppend(t, log, eventlog.Head{}, filing("dispute-2", "c2"))
	if found, err := keys.Find(t.Context(), " 130108 19990303１２３４"); err != nil || len(found) != 2 || found[0] != (vault.Found{Case: "1", Person: "A1"}) {
		t.Fatalf("found %v, %v", found, err)
	}
	opened, err := log.Openings(t.Context(), first)
	if err != nil || len(opened) != 5 {
		t.Fatalf("%d texts opened, %v", len(opened), err)
	}
	for range 2 { // again is no error
		if _, err := keys.Erase(t.Context(), "1", "A1"); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"parties":[{"key":"A1","name":"` + erased + `","number":"` + erased + `"},{"key":"B1","name":"李不凡"}],"facts":"` + erased + `","field":"mediator","is":"赵调解","amount":"5.00"}`
	check := func(when string) {
		t.Helper()
		for r, err := range log.Read(t.Context(), "dispute-1", eventlog.Head{}) {
			if err != nil || string(r.Events[0].Payload) != want || r.Head.Hash != first.Head.Hash || !bytes.Equal(r.Sealed, first.Sealed) {
				t.Errorf("%s: %s %v", when, r.Events[0].Payload, err)
			}
		}
		for r, err := range log.Read(t.Context(), "dispute-2", eventlog.Head{}) {
			if err != nil || string(r.Events[0].Payload) != payload {
				t.Errorf("%s: the other case: %s %v", when, r.Events[0].Payload, err)
			}
		}
		if found, err := keys.Find(t.Context(), "130108199903031234"); err != nil || len(found) != 1 || found[0].Case != "2" {
			t.Errorf("%s: found %v, %v", when, found, err)
		}
	}
	check("at once")
	if r, err := log.Append(t.Context(), eventlog.Head{}, filing("dispute-1", "c1")); err != nil || r.Head != first.Head {
		t.Errorf("a retry after the deletion gives %+v, %v", r.Head, err)
	}
	if _, err := log.Append(t.Context(), first.Head, filing("dispute-1", "c9")); !errors.Is(err, vault.ErrErased) || !errors.Is(err, eventlog.ErrInvalid) {
		t.Errorf("something new of the erased person: %v", err)
	}
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
	master, err := vault.OpenMasterFile(filepath.Join(dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = vault.OpenKeys(t.Context(), dir, "log-1", master); err != nil {
		t.Fatal(err)
	}
	log = vault.New(inner, vault.NewTable(parties), keys, erased)
	check("opened anew")
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestKeysThatAreNotTheRightOnesAreRefusedByName gives each reason not to start.
func TestKeysThatAreNotTheRightOnesAreRefusedByName(t *testing.T) {
	dir := t.TempDir()
	if err := keysIn(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "master.key")
	open := func(dir, id string) error {
		master, err := vault.OpenMasterFile(path)
		if err != nil {
			return err
		}
		keys, err := vault.OpenKeys(context.Background(), dir, id, master)
		if err == nil {
			err = keys.Close()
		}
		return err
	}
	other := t.TempDir()
	if err := keysIn(t, other).Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir, id string
		spoil   func() error
		want    error
	}{
		{dir, "log-1", func() error { return nil }, nil},
		{dir, "log-2", func() error { return nil }, vault.ErrOtherKeys},
		{t.TempDir(), "log-1", func() error { return nil }, vault.ErrNoKeys},
		{other, "log-1", func() error { return nil }, vault.ErrOtherMaster},
		{dir, "log-1", func() error { return os.Chmod(path, 0o644) }, vault.ErrExposed},
		{dir, "log-1", func() error { return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("x"), 0o600)) }, vault.ErrOtherMaster},
		{dir, "log-1", func() error { return os.Remove(path) }, vault.ErrNoMaster},
	} {
		if err := c.spoil(); err != nil {
			t.Fatal(err)
		}
		if err := open(c.dir, c.id); !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
	}
}

// TestManyAtOnceShareTheKeysOfTheirCases: whoever comes first makes the key,
// everybody's texts open after a restart.
func TestManyAtOnceShareTheKeysOfTheirCases(t *testing.T) {
	log, _ := around(t, memory.New(), vault.NewTable(parties))
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if _, err := log.Append(context.Background(), eventlog.Head{}, filing(fmt.Sprintf("kind%c-%d", 'a'+i%4, i/4), fmt.Sprint("c", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	n := 0
	for r, err := range log.Follow(t.Context(), eventlog.Position{}) {
		if err != nil || string(r.Events[0].Payload) != payload {
			t.Fatalf("%s %v", r.Events[0].Payload, err)
		}
		if n++; n == 200 {
			break
		}
	}
}
