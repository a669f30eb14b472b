package web

import (
	"slices"
	"strings"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
	"doorstep/domain/mediation"
)

// shut is the offer of a step with the rules' no, if they said one.
func (sc scene) shut(st *step, no *decide.Refusal) offer {
	if no == nil {
		return offer{step: st}
	}
	return offer{st, sc.v.speech.refusal(no), no.Article}
}

// fresh is an empty form of a step, with today in it.
func (sc scene) fresh(st *step) form {
	f := newForm(st.href(sc.c.ID), sc.seen(st))
	f.Values.Set("on", sc.v.today().String())
	return f
}

// occasion is when a deed happened: the day and the time of day that the form
// names. Today without a time is now; another day without one is just that day.
func (v *visit) occasionOf(f *form) mediation.Occasion {
	o := mediation.Occasion{At: calendar.At(v.now()), Today: v.today()}
	on, clock := f.value("on"), f.value("time")
	if on == "" && clock == "" {
		return o
	}
	d, err := calendar.ParseDate(on)
	if err != nil {
		f.wrong("on", v.say("fault.day"))
		return o
	}
	if clock == "" {
		if d != o.Today {
			o.At = calendar.On(d)
		}
		return o
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", d.String()+" "+clock, calendar.Shanghai)
	switch {
	case err != nil:
		f.wrong("time", v.say("fault.time"))
	case d == o.Today && t.After(v.now()):
		f.wrong("time", v.speech.refusal(mediation.ErrFuture))
	}
	o.At = calendar.At(t)
	return o
}

// yuan reads an amount as people write it: with separators, with 元, in the
// wide figures of a Chinese keyboard. Empty is nothing.
func (v *visit) yuan(f *form, name string) mediation.Fen {
	s := tidyAmount(f.value(name))
	if s == "" {
		return 0
	}
	fen, err := mediation.ParseYuan(s)
	if err != nil {
		f.wrong(name, v.say("fault.amount"))
	}
	return fen
}

func tidyAmount(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '．' || r == '。':
			return '.'
		case strings.ContainsRune(" \t\u3000,，￥¥", r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSuffix(s, "元")
}

// faultFields is the field that a refusal speaks of, by its code; empty: the whole form.
var faultFields = map[string]string{
	"no-cause": "cause", "no-parties": "a1-name", "unknown-channel": "channel", "negative-amount": "amount", "not-informed": "informed",
	"in-the-future": "on", "before-filing": "on", "before-previous": "on", "no-ground": "ground", "consent-way": "way", "no-such-party": "party",
	"no-organisation": "organisation", "no-reason": "reason", "designate-again": "reason", "no-mediator": "mediator", "party-mediates": "mediator",
	"unknown-mode": "mode", "nobody-there": "attended", "minutes": "minutes", "not-all-parties": "agreed", "extend-until": "until",
	"no-terms": "terms", "no-form": "form", "unsigned": "signed", "unsealed": "sealed", "other-ground": "note", "how-tried": "note",
	"who-refuses": "note", "performance-status": "status", "same-station": "to", "no-station": "to", "no-such-field": "field",
	"same-value": "is", "bad-value": "is", "impossible-order": "is", "why-correct": "reason", "not-joint": "joint",
	"window-closed": "on", "ground-agreement": "ground", "not-expired": "ground", "nothing-to-sign": "ground", "ground-too-early": "ground",
	"only-refusal": "ground", "period-over": "on", "extension-late": "on",
}

// refuse is the form with the rule's no, shown above it and once more at the
// field of which it speaks.
func (v *visit) refuse(f form, no *decide.Refusal) form {
	if name := faultFields[no.Code]; name != "" {
		f.wrong(name, v.speech.refusal(no))
	}
	return f.refused(no)
}

// has tells whether a value was chosen for a field of several.
func (f form) has(name, value string) bool { return slices.Contains(f.Values[name], value) }

// atHand is the line of a choice at which the keyboard starts: the one that is
// chosen, or the first that can be.
func atHand(chosen string, picks []pick) int {
	if i := slices.IndexFunc(picks, func(p pick) bool { return p.Value == chosen && p.Off == "" }); i >= 0 {
		return i
	}
	return max(slices.IndexFunc(picks, func(p pick) bool { return p.Off == "" }), 0)
}

// pickID is the id of one line of a choice; the first bears the field's own, so
// that a link to the field finds it.
func pickID(name string, i int) string {
	if i == 0 {
		return "f-" + name
	}
	return "f-" + name + "-" + num(i)
}

// refusedNow is why the step cannot be taken now; nil where it can.
func (sc scene) refusedNow(st *step) *offer {
	for _, w := range sc.words() {
		if w.step == st && w.shut.why != "" {
			return &w.shut
		}
	}
	return nil
}

// left says how much time is left until a last day, as of the day that the page
// shows.
func (sc scene) left(last calendar.Date) string {
	d := deadlineOn(last, sc.today())
	switch {
	case last.Before(sc.today()):
		return sc.v.say("deadline.over", "count", max(-d.Left, 0))
	case last == sc.today():
		return sc.v.say("deadline.today")
	}
	return sc.v.say("deadline.left", "count", d.Left)
}
