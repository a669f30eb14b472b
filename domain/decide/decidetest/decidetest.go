// Package decidetest is the tests that make a decider safe, the same for every
// room: the decision table, the refusals that no row of it reached, the stored
// forms against files kept by hand, the fold that leaves its input alone, the
// printed lifecycle, and bytes thrown at the codec.
package decidetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"doorstep/domain/codec"
	"doorstep/domain/decide"
)

// Room is one decider with its stored forms.
type Room[S, C any, E codec.Event] struct {
	Decider decide.Decider[S, C, E]
	Codec   *codec.Codec[E]
}

// Row is one line of a decision table: given what has happened, when somebody
// asks for this, then that happens or it is refused. Neither: it is already so.
type Row[C any, E codec.Event] struct {
	Name    string
	Given   []E
	When    C
	Then    []E
	Refused error
}

// Decides checks every row. Events are compared in their stored form, so that
// one that was never registered fails here.
func (r Room[S, C, E]) Decides(t *testing.T, rows []Row[C, E]) {
	t.Helper()
	names := map[string]bool{}
	for _, row := range rows {
		if names[row.Name] {
			t.Errorf("two rows are called %q", row.Name)
		}
		names[row.Name] = true
		t.Run(row.Name, func(t *testing.T) {
			got, err := r.Decider.Decide(r.Decider.Fold(r.Decider.Initial(), row.Given...), row.When)
			if !errors.Is(err, row.Refused) || row.Refused == nil && err != nil {
				t.Fatalf("%T: refused with %v, want %v", row.When, err, row.Refused)
			}
			if g, w := r.print(t, got), r.print(t, row.Then); g != w {
				t.Errorf("%T:\n got %s\nwant %s", row.When, g, w)
			}
		})
	}
}

// print is events in their stored form, one a line, each read back.
func (r Room[S, C, E]) print(t testing.TB, events []E) string {
	t.Helper()
	var b strings.Builder
	for _, e := range events {
		s := r.encode(t, e)
		if again, err := r.Codec.Decode(s.Kind, s.Version, s.Payload); err != nil || !bytes.Equal(r.encode(t, again).Payload, s.Payload) {
			t.Errorf("%s does not come back as it went: %v", s.Kind, err)
		}
		fmt.Fprintf(&b, "%s v%d %s %s\n", s.Kind, s.Version, s.Happened, s.Payload)
	}
	return b.String()
}

func (r Room[S, C, E]) encode(t testing.TB, e E) codec.Stored {
	t.Helper()
	s, err := r.Codec.Encode(e)
	if err != nil {
		t.Fatalf("an event that cannot be kept: %v", err)
	}
	return s
}

// FoldsPurely checks for the history of every row that folding leaves the state
// folded on alone and shares nothing between two states folded from one: what
// follows on one of them must not show on the other.
func (r Room[S, C, E]) FoldsPurely(t *testing.T, rows []Row[C, E]) {
	t.Helper()
	after, histories := map[string]E{}, map[string][]E{} // whatever may follow: every event of the table
	for _, row := range rows {
		for _, e := range row.Then {
			after[r.print(t, []E{e})] = e
		}
		histories[r.print(t, row.Given)] = row.Given
	}
	others := make(map[string]E, len(after))
	for said, e := range after {
		others[said] = unlike(said, e, after)
	}
	for _, given := range histories {
		for said, e := range after {
			// Three times before: a list that grew by itself has room for a fourth
			// entry, which two states would share.
			past := slices.Concat(given, []E{e, e, e})
			other := others[said]
			base := r.fold(t, past)
			one := r.Decider.Evolve(base, e)
			_ = r.Decider.Evolve(r.Decider.Evolve(base, other), other)
			if alone := r.Decider.Evolve(r.fold(t, past), e); !reflect.DeepEqual(one, alone) {
				t.Fatalf("after %s the state changed when %s was folded on the same state before it", e.Kind(), other.Kind())
			}
			if !reflect.DeepEqual(base, r.fold(t, past)) {
				t.Fatalf("folding %s or %s changed the state they were folded on", e.Kind(), other.Kind())
			}
		}
	}
}

// unlike is another event, of the same kind where the table has one.
func unlike[E codec.Event](said string, e E, all map[string]E) E {
	other := e
	for o, event := range all {
		if o == said {
			continue
		}
		if other = event; event.Kind() == e.Kind() {
			return event
		}
	}
	return other
}

// fold folds copies of the events, as a log would give them.
func (r Room[S, C, E]) fold(t testing.TB, events []E) S {
	t.Helper()
	s := r.Decider.Initial()
	for _, e := range events {
		stored := r.encode(t, e)
		again, err := r.Codec.Decode(stored.Kind, stored.Version, stored.Payload)
		if err != nil {
			t.Fatal(err)
		}
		s = r.Decider.Evolve(s, again)
	}
	return s
}
