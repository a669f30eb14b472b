package statistics_test

import (
	"testing"
	"unicode"

	"doorstep/domain/statistics"
)

func TestEveryDefinitionSaysAllInBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range statistics.Definitions {
		if seen[d.ID] || d.ID == "" || d.Version < 1 {
			t.Errorf("%q version %d: named twice, or not at all", d.ID, d.Version)
		}
		seen[d.ID] = true
		if found, ok := statistics.Define(d.ID); !ok || found != d {
			t.Errorf("%s: not found", d.ID)
		}
		for what, text := range map[string]statistics.Text{"name": d.Name, "numerator": d.Numerator, "clock": d.Clock, "excluded": d.Excluded, "source": d.Source} {
			if !chinese(text.In("zh")) || text.In("en") == "" || text.In("zh") == text.In("en") {
				t.Errorf("%s: %s: %q", d.ID, what, text)
			}
		}
		if (d.Denominator.Chinese == "") != (d.Denominator.English == "") {
			t.Errorf("%s: the denominator stands in one language only", d.ID)
		}
	}
	if _, ok := statistics.Define("happiness"); ok {
		t.Error("a number that nobody defined is defined")
	}
}

func chinese(s string) bool {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}
