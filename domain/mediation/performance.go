package mediation

import (
	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of performance.
var (
	ErrNoEffect      = decide.Refuse("not-effective", "调解协议生效之后才有履行情况。", "Performance can be recorded only for an agreement in effect.", "人民调解法 31")
	ErrPerformStatus = decide.Refuse("performance-status", "请选择履行情况：已履行、履行中或者未履行。", "Choose: performed, being performed, or not performed.", "")
)

// PerformanceStatus is how far an agreement is performed (履行情况).
type PerformanceStatus string

// The statuses.
const (
	Performed   PerformanceStatus = "performed"   // 已履行
	Performing  PerformanceStatus = "performing"  // 履行中
	Unperformed PerformanceStatus = "unperformed" // 未履行
)

// Performance is the state of performance as last recorded.
type Performance struct {
	Status PerformanceStatus
	On     calendar.Date
}

// RecordPerformance records how far the agreement is performed; to watch over
// it is a duty of the committee (人民调解法 31).
type RecordPerformance struct {
	Occasion
	Status PerformanceStatus
}

func (cmd RecordPerformance) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case d.Stage != Succeeded:
		return nil, ErrNoEffect
	case cmd.Status != Performed && cmd.Status != Performing && cmd.Status != Unperformed:
		return nil, ErrPerformStatus
	case d.Performed.Status == cmd.Status:
		return nil, nil
	}
	if err := between(max(d.Agreement.Effective, d.Performed.On), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{PerformanceRecorded{When{cmd.At}, cmd.Status}}, nil
}

// PerformanceRecorded: the agreement was performed, is being performed, or was
// found not to be, on that day.
type PerformanceRecorded struct {
	When
	Status PerformanceStatus `json:"status"`
}

// Kind is the stored name.
func (PerformanceRecorded) Kind() string { return "performance-recorded" }

func (e PerformanceRecorded) evolve(d *Dispute) {
	d.Performed = Performance{e.Status, e.At.Date}
}
