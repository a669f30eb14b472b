package wire

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog/tlog"
	"doorstep/domain/roster"
)

func try(t *testing.T, c Config) (*Court, error) {
	t.Helper()
	c.Now, c.Logger, c.Create = time.Now, slog.New(slog.DiscardHandler), true
	return Open(t.Context(), c)
}

// visit opens the court, lists workstations of those codes, and closes it.
func visit(t *testing.T, dir string, codes ...string) {
	t.Helper()
	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil {
		t.Fatal(err)
	}
	list(t, court, codes...)
	if err := court.Follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := court.Close(); err != nil {
		t.Fatal(err)
	}
}

// list lists workstations; a code's name is its last letter, so that codes of
// one station can say different things. The bytes recorded hang on nothing else.
func list(t *testing.T, court *Court, codes ...string) {
	t.Helper()
	at, err := calendar.ParseMoment("2021-03-01")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range codes {
		deed := decide.Deed{ID: "list-" + c, At: time.Date(2021, 3, 1, 9, 0, 0, 0, time.UTC), Actor: "u-1"}
		if _, err := court.Roster.Do(t.Context(), roster.StationStream(c[:1]), deed, roster.ListStation{At: at, Code: c[:1], Name: c}); err != nil {
			t.Fatal(err)
		}
	}
}

func copied(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "court")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	for _, master := range []string{"keys/persons/master.key", "persons/master.key"} { // is for its owner alone
		if err := os.Chmod(filepath.Join(to, master), 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return to
}

// exchange puts another folder's record in the place of this one's.
func exchange(t *testing.T, dir, with string) {
	t.Helper()
	remove(t, dir, "eventlog")
	if err := os.CopyFS(filepath.Join(dir, "eventlog"), os.DirFS(filepath.Join(with, "eventlog"))); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

const anchorFile = "keys/checkpoint.json"

func TestARecordSetBackWithItsMarkIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a", "b", "c")
	yesterday := copied(t, dir)
	visit(t, dir, "d", "e")
	exchange(t, dir, yesterday)
	for name, gone := range map[string][]string{"as it is": nil, "without its views": {"views"}, "without its anchor": {anchorFile}} {
		for _, views := range []bool{true, false} {
			now := copied(t, dir)
			remove(t, now, gone...)
			_, err := try(t, Config{Data: now, Views: views})
			if seen := views || gone == nil || gone[0] != anchorFile; seen && !errors.Is(err, ErrRolledBack) {
				t.Errorf("%s, views %t: %v", name, views, err)
			}
		}
	}
	remove(t, dir, anchorFile, "views") // the way out
	visit(t, dir, "f")
}

func TestARecordThatIsAnotherIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a")
	other := copied(t, dir)
	visit(t, dir, "b1", "c")
	visit(t, other, "b2", "d")
	differs := copied(t, dir)
	exchange(t, differs, other)
	for _, views := range []bool{true, false} {
		if _, err := try(t, Config{Data: differs, Views: views}); !errors.Is(err, ErrDiffers) {
			t.Errorf("another last record, views %t: %v", views, err)
		}
	}
}

func TestAChangeBeforeTheLastRecordIsFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a")
	other := copied(t, dir)
	visit(t, dir, "b1", "c")
	visit(t, other, "b2", "c") // the last record is the same, to the byte and the position
	exchange(t, dir, other)
	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil { // the start looks at the end of the record only
		t.Fatal(err)
	}
	v, err := court.Verify(t.Context(), Since{})
	if err != nil || len(v.Faults) < 3 { // the ledger, the signature, the views
		t.Errorf("%+v, %v", v, err)
	}
	if err := court.Close(); err != nil {
		t.Fatal(err)
	}
	remove(t, dir, "views")
	if _, err := try(t, Config{Data: dir, Views: true}); !errors.Is(err, ErrDiffers) {
		t.Errorf("views made anew: %v", err)
	}
}

func TestAnAnchorThatNobodySignedIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a", "b")
	file := filepath.Join(dir, anchorFile)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"another size": bytes.Replace(whole, []byte(`\n2\n`), []byte(`\n1\n`), 1),
		"half":         whole[:len(whole)/2],
	} {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := try(t, Config{Data: dir, Views: true}); !errors.Is(err, ErrDiffers) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheKeyIsTheRecordsOrItIsNotOpened(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a", "b")
	stranger := filepath.Join(t.TempDir(), "other")
	visit(t, stranger, "a")
	for name, c := range map[string]struct {
		spoil func(dir string)
		want  error
	}{
		"the key gone":           {func(dir string) { remove(t, dir, "keys/log.key") }, ErrNoKey},
		"all keys gone":          {func(dir string) { remove(t, dir, "keys") }, ErrNoKey},
		"another record's key":   {func(dir string) { copyFile(t, stranger, dir, "keys/log.key") }, ErrOtherKey},
		"no key at all in it":    {func(dir string) { write(t, dir, "keys/log.key", "x") }, ErrOtherKey},
		"the public key gone":    {func(dir string) { remove(t, dir, "eventlog/verifiers") }, ErrOtherKey},
		"both public and anchor": {func(dir string) { remove(t, dir, "eventlog/verifiers", anchorFile) }, ErrOtherKey},
		"another public key":     {func(dir string) { copyFile(t, stranger, dir, "eventlog/verifiers") }, ErrOtherKey},
		"no public key in it":    {func(dir string) { write(t, dir, "eventlog/verifiers", "x") }, ErrOtherKey},
	} {
		spoilt := copied(t, dir)
		c.spoil(spoilt)
		if _, err := try(t, Config{Data: spoilt, Views: true}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "keys/log.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is for others too: %v, %v", info.Mode(), err)
	}
}

func TestAnEmptyRecordWhoseMakingWasCutShortGetsItsKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir)
	for _, gone := range [][]string{{"keys", "eventlog/verifiers"}, {"eventlog/verifiers"}} {
		remove(t, dir, gone...)
		visit(t, dir)
	}
	visit(t, dir, "a")
}

