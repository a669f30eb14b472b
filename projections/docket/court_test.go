package docket

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
	"doorstep/projections/follow"
)

// court is a record kept by hand: each deed is decided by the rules and becomes
// the follow.Record that a docket is fed with.
type court struct {
	t       testing.TB
	records []follow.Record
	heads   map[string]int64
	stages  map[string]mediation.Dispute
	cases   map[string]confirmation.Case
	listing bool     // keep the order
	order   []string // disputes, as they came into the record
}

func newCourt(t testing.TB) *court {
	return &court{t: t, heads: map[string]int64{}, stages: map[string]mediation.Dispute{}, cases: map[string]confirmation.Case{}}
}

var opening = calendar.NewDate(2024, time.March, 1)

func on(d calendar.Date) mediation.Occasion {
	return mediation.Occasion{At: calendar.On(d), Today: d}
}

// do carries out a command on a dispute; a refusal changes nothing.
func (c *court) do(id string, cmd mediation.Command) error {
	events, err := mediation.Decider.Decide(c.stages[id], cmd)
	if err != nil {
		return err
	}
	c.stages[id] = mediation.Decider.Fold(c.stages[id], events...)
	record(c, mediation.Stream(id), mediation.Codec, events)
	return nil
}

// rule carries out a command on the confirmation of a dispute.
func (c *court) rule(id string, cmd confirmation.Command) error {
	events, err := confirmation.Decider.Decide(c.cases[id], cmd)
	if err != nil {
		return err
	}
	c.cases[id] = confirmation.Decider.Fold(c.cases[id], events...)
	record(c, confirmation.Stream(id), confirmation.Codec, events)
	return nil
}

func (c *court) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// record stores and reads the events back, as the log and the follower would.
func record[E codec.Event](c *court, stream string, forms *codec.Codec[E], events []E) {
	if len(events) == 0 {
		return
	}
	n := uint64(len(c.records) + 1)
	r := follow.Record{Record: eventlog.Record{Position: eventlog.PositionAt(n), Commit: eventlog.Commit{Stream: stream, Version: c.heads[stream]}}}
	r.Head.Hash[0], r.Head.Hash[1], r.Head.Hash[2] = byte(n), byte(n>>8), byte(n>>16)
	c.heads[stream]++
	if id, _ := disputeOf(stream); !slices.Contains(c.order, id) && c.listing {
		c.order = append(c.order, id)
	}
	for _, e := range events {
		stored, err := forms.Encode(e)
		c.must(err)
		read, err := forms.Decode(stored.Kind, stored.Version, stored.Payload)
		c.must(err)
		r.Events = append(r.Events, read)
	}
	c.records = append(c.records, r)
}

// give feeds a docket with the records from its mark on, in batches of the
// sizes that size gives.
func (c *court) give(d *Docket, size func() int) {
	c.t.Helper()
	ctx := context.Background()
	mark, err := d.Mark(ctx)
	c.must(err)
	for at := int(mark.Position.Token()); at < len(c.records); {
		batch := c.records[at:min(at+size(), len(c.records))]
		at += len(batch)
		last := batch[len(batch)-1]
		to := follow.Mark{Before: eventlog.PositionAt(last.Position.Token() - 1), Position: last.Position, Hash: last.Head.Hash}
		c.must(d.Take(ctx, mark, to, batch))
		mark = to
	}
}

func (c *court) all(d *Docket) { c.t.Helper(); c.give(d, func() int { return 1000 }) }

