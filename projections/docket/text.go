package docket

import (
	"strings"
	"unicode"

	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// plain is text as it is compared: case numbers are typed with brackets of
// either width, names with and without spaces.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r > '\uff00' && r < '\uff5f': // full width
			r -= '\uff01' - '!'
		}
		switch r {
		case '〔', '[', '【', '〈', '<':
			return '('
		case '〕', ']', '】', '〉', '>':
			return ')'
		}
		return unicode.ToLower(r)
	}, s)
}

// mostWords bounds what one search costs; nobody types more.
const mostWords = 10

// words are the parts that must all be found; those beyond mostWords are not
// looked for.
func words(s string) []string {
	list := strings.Fields(s)
	list = list[:min(len(list), mostWords)]
	for i := range list {
		list[i] = plain(list[i])
	}
	return list
}

// searched is what a dispute is found by. Its parts stand in lines of their
// own: nothing searched for spans two of them.
func searched(d mediation.Dispute, c confirmation.Case) string {
	parts := make([]string, 0, 8)
	for _, p := range d.Parties {
		parts = append(parts, plain(p.Name))
	}
	for _, n := range d.Numbers {
		parts = append(parts, plain(n))
	}
	if c.Number != "" {
		parts = append(parts, plain(c.Number))
	}
	if d.Source != nil {
		parts = append(parts, plain(d.Source.ID))
	}
	return strings.Join(append(parts, plain(d.Cause)), "\n")
}
