package jetstream

import (
	"fmt"
	"sync"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
)

// ids are those of the stream's commits after the head.
func ids(t *testing.T, l *Log, stream string, after eventlog.Head) (list []string) {
	t.Helper()
	for r, err := range l.Read(patient(t), stream, after) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r.ID)
	}
	return list
}

// TestAReadingThatBecameOldIsNotLearnt: while a stream is read it grows, and is
// then forgotten because others are used. What the reader read is old by then.
func TestAReadingThatBecameOldIsNotLearnt(t *testing.T) {
	for name, read := range map[string]func(l *Log, then func()){
		"a reader": func(l *Log, then func()) {
			for range l.Read(patient(t), "dispute-1", eventlog.Head{}) {
				then()
			}
		},
		"two readers": func(l *Log, then func()) {
			for range l.Read(patient(t), "dispute-1", eventlog.Head{}) {
				for range l.Read(patient(t), "dispute-1", eventlog.Head{}) {
					then()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := opened(t, Options{})
			l.known = newKnown(2)
			first := put(t, l, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
			read(l, func() {
				put(t, l, first.Head, eventlogtest.Commit("dispute-1", "b", 1))
				for i := range 3 {
					put(t, l, eventlog.Head{}, eventlogtest.Commit(fmt.Sprint("dispute-other", i), "a", 1))
				}
			})
			if got := ids(t, l, "dispute-1", first.Head); len(got) != 1 || got[0] != "b" {
				t.Errorf("behind the first commit a reader gets %q, b was acknowledged", got)
			}
			if n := len(l.known.reads); n != 0 {
				t.Errorf("%d streams are said to be read", n)
			}
		})
	}
}

// TestWhatOneWasShownNobodyIsDenied: a reader may be shown a record of which
// the answer to its writer has not been taken yet.
func TestWhatOneWasShownNobodyIsDenied(t *testing.T) {
	l := opened(t, Options{})
	first := put(t, l, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1))
	smuggle(t, l, first.Head, eventlogtest.Commit("dispute-1", "b", 1)) // its answer is on its way
	for r, err := range l.Read(patient(t), "dispute-1", eventlog.Head{}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.ID == "b" {
			break // and leaves without having read to the end
		}
	}
	if got := ids(t, l, "dispute-1", first.Head); len(got) != 1 || got[0] != "b" {
		t.Errorf("behind the first commit a reader gets %q, another was shown b", got)
	}
}

// TestReadersNeverGoBackWithNextToNoMemory races readers, each with a head of
// its own, against writers of streams that push each other out of memory: no
// reader is ever shown less than was acknowledged before it began.
func TestReadersNeverGoBackWithNextToNoMemory(t *testing.T) {
	const streams, commits, readers = 3, 40, 2
	l := opened(t, Options{})
	l.known = newKnown(2)
	var acked [streams]struct {
		sync.Mutex
		heads []eventlog.Head
	}
	var all sync.WaitGroup
	for s := range streams {
		name := fmt.Sprint("dispute-", s)
		all.Go(func() {
			var at eventlog.Head
			for i := range commits {
				r, err := l.Append(patient(t), at, eventlogtest.Commit(name, fmt.Sprint("c", i), 1))
				if err != nil {
					t.Error(err)
					return
				}
				at = r.Head
				acked[s].Lock()
				acked[s].heads = append(acked[s].heads, at)
				acked[s].Unlock()
			}
		})
		for range readers {
			all.Go(func() {
				for n := 0; n < commits; {
					acked[s].Lock()
					n = len(acked[s].heads)
					heads := acked[s].heads
					acked[s].Unlock()
					var after eventlog.Head
					if n > 1 {
						after = heads[n-1-n%2]
					}
					length := after.Length
					for r, err := range l.Read(patient(t), name, after) {
						if err != nil {
							t.Error(err)
							return
						}
						length = r.Head.Length
					}
					if length < int64(n) {
						t.Errorf("%s: a reader saw %d commits, %d had been acknowledged", name, length, n)
						return
					}
				}
			})
		}
	}
	all.Wait()
}

func TestTheContractWithNextToNoMemory(t *testing.T) {
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		l := opened(t, Options{})
		l.known = newKnown(2)
		return l
	})
}
