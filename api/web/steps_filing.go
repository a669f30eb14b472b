package web

import (
	"slices"
	"strings"

	"doorstep/domain/mediation"
)

// stepsOfFiling are the steps of the workstation before and beside the
// mediation.
var stepsOfFiling = []*step{
	{name: "consent", icon: "check", mediates: mediation.StepConsent, rows: consentRows, command: func(sc scene, f *form) mediation.Command {
		return mediation.RecordConsent{Occasion: sc.v.occasionOf(f), Party: f.value("party"), Way: mediation.ConsentWay(f.value("way"))}
	}},
	{name: "consent-refusal", icon: "stop", mediates: mediation.StepRefuseConsent, rows: consentRows, command: func(sc scene, f *form) mediation.Command {
		return mediation.RecordRefusal{Occasion: sc.v.occasionOf(f), Party: f.value("party"), Way: mediation.ConsentWay(f.value("way"))}
	}},
	{name: "return", icon: "back", mediates: mediation.StepReturn, rows: returnRows, command: func(sc scene, f *form) mediation.Command {
		return mediation.ReturnApplication{Occasion: sc.v.occasionOf(f), Ground: mediation.ReturnGround(f.number("ground")), Note: f.value("note")}
	}},
	{name: "transfer", icon: "swap", mediates: mediation.StepTransfer, rows: transferRows, leaves: true, command: func(sc scene, f *form) mediation.Command {
		return mediation.TransferStation{Occasion: sc.v.occasionOf(f), From: sc.c.Dispute.Station, To: sc.knownStation(f, "to"), Reason: f.value("reason")}
	}},
	{name: "correction", icon: "edit", mediates: mediation.StepCorrection, rows: correctionRows, command: func(sc scene, f *form) mediation.Command {
		field := mediation.Field(f.value("field"))
		is := sc.v.asEntered(field, f.value("is"))
		return mediation.CorrectEntry{Occasion: sc.v.occasionOf(f), Field: field, Is: is, Reason: f.value("reason")}
	}},
}

// asEntered is what was typed as the record has it: an amount without
// separators, a mode by its Chinese name.
func (v *visit) asEntered(field mediation.Field, typed string) string {
	switch field {
	case mediation.FieldAmount:
		return tidyAmount(typed)
	case mediation.FieldMode:
		for _, m := range mediation.Modes {
			if strings.EqualFold(typed, v.modeWord(m)) {
				return string(m)
			}
		}
	}
	return typed
}

// knownStation is the workstation of that code; a code that nobody has is
// noted as a fault.
func (sc scene) knownStation(f *form, name string) string {
	code := f.value(name)
	if _, ok := sc.v.site.Directory.Station(code); !ok && code != "" {
		f.wrong(name, sc.v.say("fault.unknown-station"))
	}
	return code
}

// otherStations are those to which the case can go.
func (sc scene) otherStations() []option {
	var list []option
	for _, st := range sc.v.site.Directory.Stations() {
		if st.Code != sc.c.Dispute.Station {
			list = append(list, option{st.Code, st.Name, true})
		}
	}
	return list
}

// parties are the parties to choose from.
func (sc scene) parties() []pick {
	list := make([]pick, 0, len(sc.c.Dispute.Parties))
	for _, p := range sc.c.Dispute.Parties {
		list = append(list, pick{Value: p.Key, Label: p.Name, Data: true, Note: sc.v.say("party."+string(p.Role)) + " · " + sc.consentOf(p.Key)})
	}
	return list
}

// consentOf says what a party said to mediation.
func (sc scene) consentOf(key string) string {
	if slices.Contains(sc.c.Dispute.Refusals, key) {
		return sc.v.say("party.refused")
	}
	for _, c := range sc.c.Dispute.Consents {
		if c.Party == key {
			return sc.v.say("party.consented")
		}
	}
	for _, s := range sc.c.Dispute.Sessions {
		if slices.Contains(s.Attended, key) {
			return sc.v.say("party.attended")
		}
	}
	if sc.c.Dispute.Stage.Ended() {
		return ""
	}
	return sc.v.say("party.silent")
}

// ways are how a party may have said it.
func (sc scene) ways() []option {
	var list []option
	for _, w := range []mediation.ConsentWay{mediation.InPerson, mediation.ByTheLine, mediation.Online, mediation.InWriting} {
		list = append(list, option{Value: string(w), Label: sc.v.say("way." + string(w))})
	}
	return list
}

// returnGrounds are the three grounds of 人民法院在线调解规则 9.
func (sc scene) returnGrounds() []pick {
	var list []pick
	for g := mediation.NotCivilScope; g <= mediation.NotSuitable; g++ {
		list = append(list, pick{Value: num(int(g)), Label: sc.v.say("return-ground." + num(int(g)))})
	}
	return list
}

// correctable are the entries that can be corrected, each with what it says
// now; those that were never made are left out.
func (sc scene) correctable() []pick {
	var list []pick
	for _, field := range mediation.Fields {
		if now, made := sc.entry(field); made {
			list = append(list, pick{Value: string(field), Label: sc.v.say("field." + string(field)), Note: now, NoteData: true})
		}
	}
	return list
}

// entry is what a field says now; false where it was never entered.
func (sc scene) entry(field mediation.Field) (string, bool) {
	d := sc.c.Dispute
	switch field {
	case mediation.FieldCause:
		return d.Cause, true
	case mediation.FieldAmount:
		return d.Amount.String(), true
	case mediation.FieldFiled:
		return d.FiledOn.String(), true
	case mediation.FieldAccepted:
		return d.Accepted.String(), !d.Accepted.IsZero()
	case mediation.FieldEnded:
		return d.Ended.String(), d.Stage.Ended()
	case mediation.FieldMode:
		return string(d.Mode), !d.Accepted.IsZero()
	case mediation.FieldMediator:
		return d.Offer.Mediator, !d.Accepted.IsZero()
	}
	return "", false
}
