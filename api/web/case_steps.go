package web

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"doorstep/api/auth"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
)

// step is one thing that can be done about a case: its form, and how what was
// filled in becomes one command. Its texts stand in the catalog under
// "step.NAME.…".
type step struct {
	name     string // last part of its address; also of its texts, with - for /
	icon     string
	mediates mediation.Step    // by which the rules of the dispute are asked
	confirms confirmation.Step // or those of the confirmation
	command  func(scene, *form) mediation.Command
	ruling   func(scene, *form) confirmation.Command
	rows     func(scene, form) templ.Component
	leaves   bool // the case is no longer its doer's afterwards
}

// steps is all of them, in the order in which a case page offers them. It is
// filled in when the program starts, since forms and steps know each other.
var steps []*step

func init() {
	steps = slices.Concat(stepsOfFiling, stepsOfMediation, stepsOfEnding, stepsOfConfirmation)
}

// deed is what auth's table calls it.
func (st *step) deed() auth.Deed {
	if st.confirms != "" {
		return auth.Ruling(st.confirms)
	}
	return auth.Mediating(st.mediates)
}

// text is the key of one of its texts.
func (st *step) text(part string) string {
	return "step." + strings.ReplaceAll(st.name, "/", "-") + "." + part
}

// whose says which role takes the step.
func whose(ctx context.Context, st *step) string {
	for _, r := range auth.Roles {
		if auth.ScopeOf(r, st.deed()) != auth.None {
			return say(ctx, "role."+string(r))
		}
	}
	return dash
}

// href is the address of its form.
func (st *step) href(id string) string { return casePath(id) + "/" + st.name }

func casePath(id string) string { return "/cases/" + id }

// stepAt finds the step of a route.
func stepAt(path string) *step {
	name := strings.TrimPrefix(path, "/cases/:id/")
	i := slices.IndexFunc(steps, func(st *step) bool { return st.name == name })
	if i < 0 {
		panic("web: no step at " + path) // the routes are part of the program
	}
	return steps[i]
}

// scene is a case as it lies before a visitor.
type scene struct {
	v   *visit
	c   casefile.Case
	now casefile.Case // as it is now, where c is as it was on a day of the past
	at  casefile.AsOf
}

// past tells whether the page shows a day of the past and can change nothing.
func (sc scene) past() bool { return !sc.at.Happened.IsZero() || !sc.at.Known.IsZero() }

// seen is the length of the stream that a form of the step speaks of.
func (sc scene) seen(st *step) int64 {
	if st.confirms != "" {
		return sc.c.Confirmed
	}
	return sc.c.Length
}

// offer is a step as the page offers it, or says why not.
type offer struct {
	step    *step
	why     string // in the visitor's language; empty: it may be done now
	article string // of law
}

// offers is what a case page says of the steps.
type offers struct {
	primary *step   // the one that moves the case on, where it is the visitor's
	waiting *step   // that one, where it is somebody else's
	open    []offer // what else may be done now
	shut    []offer // what may not, and why
}

// word is the rules' word on one step.
type word struct {
	step    *step
	primary bool
	shut    offer
}

// offers asks the rules what may be done, and the table by whom.
func (sc scene) offers() offers {
	var out offers
	for _, w := range sc.words() {
		mine := sc.v.mayOn(w.step.deed(), sc.c)
		switch {
		case w.shut.why == "" && w.primary && mine && out.primary == nil:
			out.primary = w.step
		case w.shut.why == "" && w.primary && !mine && out.waiting == nil:
			out.waiting = w.step
		case w.shut.why == "" && mine:
			out.open = append(out.open, w.shut)
		case w.shut.why == "":
			out.shut = append(out.shut, offer{w.step, sc.v.say("next.theirs", "who", whose(sc.v.ctx(), w.step)), ""})
		case mine:
			out.shut = append(out.shut, w.shut)
		}
	}
	if out.primary != nil {
		out.waiting = nil
	}
	return out
}

// words asks both sets of rules. What moves a confirmation on comes before what
// moves the dispute on: once an agreement binds, the window to have it
// confirmed is what passes.
func (sc scene) words() []word {
	var list []word
	led := false
	occasion := sc.v.occasion()
	a := sc.c.Dispute.Agreement
	for _, next := range confirmation.NextSteps(sc.c.Confirmation, a.Effective, a.ApplyBy, confirmation.Occasion(occasion)) {
		st := stepOf(func(st *step) bool { return st.confirms == next.Step })
		if st != nil {
			led = led || next.Primary
			list = append(list, word{st, next.Primary, sc.shut(st, next.Refused)})
		}
	}
	var first []word
	for _, next := range mediation.NextSteps(sc.c.Dispute, occasion) {
		st := stepOf(func(st *step) bool { return st.mediates == next.Step })
		if st != nil {
			first = append(first, word{st, next.Primary && !led, sc.shut(st, next.Refused)})
		}
	}
	return append(first, list...)
}

func stepOf(is func(*step) bool) *step {
	if i := slices.IndexFunc(steps, is); i >= 0 {
		return steps[i]
	}
	return nil
}
