package confirmation

import (
	"slices"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/decide/decidetest"
)

// The case of these tests: an agreement in effect from Thursday 2024-03-21. The
// 30 days to apply end on Saturday 2024-04-20, so the last day is Monday the
// 22nd; accepted on 2024-04-03, it is to be decided by Monday 2024-05-06.

type row = decidetest.Row[Command, Event]

var room = decidetest.Room[Case, Command, Event]{Decider: Decider, Codec: Codec}

func rows() []row { return slices.Concat(applicationRows(), rulingRows()) }

func TestWhatMayBeDoneAboutAConfirmation(t *testing.T) { room.Decides(t, rows()) }

func TestEveryRefusalIsShownInTheTable(t *testing.T) { room.Reaches(t, rows()) }

func TestStoredConfirmationsStayReadable(t *testing.T) { room.Stored(t, rows()) }

func TestFoldingAConfirmationLeavesItsPastAlone(t *testing.T) { room.FoldsPurely(t, rows()) }

func FuzzDecode(f *testing.F) { room.Fuzz(f, rows()) }

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(s string) When { return When{calendar.On(day(s))} }

// did is a deed of that day, entered in summer.
func did(s string) Occasion { return Occasion{At: calendar.On(day(s)), Today: day("2024-06-28")} }

const number = "（2024）冀0108诉前调确12号"

// The histories that rows are given.
func applied(then ...Event) []Event {
	return slices.Concat([]Event{ConfirmationApplied{When: at("2024-04-01"), Dispute: "d1"}}, then)
}

func accepted(then ...Event) []Event {
	return slices.Concat(applied(ConfirmationAccepted{at("2024-04-03"), number, day("2024-05-06")}), then)
}

func confirmed() []Event { return accepted(AgreementConfirmed{When: at("2024-04-10")}) }

func dismissed() []Event { return accepted(ConfirmationDismissed{at("2024-04-10"), 5}) }

func notAccepted() []Event { return applied(ConfirmationNotAccepted{at("2024-04-02"), 3}) }

func withdrawn() []Event { return accepted(ConfirmationWithdrawn{at("2024-04-09")}) }

func TestEveryTextOfAConfirmationSaysWhoseItIs(t *testing.T) { room.DeclaresPersonal(t) }
