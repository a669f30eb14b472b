package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
)

// happenings is one of every event, with all that pages tell of it.
var happenings = []codec.Event{
	mediation.DisputeFiled{Cause: "离婚纠纷", Amount: 1, Channel: mediation.FromGrid, Facts: "经过", Source: &mediation.Source{ID: "P1", File: "f.csv", Line: 2}},
	mediation.ApplicationReturned{Ground: 3, Note: "说明"},
	mediation.ConsentGiven{Party: "A1", Way: mediation.ByApplying},
	mediation.ConsentRefused{Party: "B1", Way: mediation.InWriting},
	mediation.OrganisationDesignated{Organisation: "RT-01", Ruleset: "2021-1", Reason: "就近", Candidates: []mediation.Candidate{
		{Organisation: "LS-01", Score: 9, Reasons: []mediation.Reason{{Rule: "r", Points: -4, Chinese: "在调多", English: "busy"}}}, {Organisation: "RT-01"}}},
	mediation.DelegationDelivered{AcceptBy: 20220106},
	mediation.DelegationAccepted{Organisation: "RT-01", Mediator: "刘淑芬", Mode: mediation.Async, Due: 20220130},
	mediation.DelegationDeclined{Organisation: "RT-01", Reason: "不在范围"},
	mediation.SessionHeld{Mode: mediation.Phone, Attended: []string{"A1"}, Minutes: 1, Record: "笔录"},
	mediation.ExtensionAgreed{Agreed: []string{"A1", "B1"}},
	mediation.ExtensionAgreed{Until: 20220301},
	mediation.AgreementReached{Form: mediation.Oral, Partial: true, Terms: "协议"},
	mediation.AgreementTookEffect{Rule: "PMA10-29", ApplyBy: 20220130},
	mediation.AgreementTookEffect{Rule: "PMA10-30"}, mediation.AgreementTookEffect{Rule: "TY16-24"},
	mediation.AgreementTookEffect{Rule: "ODM22-19"}, mediation.AgreementTookEffect{Rule: "LDM07-14"}, mediation.AgreementTookEffect{Rule: "ledger"},
	mediation.MediationTerminated{Ground: 4, Note: "说明"}, mediation.MediationTerminated{},
	mediation.PerformanceRecorded{Status: mediation.Performed},
	mediation.StationTransferred{From: "130108001", To: "130108002", Reason: "住所地"},
	mediation.EntryCorrected{Field: mediation.FieldMode, Was: "现场", Is: "视频", Reason: "笔误", Due: 20220130},
	mediation.EntryMarked{Marks: []mediation.Mark{{Code: "c", Chinese: "晚", English: "late"}}},
	mediation.PartyErased{Party: "A1", Basis: mediation.PurposeAchieved}, mediation.PartyErased{Party: "A1", Basis: mediation.PeriodExpired},
	mediation.PartyErased{Party: "A1", Basis: mediation.ConsentWithdrawn}, mediation.PartyErased{Party: "A1", Basis: mediation.Unlawful}, mediation.PartyErased{Party: "A1", Basis: mediation.OtherLaw},
	mediation.HoldPlaced{}, mediation.HoldReleased{},
	confirmation.ConfirmationApplied{Dispute: "d1"},
	confirmation.ConfirmationAccepted{Number: "（2021）1号", DecideBy: 20220130},
	confirmation.ConfirmationNotAccepted{Ground: 5}, confirmation.ConfirmationNotAccepted{},
	confirmation.AgreementConfirmed{Number: "（2021）1号"},
	confirmation.ConfirmationDismissed{Ground: 6},
	confirmation.ConfirmationWithdrawn{},
}

// sceneIn is a case before a judge who reads that language.
func sceneIn(h *courthouse, lang string) scene {
	c := echo.New().NewContext(httptest.NewRequest("GET", "/cases/d1", nil), httptest.NewRecorder())
	v := &visit{echo: c, site: h.site, speech: h.catalog.speeches[lang], at: noon}
	d := mediation.Dispute{Parties: []mediation.Party{{Key: "A1", Name: "李翀"}, {Key: "B1", Name: "王喆"}}}
	return scene{v: v, c: casefile.Case{Dispute: d}, now: casefile.Case{Dispute: d}}
}

