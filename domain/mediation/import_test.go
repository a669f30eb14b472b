package mediation

import (
	"testing"

	"doorstep/domain/calendar"
	"pgregory.net/rapid"
)

// possibleRow is any row of a ledger that can be true, late and odd ones too.
func possibleRow(t *rapid.T) ImportDispute {
	later := func(from calendar.Date, label string) calendar.Date {
		return from.AddDays(rapid.IntRange(0, 60).Draw(t, label))
	}
	r := ledger(nil)
	r.Station = rapid.SampledFrom([]string{"130108001", "130172"}).Draw(t, "station")
	r.Cause = rapid.StringMatching(`[\p{Han}]{2,12}`).Draw(t, "cause")
	r.Amount = Fen(rapid.Int64Range(0, 1e12).Draw(t, "amount"))
	r.Channel, r.Mode = rapid.SampledFrom(append(Channels, "", "微信")).Draw(t, "channel"), rapid.SampledFrom(append(Modes, "")).Draw(t, "mode")
	r.Outcome = rapid.SampledFrom([]Outcome{OutcomeSuccess, OutcomeTerminated, OutcomeOpen, OutcomeReturned}).Draw(t, "outcome")
	r.Filed = day("2021-01-01").AddDays(rapid.IntRange(0, 1500).Draw(t, "filed"))
	r.Designated, r.Accepted, r.Extended, r.Ended, r.Effective, r.Performed, r.Performance = 0, 0, 0, 0, 0, 0, ""
	if r.Outcome == OutcomeReturned {
		r.Ended, r.Return, r.Organisation, r.Mediator = later(r.Filed, "returned"), ReturnGround(rapid.IntRange(1, 3).Draw(t, "ground")), "", ""
		return r
	}
	r.Designated = later(r.Filed, "designated")
	if r.Outcome != OutcomeOpen || rapid.Bool().Draw(t, "accepted") {
		r.Accepted = later(r.Designated, "accepted")
	}
	if !r.Accepted.IsZero() && rapid.Bool().Draw(t, "extended") {
		r.Extended = later(r.Accepted, "extended")
	}
	if r.Outcome == OutcomeOpen {
		return r
	}
	r.Ended = later(max(r.Accepted, r.Extended), "ended")
	if r.Outcome == OutcomeTerminated {
		r.Ground = Ground(rapid.IntRange(3, 8).Draw(t, "ground"))
		return r
	}
	if rapid.Bool().Draw(t, "effective") {
		r.Effective = later(r.Ended, "effective")
	}
	r.Performance = rapid.SampledFrom([]PerformanceStatus{"", Performed, Performing, Unperformed}).Draw(t, "performance")
	if r.Performance == Performed {
		r.Performed = later(max(r.Ended, r.Effective), "performed")
	}
	return r
}

func TestAnImportedDisputeIsWhatItsRowSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := possibleRow(t)
		events, err := Decider.Decide(Decider.Initial(), r)
		if err != nil {
			t.Fatal(err)
		}
		d := Decider.Fold(Decider.Initial(), events...)
		effective := r.Effective
		if effective.IsZero() {
			effective = r.Ended
		}
		stage, ground, wantReturn := Filed, Ground(0), ReturnGround(0)
		switch {
		case r.Outcome == OutcomeSuccess:
			stage = Succeeded
		case r.Outcome == OutcomeTerminated:
			stage, ground = Terminated, r.Ground
		case r.Outcome == OutcomeReturned:
			stage, wantReturn = Returned, r.Return
		case !r.Accepted.IsZero():
			stage = Mediating
		case !r.Designated.IsZero():
			stage = Designated
		}
		if stage != Succeeded {
			effective = 0
		}
		got := []any{d.Stage, d.FiledOn, d.Offer.Designated, d.Accepted, d.Extended, d.NoLimit, d.Ended, d.Agreement.Effective, d.Ground, d.Return, d.Performed.Status, d.Station, d.Cause, d.Amount, d.Channel, d.Source.Hash, d.Offer.Organisation, len(d.Consents)}
		want := []any{stage, r.Filed, r.Designated, r.Accepted, r.Extended, !r.Extended.IsZero(), r.Ended, effective, ground, wantReturn, r.Performance, r.Station, r.Cause, r.Amount, r.Channel, r.Source.Hash, r.Organisation, 0}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("item %d: the dispute says %v, the row %v\n%+v", i, got[i], want[i], r)
			}
		}
		if r.Performance == Performed && d.Performed.On != r.Performed {
			t.Fatalf("performed on %s, the row says %s", d.Performed.On, r.Performed)
		}
		if !r.Accepted.IsZero() && (d.Mode != r.Mode || d.Offer.Mediator != r.Mediator || d.Due != dueOf("K05", r.Accepted)) {
			t.Fatalf("mode %s, mediator %s, due %s", d.Mode, d.Offer.Mediator, d.Due)
		}
		if again, err := Decider.Decide(d, r); err != nil || len(again) > 0 {
			t.Fatalf("imported again: %d events, %v", len(again), err)
		}
	})
}

func TestARowsReaderKeepsItsMarks(t *testing.T) {
	marks := make([]Mark, 1, 8) // room to append: what the reader holds must not be written over
	r := ledger(func(c *ImportDispute) {
		c.Ended, c.Effective, c.Performed = day("2024-05-20"), day("2024-05-20"), day("2024-05-20")
		c.Marks = marks
	})
	if _, err := Decider.Decide(Decider.Initial(), r); err != nil {
		t.Fatal(err)
	}
	if spare := marks[:2]; spare[1] != (Mark{}) {
		t.Errorf("the import wrote %+v into the reader's slice", spare[1])
	}
}
