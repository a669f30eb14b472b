package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// kills is how often a process is killed: a few times in every test run, and
// as often as DOORSTEP_KILLS says where somebody wants to be sure.
func kills(t *testing.T) int {
	t.Helper()
	if v := os.Getenv("DOORSTEP_KILLS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			t.Fatalf("DOORSTEP_KILLS=%q", v)
		}
		return n
	}
	return 4
}

// program is this test binary as doorstep.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "LANG=en_GB.UTF-8")
	return cmd
}

func TestAnImportKilledAtAnyMomentLosesAndDoublesNothing(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	started := time.Now()
	if out, err := program(t, "import", "--data", whole, courtYear).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(started)
	want := verification(t, whole)

	n := kills(t)
	seed := uint64(time.Now().UnixNano())
	chance := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d, %d kills, an undisturbed import took %s", seed, n, took)
	data := filepath.Join(t.TempDir(), "killed")
	killed, finished := 0, 0
	for killed < n {
		cmd := program(t, "import", "--data", data, courtYear)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(chance.Int64N(int64(took))), func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		if !timer.Stop() && err != nil {
			killed++
		} else if finished++; err != nil {
			t.Fatalf("an import that was not killed failed: %v", err)
		} else {
			// All is in; go on with an empty folder, so that kills hit work.
			check(t, data, want)
			data = filepath.Join(t.TempDir(), "killed")
		}
	}
	if out, err := program(t, "import", "--data", data, courtYear).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	check(t, data, want)
	t.Logf("%d kills, %d imports came to their end between them", killed, finished)
}

// verified is what doorstep verify says.
type verified struct {
	Commits, Events, Streams int64
	Views, Faults            []string
}

func verification(t *testing.T, data string) verified {
	t.Helper()
	code, out, errs := doorstep(t, "verify", "--data", data, "--json")
	var v verified
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != codeOK || len(v.Faults) > 0 || len(v.Views) != 4 {
		t.Fatalf("verify: exit %d, %v\n%s\n%s", code, err, out, errs)
	}
	return v
}

// check says whether the folder holds exactly what an undisturbed import leaves.
func check(t *testing.T, data string, want verified) {
	t.Helper()
	got := verification(t, data)
	if got.Commits != want.Commits || got.Events != want.Events || got.Streams != want.Streams {
		t.Errorf("the record holds %d commits, %d events, %d streams; undisturbed %d, %d, %d",
			got.Commits, got.Events, got.Streams, want.Commits, want.Events, want.Streams)
	}
	periods, _, _ := readExpected(t)
	year := periods["year"]
	same(t, "year", year, ask(t, "stats", "--data", data, "--json", "--from", year["from"].(string), "--to", year["to"].(string)))
}
