package web

import (
	"context"
	"strings"

	"doorstep/domain/statistics"
)

// meaning is what a number means (口径), a sentence a line, as the definition
// says it that the number is counted by; further lines follow it.
func meaning(ctx context.Context, id string, further ...string) string {
	d, ok := statistics.Define(id)
	if !ok {
		panic("web: no definition of " + id) // a page was drawn that asks for it: the first test shows
	}
	lang := here(ctx).speech.Lang
	counted := d.Numerator.In(lang)
	if over := d.Denominator.In(lang); over != "" {
		counted += " ÷ " + over
	}
	lines := []string{say(ctx, "meaning.counted", "what", counted)}
	for _, part := range []struct {
		key  string
		text statistics.Text
	}{{"meaning.clock", d.Clock}, {"meaning.excluded", d.Excluded}, {"meaning.source", d.Source}} {
		if text := part.text.In(lang); text != "" {
			lines = append(lines, say(ctx, part.key, "what", text))
		}
	}
	lines = append(lines, further...)
	return strings.Join(append(lines, say(ctx, "meaning.version", "id", d.ID, "version", num(d.Version))), "\n")
}

// meaningOf is what a list's number means, in one paragraph.
func meaningOf(ctx context.Context, m statistics.Measure) string {
	return strings.ReplaceAll(meaning(ctx, definitionOf(m)), "\n", " ")
}

// definitionOf is the id under which a measure is defined.
func definitionOf(m statistics.Measure) string {
	if m == statistics.InHand {
		return "open_at_as_of"
	}
	return string(m)
}
