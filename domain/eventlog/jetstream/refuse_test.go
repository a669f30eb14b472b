package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
		"the stream's folder is bare": {func(t *testing.T, _, home string) { remove(t, home, "store/jetstream/$G/streams/EV/msgs") }, jetstream.ErrShortened, "0 records"},
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
		}, eventlog.ErrCorrupt, "position 7"},
		"the tail was cut off in a crash": {func(t *testing.T, _, home string) {
			turn(t, home, `"id":"c3"`)
			remove(t, home, "store/jetstream/$G/streams/EV/msgs/index.db")
		}, jetstream.ErrShortened, "had 7"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := court(t, 6)
			c.spoil(t, dir, filepath.Join(dir, "eventlog"))
			refused(t, name, dir, c.want, c.names)
			if !jetstream.Exists(dir) {
				t.Error("the folder is said to hold no log: a program might make a new one over it")
			}
			if err := jetstream.Create(dir, eventlog.NewGenesis(""), jetstream.Options{}); !errors.Is(err, jetstream.ErrExists) {
				t.Errorf("a new log over it: %v", err)
			}
		})
	}
}

func TestABitTurnedInTheMiddleIsReportedByEveryReader(t *testing.T) {
	dir := court(t, 6)
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
