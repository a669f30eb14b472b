package statistics_test

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/statistics"
)

// TestTheViewAgreesWithTheRulesOfTheDispute sends random deeds to the desks,
// most of them refused, and holds what the view counts against the disputes as
// their own rules see them at the end.
func TestTheViewAgreesWithTheRulesOfTheDispute(t *testing.T) {
	f := &folders{root: t.TempDir()}
	reached := map[mediation.Stage]int{}
	rapid.Check(t, func(rt *rapid.T) {
		c := newCourt(t)
		var ids []string
		for i := range rapid.IntRange(1, 6).Draw(rt, "disputes") {
			w := &work{rt: rt, court: c, id: "d" + strconv.Itoa(i), day: firstDay}
			w.whole()
			ids = append(ids, w.id)
		}
		s, _ := f.fed(rt, c.records())
		want := map[statistics.Measure][]string{}
		byStation := map[string]statistics.Group{}
		for _, id := range ids {
			d, _, err := c.disputes.Load(context.Background(), mediation.Stream(id))
			c.must(err)
			k, _, err := c.confirmations.Load(context.Background(), confirmation.Stream(id))
			c.must(err)
			reached[d.Stage]++
			for _, m := range measuresOf(d, k) {
				want[m] = append(want[m], id)
			}
			if d.Stage == mediation.Succeeded || d.Stage == mediation.Terminated {
				g := byStation[d.Station]
				if g.Concluded++; d.Stage == mediation.Succeeded {
					g.Success++
				}
				byStation[d.Station] = g
			}
		}
		q := statistics.Query{From: firstDay, To: firstDay.AddDays(worldDays), AsOf: firstDay.AddDays(3 * worldDays)}
		for _, m := range statistics.Measures {
			if got := s.Cases(q, m); !slices.Equal(got, want[m]) {
				rt.Fatalf("%s: %v, want %v", m, got, want[m])
			}
		}
		got := s.Figures(q).By.Station
		for code, g := range got {
			g.Rate = nil
			got[code] = g
		}
		if !reflect.DeepEqual(got, byStation) {
			rt.Fatalf("by station: %v, want %v", got, byStation)
		}
	})
	for _, stage := range mediation.Stages[1:] {
		if reached[stage] == 0 {
			t.Errorf("no dispute came to be %s: the walk is too short", stage)
		}
	}
}

// measuresOf is what a dispute counts for by its own state.
func measuresOf(d mediation.Dispute, k confirmation.Case) []statistics.Measure {
	list := []statistics.Measure{statistics.Filed}
	if !d.Offer.Designated.IsZero() || len(d.Declined) > 0 {
		list = append(list, statistics.Delegated)
	}
	if d.Stage == mediation.Returned {
		return append(list, statistics.Returned)
	}
	if !d.Accepted.IsZero() {
		list = append(list, statistics.Received)
	}
	if !d.Accepted.IsZero() && !d.Stage.Ended() {
		return append(list, statistics.InHand)
	}
	if d.Stage.Ended() {
		list = append(list, statistics.Concluded)
		if d.Mode.AudioVideo() {
			list = append(list, statistics.AudioVideo)
		}
	}
	if d.Stage == mediation.Succeeded {
		list = append(list, statistics.Success)
		if k.Stage != confirmation.None {
			list = append(list, statistics.ConfirmationApplied)
		}
		if k.Stage == confirmation.Confirmed {
			list = append(list, statistics.Confirmed)
		}
	}
	return list
}

// work is a dispute while random deeds are done about it.
type work struct {
	rt    *rapid.T
	court *court
	id    string
	day   calendar.Date
}

// whole files the dispute and tries some deeds.
func (w *work) whole() {
	w.court.dispute(w.id, mediation.FileDispute{Occasion: w.occasion(0), Court: "130108", Station: w.pick(stations), Cause: w.pick(causes), Informed: true,
		Parties: []mediation.Party{{Role: mediation.Applicant, Name: "甲"}, {Role: mediation.Respondent, Name: "乙"}}})
	for range rapid.IntRange(0, 25).Draw(w.rt, "deeds") {
		d, _, err := w.court.disputes.Load(context.Background(), mediation.Stream(w.id))
		w.court.must(err)
		w.try(d)
	}
}

