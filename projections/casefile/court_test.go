package casefile

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
)

// court is a log in memory and the desks that work on it.
type court struct {
	t             testing.TB
	log           *memory.Log
	disputes      *mediation.Desk
	confirmations *confirmation.Desk
	deeds         int
}

func newCourt(t testing.TB) *court {
	log := memory.New()
	return &court{t: t, log: log,
		disputes:      decide.NewDesk(log, mediation.Decider, mediation.Codec, 8),
		confirmations: decide.NewDesk(log, confirmation.Decider, confirmation.Codec, 8)}
}

var opening = calendar.NewDate(2024, time.March, 1)

// occasion is a moment of a day; hour 0 is a day without a time.
func occasion(day calendar.Date, hour int) mediation.Occasion {
	at := calendar.On(day)
	if hour > 0 {
		at = calendar.At(clock(day, hour))
	}
	return mediation.Occasion{At: at, Today: day.AddDays(60)}
}

func clock(day calendar.Date, hour int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, calendar.Shanghai)
}

func (c *court) deed(recorded time.Time) decide.Deed {
	c.deeds++
	return decide.Deed{ID: fmt.Sprint("deed", c.deeds), At: recorded, Actor: "station:S1", OnBehalfOf: "judge", Workstation: "S1"}
}

// do carries out a command that is recorded then.
func (c *court) do(id string, recorded time.Time, cmd mediation.Command) error {
	_, err := c.disputes.Do(context.Background(), mediation.Stream(id), c.deed(recorded), cmd)
	return err
}

func (c *court) rule(id string, recorded time.Time, cmd confirmation.Command) error {
	_, err := c.confirmations.Do(context.Background(), confirmation.Stream(id), c.deed(recorded), cmd)
	return err
}

func (c *court) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *court) read(id string, at AsOf) Case {
	c.t.Helper()
	file, err := New(c.log).Read(context.Background(), id, at)
	c.must(err)
	return file
}

func filing(at mediation.Occasion) mediation.FileDispute {
	return mediation.FileDispute{Occasion: at, Court: "130108", Station: "S1", Channel: mediation.AtStation, Cause: "民间借贷纠纷", Amount: 1000000, Informed: true,
		Parties: []mediation.Party{{Role: mediation.Applicant, Name: "张伟"}, {Role: mediation.Respondent, Name: "王芳"}}}
}

// step is a deed on a dispute.
type step func(at mediation.Occasion) mediation.Command

// steps are the deeds of an ordinary mediation, in their order.
var steps = []step{
	func(at mediation.Occasion) mediation.Command { return filing(at) },
	func(at mediation.Occasion) mediation.Command {
		return mediation.Designate{Occasion: at, Organisation: "O1", Reason: "就近", Deliver: true}
	},
	func(at mediation.Occasion) mediation.Command {
		return mediation.Accept{Occasion: at, Organisation: "O1", Mediator: "范彧志", Mode: mediation.OnSite}
	},
	func(at mediation.Occasion) mediation.Command {
		return mediation.HoldSession{Occasion: at, Organisation: "O1", Mode: mediation.Video, Attended: []string{"A1", "B1"}, Record: "各让一步"}
	},
	func(at mediation.Occasion) mediation.Command {
		return mediation.ReachAgreement{Occasion: at, Organisation: "O1", Form: mediation.Written, Terms: "分期偿还"}
	},
	func(at mediation.Occasion) mediation.Command {
		return mediation.TakeEffect{Occasion: at, Organisation: "O1", AllSigned: true, Sealed: true}
	},
}

// mediate carries a dispute through its first n steps, a day each.
func (c *court) mediate(id string, n int) {
	c.t.Helper()
	for i, s := range steps[:n] {
		day := opening.AddDays(i)
		c.must(c.do(id, clock(day, 10), s(occasion(day, 10))))
	}
}

func correct(at mediation.Occasion, field mediation.Field, is string) mediation.Command {
	return mediation.CorrectEntry{Occasion: at, Field: field, Is: is, Reason: "笔误"}
}

// draw lets a court work on two disputes, recording late and out of the order
// in which things happened.
func draw(t *rapid.T, tb testing.TB) *court {
	c := newCourt(tb)
	day, recorded := opening, clock(opening, 8)
	for range rapid.IntRange(1, 40).Draw(t, "deeds") {
		day = day.AddDays(rapid.SampledFrom([]int{0, 0, 1, 4, -2}).Draw(t, "days"))
		recorded = recorded.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 9, 30, 100, -3}).Draw(t, "hours later")) * time.Hour)
		at := occasion(day, rapid.SampledFrom([]int{0, 9, 15, 23}).Draw(t, "hour"))
		id := rapid.SampledFrom([]string{"d1", "d2"}).Draw(t, "dispute")
		ruling := confirmation.Occasion{At: at.At, Today: at.Today}
		switch n := rapid.IntRange(0, 2*len(steps)+3).Draw(t, "deed"); {
		case n < 2*len(steps):
			_ = c.do(id, recorded, steps[n/2](at))
		case n == 2*len(steps):
			field := rapid.SampledFrom(mediation.Fields).Draw(t, "field")
			_ = c.do(id, recorded, correct(at, field, rapid.SampledFrom([]string{"离婚纠纷", "12.50", day.String(), "视频"}).Draw(t, "is")))
		case n == 2*len(steps)+1:
			_ = c.rule(id, recorded, confirmation.Apply{Occasion: ruling, Dispute: id, Effective: opening, ApplyBy: opening.AddDays(90), Joint: true})
		case n == 2*len(steps)+2:
			_ = c.rule(id, recorded, confirmation.Accept{Occasion: ruling})
		default:
			_ = c.rule(id, recorded, confirmation.Withdraw{Occasion: ruling})
		}
	}
	return c
}

// bent is a log whose streams are read through a fault.
type bent struct {
	eventlog.Log
	bend func([]eventlog.Record) []eventlog.Record
}

func (b bent) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		var whole []eventlog.Record
		for r, err := range b.Log.Read(ctx, stream, after) {
			if err != nil {
				yield(r, err)
				return
			}
			whole = append(whole, r)
		}
		for _, r := range b.bend(whole) {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// mute is a log that must not be asked.
type mute struct{ eventlog.Log }

func (mute) Read(context.Context, string, eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		yield(eventlog.Record{}, errors.New("the log was asked"))
	}
}
