package casefile

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
)

func TestACaseIsWhatItsRecordsTell(t *testing.T) {
	c := newCourt(t)
	c.mediate("d1", 6)
	c.mediate("d2", 2)
	effective := opening.AddDays(5)
	c.must(c.rule("d1", clock(effective, 11), confirmation.Apply{Occasion: confirmation.Occasion{At: calendar.On(effective), Today: effective},
		Dispute: "d1", Effective: effective, ApplyBy: effective.AddDays(30), Joint: true}))
	got := c.read("d1", AsOf{})
	if got.ID != "d1" || got.Dispute.Stage != mediation.Succeeded || got.Confirmation.Stage != confirmation.Applied || got.Length != 6 || got.Confirmed != 1 || got.Position != eventlog.PositionAt(9) {
		t.Errorf("%+v", got)
	}
	var kinds []string
	for _, e := range got.History {
		kinds = append(kinds, e.Event.Kind())
		if e.Actor != "station:S1" || e.OnBehalfOf != "judge" || e.Workstation != "S1" || e.Hash.IsZero() || e.Position.IsStart() || e.Recorded.IsZero() || e.Late {
			t.Errorf("%+v", e)
		}
	}
	want := "dispute-filed organisation-designated delegation-delivered delegation-accepted session-held agreement-reached agreement-took-effect confirmation-applied"
	if strings.Join(kinds, " ") != want {
		t.Errorf("history %q", kinds)
	}
}

func TestACaseIsReadAsItStoodOnEitherClock(t *testing.T) {
	c := newCourt(t)
	c.mediate("d1", 3)
	c.must(c.do("d1", clock(opening.AddDays(20), 9), steps[3](occasion(opening.AddDays(3), 0)))) // entered late
	for _, at := range []struct {
		name  string
		asOf  AsOf
		stage mediation.Stage
		rows  int
		held  int
	}{
		{"now", AsOf{}, mediation.Mediating, 5, 1},
		{"on the first day", AsOf{Happened: opening}, mediation.Filed, 1, 0},
		{"on the second", AsOf{Happened: opening.AddDays(1)}, mediation.Designated, 3, 0},
		{"on the fourth, as we know now", AsOf{Happened: opening.AddDays(3)}, mediation.Mediating, 5, 1},
		{"on the fourth, as we knew then", AsOf{Happened: opening.AddDays(3), Known: clock(opening.AddDays(3), 18)}, mediation.Mediating, 4, 0},
		{"known at the very moment", AsOf{Known: clock(opening.AddDays(1), 10)}, mediation.Designated, 3, 0},
		{"known a moment before", AsOf{Known: clock(opening.AddDays(1), 10).Add(-time.Microsecond)}, mediation.Filed, 1, 0},
	} {
		got := c.read("d1", at.asOf)
		if got.Dispute.Stage != at.stage || len(got.History) != at.rows || len(got.Dispute.Sessions) != at.held {
			t.Errorf("%s: %s, %d entries, %d sessions", at.name, got.Dispute.Stage, len(got.History), len(got.Dispute.Sessions))
		}
	}
}

