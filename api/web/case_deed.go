package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"doorstep/api/auth"
	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
)

// scene reads the case of the address for a deed.
func (v *visit) scene(d auth.Deed) (scene, error) {
	c, err := v.dispute(v.param("id"), d)
	return scene{v: v, c: c, now: c}, err
}

// showStep shows the form of one step, or why it cannot be taken now.
func (s *site) showStep(v *visit) error {
	st := stepAt(v.route.path)
	sc, err := v.scene(st.deed())
	if err != nil {
		return err
	}
	return sc.showForm(http.StatusOK, st, sc.fresh(st), nil)
}

// showForm shows a step's form; changed is what was recorded since its reader
// saw the case.
func (sc scene) showForm(status int, st *step, f form, changed []casefile.Entry) error {
	if !f.Values.Has("on") { // the form in a list asks for no day
		f.Values.Set("on", sc.v.today().String())
	}
	return sc.v.page(status, head{Title: sc.v.say(st.text("title"))}, stepPage(sc, st, f, sc.tell(changed)))
}

// takeStep carries out what the form of a step asks for.
func (s *site) takeStep(v *visit) error {
	st := stepAt(v.route.path)
	f, err := v.form()
	if err != nil {
		return err
	}
	sc, err := v.scene(st.deed())
	if errors.Is(err, errNotFound) && st.leaves {
		return v.gone(st, f)
	}
	if err != nil {
		return err
	}
	p, err := sc.carryOut(st, &f)
	switch {
	case len(f.Faults) > 0 && err == nil && p.IsStart():
		return sc.showForm(http.StatusUnprocessableEntity, st, f, nil)
	case errors.Is(err, decide.ErrStale):
		return sc.showStale(st, f)
	case err != nil:
		if no, ok := refusal(err); ok {
			return sc.showForm(http.StatusUnprocessableEntity, st, v.refuse(f, no), nil)
		}
		return err
	}
	return v.done(p, sc.after(st, f))
}

// carryOut makes one command of the form and hands it to its desk. Where a
// field cannot be read nothing is done, and the form has its faults.
func (sc scene) carryOut(st *step, f *form) (eventlog.Position, error) {
	ctx := sc.v.request().Context()
	if st.confirms != "" {
		cmd := st.ruling(sc, f)
		if len(f.Faults) > 0 {
			return eventlog.Position{}, nil
		}
		out, err := sc.v.site.Confirmations.Do(ctx, confirmation.Stream(sc.c.ID), sc.v.deed(*f), cmd)
		return out.Position, err
	}
	cmd := st.command(sc, f)
	if len(f.Faults) > 0 {
		return eventlog.Position{}, nil
	}
	out, err := sc.v.site.Disputes.Do(ctx, mediation.Stream(sc.c.ID), sc.v.deed(*f), cmd)
	return out.Position, err
}

// after is where the browser goes on to, with the name of what was done: the
// case, or the list from which it came or to which its doer is sent back
// because the case is no longer his.
func (sc scene) after(st *step, f form) string {
	if st.leaves || f.value("from") == "list" {
		return sc.v.list() + "?did=" + st.name
	}
	return casePath(sc.c.ID) + "?did=" + st.name
}

// list is the list that the visitor works from.
func (v *visit) list() string {
	switch v.actor.Role {
	case auth.Committee:
		return "/committee"
	case auth.Confirming:
		return "/confirmations"
	}
	return "/desk"
}

// showStale says what was recorded since the form's reader saw the case, and
// shows the form again with all that was typed: sent once more it is decided
// upon the case as it is now.
func (sc scene) showStale(st *step, f form) error {
	changed := sc.v.site.Files.Changed
	if st.confirms != "" {
		changed = sc.v.site.Files.ChangedConfirmation
	}
	entries, err := changed(sc.v.request().Context(), sc.c.ID, f.Seen)
	if err != nil {
		return err
	}
	f.Seen = sc.seen(st)
	return sc.showForm(http.StatusConflict, st, f, entries)
}

// gone answers a form sent twice by which the case left its doer's hands: the
// second time he may not see it any more, but what he did stands. For anybody
// else there is nothing here.
func (v *visit) gone(st *step, f form) error {
	c, err := v.site.Files.Read(v.request().Context(), v.param("id"), casefile.AsOf{})
	if err != nil {
		return err
	}
	for _, e := range c.History {
		if e.Actor == v.actor.Account && e.Version >= f.Seen && e.Event.Kind() == leaving[st.name] {
			return v.done(e.Position, v.list()+"?did="+st.name)
		}
	}
	return errNotFound
}

// leaving is the event by which a case leaves its doer's hands.
var leaving = map[string]string{
	"refusal":  mediation.DelegationDeclined{}.Kind(),
	"transfer": mediation.StationTransferred{}.Kind(),
}

// did is the sentence for the deed that brought the visitor here; empty where
// he came otherwise.
func (v *visit) did() string {
	name := v.query("did")
	if name == "filing" {
		return v.say("filing.done")
	}
	if st := stepOf(func(st *step) bool { return st.name == name }); st != nil {
		return v.say(st.text("done"))
	}
	return ""
}

// versus is the parties of a case as a title has them.
func versus(d mediation.Dispute) (applicants, respondents string) {
	return names(d.Side(mediation.Applicant)), names(d.Side(mediation.Respondent))
}

func names(parties []mediation.Party) string {
	list := make([]string, len(parties))
	for i, p := range parties {
		list[i] = p.Name
	}
	return strings.Join(list, "、")
}

// reference is the number by which people call a case: its newest 案号, the
// number of the platform it was imported from, or the head of its own id.
func reference(c casefile.Case) string {
	switch d := c.Dispute; {
	case c.Confirmation.Number != "":
		return c.Confirmation.Number
	case len(d.Numbers) > 0:
		return d.Numbers[len(d.Numbers)-1]
	case d.Source != nil:
		return d.Source.ID
	}
	return shortID(c.ID)
}

// shortID is the head of an id, enough to tell a court's cases apart.
func shortID(id string) string {
	return strings.ToUpper(id[:min(8, len(id))])
}

// weekday is the day of the week in the visitor's language; a Saturday or Sunday
// on which people work says so, since it may well be a last day (调休).
func (v *visit) weekday(d calendar.Date) string {
	day := d.Time().Weekday()
	word := v.say("weekday." + num(int(day)))
	if works, _ := workdays.Works(d); works && (day == time.Saturday || day == time.Sunday) {
		word += v.say("weekday.works")
	}
	return word
}
