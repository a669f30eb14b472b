package jetstream

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"doorstep/domain/eventlog"
)

// filled fills the log with n records and puts files beside it.
func filled(t *testing.T, n int) func(l *Log, home string) error {
	return func(l *Log, home string) error {
		if _, err := l.Fill(patient(t), history(t, n, 7)); err != nil {
			return err
		}
		return errors.Join(os.WriteFile(filepath.Join(home, "verifiers"), []byte("public"), 0o600),
			os.Mkdir(filepath.Join(home, "keys"), 0o700),
			os.WriteFile(filepath.Join(home, "keys", "log.key"), []byte("secret"), 0o600),
			os.WriteFile(filepath.Join(home, "keys", "checkpoint.json"), []byte("newest"), 0o600))
	}
}

// rebuiltIs checks that the folder holds the log of n records and its files.
func rebuiltIs(t *testing.T, dir string, g eventlog.Genesis, n int64) {
	t.Helper()
	l, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if rep, err := eventlog.Verify(patient(t), l); err != nil || rep.Commits != n || l.Genesis() != g {
		t.Errorf("%+v of %+v, %v", rep, l.Genesis(), err)
	}
	for name, want := range map[string]string{"eventlog/verifiers": "public", "keys/log.key": "secret", "keys/checkpoint.json": "newest"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	for _, gone := range []string{rebuilt, "eventlog/keys", "eventlog.new"} {
		if _, err := os.Stat(filepath.Join(dir, gone)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", gone, err)
		}
	}
}

func TestARebuiltLogIsThereWhenItIsWhole(t *testing.T) {
	dir, g := filepath.Join(t.TempDir(), "court"), eventlog.NewGenesis("冀0108")
	killed := filepath.Join(t.TempDir(), "killed")
	err := Rebuild(dir, g, Options{}, func(l *Log, home string) error {
		if err := filled(t, 300)(l, home); err != nil {
			return err
		}
		// To everybody else there is no log yet, and no room for another.
		if _, err := Open(dir, Options{}); !errors.Is(err, ErrNoLog) {
			t.Errorf("opened half way: %v", err)
		}
		if err := Create(dir, g, Options{Beside: []string{rebuilt}}); !errors.Is(err, ErrHeld) {
			t.Errorf("created half way: %v", err)
		}
		if err := Rebuild(dir, g, Options{}, filled(t, 1)); !errors.Is(err, ErrHeld) {
			t.Errorf("rebuilt twice at once: %v", err)
		}
		return os.CopyFS(killed, os.DirFS(dir)) // what a kill here would leave
	})
	if err != nil {
		t.Fatal(err)
	}
	rebuiltIs(t, dir, g, 300)
	if err := Rebuild(dir, g, Options{}, filled(t, 1)); !errors.Is(err, ErrExists) {
		t.Errorf("over a log: %v", err)
	}
	rebuiltIs(t, dir, g, 300)

	for name, at := range map[string]string{"where it was killed": killed, "in the half-made log": filepath.Join(killed, rebuilt)} {
		if _, err := Open(at, Options{}); !errors.Is(err, ErrNoLog) {
			t.Errorf("opened %s: %v", name, err)
		}
	}
	if err := Create(killed, g, Options{}); !errors.Is(err, ErrHalfRestored) {
		t.Errorf("created where it was killed: %v", err)
	}
	if err := Rebuild(killed, g, Options{}, filled(t, 200)); err != nil {
		t.Fatal(err)
	}
	rebuiltIs(t, killed, g, 200)
}

func TestARebuildThatFailsLeavesRoomForALog(t *testing.T) {
	dir, g := filepath.Join(t.TempDir(), "court"), eventlog.NewGenesis("")
	broken := errors.New("the backup is damaged")
	err := Rebuild(dir, g, Options{}, func(l *Log, home string) error { return errors.Join(filled(t, 20)(l, home), broken) })
	if !errors.Is(err, broken) {
		t.Fatalf("%v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != "lock" {
		t.Errorf("left %v, %v", left, err)
	}
	if err := Create(dir, g, Options{}); err != nil {
		t.Error(err)
	}
}

func TestARebuildKeepsKeysThatSurvivedAndTouchesNothingElse(t *testing.T) {
	dir, g := filepath.Join(t.TempDir(), "court"), eventlog.NewGenesis("")
	for name, content := range map[string]string{"keys/log.key": "secret", "keys/checkpoint.json": "newest"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700), os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	other := func(l *Log, home string) error {
		return errors.Join(filled(t, 5)(l, home), os.WriteFile(filepath.Join(home, "keys", "checkpoint.json"), []byte("older"), 0o600))
	}
	if err := Rebuild(dir, g, Options{}, other); err != nil {
		t.Fatal(err)
	}
	rebuiltIs(t, dir, g, 5)
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Rebuild(foreign, g, Options{}, filled(t, 1)); !errors.Is(err, ErrForeign) {
		t.Errorf("in a folder of somebody's: %v", err)
	}
	if left, err := os.ReadDir(foreign); err != nil || len(left) != 1 {
		t.Errorf("it left %v in it, %v", left, err)
	}
}
