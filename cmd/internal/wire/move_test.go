package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doorstep/api/sheets"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream"
)

// imported brings a small court's spreadsheets in.
func imported(t *testing.T, court *Court) {
	t.Helper()
	book, err := sheets.Open("testdata/small")
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	report, err := court.Importer().Run(t.Context(), book, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer report.Close()
	if report.Accepted == 0 || report.Tally.Rejected > 0 {
		t.Fatalf("%d rows taken, %d rejected", report.Accepted, report.Tally.Rejected)
	}
}

// sealed is all that the log at a place holds, in its order.
func sealed(t *testing.T, place string) (all []string) {
	t.Helper()
	log, err := openPlace(t.Context(), place, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	err = walk(t.Context(), log, func(r eventlog.Record) error {
		all = append(all, string(r.Sealed))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// survive tells whether views' marks hold with the other engine.
var survive = map[string]bool{"embedded-cluster": true, "cluster-embedded": true}

func TestARecordMovesBetweenAnyTwoEngines(t *testing.T) {
	moves := 0
	for _, from := range []string{"embedded", "cluster", "standin"} {
		for _, to := range []string{"embedded", "cluster", "standin"} {
			if from == to {
				continue // a copy in another folder is in the commands' tests
			}
			moves++
			t.Run(from+" to "+to, func(t *testing.T) { moveBetween(t, from, to) })
		}
	}
	if moves != 6 {
		t.Errorf("%d moves were made", moves)
	}
}

func moveBetween(t *testing.T, from, to string) {
	dir := filepath.Join(t.TempDir(), "court")
	source, sourceAt := dir, Embedded
	if from != "embedded" {
		source = made(t, servers[from](t))
		sourceAt = source
	}
	court := at(t, Config{Data: dir, Log: sourceAt, CourtCode: "冀0108"})
	imported(t, court)
	before, err := court.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	proof, err := court.Prove(t.Context(), "P1")
	if err != nil {
		t.Fatal(err)
	}
	record := court.Genesis
	closeOnce(t, court)
	held := sealed(t, source)

	target, targetAt := dir, Embedded
	if to != "embedded" {
		target = servers[to](t)
		targetAt = target
	}
	done := copyLog(t, source, target)
	if done.Log != record.ID || done.Added != int64(len(held)) || done.Commits != done.Added {
		t.Fatalf("copied %+v of %d", done, len(held))
	}
	write(t, dir, "views/marker", "")
	moved := at(t, Config{Data: dir, Log: targetAt})
	if moved.Genesis != record {
		t.Errorf("it became the record %+v, was %+v", moved.Genesis, record)
	}
	v, err := moved.Verify(t.Context(), Since{Note: []byte(before.Note)})
	if err != nil || len(v.Faults) > 0 || v.Since != done.Commits || v.Root != done.Root {
		t.Errorf("verified as %+v, %v", v, err)
	}
	_, err = os.Stat(filepath.Join(dir, "views/marker"))
	if want := survive[from+"-"+to]; (err == nil) != want {
		t.Errorf("the views were kept: %t, want %t", err == nil, want)
	}
	if _, _, err := proof.Check(moved.keys.verifiers); err != nil {
		t.Errorf("the proof of before: %v", err)
	}
	again, err := moved.Prove(t.Context(), "P1")
	if err != nil || len(again.Commits) != len(proof.Commits) || again.Commits[0].Sealed != proof.Commits[0].Sealed || again.Commits[0].Index != proof.Commits[0].Index {
		t.Errorf("the proof of after has %d commits, that of before %d: %v", len(again.Commits), len(proof.Commits), err)
	}
	list(t, moved, "a")
	caughtUp(t, moved)
	closeOnce(t, moved)
	goesOn(t, dir, target, held, before)
}

// goesOn opens the court again without saying where its record is.
func goesOn(t *testing.T, dir, target string, held []string, before Checkpoint) {
	t.Helper()
	later := at(t, Config{Data: dir})
	v, err := later.Verify(t.Context(), Since{Note: []byte(before.Note)})
	if err != nil || len(v.Faults) > 0 || v.Commits != int64(len(held))+1 {
		t.Errorf("later verified as %+v, %v", v, err)
	}
	closeOnce(t, later)
	now := sealed(t, target)
	if len(now) != len(held)+1 || strings.Join(now[:len(held)], "\n") != strings.Join(held, "\n") {
		t.Error("the copy does not hold the same bytes in the same order")
	}
}

// TestAnExportThatWentThroughTheOtherEngineIsTheSame is case 31 of the
// conformance cases: JetStream, EventStoreDB, and back.
func TestAnExportThatWentThroughTheOtherEngineIsTheSame(t *testing.T) {
	first := filledFolder(t, 700)
	last := filepath.Join(t.TempDir(), "last")
	through := servers["standin"](t)
	a, b := copyLog(t, first, through), copyLog(t, through, last)
	if a.Root != b.Root || a.Commits != 700 || b.Commits != 700 {
		t.Errorf("there %+v, back %+v", a, b)
	}
	one, other := sealed(t, first), sealed(t, last)
	for i := range one {
		if one[i] != other[i] {
			t.Fatalf("commit %d is another", i)
		}
	}
	if fmt.Sprint(headsOf(t, one)) != fmt.Sprint(headsOf(t, other)) {
		t.Error("the heads of the chains are others")
	}
}

func headsOf(t *testing.T, sealed []string) map[string]eventlog.Hash {
	t.Helper()
	heads := map[string]eventlog.Hash{}
	for _, s := range sealed {
		r, err := eventlog.Open([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		heads[r.Stream] = r.Head.Hash
	}
	return heads
}

// filledFolder is a court's folder whose log holds n commits.
func filledFolder(t *testing.T, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "court")
	if _, err := CreateLog(t.Context(), dir, "冀0108", slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	log, err := openTarget(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	appendTo(t, log, "dispute", n)
	return dir
}

// appendTo appends n commits to new streams of that kind.
func appendTo(t *testing.T, log eventlog.Log, kind string, n int) {
	t.Helper()
	heads := map[string]eventlog.Head{}
	for i := range n {
		stream := fmt.Sprint(kind, "-", i*i%37)
		r, err := log.Append(t.Context(), heads[stream], eventlogtest.Commit(stream, fmt.Sprint("c", i), 1))
		if err != nil {
			t.Fatal(err)
		}
		heads[stream] = r.Head
	}
}

func TestACopyingThatWasCutShortGoesOn(t *testing.T) {
	source := filledFolder(t, 1500)
	for name, place := range map[string]func(*testing.T) string{
		"embedded": func(t *testing.T) string { return filepath.Join(t.TempDir(), "court") },
		"cluster":  servers["cluster"], "standin": servers["standin"],
	} {
		t.Run(name, func(t *testing.T) {
			to, cuts := place(t), 0
			for _, after := range []int64{512, 1024} {
				ctx, cancel := context.WithCancel(t.Context())
				_, err := CopyLog(ctx, source, to, slog.New(slog.DiscardHandler), func(c Copying) {
					if c.Commits == after {
						cancel()
					}
				})
				cancel()
				if err == nil {
					t.Fatal("it was not cut short")
				}
				cuts++
			}
			if have := len(sealed(t, to)); have == 0 || have >= 1500 {
				t.Fatalf("after %d cuts the copy holds %d of 1500", cuts, have)
			}
			had := int64(len(sealed(t, to)))
			if done := copyLog(t, source, to); done.Commits != 1500 || done.Added != 1500-had {
				t.Errorf("then %+v, had %d", done, had)
			}
			t.Logf("%d cuts, %d commits were there before the last copying", cuts, had)
		})
	}
}

func TestACopyingRefusesWhatIsNotTheRecordsBeginning(t *testing.T) {
	source := filledFolder(t, 20)
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			to := server(t)
			copyLog(t, source, to)
			log, err := dial(t.Context(), to, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			appendTo(t, log, "station", 1)
			if _, err := CopyLog(t.Context(), source, to, slog.New(slog.DiscardHandler), nil); !errors.Is(err, ErrOtherPast) {
				t.Errorf("one that has more: %v", err)
			}
			if _, err := CopyLog(t.Context(), source, made(t, server(t)), slog.New(slog.DiscardHandler), nil); !errors.Is(err, ErrOtherLog) {
				t.Errorf("another record: %v", err)
			}
		})
	}
	longer := filepath.Join(t.TempDir(), "longer")
	copyLog(t, source, longer)
	for place, kind := range map[string]string{source: "organisation", longer: "station"} {
		log, err := openTarget(t.Context(), place, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		appendTo(t, log, kind, 2)
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := CopyLog(t.Context(), source, longer, slog.New(slog.DiscardHandler), nil); !errors.Is(err, ErrOtherPast) {
		t.Errorf("another past: %v", err)
	}
}

func TestAFolderStandsForTheLogThatItUses(t *testing.T) {
	dir, back := filepath.Join(t.TempDir(), "court"), filepath.Join(t.TempDir(), "back")
	address := made(t, servers["standin"](t))
	court := at(t, Config{Data: dir, Log: address})
	list(t, court, "a", "b")
	before, err := court.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CopyLog(t.Context(), dir, back, slog.New(slog.DiscardHandler), nil); !errors.Is(err, jetstream.ErrHeld) {
		t.Errorf("copied while the court is open: %v", err)
	}
	closeOnce(t, court)
	if done := copyLog(t, dir, back); done.Commits != 2 {
		t.Fatalf("%+v", done)
	}
	info, err := DescribeLog(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil || info.Log != court.Genesis.ID || info.Commits != nil || info.At != Shown(address) {
		t.Errorf("the folder is told as %+v, %v", info, err)
	}
	if CanRetire(dir) || !CanRetire(back) {
		t.Error("what is in a server can be marked, or what is in a folder cannot")
	}
	if err := os.CopyFS(filepath.Join(back, "keys"), os.DirFS(filepath.Join(dir, "keys"))); err != nil {
		t.Fatal(err)
	}
	v, err := at(t, Config{Data: back}).Verify(t.Context(), Since{Note: []byte(before.Note)})
	if err != nil || len(v.Faults) > 0 || v.Since != 2 {
		t.Errorf("back in a folder: %+v, %v", v, err)
	}
}
