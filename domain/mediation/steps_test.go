package mediation

import (
	"slices"
	"testing"

	"doorstep/domain/calendar"
	"pgregory.net/rapid"
)

// attempts is how people might try a step, well or badly: every party, way,
// ground, form and status, and organisations that have the dispute or not.
func attempts(d Dispute, s Step, now Occasion) []Command {
	bodies := []BodyType{committee, trade, union, lawyers}
	organisations := []string{d.Offer.Organisation, "RT-01", "SH-01", "LS-01", ""}
	keys := append(d.keys(), "Z9")
	var list []Command
	add := func(cmds ...Command) { list = append(list, cmds...) }
	for _, key := range keys {
		switch s {
		case StepConsent:
			add(RecordConsent{now, key, InPerson, "v1"}, RecordConsent{now, key, ByApplying, ""})
		case StepRefuseConsent:
			add(RecordRefusal{now, key, ByTheLine}, RecordRefusal{now, key, ""})
		}
	}
	for _, o := range organisations {
		for _, note := range []string{"", "写明的理由"} {
			switch s {
			case StepDesignate:
				add(Designate{Occasion: now, Organisation: o, Reason: note, Deliver: note == ""})
			case StepAccept:
				add(Accept{now, o, "张调解", OnSite}, Accept{now, o, note, ""}, Accept{now, o, "王芳", Video})
			case StepDecline:
				add(Decline{now, o, note})
			case StepTermination:
				for g := Ground(0); g <= 9; g++ {
					add(Terminate{now, o, g, note})
				}
			}
		}
		switch s {
		case StepSession:
			for _, m := range append(slices.Clone(Modes), "书信") {
				add(HoldSession{now, o, m, d.keys(), 30, ""}, HoldSession{now, o, m, keys[:1], 30, ""}, HoldSession{now, o, m, nil, 30, ""})
			}
		case StepExtension:
			add(AgreeExtension{now, o, now.At.Date.AddDays(40), d.keys()}, AgreeExtension{now, o, d.Due, d.keys()}, AgreeExtension{now, o, max(d.Due, 20240101).AddDays(1), d.keys()},
				AgreeExtension{now, o, now.At.Date.AddDays(40), nil})
		case StepAgreement:
			for _, f := range []Form{Written, Oral, OnlineForm, ""} {
				add(ReachAgreement{now, o, f, true, "甲付乙款。"}, ReachAgreement{now, o, f, false, "乙付甲款。"}, ReachAgreement{now, o, f, false, " "})
			}
		case StepEffect:
			for _, b := range bodies {
				add(TakeEffect{now, o, b, true, true}, TakeEffect{now, o, b, false, false}, TakeEffect{now, o, b, true, false})
			}
		}
	}
	return append(list, otherAttempts(d, s, now)...)
}

func otherAttempts(d Dispute, s Step, now Occasion) []Command {
	var list []Command
	switch s {
	case StepReturn:
		for g := ReturnGround(0); g <= 4; g++ {
			list = append(list, ReturnApplication{now, g, ""})
		}
	case StepDeliver:
		list = append(list, Deliver{now})
	case StepPerformance:
		for _, p := range []PerformanceStatus{Performed, Performing, Unperformed, "?"} {
			list = append(list, RecordPerformance{now, p})
		}
	case StepTransfer:
		list = append(list, TransferStation{now, d.Station, "130172", "住所地"}, TransferStation{now, d.Station, "130108003", "住所地"}, TransferStation{now, "", "", ""})
	case StepCorrection:
		for _, f := range Fields {
			for _, v := range []string{"其他纠纷", "10.00", "视频", "李强", now.At.Date.String(), now.At.Date.AddDays(-9).String(), now.At.Date.AddDays(1).String()} {
				list = append(list, CorrectEntry{now, f, v, "录入有误"})
			}
		}
	}
	return list
}

