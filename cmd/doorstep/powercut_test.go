//go:build faults && linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"doorstep/cmd/internal/wire"
	"doorstep/domain/eventlog/archive"
	"doorstep/domain/eventlog/eventlogtest/powercut"
)

// powerCuts is how often the power fails in each test.
const powerCuts = 12

// cutDuring runs the program and cuts the disk's power at a random moment of the
// time given; it tells whether the program had not ended by then.
func cutDuring(t *testing.T, d *powercut.Disk, wait time.Duration, args ...string) bool {
	t.Helper()
	cmd := program(t, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	early := true
	select {
	case <-ended:
		early = false
	case <-time.After(wait):
	}
	d.Cut(t)
	if early {
		_ = cmd.Process.Kill()
		<-ended
	}
	d.Off(t)
	d.On(t)
	return early
}

func TestPowerCutForgetsWhatWasNotSynced(t *testing.T) {
	d := powercut.NewDisk(t, 64)
	file := filepath.Join(d.Mount, "unsynced")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Cut(t)
	d.Off(t)
	d.On(t)
	if b, err := os.ReadFile(file); err == nil && len(b) == 1<<20 {
		t.Error("what was not synced is there: the cut cuts nothing")
	}
}

func TestPowerCutDuringABackupLeavesOnlyWholeOnes(t *testing.T) {
	data, d := courtOfTheYear(t), powercut.NewDisk(t, 64)
	key, public := backupKey(t)
	dir := filepath.Join(d.Mount, "backups")
	create := []string{"backup", "create", "--data", data, "--to", dir, "--recipient", public, "--keep", "3"}
	took, chance := timed(t, create...), newChance(t)
	early, seen := 0, 1
	for cut := range powerCuts {
		if cutDuring(t, d, time.Duration(chance.Int64N(int64(took)*3/2)), create...) {
			early++
		}
		all, err := archive.List(dir)
		if err != nil || len(all) == 0 {
			t.Fatalf("after cut %d: %d backups, %v", cut, len(all), err)
		}
		seen = max(seen, len(all))
		for _, b := range all {
			if code, _, errs := doorstep(t, "backup", "verify", b.Path, "--identity", key); code != codeOK {
				t.Fatalf("after cut %d: %s: exit %d, %s", cut, filepath.Base(b.Path), code, errs)
			}
		}
	}
	timed(t, create...)
	t.Logf("%d power cuts, %d of them during a backup; at most %d backups, all whole", powerCuts, early, seen)
	if early < powerCuts/2 {
		t.Error("the cuts hit nothing")
	}
}

func TestPowerCutDuringARestoreLeavesACourtOrRoomForOne(t *testing.T) {
	data, d := courtOfTheYear(t), powercut.NewDisk(t, 256)
	key, public := backupKey(t)
	_, made, _ := doorstep(t, "backup", "create", "--data", data, "--to", filepath.Join(t.TempDir(), "backups"), "--recipient", public)
	to := func(name string) []string {
		return []string{"restore", strings.TrimSpace(made), filepath.Join(d.Mount, name), "--identity", key}
	}
	took, chance, want := timed(t, to("first")...), newChance(t), verification(t, data)
	early, whole := 0, 0
	for cut := range powerCuts {
		name := fmt.Sprint("court-", cut)
		if cutDuring(t, d, time.Duration(chance.Int64N(int64(took)*3/2)), to(name)...) {
			early++
		}
		at := filepath.Join(d.Mount, name)
		if _, err := os.Stat(filepath.Join(at, "eventlog")); err == nil {
			whole++
		} else if code, _, errs := doorstep(t, to(name)...); code != codeOK {
			t.Fatalf("after cut %d: exit %d, %s", cut, code, errs)
		}
		putKeyBack(t, data, at)
		if got := verification(t, at); got.Commits != want.Commits || got.Events != want.Events {
			t.Fatalf("after cut %d: %+v, want %+v", cut, got, want)
		}
		if err := os.RemoveAll(at); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d power cuts, %d of them during a restore, after %d the court was there", powerCuts, early, whole)
	if early < powerCuts/2 {
		t.Error("the cuts hit nothing")
	}
}

// inCopy is how many commits the server says are in its second copy, and
// whether it keeps it.
func inCopy(t *testing.T, url string) (commits int64, up bool) {
	t.Helper()
	text := body(t, http.DefaultClient, url+"/metrics")
	value := func(name string) float64 {
		m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no %s", name)
		}
		v, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	return int64(value("doorstep_copy_commits")), value("doorstep_copy_up") == 1
}

func stopServer(t *testing.T, server *exec.Cmd) {
	t.Helper()
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Fatalf("the server ended with %v", err)
	}
}

func TestPowerCutOfTheCopysDiskLosesNothingItHad(t *testing.T) {
	data, d := filepath.Join(t.TempDir(), "court"), powercut.NewDisk(t, 256)
	key, public := backupKey(t)
	with, err := (&identityFlags{file: key}).identities()
	if err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(d.Mount, "copy")
	if err := os.Mkdir(second, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("sync", "-f", d.Mount).Run(); err != nil {
		t.Fatal(err)
	}
	serve := []string{"--data", data, "--second-copy", second, "--copy-recipient", public}
	chance, told := newChance(t), int64(0)
	for cut := range powerCuts {
		server, url := serverBeside(t, serve...)
		importing := program(t, "import", "--data", data, courtYear)
		if err := importing.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(chance.Int64N(int64(1500 * time.Millisecond))))
		had, _ := inCopy(t, url)
		d.Cut(t)
		_ = server.Process.Kill()
		_ = server.Wait()
		_ = importing.Wait()
		d.Off(t)
		d.On(t)
		told = max(told, had)
		if had == 0 {
			continue
		}
		if c, err := wire.CheckSource(t.Context(), second, with); err != nil || c.Commits < had {
			t.Fatalf("after cut %d: %d commits were in the copy, %d are: %v", cut, had, c.Commits, err)
		}
	}
	server, _ := serverBeside(t, serve...)
	timed(t, "import", "--data", data, courtYear)
	stopServer(t, server)
	restored := filepath.Join(t.TempDir(), "restored")
	if code, _, errs := doorstep(t, "restore", second, restored, "--identity", key); code != codeOK {
		t.Fatalf("restore: exit %d, %s", code, errs)
	}
	putKeyBack(t, data, restored)
	sameCourt(t, "from the copy", data, restored, checkpointFile(t, data))
	t.Logf("%d power cuts of the copy's disk; up to %d commits were told of before a cut, none lost", powerCuts, told)
	if told == 0 {
		t.Error("nothing was in the copy before any cut")
	}
}

// fillUp leaves next to nothing free on the disk.
func fillUp(t *testing.T, d *powercut.Disk) string {
	t.Helper()
	ballast := filepath.Join(d.Mount, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); err != nil {
			return ballast
		}
	}
}

