package mediation

import (
	"errors"
	"slices"

	"doorstep/domain/calendar"
)

// Outcome is what a court's ledger says came of a dispute (结果).
type Outcome string

// The outcomes.
const (
	OutcomeSuccess    Outcome = "成功"
	OutcomeTerminated Outcome = "终结"
	OutcomeOpen       Outcome = "在调"
	OutcomeReturned   Outcome = "退回"
)

// Source is the provenance of what was imported.
type Source struct {
	ID     string            `json:"id" personal:"no"`     // 平台编号: the source's own id
	Hash   string            `json:"hash" personal:"text"` // of the row's cells, whatever their order
	File   string            `json:"file" personal:"no"`
	Line   int               `json:"line"`
	Import string            `json:"import" personal:"no"`            // id of the import run
	Extra  map[string]string `json:"extra,omitempty" personal:"text"` // columns we do not know
}

// ErrImportConflict is given when a row was imported before with other content.
// It is for a person to resolve.
var ErrImportConflict = errors.New("the same id was imported before with other content")

// ImportDispute turns one row of a court's ledger into the events that it
// tells of. A ledger is history: it is kept as it was, refused for no time
// limit, and ends nothing that it calls open.
type ImportDispute struct {
	Today        calendar.Date
	Court        string
	Source       Source
	Number       string
	Station      string
	Channel      Channel
	Cause        string
	Amount       Fen
	Parties      []Party
	Filed        calendar.Date
	Organisation string
	Designated   calendar.Date
	Accepted     calendar.Date
	Mediator     string
	Mode         Mode
	Extended     calendar.Date
	Outcome      Outcome
	Ground       Ground
	Return       ReturnGround
	Ended        calendar.Date
	Effective    calendar.Date
	Performance  PerformanceStatus
	Performed    calendar.Date // 履行完毕日期
	Marks        []Mark        // what the reader of the row found odd
}

func (cmd ImportDispute) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage != Unfiled && d.Source != nil && d.Source.Hash == cmd.Source.Hash:
		return nil, nil
	case d.Stage != Unfiled:
		return nil, ErrImportConflict
	case cmd.Station == "":
		return nil, ErrStation
	case blank(cmd.Cause):
		return nil, ErrCause
	case cmd.Amount < 0:
		return nil, ErrNegative
	case !named(cmd.Parties, Applicant):
		return nil, ErrParties
	}
	filed := DisputeFiled{
		When: on(cmd.Filed), Court: cmd.Court, Station: cmd.Station, Channel: cmd.Channel, Cause: cmd.Cause,
		Amount: cmd.Amount, Parties: keyed(cmd.Parties), Source: &cmd.Source,
	}
	if cmd.Number != "" {
		filed.Numbers = []string{cmd.Number}
	}
	events := append([]Event{filed}, cmd.course()...)
	events = append(events, cmd.ending()...)
	if marks := slices.Concat(cmd.Marks, cmd.marks()); len(marks) > 0 {
		events = append(events, EntryMarked{on(cmd.Today), marks})
	}
	return events, nil
}

// course is what lies between filing and the end.
func (cmd ImportDispute) course() []Event {
	var events []Event
	if !cmd.Designated.IsZero() {
		events = append(events, OrganisationDesignated{When: on(cmd.Designated), Organisation: cmd.Organisation})
	}
	if !cmd.Accepted.IsZero() {
		events = append(events, DelegationAccepted{on(cmd.Accepted), cmd.Organisation, cmd.Mediator, cmd.Mode, dueOf("K05", cmd.Accepted)})
	}
	if !cmd.Extended.IsZero() {
		events = append(events, ExtensionAgreed{When: on(cmd.Extended)})
	}
	return events
}

// ending is how it ended, if it did.
func (cmd ImportDispute) ending() []Event {
	switch cmd.Outcome {
	case OutcomeReturned:
		return []Event{ApplicationReturned{When: on(cmd.Ended), Ground: cmd.Return}}
	case OutcomeTerminated:
		return []Event{MediationTerminated{When: on(cmd.Ended), Ground: cmd.Ground}}
	case OutcomeSuccess:
		effective := cmd.Effective
		if effective.IsZero() {
			effective = cmd.Ended
		}
		events := []Event{
			AgreementReached{When: on(min(cmd.Ended, effective))},
			AgreementTookEffect{When: on(effective), Rule: "ledger", Ended: cmd.Ended, ApplyBy: dueOf("K10", effective)},
		}
		if cmd.Performance != "" {
			day := cmd.Performed
			if day.IsZero() {
				day = cmd.Ended // the ledger names no day: as far as it was when it ended
			}
			events = append(events, PerformanceRecorded{on(day), cmd.Performance})
		}
		return events
	}
	return nil
}

// marks is what is odd against the law's clocks: kept, never refused.
func (cmd ImportDispute) marks() []Mark {
	var marks []Mark
	if !cmd.Designated.IsZero() && cmd.Accepted.After(dueOf("K03", cmd.Designated)) {
		marks = append(marks, Mark{"late-acceptance", "接受委派超过三个工作日", "accepted after more than three working days"})
	}
	if cmd.Accepted.IsZero() {
		if cmd.Outcome == OutcomeSuccess || cmd.Outcome == OutcomeTerminated {
			marks = append(marks, Mark{"never-accepted", "已经结束但没有接受日期", "ended without a day of acceptance"})
		}
		return marks
	}
	due := dueOf("K05", cmd.Accepted)
	if cmd.Extended.After(due) {
		marks = append(marks, Mark{"late-extension", "同意延期的日期晚于调解期限届满日", "the extension was agreed after the period was over"})
	}
	if cmd.Extended.IsZero() && cmd.Ended.After(due) {
		marks = append(marks, Mark{"ended-late", "超过调解期限结束且无延期同意记录", "ended after the period without a recorded extension"})
	}
	return marks
}

// ImportTransfer records a transfer that a court's spreadsheet tells of.
type ImportTransfer struct {
	On       calendar.Date
	From, To string
	Source   Source
}

func (cmd ImportTransfer) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case len(d.Erased) > 0:
		return nil, ErrPartyErased
	case cmd.From == cmd.To:
		return nil, ErrSameStation
	case d.Station != cmd.From:
		return nil, ErrNotHere
	}
	return []Event{StationTransferred{on(cmd.On), cmd.From, cmd.To, "", &cmd.Source}}, nil
}

func on(d calendar.Date) When { return When{calendar.On(d)} }
