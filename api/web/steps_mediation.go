package web

import (
	"strconv"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// stepsOfMediation are the steps of routing and of the organisation that
// mediates. The page of designation has a handler of its own.
var stepsOfMediation = []*step{
	{name: "designation", icon: "send", mediates: mediation.StepDesignate},
	{name: "acceptance", icon: "hand", mediates: mediation.StepAccept, rows: acceptanceRows, command: func(sc scene, f *form) mediation.Command {
		return mediation.Accept{Occasion: sc.v.occasionOf(f), Organisation: sc.v.actor.Organisation, Mediator: f.value("mediator"), Mode: mediation.Mode(f.value("mode"))}
	}},
	{name: "refusal", icon: "back", mediates: mediation.StepDecline, rows: refusalRows, leaves: true, command: func(sc scene, f *form) mediation.Command {
		return mediation.Decline{Occasion: sc.v.occasionOf(f), Organisation: sc.v.actor.Organisation, Reason: sc.v.declineReason(f)}
	}},
	{name: "session", icon: "talk", mediates: mediation.StepSession, rows: sessionRows, command: func(sc scene, f *form) mediation.Command {
		return mediation.HoldSession{
			Occasion: sc.v.occasionOf(f), Organisation: sc.v.actor.Organisation, Mode: mediation.Mode(f.value("mode")),
			Attended: f.Values["attended"], Minutes: sc.minutes(f), Record: f.value("record"),
		}
	}},
	{name: "extension", icon: "clock", mediates: mediation.StepExtension, rows: extensionRows, command: func(sc scene, f *form) mediation.Command {
		until, err := calendar.ParseDate(f.value("until"))
		if err != nil {
			f.wrong("until", sc.v.say("fault.day"))
		}
		return mediation.AgreeExtension{Occasion: sc.v.occasionOf(f), Organisation: sc.v.actor.Organisation, Until: until, Agreed: f.Values["agreed"]}
	}},
}

// minutes is how long a session lasted; empty where nobody counted.
func (sc scene) minutes(f *form) int {
	s := f.value("minutes")
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		f.wrong("minutes", sc.v.say("fault.minutes"))
	}
	return n
}

// number reads a small number that was chosen; 0 where none was.
func (f form) number(name string) int {
	n, err := strconv.Atoi(f.value(name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// declineReasons are the usual reasons of an organisation's no; what is kept is
// the sentence, so that the record needs no list.
var declineReasons = []string{"scope", "capacity", "interest", "distance", "else"}

// declineReason joins the reason chosen and what was written besides.
func (v *visit) declineReason(f *form) string {
	chosen, words := f.value("cause"), f.value("reason")
	for _, r := range declineReasons {
		if r != chosen || r == "else" {
			continue
		}
		// The record is kept in the court's language, whoever enters it.
		sentence := v.site.catalog.speeches[languages[0]].say("decline." + r)
		return strings.TrimSuffix(sentence+"："+words, "：")
	}
	return words
}

func (sc scene) declineReasons() []option {
	list := make([]option, len(declineReasons))
	for i, r := range declineReasons {
		list[i] = option{Value: r, Label: sc.v.say("decline." + r)}
	}
	return list
}

// modes are how a mediation may be held.
func (v *visit) modes() []pick {
	var list []pick
	for _, m := range mediation.Modes {
		list = append(list, pick{Value: string(m), Label: v.modeWord(m)})
	}
	return list
}

// modeKeys are the catalog's names of the modes.
var modeKeys = map[mediation.Mode]string{
	mediation.OnSite: "on-site", mediation.Video: "video", mediation.Mixed: "mixed", mediation.Async: "async", mediation.Phone: "phone",
}

// modeWord is a mode in the visitor's language.
func (v *visit) modeWord(m mediation.Mode) string {
	if key, ok := modeKeys[m]; ok {
		return v.say("mode." + key)
	}
	return dash
}

// attending are the parties who may have been there, without what they said to
// mediation.
func (sc scene) attending() []pick {
	var list []pick
	for _, p := range sc.c.Dispute.Parties {
		list = append(list, pick{Value: p.Key, Label: p.Name, Data: true, Note: sc.v.say("party." + string(p.Role))})
	}
	return list
}
