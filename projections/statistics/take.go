package statistics

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/domain/roster"
	rules "doorstep/domain/statistics"
	"doorstep/domain/supervision"
	"doorstep/projections/follow"
)

// Take takes the batch in: the file first, and the memory once the file has it.
func (s *Statistics) Take(ctx context.Context, from, to follow.Mark, records []follow.Record) error {
	b := newBatch(&s.all) // only Take changes it, and a view is fed by one goroutine
	for _, r := range records {
		b.read(r)
	}
	err := s.file.Take(ctx, from, to, func(tx *sql.Tx) error {
		if err := b.histories(tx); err != nil {
			return err
		}
		b.count()
		if err := b.encode(); err != nil {
			return err
		}
		return b.write(tx)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b.remember()
	return nil
}

// batch is what a run of records adds.
type batch struct {
	all      *cube
	words    freshNames
	disputes freshNames
	touched  []*dispute
	byNumber map[uint32]*dispute
	told     []told
	held     []governance
	figures  []figure
	rows     []row
}

// dispute is one that the batch tells of.
type dispute struct {
	number  uint32
	id      string
	history rules.History
}

// told is the news of one commit.
type told struct {
	of       *dispute
	at       time.Time
	position uint64
	news     rules.News
}

// governance is an activity of one commit.
type governance struct {
	after    int // news told before it: facts are kept in the order of the log
	at       time.Time
	position uint64
	event    supervision.GovernanceHeld
}

// figure is a published figure of a territory.
type figure struct {
	at     time.Time
	event  roster.Event
	stored codec.Stored
}

func newBatch(all *cube) *batch {
	return &batch{all: all, byNumber: map[uint32]*dispute{}, words: freshNames{old: &all.words}, disputes: freshNames{old: &all.disputes}}
}

// read sorts one commit's events by what they change.
func (b *batch) read(r follow.Record) {
	switch {
	case strings.HasPrefix(r.Stream, mediation.Stream("")):
		b.tell(r, strings.TrimPrefix(r.Stream, mediation.Stream("")), newsOf(r.Events))
	case strings.HasPrefix(r.Stream, confirmation.Stream("")):
		b.tell(r, strings.TrimPrefix(r.Stream, confirmation.Stream("")), newsOf(r.Events))
	default:
		for _, e := range r.Events {
			switch e := e.(type) {
			case supervision.GovernanceHeld:
				b.held = append(b.held, governance{len(b.told), r.RecordedAt, r.Position.Token(), e})
			case roster.TerritoryListed, roster.PopulationPublished, roster.SuitsCounted:
				b.figures = append(b.figures, figure{at: r.RecordedAt, event: e.(roster.Event)})
			}
		}
	}
}

func (b *batch) tell(r follow.Record, id string, news rules.News) {
	if news.Empty() {
		return
	}
	number := b.disputes.number(id)
	d, ok := b.byNumber[number]
	if !ok {
		d = &dispute{number: number, id: id}
		b.byNumber[number] = d
		b.touched = append(b.touched, d)
	}
	b.told = append(b.told, told{d, r.RecordedAt, r.Position.Token(), news})
}

// count turns the news into facts.
func (b *batch) count() {
	held := b.held
	for i, t := range b.told {
		for len(held) > 0 && held[0].after <= i {
			b.hold(held[0])
			held = held[1:]
		}
		facts := t.of.history.Learn(t.at, t.news)
		known := t.of.history.KnownSince().UnixMicro()
		for _, f := range facts {
			b.rows = append(b.rows, b.row(f, t.of.number, known, t.position))
		}
	}
	for _, g := range held {
		b.hold(g)
	}
}

// hold counts an activity: it has a workstation and no dispute.
func (b *batch) hold(g governance) {
	day := g.event.At.Date
	f := rules.Fact{Measure: rules.Governance, Day: day, Happened: day, Station: g.event.Station, Sign: +1}
	b.rows = append(b.rows, b.row(f, 0, g.at.UnixMicro(), g.position))
}

func (b *batch) row(f rules.Fact, dispute uint32, known int64, position uint64) row {
	return row{
		measure: measureNumber[f.Measure], dispute: dispute, day: f.Day, happened: f.Happened, known: known, position: position,
		station: b.words.number(f.Station), organisation: b.words.number(f.Organisation), cause: b.words.number(f.Cause),
		outcome: outcomeOf(f), days: int32(f.Days), sign: int8(f.Sign),
	}
}

var measureNumber = func() map[rules.Measure]int {
	number := map[rules.Measure]int{}
	for i, m := range rules.Facts {
		number[m] = i
	}
	return number
}()

func (b *batch) encode() (err error) {
	for i := range b.figures {
		if b.figures[i].stored, err = roster.Codec.Encode(b.figures[i].event); err != nil {
			return err
		}
	}
	return nil
}

// remember puts the batch into the memory.
func (b *batch) remember() {
	for _, s := range b.words.fresh {
		b.all.words.add(s)
	}
	for _, s := range b.disputes.fresh {
		b.all.disputes.add(s)
	}
	for _, r := range b.rows {
		b.all.add(r)
	}
	for _, f := range b.figures {
		b.all.register.Learn(f.at, f.event)
		b.all.figures++
	}
}

// freshNames numbers strings on from those that are numbered already, without
// changing these: a batch that fails leaves nothing behind.
type freshNames struct {
	old   *names
	fresh []string
	added map[string]uint32
}

func (n *freshNames) number(s string) uint32 {
	if i, ok := n.old.number[s]; ok {
		return i
	}
	if i, ok := n.added[s]; ok {
		return i
	}
	if n.added == nil {
		n.added = map[string]uint32{}
	}
	n.fresh = append(n.fresh, s)
	i := uint32(len(n.old.list) + len(n.fresh))
	n.added[s] = i
	return i
}
