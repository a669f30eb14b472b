package wire

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
	"doorstep/domain/operations"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
)

// desk is one room's rules, asked for the state of a stream.
type desk struct {
	stream func(n int) string
	forms  map[string]bool // KIND.vN that no golden file was seen of
	load   func(t *testing.T, log eventlog.Log, stream string)
}

func deskOf[S, C any, E codec.Event](c *codec.Codec[E], d decide.Decider[S, C, E], stream func(int) string) desk {
	forms := map[string]bool{}
	for _, f := range c.Forms() {
		forms[fmt.Sprintf("%s.v%d", f.Kind, f.Version)] = true
	}
	return desk{stream, forms, func(t *testing.T, log eventlog.Log, stream string) {
		if _, head, err := decide.NewDesk(log, d, c, 10).Load(t.Context(), stream); err != nil || head.Length != 1 {
			t.Errorf("%s: %d commits, %v", stream, head.Length, err)
		}
	}}
}

// TestEveryFormEverWrittenIsReadByRulesAndViews walks all golden files of stored
// events through a log, the deciders and all views.
func TestEveryFormEverWrittenIsReadByRulesAndViews(t *testing.T) {
	rooms := map[string]desk{
		"mediation":    deskOf(mediation.Codec, mediation.Decider, func(n int) string { return mediation.Stream(fmt.Sprint("g", n)) }),
		"confirmation": deskOf(confirmation.Codec, confirmation.Decider, func(n int) string { return confirmation.Stream(fmt.Sprint("g", n)) }),
		"roster":       deskOf(roster.Codec, roster.Decider, func(n int) string { return roster.StationStream(fmt.Sprint("g", n)) }),
		"supervision":  deskOf(supervision.Codec, supervision.Decider, func(n int) string { return supervision.Stream(fmt.Sprint("g", n)) }),
		"operations":   deskOf(operations.Codec, operations.Decider, func(int) string { return operations.Stream }),
	}
	paths, err := filepath.Glob("../../../domain/*/testdata/events/*.json")
	if err != nil {
		t.Fatal(err)
	}
	log, walked := memory.New(), 0
	heads := map[string]eventlog.Head{}
	for n, path := range paths {
		part := regexp.MustCompile(`^((.+)\.v(\d+))(\.[a-z0-9-]+)?\.json$`).FindStringSubmatch(filepath.Base(path))
		room, known := rooms[filepath.Base(filepath.Dir(filepath.Dir(filepath.Dir(path))))]
		if part == nil || !known {
			t.Fatalf("%s: of which room is it?", path)
		}
		if bytes.HasSuffix([]byte(path), []byte(".lifted.json")) {
			continue
		}
		payload, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		version, _ := strconv.Atoi(part[3])
		stream := room.stream(n)
		r, err := log.Append(t.Context(), heads[stream], eventlog.Commit{ID: fmt.Sprint("c", n), Stream: stream, RecordedAt: time.Date(2024, 1, 1, 0, 0, n, 0, time.UTC), Actor: "u-1",
			Events: []eventlog.Event{{Kind: part[2], Version: version, Happened: "2021-06-05", Payload: payload}}})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if heads[stream] = r.Head; stream != operations.Stream {
			room.load(t, log, stream)
		}
		delete(room.forms, part[1])
		walked++
	}
	for name, room := range rooms {
		for form := range room.forms {
			t.Errorf("domain/%s/testdata/events has no file of %s", name, form)
		}
	}
	views, err := openViews(t.TempDir(), log, time.Now, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer views.close()
	go func() { _ = views.Follower.Run(t.Context()) }()
	if err := views.Follower.CatchUp(t.Context()); err != nil {
		t.Error(err)
	}
	if walked < 60 {
		t.Errorf("only %d files were walked", walked)
	}
	t.Logf("%d files walked", walked)
}
