package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
)

// copyOf makes a second copy of the court's log, a batch of so many commits at a
// time.
func copyOf(t testing.TB, c *court, dir string, to Recipients, batch int) *Copy {
	t.Helper()
	k, err := OpenCopy(dir, genesis, to)
	must(t, err)
	all := c.all(t)
	for part := range slices.Chunk(all[k.Stand().Commits:], batch) {
		n := k.Stand().Commits + int64(len(part))
		must(t, k.Add(part, c.public, c.sign(t, all[:n-n%2])))
	}
	return k
}

// readSecond reads a second copy with all checks.
func readSecond(dir string, with Identities) ([]eventlog.Record, *Second, error) {
	s, err := OpenSecond(dir, with)
	if err != nil {
		return nil, nil, err
	}
	all, err := collect(s.Records())
	return all, s, err
}

func TestASecondCopyGivesWhatTheLogHas(t *testing.T) {
	to, with := pair(t)
	for name, who := range map[string]Recipients{"encrypted": to, "in clear": {}} {
		t.Run(name, func(t *testing.T) {
			c, dir := newCourt(t), t.TempDir()
			for round := range 4 {
				add(t, c, fmt.Sprint("r", round), 13)
				k := copyOf(t, c, dir, who, 5)
				if s := k.Stand(); s.Commits != int64(13*(round+1)) {
					t.Errorf("it stands at %+v", s)
				}
				must(t, k.Follows(t.Context(), c))
				got, s, err := readSecond(dir, with) // while a writer has it
				must(t, err)
				must(t, k.Close())
				sameRecords(t, "copy", got, c.all(t))
				n := len(got)
				if verifiers, note := s.Signed(); s.Torn() || s.Genesis() != genesis || verifiers != c.public || note != c.sign(t, got[:n-n%2]) || s.SigningKey() != "" {
					t.Errorf("torn %t, signed %q", s.Torn(), note)
				}
			}
			_, stranger := pair(t)
			if _, _, err := readSecond(dir, stranger); !who.None() && !errors.Is(err, ErrKey) {
				t.Errorf("with another key: %v", err)
			}
			for _, e := range segmentFiles(t, dir) {
				b, err := os.ReadFile(e)
				must(t, err)
				if info, err := os.Stat(e); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s is for others too", e)
				}
				if bytes.Contains(b, []byte("dispute-")) {
					t.Errorf("%s names a stream in clear", e)
				}
			}
		})
	}
	if _, err := OpenCopy(t.TempDir(), genesis, func() Recipients { r, _, _ := FromPassphrase("correct horse battery"); return r }()); !errors.Is(err, ErrNoRecipient) {
		t.Errorf("with a passphrase: %v", err)
	}
}

func segmentFiles(t testing.TB, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*"+segments))
	must(t, err)
	return all
}

// TestACopyCutShortAnywhereIsReadUpToItsLastBatchAndCarriedOn is every torn tail
// that a crash can leave.
func TestACopyCutShortAnywhereIsReadUpToItsLastBatchAndCarriedOn(t *testing.T) {
	c, dir := newCourt(t), t.TempDir()
	add(t, c, "a", 9)
	k := copyOf(t, c, dir, Recipients{}, 3)
	must(t, k.Close())
	file := segmentFiles(t, dir)[0]
	whole, err := os.ReadFile(file)
	must(t, err)
	var ends []int64
	must(t, eachBatch(bytes.NewReader(whole), 0, func(_ []byte, _ Stand, size int64) error { ends = append(ends, size); return nil }))
	all, cuts := c.all(t), 0
	for n := range len(whole) {
		for _, tail := range []string{"", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR"} {
			if tail != "" && n%23 > 0 || int64(n) < ends[1] && n%5 > 0 {
				continue
			}
			must(t, os.WriteFile(file, append(bytes.Clone(whole[:n]), tail...), 0o600))
			batches := 0
			for batches < len(ends) && ends[batches] <= int64(n) {
				batches++
			}
			got, s, err := readSecond(dir, Identities{})
			switch {
			case batches == 0 && !isNamed(err):
				t.Fatalf("cut at %d: nothing whole, and %v", n, err)
			case batches > 0 && (err != nil || len(got) != 3*batches || s.Torn() != (tail != "" || int64(n) > ends[batches-1])):
				t.Fatalf("cut at %d: %d commits in %d batches, %v", n, len(got), batches, err)
			}
			cuts++
			if n < len(copyMagic) && tail != "" {
				continue // no crash does that: the first bytes are synced before anything else
			}
			if n%97 > 0 {
				continue
			}
			k := copyOf(t, c, dir, Recipients{}, 4)
			must(t, k.Close())
			got, _, err = readSecond(dir, Identities{})
			if err != nil {
				t.Fatalf("cut at %d and carried on: %v", n, err)
			}
			sameRecords(t, "carried on", got, all)
		}
	}
	t.Logf("%d torn tails", cuts)
	if cuts < 1000 {
		t.Error("too few")
	}
}

