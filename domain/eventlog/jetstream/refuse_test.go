package jetstream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
)

// court makes a log of n commits in a folder and gives the folder.
func court(t *testing.T, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "court")
	if err := jetstream.Create(dir, eventlog.NewGenesis("雨花"), jetstream.Options{}); err != nil {
		t.Fatal(err)
	}
	add(t, dir, "dispute-1", n)
	return dir
}

// add opens the log, appends n commits to a stream and closes it.
func add(t *testing.T, dir, stream string, n int) {
	t.Helper()
	log, err := jetstream.Open(dir, jetstream.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var at eventlog.Head
	for i := range n {
		r, err := log.Append(context.Background(), at, eventlogtest.Commit(stream, fmt.Sprint("c", i), 1))
		if err != nil {
			t.Fatal(err)
		}
		at = r.Head
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// refused checks that the folder is not opened, and that trying changed
// nothing: what is refused today must be refused tomorrow for the same reason.
func refused(t *testing.T, name, dir string, want error, names string) {
	t.Helper()
	for range 2 {
		log, err := jetstream.Open(dir, jetstream.Options{})
		if err == nil {
			t.Errorf("%s: the log was opened", name)
			_ = log.Close()
			return
		}
		if !errors.Is(err, want) || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: %v, want %q with %q", name, err, want, names)
		}
	}
}

func TestAFolderWithoutALogIsRefusedAndLeftAsItWas(t *testing.T) {
	empty := t.TempDir()
	refused(t, "an empty folder", empty, jetstream.ErrNoLog, empty)
	refused(t, "no folder", filepath.Join(empty, "none"), jetstream.ErrNoLog, "none")
	if left, err := os.ReadDir(empty); len(left) != 0 || err != nil {
		t.Errorf("opening left %v behind (%v)", left, err)
	}
	if jetstream.Exists(empty) || jetstream.Exists(filepath.Join(empty, "none")) {
		t.Error("a folder without a log is said to hold one")
	}
}

func TestALogIsMadeOnceAndOnlyInAFolderOfItsOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	made := eventlog.NewGenesis("雨花")
	if err := jetstream.Create(dir, made, jetstream.Options{}); err != nil {
		t.Fatal(err)
	}
	if len(made.ID) != 32 || made.Court != "雨花" || time.Since(made.Created) > time.Hour {
		t.Errorf("genesis %+v", made)
	}
	if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); !errors.Is(err, jetstream.ErrExists) {
		t.Errorf("made again: %v", err)
	}
	log, err := jetstream.Open(dir, jetstream.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if log.Genesis() != made {
		t.Errorf("opened as %+v, made as %+v", log.Genesis(), made)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}

	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.docx"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := jetstream.Create(foreign, eventlog.NewGenesis(""), jetstream.Options{}); !errors.Is(err, jetstream.ErrForeign) || !strings.Contains(err.Error(), "thesis.docx") {
		t.Errorf("in a foreign folder: %v", err)
	}
	if left, _ := os.ReadDir(foreign); len(left) != 1 {
		t.Errorf("the foreign folder now holds %v", left)
	}

	known := t.TempDir()
	for _, name := range []string{"doorstep.toml", "views"} {
		if err := os.WriteFile(filepath.Join(known, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := jetstream.Create(known, eventlog.NewGenesis(""), jetstream.Options{}); !errors.Is(err, jetstream.ErrForeign) {
		t.Errorf("beside a name that was not allowed: %v", err)
	}
	if err := jetstream.Create(known, eventlog.NewGenesis(""), jetstream.Options{Beside: []string{"views"}}); err != nil {
		t.Errorf("beside files of Doorstep's own: %v", err)
	}
}

func TestAFolderThatIsNotAsItWasLeftIsRefusedByName(t *testing.T) {
	other := court(t, 9)
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir, home string)
		want  error
		names string
	}{
		"the genesis file is gone": {func(t *testing.T, _, home string) { remove(t, home, "genesis.json") }, jetstream.ErrNoLog, "genesis.json"},
		"the genesis file is another log's": {func(t *testing.T, _, home string) {
			exchange(t, filepath.Join(other, "eventlog"), home, "genesis.json")
		}, jetstream.ErrOtherLog, "first record"},
		"the genesis file is of a later form": {func(t *testing.T, _, home string) {
			write(t, home, "genesis.json", `{"id":"0123456789abcdef","form":2}`)
		}, jetstream.ErrOtherLog, "genesis.json"},
		"the mark is gone":            {func(t *testing.T, _, home string) { remove(t, home, "mark") }, jetstream.ErrShortened, "mark"},
		"the mark cannot be read":     {func(t *testing.T, _, home string) { write(t, home, "mark", "?") }, jetstream.ErrShortened, "mark"},
		"the store is gone":           {func(t *testing.T, _, home string) { remove(t, home, "store") }, jetstream.ErrShortened, "the store is gone"},
		"the store is empty":          {func(t *testing.T, _, home string) { remove(t, home, "store/jetstream") }, jetstream.ErrShortened, "holds nothing"},
		"the stream's folder is bare": {func(t *testing.T, _, home string) { remove(t, home, stream+"msgs") }, jetstream.ErrShortened, "no record, and had 7"},
		"the store is another log's": {func(t *testing.T, _, home string) {
			copied(t, filepath.Join(other, "eventlog", "store"), filepath.Join(home, "store"))
		}, jetstream.ErrOtherLog, "first record"},
		"the store is yesterday's": {func(t *testing.T, dir, home string) {
			kept := filepath.Join(t.TempDir(), "store")
			copied(t, filepath.Join(home, "store"), kept)
			add(t, dir, "dispute-2", 3)
			copied(t, kept, filepath.Join(home, "store"))
		}, jetstream.ErrShortened, "ends at 7, and had 10"},
		"the store went another way": {func(t *testing.T, dir, home string) {
			kept := filepath.Join(t.TempDir(), "eventlog")
			copied(t, home, kept)
			add(t, dir, "dispute-2", 3)
			marked, err := os.ReadFile(filepath.Join(home, "mark"))
			if err != nil {
				t.Fatal(err)
			}
			copied(t, kept, home)
			add(t, dir, "dispute-3", 4)
			write(t, home, "mark", string(marked))
		}, jetstream.ErrOtherLog, "another record"},
		"records were taken out": {func(t *testing.T, _, home string) {
			var settings js.StreamConfig
			var kept []*nats.Msg
			tamper(t, home, func(ctx context.Context, s js.JetStream) (err error) {
				settings, kept, err = contents(ctx, s)
				return err
			})
			remove(t, home, "store/jetstream")
			settings.DenyDelete, settings.DenyPurge = false, false // the server lets nobody switch that later
			tamper(t, home, func(ctx context.Context, s js.JetStream) error {
				st, err := s.CreateStream(ctx, settings)
				for _, m := range kept {
					if err == nil {
						_, err = s.PublishMsg(ctx, m)
					}
				}
				if err != nil {
					return err
				}
				return st.DeleteMsg(ctx, 4)
			})
		}, jetstream.ErrShortened, "1 taken out"},
		"old records may go away": {func(t *testing.T, _, home string) {
			tamper(t, home, func(ctx context.Context, s js.JetStream) error {
				st, err := s.Stream(ctx, "EV")
				if err != nil {
					return err
				}
				c := st.CachedInfo().Config
				c.MaxAge = 24 * time.Hour
				_, err = s.UpdateStream(ctx, c)
				return err
			})
		}, jetstream.ErrAltered, "retention"},
		"a bit of the last record is turned": {func(t *testing.T, _, home string) {
			turn(t, home, `"id":"c5"`)
		}, jetstream.ErrDamaged, "behind position 6"},
		"a bit is turned and the index is gone, as after a crash": {func(t *testing.T, _, home string) {
			turn(t, home, `"id":"c3"`)
			remove(t, home, messages+"index.db")
		}, jetstream.ErrDamaged, "behind position 4; it had come to 7"},
		"the last record is torn": {func(t *testing.T, _, home string) { shorten(t, home, messages+"1.blk", 30) }, jetstream.ErrDamaged, "behind position 6"},
		"the last record is gone": {func(t *testing.T, _, home string) {
			shorten(t, home, messages+"1.blk", lastRecord(t, home))
		}, jetstream.ErrShortened, "ends at 6, and had 7"},
		"the newest block is empty":     {func(t *testing.T, _, home string) { write(t, home, messages+"1.blk", "") }, jetstream.ErrShortened, "ends at 0"},
		"a block is missing":            {func(t *testing.T, _, home string) { rename(t, home, messages+"1.blk", messages+"2.blk") }, jetstream.ErrShortened, "1.blk is missing"},
		"a stranger's block":            {func(t *testing.T, _, home string) { write(t, home, messages+"x.blk", "") }, jetstream.ErrOtherLog, "x.blk"},
		"the settings are damaged":      {func(t *testing.T, _, home string) { shorten(t, home, stream+"meta.inf", 1) }, jetstream.ErrDamaged, "meta.inf"},
		"the settings' hash is missing": {func(t *testing.T, _, home string) { remove(t, home, stream+"meta.sum") }, jetstream.ErrDamaged, "meta.sum"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := court(t, 6)
			c.spoil(t, dir, filepath.Join(dir, "eventlog"))
			before := records(t, dir)
			refused(t, name, dir, c.want, c.names)
			if !maps.Equal(before, records(t, dir)) {
				t.Error("what was refused was changed")
			}
			if !jetstream.Exists(dir) {
				t.Error("the folder is said to hold no log: a program might make a new one over it")
			}
			if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); !errors.Is(err, jetstream.ErrExists) {
				t.Errorf("a new log over it: %v", err)
			}
		})
	}
}

