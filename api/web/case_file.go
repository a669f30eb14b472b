package web

import (
	"net/http"
	"slices"
	"strconv"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
	"doorstep/domain/mediation"
	"doorstep/projections/docket"
)

// The parties that a filing form has room for: so many at first, and at most
// so many when a script adds more.
const (
	firstApplicants  = 2
	firstRespondents = 3
	mostParties      = 60
)

// partyRow is one party of the filing form; its fields are named by its key.
type partyRow struct {
	Key   string // a1, b1, …
	Extra bool   // beyond the first of its side
}

// partyRows are the rows of a side: as many as are filled in, or as a page
// without a script needs.
func partyRows(f form, side string, first int) []partyRow {
	last := first
	for i := first + 1; i <= mostParties; i++ {
		if f.value(side+strconv.Itoa(i)+"-name") != "" {
			last = i
		}
	}
	rows := make([]partyRow, last)
	for i := range rows {
		rows[i] = partyRow{side + strconv.Itoa(i+1), i > 0}
	}
	return rows
}

// extraFilled tells whether a side has more than its first party.
func extraFilled(f form, side string) bool {
	for i := 2; i <= mostParties; i++ {
		if f.value(side+strconv.Itoa(i)+"-name") != "" {
			return true
		}
	}
	return false
}

// filingView is what the page of filing shows besides the form.
type filingView struct {
	Causes  []cause
	Similar []docket.Entry // disputes between the same parties
	Odd     []string       // keys of parties whose identity number cannot be right
}

// doubts tells whether there is something to look at before filing.
func (w filingView) doubts() bool { return len(w.Similar) > 0 || len(w.Odd) > 0 }

// showFiling shows the empty form.
func (s *site) showFiling(v *visit) error {
	f := newForm("/cases/new", 0)
	f.Values.Set("on", v.today().String())
	f.Values.Set("channel", string(mediation.AtStation))
	return v.showFilingForm(http.StatusOK, f, filingView{})
}

func (v *visit) showFilingForm(status int, f form, w filingView) error {
	w.Causes = v.causes()
	return v.page(status, head{Title: v.say("filing.title")}, filingPage(f, w))
}

// fileDispute registers a dispute at the visitor's workstation. The dispute's
// id is the deed's, so that the same form sent twice files it once. What looks
// doubtful is shown first and filed when the form is sent again.
func (s *site) fileDispute(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	cmd := v.filing(&f)
	if len(f.Faults) > 0 {
		return v.showFilingForm(http.StatusUnprocessableEntity, f, filingView{})
	}
	if _, err := mediation.Decider.Decide(mediation.Dispute{}, cmd); err != nil {
		if no, ok := refusal(err); ok {
			return v.showFilingForm(http.StatusUnprocessableEntity, v.refuseFiling(f, no), filingView{})
		}
		return err
	}
	if f.value("anyway") == "" {
		w, err := v.doubts(f, cmd)
		if err != nil {
			return err
		}
		if w.doubts() {
			return v.showFilingForm(http.StatusUnprocessableEntity, f, w)
		}
	}
	f.Seen = 0 // there was nothing to see yet
	out, err := s.Disputes.Do(v.request().Context(), mediation.Stream(f.Deed), v.deed(f), cmd)
	if no, ok := refusal(err); ok {
		return v.showFilingForm(http.StatusUnprocessableEntity, v.refuseFiling(f, no), filingView{})
	}
	if err != nil {
		return err
	}
	return v.done(out.Position, afterFiling(f))
}

// refuseFiling is refuse; where a name is missing it points to the row in which
// it is.
func (v *visit) refuseFiling(f form, no *decide.Refusal) form {
	if no != mediation.ErrParties {
		return v.refuse(f, no)
	}
	for _, side := range []string{"a", "b"} {
		for i := 1; i <= mostParties; i++ {
			key := side + strconv.Itoa(i)
			missing := f.value(key+"-id")+f.value(key+"-phone")+f.value(key+"-address") != "" || i == 1
			if missing && f.value(key+"-name") == "" {
				f.wrong(key+"-name", v.speech.refusal(no))
				return f.refused(no)
			}
		}
	}
	return v.refuse(f, no)
}

// afterFiling is where the button leads that was pressed.
func afterFiling(f form) string {
	switch f.value("then") {
	case "designation":
		return casePath(f.Deed) + "/designation"
	case "case":
		return casePath(f.Deed) + "?did=filing"
	}
	return casePath(f.Deed) + "/receipt"
}

// filing makes the command of the form.
func (v *visit) filing(f *form) mediation.FileDispute {
	return mediation.FileDispute{
		Occasion: v.occasionOf(f), Court: v.site.CourtCode, Station: v.actor.Station, Channel: mediation.Channel(f.value("channel")),
		Cause: f.value("cause"), Amount: v.yuan(f, "amount"), Parties: append(partiesOf(f, "a", mediation.Applicant), partiesOf(f, "b", mediation.Respondent)...),
		Facts: f.value("facts"), Informed: f.value("informed") != "",
	}
}

// partiesOf reads the parties of one side; a row without any entry is no party.
func partiesOf(f *form, side string, role mediation.Role) []mediation.Party {
	var list []mediation.Party
	for i := 1; i <= mostParties; i++ {
		key := side + strconv.Itoa(i)
		p := mediation.Party{Role: role, Name: f.value(key + "-name"), IDNumber: f.value(key + "-id"), Phone: f.value(key + "-phone"), Address: f.value(key + "-address")}
		if p.Name+p.IDNumber+p.Phone+p.Address != "" {
			list = append(list, p)
		}
	}
	return list
}

// doubts looks for disputes between the same parties and for identity numbers
// that cannot be right.
func (v *visit) doubts(f form, cmd mediation.FileDispute) (filingView, error) {
	var w filingView
	found := map[string]bool{f.Deed: true} // sent twice, it is no duplicate of itself
	for _, a := range cmd.Parties {
		if a.Role != mediation.Applicant {
			continue
		}
		for _, b := range cmd.Parties {
			if b.Role != mediation.Respondent {
				continue
			}
			list, err := v.site.Docket.Similar(v.request().Context(), a.Name, b.Name)
			if err != nil {
				return w, err
			}
			for _, e := range list {
				if !found[e.ID] {
					found[e.ID] = true
					w.Similar = append(w.Similar, e)
				}
			}
		}
	}
	for _, side := range []string{"a", "b"} {
		for i := 1; i <= mostParties; i++ {
			key := side + strconv.Itoa(i)
			if mediation.KindOfName(f.value(key+"-name")) == mediation.Person && oddIdentity(f.value(key+"-id")) {
				w.Odd = append(w.Odd, key)
			}
		}
	}
	return w, nil
}

// isOdd tells whether that party's identity number is in doubt.
func (w filingView) isOdd(key string) bool { return slices.Contains(w.Odd, key) }

// channels are how a dispute may have come in.
func (v *visit) channels() []option {
	list := make([]option, len(mediation.Channels))
	for i, c := range mediation.Channels {
		list[i] = option{Value: string(c), Label: v.channel(c)}
	}
	return list
}

// daysAgo says how long ago a day was.
func (v *visit) daysAgo(d calendar.Date) string {
	if d == v.today() {
		return v.say("filed-today")
	}
	return v.say("days-ago", "count", v.today().DaysSince(d))
}
