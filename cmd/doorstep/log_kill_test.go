package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"doorstep/cmd/internal/wire"
)

// TestACopyingKilledAtAnyMomentGoesOn kills log copy, each time on top of what
// the kills before left.
func TestACopyingKilledAtAnyMomentGoesOn(t *testing.T) {
	source := filepath.Join(t.TempDir(), "court")
	if code, out, errs := doorstep(t, "import", "--data", source, "--json", courtYear); code != codeOK {
		t.Fatalf("import: exit %d\n%s\n%s", code, out, errs)
	}
	started := time.Now()
	whole := copied(t, source, filepath.Join(t.TempDir(), "whole"))
	took := time.Since(started)
	if whole.Commits < 1000 || whole.Added != whole.Commits {
		t.Fatalf("copied undisturbed: %+v", whole)
	}
	n, seed := kills(t), uint64(time.Now().UnixNano())
	chance := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d, %d kills, an undisturbed copying took %s", seed, n, took)
	killed, midway := 0, 0
	for i := 0; killed < n; i++ {
		to := filepath.Join(t.TempDir(), fmt.Sprint("killed", i))
		for range 2 { // the second on top of what the first left
			cmd := program(t, "log", "copy", source, to)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(chance.Int64N(int64(took))), func() { _ = cmd.Process.Kill() })
			if err := cmd.Wait(); !timer.Stop() && err != nil {
				killed++
			} else if err != nil {
				t.Fatalf("a copying that was not killed failed: %v", err)
			}
		}
		done := copied(t, source, to)
		if done.Root != whole.Root || done.Commits != whole.Commits {
			t.Errorf("after kills %+v, undisturbed %+v", done, whole)
		}
		if done.Added > 0 && done.Added < done.Commits {
			midway++
		}
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills; %d times the copying went on from the midst", killed, midway)
}

// copied runs log copy to its end.
func copied(t *testing.T, from, to string) (done wire.Copied) {
	t.Helper()
	code, out, errs := doorstep(t, "log", "copy", "--json", from, to)
	if err := json.Unmarshal([]byte(out), &done); err != nil || code != codeOK {
		t.Fatalf("log copy: exit %d, %v\n%s\n%s", code, err, out, errs)
	}
	return done
}
