package web

import (
	"strconv"

	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
)

// fill tells one event: its picture, its title and what is worth knowing of it.
func (sc scene) fill(h *happening, e casefile.Entry) {
	h.Title = sc.v.say("event." + e.Event.Kind())
	if mediated, ok := e.Event.(mediation.Event); ok {
		sc.fillRouting(h, mediated)
		sc.fillMediation(h, mediated)
		sc.fillEnding(h, mediated)
		return
	}
	sc.fillConfirmation(h, e)
}

// fillRouting tells of filing, consent and delegation.
func (sc scene) fillRouting(h *happening, event mediation.Event) {
	v := sc.v
	switch e := event.(type) {
	case mediation.DisputeFiled:
		h.Icon, h.Tone = "file", toneInfo
		h.Lines = some(sc.line("cause", e.Cause, true), sc.line("amount", v.amount(e.Amount), false), sc.line("channel", v.channel(e.Channel), false), sc.line("source", sc.source(e.Source), true))
		h.Words = some(sc.line("facts", e.Facts, true))
	case mediation.ApplicationReturned:
		h.Icon, h.Tone = "back", toneBad
		h.Lines = some(sc.line("return-ground", v.ground("return-ground", int(e.Ground)), false))
		h.Words = some(sc.line("note", e.Note, true))
	case mediation.ConsentGiven:
		h.Icon, h.Tone = "check", toneGood
		h.Lines = some(sc.line("party", sc.partyNames([]string{e.Party}), true), sc.line("way", v.say("way."+string(e.Way)), false))
	case mediation.ConsentRefused:
		h.Icon, h.Tone = "stop", toneBad
		h.Lines = some(sc.line("party", sc.partyNames([]string{e.Party}), true), sc.line("way", v.say("way."+string(e.Way)), false))
	case mediation.OrganisationDesignated:
		h.Icon, h.Tone = "send", toneInfo
		h.Lines = some(sc.line("organisation", v.organisation(e.Organisation), true), sc.line("ruleset", e.Ruleset, false))
		h.Words = some(sc.line("why-not-first", e.Reason, true))
		h.Candidates = v.candidates(e.Candidates, e.Organisation)
	case mediation.DelegationDelivered:
		h.Icon, h.Tone = "inbox", toneInfo
		h.Lines = some(sc.line("accept-by", day(e.AcceptBy), false))
	case mediation.DelegationAccepted:
		h.Icon, h.Tone = "hand", toneGood
		h.Lines = some(sc.line("organisation", v.organisation(e.Organisation), true), sc.line("mediator", e.Mediator, true), sc.line("mode", v.modeWord(e.Mode), false), sc.line("due", day(e.Due), false))
	case mediation.DelegationDeclined:
		h.Icon, h.Tone = "back", toneBad
		h.Lines = some(sc.line("organisation", v.organisation(e.Organisation), true))
		h.Words = some(sc.line("reason", e.Reason, true))
	}
}

// fillMediation tells of what happens while a case is mediated, or is put right.
func (sc scene) fillMediation(h *happening, event mediation.Event) {
	v := sc.v
	switch e := event.(type) {
	case mediation.SessionHeld:
		h.Icon, h.Tone = "talk", toneInfo
		minutes := ""
		if e.Minutes > 0 {
			minutes = v.say("minutes", "count", e.Minutes)
		}
		h.Lines = some(sc.line("mode", v.modeWord(e.Mode), false), sc.line("attended", sc.partyNames(e.Attended), true), sc.line("length", minutes, false))
		h.Words = some(sc.line("record", e.Record, true))
	case mediation.ExtensionAgreed:
		h.Icon, h.Tone = "clock", toneWarn
		until := day(e.Until)
		if e.Until.IsZero() {
			until = v.say("case.no-limit")
		}
		h.Lines = some(sc.line("until", until, false), sc.line("agreed", sc.partyNames(e.Agreed), true))
	case mediation.StationTransferred:
		h.Icon, h.Tone = "swap", toneInfo
		h.Lines = some(sc.line("from-station", v.station(e.From), true), sc.line("to-station", v.station(e.To), true), sc.line("source", sc.source(e.Source), true))
		h.Words = some(sc.line("reason", e.Reason, true))
	case mediation.EntryCorrected:
		h.Icon, h.Tone = "edit", toneWarn
		h.Lines = some(sc.line("field", v.say("field."+string(e.Field)), false), sc.line("was", e.Was, true), sc.line("is", e.Is, true), sc.line("due", day(e.Due), false), sc.line("apply-by", day(e.ApplyBy), false))
		h.Words = some(sc.line("reason", e.Reason, true))
	case mediation.EntryMarked:
		h.Icon, h.Tone = "alert", toneWarn
		for _, m := range e.Marks {
			h.Lines = append(h.Lines, sc.line("mark", v.markWord(m), false))
		}
	}
}

