package mediation

import (
	"testing"

	"doorstep/domain/calendar"
)

func sessionRows() []row {
	held := func(day string, mode Mode, attended ...string) HoldSession {
		return HoldSession{did(day), "RT-01", mode, attended, 60, "双方陈述了意见。"}
	}
	long := held("2024-03-12", OnSite, "A1")
	long.Minutes = 24*60 + 1
	theirs := held("2024-03-12", OnSite, "A1")
	theirs.Organisation = "LS-01"
	refused := ConsentRefused{at("2024-03-10"), "B2", InPerson}
	return []row{
		{Name: "hold a session", Given: mediating(), When: held("2024-03-12", OnSite, everybody...), Then: []Event{sessionOf("2024-03-12", OnSite, everybody...)}},
		{Name: "hold a session on the last day", Given: mediating(), When: held("2024-04-07", Video, "A1"), Then: []Event{sessionOf("2024-04-07", Video, "A1")}},
		{Name: "hold a session past the last day", Given: mediating(), When: held("2024-04-08", Video, "A1"), Refused: ErrOver},
		{Name: "hold a session past the first last day, extended", Given: mediating(ExtensionAgreed{at("2024-04-01"), day("2024-05-10"), everybody}), When: held("2024-04-08", Video, "A1"), Then: []Event{sessionOf("2024-04-08", Video, "A1")}},
		{Name: "hold a session where a ledger extended without a day", Given: mediating(ExtensionAgreed{When: at("2024-04-01")}), When: held("2024-06-08", Phone, "A1"), Then: []Event{sessionOf("2024-06-08", Phone, "A1")}},
		{Name: "hold a session with nobody", Given: mediating(), When: held("2024-03-12", OnSite), Refused: ErrNobody},
		{Name: "hold a session with a stranger", Given: mediating(), When: held("2024-03-12", OnSite, "A1", "C9"), Refused: ErrNoParty},
		{Name: "hold a session in a mode that is none", Given: mediating(), When: held("2024-03-12", "", "A1"), Refused: ErrMode},
		{Name: "hold a session of more than a day", Given: mediating(), When: long, Refused: ErrMinutes},
		{Name: "hold a session against a party's will", Given: mediating(refused), When: held("2024-03-12", OnSite, "A1"), Refused: ErrUnwilling},
		{Name: "hold a session in another's dispute", Given: mediating(), When: theirs, Refused: ErrNotYours},
		{Name: "hold a session before acceptance", Given: delivered(), When: held("2024-03-12", OnSite, "A1"), Refused: ErrNotMediating},
		{Name: "hold a session after agreement", Given: agreed(Written), When: held("2024-03-22", OnSite, "A1"), Refused: ErrAgreed},
		{Name: "hold a session after the end", Given: terminated(), When: held("2024-03-26", OnSite, "A1"), Refused: ErrEnded},
		{Name: "hold a session about nothing", When: held("2024-03-12", OnSite, "A1"), Refused: ErrNotFiled},
		{Name: "hold a session on a day before acceptance", Given: mediating(), When: held("2024-03-04", OnSite, "A1"), Refused: ErrEarlier},
		{Name: "hold a session tomorrow", Given: mediating(ExtensionAgreed{When: at("2024-04-01")}), When: held("2024-06-29", OnSite, "A1"), Refused: ErrFuture},
	}
}