func TestANewKeyGoesOnWithWhatTheFormerSigned(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	visit(t, dir, "a", "b")
	before := signed(t, Config{Data: dir, Views: true})
	remove(t, dir, "keys/log.key")
	after := signed(t, Config{Data: dir, Views: true, NewKey: true})
	if after.Key == before.Key || after.Note == before.Note {
		t.Error("nothing was renewed")
	}
	visit(t, dir, "c")
	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil {
		t.Fatal(err)
	}
	defer court.Close()
	for name, note := range map[string]string{"former": before.Note, "new": after.Note} {
		v, err := court.Verify(t.Context(), Since{Note: []byte(note)})
		if err != nil || len(v.Faults) > 0 || v.Since != 2 {
			t.Errorf("the checkpoint of the %s key: %+v, %v", name, v, err)
		}
	}
}

func TestKeysMayLieElsewhere(t *testing.T) {
	dir, keys := filepath.Join(t.TempDir(), "court"), filepath.Join(t.TempDir(), "safe")
	signed(t, Config{Data: dir, Keys: keys, Views: true})
	if _, err := os.Stat(filepath.Join(dir, "keys")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("keys lie in the court's folder all the same")
	}
	visit(t, dir, "a") // the folder knows where they are
	remove(t, dir, settingsName)
	if _, err := try(t, Config{Data: dir, Views: true}); !errors.Is(err, ErrNoKey) {
		t.Errorf("opened without them: %v", err)
	}
}

// signed opens the court for its checkpoint.
func signed(t *testing.T, c Config) Checkpoint {
	t.Helper()
	court, err := try(t, c)
	if err != nil {
		t.Fatal(err)
	}
	defer court.Close()
	note, err := court.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return note
}

func TestAnEarlierCheckpointIsHeldAgainstTheRecord(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	empty := signed(t, Config{Data: dir, Views: true})
	visit(t, dir, "a", "b")
	early := copied(t, dir)
	atTwo := signed(t, Config{Data: dir, Views: true})
	stranger := signed(t, Config{Data: filepath.Join(t.TempDir(), "other"), Views: true})
	visit(t, dir, "c1")
	visit(t, early, "c2")
	otherPast := signed(t, Config{Data: early, Views: true})
	visit(t, early, "d")
	future := signed(t, Config{Data: early, Views: true})
	court, err := try(t, Config{Data: dir, Views: true})
	if err != nil {
		t.Fatal(err)
	}
	defer court.Close()
	for name, c := range map[string]struct{ note, fault string }{
		"of this record":           {atTwo.Note, ""},
		"of the empty record":      {empty.Note, ""},
		"of another past":          {otherPast.Note, "differ within the first 3"},
		"of more than there is":    {future.Note, "which the record does not have"},
		"of another record":        {stranger.Note, "none of the record's keys"},
		"changed":                  {strings.Replace(atTwo.Note, "\n2\n", "\n1\n", 1), "none of the record's keys"},
		"that is none":             {"hello", "not a signed checkpoint"},
		"with its signature twice": {atTwo.Note + atTwo.Note[strings.Index(atTwo.Note, "—"):], ""},
	} {
		v, err := court.Verify(t.Context(), Since{Note: []byte(c.note)})
		found := strings.Join(v.Faults, "; ")
		if err != nil || (found == "") != (c.fault == "") || !strings.Contains(found, c.fault) {
			t.Errorf("a checkpoint %s: %q, %v", name, found, err)
		}
		g, err := court.Growth(t.Context(), []byte(c.note))
		if (err == nil) != (c.fault == "") {
			t.Errorf("growth from a checkpoint %s: %v", name, err)
		}
		if err == nil {
			if _, newer, err := g.Check(court.keys.verifiers); err != nil || newer.Size != 3 {
				t.Errorf("growth from a checkpoint %s: %+v, %v", name, newer, err)
			}
		}
	}
}

func TestAProofIsForOneCaseThatThereIs(t *testing.T) {
	court, err := try(t, Config{Data: filepath.Join(t.TempDir(), "court"), Views: true})
	if err != nil {
		t.Fatal(err)
	}
	defer court.Close()
	list(t, court, "a")
	for _, name := range []string{"", "a", "nobody", "（2021）冀0108民诉前调1号", "%"} {
		if p, err := court.Prove(context.Background(), name); !errors.Is(err, ErrNoCase) || len(p.Commits) > 0 {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := court.OpenCheckpoint([]byte("x")); !errors.Is(err, tlog.ErrForm) {
		t.Errorf("x as a checkpoint: %v", err)
	}
}

func copyFile(t *testing.T, from, to, name string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(from, name))
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, name, string(b))
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
