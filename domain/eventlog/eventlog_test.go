package eventlog_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"

	"pgregory.net/rapid"
)

func TestWhatIsSealedIsWhatIsOpened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCommit(t)
		at := eventlog.Head{Length: rapid.Int64Range(0, 1<<40).Draw(t, "length")}
		copy(at.Hash[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"))
		sealed, bytes, err := eventlog.Seal(at, c)
		if err != nil {
			t.Fatal(err)
		}
		r, err := eventlog.Open(bytes)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Follows(at); err != nil {
			t.Fatal(err)
		}
		again, bytes2, err := eventlog.Seal(at, r.Commit)
		if err != nil || string(bytes2) != string(bytes) {
			t.Fatalf("sealed again it reads\n%s\nand was\n%s (%v)", bytes2, bytes, err)
		}
		left, _ := json.Marshal(sealed)
		right, _ := json.Marshal(again)
		if string(left) != string(right) || !reflect.DeepEqual(sealed.Events, r.Events) || !r.SameDeed(c) || !c.SameDeed(sealed) || !r.RecordedAt.Equal(sealed.RecordedAt) {
			t.Fatalf("Seal says %s, Open says %s", left, right)
		}
	})
}

// anyCommit is a well-formed commit of any contents.
func anyCommit(t *rapid.T) eventlog.Commit {
	text := rapid.String()
	name := rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`)
	payload := rapid.Custom(func(t *rapid.T) json.RawMessage {
		v, err := json.Marshal(map[string]any{text.Draw(t, "key"): text.Draw(t, "value"), "n": rapid.Float64().Draw(t, "n")})
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "spaced") {
			return json.RawMessage(strings.ReplaceAll(" "+string(v), ":", " : ")) // also within strings: another text, still JSON
		}
		return v
	})
	c := eventlog.Commit{
		Stream: rapid.StringMatching(`[a-z]{1,12}`).Draw(t, "kind") + "-" + name.Draw(t, "stream"), ID: name.Draw(t, "id"),
		RecordedAt: time.Unix(rapid.Int64Range(0, 1<<34).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")),
		Actor:      text.Draw(t, "actor"), Trace: text.Draw(t, "trace"),
	}
	for range rapid.IntRange(1, 4).Draw(t, "events") {
		c.Events = append(c.Events, eventlog.Event{
			Kind: "k" + text.Draw(t, "event"), Version: rapid.IntRange(1, 9).Draw(t, "v"), Happened: "2026-03-01", Payload: payload.Draw(t, "payload"),
		})
	}
	return c
}

func TestTheStoredFormOfACommitDoesNotChange(t *testing.T) {
	c := eventlogtest.Commit("dispute-0f3c", "deed-1", 1)
	c.Events[0].Payload = json.RawMessage("{ \"note\": \"<家门口>\" }")
	var first eventlog.Hash
	first[0] = 0xab
	for _, want := range []struct {
		at     eventlog.Head
		sealed string
	}{
		{
			eventlog.Head{},
			`{"id":"deed-1","stream":"dispute-0f3c","version":0,"recorded":"2026-03-02T01:30:00Z","actor":"u-17","workstation":"ws-3","correlation":"imp-1","causation":"cmd-1","trace":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","events":[{"kind":"filed","v":1,"happened":"2026-03-01","data":{"note":"<家门口>"}}]}`,
		},
		{
			eventlog.Head{Length: 1, Hash: first},
			`{"id":"deed-1","stream":"dispute-0f3c","version":1,"previous":"ab00000000000000000000000000000000000000000000000000000000000000","recorded":"2026-03-02T01:30:00Z","actor":"u-17","workstation":"ws-3","correlation":"imp-1","causation":"cmd-1","trace":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","events":[{"kind":"filed","v":1,"happened":"2026-03-01","data":{"note":"<家门口>"}}]}`,
		},
	} {
		_, sealed, err := eventlog.Seal(want.at, c)
		if err != nil {
			t.Fatal(err)
		}
		if string(sealed) != want.sealed {
			t.Errorf("sealed as\n%s\nwant\n%s", sealed, want.sealed)
		}
	}
}

