//go:build faults && linux

package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventlogtest/powercut"
	"doorstep/domain/eventlog/jetstream"
)

// cuts is how often the power fails.
const cuts = 12

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cutWhileWriting has a child append until the power fails, and compares what
// had been acknowledged before the cut began with what is there after it.
func cutWhileWriting(t *testing.T, mode string) (acked, lost int) {
	t.Helper()
	rnd := chance(t)
	d := powercut.NewDisk(t, 256)
	dir := filepath.Join(d.Mount, "court")
	if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); err != nil {
		t.Fatal(err)
	}
	said := newSpoken()
	for i := range cuts {
		w := launch(t, dir, mode, fmt.Sprint("r", i))
		w.until(said, 20+rnd.IntN(1500))
		d.Cut(t)
		// An acknowledgement that comes after the cut began proves nothing and
		// is not counted; what was tried is, for it may have reached the disk.
		late := newSpoken()
		w.kill(late)
		for id, c := range late.tried {
			said.tried[id] = c
		}
		d.Off(t)
		d.On(t)
		gone := verdict(t, dir, said)
		if lost += gone; gone > 0 {
			break // from here on the child's history and the log's are two
		}
	}
	return said.told, lost
}

func TestPowerCutLosesNothingAcknowledged(t *testing.T) {
	acked, lost := cutWhileWriting(t, "")
	t.Logf("%d cuts, %d acknowledged, %d lost", cuts, acked, lost)
	if lost > 0 || acked < cuts*20 {
		t.Errorf("%d of %d acknowledged commits are lost", lost, acked)
	}
}

// TestPowerCutWithoutTheBarrierLosesCommits is the test of the test above: were
// the barrier not there, it would see it.
func TestPowerCutWithoutTheBarrierLosesCommits(t *testing.T) {
	acked, lost := cutWhileWriting(t, "unsafe")
	t.Logf("%d acknowledged, %d lost", acked, lost)
	if lost == 0 {
		t.Errorf("none of %d commits acknowledged without a sync is lost: the cut cuts nothing", acked)
	}
}

func TestPowerCutWhileALogIsMadeLeavesALogOrRoomForOne(t *testing.T) {
	rnd := chance(t)
	d := powercut.NewDisk(t, 256)
	made := 0
	for i := range cuts {
		dir := filepath.Join(d.Mount, fmt.Sprint("court", i))
		w := launch(t, dir, "create", "")
		<-time.After(time.Duration(rnd.IntN(300)) * time.Millisecond) // any moment of its life, and a little after
		d.Cut(t)
		w.kill(newSpoken())
		d.Off(t)
		d.On(t)
		if jetstream.Exists(dir) {
			made++
		} else if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); err != nil {
			t.Fatalf("after a creation cut short: %v", err)
		}
		log, err := jetstream.Open(dir, jetstream.Options{})
		if err != nil {
			t.Fatal(err)
		}
		must(t, log.Close())
	}
	t.Logf("%d of %d creations were complete", made, cuts)
}

func TestFaultAFullDiskKeepsWhatWasAcknowledged(t *testing.T) {
	d := powercut.NewDisk(t, 48)
	dir := filepath.Join(d.Mount, "court")
	// More room than there is, so that the disk is full before the log knows.
	o := jetstream.Options{MaxStore: 1 << 40}
	if err := jetstream.Create(dir, eventlog.NewGenesis(""), o); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(d.Mount, "ballast")
	must(t, os.WriteFile(ballast, make([]byte, 8<<20), 0o600))
	log, err := jetstream.Open(dir, o)
	must(t, err)
	ctx := context.Background()
	said := newSpoken()
	var at eventlog.Head
	for i := 0; ; i++ {
		c := eventlogtest.Commit("dispute-1", fmt.Sprint("c", i), 200)
		said.tried[c.ID] = c
		r, err := log.Append(ctx, at, c)
		if err != nil {
			if !errors.Is(err, eventlog.ErrUnavailable) && !errors.Is(err, eventlog.ErrUnknown) {
				t.Errorf("on a full disk: %v", err)
			}
			t.Logf("full after %d commits: %v", i, err)
			break
		}
		said.acked[c.ID] = acked{c.Stream, r.Head.Hash.String(), r.Version}
		at = r.Head
	}
	if err := log.Check(ctx); err == nil {
		t.Error("the log says that it is well")
	}
	_ = log.Close() // may fail: the disk is full
	must(t, os.Remove(ballast))
	if lost := verdict(t, dir, said); lost > 0 {
		t.Errorf("%d of %d acknowledged commits are lost", lost, len(said.acked))
	}
}
