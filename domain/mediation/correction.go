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
	case !ok:
		return nil, ErrField
	case strings.TrimSpace(cmd.Reason) == "":
		return nil, ErrWhy
	case !wellFormed(cmd.Field, is):
		return nil, ErrValue
	}
	e := EntryCorrected{When{cmd.At}, cmd.Field, was, is, cmd.Reason}
	after := Decider.Fold(d, e)
	if now, _ := after.entry(cmd.Field); now == was {
		return nil, ErrSameValue
	}
	if !after.possible(cmd.Today) {
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

// possible tells whether the days of the steps can be true together.
func (d Dispute) possible(today calendar.Date) bool {
	last := d.FiledOn
	for _, day := range []calendar.Date{d.Offer.Designated, d.Accepted, d.Ended} {
		if day.IsZero() {
			continue
		}
		if day.Before(last) {
			return false
		}
		last = day
	}
	return !last.After(today)
}

// EntryCorrected: an entry was wrong; this is what it should have said. Was and
// Is may be personal data.
type EntryCorrected struct {
	When
	Field  Field  `json:"field"`
	Was    string `json:"was"`
	Is     string `json:"is"`
	Reason string `json:"reason"`
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
	case FieldAccepted:
		d.Accepted = day
		if d.Extended.IsZero() && !day.IsZero() {
			d.Due = dueOf("K05", day)
		}
	case FieldEnded:
		d.Ended = day
	case FieldMode:
		d.Mode = Mode(e.Is)
	case FieldMediator:
		d.Offer.Mediator = e.Is
	}
}

// Mark is something odd that an import found and kept: it refuses nothing.
type Mark struct {
	Code    string `json:"code"`
	Chinese string `json:"zh"`
	English string `json:"en"`
}

// EntryMarked: the import kept the row as it was and says what is odd in it.
type EntryMarked struct {
	When
	Marks []Mark `json:"marks"`
}

// Kind is the stored name.
func (EntryMarked) Kind() string { return "entry-marked" }

func (e EntryMarked) evolve(d *Dispute) { d.Marks = append(slices.Clone(d.Marks), e.Marks...) }
