package web

import (
	"errors"
	"net/http"

	"doorstep/domain/decide"
	"doorstep/domain/mediation"
	"doorstep/domain/routing"
	"doorstep/projections/casefile"
)

// ranked is what the rules say today of who should mediate a case.
type ranked struct {
	Candidates []mediation.Candidate // best first; kept with the designation
	Shown      []candidate           // the same for people
	Excluded   []shutOut
	Ruleset    string
}

// shutOut is an organisation that the rules excluded, and why.
type shutOut struct{ Name, Reason string }

// rank asks the rule set about a case, with what every organisation has in
// hand now.
func (sc scene) rank(chosen string) (ranked, error) {
	s := sc.v.site
	load, err := s.Docket.Load(sc.v.request().Context())
	if err != nil {
		return ranked{}, err
	}
	listed := s.Directory.Organisations()
	organisations := make([]routing.Organisation, len(listed))
	for i, o := range listed {
		organisations[i] = routing.Organisation{Code: o.Code, Name: o.Name, Type: o.Type, Scope: o.Scope, Open: load[o.Code]}
	}
	station, _ := s.Directory.Station(sc.c.Dispute.Station)
	candidates, excluded := s.Rules.Rank(routing.MatterOf(sc.c.Dispute, station.Territory), organisations)
	out := ranked{Candidates: candidates, Shown: sc.v.candidates(candidates, chosen), Ruleset: s.Rules.Version}
	for _, e := range excluded {
		out.Excluded = append(out.Excluded, shutOut{sc.v.organisation(e.Organisation), sc.v.reasonWord(e.Reason)})
	}
	return out, nil
}

// showDesignation shows to whom the case can be delegated, best first.
func (s *site) showDesignation(v *visit) error {
	st := stepAt(v.route.path)
	sc, err := v.scene(st.deed())
	if err != nil {
		return err
	}
	return sc.showRanking(http.StatusOK, st, sc.fresh(st), nil)
}

// showRanking shows the form of designation with the first candidate chosen
// until somebody chooses another.
func (sc scene) showRanking(status int, st *step, f form, changed []casefile.Entry) error {
	r, err := sc.rank(f.value("organisation"))
	if err != nil {
		return err
	}
	if f.value("organisation") == "" && len(r.Candidates) > 0 {
		f.Values.Set("organisation", r.Candidates[0].Organisation)
	}
	return sc.v.page(status, head{Title: sc.v.say(st.text("title"))}, designationPage(sc, st, f, r, sc.tell(changed)))
}

// designate delegates the case: on the platform it reaches the organisation in
// the same commit, and its three working days to answer start.
func (s *site) designate(v *visit) error {
	st := stepAt(v.route.path)
	f, err := v.form()
	if err != nil {
		return err
	}
	sc, err := v.scene(st.deed())
	if err != nil {
		return err
	}
	r, err := sc.rank("")
	if err != nil {
		return err
	}
	cmd := mediation.Designate{
		Occasion: v.occasionOf(&f), Organisation: sc.knownOrganisation(&f), Ruleset: r.Ruleset, Candidates: r.Candidates,
		Reason: f.value("reason"), Deliver: true,
	}
	if len(f.Faults) > 0 {
		return sc.showRanking(http.StatusUnprocessableEntity, st, f, nil)
	}
	out, err := s.Disputes.Do(v.request().Context(), mediation.Stream(sc.c.ID), v.deed(f), cmd)
	if no, ok := refusal(err); ok {
		return sc.showRanking(http.StatusUnprocessableEntity, st, v.refuse(f, no), nil)
	}
	if errors.Is(err, decide.ErrStale) {
		changed, err := s.Files.Changed(v.request().Context(), sc.c.ID, f.Seen)
		if err != nil {
			return err
		}
		f.Seen = sc.c.Length
		return sc.showRanking(http.StatusConflict, st, f, changed)
	}
	if err != nil {
		return err
	}
	return v.done(out.Position, sc.after(st, f))
}

// knownOrganisation is the organisation chosen; one that nobody lists is noted
// as a fault.
func (sc scene) knownOrganisation(f *form) string {
	code := f.value("organisation")
	if _, ok := sc.v.site.Directory.Organisation(code); !ok && code != "" {
		f.wrong("organisation", sc.v.say("fault.unknown-organisation"))
	}
	return code
}
