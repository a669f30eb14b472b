package democourt

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"regexp"
	"testing"
)

func TestOnTheDemoDayTheLedgerTellsOfNothingLater(t *testing.T) {
	whole, err := fs.ReadFile(Files(), "ledger.csv")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := cut(whole)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(whole, []byte("\ufeff")))).ReadAll()
	after, err := csv.NewReader(bytes.NewReader(kept)).ReadAll()
	if err != nil || len(after) != len(before) || len(after) < 5000 {
		t.Fatalf("%d rows of %d, %v", len(after), len(before), err)
	}
	day := regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	changed := 0
	for i, row := range after {
		differs := false
		for j, cell := range row {
			if day.MatchString(cell) && cell > Day.String() {
				t.Errorf("row %d tells of %s", i+1, cell)
			}
			differs = differs || cell != before[i][j] && i > 0
		}
		if differs {
			changed++
		}
	}
	if changed != 161 {
		t.Errorf("%d rows were changed, not the 161 that tell of later days", changed)
	}
}
