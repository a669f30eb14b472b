package operations

import (
	"strings"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/decide/decidetest"
	"doorstep/domain/eventlog"
)

type row = decidetest.Row[Command, Event]

var room = decidetest.Room[Views, Command, Event]{Decider: Decider, Codec: Codec}

func TestWhatMayBeDecidedAboutViews(t *testing.T) { room.Decides(t, rows()) }

func TestEveryRefusalIsShownInTheTable(t *testing.T) { room.Reaches(t, rows()) }

func TestStoredDecisionsStayReadable(t *testing.T) { room.Stored(t, rows()) }

func TestFoldingDecisionsLeavesTheirPastAlone(t *testing.T) { room.FoldsPurely(t, rows()) }

func FuzzDecode(f *testing.F) { room.Fuzz(f, rows()) }

func rows() []row {
	at := calendar.On(calendar.NewDate(2021, 6, 5))
	cmd := SkipRecord{at, "docket", eventlog.Hash{1, 2}, 4711, "session-held", "程序缺陷，修复前先略过"}
	skipped := RecordSkipped(cmd)
	with := func(change func(*SkipRecord)) SkipRecord {
		c := cmd
		change(&c)
		return c
	}
	elsewhere := with(func(c *SkipRecord) { c.View = "statistics" })
	return []row{
		{Name: "leave a record out", When: cmd, Then: []Event{skipped}},
		{Name: "leave it out again", Given: []Event{skipped}, When: cmd},
		{Name: "leave it out of another view", Given: []Event{skipped}, When: elsewhere, Then: []Event{RecordSkipped(elsewhere)}},
		{Name: "leave it out of no view", When: with(func(c *SkipRecord) { c.View = "" }), Refused: ErrNoRecord},
		{Name: "leave no record out", When: with(func(c *SkipRecord) { c.Record = eventlog.Hash{} }), Refused: ErrNoRecord},
		{Name: "leave one out without a reason", When: with(func(c *SkipRecord) { c.Reason = "" }), Refused: ErrNoReason},
		{Name: "for a reason as long as may be", When: with(func(c *SkipRecord) { c.Reason = strings.Repeat("长", 200) }),
			Then: []Event{RecordSkipped(with(func(c *SkipRecord) { c.Reason = strings.Repeat("长", 200) }))}},
		{Name: "for a reason longer than that", When: with(func(c *SkipRecord) { c.Reason = strings.Repeat("长", 201) }), Refused: ErrTooLong},
	}
}

func TestEveryTextOfOperationsSaysWhoseItIs(t *testing.T) { room.DeclaresPersonal(t) }