func TestFaultAFullDiskLeavesOlderBackupsAndTheCopyGoesOn(t *testing.T) {
	data, d := courtOfTheYear(t), powercut.NewDisk(t, 32)
	key, public := backupKey(t)
	dir, second := filepath.Join(d.Mount, "backups"), filepath.Join(d.Mount, "copy")
	if err := os.Mkdir(second, 0o700); err != nil {
		t.Fatal(err)
	}
	create := []string{"backup", "create", "--data", data, "--to", dir, "--recipient", public, "--keep", "1"}
	timed(t, create...)
	before, err := archive.List(dir)
	if err != nil || len(before) != 1 {
		t.Fatal(before, err)
	}
	ballast := fillUp(t, d)
	code, _, errs := doorstep(t, create...)
	if code == codeOK || !strings.Contains(errs, "no space left") {
		t.Errorf("on a full disk: exit %d, %s", code, errs)
	}
	after, err := archive.List(dir)
	if err != nil || len(after) != 1 || after[0].Path != before[0].Path {
		t.Errorf("it left %v, %v", after, err)
	}
	if code, _, errs := doorstep(t, "backup", "verify", before[0].Path, "--identity", key); code != codeOK {
		t.Errorf("the older one: exit %d, %s", code, errs)
	}
	// The court is served all the same, and its copy goes on when there is room.
	server, url := serverBeside(t, "--data", data, "--second-copy", second)
	patience := time.Now().Add(time.Minute)
	for _, up := inCopy(t, url); up; _, up = inCopy(t, url) {
		if time.Now().After(patience) {
			t.Fatal("the copy on a full disk is said to be kept")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	want := int64(6645)
	for commits, up := inCopy(t, url); !up || commits < want; commits, up = inCopy(t, url) {
		if time.Now().After(patience) {
			t.Fatalf("there is room, and %d commits are in the copy", commits)
		}
		time.Sleep(50 * time.Millisecond)
	}
	stopServer(t, server)
	timed(t, create...)
	if c, err := wire.CheckSource(t.Context(), second, archive.Identities{}); err != nil || c.Commits != want {
		t.Errorf("the copy: %+v, %v", c, err)
	}
}
