package statistics_test

import (
	"encoding/binary"
	"strconv"
	"time"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
	"doorstep/domain/supervision"
	"doorstep/projections/follow"
	"doorstep/projections/statistics"
)

// A world is a log of random histories: back-dated, corrected, transferred,
// told in one commit or in many, by clocks that sometimes run behind.

var (
	stations      = []string{"130108001", "130108002", "130172"}
	organisations = []string{"RT-01", "HY-01", "SQ-01"}
	causes        = []string{"物业服务合同纠纷", "离婚纠纷", "民间借贷纠纷"}
	firstDay      = calendar.NewDate(2021, 5, 20)
	firstMoment   = time.Date(2021, 6, 1, 9, 0, 0, 0, calendar.Shanghai).UTC()
)

const worldDays = 120

// record is a commit of the events at a position.
func record(position int, at time.Time, stream string, events ...codec.Event) follow.Record {
	r := eventlog.Record{Position: eventlog.PositionAt(uint64(position))}
	r.Stream, r.RecordedAt = stream, at
	binary.BigEndian.PutUint64(r.Head.Hash[:], uint64(position))
	return follow.Record{Record: r, Events: events}
}

// drawWorld draws the records of some disputes and activities.
func drawWorld(t *rapid.T, disputes int, behind bool) []follow.Record {
	var waiting [][]told
	for i := range rapid.IntRange(1, disputes).Draw(t, "disputes") {
		waiting = append(waiting, drawLife(t, "d"+strconv.Itoa(i)))
	}
	at := firstMoment
	var records []follow.Record
	for len(waiting) > 0 {
		next := 0
		if len(waiting) > 1 {
			next = rapid.IntRange(0, len(waiting)-1).Draw(t, "next")
		}
		step := rapid.SampledFrom([]time.Duration{0, time.Microsecond, time.Hour, 30 * time.Hour, 200 * time.Hour}).Draw(t, "later")
		if at = at.Add(step); behind && rapid.IntRange(0, 5).Draw(t, "behind") == 0 {
			at = at.Add(-50 * time.Hour)
		}
		say := waiting[next][0]
		records = append(records, record(len(records)+1, at, say.stream, say.events...))
		if waiting[next] = waiting[next][1:]; len(waiting[next]) == 0 {
			waiting = append(waiting[:next], waiting[next+1:]...)
		}
		if rapid.IntRange(0, 9).Draw(t, "activity") == 0 {
			s := rapid.SampledFrom(stations).Draw(t, "station")
			held := supervision.GovernanceHeld{At: calendar.On(drawDay(t)), Station: s, Type: "普法宣讲"}
			records = append(records, record(len(records)+1, at, supervision.Stream(s), held))
		}
	}
	return records
}

// told is one commit that waits for its place in the log.
type told struct {
	stream string
	events []codec.Event
}

func drawDay(t *rapid.T) calendar.Date {
	return firstDay.AddDays(rapid.IntRange(0, worldDays).Draw(t, "day"))
}

// life is a dispute while its history is drawn.
type life struct {
	t         *rapid.T
	id        string
	day       calendar.Date
	commits   []told
	delegated string // to whom, while no answer has come
	accepted  bool
	ended     bool
	applied   bool
}

func drawLife(t *rapid.T, id string) []told {
	l := &life{t: t, id: id, day: drawDay(t)}
	l.say(mediation.DisputeFiled{When: l.when(), Station: l.pick(stations), Cause: l.pick(causes)})
	for range rapid.IntRange(0, 14).Draw(t, "steps") {
		l.step()
	}
	return l.commits
}

func (l *life) pick(from []string) string { return rapid.SampledFrom(from).Draw(l.t, "word") }

// when is a day after the one before, or now and then any day at all.
func (l *life) when() mediation.When {
	if rapid.IntRange(0, 5).Draw(l.t, "backdated") == 0 {
		return mediation.When{At: calendar.On(drawDay(l.t))}
	}
	l.day = l.day.AddDays(rapid.IntRange(0, 12).Draw(l.t, "days"))
	return mediation.When{At: calendar.On(l.day)}
}

// say tells the events in the commit before, or in one of their own.
func (l *life) say(events ...codec.Event) {
	stream := mediation.Stream(l.id)
	if _, ok := events[0].(confirmation.Event); ok {
		stream = confirmation.Stream(l.id)
	}
	last := len(l.commits) - 1
	if last >= 0 && l.commits[last].stream == stream && rapid.IntRange(0, 2).Draw(l.t, "together") == 0 {
		l.commits[last].events = append(l.commits[last].events, events...)
		return
	}
	l.commits = append(l.commits, told{stream, events})
}

