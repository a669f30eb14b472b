package confirmation

import (
	"slices"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/decide/decidetest"
	"pgregory.net/rapid"
)

func TestTheLifecycleOfAConfirmation(t *testing.T) {
	state := func(name string, given []Event) decidetest.State[Event] {
		return decidetest.State[Event]{Name: name, Given: given}
	}
	ask := func(name string, cmd Command) decidetest.Asked[Case, Command] {
		return decidetest.Asked[Case, Command]{Name: name, When: func(Case) Command { return cmd }}
	}
	now := did("2024-04-15")
	effective, applyBy := day("2024-03-21"), day("2024-04-22")
	states := []decidetest.State[Event]{
		state("无人申请", nil), state("已申请", applied()), state("已受理", accepted()), state("裁定有效", confirmed()), state("裁定驳回", dismissed()),
		state("裁定不予受理", notAccepted()), state("已撤回", withdrawn()),
	}
	room.Lifecycle(t, "testdata/lifecycle.md", "一件司法确认能办什么 What may be done about a confirmation", states, []decidetest.Asked[Case, Command]{
		ask("申请 Apply", Apply{now, "d1", effective, applyBy, true}),
		ask("申请,协议未生效 Apply, no effect", Apply{now, "d1", 0, 0, true}),
		ask("申请,仅一方 Apply, one side", Apply{now, "d1", effective, applyBy, false}),
		ask("申请,逾三十日 Apply, late", Apply{did("2024-04-23"), "d1", effective, applyBy, true}),
		ask("受理 Accept", Accept{now, number}),
		ask("裁定不予受理 RefuseAcceptance", RefuseAcceptance{now, 2}),
		ask("裁定有效 Confirm", Confirm{Occasion: now}),
		ask("裁定驳回 Dismiss", Dismiss{now, 4}),
		ask("撤回 Withdraw", Withdraw{now}),
	})
}

// attempts is how people might try a step, well or badly.
func attempts(c Case, s Step, effective, applyBy calendar.Date, now Occasion) []Command {
	var list []Command
	switch s {
	case StepApply:
		for _, joint := range []bool{true, false} {
			list = append(list, Apply{now, "d1", effective, applyBy, joint}, Apply{now, "d1", 0, applyBy, joint})
		}
	case StepAccept:
		list = append(list, Accept{now, number}, Accept{now, ""})
	case StepConfirm:
		list = append(list, Confirm{now, number}, Confirm{now, ""})
	case StepWithdraw:
		list = append(list, Withdraw{now})
	}
	for g := range 8 {
		switch s {
		case StepRefuseAcceptance:
			list = append(list, RefuseAcceptance{now, g})
		case StepDismiss:
			list = append(list, Dismiss{now, g})
		}
	}
	return list
}

func TestNextStepsAreExactlyWhatTheRulesAllow(t *testing.T) {
	stages, taken := map[Stage]bool{}, map[Step]bool{}
	for range 20 { // walks are random; a few hundred come everywhere
		rapid.Check(t, func(t *rapid.T) { walk(t, stages, taken) })
		if len(stages) == len(Stages) && len(taken) == len(Steps) {
			return
		}
	}
	t.Errorf("no walk came everywhere: %v, %v", stages, taken)
}

// walk leads a case at random through deeds that people might try, notes where
// it came and compares what is offered there with what is allowed.
func walk(t *rapid.T, stages map[Stage]bool, taken map[Step]bool) {
	effective := day("2024-03-21")
	applyBy := day("2024-04-22")
	if rapid.IntRange(0, 9).Draw(t, "no effect") == 0 {
		effective, applyBy = 0, 0
	}
	c, today := Decider.Initial(), day("2024-03-20")
	for range rapid.IntRange(1, 12).Draw(t, "deeds") {
		today = today.AddDays(rapid.IntRange(0, 6).Draw(t, "later"))
		happened := today.AddDays(-rapid.SampledFrom([]int{0, 0, 0, 1, 9, -1}).Draw(t, "entered late by"))
		now := Occasion{At: calendar.On(happened), Today: today}
		step := rapid.SampledFrom(Steps).Draw(t, "step")
		for _, n := range NextSteps(c, effective, applyBy, now) {
			if n.Primary && rapid.Bool().Draw(t, "onward") {
				step = n.Step
			}
		}
		tried := attempts(c, step, effective, applyBy, now)
		if well := slices.DeleteFunc(slices.Clone(tried), func(cmd Command) bool { return !happens(c, cmd) }); len(well) > 0 {
			tried = well
		}
		before := c
		if events, err := Decider.Decide(c, rapid.SampledFrom(tried).Draw(t, "deed")); err == nil {
			c = Decider.Fold(c, events...)
		}
		stages[c.Stage] = true
		if what := absurd(before, c, effective, today); what != "" {
			t.Fatalf("%s: %+v", what, c)
		}
		now = Occasion{At: calendar.On(today), Today: today}
		for i, n := range NextSteps(c, effective, applyBy, now) {
			allowed := slices.ContainsFunc(attempts(c, n.Step, effective, applyBy, now), func(cmd Command) bool { return happens(c, cmd) })
			if n.Step != Steps[i] || allowed != (n.Refused == nil) || n.Primary && !allowed {
				t.Fatalf("%s at stage %q: offered %v, allowed %v", n.Step, c.Stage, n.Refused, allowed)
			}
			if allowed {
				taken[n.Step] = true
			}
		}
	}
}

// happens tells whether a command would make something happen.
func happens(c Case, cmd Command) bool {
	events, err := Decider.Decide(c, cmd)
	return err == nil && len(events) > 0
}

// absurd names what cannot be true of a case; empty: it can.
func absurd(before, c Case, effective, today calendar.Date) string {
	ruled := c.Stage == Confirmed || c.Stage == Dismissed
	switch {
	case c.Stage == None && c != Case{}:
		return "something of nothing"
	case c.Stage != None && (c.Applied < effective || c.Applied > day("2024-04-22") || effective.IsZero()):
		return "applied for outside the window"
	case (ruled || c.Stage == Accepted) && (c.Accepted < c.Applied || c.DecideBy < c.Accepted.AddDays(30)):
		return "ruled on or accepted without acceptance"
	case c.Stage.Ended() == c.Ended.IsZero() || c.Ended > today || c.Stage.Ended() && c.Ended < max(c.Applied, c.Accepted):
		return "an end without a day, or on an impossible one"
	case c.Stage == Dismissed && (c.Ground < 1 || c.Ground > 6), c.Stage == NotAccepted && (c.Ground < 1 || c.Ground > 5 || !c.Accepted.IsZero()):
		return "ended on no ground"
	case before.Stage.Ended() && before.Stage != Withdrawn && before != c:
		return "the end was not the end"
	}
	return ""
}

func TestOneStepMovesACaseOn(t *testing.T) {
	for stage, c := range map[Stage]struct {
		given []Event
		want  Step
	}{
		None: {nil, StepApply}, Applied: {applied(), StepAccept}, Accepted: {accepted(), StepConfirm}, Confirmed: {confirmed(), ""},
		Dismissed: {dismissed(), ""}, NotAccepted: {notAccepted(), ""}, Withdrawn: {withdrawn(), StepApply},
	} {
		var got Step
		for _, n := range NextSteps(Decider.Fold(Decider.Initial(), c.given...), day("2024-03-21"), day("2024-04-22"), did("2024-04-15")) {
			if n.Primary {
				got = n.Step
			}
		}
		if got != c.want {
			t.Errorf("%q: %q", stage, got)
		}
	}
}