func (w *work) pick(from []string) string { return rapid.SampledFrom(from).Draw(w.rt, "word") }

// occasion is some days later, or now and then some days earlier.
func (w *work) occasion(earlier int) mediation.Occasion {
	days := rapid.IntRange(-earlier, 4).Draw(w.rt, "days")
	if days > 0 {
		w.day = w.day.AddDays(days)
		days = 0
	}
	return mediation.Occasion{At: calendar.On(w.day.AddDays(days)), Today: firstDay.AddDays(worldDays)}
}

// try does one deed; a refusal is as good as another deed.
func (w *work) try(d mediation.Dispute) {
	o, organisation := w.occasion(3), d.Offer.Organisation
	mode := rapid.SampledFrom(mediation.Modes).Draw(w.rt, "mode")
	ours := confirmation.Occasion{At: o.At, Today: o.Today}
	var cmd mediation.Command
	deed := rapid.IntRange(0, 14).Draw(w.rt, "deed")
	if onward := map[mediation.Stage]int{mediation.Filed: 1, mediation.Designated: 5, mediation.Mediating: 9, mediation.Agreed: 10, mediation.Succeeded: 14}[d.Stage]; onward > 0 && rapid.Bool().Draw(w.rt, "onward") {
		deed = onward
	}
	switch deed {
	case 0:
		cmd = mediation.ReturnApplication{Occasion: o, Ground: mediation.NotSuitable}
	case 1, 2, 3:
		cmd = mediation.Designate{Occasion: o, Organisation: w.pick(organisations), Reason: "就近"}
	case 4:
		cmd = mediation.Decline{Occasion: o, Organisation: organisation, Reason: "人手不足"}
	case 5, 6:
		cmd = mediation.Accept{Occasion: o, Organisation: organisation, Mediator: "丙", Mode: mode}
	case 7, 8:
		cmd = mediation.HoldSession{Occasion: o, Organisation: organisation, Mode: mode, Attended: []string{"A1", "B1"}}
	case 9:
		cmd = mediation.ReachAgreement{Occasion: o, Organisation: organisation, Form: mediation.Written, Terms: "分期付款"}
	case 10:
		cmd = mediation.TakeEffect{Occasion: o, Organisation: organisation, AllSigned: true, Sealed: true}
	case 11:
		cmd = mediation.Terminate{Occasion: o, Organisation: organisation, Ground: mediation.WideDifferences}
	case 12:
		cmd = mediation.TransferStation{Occasion: o, From: d.Station, To: w.pick(stations), Reason: "移送"}
	case 13:
		cmd = w.correction(o, mode)
	default:
		w.confirm(d, ours)
		return
	}
	w.court.disputes.Do(context.Background(), mediation.Stream(w.id), w.court.deed(), cmd)
}

func (w *work) correction(o mediation.Occasion, mode mediation.Mode) mediation.Command {
	field := rapid.SampledFrom(mediation.Fields).Draw(w.rt, "field")
	is := firstDay.AddDays(rapid.IntRange(0, worldDays).Draw(w.rt, "is")).String()
	switch field {
	case mediation.FieldCause:
		is = w.pick(causes)
	case mediation.FieldMode:
		is = string(mode)
	}
	return mediation.CorrectEntry{Occasion: o, Field: field, Is: is, Reason: "误录"}
}

func (w *work) confirm(d mediation.Dispute, o confirmation.Occasion) {
	var cmd confirmation.Command = confirmation.Apply{Occasion: o, Dispute: w.id, Effective: d.Agreement.Effective, ApplyBy: d.Agreement.ApplyBy, Joint: true}
	switch rapid.IntRange(0, 4).Draw(w.rt, "confirmation") {
	case 0:
		cmd = confirmation.Accept{Occasion: o}
	case 1:
		cmd = confirmation.Confirm{Occasion: o}
	case 2:
		cmd = confirmation.Withdraw{Occasion: o}
	}
	w.court.confirmations.Do(context.Background(), confirmation.Stream(w.id), w.court.deed(), cmd)
}