func extensionRows() []row {
	until := func(day, last string, agreed ...string) AgreeExtension {
		return AgreeExtension{did(day), "RT-01", calendarDay(last), agreed}
	}
	extended := ExtensionAgreed{at("2024-04-01"), day("2024-05-10"), everybody}
	theirs := until("2024-04-01", "2024-05-10", everybody...)
	theirs.Organisation = "LS-01"
	return []row{
		{Name: "extend", Given: mediating(), When: until("2024-04-01", "2024-05-10", everybody...), Then: []Event{extended}},
		{Name: "extend on the last day", Given: mediating(), When: until("2024-04-07", "2024-04-08", everybody...), Then: []Event{ExtensionAgreed{at("2024-04-07"), day("2024-04-08"), everybody}}},
		{Name: "extend after the last day", Given: mediating(), When: until("2024-04-08", "2024-05-10", everybody...), Refused: ErrTooLate},
		{Name: "extend twice", Given: mediating(extended), When: until("2024-04-01", "2024-05-10", everybody...)},
		{Name: "extend further", Given: mediating(extended), When: until("2024-05-09", "2024-06-10", everybody...), Then: []Event{ExtensionAgreed{at("2024-05-09"), day("2024-06-10"), everybody}}},
		{Name: "extend without one of them", Given: mediating(), When: until("2024-04-01", "2024-05-10", "A1", "B1"), Refused: ErrNotAll},
		{Name: "extend with a stranger", Given: mediating(), When: until("2024-04-01", "2024-05-10", "A1", "B1", "B2", "C1"), Refused: ErrNoParty},
		{Name: "extend to the same day", Given: mediating(), When: until("2024-04-01", "2024-04-07", everybody...), Refused: ErrUntil},
		{Name: "extend for ever", Given: mediating(), When: until("2024-04-01", "", everybody...), Refused: ErrUntil},
		{Name: "extend against a party's will", Given: mediating(ConsentRefused{at("2024-03-10"), "B2", InPerson}), When: until("2024-04-01", "2024-05-10", everybody...), Refused: ErrUnwilling},
		{Name: "extend another's dispute", Given: mediating(), When: theirs, Refused: ErrNotYours},
		{Name: "extend before acceptance", Given: delivered(), When: until("2024-04-01", "2024-05-10", everybody...), Refused: ErrNotMediating},
		{Name: "extend after agreement", Given: agreed(Written), When: until("2024-04-01", "2024-05-10", everybody...), Refused: ErrAgreed},
		{Name: "extend after the end", Given: succeeded(), When: until("2024-04-01", "2024-05-10", everybody...), Refused: ErrEnded},
		{Name: "extend nothing", When: until("2024-04-01", "2024-05-10"), Refused: ErrNotFiled},
		{Name: "extend before acceptance began", Given: mediating(), When: until("2024-03-04", "2024-05-10", everybody...), Refused: ErrEarlier},
		{Name: "extend tomorrow", Given: mediating(ExtensionAgreed{at("2024-04-01"), day("2024-08-01"), everybody}), When: until("2024-06-29", "2024-09-01", everybody...), Refused: ErrFuture},
	}
}

// calendarDay is day, or no day at all.
func calendarDay(s string) calendar.Date {
	if s == "" {
		return 0
	}
	return day(s)
}

func TestTheModeOfAMediationIsThatOfItsSessions(t *testing.T) {
	for _, c := range []struct {
		name  string
		modes []Mode
		want  Mode
	}{
		{"as it was meant to be", nil, OnSite},
		{"the first session decides", []Mode{Video}, Video},
		{"the same throughout", []Mode{Phone, Phone}, Phone},
		{"part of it by video", []Mode{OnSite, Video}, Mixed},
		{"video, then by phone", []Mode{Video, Phone}, Mixed},
		{"on site, then by phone, is no video", []Mode{OnSite, Phone}, OnSite},
		{"by phone, then asynchronous, is no video", []Mode{Phone, Async}, Async},
		{"mixed stays mixed", []Mode{Mixed, OnSite}, Mixed},
	} {
		d := Decider.Fold(Decider.Initial(), mediating()...)
		for _, m := range c.modes {
			d = Decider.Fold(d, sessionOf("2024-03-12", m, "A1"))
		}
		if d.Mode != c.want {
			t.Errorf("%s: %s, want %s", c.name, d.Mode, c.want)
		}
	}
}

func TestOverdueIsToldByDay(t *testing.T) {
	for _, c := range []struct {
		name  string
		given []Event
		on    string
		want  bool
	}{
		{"not accepted yet", delivered(), "2024-06-01", false},
		{"on the last day", mediating(), "2024-04-07", false},
		{"the day after", mediating(), "2024-04-08", true},
		{"extended to a day", mediating(ExtensionAgreed{at("2024-04-01"), day("2024-05-10"), everybody}), "2024-05-10", false},
		{"past the day it was extended to", mediating(ExtensionAgreed{at("2024-04-01"), day("2024-05-10"), everybody}), "2024-05-11", true},
		{"extended by a ledger without a day", mediating(ExtensionAgreed{When: at("2024-04-01")}), "2024-06-11", false},
		{"a day named after that holds", mediating(ExtensionAgreed{When: at("2024-04-01")}, ExtensionAgreed{at("2024-04-02"), day("2024-05-10"), everybody}), "2024-05-11", true},
		{"ended in time, whenever one asks", terminated(), "2024-06-11", false},
		{"ended late, whenever one asks", mediating(MediationTerminated{When: at("2024-04-08"), Ground: PeriodOver}), "2024-04-01", true},
	} {
		if got := Decider.Fold(Decider.Initial(), c.given...).Overdue(day(c.on)); got != c.want {
			t.Errorf("%s: overdue %v", c.name, got)
		}
	}
}