// step lets one thing happen that may happen.
func (l *life) step() {
	switch rapid.IntRange(0, 11).Draw(l.t, "step") {
	case 0, 1:
		if !l.accepted && !l.ended {
			l.delegated = l.pick(organisations)
			l.say(mediation.OrganisationDesignated{When: l.when(), Organisation: l.delegated})
		}
	case 2:
		if l.delegated != "" && !l.accepted {
			l.say(mediation.DelegationDeclined{When: l.when(), Organisation: l.delegated})
			l.delegated = ""
		}
	case 3, 4:
		if !l.accepted && !l.ended {
			l.accepted = true
			l.say(mediation.DelegationAccepted{When: l.when(), Organisation: l.pick(organisations), Mode: l.mode()})
		}
	case 5:
		if l.accepted && !l.ended {
			l.say(mediation.SessionHeld{When: l.when(), Mode: l.mode()})
		}
	case 6, 7:
		l.end()
	case 8:
		l.say(mediation.StationTransferred{When: l.when(), To: l.pick(stations)})
	case 9, 10:
		l.correct()
	case 11:
		l.confirm()
	}
}

func (l *life) mode() mediation.Mode { return rapid.SampledFrom(mediation.Modes).Draw(l.t, "mode") }

func (l *life) end() {
	if l.ended {
		return
	}
	l.ended = true
	when := l.when()
	switch rapid.IntRange(0, 5).Draw(l.t, "end") {
	case 0:
		l.say(mediation.ApplicationReturned{When: when, Ground: mediation.NotSuitable})
	case 1, 2:
		l.say(mediation.MediationTerminated{When: when, Ground: mediation.Ground(rapid.IntRange(2, 8).Draw(l.t, "ground"))})
	default:
		effective := mediation.When{At: calendar.On(when.At.Date.AddDays(rapid.IntRange(0, 3).Draw(l.t, "effect")))}
		l.say(mediation.AgreementTookEffect{When: effective, Rule: "ledger", Ended: when.At.Date})
	}
}

func (l *life) correct() {
	e := mediation.EntryCorrected{When: l.when(), Reason: "误录"}
	day := drawDay(l.t).String()
	switch field := rapid.SampledFrom(mediation.Fields).Draw(l.t, "field"); {
	case field == mediation.FieldCause:
		e.Field, e.Is = field, l.pick(causes)
	case field == mediation.FieldFiled, field == mediation.FieldAccepted && l.accepted, field == mediation.FieldEnded && l.ended:
		e.Field, e.Is = field, day
	case field == mediation.FieldMode && l.accepted:
		e.Field, e.Is = field, string(l.mode())
	default:
		e.Field, e.Is = mediation.FieldAmount, "1.00"
	}
	l.say(e)
}

func (l *life) confirm() {
	when := confirmation.When{At: l.when().At}
	if !l.applied {
		l.applied = true
		l.say(confirmation.ConfirmationApplied{When: when, Dispute: l.id})
		return
	}
	if rapid.Bool().Draw(l.t, "confirmed") {
		l.say(confirmation.AgreementConfirmed{When: when})
		return
	}
	l.say(confirmation.ConfirmationWithdrawn{When: when})
	l.applied = false
}

// drawQuery draws a question; the moment is that of some record or just before.
func drawQuery(t *rapid.T, records []follow.Record) statistics.Query {
	q := statistics.Query{From: drawDay(t), To: drawDay(t)}
	if q.To.Before(q.From) && rapid.IntRange(0, 9).Draw(t, "inside-out") > 0 {
		q.From, q.To = q.To, q.From
	}
	if rapid.Bool().Draw(t, "as of") {
		q.AsOf = drawDay(t)
	}
	if rapid.Bool().Draw(t, "known at") {
		q.KnownAt = rapid.SampledFrom(records).Draw(t, "record").RecordedAt.Add(-time.Duration(rapid.IntRange(0, 1).Draw(t, "before")) * time.Microsecond)
	}
	maybe := func(from []string) string {
		if rapid.IntRange(0, 3).Draw(t, "filter") > 0 {
			return ""
		}
		return rapid.SampledFrom(append([]string{"nowhere"}, from...)).Draw(t, "word")
	}
	q.Station, q.Organisation, q.Cause = maybe(stations), maybe(organisations), maybe(causes)
	return q
}