func TestEveryEventIsToldInBothLanguages(t *testing.T) {
	h := newHouse(t)
	told := map[string]bool{}
	for _, lang := range languages {
		sc := sceneIn(h, lang)
		for _, e := range happenings {
			told[e.Kind()] = true
			list := sc.tell([]casefile.Entry{{Event: e, Happened: calendar.On(20211231), Recorded: noon, Actor: "import"}})
			all := list[0].Title + list[0].Who
			for _, f := range append(list[0].Lines, list[0].Words...) {
				all += f.Label + f.Value
			}
			for _, c := range list[0].Candidates {
				all += c.Name + strings.Join(c.Reasons, "")
			}
			if strings.Contains(all, "⟦") || list[0].Icon == "" || iconPaths[list[0].Icon] == "" {
				t.Errorf("%s: %T is told as %q with the picture %q", lang, e, all, list[0].Icon)
			}
		}
	}
	for _, form := range mediation.Codec.Forms() {
		if !told[form.Kind] {
			t.Errorf("%s is never told", form.Kind)
		}
	}
	for _, form := range confirmation.Codec.Forms() {
		if !told[form.Kind] {
			t.Errorf("%s is never told", form.Kind)
		}
	}
}

func TestEveryWordOfTheFieldHasItsTextInBothLanguages(t *testing.T) {
	h := newHouse(t)
	for _, lang := range languages {
		sc := sceneIn(h, lang)
		var all []string
		for _, m := range mediation.Modes {
			all = append(all, sc.v.modeWord(m))
		}
		for _, c := range mediation.Channels {
			all = append(all, sc.v.channel(c))
		}
		for _, st := range mediation.Stages[1:] {
			all = append(all, sc.v.say("stage."+string(st)))
		}
		for _, field := range mediation.Fields {
			all = append(all, sc.v.say("field."+string(field)))
		}
		for _, picks := range [][]pick{sc.grounds(), sc.returnGrounds(), sc.forms(), sc.statuses()} {
			for _, p := range picks {
				all = append(all, p.Label)
			}
		}
		for _, o := range append(append(sc.ways(), sc.declineReasons()...), sc.v.stageOptions()...) {
			all = append(all, o.Label)
		}
		for _, st := range steps {
			for _, part := range []string{"title", "do", "help", "done"} {
				all = append(all, sc.v.say(st.text(part)))
			}
		}
		for day := range 7 {
			all = append(all, sc.v.weekday(calendar.Date(20220102).AddDays(day)))
		}
		for _, word := range all {
			if word == "" || word == dash || strings.Contains(word, "⟦") {
				t.Errorf("%s: a word is %q", lang, word)
			}
		}
	}
}

// A refusal that speaks of a field names one that some form has.
func TestEveryFieldThatARefusalSpeaksOfIsInAForm(t *testing.T) {
	h := newHouse(t)
	h.file(t, "d1")
	h.file(t, "d2")
	names := map[string]bool{}
	collect := func(a answer, path string) {
		for name := range a.filled(path) {
			names[name] = true
		}
		for _, want := range faultFields {
			if a.find("id", "f-"+want) != nil {
				names[want] = true
			}
		}
	}
	judge, body := h.as(t, "judge", "130108001"), h.as(t, "committee", "RT-01")
	collect(judge.get("/cases/new"), "/cases/new")
	visit := func(v *visitor, list ...string) {
		for _, step := range list {
			collect(v.get("/cases/d1/"+step), "/cases/d1/"+step)
		}
	}
	visit(judge, "consent", "return", "transfer", "correction", "designation")
	h.delegate(t, "d1")
	visit(body, "acceptance", "refusal")
	h.do(t, "d1", mediation.Accept{Occasion: now(), Organisation: "RT-01", Mediator: "刘淑芬"})
	visit(body, "session", "extension", "termination")
	h.do(t, "d1", mediation.HoldSession{Occasion: now(), Organisation: "RT-01", Mode: mediation.Video, Attended: []string{"A1", "B1"}})
	visit(body, "agreement")
	h.do(t, "d1", mediation.ReachAgreement{Occasion: now(), Organisation: "RT-01", Form: mediation.Written, Terms: "协议"})
	visit(body, "effect")
	h.do(t, "d1", mediation.TakeEffect{Occasion: now(), Organisation: "RT-01", AllSigned: true, Sealed: true})
	visit(body, "performance", "confirmation-application")
	for code, field := range faultFields {
		if !names[field] {
			t.Errorf("%s speaks of the field %s, which no form has", code, field)
		}
	}
}
