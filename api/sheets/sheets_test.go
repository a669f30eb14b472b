package sheets_test

import (
	"context"
	"testing"
	"time"

	"doorstep/api/sheets"

	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
)

// demo is the demonstration court, whose package only commands may import.
const demo = "../../cmd/internal/democourt/yuhua-2021"

// now is the day of all imports in these tests.
var now = time.Date(2022, 6, 1, 9, 0, 0, 0, time.UTC)

func importer(log eventlog.Log) *sheets.Importer {
	return &sheets.Importer{
		Disputes:      decide.NewDesk(log, mediation.Decider, mediation.Codec, 4096),
		Confirmations: decide.NewDesk(log, confirmation.Decider, confirmation.Codec, 1024),
		Roster:        decide.NewDesk(log, roster.Decider, roster.Codec, 1024),
		Governance:    decide.NewDesk(log, supervision.Decider, supervision.Codec, 1024),
		Now:           func() time.Time { return now }, Court: "130108", Actor: "import",
	}
}

func TestTheWholeDemoYearGoesIn(t *testing.T) {
	b, err := sheets.Open(demo)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	log := memory.New()
	start := time.Now()
	r, err := importer(log).Run(context.Background(), b, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	t.Log(time.Since(start), r.Tally, r.Files)
	for row := range r.Rejections() {
		t.Log(row)
	}
	r2, err := importer(log).Run(context.Background(), b, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start), r2.Tally, r2.Files)
	marks := map[string]int{}
	ctx, cancel := context.WithCancel(context.Background())
	end, _ := log.End(ctx)
	for rec, err := range log.Follow(ctx, eventlog.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rec.Events {
			d, err := mediation.Codec.Decode(e.Kind, e.Version, e.Payload)
			if err == nil {
				if m, ok := d.(mediation.EntryMarked); ok {
					for _, x := range m.Marks {
						marks[x.Code]++
					}
				}
			}
		}
		if !rec.Position.Before(end) {
			cancel()
		}
	}
	t.Log(marks)
}
