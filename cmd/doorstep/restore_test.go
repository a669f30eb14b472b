package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"doorstep/domain/eventlog/archive"
)

// backupKey makes a key for backups: the file of the secret one, and the public
// one.
func backupKey(t *testing.T) (file, public string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "backup.key")
	code, out, errs := doorstep(t, "backup", "key", file)
	if code != codeOK {
		t.Fatalf("key: exit %d, %s", code, errs)
	}
	return file, strings.TrimSpace(out)
}

// courtOfTheYear imports the court year into a new folder.
func courtOfTheYear(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "court")
	if code, _, errs := doorstep(t, "import", "--data", data, "--json", courtYear); code != codeOK {
		t.Fatalf("import: exit %d\n%s", code, errs)
	}
	return data
}

// putKeyBack does what restore asks for.
func putKeyBack(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(from, "keys", "log.key"))
	if err == nil {
		err = os.MkdirAll(filepath.Join(to, "keys"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "keys", "log.key"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// questions are what the same record must answer with the same bytes.
func questions(data, since string) [][]string {
	return [][]string{
		{"checkpoint", "--data", data}, {"checkpoint", "--data", data, "--key"}, {"proof", "--data", data, "P2021004936"},
		{"stats", "--data", data, "--json", "--from", "2021-01-01", "--to", "2021-12-31"},
		{"stats", "suits", "--data", data, "--json", "--year", "2021", "--territory", "130108"},
		{"verify", "--data", data, "--json", "--since", since},
	}
}

// sameCourt asks both folders all of it.
func sameCourt(t *testing.T, what, one, other, since string) {
	t.Helper()
	theirs := questions(other, since)
	for i, args := range questions(one, since) {
		codeOne, want, _ := doorstep(t, args...)
		codeOther, got, errs := doorstep(t, theirs[i]...)
		if codeOne != codeOK || codeOther != codeOK || got != want || len(want) < 80 {
			t.Errorf("%s: %v: exit %d and %d\n%.300s\n%.300s\n%.300s", what, args[:1], codeOne, codeOther, want, got, errs)
		}
	}
}

func checkpointFile(t *testing.T, data string) string {
	t.Helper()
	_, out, _ := doorstep(t, "checkpoint", "--data", data)
	file := filepath.Join(t.TempDir(), "checkpoint")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestARestoredCourtIsTheCourt(t *testing.T) {
	data, dir := courtOfTheYear(t), t.TempDir()
	key, public := backupKey(t)
	since := checkpointFile(t, data)
	code, made, errs := doorstep(t, "backup", "create", "--data", data, "--to", filepath.Join(dir, "backups"), "--recipient", public)
	if code != codeOK {
		t.Fatalf("backup: exit %d, %s", code, errs)
	}
	backup := strings.TrimSpace(made)
	restored := filepath.Join(dir, "restored")
	restore := []string{"restore", backup, restored, "--identity", key, "--json"}
	code, out, errs := doorstep(t, restore...)
	var r struct{ Commits, Of, Events, Streams, Signed int64 }
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != codeOK || r.Commits != r.Of || r.Commits < 5000 {
		t.Fatalf("restore: exit %d, %+v, %v, %s", code, r, err, errs)
	}
	t.Log(errs)
	putKeyBack(t, data, restored)
	sameCourt(t, "restored", data, restored, since)

	// Damaged behind the point in time it is damaged, and nothing is made of it.
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.age")
	if err := os.WriteFile(cut, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	nothing := filepath.Join(dir, "nothing")
	if code, _, errs := doorstep(t, "restore", cut, nothing, "--identity", key, "--commits", "10"); code != codeFailure || !strings.Contains(errs, "not whole") {
		t.Errorf("a backup cut short: exit %d, %s", code, errs)
	}
	if left, err := os.ReadDir(nothing); err != nil || len(left) != 1 || left[0].Name() != "lock" {
		t.Errorf("it left %v, %v", left, err)
	}

	// Half of it, to the commit: a sound record, shorter.
	half := filepath.Join(dir, "half")
	if code, _, errs := doorstep(t, "restore", backup, half, "--identity", key, "--commits", "3000"); code != codeOK {
		t.Fatalf("restore: exit %d, %s", code, errs)
	}
	putKeyBack(t, data, half)
	if v := verification(t, half); v.Commits != 3000 {
		t.Errorf("%+v", v)
	}
	if code, out, _ := doorstep(t, "verify", "--data", half, "--since", since); code != codeFailure {
		t.Errorf("a shorter record against the checkpoint: exit %d, %s", code, out)
	}
}

// killedAt runs the program and kills it at a random moment of the time given;
// it tells whether that was in time.
func killedAt(t *testing.T, chance *rand.Rand, took time.Duration, args ...string) bool {
	t.Helper()
	cmd := program(t, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Duration(chance.Int64N(int64(took))), func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	early := timer.Stop()
	if early && err != nil {
		t.Fatalf("%v failed by itself: %v", args[:2], err)
	}
	return !early && err != nil
}

// timed runs the program to its end.
func timed(t *testing.T, args ...string) time.Duration {
	t.Helper()
	began := time.Now()
	if out, err := program(t, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args[:2], err, out)
	}
	return time.Since(began)
}

func newChance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func TestABackupKilledAtAnyMomentLeavesOnlyWholeOnes(t *testing.T) {
	data, dir := courtOfTheYear(t), filepath.Join(t.TempDir(), "backups")
	key, public := backupKey(t)
	create := []string{"backup", "create", "--data", data, "--to", dir, "--recipient", public, "--keep", "2"}
	took, chance := timed(t, create...), newChance(t)
	killed, whole := 0, 0
	for n := min(max(kills(t)/2, 1), 100); killed < n; {
		if killedAt(t, chance, took, create...) {
			killed++
		} else {
			whole++
		}
		all, err := archive.List(dir)
		if err != nil || len(all) == 0 || len(all) > 3 {
			t.Fatalf("%d backups, %v", len(all), err)
		}
		for _, b := range all {
			if _, err := archive.SameBytes(b.Path); err != nil {
				t.Fatalf("after %d kills: %s: %v", killed, filepath.Base(b.Path), err)
			}
		}
	}
	timed(t, create...)
	all, err := archive.List(dir)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d backups, %v", len(all), err)
	}
	for _, b := range all {
		if code, _, errs := doorstep(t, "backup", "verify", b.Path, "--identity", key); code != codeOK {
			t.Errorf("%s: exit %d, %s", filepath.Base(b.Path), code, errs)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	t.Logf("%d backups killed, %d came to their end between them", killed, whole)
}

func TestARestoreKilledAtAnyMomentIsStartedOver(t *testing.T) {
	data, dir := courtOfTheYear(t), t.TempDir()
	key, public := backupKey(t)
	since := checkpointFile(t, data)
	_, made, _ := doorstep(t, "backup", "create", "--data", data, "--to", filepath.Join(dir, "backups"), "--recipient", public)
	to := func(folder string) []string {
		return []string{"restore", strings.TrimSpace(made), filepath.Join(dir, folder), "--identity", key}
	}
	took, chance := timed(t, to("first")...), newChance(t)
	killed, whole := 0, 0
	folder := "killed-0"
	for n := min(max(kills(t)/2, 1), 40); killed < n; {
		if killedAt(t, chance, took, to(folder)...) {
			killed++
		}
		at := filepath.Join(dir, folder)
		if _, err := os.Stat(filepath.Join(at, "eventlog")); errors.Is(err, fs.ErrNotExist) {
			if code, _, _ := doorstep(t, "verify", "--data", at); code == codeOK {
				t.Fatal("a half restored folder is opened as a court's")
			}
			continue // and started over where it is
		}
		whole++
		folder = fmt.Sprint("killed-", whole)
	}
	if _, err := os.Stat(filepath.Join(dir, folder, "eventlog")); errors.Is(err, fs.ErrNotExist) {
		timed(t, to(folder)...)
	}
	putKeyBack(t, data, filepath.Join(dir, folder))
	sameCourt(t, "killed and restored", data, filepath.Join(dir, folder), since)
	t.Logf("%d restores killed, %d were whole", killed, whole)
}

// serverBeside is a server in a process of its own, and its address.
func serverBeside(t *testing.T, args ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := program(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	said, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines, heard := bufio.NewScanner(said), ""
	for lines.Scan() {
		heard += lines.Text() + "\n"
		if url, _, is := strings.Cut(strings.TrimSpace(lines.Text()), "/enter?token="); is {
			go func() {
				for lines.Scan() { // so that it never waits for a reader
				}
			}()
			return cmd, url
		}
	}
	t.Fatalf("it does not serve:\n%s", heard)
	return nil, ""
}

func TestASecondCopyOutlivesKillsAndRebuildsTheRecord(t *testing.T) {
	data, second := filepath.Join(t.TempDir(), "court"), t.TempDir()
	key, public := backupKey(t)
	serve := []string{"--data", data, "--second-copy", second, "--copy-recipient", public}
	chance := newChance(t)
	n, most := min(max(kills(t)/2, 1), 20), int64(0)
	for range n {
		server, _ := serverBeside(t, serve...)
		importing := program(t, "import", "--data", data, courtYear)
		if err := importing.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(chance.Int64N(int64(4 * time.Second)))) // any moment of the import, and a little after
		_ = server.Process.Kill()
		_ = server.Wait()
		_ = importing.Wait()
	}
	server, _ := serverBeside(t, serve...)
	if out, err := program(t, "import", "--data", data, courtYear).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Fatalf("the server ended with %v", err)
	}
	since, restored := checkpointFile(t, data), filepath.Join(t.TempDir(), "restored")
	if code, _, errs := doorstep(t, "restore", second, restored, "--identity", key); code != codeOK {
		t.Fatalf("restore: exit %d, %s", code, errs)
	}
	putKeyBack(t, data, restored)
	sameCourt(t, "from the second copy", data, restored, since)
	most = verification(t, restored).Commits
	t.Logf("%d kills, %d commits in the copy", n, most)

	// A record that was set back is not served beside its copy.
	back := filepath.Join(t.TempDir(), "back")
	if code, _, errs := doorstep(t, "restore", second, back, "--identity", key, "--commits", "100"); code != codeOK {
		t.Fatalf("restore: exit %d, %s", code, errs)
	}
	putKeyBack(t, data, back)
	out, err := program(t, "serve", "--listen", "127.0.0.1:0", "--data", back, "--second-copy", second).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the second copy does not follow the record") {
		t.Errorf("a record set back: %v\n%s", err, out)
	}
}
