package eventlogtest

import (
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"

	"github.com/anishathalye/porcupine"
)

// A caller who never hears of his append, on a machine that is too slow, once
// made of a sound log one that no order explains: the append was kept, others
// saw it, and the history lacked it.
func TestAnAppendWithoutAnAnswerMakesNoHistoryIllegal(t *testing.T) {
	d, s := deskOf(t, memory.New()), fresh("dispute")
	var history []porcupine.Operation
	var lost []open
	var at eventlog.Head
	for i := range 30 {
		in, out, r, err := d.deal(s, at, id(i), false)
		if err != nil {
			t.Fatal(err)
		}
		op := porcupine.Operation{ClientId: i, Call: int64(3 * i), Return: int64(3*i + 1), Input: in, Output: out}
		if i%7 == 3 { // kept, and its caller never told
			lost = append(lost, open{op, id(i)})
		} else {
			history = append(history, op)
		}
		at = r.Head
	}
	lost = append(lost, open{porcupine.Operation{Input: deal{true, at}}, "never kept"})
	if porcupine.CheckOperations(register, history) {
		t.Error("a history that lacks what others saw is taken for legal: this shows nothing")
	}
	if !porcupine.CheckOperations(register, append(history, ended(lost, d.read(t, s, eventlog.Head{}))...)) {
		t.Error("with the open appends in it the history is still illegal")
	}
}