func TestADamagedCopyIsRefusedAndNotCutBack(t *testing.T) {
	c, dir := newCourt(t), t.TempDir()
	add(t, c, "a", 20)
	must(t, copyOf(t, c, dir, Recipients{}, 4).Close())
	file := segmentFiles(t, dir)[0]
	whole, err := os.ReadFile(file)
	must(t, err)
	var ends []int64
	must(t, eachBatch(bytes.NewReader(whole), 0, func(_ []byte, _ Stand, size int64) error { ends = append(ends, size); return nil }))
	turned := 0
	for at := 0; at < len(whole); at += 17 {
		bad := bytes.Clone(whole)
		bad[at] ^= 1 << (at % 8)
		must(t, os.WriteFile(file, bad, 0o600))
		_, _, readErr := readSecond(dir, Identities{})
		k, openErr := OpenCopy(dir, genesis, Recipients{})
		after, err := os.ReadFile(file)
		must(t, err)
		turned++
		if int64(at) < ends[3] { // whole batches stand behind the damage
			if !isNamed(readErr) || openErr == nil || !bytes.Equal(after, bad) {
				t.Fatalf("byte %d turned: read %v, opened %v, changed %t", at, readErr, openErr, !bytes.Equal(after, bad))
			}
			continue
		}
		if readErr != nil || openErr != nil || k.Stand().Commits != 16 { // what a crash may leave
			t.Fatalf("byte %d of the last batch turned: read %v, opened %v", at, readErr, openErr)
		}
		must(t, k.Close())
	}
	t.Logf("%d bits turned", turned)
}

