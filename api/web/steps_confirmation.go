package web

import (
	"doorstep/domain/confirmation"
)

// stepsOfConfirmation are the joint application and the court's answers to it.
var stepsOfConfirmation = []*step{
	{name: "confirmation-application", icon: "seal", confirms: confirmation.StepApply, rows: applicationRows, ruling: func(sc scene, f *form) confirmation.Command {
		a := sc.c.Dispute.Agreement
		return confirmation.Apply{Occasion: sc.hearing(f), Dispute: sc.c.ID, Effective: a.Effective, ApplyBy: a.ApplyBy, Joint: f.value("joint") != ""}
	}},
	{name: "confirmation/acceptance", icon: "check", confirms: confirmation.StepAccept, rows: docketRows, ruling: func(sc scene, f *form) confirmation.Command {
		return confirmation.Accept{Occasion: sc.hearing(f), Number: f.value("number")}
	}},
	{name: "confirmation/non-acceptance", icon: "stop", confirms: confirmation.StepRefuseAcceptance, rows: nonAcceptanceRows, ruling: func(sc scene, f *form) confirmation.Command {
		return confirmation.RefuseAcceptance{Occasion: sc.hearing(f), Ground: f.number("ground")}
	}},
	{name: "confirmation/ruling", icon: "seal", confirms: confirmation.StepConfirm, rows: docketRows, ruling: func(sc scene, f *form) confirmation.Command {
		return confirmation.Confirm{Occasion: sc.hearing(f), Number: f.value("number")}
	}},
	{name: "confirmation/dismissal", icon: "stop", confirms: confirmation.StepDismiss, rows: dismissalRows, ruling: func(sc scene, f *form) confirmation.Command {
		return confirmation.Dismiss{Occasion: sc.hearing(f), Ground: f.number("ground")}
	}},
	{name: "confirmation/withdrawal", icon: "back", confirms: confirmation.StepWithdraw, rows: withdrawalRows, ruling: func(sc scene, f *form) confirmation.Command {
		return confirmation.Withdraw{Occasion: sc.hearing(f)}
	}},
}

// hearing is occasionOf for the confirmation.
func (sc scene) hearing(f *form) confirmation.Occasion {
	return confirmation.Occasion(sc.v.occasionOf(f))
}

// lawGrounds are the grounds of a list of the law, in its order.
func (sc scene) lawGrounds(grounds []confirmation.Ground) []pick {
	lang := "zh"
	if sc.v.speech.english() {
		lang = "en"
	}
	list := make([]pick, len(grounds))
	for i, g := range grounds {
		list[i] = pick{Value: num(i + 1), Label: g.In(lang)}
	}
	return list
}
