package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

const courtYear = "../internal/democourt/yuhua-2021"

// readExpected reads the court's own count of its year: figures by period,
// suits per 10,000 by basis and year, and governance activities.
func readExpected(t *testing.T) (periods map[string]map[string]any, suits map[string]map[string]string, governance int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(courtYear, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	periods, suits = map[string]map[string]any{}, map[string]map[string]string{}
	for key, raw := range all {
		switch key {
		case "suits_per_10k", "suits_per_10k_huji":
			var years map[string]string
			if err := json.Unmarshal(raw, &years); err != nil {
				t.Fatal(err)
			}
			suits[map[string]string{"suits_per_10k": "常住", "suits_per_10k_huji": "户籍"}[key]] = years
		case "governance_activities":
			if err := json.Unmarshal(raw, &governance); err != nil {
				t.Fatal(err)
			}
		case "bad_rows":
		default:
			var p map[string]any
			if err := json.Unmarshal(raw, &p); err != nil {
				t.Fatal(err)
			}
			periods[key] = p
		}
	}
	return periods, suits, governance
}

func TestEveryExpectedFigureComesOutOfTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "court")
	if code, out, errs := doorstep(t, "import", "--data", data, "--json", courtYear); code != codeOK {
		t.Fatalf("import: exit %d\n%s\n%s", code, out, errs)
	}
	periods, suits, governance := readExpected(t)
	if len(periods) < 4 || len(suits) != 2 {
		t.Fatalf("only %d periods and %d kinds of rates are expected", len(periods), len(suits))
	}
	compared := 0
	for name, want := range periods {
		got := ask(t, "stats", "--data", data, "--json", "--from", want["from"].(string), "--to", want["to"].(string), "--as-of", want["as_of"].(string))
		compared += same(t, name, want, got)
		if name == "year" && got["governance_activities"] != float64(governance) {
			t.Errorf("governance activities: %v, want %d", got["governance_activities"], governance)
		}
	}
	for basis, years := range suits {
		for year, want := range years {
			got := ask(t, "stats", "suits", "--data", data, "--json", "--year", year, "--territory", "130108", "--basis", basis, "--kind", "民事")
			if got["value"] != want {
				t.Errorf("%s %s: %v, want %s", basis, year, got["value"], want)
			}
			compared++
		}
	}
	if compared < 200 {
		t.Errorf("only %d figures were compared", compared)
	}
}

// same compares all that is expected with what came, and counts the leaves.
func same(t *testing.T, path string, want, got any) int {
	t.Helper()
	w, nested := want.(map[string]any)
	if !nested {
		if want != got {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
		return 1
	}
	g, ok := got.(map[string]any)
	if !ok {
		t.Errorf("%s: %v is no object", path, got)
		return 0
	}
	n := 0
	for key, v := range w {
		n += same(t, path+"/"+key, v, g[key])
	}
	return n
}

func ask(t *testing.T, args ...string) map[string]any {
	t.Helper()
	code, out, errs := doorstep(t, args...)
	var answer map[string]any
	if err := json.Unmarshal([]byte(out), &answer); code != codeOK || err != nil {
		t.Fatalf("%v: exit %d, %v\n%s\n%s", args, code, err, out, errs)
	}
	return answer
}

func TestTheClocksComeOutOfTheCommandLine(t *testing.T) {
	b, err := os.ReadFile("../../domain/calendar/testdata/clocks.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Clock, From, Due string }
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) < 40 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for i, v := range vectors {
		if got := ask(t, "deadline", v.Clock, v.From, "--json"); got["due"] != v.Due || got["clock"] != v.Clock || got["from"] != v.From {
			t.Errorf("%s %s %s: %v, want %s", strconv.Itoa(i), v.Clock, v.From, got["due"], v.Due)
		}
	}
}