func TestThereIsNoCaseWhereNothingWasRecordedByThen(t *testing.T) {
	c := newCourt(t)
	c.mediate("d1", 1)
	c.must(c.rule("d3", clock(opening, 9), confirmation.Import{Dispute: "d3", Hash: "h", Applied: opening}))
	for name, at := range map[string]struct {
		id   string
		asOf AsOf
	}{
		"unknown":            {"d2", AsOf{}},
		"not yet happened":   {"d1", AsOf{Happened: opening.AddDays(-1)}},
		"not yet recorded":   {"d1", AsOf{Known: clock(opening, 9)}},
		"only what followed": {"d3", AsOf{}},
	} {
		if _, err := New(c.log).Read(t.Context(), at.id, at.asOf); !errors.Is(err, ErrNoCase) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []string{"", "*", ">", "d1.", "d 1", "d1\n", "张伟", strings.Repeat("d", 65)} {
		if _, err := New(mute{}).Read(t.Context(), id, AsOf{}); !errors.Is(err, ErrNoCase) {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := New(mute{}).Changed(t.Context(), id, 0); !errors.Is(err, ErrNoCase) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestADamagedChainIsNoCase(t *testing.T) {
	c := newCourt(t)
	c.mediate("d1", 5)
	other := newCourt(t)
	other.must(other.do("d1", clock(opening, 12), filing(occasion(opening, 11))))
	var foreign eventlog.Record
	for r, err := range other.log.Read(t.Context(), mediation.Stream("d1"), eventlog.Head{}) {
		other.must(err)
		foreign = r
	}
	for name, bend := range map[string]func([]eventlog.Record) []eventlog.Record{
		"one is missing":    func(r []eventlog.Record) []eventlog.Record { return slices.Delete(r, 2, 3) },
		"the first is gone": func(r []eventlog.Record) []eventlog.Record { return r[1:] },
		"one comes twice":   func(r []eventlog.Record) []eventlog.Record { return slices.Insert(r, 2, r[1]) },
		"two are exchanged": func(r []eventlog.Record) []eventlog.Record { r[1], r[2] = r[2], r[1]; return r },
		"one is another's":  func(r []eventlog.Record) []eventlog.Record { r[0] = foreign; return r },
	} {
		files := New(bent{c.log, func(r []eventlog.Record) []eventlog.Record {
			if len(r) == 0 {
				return r
			}
			return bend(r)
		}})
		if _, err := files.Read(t.Context(), "d1", AsOf{}); !errors.Is(err, eventlog.ErrCorrupt) || !strings.Contains(err.Error(), "dispute-d1") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := files.Read(t.Context(), "d1", AsOf{Happened: opening, Known: clock(opening, 10)}); !errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("%s, on an earlier day: %v", name, err)
		}
	}
}

func TestHistoryOfNewerCodeIsNotGuessedAt(t *testing.T) {
	c := newCourt(t)
	c.mediate("d1", 2)
	files := New(bent{c.log, func(r []eventlog.Record) []eventlog.Record {
		if len(r) > 1 {
			r[1].Events[0].Version = 99
		}
		return r
	}})
	if _, err := files.Read(t.Context(), "d1", AsOf{}); !errors.Is(err, codec.ErrUnknownForm) {
		t.Errorf("%v", err)
	}
}

// naive reads a case as somebody would who has only the log and a pencil: all
// records in their order, those of the two streams, each struck out whose
// recording or happening is too late.
func naive(c *court, id string, at AsOf) (file Case, ok bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	file = Case{ID: id}
	end, err := c.log.End(ctx)
	c.must(err)
	if end.IsStart() {
		return file, false
	}
	for r, err := range c.log.Follow(ctx, eventlog.Position{}) {
		c.must(err)
		ours := r.Stream == "dispute-"+id || r.Stream == "confirmation-"+id
		if ours && (at.Known.IsZero() || !at.Known.Before(r.RecordedAt)) {
			file.Position = r.Position
			if strings.HasPrefix(r.Stream, "dispute") {
				file.Length = r.Version + 1
			} else {
				file.Confirmed = r.Version + 1
			}
			for _, stored := range r.Events {
				if at.Happened.IsZero() || stored.Happened[:10] <= at.Happened.String() {
					file = naiveEvent(c, file, r, stored)
				}
			}
		}
		if r.Position == end {
			break
		}
	}
	return file, file.Dispute.Stage != ""
}

func naiveEvent(c *court, file Case, r eventlog.Record, stored eventlog.Event) Case {
	happened, err := calendar.ParseMoment(stored.Happened)
	c.must(err)
	e := Entry{Happened: happened, Recorded: r.RecordedAt, Position: r.Position, Version: r.Version, Hash: r.Head.Hash,
		Actor: r.Actor, OnBehalfOf: r.OnBehalfOf, Workstation: r.Workstation,
		Late: r.RecordedAt.UTC().Add(8*time.Hour).Format("2006-01-02") > stored.Happened[:10]}
	if mediation.Codec.Knows(stored.Kind) {
		event, err := mediation.Codec.Decode(stored.Kind, stored.Version, stored.Payload)
		c.must(err)
		file.Dispute, e.Event = mediation.Decider.Evolve(file.Dispute, event), event
	} else {
		event, err := confirmation.Codec.Decode(stored.Kind, stored.Version, stored.Payload)
		c.must(err)
		file.Confirmation, e.Event = confirmation.Decider.Evolve(file.Confirmation, event), event
	}
	file.History = append(file.History, e)
	return file
}

func TestAnyCaseAsOfAnyDayIsTheFoldOfJustThoseEvents(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := draw(rt, t)
		for range 6 {
			at := AsOf{}
			if rapid.Bool().Draw(rt, "as of") {
				at.Happened = opening.AddDays(rapid.IntRange(-3, 40).Draw(rt, "happened by"))
			}
			if rapid.Bool().Draw(rt, "as known") {
				at.Known = clock(opening, 8).Add(time.Duration(rapid.IntRange(0, 500).Draw(rt, "recorded by")) * time.Hour)
			}
			id := rapid.SampledFrom([]string{"d1", "d2"}).Draw(rt, "read")
			want, exists := naive(c, id, at)
			got, err := New(c.log).Read(context.Background(), id, at)
			if exists != (err == nil) || !exists && !errors.Is(err, ErrNoCase) {
				rt.Fatalf("%s %+v: %v, exists %v", id, at, err, exists)
			}
			if !exists {
				continue
			}
			checkOrder(rt, got.History)
			checkSame(rt, got, want)
		}
	})
}

// checkSame compares all but the order of the history, which the naive reader
// leaves as recorded, and what is struck out, which tables check.
func checkSame(t *rapid.T, got, want Case) {
	got.History = slices.Clone(got.History)
	slices.SortStableFunc(got.History, byRecord)
	for i := range got.History {
		got.History[i].Corrected = false
	}
	if len(got.History) != len(want.History) {
		t.Fatalf("%d entries, want %d", len(got.History), len(want.History))
	}
	for i := range got.History { // the events of one commit may stand in any order
		e := got.History[i]
		if !slices.ContainsFunc(want.History, func(w Entry) bool { return reflect.DeepEqual(e, w) }) {
			t.Fatalf("entry %+v is not in\n%+v", e, want.History)
		}
	}
	got.History, want.History = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("\n got %+v\nwant %+v", got, want)
	}
}

// checkOrder checks that nothing stands before what surely happened earlier,
// and that what cannot be told apart stands as recorded.
func checkOrder(t *rapid.T, history []Entry) {
	for i, a := range history {
		for _, b := range history[i+1:] {
			day := a.Happened.Date == b.Happened.Date
			switch {
			case a.Happened.Date > b.Happened.Date, day && a.Happened.Timed() && b.Happened.Timed() && a.Happened.Time().After(b.Happened.Time()):
				t.Fatalf("%s stands before %s", a.Happened, b.Happened)
			case day && a.Happened == b.Happened && b.Position.Before(a.Position):
				t.Fatalf("both on %s, position %s stands before %s", a.Happened, a.Position, b.Position)
			}
		}
	}
}
