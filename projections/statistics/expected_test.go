package statistics_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/roster"
	"doorstep/projections/statistics"
)

// TestTheDemonstrationYearIsThatOfTheNewspaper holds every number of
// expected.json against the view.
func TestTheDemonstrationYearIsThatOfTheNewspaper(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(demo, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]json.RawMessage
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	c := newCourt(t)
	c.importYear()
	s := view(t, c.records(), 1000, 1, 1, 500)
	for _, key := range []string{"year", "first_half", "year_to_date_as_of_mid_november", "empty_period"} {
		compareBlock(t, s, key, expected[key])
	}
	for key, basis := range map[string]roster.Basis{"suits_per_10k": roster.Resident, "suits_per_10k_huji": roster.Registered} {
		var years map[string]string
		if err := json.Unmarshal(expected[key], &years); err != nil || len(years) != 2 {
			t.Fatalf("%s: %v %v", key, years, err)
		}
		for year, want := range years {
			n, _ := strconv.Atoi(year)
			got := s.Suits(statistics.SuitsQuery{Year: n, Territory: "130108", Basis: basis, Kind: roster.Civil})
			if got.Value == nil || *got.Value != want || len(got.Territories) != 10 || len(got.Missing) != 0 {
				t.Errorf("%s %s: %+v, want %s over ten territories", key, year, got, want)
			}
		}
	}
	year := s.Figures(statistics.Query{From: day("2021-01-01"), To: day("2021-12-31")})
	if string(expected["governance_activities"]) != strconv.Itoa(year.GovernanceActivities) {
		t.Errorf("governance: %d", year.GovernanceActivities)
	}
}

func compareBlock(t *testing.T, s *statistics.Statistics, key string, block json.RawMessage) {
	t.Helper()
	var period struct {
		From, To calendar.Date
		AsOf     calendar.Date `json:"as_of"`
	}
	var want, got map[string]any
	if json.Unmarshal(block, &period) != nil || json.Unmarshal(block, &want) != nil {
		t.Fatalf("%s: %s", key, block)
	}
	answer, err := json.Marshal(s.Figures(statistics.Query{From: period.From, To: period.To, AsOf: period.AsOf}))
	if err != nil || json.Unmarshal(answer, &got) != nil {
		t.Fatal(err)
	}
	if len(want) < 13 {
		t.Errorf("%s: only %d keys", key, len(want))
	}
	for k, w := range want {
		if g := got[k]; !reflect.DeepEqual(g, w) {
			t.Errorf("%s %s: %v, want %v", key, k, g, w)
		}
	}
}
