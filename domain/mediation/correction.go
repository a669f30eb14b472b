package mediation

import (
	"slices"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of correction.
var (
	ErrField      = decide.Refuse("no-such-field", "该项不能更正，或者还没有登记。", "This entry cannot be corrected, or was never made.", "")
	ErrSameValue  = decide.Refuse("same-value", "更正后的内容与原来相同。", "The corrected value is the same as before.", "")
	ErrWhy        = decide.Refuse("why-correct", "请写明更正的理由。", "State why the entry is corrected.", "")
	ErrValue      = decide.Refuse("bad-value", "更正后的内容不合要求：日期写作 2021-03-05，金额以元为单位、最多两位小数。", "The corrected value is not well formed: days are written 2021-03-05, amounts in yuan with at most two decimals.", "")
	ErrImpossible = decide.Refuse("impossible-order", "更正后各环节的日期先后不可能，请核对。", "With this correction the days of the steps could not be true. Check them.", "")
)

// Field names what can be corrected.
type Field string

// The fields.
const (
	FieldCause    Field = "cause"
	FieldAmount   Field = "amount"
	FieldFiled    Field = "filed"    // day of filing
	FieldAccepted Field = "accepted" // day of acceptance; the last day follows
	FieldEnded    Field = "ended"    // day on which mediation ended
	FieldMode     Field = "mode"
	FieldMediator Field = "mediator"
)

// Fields lists them as forms offer them.
var Fields = []Field{FieldCause, FieldAmount, FieldFiled, FieldAccepted, FieldEnded, FieldMode, FieldMediator}

// CorrectEntry corrects what was entered wrongly. Nothing is edited: what was
// said, what is said now and why stand side by side for ever.
type CorrectEntry struct {
	Occasion
	Field  Field
	Is     string
	Reason string
}

func (cmd CorrectEntry) decide(d Dispute) ([]Event, error) {
	if d.Stage == Unfiled {
		return nil, ErrNotFiled
	}
	was, ok := d.entry(cmd.Field)
	is := strings.TrimSpace(cmd.Is)
	switch {
	case len(d.Erased) > 0:
		return nil, ErrPartyErased
	case !ok:
		return nil, ErrField
	case blank(cmd.Reason):
		return nil, ErrWhy
	case !wellFormed(cmd.Field, is):
		return nil, ErrValue
	case cmd.Field == FieldMediator && d.isParty(is):
		return nil, ErrPartyMediates
	case cmd.At.Date.After(cmd.Today):
		return nil, ErrFuture
	}
	e := EntryCorrected{When: When{cmd.At}, Field: cmd.Field, Was: was, Is: is, Reason: cmd.Reason}
	day, _ := calendar.ParseDate(is)
	switch {
	case cmd.Field == FieldAccepted && d.Extended.IsZero():
		e.Due = dueOf("K05", day)
	case cmd.Field == FieldEnded && d.Stage == Succeeded && d.Agreement.Effective == d.Ended:
		e.ApplyBy = dueOf("K10", day)
	}
	after := Decider.Fold(d, e)
	if now, _ := after.entry(cmd.Field); now == was {
		return nil, ErrSameValue
	}
	if !d.possiblyBecomes(after, cmd.Today) {
		return nil, ErrImpossible
	}
	return []Event{e}, nil
}

// entry is the present value of a field; false when there is none to correct.
func (d Dispute) entry(f Field) (string, bool) {
	switch f {
	case FieldCause:
		return d.Cause, true
	case FieldAmount:
		return d.Amount.String(), true
	case FieldFiled:
		return d.FiledOn.String(), true
	case FieldAccepted:
		return d.Accepted.String(), !d.Accepted.IsZero()
	case FieldEnded:
		return d.Ended.String(), d.Stage.Ended()
	case FieldMode:
		return string(d.Mode), !d.Accepted.IsZero()
	case FieldMediator:
		return d.Offer.Mediator, !d.Accepted.IsZero()
	}
	return "", false
}

func wellFormed(f Field, v string) bool {
	switch f {
	case FieldAmount:
		fen, err := ParseYuan(v)
		return err == nil && fen >= 0
	case FieldFiled, FieldAccepted, FieldEnded:
		_, err := calendar.ParseDate(v)
		return err == nil
	case FieldMode:
		return Mode(v).known()
	}
	return v != ""
}

// possiblyBecomes tells whether the days of the steps can be true together
// after a correction. What a ledger told that cannot be true stays as it was
// told; only a correction that puts more days out of order is impossible.
func (d Dispute) possiblyBecomes(after Dispute, today calendar.Date) bool {
	before := d.orders(today)
	for i, o := range after.orders(today) {
		if o.wrong() && !before[i].wrong() {
			return false
		}
	}
	return true
}

// order is two days of which the first cannot lie after the second.
type order struct{ first, second calendar.Date }

func (o order) wrong() bool {
	return !o.first.IsZero() && !o.second.IsZero() && o.first.After(o.second)
}

// orders is what must hold between the days of a dispute, always in the same
// order.
func (d Dispute) orders(today calendar.Date) []order {
	a := d.Agreement
	list := []order{
		{d.FiledOn, today}, {d.FiledOn, d.MovedOn}, {d.FiledOn, d.DeclinedOn}, {d.FiledOn, d.Offer.Designated}, {d.FiledOn, d.Accepted}, {d.FiledOn, d.Ended},
		{d.DeclinedOn, d.Offer.Designated}, {d.Offer.Designated, d.Offer.Delivered}, {d.Offer.Designated, d.Accepted}, {d.Offer.Delivered, d.Accepted},
		{d.DeclinedOn, d.Ended}, {d.Offer.Designated, d.Ended}, {d.Offer.Delivered, d.Ended},
		{d.Accepted, today}, {d.Accepted, d.Extended}, {d.Accepted, a.Reached}, {d.Accepted, d.Ended},
		{d.Extended, d.Ended}, {a.Reached, d.Ended}, {a.Reached, a.Effective}, {a.Effective, d.Performed.On}, {d.Ended, today},
	}
	for _, c := range d.Consents {
		list = append(list, order{d.FiledOn, c.At.Date})
	}
	for _, s := range d.Sessions {
		list = append(list, order{d.Accepted, s.At.Date}, order{s.At.Date, d.Ended})
	}
	return list
}

// EntryCorrected: an entry was wrong; this is what it should have said. Was and
// Is may be personal data. Last days that follow from a corrected day are told
// with it, so that a later calendar cannot change what was decided.
type EntryCorrected struct {
	When
	Field   Field         `json:"field"`
	Was     string        `json:"was" personal:"office,if=field:mediator"`
	Is      string        `json:"is" personal:"office,if=field:mediator"`
	Reason  string        `json:"reason" personal:"text"`
	Due     calendar.Date `json:"due,omitzero"`      // K05 from the corrected day of acceptance
	ApplyBy calendar.Date `json:"apply_by,omitzero"` // K10 from the corrected day of effect
}

// Kind is the stored name.
func (EntryCorrected) Kind() string { return "entry-corrected" }

func (e EntryCorrected) evolve(d *Dispute) {
	day, _ := calendar.ParseDate(e.Is)
	switch e.Field {
	case FieldCause:
		d.Cause = e.Is
	case FieldAmount:
		if fen, err := ParseYuan(e.Is); err == nil {
			d.Amount = fen
		}
	case FieldFiled:
		d.FiledOn, d.FiledAt = day, calendar.On(day)
		d.Consents = slices.Clone(d.Consents)
		for i, c := range d.Consents {
			if c.Way == ByApplying {
				d.Consents[i].At = d.FiledAt
			}
		}
	case FieldAccepted:
		d.Accepted = day
		if !e.Due.IsZero() {
			d.Due = e.Due
		}
	case FieldEnded:
		d.end(day, e.ApplyBy)
	case FieldMode:
		d.Mode = Mode(e.Is)
	case FieldMediator:
		d.Offer.Mediator = e.Is
	}
}

// end moves the day on which mediation ended, and with it the days of the
// agreement that were the same.
func (d *Dispute) end(day, applyBy calendar.Date) {
	a := &d.Agreement
	if a.Reached == d.Ended && !a.Reached.IsZero() {
		a.Reached = day
	}
	if !applyBy.IsZero() {
		a.Effective, a.ApplyBy = day, applyBy
	}
	d.Ended = day
}

// Mark is something odd that an import found and kept: it refuses nothing.
type Mark struct {
	Code    string `json:"code" personal:"no"`
	Chinese string `json:"zh" personal:"no"`
	English string `json:"en" personal:"no"`
}

// EntryMarked: the import kept the row as it was and says what is odd in it.
type EntryMarked struct {
	When
	Marks []Mark `json:"marks"`
}

// Kind is the stored name.
func (EntryMarked) Kind() string { return "entry-marked" }

func (e EntryMarked) evolve(d *Dispute) { d.Marks = append(slices.Clone(d.Marks), e.Marks...) }