// walk leads a dispute at random through deeds that people might try, and calls
// seen after each with what it was before.
func walk(t *rapid.T, start Command, from calendar.Date, seen func(before, after Dispute, today calendar.Date)) {
	events, err := Decider.Decide(Decider.Initial(), start)
	if err != nil {
		t.Fatalf("%T: %v", start, err)
	}
	d := Decider.Fold(Decider.Initial(), events...)
	today := from
	seen(Decider.Initial(), d, today)
	for range rapid.IntRange(0, 20).Draw(t, "deeds") {
		today = today.AddDays(rapid.SampledFrom([]int{0, 0, 1, 2, 5, 12, 33}).Draw(t, "later"))
		happened := today.AddDays(-rapid.SampledFrom([]int{0, 0, 0, 1, 3, 20, -1}).Draw(t, "entered late by"))
		now := Occasion{At: calendar.On(happened), Today: today}
		step := rapid.SampledFrom(Steps).Draw(t, "step")
		if next := d.onward(now); len(next) > 0 && rapid.IntRange(0, 2).Draw(t, "onward") > 0 {
			step = next[0]
		}
		tried := attempts(d, step, now)
		if well := slices.DeleteFunc(slices.Clone(tried), func(c Command) bool { return !happens(d, c) }); len(well) > 0 && rapid.IntRange(0, 3).Draw(t, "well") > 0 {
			tried = well // or else few would get beyond filing
		}
		before := d
		if events, err := Decider.Decide(d, rapid.SampledFrom(tried).Draw(t, "deed")); err == nil {
			d = Decider.Fold(d, events...)
		}
		seen(before, d, today)
	}
}

// happens tells whether a command would make something happen.
func happens(d Dispute, c Command) bool {
	events, err := Decider.Decide(d, c)
	return err == nil && len(events) > 0
}

func TestNextStepsAreExactlyWhatTheRulesAllow(t *testing.T) {
	taken := map[Step]bool{}
	check := func(t *rapid.T, d Dispute, now Occasion) {
		next := NextSteps(d, now)
		primaries := 0
		for i, n := range next {
			allowed := slices.ContainsFunc(attempts(d, n.Step, now), func(c Command) bool { return happens(d, c) })
			if n.Step != Steps[i] || allowed != (n.Refused == nil) {
				t.Fatalf("%s at stage %q: offered %v, allowed %v", n.Step, d.Stage, n.Refused, allowed)
			}
			if allowed {
				taken[n.Step] = true
			}
			if n.Primary {
				primaries++
			}
			if n.Primary && n.Refused != nil {
				t.Fatalf("%s is to be done next and may not be", n.Step)
			}
		}
		if stuck := primaries == 0 && d.Stage != Unfiled && !d.Stage.Ended() && !now.At.Date.Before(d.latest()); stuck || primaries > 1 {
			t.Fatalf("%d steps are to be done next at stage %q: %+v", primaries, d.Stage, next)
		}
	}
	untilAll(t, func() bool { return len(taken) == len(Steps) }, func(t *rapid.T) {
		check(t, Decider.Initial(), did("2024-03-01"))
		walk(t, filing(nil), day("2024-03-01"), func(_, d Dispute, today calendar.Date) {
			check(t, d, Occasion{At: calendar.On(today), Today: today})
		})
	})
}

func TestNextStepsOfAnImportedDisputeAreWhatTheRulesAllow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := possibleRow(t)
		walk(t, r, max(r.Filed, r.Ended, r.Accepted, r.Extended, r.Performed), func(_, d Dispute, today calendar.Date) {
			now := Occasion{At: calendar.On(today), Today: today}
			for _, n := range NextSteps(d, now) {
				allowed := slices.ContainsFunc(attempts(d, n.Step, now), func(c Command) bool { return happens(d, c) })
				if allowed != (n.Refused == nil) {
					t.Fatalf("%s at stage %q: offered %v, allowed %v", n.Step, d.Stage, n.Refused, allowed)
				}
			}
		})
	})
}

func TestNoDeedsLeadToWhatCannotBe(t *testing.T) {
	stages := map[Stage]bool{}
	untilAll(t, func() bool { return len(stages) == len(Stages)-1 }, func(t *rapid.T) { // all but unfiled
		walk(t, filing(nil), day("2024-03-01"), func(before, d Dispute, today calendar.Date) {
			stages[d.Stage] = true
			for i, o := range d.orders(today) {
				if o.wrong() {
					t.Fatalf("order %d: %s after %s in %+v", i, o.first, o.second, d)
				}
			}
			if what := absurd(d); what != "" {
				t.Fatalf("%s: %+v", what, d)
			}
			if before.Stage.Ended() && (before.Stage != d.Stage || before.Ground != d.Ground || before.Station != d.Station || len(before.Sessions) != len(d.Sessions)) {
				t.Fatalf("the end was not the end: %+v became %+v", before, d)
			}
		})
	})
}

