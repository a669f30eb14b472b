package jetstream_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
)

// chance is a source that the test's output lets one run again.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// perCourt is how many kills one log goes through: every verdict reads the log
// whole, so that a log of all kills would make the last ones slow.
const perCourt = 25

func TestKillingTheProcessLosesNothingAcknowledgedAndDoublesNothing(t *testing.T) {
	rnd := chance(t)
	done, told, tried := 0, 0, 0
	for done < kills {
		dir, said := filepath.Join(t.TempDir(), "court"), newSpoken()
		if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); err != nil {
			t.Fatal(err)
		}
		for range min(perCourt, kills-done) {
			w := launch(t, dir, "", fmt.Sprint("r", done))
			w.until(said, rnd.IntN(300)) // 0: while it starts
			w.kill(said)
			if lost := verdict(t, dir, said); lost > 0 {
				t.Fatalf("kill %d: %d of %d acknowledged commits are lost", done, lost, len(said.acked))
			}
			done++
		}
		told, tried = told+said.told, tried+len(said.tried)
	}
	t.Logf("%d kills, %d acknowledged, %d tried", done, told, tried)
	if told < kills {
		t.Errorf("only %d commits were acknowledged: the faults hit nothing", told)
	}
}

func TestKillingACreationLeavesALogOrRoomForOne(t *testing.T) {
	rnd := chance(t)
	started := time.Now()
	whole := launch(t, filepath.Join(t.TempDir(), "whole"), "create", "")
	whole.until(newSpoken(), 1) // reads until it ends by itself
	took := time.Since(started)
	whole.kill(newSpoken())
	made, cut := 0, 0
	for i := range kills {
		dir := filepath.Join(t.TempDir(), fmt.Sprint("court", i))
		w := launch(t, dir, "create", "")
		<-time.After(time.Duration(rnd.Int64N(2 * int64(took)))) // any moment of its life, or after it
		w.kill(newSpoken())
		if jetstream.Exists(dir) {
			made++
		} else {
			cut++
			if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); err != nil {
				t.Fatalf("after a creation cut short: %v", err)
			}
		}
		log, err := jetstream.Open(dir, jetstream.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d creations were complete, %d cut short", made, cut)
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "court")
	if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); err != nil {
		t.Fatal(err)
	}
	w, said := launch(t, dir, "", "first"), newSpoken()
	if w.until(said, 1) != 1 {
		t.Fatal("the first process did not append")
	}
	_, err := jetstream.Open(dir, jetstream.Options{})
	if !errors.Is(err, jetstream.ErrHeld) || !strings.Contains(err.Error(), fmt.Sprint("process ", w.cmd.Process.Pid)) {
		t.Errorf("opening gives %v, want ErrHeld naming process %d", err, w.cmd.Process.Pid)
	}
	if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); !errors.Is(err, jetstream.ErrExists) {
		t.Errorf("creating gives %v, want ErrExists", err)
	}
	w.until(said, 10)
	w.kill(said)
	if lost := verdict(t, dir, said); lost > 0 { // the lock went with its holder
		t.Errorf("%d commits lost", lost)
	}
}
