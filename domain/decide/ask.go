package decide

import (
	"errors"
	"fmt"
)

// ErrDone is what asking gives for a deed that would change nothing any more.
var ErrDone = Refuse("already-so", "这一项已经办理，不必重复办理。", "This is done already; it need not be done again.", "")

// Ask tells whether any of the commands would make something happen now: nil
// when one would. Otherwise it is the refusal of the first, or ErrDone where
// all are already so. It asks the very rules that a deed is decided by, so
// that what is offered can never disagree with what is allowed.
func (d Decider[S, C, E]) Ask(s S, commands ...C) *Refusal {
	var first *Refusal
	for _, cmd := range commands {
		events, err := d.Decide(s, cmd)
		if err == nil && len(events) > 0 {
			return nil
		}
		if err == nil || first != nil {
			continue
		}
		if !errors.As(err, &first) {
			panic(fmt.Sprintf("decide: %T is answered with what is no refusal: %v", cmd, err))
		}
	}
	if first == nil {
		return ErrDone
	}
	return first
}
