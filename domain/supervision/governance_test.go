package supervision

import (
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/decide/decidetest"
	"doorstep/domain/roster"
)

type row = decidetest.Row[Command, Event]

var room = decidetest.Room[Station, Command, Event]{Decider: Decider, Codec: Codec}

func TestWhatMayBeRecordedOfGovernance(t *testing.T) { room.Decides(t, rows()) }

func TestEveryRefusalIsShownInTheTable(t *testing.T) { room.Reaches(t, rows()) }

func TestStoredActivitiesStayReadable(t *testing.T) { room.Stored(t, rows()) }

func TestFoldingActivitiesLeavesTheirPastAlone(t *testing.T) { room.FoldsPurely(t, rows()) }

func FuzzDecode(f *testing.F) { room.Fuzz(f, rows()) }

func rows() []row {
	at := calendar.On(calendar.NewDate(2021, 6, 5))
	held := GovernanceHeld{at, "130108007", "普法宣讲", "综合治理", 62, "9a41"}
	return []row{
		{Name: "hold an activity", When: HoldGovernance{at, "130108007", "普法宣讲", "综合治理", 62, "9a41"}, Then: []Event{held}},
		{Name: "hold another like it", Given: []Event{held}, When: HoldGovernance{at, "130108007", "普法宣讲", "综合治理", 62, "9a41"}, Then: []Event{held}},
		{Name: "hold one that nobody came to", When: HoldGovernance{At: at, Station: "130108007", Type: "联合排查"}, Then: []Event{GovernanceHeld{At: at, Station: "130108007", Type: "联合排查"}}},
		{Name: "hold one nowhere", When: HoldGovernance{At: at, Type: "联合排查"}, Refused: ErrNoStation},
		{Name: "hold one with fewer than nobody", When: HoldGovernance{At: at, Station: "130108007", People: -1}, Refused: roster.ErrNumber},
	}
}

func TestActivitiesAreCounted(t *testing.T) {
	s := Decider.Initial()
	for range 3 {
		s = Decider.Evolve(s, GovernanceHeld{Station: "130108007"})
	}
	if s.Activities != 3 {
		t.Errorf("%d activities", s.Activities)
	}
	if Stream("130108007") != "governance-130108007" || Stream("裕兴") == Stream("裕强") {
		t.Errorf("%s, %s", Stream("130108007"), Stream("裕兴"))
	}
}

func TestEveryTextOfGovernanceSaysWhoseItIs(t *testing.T) { room.DeclaresPersonal(t) }
