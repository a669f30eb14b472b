package wire

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/projections/statistics"
)

const courtYear = "../democourt/yuhua-2021"

// TestTheCourtsYearIsTheSameOnEveryEngine moves the court's year into a log in
// a server and compares the year's figures with the court's own count.
func TestTheCourtsYearIsTheSameOnEveryEngine(t *testing.T) {
	var expected struct {
		Year struct {
			From      string `json:"from"`
			To        string `json:"to"`
			AsOf      string `json:"as_of"`
			Received  int    `json:"received"`
			Concluded int    `json:"concluded"`
			Success   int    `json:"success"`
			Rate      string `json:"success_rate_concluded"`
		} `json:"year"`
		Governance int `json:"governance_activities"`
	}
	b, err := os.ReadFile(filepath.Join(courtYear, "expected.json"))
	if err == nil {
		err = json.Unmarshal(b, &expected)
	}
	if err != nil || expected.Year.Received < 1000 || expected.Year.Rate == "" {
		t.Fatalf("%+v, %v", expected, err)
	}
	dir := filepath.Join(t.TempDir(), "court")
	embedded, err := try(t, Config{Data: dir, CourtCode: "冀0108"})
	if err != nil {
		t.Fatal(err)
	}
	importYear(t, embedded, "冀0108")
	closeOnce(t, embedded)
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			address := server(t)
			copyLog(t, dir, address)
			court := at(t, Config{Data: filepath.Join(t.TempDir(), "court"), Log: address})
			y := expected.Year
			var q statistics.Query
			for day, text := range map[*calendar.Date]string{&q.From: y.From, &q.To: y.To, &q.AsOf: y.AsOf} {
				if *day, err = calendar.ParseDate(text); err != nil {
					t.Fatal(err)
				}
			}
			f, err := court.Figures(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if f.Received != y.Received || f.Concluded != y.Concluded || f.Success != y.Success || f.SuccessRateConcluded == nil || *f.SuccessRateConcluded != y.Rate || f.GovernanceActivities != expected.Governance {
				t.Errorf("received %d, concluded %d, success %d, governance %d; want %+v", f.Received, f.Concluded, f.Success, f.GovernanceActivities, expected)
			}
			t.Logf("%d commits", court.Ledger.Stand().Size)
		})
	}
}