func open(t testing.TB) *Docket {
	t.Helper()
	d, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func party(role mediation.Role, name string) mediation.Party {
	return mediation.Party{Role: role, Kind: mediation.Person, Name: name, IDNumber: "000000199001011234", Phone: "13800000000"}
}

// filing is a plain filing between two.
func filing(day calendar.Date, station, applicant, respondent string) mediation.FileDispute {
	return mediation.FileDispute{Occasion: on(day), Court: "130108", Station: station, Channel: mediation.AtStation, Cause: "民间借贷纠纷", Amount: 1000000,
		Parties: []mediation.Party{party(mediation.Applicant, applicant), party(mediation.Respondent, respondent)}, Facts: "借款未还", Informed: true}
}

// row is a row of a court's ledger.
func row(n int, day calendar.Date) mediation.ImportDispute {
	return mediation.ImportDispute{Today: day.AddDays(400), Court: "130108",
		Source: mediation.Source{ID: fmt.Sprintf("P%010d", n), Hash: fmt.Sprint("h", n), File: "ledger.csv", Line: n, Import: "i1", Extra: map[string]string{"备注": "有"}},
		Number: fmt.Sprintf("（2024）冀0108民诉前调%d号", n), Station: "S1", Channel: mediation.AtStation, Cause: "买卖合同纠纷", Amount: mediation.Fen(n),
		Parties: []mediation.Party{party(mediation.Applicant, fmt.Sprint("甲", n)), party(mediation.Respondent, fmt.Sprint("乙", n))},
		Filed:   day, Organisation: "O1", Designated: day, Accepted: day.AddDays(1), Mediator: "范彧志", Mode: mediation.OnSite, Outcome: mediation.OutcomeOpen}
}

// onward is what moves a dispute on from where it stands, so that random courts
// come to the end of some.
func (c *court) onward(t *rapid.T, id string, day calendar.Date) {
	d, now, ruling := c.stages[id], on(day), confirmation.Occasion{At: calendar.On(day), Today: day}
	switch d.Stage {
	case mediation.Unfiled:
		c.do(id, filing(day, "S1", rapid.SampledFrom(people).Draw(t, "applicant"), rapid.SampledFrom(people).Draw(t, "respondent")))
	case mediation.Filed:
		c.do(id, mediation.Designate{Occasion: now, Organisation: "O1", Reason: "就近", Deliver: true})
	case mediation.Designated:
		c.do(id, mediation.Accept{Occasion: now, Organisation: d.Offer.Organisation, Mediator: "范彧志", Mode: mediation.OnSite})
	case mediation.Mediating:
		c.do(id, mediation.HoldSession{Occasion: now, Organisation: d.Offer.Organisation, Mode: mediation.OnSite, Attended: []string{"A1", "B1"}, Record: "双方各让一步"})
		c.do(id, mediation.ReachAgreement{Occasion: now, Organisation: d.Offer.Organisation, Form: mediation.Written, Terms: "分期偿还"})
	case mediation.Agreed:
		c.do(id, mediation.TakeEffect{Occasion: now, Organisation: d.Offer.Organisation, AllSigned: true, Sealed: true})
	case mediation.Succeeded:
		if c.cases[id].Stage == confirmation.Applied {
			c.rule(id, confirmation.Accept{Occasion: ruling, Number: "（2024）冀0108诉前调确7号"})
		}
		c.rule(id, confirmation.Apply{Occasion: ruling, Dispute: id, Effective: d.Agreement.Effective, ApplyBy: d.Agreement.ApplyBy, Joint: true})
	}
}

// draw does one random deed in the court on the day; many are refused.
func (c *court) draw(t *rapid.T, id string, day calendar.Date) {
	if rapid.Bool().Draw(t, "as usual") {
		c.onward(t, id, day)
		return
	}
	now := on(day)
	ruling := confirmation.Occasion{At: now.At, Today: now.Today}
	organisation := rapid.SampledFrom([]string{"O1", "O2"}).Draw(t, "organisation")
	d := c.stages[id]
	keys := []string{"A1", "B1"}
	switch rapid.IntRange(0, 20).Draw(t, "deed") {
	case 0, 1, 2:
		c.do(id, filing(day, rapid.SampledFrom([]string{"S1", "S2"}).Draw(t, "station"), rapid.SampledFrom(people).Draw(t, "applicant"), rapid.SampledFrom(people).Draw(t, "respondent")))
	case 3:
		c.drawRow(t, id, day)
	case 4, 5:
		c.do(id, mediation.Designate{Occasion: now, Organisation: organisation, Reason: "就近", Deliver: rapid.Bool().Draw(t, "deliver")})
	case 6, 7:
		c.do(id, mediation.Accept{Occasion: now, Organisation: d.Offer.Organisation, Mediator: "范彧志", Mode: mediation.OnSite})
	case 8:
		c.do(id, mediation.Decline{Occasion: now, Organisation: d.Offer.Organisation, Reason: "人手不足"})
	case 9:
		c.do(id, mediation.AgreeExtension{Occasion: now, Organisation: d.Offer.Organisation, Until: max(d.Due, day).AddDays(9), Agreed: keys})
	case 10:
		c.do(id, mediation.HoldSession{Occasion: now, Organisation: d.Offer.Organisation, Mode: mediation.Video, Attended: keys, Record: "双方各让一步"})
	case 11, 12:
		c.do(id, mediation.ReachAgreement{Occasion: now, Organisation: d.Offer.Organisation, Form: mediation.Written, Terms: "分期偿还"})
	case 13, 14:
		c.do(id, mediation.TakeEffect{Occasion: now, Organisation: d.Offer.Organisation, AllSigned: true, Sealed: true})
	case 15:
		c.do(id, mediation.Terminate{Occasion: now, Organisation: d.Offer.Organisation, Ground: mediation.Ground(rapid.IntRange(2, 8).Draw(t, "ground")), Note: "—"})
	case 16:
		c.do(id, mediation.CorrectEntry{Occasion: now, Field: rapid.SampledFrom(mediation.Fields).Draw(t, "field"), Reason: "笔误",
			Is: rapid.SampledFrom([]string{"离婚纠纷", "12.50", d.FiledOn.AddDays(-1).String(), day.String(), "视频", "周敏"}).Draw(t, "is")})
	case 17:
		c.do(id, mediation.TransferStation{Occasion: now, From: d.Station, To: rapid.SampledFrom([]string{"S1", "S2", "S3"}).Draw(t, "to"), Reason: "就近"})
	case 18:
		c.rule(id, confirmation.Apply{Occasion: ruling, Dispute: id, Effective: d.Agreement.Effective, ApplyBy: d.Agreement.ApplyBy, Joint: true})
	case 19:
		c.rule(id, confirmation.Accept{Occasion: ruling, Number: "（2024）冀0108诉前调确7号"})
	case 20:
		c.drawRuling(t, id, ruling)
	}
}

func (c *court) drawRuling(t *rapid.T, id string, now confirmation.Occasion) {
	switch rapid.IntRange(0, 4).Draw(t, "ruling") {
	case 0:
		c.rule(id, confirmation.Confirm{Occasion: now})
	case 1:
		c.rule(id, confirmation.Dismiss{Occasion: now, Ground: 5})
	case 2:
		c.rule(id, confirmation.RefuseAcceptance{Occasion: now, Ground: 2})
	case 3:
		c.rule(id, confirmation.Withdraw{Occasion: now})
	case 4:
		c.do(id, mediation.ReturnApplication{Occasion: on(now.Today), Ground: mediation.NotSuitable})
	}
}

func (c *court) drawRow(t *rapid.T, id string, day calendar.Date) {
	cmd := row(rapid.IntRange(1, 9).Draw(t, "row"), day.AddDays(-60))
	cmd.Outcome = rapid.SampledFrom([]mediation.Outcome{mediation.OutcomeOpen, mediation.OutcomeSuccess, mediation.OutcomeTerminated, mediation.OutcomeReturned}).Draw(t, "outcome")
	if rapid.Bool().Draw(t, "extended") {
		cmd.Extended = cmd.Accepted.AddDays(20)
	}
	if cmd.Outcome != mediation.OutcomeOpen {
		cmd.Ended, cmd.Ground, cmd.Return = cmd.Accepted.AddDays(rapid.IntRange(0, 50).Draw(t, "took")), mediation.WideDifferences, mediation.NotSuitable
	}
	if c.do(id, cmd) != nil || cmd.Outcome != mediation.OutcomeSuccess || rapid.Bool().Draw(t, "unconfirmed") {
		return
	}
	result := rapid.SampledFrom([]confirmation.Result{"", confirmation.ResultConfirmed, confirmation.ResultWithdrawn}).Draw(t, "result")
	c.rule(id, confirmation.Import{Dispute: id, Hash: cmd.Source.Hash, Applied: cmd.Ended, Result: result, Ended: cmd.Ended.AddDays(3)})
}

var people = []string{"张伟", "王芳", "李 娜", "石家庄市裕华区家和物业服务有限公司"}
