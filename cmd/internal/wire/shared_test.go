package wire

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog/eventstoredb/standin"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/roster"
)

// rename lists the station anew under a name that says who did it.
func rename(t *testing.T, court *Court, station, id string) (kept bool, err error) {
	t.Helper()
	day, err := calendar.ParseMoment("2021-03-01")
	if err != nil {
		t.Fatal(err)
	}
	deed := decide.Deed{ID: id, At: time.Date(2021, 3, 1, 9, 0, 0, 0, time.UTC), Actor: "u-1"}
	o, err := court.Roster.Do(t.Context(), roster.StationStream(station), deed, roster.ListStation{At: day, Code: station, Name: id})
	return o.Kept, err
}

// TestTwoCourtsWorkOnOneLog lets two programs, each with a folder of its own,
// do deeds on the same streams at the same time, and each repeat what the other
// did. Every deed is kept once, whoever asks.
func TestTwoCourtsWorkOnOneLog(t *testing.T) {
	for name, server := range map[string]func(*testing.T) (string, *standin.Cluster){
		"cluster": func(t *testing.T) (string, *standin.Cluster) { return inThree(t), nil },
		"standin": inStandin,
	} {
		t.Run(name, func(t *testing.T) {
			address, faulty := server(t)
			made(t, address)
			var courts []*Court
			for i := range 2 {
				courts = append(courts, at(t, Config{Data: filepath.Join(t.TempDir(), fmt.Sprint(i)), Log: address}))
			}
			const workers, deeds, stations = 4, 20, 3
			var kept, said atomic.Int64
			var all sync.WaitGroup
			for i, court := range courts {
				for w := range workers {
					all.Go(func() {
						for n := range deeds {
							if faulty != nil && n%10 == 3 {
								faulty.Inject(standin.LostAck, 1)
							}
							// every deed is asked for by both courts: its id is of the worker and the number alone
							k, err := rename(t, court, fmt.Sprint("S", (n+w)%stations), fmt.Sprint("w", w, "n", n))
							if err != nil {
								t.Errorf("court %d, worker %d, deed %d: %v", i, w, n, err)
							}
							said.Add(1)
							if k {
								kept.Add(1)
							}
						}
					})
				}
			}
			all.Wait()
			for _, court := range courts {
				caughtUp(t, court)
			}
			a, b := courts[0].Ledger.Stand(), courts[1].Ledger.Stand()
			if a.Size != workers*deeds || a != b {
				t.Errorf("%d deeds became %d and %d commits, roots %x and %x", workers*deeds, a.Size, b.Size, a.Root, b.Root)
			}
			for i, court := range courts {
				v, err := court.Verify(t.Context(), Since{})
				if err != nil || len(v.Faults) > 0 || v.Commits != workers*deeds {
					t.Errorf("court %d verifies as %+v, %v", i, v, err)
				}
			}
			lost := 0
			if faulty != nil {
				if lost = faulty.Injected(standin.LostAck); lost == 0 {
					t.Error("no acknowledgement was lost: this shows less than it says")
				}
			}
			if kept.Load() < workers*deeds { // two who do one deed at the same head cannot be told apart, and both did it
				t.Errorf("%d times a deed was said to be kept now, of %d deeds", kept.Load(), workers*deeds)
			}
			t.Logf("%d deeds asked for, %d commits, %d acknowledgements lost", said.Load(), a.Size, lost)
		})
	}
}

func TestAFolderIsForOneRecord(t *testing.T) {
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			address, other := made(t, server(t)), made(t, server(t))
			dir := filepath.Join(t.TempDir(), "court")
			closeOnce(t, at(t, Config{Data: dir, Log: address}))
			if _, err := try(t, Config{Data: dir, Log: other, Views: true}); !errors.Is(err, ErrOtherLog) {
				t.Errorf("another record: %v", err)
			}
			court := at(t, Config{Data: dir}) // and it still knows its own
			if _, err := try(t, Config{Data: dir, Views: true}); !errors.Is(err, jetstream.ErrHeld) {
				t.Errorf("a second time: %v", err)
			}
			closeOnce(t, court)
			if _, err := try(t, Config{Data: dir, Log: Embedded, Views: true}); !errors.Is(err, ErrNoRecord) {
				t.Errorf("the record in the folder, where there is none: %v", err)
			}
			info, err := os.Stat(filepath.Join(dir, settingsName))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the settings, which may hold a password, are for others too: %v, %v", info.Mode(), err)
			}
			embedded := filepath.Join(t.TempDir(), "embedded")
			visit(t, embedded, "a")
			if _, err := try(t, Config{Data: embedded, Log: address, Views: true}); !errors.Is(err, ErrOtherLog) {
				t.Errorf("a folder with a record of its own: %v", err)
			}
			foreign := t.TempDir()
			write(t, foreign, "letters", "x")
			if _, err := try(t, Config{Data: foreign, Log: address, Views: true}); !errors.Is(err, jetstream.ErrForeign) {
				t.Errorf("a folder that is somebody's: %v", err)
			}
			if _, err := Open(t.Context(), Config{Data: filepath.Join(t.TempDir(), "none"), Log: address, Now: time.Now, Logger: slog.New(slog.DiscardHandler)}); !errors.Is(err, ErrNoRecord) {
				t.Errorf("a folder that is absent, for a command that makes none: %v", err)
			}
			if _, err := try(t, Config{Data: filepath.Join(t.TempDir(), "new"), Log: server(t), Views: true}); !errors.Is(err, ErrNoRecord) {
				t.Errorf("a server without a record: %v", err)
			}
		})
	}
}

func TestACopyThatIsNotTheWholeRecordIsRefusedInItsPlace(t *testing.T) {
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "court")
			visit(t, dir, "a", "b")
			short := server(t)
			copyLog(t, dir, short)
			visit(t, dir, "c")
			signed(t, Config{Data: dir, Views: true})
			for _, views := range []bool{true, false} {
				if _, err := try(t, Config{Data: dir, Log: short, Views: views}); !errors.Is(err, ErrRolledBack) {
					t.Errorf("a copy of yesterday, views %t: %v", views, err)
				}
			}
			visit(t, dir, "d") // the folder is as it was
			differs := server(t)
			other := filepath.Join(t.TempDir(), "court")
			if err := os.CopyFS(other, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			visit(t, dir, "e1")
			visit(t, other, "e2")
			signed(t, Config{Data: dir, Views: true})
			copyLog(t, other, differs)
			for _, views := range []bool{true, false} {
				if _, err := try(t, Config{Data: dir, Log: differs, Views: views}); !errors.Is(err, ErrDiffers) {
					t.Errorf("a copy that went another way, views %t: %v", views, err)
				}
			}
			visit(t, dir, "f")
		})
	}
}
