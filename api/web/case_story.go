package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
)

// happening is one entry of a case's history as pages tell it.
type happening struct {
	Anchor     string
	Icon       string
	Tone       tone
	Title      string
	Lines      []fact
	Words      []fact // what people wrote at length
	Candidates []candidate
	Happened   calendar.Moment
	Recorded   time.Time
	Late       bool // recorded on a later day
	Imported   bool // from a ledger, which is always recorded later
	Who        string
	Struck     bool     // a later correction says otherwise
	Correction string   // anchor of that correction
	Gone       []string // labels of the lines that no longer hold
	DayGone    bool     // nor does the day
	New        bool     // by the deed that brought the visitor here
	Hash       string
}

// candidate is an organisation as the rules ranked it.
type candidate struct {
	Code, Name, Kind string
	Score, Open      int
	Reasons          []string
	Chosen           bool
}

// tell tells the entries in their order.
func (sc scene) tell(entries []casefile.Entry) []happening {
	seen := sc.v.query("seen")
	list := make([]happening, len(entries))
	for i, e := range entries {
		h := happening{
			Anchor: "v" + e.Position.String() + "-" + strconv.Itoa(i), Happened: e.Happened, Recorded: e.Recorded, Late: e.Late, Imported: e.Actor == "import",
			Who: sc.v.who(e), Struck: e.Corrected, New: seen != "" && seen == e.Position.String(), Hash: e.Hash.String(),
		}
		sc.fill(&h, e)
		list[i] = h
	}
	sc.link(entries, list)
	return list
}

// link leads from what was corrected to the first correction of it, and notes
// what of it no longer holds.
func (sc scene) link(entries []casefile.Entry, list []happening) {
	for i, e := range entries {
		if !e.Corrected {
			continue
		}
		for j, later := range entries {
			c, ok := later.Event.(mediation.EntryCorrected)
			if !ok || !e.Position.Before(later.Position) || !entersField(e, c.Field) {
				continue
			}
			if list[i].Correction == "" {
				list[i].Correction = list[j].Anchor
			}
			label := correctedLine[c.Field]
			if _, again := e.Event.(mediation.EntryCorrected); again {
				label = "is"
			}
			if label == "" {
				list[i].DayGone = true
				continue
			}
			list[i].Gone = append(list[i].Gone, sc.v.say("label."+label))
		}
	}
}

// correctedLine is the line of an entry in which a field stands; the days are
// those of the entries themselves.
var correctedLine = map[mediation.Field]string{
	mediation.FieldCause: "cause", mediation.FieldAmount: "amount", mediation.FieldMode: "mode", mediation.FieldMediator: "mediator",
}

// gone tells whether a line no longer holds.
func (h happening) gone(l fact) bool { return slices.Contains(h.Gone, l.Label) }

// entersField tells whether an entry is one in which the field may have been
// entered.
func entersField(e casefile.Entry, field mediation.Field) bool {
	if c, ok := e.Event.(mediation.EntryCorrected); ok {
		return c.Field == field
	}
	for _, kind := range enteredBy[field] {
		if e.Event.Kind() == kind {
			return true
		}
	}
	return false
}

// enteredBy is the events in which a field is entered.
var enteredBy = map[mediation.Field][]string{
	mediation.FieldCause:    {"dispute-filed"},
	mediation.FieldAmount:   {"dispute-filed"},
	mediation.FieldFiled:    {"dispute-filed"},
	mediation.FieldAccepted: {"delegation-accepted"},
	mediation.FieldMediator: {"delegation-accepted"},
	mediation.FieldMode:     {"delegation-accepted", "session-held"},
	mediation.FieldEnded:    {"agreement-took-effect", "mediation-terminated", "application-returned"},
}

// who says at which desk an entry was recorded: never a person's name.
func (v *visit) who(e casefile.Entry) string {
	role, place, _ := strings.Cut(e.Actor, ":")
	word := v.say("account." + role)
	if strings.HasPrefix(word, "⟦") {
		word = e.Actor
	}
	switch {
	case role == "judge":
		return v.station(place)
	case role == "committee":
		return v.organisation(place)
	}
	return word
}

// station is a workstation's name, or its code where nobody lists it.
func (v *visit) station(code string) string {
	if st, ok := v.site.Directory.Station(code); ok {
		return st.Name
	}
	return code
}

// organisation is an organisation's name, or its code.
func (v *visit) organisation(code string) string {
	if o, ok := v.site.Directory.Organisation(code); ok {
		return o.Name
	}
	return code
}

// partyNames are the names of the parties of those keys.
func (sc scene) partyNames(keys []string) string {
	var list []mediation.Party
	for _, key := range keys {
		if p, ok := sc.now.Dispute.Party(key); ok {
			list = append(list, p)
		}
	}
	return names(list)
}

// line is a fact of the catalog's label; data is what people wrote.
func (sc scene) line(label, value string, data bool) fact {
	return fact{sc.v.say("label." + label), value, data}
}

// some leaves out the facts of which there is nothing to say.
func some(facts ...fact) []fact {
	var list []fact
	for _, f := range facts {
		if f.Value != "" && f.Value != dash {
			list = append(list, f)
		}
	}
	return list
}

// yuan writes an amount in groups of three.
func yuan(f mediation.Fen) string {
	s := f.String()
	whole, cents, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + "." + cents
}

// amount is an amount with its unit; dash where none was named.
func (v *visit) amount(f mediation.Fen) string {
	if f == 0 {
		return dash
	}
	return v.say("amount", "yuan", yuan(f))
}

// newestFirst turns a story round: what happened last is what people look for.
func newestFirst(list []happening) []happening {
	slices.Reverse(list)
	return list
}

// knownDay is the day by which things had been recorded, for the box that asks
// for one.
func knownDay(at casefile.AsOf) string {
	if at.Known.IsZero() {
		return ""
	}
	return calendar.DateOf(at.Known).String()
}
