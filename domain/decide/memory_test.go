package decide

import (
	"testing"

	"doorstep/domain/eventlog"
)

func state(length int64) remembered[string] {
	return remembered[string]{state: string(rune('a' + length)), head: eventlog.Head{Length: length}}
}

func TestTheNewestStateIsRemembered(t *testing.T) {
	m := newMemory[string](2)
	m.keep("s1", state(2))
	m.keep("s1", state(1)) // a slower desk comes late
	if r, ok := m.recall("s1"); !ok || r.head.Length != 2 {
		t.Errorf("%+v, %v", r, ok)
	}
	m.keep("s1", state(3))
	if r, _ := m.recall("s1"); r.head.Length != 3 || r.state != "d" {
		t.Errorf("%+v", r)
	}
}

func TestTheStreamsLastUsedAreRemembered(t *testing.T) {
	m := newMemory[string](2)
	m.keep("s1", state(1))
	m.keep("s2", state(1))
	m.recall("s1")
	m.keep("s3", state(1))
	for stream, want := range map[string]bool{"s1": true, "s2": false, "s3": true} {
		if _, ok := m.recall(stream); ok != want {
			t.Errorf("%s is remembered: %v", stream, ok)
		}
	}
	if least := newMemory[string](0); least.limit != 1 {
		t.Errorf("a memory of %d", least.limit)
	}
}
