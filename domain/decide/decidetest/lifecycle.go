package decidetest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"doorstep/domain/codec"
	"doorstep/domain/decide"
)

// State is a column of the lifecycle: a history, and what it is called.
type State[E codec.Event] struct {
	Name  string
	Given []E
}

// Asked is a line of the lifecycle: a command, filled in for the state.
type Asked[S, C any] struct {
	Name string
	When func(S) C
}

// Lifecycle prints every command against every state into a file and compares
// it with what lies there: the portrait of the rules, to be read by people of
// the court. DOORSTEP_GOLDEN=write writes it anew.
func (r Room[S, C, E]) Lifecycle(t *testing.T, path, title string, states []State[E], asked []Asked[S, C]) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n`event` 可以办理 may be done · `✗ code` 不得办理 refused, the sentence stands below · `=` 已经如此 already so\n\n", title)
	b.WriteString("| |")
	for _, s := range states {
		b.WriteString(" " + s.Name + " |")
	}
	b.WriteString("\n|---" + strings.Repeat("|---", len(states)) + "|\n")
	said := map[string]*decide.Refusal{}
	for _, a := range asked {
		b.WriteString("| " + a.Name + " |")
		for _, s := range states {
			state := r.Decider.Fold(r.Decider.Initial(), s.Given...)
			events, err := r.Decider.Decide(state, a.When(state))
			b.WriteString(" " + cell(t, events, err, said) + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| code | 说明 | in English | 依据 |\n|---|---|---|---|\n")
	for _, code := range slices.Sorted(maps.Keys(said)) {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code, said[code].Chinese, said[code].English, said[code].Article)
	}
	golden(t, path, b.String())
}

func cell[E codec.Event](t *testing.T, events []E, err error, said map[string]*decide.Refusal) string {
	t.Helper()
	var r *decide.Refusal
	switch {
	case errors.As(err, &r):
		said[r.Code] = r
		return "✗ " + r.Code
	case err != nil:
		t.Errorf("refused with what is no sentence: %v", err)
	case len(events) == 0:
		return "="
	}
	kinds := make([]string, len(events))
	for i, e := range events {
		kinds[i] = e.Kind()
	}
	return strings.Join(kinds, ", ")
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("DOORSTEP_GOLDEN") == "write" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s is not what the rules say now (%v). If the change is meant: DOORSTEP_GOLDEN=write go test, and read the difference.\n%s", path, err, got)
	}
}
