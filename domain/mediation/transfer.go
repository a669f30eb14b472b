package mediation

import (
	"doorstep/domain/decide"
)

// Refusals of transfer.
var (
	ErrSameStation = decide.Refuse("same-station", "移入的工作站与移出的相同。", "The dispute is at that workstation already.", "")
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
	case cmd.To == "":
		return nil, ErrStation
	case cmd.From == cmd.To:
		return nil, ErrSameStation
	case d.Station != cmd.From:
		return nil, ErrNotHere
	case cmd.Reason == "":
		return nil, ErrNoReason
	}
	if err := between(d.FiledOn, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{StationTransferred{When{cmd.At}, cmd.From, cmd.To, cmd.Reason, nil}}, nil
}

// StationTransferred: another workstation holds the dispute now. All of them
// together are its chain of custody.
type StationTransferred struct {
	When
	From   string  `json:"from"`
	To     string  `json:"to"`
	Reason string  `json:"reason,omitempty"`
	Source *Source `json:"source,omitempty"`
}

// Kind is the stored name.
func (StationTransferred) Kind() string { return "station-transferred" }

func (e StationTransferred) evolve(d *Dispute) { d.Station = e.To }
