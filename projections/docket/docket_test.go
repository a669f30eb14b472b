package docket

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/follow"
)

// drawCourt lets a court work for some days.
func drawCourt(t *rapid.T, tb testing.TB) *court {
	c := newCourt(tb)
	c.listing = true
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
		defer d.Close()
		c.give(d, func() int {
			if rapid.Bool().Draw(rt, "forget") {
				clear(d.known) // as after a restart
			}
			return rapid.IntRange(1, 7).Draw(rt, "batch")
		})
		for _, id := range c.order {
			dispute := c.stages[id]
			got, found, err := d.Entry(context.Background(), id)
			if want := straight(id, dispute, c.cases[id]); err != nil || found != (dispute.Stage != "") || found && got != want {
				rt.Fatalf("%s: %v\n got %+v\nwant %+v", id, err, got, want)
			}
			if got, want := c.kept(d, id); found && got != want {
				rt.Fatalf("%s is kept as\n%s\nwant\n%s", id, got, want)
			}
		}
	})
}

func TestARebuildGivesWhatWasFoldedBitByBit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCourt(rt, t)
		dir := t.TempDir()
		for range rapid.IntRange(1, 3).Draw(rt, "starts") {
			d, err := Open(dir)
			c.must(err)
			c.give(d, func() int { return rapid.IntRange(1, 9).Draw(rt, "batch") })
			c.must(d.Close())
			for range 5 { // the record goes on while the view is away
				c.draw(rt, fmt.Sprint("d", rapid.IntRange(1, 9).Draw(rt, "dispute")), opening.AddDays(300))
			}
		}
		bitByBit, err := Open(dir)
		c.must(err)
		defer bitByBit.Close()
		c.give(bitByBit, func() int { return 1 })
		anew := open(t)
		defer anew.Close()
		c.all(anew)
		a, err := bitByBit.Digest(context.Background())
		c.must(err)
		if b, err := anew.Digest(context.Background()); err != nil || a != b {
			rt.Fatalf("digests %s and %s, %v", a, b, err)
		}
	})
}

func TestABatchThatFailsLeavesNothingInMind(t *testing.T) {
	c, d := newCourt(t), open(t)
	c.must(c.do("d1", filing(opening, "S1", "张伟", "王芳")))
	c.must(c.do("d1", mediation.Designate{Occasion: on(opening), Organisation: "O1", Reason: "就近"}))
	c.must(c.do("d1", mediation.Accept{Occasion: on(opening), Organisation: "O1", Mediator: "范彧志", Mode: mediation.OnSite}))
	c.all(d)
	taken := len(c.records)
	mark, err := d.Mark(t.Context())
	c.must(err)
	c.must(c.do("d1", mediation.HoldSession{Occasion: on(opening), Organisation: "O1", Mode: mediation.Video, Attended: []string{"A1", "B1"}}))
	c.must(c.do("d2", filing(opening, "S1", "张伟", "王芳"))) // whose names cannot be written
	c.must(d.file.Take(t.Context(), mark, mark, func(tx *sql.Tx) error {
		_, err := tx.Exec(`CREATE TRIGGER no_names BEFORE INSERT ON party BEGIN SELECT RAISE(ABORT, 'no room'); END`)
		return err
	}))
	last := c.records[len(c.records)-1]
	if err := d.Take(t.Context(), mark, follow.Mark{Position: last.Position, Hash: last.Head.Hash}, c.records[taken:]); err == nil {
		t.Fatal("the batch was taken in")
	}
	c.must(d.file.Take(t.Context(), mark, mark, func(tx *sql.Tx) error {
		_, err := tx.Exec(`DROP TRIGGER no_names`)
		return err
	}))
	if e, _, err := d.Entry(t.Context(), "d1"); err != nil || e.Stage != mediation.Mediating {
		t.Errorf("%+v, %v", e, err)
	}
	c.all(d)
	for id := range c.stages {
		if e, _, err := d.Entry(t.Context(), id); err != nil || e != straight(id, c.stages[id], c.cases[id]) {
			t.Errorf("%s: %+v, %v", id, e, err)
		}
		if got, want := c.kept(d, id); got != want {
			t.Errorf("%s is kept as\n%s\nwant\n%s", id, got, want)
		}
	}
}

// kept is the state that the view goes on from, and what the rules say it is.
func (c *court) kept(d *Docket, id string) (got, want string) {
	c.t.Helper()
	c.must(d.file.Read().QueryRow(`SELECT state || followed FROM dispute WHERE id = ?`, id).Scan(&got))
	state, err := pack(slim(c.stages[id]), leanDispute)
	c.must(err)
	followed, err := pack(c.cases[id], leanCase)
	c.must(err)
	return got, string(state) + string(followed)
}

func TestTheViewKeepsNoMoreOfPeopleThanItShows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newCourt(t)
		filed := filing(opening, "S1", "张伟", "王芳")
		filed.Parties[0].Address = "槐安东路1号"
		c.must(c.do("d1", filed))
		c.must(c.do("d2", row(1, opening)))
		for range 40 {
			c.draw(rt, "d1", opening.AddDays(2))
		}
		one := open(t)
		defer one.Close()
		c.all(one)
		rows, err := one.file.Read().Query(`SELECT state FROM dispute`)
		c.must(err)
		defer rows.Close()
		for rows.Next() {
			var state string
			c.must(rows.Scan(&state))
			for _, secret := range []string{"000000199001011234", "13800000000", "槐安东路", "借款未还", "分期偿还", "各让一步", "备注"} {
				if strings.Contains(state, secret) {
					rt.Fatalf("it keeps %s", secret)
				}
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