func TestACommitThatDoesNotFollowIsDamage(t *testing.T) {
	_, sealed, err := eventlog.Seal(eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
	if err != nil {
		t.Fatal(err)
	}
	r, err := eventlog.Open(sealed)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Follows(eventlog.Head{}); err != nil {
		t.Error(err)
	}
	for _, at := range []eventlog.Head{{Length: 1}, {Hash: r.Head.Hash}, r.Head} {
		if err := r.Follows(at); !errors.Is(err, eventlog.ErrCorrupt) || !strings.Contains(err.Error(), "dispute-1") {
			t.Errorf("behind %+v: %v", at, err)
		}
	}
}

func TestAHashIsReadAsItIsWritten(t *testing.T) {
	var h, read eventlog.Hash
	h[0], h[31] = 1, 0xfe
	for _, want := range []eventlog.Hash{{}, h} {
		b, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if err := read.UnmarshalText(b); err != nil || read != want {
			t.Errorf("%s is read as %s (%v)", b, read, err)
		}
	}
	for _, bad := range []string{"00", "zz" + h.String()[2:], h.String() + "00", "0"} {
		if err := read.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is read as a hash", bad)
		}
	}
}

func TestAPositionIsReadAsItIsWritten(t *testing.T) {
	for _, token := range []uint64{0, 1, 42, 1<<64 - 1} {
		p := eventlog.PositionAt(token)
		if read, err := eventlog.ParsePosition(p.String()); err != nil || read != p {
			t.Errorf("%s is read as %s (%v)", p, read, err)
		}
	}
	for _, bad := range []string{"", "-1", "1.5", "0x1", "18446744073709551616", " 1", "一"} {
		if p, err := eventlog.ParsePosition(bad); err == nil {
			t.Errorf("%q is read as %s", bad, p)
		}
	}
}

func TestOnlyAnotherDeedIsAnotherDeed(t *testing.T) {
	c := eventlogtest.Commit("dispute-1", "a", 2)
	later := c
	later.RecordedAt, later.Actor, later.Version, later.Trace = c.RecordedAt.Add(time.Hour), "u-2", 9, ""
	if !c.SameDeed(later) || !later.SameDeed(c) {
		t.Error("the same deed recorded later counts as another")
	}
	for name, change := range map[string]func(*eventlog.Commit){
		"id":      func(c *eventlog.Commit) { c.ID = "b" },
		"stream":  func(c *eventlog.Commit) { c.Stream = "dispute-2" },
		"fewer":   func(c *eventlog.Commit) { c.Events = c.Events[:1] },
		"order":   func(c *eventlog.Commit) { c.Events[0], c.Events[1] = c.Events[1], c.Events[0] },
		"payload": func(c *eventlog.Commit) { c.Events[1].Payload = json.RawMessage(`{"n":1.0}`) },
	} {
		other := eventlogtest.Commit("dispute-1", "a", 2)
		change(&other)
		if c.SameDeed(other) || other.SameDeed(c) {
			t.Errorf("%s: another deed counts as the same", name)
		}
	}
}

// FuzzOpen: whatever bytes a store gives back, reading them ends with a record
// that says how long its stream is, or with ErrCorrupt.
func FuzzOpen(f *testing.F) {
	_, sealed, err := eventlog.Seal(eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 2))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[:len(sealed)/2])
	f.Add([]byte("null"))
	f.Add([]byte(`{"version":-1,"previous":"00"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := eventlog.Open(b)
		if err != nil {
			if !errors.Is(err, eventlog.ErrCorrupt) {
				t.Errorf("%v", err)
			}
			return
		}
		if r.Head.Length != r.Version+1 {
			t.Errorf("version %d, head %+v", r.Version, r.Head)
		}
	})
}
