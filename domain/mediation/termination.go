package mediation

import (
	"doorstep/domain/decide"
)

// Refusals of termination.
var (
	ErrAgreement   = decide.Refuse("ground-agreement", "达成协议的，请登记调解协议，不要按终结办理。", "Where the parties agreed, record the agreement instead of ending the mediation.", "人民法院在线调解规则 25(1)")
	ErrNotExpired  = decide.Refuse("not-expired", "调解期限还没有届满，不能以期限届满为由终结。", "The mediation period is not over, so it cannot be ended on that ground.", "人民法院在线调解规则 25(6)")
	ErrNotRefusing = decide.Refuse("nothing-to-sign", "还没有达成协议，不能以拒绝签章为由终结。", "There is no agreement that a party could refuse to sign.", "人民法院在线调解规则 25(7)")
	ErrTried       = decide.Refuse("how-tried", "按无法联系当事人终结的，请写明何时、以什么方式联系过哪一方。", "Where a party could not be reached, say whom you tried to reach, when and how.", "人民法院在线调解规则 15、25(3)")
	ErrWhoRefuses  = decide.Refuse("who-refuses", "请先登记哪一方当事人不同意调解，或者在说明中写明。", "Record first which party does not agree to mediation, or say so in the note.", "人民法院在线调解规则 15、25(4)")
	ErrTooEarly    = decide.Refuse("ground-too-early", "调解组织还没有接受委派，只能因撤回申请、无法联系、当事人不同意或者其他情形终结。", "No organisation has accepted yet, so it can end only by withdrawal, because a party cannot be reached or does not agree, or on another ground.", "人民法院在线调解规则 15、25")
	ErrOtherGround = decide.Refuse("other-ground", "按“其他情形”终结的，请写明具体情形。", "For the ground “other”, say what it was.", "人民法院在线调解规则 25(8)")
	ErrOnlyRefusal = decide.Refuse("only-refusal", "已经达成协议的，只能因当事人和解撤回、拒绝签章或者其他情形终结。", "After an agreement only a settlement and withdrawal, a refusal to sign, or another ground can end the mediation.", "人民法院在线调解规则 25")
)

// Ground is one of the eight grounds of 人民法院在线调解规则 25 on which a mediation
// ends.
type Ground int

// The eight grounds.
const (
	AgreementReachedGround Ground = 1 // 当事人达成调解协议
	SettledAndWithdrawn    Ground = 2 // 自行和解,撤回调解申请
	Unreachable            Ground = 3 // 在调解期限内无法与当事人取得联系
	PartyUnwilling         Ground = 4 // 一方当事人明确表示不愿意继续调解
	WideDifferences        Ground = 5 // 分歧较大且难以达成调解协议
	PeriodOver             Ground = 6 // 调解期限届满,未达成协议且未同意延长
	RefusedToSign          Ground = 7 // 一方当事人拒绝在调解协议上签章
	OtherGround            Ground = 8 // 其他导致调解无法进行的情形
)

// early tells whether the ground can hold before any organisation accepted: the
// application is taken back, or a party is not to be had for mediation.
func (g Ground) early() bool {
	return g == SettledAndWithdrawn || g == Unreachable || g == PartyUnwilling || g == OtherGround
}

// late tells whether the ground can hold after an agreement was reached.
func (g Ground) late() bool {
	return g == SettledAndWithdrawn || g == RefusedToSign || g == OtherGround
}

// Terminate ends a mediation without an agreement in effect (终结调解). Before an
// organisation accepted it is the court that ends it, so that nobody waits for
// a party who will not come (人民法院在线调解规则 15); such a dispute was never
// received.
type Terminate struct {
	Occasion
	Organisation string // that has the dispute; may be empty before one accepted
	Ground       Ground
	Note         string
}

func (cmd Terminate) decide(d Dispute) ([]Event, error) {
	if d.Stage == Terminated && d.Ground == cmd.Ground {
		return nil, nil
	}
	early := d.Stage == Filed || d.Stage == Designated
	if !early || cmd.Organisation != "" && cmd.Organisation != d.Offer.Organisation {
		if err := mayConclude(d, cmd.Organisation); err != nil {
			return nil, err
		}
	}
	switch {
	case cmd.Ground == AgreementReachedGround:
		return nil, ErrAgreement
	case cmd.Ground < AgreementReachedGround || cmd.Ground > OtherGround:
		return nil, ErrGround
	case early && !cmd.Ground.early():
		return nil, ErrTooEarly
	case d.Stage == Agreed && !cmd.Ground.late():
		return nil, ErrOnlyRefusal
	case cmd.Ground == PeriodOver && !d.Overdue(cmd.At.Date):
		return nil, ErrNotExpired
	case cmd.Ground == RefusedToSign && d.Stage != Agreed:
		return nil, ErrNotRefusing
	case cmd.Ground == Unreachable && blank(cmd.Note):
		return nil, ErrTried
	case cmd.Ground == PartyUnwilling && len(d.Refusals) == 0 && blank(cmd.Note):
		return nil, ErrWhoRefuses
	case cmd.Ground == OtherGround && blank(cmd.Note):
		return nil, ErrOtherGround
	}
	if err := between(d.latest(), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{MediationTerminated{When{cmd.At}, cmd.Ground, cmd.Note, early}}, nil
}

// MediationTerminated: the mediation ended on one of the grounds 2 to 8; the
// dispute goes back to the court. What was never received is no mediation that
// failed: it counts for no rate.
type MediationTerminated struct {
	When
	Ground     Ground `json:"ground"`
	Note       string `json:"note,omitempty" personal:"text"`
	Unreceived bool   `json:"unreceived,omitempty"` // before any organisation accepted
}

// Kind is the stored name.
func (MediationTerminated) Kind() string { return "mediation-terminated" }

func (e MediationTerminated) evolve(d *Dispute) {
	d.Stage, d.Ground, d.Ended = Terminated, e.Ground, e.At.Date
}
