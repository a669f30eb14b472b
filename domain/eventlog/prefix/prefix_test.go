package prefix

import (
	"fmt"
	"testing"

	"doorstep/domain/eventlog"
)

// headAt is some head of that length.
func headAt(length int64) eventlog.Head {
	if length == 0 {
		return eventlog.Head{}
	}
	return eventlog.Head{Revision: eventlog.RevisionAt(uint64(length - 1)), Length: length, Hash: eventlog.Hash{byte(length)}}
}

func TestWhatIsKnownOfAStreamIsAlwaysItsWholeBeginning(t *testing.T) {
	k := New(100)
	k.Learn("dispute-1", headAt(1), headAt(2), "b") // the beginning is not known
	if head, seen := k.Look("dispute-1", "b"); head.Exists() || seen {
		t.Errorf("a stream is known from its midst: %+v", head)
	}
	k.Learn("dispute-1", headAt(0), headAt(2), "a", "b")
	forked := headAt(3)
	forked.Hash[5] = 1
	for _, misfit := range []func(){
		func() { k.Learn("dispute-1", headAt(0), headAt(1), "a") },      // shorter
		func() { k.Learn("dispute-1", headAt(0), headAt(3), "x") },      // not joining on
		func() { k.Learn("dispute-1", headAt(3), headAt(4), "y") },      // after a gap
		func() { k.Learn("dispute-1", forked, headAt(4), "z") },         // of another history
		func() { k.Learn("dispute-2", headAt(0), headAt(0)) },           // nothing
		func() { k.Learn("dispute-1", headAt(2), headAt(2), "nobody") }, // no step
	} {
		misfit()
		if head, _ := k.Look("dispute-1", ""); head != headAt(2) {
			t.Fatalf("then it is known up to %+v", head)
		}
	}
	k.Learn("dispute-1", headAt(2), headAt(3), "c")
	for id, want := range map[string]bool{"a": true, "b": true, "c": true, "x": false, "y": false, "z": false, "nobody": false} {
		if _, seen := k.Look("dispute-1", id); seen != want {
			t.Errorf("%s: seen %t", id, seen)
		}
	}
}

func TestTheStreamsUsedLongestAgoAreForgotten(t *testing.T) {
	k := New(10)
	for i := range 8 {
		k.Learn(fmt.Sprint("dispute-", i), headAt(0), headAt(2), "a", "b")
		k.Look("dispute-0", "") // in use
	}
	if k.ids > 10 || len(k.streams) != k.order.Len() {
		t.Errorf("%d ids, %d streams, %d in order", k.ids, len(k.streams), k.order.Len())
	}
	for i, want := range map[int]bool{0: true, 1: false, 7: true} {
		if head, _ := k.Look(fmt.Sprint("dispute-", i), ""); head.Exists() != want {
			t.Errorf("stream %d is known: %t", i, head.Exists())
		}
	}
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = fmt.Sprint("long", i)
	}
	k.Learn("dispute-long", headAt(0), headAt(50), ids...)
	if head, seen := k.Look("dispute-long", "long49"); head != headAt(50) || !seen || len(k.streams) != 1 {
		t.Errorf("a long stream is known up to %d, beside %d others", head.Length, len(k.streams)-1)
	}
}