// fillEnding tells of agreement, end and performance.
func (sc scene) fillEnding(h *happening, event mediation.Event) {
	v := sc.v
	switch e := event.(type) {
	case mediation.AgreementReached:
		h.Icon, h.Tone = "hand", toneGood
		form, partial := "", ""
		if e.Form != "" {
			form = v.say("form-of." + string(e.Form))
		}
		if e.Partial {
			partial = v.say("case.partial")
		}
		h.Lines = some(sc.line("form", form, false), sc.line("extent", partial, false))
		h.Words = some(sc.line("terms", e.Terms, true))
	case mediation.AgreementTookEffect:
		h.Icon, h.Tone = "check", toneGood
		h.Lines = some(sc.line("rule", v.say("rule."+e.Rule), false), sc.line("apply-by", day(e.ApplyBy), false))
	case mediation.MediationTerminated:
		h.Icon, h.Tone = "stop", toneQuiet
		h.Lines = some(sc.line("ground", v.ground("ground", int(e.Ground)), false))
		h.Words = some(sc.line("note", e.Note, true))
	case mediation.PerformanceRecorded:
		h.Icon, h.Tone = "check", toneInfo
		if e.Status == mediation.Performed {
			h.Tone = toneGood
		}
		h.Lines = some(sc.line("performance", v.say("performance."+string(e.Status)), false))
	case mediation.PartyErased:
		h.Icon, h.Tone = "stop", toneQuiet
		h.Lines = some(sc.line("party", e.Party, false), sc.line("basis", v.say("erase-basis."+string(e.Basis)), false))
	case mediation.HoldPlaced:
		h.Icon, h.Tone = "stop", toneWarn
	case mediation.HoldReleased:
		h.Icon, h.Tone = "check", toneQuiet
	}
}

// fillConfirmation tells of the court's part.
func (sc scene) fillConfirmation(h *happening, entry casefile.Entry) {
	h.Icon, h.Tone = "seal", toneInfo
	switch e := entry.Event.(type) {
	case confirmation.ConfirmationAccepted:
		h.Lines = some(sc.line("number", e.Number, true), sc.line("decide-by", day(e.DecideBy), false))
	case confirmation.AgreementConfirmed:
		h.Tone = toneGood
		h.Lines = some(sc.line("number", e.Number, true))
	case confirmation.ConfirmationNotAccepted:
		h.Icon, h.Tone = "stop", toneBad
		h.Lines = some(sc.line("ground", sc.lawGround(confirmation.AcceptanceGrounds, e.Ground), false))
	case confirmation.ConfirmationDismissed:
		h.Icon, h.Tone = "stop", toneBad
		h.Lines = some(sc.line("ground", sc.lawGround(confirmation.DismissalGrounds, e.Ground), false))
	case confirmation.ConfirmationWithdrawn:
		h.Icon, h.Tone = "back", toneQuiet
	}
}

// lawGround is one ground of a list; empty for 0, which a ledger did not name.
func (sc scene) lawGround(grounds []confirmation.Ground, n int) string {
	if picks := sc.lawGrounds(grounds); n >= 1 && n <= len(picks) {
		return picks[n-1].Label
	}
	return ""
}

// ground is a statutory ground of the catalog; empty for 0.
func (v *visit) ground(list string, n int) string {
	if n == 0 {
		return ""
	}
	return v.say(list + "." + strconv.Itoa(n))
}

// channelKeys are the catalog's names of the channels.
var channelKeys = map[mediation.Channel]string{
	mediation.AtWindow: "window", mediation.AtStation: "station", mediation.FromGrid: "grid", mediation.ByPhone: "phone", mediation.FromPartner: "partner",
}

// channel is how a case came in, in the visitor's language.
func (v *visit) channel(c mediation.Channel) string {
	if key, ok := channelKeys[c]; ok {
		return v.say("channel." + key)
	}
	return string(c)
}

// source says from which line of which file an entry was imported.
func (sc scene) source(s *mediation.Source) string {
	if s == nil {
		return ""
	}
	return sc.v.say("case.source", "file", s.File, "line", num(s.Line), "id", s.ID)
}

// markWord is what an import found odd.
func (v *visit) markWord(m mediation.Mark) string {
	if v.speech.english() {
		return m.English
	}
	return m.Chinese
}

// candidates are the organisations as the rules ranked them, with their reasons
// in the visitor's language.
func (v *visit) candidates(ranked []mediation.Candidate, chosen string) []candidate {
	list := make([]candidate, len(ranked))
	for i, c := range ranked {
		o, _ := v.site.Directory.Organisation(c.Organisation)
		list[i] = candidate{Code: c.Organisation, Name: v.organisation(c.Organisation), Kind: o.Type, Score: c.Score, Open: c.Open, Chosen: c.Organisation == chosen}
		for _, r := range c.Reasons {
			list[i].Reasons = append(list[i].Reasons, v.reasonWord(r))
		}
	}
	return list
}

// reasonWord is one rule's word on an organisation, with its points.
func (v *visit) reasonWord(r mediation.Reason) string {
	text := r.Chinese
	if v.speech.english() {
		text = r.English
	}
	if r.Points == 0 {
		return text
	}
	sign := ""
	if r.Points > 0 {
		sign = "+"
	}
	return text + " " + sign + strconv.Itoa(r.Points)
}