// The store's folders, in the log's.
const (
	stream   = "store/jetstream/$G/streams/EV/"
	messages = stream + "msgs/"
)

// records are the store's blocks, by name.
func records(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	names, err := filepath.Glob(filepath.Join(dir, "eventlog", messages, "*.blk"))
	for _, name := range names {
		b, e := os.ReadFile(name)
		err = errors.Join(err, e)
		found[name] = string(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// shorten cuts the last n bytes of a file off.
func shorten(t *testing.T, home, name string, n int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(home, name))
	if err != nil {
		t.Fatal(err)
	}
	write(t, home, name, string(b[:len(b)-n]))
}

// lastRecord is the length of the last record in the first block.
func lastRecord(t *testing.T, home string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(home, messages, "1.blk"))
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for at := 0; at < len(b); at += last {
		last = int(binary.LittleEndian.Uint32(b[at:]) &^ (1 << 31))
	}
	return last
}

func rename(t *testing.T, home, from, to string) {
	t.Helper()
	if err := os.Rename(filepath.Join(home, from), filepath.Join(home, to)); err != nil {
		t.Fatal(err)
	}
}

// TestAnEndTornBeforeItWasAcknowledgedIsPutAsideAndTold: the log had come to 7,
// more was written, and the machine went down before any of it was synced.
func TestAnEndTornBeforeItWasAcknowledgedIsPutAsideAndTold(t *testing.T) {
	for name, c := range map[string]struct {
		cut  int // bytes of the last record
		ends uint64
	}{"a byte is missing": {1, 9}, "half is missing": {200, 9}, "a byte is left": {-1, 9}, "all is missing": {0, 9}, "nothing is missing": {-2, 10}} {
		t.Run(name, func(t *testing.T) {
			dir := court(t, 6)
			home := filepath.Join(dir, "eventlog")
			mark, err := os.ReadFile(filepath.Join(home, "mark"))
			if err != nil {
				t.Fatal(err)
			}
			add(t, dir, "dispute-2", 3)
			write(t, home, "mark", string(mark))
			torn := int64(lastRecord(t, home) - c.cut)
			switch c.cut {
			case -1:
				torn = 1
			case -2, 0:
				torn = 0
			}
			if c.ends == 9 {
				shorten(t, home, messages+"1.blk", lastRecord(t, home)-int(torn))
			}
			for again := range 2 {
				var told bytes.Buffer
				log, err := jetstream.Open(dir, jetstream.Options{Logger: slog.New(slog.NewTextHandler(&told, nil))})
				if err != nil {
					t.Fatal(err)
				}
				if end, err := log.End(t.Context()); err != nil || end.Token() != c.ends {
					t.Errorf("it ends at %s, want %d (%v)", end, c.ends, err)
				}
				list, err := log.Torn()
				switch {
				case torn == 0 && len(list) != 0:
					t.Errorf("%+v was put aside", list)
				case torn > 0 && (len(list) != 1 || list[0].After != 9 || list[0].Bytes != torn || time.Since(list[0].When) > time.Hour):
					t.Errorf("%+v was put aside, want %d bytes (%v)", list, torn, err)
				}
				if said := strings.Contains(told.String(), "put aside"); said != (torn > 0 && again == 0) {
					t.Errorf("opened %d times it says: %s", again+1, &told)
				}
				if rep, err := eventlog.Verify(t.Context(), log); err != nil || rep.End.Token() != c.ends {
					t.Errorf("%+v, %v", rep, err)
				}
				if err := log.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestAnIndexAheadOfItsBlocksIsNotBelieved: the server would make room for the
// records that the index counts, and the log would have a hole.
func TestAnIndexAheadOfItsBlocksIsNotBelieved(t *testing.T) {
	dir := court(t, 6)
	home := filepath.Join(dir, "eventlog")
	mark, err := os.ReadFile(filepath.Join(home, "mark"))
	if err != nil {
		t.Fatal(err)
	}
	add(t, dir, "dispute-2", 1)
	write(t, home, "mark", string(mark))
	shorten(t, home, messages+"1.blk", lastRecord(t, home))
	add(t, dir, "dispute-2", 2)
	refusedNot(t, dir)
}

func refusedNot(t *testing.T, dir string) {
	t.Helper()
	log, err := jetstream.Open(dir, jetstream.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := eventlog.Verify(t.Context(), log); err != nil {
		t.Error(err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

// thick makes a log of several blocks.
func thick(t *testing.T, n int) string {
	t.Helper()
	dir := court(t, 0)
	log, err := jetstream.Open(dir, jetstream.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var at eventlog.Head
	for i := range n {
		c := eventlogtest.Commit("dispute-1", fmt.Sprint("c", i), 1)
		c.Trace = strings.Repeat("x", eventlog.MaxCommit-1024)
		r, err := log.Append(context.Background(), at, c)
		if err != nil {
			t.Fatal(err)
		}
		at = r.Head
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAfterACrashEveryBlockIsReadBeforeTheServerReadsIt(t *testing.T) {
	dir := thick(t, 40)
	home := filepath.Join(dir, "eventlog")
	if n := len(records(t, dir)); n < 3 {
		t.Fatalf("%d blocks: this test would test nothing", n)
	}
	turn(t, home, `"id":"c2"`)
	remove(t, home, messages+"index.db")
	before := records(t, dir)
	refused(t, "a bit turned in the first block", dir, jetstream.ErrDamaged, "1.blk")
	if !maps.Equal(before, records(t, dir)) {
		t.Error("what was refused was changed")
	}
	remove(t, home, messages+"2.blk")
	refused(t, "no second block", dir, jetstream.ErrShortened, "2.blk is missing")
}

func TestABitTurnedInTheMiddleIsReportedByEveryReader(t *testing.T) {
	dir := thick(t, 20)
	turn(t, filepath.Join(dir, "eventlog"), `"id":"c2"`)
	log, err := jetstream.Open(dir, jetstream.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	n := 0
	for _, e := range log.Follow(ctx, eventlog.Position{}) {
		if err = e; err != nil {
			break
		}
		n++
	}
	if !errors.Is(err, eventlog.ErrCorrupt) || n > 2 {
		t.Errorf("a follower got %d records and %v", n, err)
	}
	err = nil
	for _, e := range log.Read(ctx, "dispute-1", eventlog.Head{}) {
		err = e
	}
	if !errors.Is(err, eventlog.ErrCorrupt) || !strings.Contains(err.Error(), "dispute-1 version 3") {
		t.Errorf("a reader got %v", err)
	}
	if _, err = eventlog.Verify(ctx, log); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("verifying gives %v", err)
	}
}

func remove(t *testing.T, home, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(home, filepath.FromSlash(name))); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, home, name, contents string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(home, name), []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
}

func exchange(t *testing.T, from, to, name string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(from, name))
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, name, string(b))
}

// turn turns one bit of the stored text that follows needle.
func turn(t *testing.T, home, needle string) {
	t.Helper()
	found := false
	err := filepath.WalkDir(filepath.Join(home, "store"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".blk" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if i := strings.Index(string(b), needle); i >= 0 {
			b[i+len(needle)+12] ^= 1
			found = true
			return os.WriteFile(path, b, 0o600)
		}
		return nil
	})
	if err != nil || !found {
		t.Fatalf("%q: found %v, %v", needle, found, err)
	}
}

// tamper opens the store with a server of its own, as somebody might who knows
// NATS and not Doorstep.
func tamper(t *testing.T, home string, deed func(context.Context, js.JetStream) error) {
	t.Helper()
	s, err := server.NewServer(&server.Options{DontListen: true, JetStream: true, StoreDir: filepath.Join(home, "store"), NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer func() {
		s.Shutdown()
		s.WaitForShutdown()
	}()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not start")
	}
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	stream, err := js.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := deed(ctx, stream); err != nil {
		t.Fatal(err)
	}
}

// contents are the stream's settings and all its records.
func contents(ctx context.Context, s js.JetStream) (js.StreamConfig, []*nats.Msg, error) {
	st, err := s.Stream(ctx, "EV")
	if err != nil {
		return js.StreamConfig{}, nil, err
	}
	var kept []*nats.Msg
	for seq := uint64(1); seq <= st.CachedInfo().State.LastSeq; seq++ {
		m, err := st.GetMsg(ctx, seq)
		if err != nil {
			return js.StreamConfig{}, nil, err
		}
		kept = append(kept, &nats.Msg{Subject: m.Subject, Data: m.Data})
	}
	return st.CachedInfo().Config, kept, nil
}
