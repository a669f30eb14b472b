package mediation

import (
	"slices"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of sessions and extension.
var (
	ErrNotMediating = decide.Refuse("not-mediating", "调解组织接受委派之后才能办理此项。", "This can be done only after an organisation has accepted the dispute.", "人民法院在线调解规则 24")
	ErrMode         = decide.Refuse("unknown-mode", "请选择调解方式：现场、视频、混合、非同步或者电话。", "Choose how: on site, by video, mixed, asynchronous or by phone.", "人民法院在线调解规则 16")
	ErrNobody       = decide.Refuse("nobody-there", "请至少勾选一位到场的当事人；无人到场的不算一次调解。", "Tick at least one party who was there; without one it was no session.", "")
	ErrNotAll       = decide.Refuse("not-all-parties", "延长调解期限须经全体当事人同意。", "Only all parties together can agree to extend.", "人民法院在线调解规则 24")
	ErrMinutes      = decide.Refuse("minutes", "调解时长应当在 0 到 1440 分钟之间。", "A session lasts between 0 and 1440 minutes.", "")
	ErrOver         = decide.Refuse("period-over", "调解期限已经届满且没有同意延长，不能再组织调解；应当终结调解并退回法院，此前已经达成协议的请登记协议。", "The period was over and no extension agreed, so no session may be held. End the mediation and hand the dispute back, or record the agreement where one was reached.", "人民法院在线调解规则 24、25(6)")
	ErrUntil        = decide.Refuse("extend-until", "延长后的截止日应当晚于现在的截止日。", "The new last day must be later than the present one.", "")
	ErrTooLate      = decide.Refuse("extension-late", "调解期限已经届满，不能再延长；应当终结调解并退回法院。", "The period is over and can no longer be extended; end the mediation and hand the dispute back.", "人民法院在线调解规则 24、25(6)")
)

// Mode is how a mediation is held (调解方式).
type Mode string

// The modes: those of 人民法院在线调解规则 16, and by phone.
const (
	OnSite Mode = "现场"
	Video  Mode = "视频"
	Mixed  Mode = "混合"
	Async  Mode = "非同步"
	Phone  Mode = "电话"
)

// Modes lists them as forms offer them.
var Modes = []Mode{OnSite, Video, Mixed, Async, Phone}

func (m Mode) known() bool { return slices.Contains(Modes, m) }

// AudioVideo tells whether the mode counts as mediation by audio and video.
func (m Mode) AudioVideo() bool { return m == Video || m == Mixed }

// with is the mode of a mediation that was held in both: mixed only where one
// of them was by audio and video, since that is what the mixed mode means.
func (m Mode) with(other Mode) Mode {
	switch {
	case m == other:
		return m
	case m.AudioVideo() || other.AudioVideo():
		return Mixed
	case m == OnSite || other == OnSite:
		return OnSite
	}
	return Async
}

// HoldSession records a session that was held.
type HoldSession struct {
	Occasion
	Organisation string
	Mode         Mode
	Attended     []string // keys of parties
	Minutes      int      // length
	Record       string   // what was said and done; not what was offered in confidence
}

func (cmd HoldSession) decide(d Dispute) ([]Event, error) {
	if err := mayMediate(d, cmd.Organisation); err != nil {
		return nil, err
	}
	switch {
	case !cmd.Mode.known():
		return nil, ErrMode
	case len(cmd.Attended) == 0:
		return nil, ErrNobody
	case !knownParties(d, cmd.Attended):
		return nil, ErrNoParty
	case cmd.Minutes < 0 || cmd.Minutes > 24*60:
		return nil, ErrMinutes
	case d.Overdue(cmd.At.Date):
		return nil, ErrOver
	}
	if err := between(d.Accepted, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{SessionHeld{When{cmd.At}, cmd.Mode, slices.Clone(cmd.Attended), cmd.Minutes, cmd.Record}}, nil
}

// SessionHeld: the parties, or some of them, were heard.
type SessionHeld struct {
	When
	Mode     Mode     `json:"mode"`
	Attended []string `json:"attended,omitempty" personal:"no"`
	Minutes  int      `json:"minutes,omitempty"`
	Record   string   `json:"record,omitempty" personal:"text"`
}

// Kind is the stored name.
func (SessionHeld) Kind() string { return "session-held" }

func (e SessionHeld) evolve(d *Dispute) {
	if len(d.Sessions) == 0 {
		d.Mode = e.Mode
	} else {
		d.Mode = d.Mode.with(e.Mode)
	}
	d.Sessions = append(slices.Clone(d.Sessions), e)
}

// AgreeExtension records that all parties agreed to extend (延长调解期限).
type AgreeExtension struct {
	Occasion
	Organisation string
	Until        calendar.Date
	Agreed       []string // keys of the parties who agreed: all of them
}

func (cmd AgreeExtension) decide(d Dispute) ([]Event, error) {
	if err := mayMediate(d, cmd.Organisation); err != nil {
		return nil, err
	}
	for _, p := range d.Parties {
		if !slices.Contains(cmd.Agreed, p.Key) {
			return nil, ErrNotAll
		}
	}
	switch {
	case !knownParties(d, cmd.Agreed):
		return nil, ErrNoParty
	case d.Overdue(cmd.At.Date):
		return nil, ErrTooLate
	case d.Due == cmd.Until && d.Extended == cmd.At.Date:
		return nil, nil
	case !cmd.Until.After(d.Due):
		return nil, ErrUntil
	}
	if err := between(d.Accepted, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{ExtensionAgreed{When{cmd.At}, cmd.Until, slices.Clone(cmd.Agreed)}}, nil
}

// ExtensionAgreed: all parties agreed that mediation may last longer. The text
// sets no cap; a ledger names no day.
type ExtensionAgreed struct {
	When
	Until  calendar.Date `json:"until,omitzero"`
	Agreed []string      `json:"agreed,omitempty" personal:"no"`
}

// Kind is the stored name.
func (ExtensionAgreed) Kind() string { return "extension-agreed" }

func (e ExtensionAgreed) evolve(d *Dispute) {
	d.Extended = e.At.Date
	if e.Until.IsZero() {
		d.NoLimit = true
		return
	}
	d.Due, d.NoLimit = e.Until, false
}

// mayMediate refuses whoever has not the dispute in hand.
func mayMediate(d Dispute, organisation string) error {
	switch {
	case d.Stage == Unfiled:
		return ErrNotFiled
	case d.Stage.Ended():
		return ErrEnded
	case d.Stage == Agreed:
		return ErrAgreed
	case d.Stage != Mediating:
		return ErrNotMediating
	case d.Offer.Organisation != organisation:
		return ErrNotYours
	case len(d.Refusals) > 0:
		return ErrUnwilling
	}
	return nil
}

func knownParties(d Dispute, keys []string) bool {
	for _, k := range keys {
		if _, ok := d.Party(k); !ok {
			return false
		}
	}
	return true
}
