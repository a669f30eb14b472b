package web

import (
	"doorstep/domain/decide"
	"doorstep/domain/mediation"
)

// stepsOfEnding are the steps by which a mediation ends, and what follows an
// agreement.
var stepsOfEnding = []*step{
	{name: "agreement", icon: "hand", mediates: mediation.StepAgreement, rows: agreementRows, command: func(sc scene, f *form) mediation.Command {
		return mediation.ReachAgreement{
			Occasion: sc.v.occasionOf(f), Organisation: sc.v.actor.Organisation, Form: mediation.Form(f.value("form")),
			Partial: f.value("partial") != "", Terms: f.value("terms"),
		}
	}},
	{name: "effect", icon: "check", mediates: mediation.StepEffect, rows: effectRows, command: func(sc scene, f *form) mediation.Command {
		return mediation.TakeEffect{
			Occasion: sc.v.occasionOf(f), Organisation: sc.v.actor.Organisation, Body: sc.body(),
			AllSigned: f.value("signed") != "", Sealed: f.value("sealed") != "",
		}
	}},
	{name: "termination", icon: "stop", mediates: mediation.StepTermination, rows: terminationRows, command: func(sc scene, f *form) mediation.Command {
		return sc.terminate(sc.v.occasionOf(f), mediation.Ground(f.number("ground")), f.value("note"))
	}},
	{name: "performance", icon: "check", mediates: mediation.StepPerformance, rows: performanceRows, command: func(sc scene, f *form) mediation.Command {
		return mediation.RecordPerformance{Occasion: sc.v.occasionOf(f), Status: mediation.PerformanceStatus(f.value("status"))}
	}},
}

// body is the kind of the organisation that has the case, for the rules of
// effect.
func (sc scene) body() mediation.BodyType {
	o, _ := sc.v.site.Directory.Organisation(sc.c.Dispute.Offer.Organisation)
	return mediation.BodyOf(o.Type, o.Name)
}

// terminate is the command that ends a mediation: the organisation that has the
// case speaks, or the workstation for it, whom the table lets only at its own.
func (sc scene) terminate(o mediation.Occasion, g mediation.Ground, note string) mediation.Terminate {
	return mediation.Terminate{Occasion: o, Organisation: sc.c.Dispute.Offer.Organisation, Ground: g, Note: note}
}

// forms are the forms of an agreement.
func (sc scene) forms() []pick {
	var list []pick
	for _, form := range []mediation.Form{mediation.Written, mediation.Oral, mediation.OnlineForm} {
		list = append(list, pick{Value: string(form), Label: sc.v.say("form-of." + string(form))})
	}
	return list
}

// grounds are the eight grounds of 人民法院在线调解规则 25; those that cannot hold
// now say why, as the rules say it.
func (sc scene) grounds() []pick {
	var list []pick
	for g := mediation.AgreementReachedGround; g <= mediation.OtherGround; g++ {
		p := pick{Value: num(int(g)), Label: sc.v.say("ground." + num(int(g)))}
		if no := sc.ask(sc.terminate(sc.v.occasion(), g, dash)); no != nil {
			p.Off = sc.v.speech.refusal(no)
		}
		list = append(list, p)
	}
	return list
}

// ask asks the rules about one command.
func (sc scene) ask(cmd mediation.Command) *decide.Refusal {
	return mediation.Decider.Ask(sc.c.Dispute, cmd)
}

// statuses are how far an agreement may be performed.
func (sc scene) statuses() []pick {
	var list []pick
	for _, status := range []mediation.PerformanceStatus{mediation.Performed, mediation.Performing, mediation.Unperformed} {
		list = append(list, pick{Value: string(status), Label: sc.v.say("performance." + string(status))})
	}
	return list
}