func TestACopyOfAnotherLogOrOfMoreThanThereIsIsRefused(t *testing.T) {
	c, dir := newCourt(t), t.TempDir()
	records := add(t, c, "a", 10)
	must(t, copyOf(t, c, dir, Recipients{}, 3).Close())
	stranger := genesis
	stranger.ID = "aaaa5a7e9b1d2c4e6f8091a2b3c4d5e6"
	if _, err := OpenCopy(dir, stranger, Recipients{}); !errors.Is(err, ErrOtherLog) {
		t.Errorf("another log: %v", err)
	}
	back, parted := memory.New(), newCourt(t)
	replay(t, back, records[:7])
	add(t, parted, "b", 12)
	for name, l := range map[string]struct {
		log  eventlog.Log
		want error
	}{"set back": {back, ErrAhead}, "went another way": {parted, ErrParted}, "emptied": {memory.New(), ErrAhead}, "the same": {c, nil}} {
		k, err := OpenCopy(dir, genesis, Recipients{})
		must(t, err)
		if _, err := OpenCopy(dir, genesis, Recipients{}); !errors.Is(err, ErrTaken) {
			t.Errorf("a second writer: %v", err)
		}
		keeper := NewKeeper(k, l.log, func() (string, string) { return "", "" }, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		if l.want == nil {
			stop()
		}
		if err := keeper.Run(ctx); !errors.Is(err, l.want) {
			t.Errorf("a log that was %s: %v", name, err)
		}
		stop()
		must(t, k.Close())
	}
	got, _, err := readSecond(dir, Identities{})
	must(t, err)
	sameRecords(t, "after all", got, records)
}

// replay fills a log with the records.
func replay(t testing.TB, log eventlog.Filler, records []eventlog.Record) {
	t.Helper()
	if n, err := log.Fill(context.Background(), given(records)); err != nil || n != int64(len(records)) {
		t.Fatal(n, err)
	}
}

func TestSegmentsFollowOneAnother(t *testing.T) {
	c, dir := newCourt(t), t.TempDir()
	add(t, c, "a", 12)
	k, err := OpenCopy(dir, genesis, Recipients{})
	must(t, err)
	all := c.all(t)
	for part := range slices.Chunk(all, 4) {
		must(t, k.Add(part, c.public, ""))
		must(t, k.abandon(nil)) // as after a failed sync: the next batch begins a segment
	}
	must(t, k.Close())
	files := segmentFiles(t, dir)
	if len(files) != 3 {
		t.Fatalf("%v", files)
	}
	// What a failed write left behind the last whole batch, even a whole one, is
	// passed over where the next segment begins.
	first, err := os.ReadFile(files[0])
	must(t, err)
	second, err := os.ReadFile(files[1])
	must(t, err)
	for name, tail := range map[string][]byte{"nothing": nil, "junk": []byte("junk"), "the same batch": second[len(copyMagic):], "half of it": second[len(copyMagic) : len(second)/2]} {
		must(t, os.WriteFile(files[0], append(bytes.Clone(first), tail...), 0o600))
		got, s, err := readSecond(dir, Identities{})
		if err != nil || s.Torn() {
			t.Fatalf("%s behind the first segment: %v", name, err)
		}
		sameRecords(t, name, got, all)
	}
	must(t, os.WriteFile(files[0], first, 0o600))
	for name, spoil := range map[string]func(dir string) error{
		"the first is gone":       func(dir string) error { return os.Remove(filepath.Join(dir, filepath.Base(files[0]))) },
		"the second is gone":      func(dir string) error { return os.Remove(filepath.Join(dir, filepath.Base(files[1]))) },
		"the second is cut short": func(dir string) error { return os.Truncate(filepath.Join(dir, filepath.Base(files[1])), 100) },
		"the first is empty":      func(dir string) error { return os.Truncate(filepath.Join(dir, filepath.Base(files[0])), 0) },
		"a name that is none":     func(dir string) error { return os.WriteFile(filepath.Join(dir, "12"+segments), nil, 0o600) },
		"two are exchanged": func(dir string) error {
			a, b, tmp := filepath.Join(dir, filepath.Base(files[0])), filepath.Join(dir, filepath.Base(files[1])), filepath.Join(dir, "x")
			return errors.Join(os.Rename(a, tmp), os.Rename(b, a), os.Rename(tmp, b))
		},
	} {
		spoilt := filepath.Join(t.TempDir(), "copy")
		must(t, os.CopyFS(spoilt, os.DirFS(dir)))
		must(t, spoil(spoilt))
		if _, _, err := readSecond(spoilt, Identities{}); !isNamed(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAKeeperKeepsUp(t *testing.T) {
	c, dir := newCourt(t), t.TempDir()
	to, with := pair(t)
	add(t, c, "before", 30)
	k, err := OpenCopy(dir, genesis, to)
	must(t, err)
	keeper := NewKeeper(k, c, func() (string, string) { return c.public, "" }, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- keeper.Run(ctx) }()
	for round := range 3 {
		add(t, c, fmt.Sprint("r", round), 20)
		want := int64(len(c.all(t)))
		patience := time.Now().Add(time.Minute) // it bounds a failure only
		for keeper.Lag().Commits < want {
			if time.Now().After(patience) {
				t.Fatalf("%+v, want %d commits", keeper.Lag(), want)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	add(t, c, "last", 7) // not waited for: what the log has when it is told to end is copied still
	stop()
	must(t, <-ended)
	if l := keeper.Lag(); l.Failed != nil || l.Worst == 0 || l.Worst > time.Minute {
		t.Errorf("%+v", l)
	}
	must(t, k.Close())
	got, _, err := readSecond(dir, with)
	must(t, err)
	sameRecords(t, "kept", got, c.all(t))
}

func TestAKeeperWhoseFolderWentAwayTellsAndDoesNotWriteElsewhere(t *testing.T) {
	c, dir := newCourt(t), filepath.Join(t.TempDir(), "copy")
	must(t, os.Mkdir(dir, 0o700))
	add(t, c, "before", 5)
	k := copyOf(t, c, dir, Recipients{}, 5)
	must(t, os.Rename(dir, dir+"-elsewhere"))
	more := add(t, c, "more", 5)
	if err := k.Add(more, c.public, ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into a folder that is gone: %v", err)
	}
	must(t, os.Mkdir(dir, 0o700)) // as where a disk was mounted before
	must(t, os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600))
	keeper := NewKeeper(k, c, func() (string, string) { return c.public, "" }, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- keeper.Run(ctx) }()
	patience := time.Now().Add(time.Minute)
	for keeper.Lag().Failed == nil && time.Now().Before(patience) {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	must(t, <-ended)
	if l := keeper.Lag(); l.Failed == nil || l.Commits != 5 {
		t.Errorf("%+v", l)
	}
	must(t, k.Close())
	if left := segmentFiles(t, dir); len(left) > 0 {
		t.Errorf("it wrote %v", left)
	}
}

func TestLagIsSinceTheCopyLastHadEverything(t *testing.T) {
	start := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	l := newLag(start, Stand{Position: 10})
	want := func(what string, ms, now, worst int) {
		t.Helper()
		gotNow, gotWorst := l.now(at(ms))
		if gotNow != time.Duration(now)*time.Millisecond || gotWorst != time.Duration(worst)*time.Millisecond {
			t.Errorf("%s: %v behind, %v at worst", what, gotNow, gotWorst)
		}
	}
	l.looked(at(100), 10)
	want("level", 150, 0, 0)
	l.looked(at(200), 12)
	want("two behind", 250, 150, 150)
	l.looked(at(300), 12)
	l.looked(at(400), 15)
	l.copied(at(500), 12)
	want("what was seen at 300 is there", 500, 200, 400)
	l.copied(at(600), 15)
	want("all that was seen is there", 600, 0, 400)
	for i := range 10 * sights {
		l.looked(at(1000+100*i), uint64(20+i))
	}
	if len(l.seen) > sights {
		t.Errorf("%d ends are kept", len(l.seen))
	}
	end := 1000 + 100*(10*sights-1)
	l.copied(at(end+50), uint64(20+10*sights-2))
	if now, worst := l.now(at(end + 50)); now < 100*time.Millisecond || now > time.Hour || worst < now {
		t.Errorf("%v behind, %v at worst", now, worst)
	}
}

func TestAStandThatIsNotItsBatchsIsRefused(t *testing.T) {
	c := newCourt(t)
	plain, _ := write(t, Header{Genesis: genesis}, "", add(t, c, "a", 3))
	all := c.all(t)
	batch := sealedBytes(t, plain, Recipients{})
	right := Stand{Log: genesis.ID, Commits: 3, Before: 2, Position: 3, Hash: all[2].Head.Hash}
	for name, change := range map[string]func(s *Stand){
		"as it is":             func(*Stand) {},
		"more commits":         func(s *Stand) { s.Commits = 4 },
		"fewer commits":        func(s *Stand) { s.Commits = 2 },
		"another's last":       func(s *Stand) { s.Hash = all[1].Head.Hash },
		"another log's":        func(s *Stand) { s.Log = "aaaa5a7e9b1d2c4e6f8091a2b3c4d5e6" },
		"no commits in it all": func(s *Stand) { s.Commits = 0 },
	} {
		stand := right
		change(&stand)
		b, err := json.Marshal(stand)
		must(t, err)
		dir := t.TempDir()
		segment := appendFrame(appendFrame([]byte(copyMagic), kindBatch, batch), kindStand, b)
		must(t, os.WriteFile(filepath.Join(dir, segmentName(0)), segment, 0o600))
		if _, _, err := readSecond(dir, Identities{}); (err == nil) != (stand == right) || err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
