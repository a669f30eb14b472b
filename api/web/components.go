package web

import (
	"context"
	"strconv"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// tone is what a colour means; a word and a picture always stand beside it.
type tone string

const (
	toneQuiet tone = "quiet" // nothing to do
	toneInfo  tone = "info"  // under way
	toneGood  tone = "good"  // came to a good end
	toneWarn  tone = "warn"  // soon
	toneBad   tone = "bad"   // too late, or ended badly
)

// badgeLook is how a stage is shown: its tone and picture; its word stands in
// the catalog.
type badgeLook struct {
	tone tone
	icon string
}

var stageLooks = map[mediation.Stage]badgeLook{
	mediation.Filed:      {toneInfo, "file"},
	mediation.Designated: {toneInfo, "send"},
	mediation.Mediating:  {toneInfo, "talk"},
	mediation.Agreed:     {toneGood, "hand"},
	mediation.Succeeded:  {toneGood, "check"},
	mediation.Terminated: {toneQuiet, "stop"},
	mediation.Returned:   {toneQuiet, "back"},
}

var confirmationLooks = map[confirmation.Stage]badgeLook{
	confirmation.Applied:     {toneInfo, "file"},
	confirmation.Accepted:    {toneInfo, "seal"},
	confirmation.Confirmed:   {toneGood, "check"},
	confirmation.Dismissed:   {toneQuiet, "stop"},
	confirmation.NotAccepted: {toneQuiet, "stop"},
	confirmation.Withdrawn:   {toneQuiet, "back"},
}

// workdays is the calendar by which the days left are counted.
var workdays = calendar.Official()

// deadline is a last day as it stands today.
type deadline struct {
	Day  calendar.Date
	Left int // working days from today's morrow to the day, or, when past, minus those since
}

// deadlineOn counts the working days between today and the last day.
func deadlineOn(last, today calendar.Date) deadline {
	d := deadline{Day: last}
	from, to, step := today, last, 1
	if last.Before(today) {
		from, to, step = last, today, -1
	}
	for day := from.AddDays(1); !day.After(to); day = day.AddDays(1) {
		if works, _ := workdays.Works(day); works {
			d.Left += step
		}
	}
	return d
}

func (d deadline) tone(today calendar.Date) tone {
	switch {
	case d.Day.Before(today):
		return toneBad
	case d.Day == today || d.Left <= 3:
		return toneWarn
	}
	return toneQuiet
}

// words says how much time is left.
func (d deadline) words(ctx context.Context) string {
	today := here(ctx).today()
	switch {
	case d.Day.Before(today):
		return say(ctx, "deadline.over", "count", max(-d.Left, 0))
	case d.Day == today:
		return say(ctx, "deadline.today")
	}
	return say(ctx, "deadline.left", "count", d.Left)
}

// fieldLook is one row of a form: what it is called, and how it is filled in.
type fieldLook struct {
	Name, Label string // of the field; Label is in the visitor's language
	Hint        string
	Kind        string // of the input; empty: text
	List        string // id of a datalist
	Required    bool
	Focus       bool
	Wide        bool
	Max         int    // characters; 0: 200
	Fill        string // autocomplete; empty: off
	Mode        string // inputmode
}

func (l fieldLook) kind() string {
	if l.Kind == "" {
		return "text"
	}
	return l.Kind
}

func (l fieldLook) most() string {
	if l.Max == 0 {
		return "200"
	}
	return strconv.Itoa(l.Max) // for the browser: no thousands
}

// option is one choice of a field.
type option struct {
	Value, Label string
	Data         bool // the label is what people wrote, in Chinese
}

// pagerView is where a list stands.
type pagerView struct {
	Total, From, To int
	Prev, Next      string // addresses; empty: there is none
}

// fact is one line of a summary.
type fact struct {
	Label, Value string
	Data         bool // the value is what people wrote, in Chinese
}
