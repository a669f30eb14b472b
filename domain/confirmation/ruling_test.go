package confirmation

import (
	"testing"

	"doorstep/domain/calendar"
)

// calendarDay is day, or no day at all.
func calendarDay(s string) calendar.Date {
	if s == "" {
		return 0
	}
	return day(s)
}

func rulingRows() []row {
	confirm := func(day string) Confirm { return Confirm{Occasion: did(day)} }
	dismiss := func(day string, ground int) Dismiss { return Dismiss{did(day), ground} }
	withdraw := func(day string) Withdraw { return Withdraw{did(day)} }
	return []row{
		{Name: "confirm", Given: accepted(), When: confirm("2024-04-10"), Then: []Event{AgreementConfirmed{When: at("2024-04-10")}}},
		{Name: "confirm under a number of its own", Given: accepted(), When: Confirm{did("2024-04-03"), "（2024）冀0108民特3号"}, Then: []Event{AgreementConfirmed{at("2024-04-03"), "（2024）冀0108民特3号"}}},
		{Name: "confirm late: it is supervised, not refused", Given: accepted(), When: confirm("2024-05-07"), Then: []Event{AgreementConfirmed{When: at("2024-05-07")}}},
		{Name: "confirm twice", Given: confirmed(), When: confirm("2024-04-11")},
		{Name: "confirm what is not accepted yet", Given: applied(), When: confirm("2024-04-10"), Refused: ErrNotTaken},
		{Name: "confirm what nobody applied for", When: confirm("2024-04-10"), Refused: ErrNotApplied},
		{Name: "confirm what is dismissed", Given: dismissed(), When: confirm("2024-04-11"), Refused: ErrEnded},
		{Name: "confirm what is withdrawn", Given: withdrawn(), When: confirm("2024-04-11"), Refused: ErrEnded},
		{Name: "confirm before acceptance", Given: accepted(), When: confirm("2024-04-02"), Refused: ErrEarlier},
		{Name: "confirm tomorrow", Given: accepted(), When: confirm("2024-06-29"), Refused: ErrFuture},

		{Name: "dismiss", Given: accepted(), When: dismiss("2024-04-10", 1), Then: []Event{ConfirmationDismissed{at("2024-04-10"), 1}}},
		{Name: "dismiss on the sixth ground", Given: accepted(), When: dismiss("2024-04-10", 6), Then: []Event{ConfirmationDismissed{at("2024-04-10"), 6}}},
		{Name: "dismiss on no ground", Given: accepted(), When: dismiss("2024-04-10", 0), Refused: ErrGround},
		{Name: "dismiss on a seventh ground", Given: accepted(), When: dismiss("2024-04-10", 7), Refused: ErrGround},
		{Name: "dismiss twice", Given: dismissed(), When: dismiss("2024-04-11", 5)},
		{Name: "dismiss on another ground", Given: dismissed(), When: dismiss("2024-04-11", 4), Refused: ErrEnded},
		{Name: "dismiss what is confirmed", Given: confirmed(), When: dismiss("2024-04-11", 4), Refused: ErrEnded},
		{Name: "dismiss what is not accepted yet", Given: applied(), When: dismiss("2024-04-10", 4), Refused: ErrNotTaken},
		{Name: "dismiss what nobody applied for", When: dismiss("2024-04-10", 4), Refused: ErrNotApplied},
		{Name: "dismiss before acceptance", Given: accepted(), When: dismiss("2024-04-02", 4), Refused: ErrEarlier},
		{Name: "dismiss tomorrow", Given: accepted(), When: dismiss("2024-06-29", 4), Refused: ErrFuture},

		{Name: "withdraw before acceptance", Given: applied(), When: withdraw("2024-04-01"), Then: []Event{ConfirmationWithdrawn{at("2024-04-01")}}},
		{Name: "withdraw before the ruling", Given: accepted(), When: withdraw("2024-04-09"), Then: []Event{ConfirmationWithdrawn{at("2024-04-09")}}},
		{Name: "withdraw twice", Given: withdrawn(), When: withdraw("2024-04-10")},
		{Name: "withdraw after the ruling", Given: confirmed(), When: withdraw("2024-04-11"), Refused: ErrEnded},
		{Name: "withdraw what nobody applied for", When: withdraw("2024-04-11"), Refused: ErrNotApplied},
		{Name: "withdraw before it was accepted", Given: accepted(), When: withdraw("2024-04-02"), Refused: ErrEarlier},
		{Name: "withdraw tomorrow", Given: accepted(), When: withdraw("2024-06-29"), Refused: ErrFuture},
	}
}

func TestTheRulingsOwnNumberTakesTheCasesPlace(t *testing.T) {
	c := Decider.Fold(Decider.Initial(), confirmed()...)
	if c.Number != number {
		t.Errorf("a ruling without a number of its own: %s", c.Number)
	}
	c = Decider.Fold(Decider.Initial(), accepted(AgreementConfirmed{at("2024-04-10"), "（2024）冀0108民特3号"})...)
	if c.Number != "（2024）冀0108民特3号" {
		t.Errorf("a ruling with a number of its own: %s", c.Number)
	}
}

func TestGroundsAreToldInBothLanguages(t *testing.T) {
	if len(AcceptanceGrounds) != 5 || len(DismissalGrounds) != 6 {
		t.Errorf("%d and %d grounds; 民诉法解释 355 has five, 358 six", len(AcceptanceGrounds), len(DismissalGrounds))
	}
	for _, g := range append(AcceptanceGrounds, DismissalGrounds...) {
		if g.In("zh") != g.Chinese || g.In("en") != g.English || g.Chinese == "" || g.English == "" {
			t.Errorf("%+v", g)
		}
	}
}
