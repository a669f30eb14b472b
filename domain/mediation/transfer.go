package mediation

import (
	"doorstep/domain/decide"
)

// Refusals of transfer.
var (
	ErrSameStation = decide.Refuse("same-station", "移入的工作站与移出的相同。", "The dispute is at that workstation already.", "")
	ErrMoved       = decide.Refuse("ended-stays", "调解已经结束的纠纷不再移送，由结束时所在的工作站负责后续事项。", "A dispute whose mediation is over stays with the workstation that held it then.", "")
	ErrNotHere     = decide.Refuse("not-here", "该纠纷不在移出的工作站，请核对。", "The dispute is not at the workstation it is to leave. Check the codes.", "")
)

// TransferStation moves the dispute to another workstation (移送).
type TransferStation struct {
	Occasion
	From, To string
	Reason   string
}

func (cmd TransferStation) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case d.Stage.Ended():
		return nil, ErrMoved
	case cmd.To == "":
		return nil, ErrStation
	case cmd.From == cmd.To:
		return nil, ErrSameStation
	case d.Station != cmd.From:
		return nil, ErrNotHere
	case blank(cmd.Reason):
		return nil, ErrNoReason
	}
	if err := between(max(d.FiledOn, d.MovedOn), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{StationTransferred{When{cmd.At}, cmd.From, cmd.To, cmd.Reason, nil}}, nil
}

// StationTransferred: another workstation holds the dispute now. All of them
// together are its chain of custody.
type StationTransferred struct {
	When
	From   string  `json:"from" personal:"no"`
	To     string  `json:"to" personal:"no"`
	Reason string  `json:"reason,omitempty" personal:"text"`
	Source *Source `json:"source,omitempty"`
}

// Kind is the stored name.
func (StationTransferred) Kind() string { return "station-transferred" }

func (e StationTransferred) evolve(d *Dispute) { d.Station, d.MovedOn = e.To, e.At.Date }
