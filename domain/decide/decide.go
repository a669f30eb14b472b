// Package decide is the one place where pure rules and the log meet. A Decider
// says what may happen; a Desk loads what has happened, lets the decider
// decide, appends, and looks again when somebody else was faster.
package decide

import (
	"doorstep/domain/codec"
)

// Decider is the rules of one kind of thing: three pure functions.
type Decider[S, C any, E codec.Event] struct {
	Initial func() S
	Decide  func(S, C) ([]E, error) // nothing and no error: it is already so
	Evolve  func(S, E) S
}

// Fold gives the state after the events.
func (d Decider[S, C, E]) Fold(s S, events ...E) S {
	for _, e := range events {
		s = d.Evolve(s, e)
	}
	return s
}

// Refusal is a rule's no, as a sentence for the person who asked. It is
// written once and shown unchanged at every door. It never carries the values
// that were asked for, so that it may be logged.
type Refusal struct {
	Code    string // stable, for other systems
	Chinese string
	English string
	Article string // where the law says so; empty for a rule of good order
}

// Error is the code and the English sentence, for logs.
func (r *Refusal) Error() string { return r.Code + ": " + r.English }

// In gives the sentence in the language ("zh" or "en").
func (r *Refusal) In(lang string) string {
	if lang == "en" {
		return r.English
	}
	return r.Chinese
}

// Refuse makes a refusal; declared once as a package variable.
func Refuse(code, chinese, english, article string) *Refusal {
	return &Refusal{Code: code, Chinese: chinese, English: english, Article: article}
}
