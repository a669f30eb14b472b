package docket

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// drawCourt lets a court work for some days.
func drawCourt(t *rapid.T, tb testing.TB) *court {
	c := newCourt(tb)
	ids := rapid.IntRange(1, 8).Draw(t, "disputes")
	day := opening
	for range rapid.IntRange(1, 120).Draw(t, "deeds") {
		day = day.AddDays(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 12}).Draw(t, "days"))
		c.draw(t, fmt.Sprint("d", rapid.IntRange(1, ids).Draw(t, "dispute")), day)
	}
	return c
}

func TestARowIsWhatTheRulesSay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCourt(rt, t)
		d := open(t)
		c.give(d, func() int {
			if rapid.Bool().Draw(rt, "forget") {
				clear(d.known) // as after a restart
			}
			return rapid.IntRange(1, 7).Draw(rt, "batch")
		})
		for id, dispute := range c.stages {
			got, found, err := d.Entry(context.Background(), id)
			if want := straight(id, dispute, c.cases[id]); err != nil || found != (dispute.Stage != "") || found && got != want {
				rt.Fatalf("%s: %v\n got %+v\nwant %+v", id, err, got, want)
			}
		}
	})
}

// straight is the row as a clerk would write it, looking at the whole dispute.
func straight(id string, d mediation.Dispute, c confirmation.Case) Entry {
	e := Entry{ID: id, Station: d.Station, Organisation: d.Offer.Organisation, Mediator: d.Offer.Mediator, Stage: d.Stage, Cause: d.Cause, Amount: d.Amount}
	for _, p := range d.Parties {
		side := &e.Applicants
		if p.Role == mediation.Respondent {
			side = &e.Respondents
		}
		if *side != "" {
			*side += "、"
		}
		*side += p.Name
	}
	e.Channel, e.Filed, e.Designated, e.AcceptBy, e.Accepted = d.Channel, d.FiledOn, d.Offer.Designated, d.Offer.AcceptBy, d.Accepted
	if !d.Stage.Ended() && !d.NoLimit {
		e.Due = d.Due
	}
	e.Ended, e.Effective, e.ApplyBy, e.Ground, e.Marks = d.Ended, d.Agreement.Effective, d.Agreement.ApplyBy, d.Ground, len(d.Marks)
	if d.Source != nil {
		e.Imported, e.Source = true, d.Source.ID
	}
	for _, n := range append(append([]string(nil), d.Numbers...), c.Number) {
		if n != "" {
			e.Number = n
		}
	}
	e.Confirmation, e.Applied, e.DecideBy = c.Stage, c.Applied, c.DecideBy
	return e
}