// untilAll repeats a random walk until the walks have come everywhere.
func untilAll(t *testing.T, everywhere func() bool, walk func(*rapid.T)) {
	t.Helper()
	for range 20 {
		rapid.Check(t, walk)
		if everywhere() {
			return
		}
	}
	t.Error("no walk came everywhere")
}

// absurd names what cannot be true of a dispute; empty: it can.
func absurd(d Dispute) string {
	received := d.Stage == Mediating || d.Stage == Agreed || d.Stage == Succeeded
	accepted := !d.Accepted.IsZero()
	for _, c := range d.Consents {
		if slices.Contains(d.Refusals, c.Party) {
			return "a party agrees and refuses"
		}
	}
	switch {
	case received && !accepted, d.Stage != Terminated && accepted != received:
		return "accepted and not received, or the other way round"
	case accepted && (d.Offer.Organisation == "" || d.Offer.Mediator == "" || d.isParty(d.Offer.Mediator) || !d.Due.After(d.Accepted)):
		return "mediation without an organisation, a mediator or an end"
	case d.Stage.Ended() == d.Ended.IsZero():
		return "an end without a day, or a day without an end"
	case d.Stage == Terminated && (d.Ground <= AgreementReachedGround || d.Ground > OtherGround || !accepted && !d.Ground.early()):
		return "terminated on a ground that cannot be"
	case (d.Stage == Agreed || d.Stage == Succeeded || d.Ground == RefusedToSign) == d.Agreement.Reached.IsZero() && !d.Ground.late():
		return "agreed without an agreement"
	case d.Stage == Returned && (d.Return < NotCivilScope || d.Return > NotSuitable || accepted):
		return "returned on no ground, or after acceptance"
	case d.Stage == Succeeded && (d.Agreement.Effective.IsZero() || d.Agreement.ApplyBy.Before(d.Agreement.Effective.AddDays(30)) || len(d.Refusals) > 0):
		return "a success without effect or will"
	case d.Stage == Succeeded && slices.ContainsFunc(d.keys(), func(k string) bool { return !d.heard(k) }):
		return "a success over somebody's head"
	case d.Stage != Succeeded && (d.Performed != Performance{} || !d.Agreement.Effective.IsZero()):
		return "performed without effect"
	}
	return ""
}

func TestOneStepMovesADisputeOn(t *testing.T) {
	extended := ExtensionAgreed{at("2024-03-20"), day("2024-06-30"), everybody}
	no := ConsentRefused{at("2024-03-21"), "B2", ByTheLine}
	for _, c := range []struct {
		name  string
		given []Event
		want  Step
	}{
		{"filed: delegate it", filed(), StepDesignate},
		{"filed, a party unwilling: end it", unwilling(), StepTermination},
		{"declined: delegate it again", declined(), StepDesignate},
		{"designated: accept it", designated(), StepAccept},
		{"delivered, a party unwilling: end it", delivered(no), StepTermination},
		{"accepted: hear the parties", mediating(extended), StepSession},
		{"heard: agree", heard(extended), StepAgreement},
		{"one of them was not heard: hear him", mediating(extended, sessionOf("2024-03-12", OnSite, "A1")), StepSession},
		{"a party unwilling: end it", heard(extended, no), StepTermination},
		{"overdue: end it", heard(), StepTermination},
		{"agreed: let it take effect", agreed(Written), StepEffect},
		{"agreed, a party unwilling: end it", agreed(Written, no), StepTermination},
		{"in effect: watch over performance", succeeded(), StepPerformance},
		{"performed: nothing", succeeded(PerformanceRecorded{at("2024-04-01"), Performed}), ""},
		{"ended: nothing", terminated(), ""},
		{"returned: nothing", returned(), ""},
		{"never filed: nothing", nil, ""},
	} {
		var got Step
		for _, n := range NextSteps(Decider.Fold(Decider.Initial(), c.given...), did("2024-06-01")) {
			if n.Primary {
				got = n.Step
			}
		}
		if got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
