package mediation

import (
	"slices"
	"strconv"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Refusals of filing and returning.
var (
	ErrNotFiled = decide.Refuse("not-filed", "该纠纷尚未登记，请先登记。", "This dispute has not been filed yet. File it first.", "")
	ErrFiled    = decide.Refuse("already-filed", "该纠纷已经登记，请打开已有的纠纷继续办理。", "This dispute is already filed. Open it and go on from there.", "")
	ErrEnded    = decide.Refuse("ended", "该纠纷的调解已经结束，不能再作此项办理；确有差错的请作更正。", "The mediation of this dispute is over. If something was entered wrongly, make a correction.", "")
	ErrStation  = decide.Refuse("no-station", "请选择登记的法官工作站。", "Choose the workstation at which the dispute is filed.", "")
	ErrCause    = decide.Refuse("no-cause", "请填写案由。", "State the cause of action.", "")
	ErrParties  = decide.Refuse("no-parties", "申请人和被申请人至少各填一人，姓名（名称）不能为空。", "Name at least one applicant and one respondent.", "人民法院在线调解规则 8")
	ErrChannel  = decide.Refuse("unknown-channel", "请选择来源渠道：工作站、窗口、网格、掌上或者联动单位。", "Choose how the dispute came in: workstation, window, grid, mobile court or partner body.", "")
	ErrNegative = decide.Refuse("negative-amount", "标的额不能是负数。", "The amount in dispute cannot be negative.", "")
	ErrNotTold  = decide.Refuse("not-informed", "请先告知当事人调解自愿和诉讼权利，再登记。", "Tell the parties first that mediation is voluntary and that they may sue; then file.", "人民法院在线调解规则 4、7")
	ErrFuture   = decide.Refuse("in-the-future", "发生时间不能晚于现在。", "What happened cannot lie in the future.", "")
	ErrEarlier  = decide.Refuse("before-filing", "发生日期不能早于该纠纷前一环节的日期，请核对。", "This cannot have happened before the step it follows. Check the day.", "")
	ErrGround   = decide.Refuse("no-ground", "请选择法定理由。", "Choose one of the statutory grounds.", "")
	ErrRouted   = decide.Refuse("already-routed", "该纠纷已经委派，不能再退回申请。", "The dispute is already delegated; the application can no longer be returned.", "人民法院在线调解规则 9")
)

// FileDispute registers a dispute (登记) at a workstation.
type FileDispute struct {
	Occasion
	Court    string
	Station  string
	Channel  Channel
	Cause    string
	Amount   Fen
	Parties  []Party // keys are given here when empty
	Facts    string
	Informed bool // 已告知调解自愿与诉权
}

func (cmd FileDispute) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage != Unfiled:
		return nil, ErrFiled
	case cmd.Station == "":
		return nil, ErrStation
	case blank(cmd.Cause):
		return nil, ErrCause
	case cmd.Channel != "" && !slices.Contains(Channels, cmd.Channel):
		return nil, ErrChannel
	case cmd.Amount < 0:
		return nil, ErrNegative
	case !cmd.Informed:
		return nil, ErrNotTold
	case cmd.At.Date.After(cmd.Today):
		return nil, ErrFuture
	case !named(cmd.Parties, Applicant) || !named(cmd.Parties, Respondent):
		return nil, ErrParties
	}
	return []Event{DisputeFiled{
		When: When{cmd.At}, Court: cmd.Court, Station: cmd.Station, Channel: cmd.Channel, Cause: strings.TrimSpace(cmd.Cause),
		Amount: cmd.Amount, Parties: keyed(cmd.Parties), Facts: cmd.Facts, Informed: true,
	}}, nil
}

// named tells whether every party has a name and a side, and one has this role.
func named(parties []Party, role Role) bool {
	found := false
	for _, p := range parties {
		if blank(p.Name) || p.Role != Applicant && p.Role != Respondent {
			return false
		}
		found = found || p.Role == role
	}
	return found
}

// keyed gives each party its key: A1, A2, … for applicants, B1, … for
// respondents.
func keyed(parties []Party) []Party {
	out := slices.Clone(parties)
	next := map[Role]int{}
	for i := range out {
		next[out[i].Role]++
		letter := "A"
		if out[i].Role == Respondent {
			letter = "B"
		}
		out[i].Key = letter + strconv.Itoa(next[out[i].Role])
		out[i].Name = strings.TrimSpace(out[i].Name)
		if out[i].Kind != Person && out[i].Kind != Organisation {
			out[i].Kind = KindOfName(out[i].Name)
		}
	}
	return out
}

// DisputeFiled: the dispute is on the court's list. It is not yet received in
// the sense of the statistics; acceptance by the organisation is. Who applies
// after being told that mediation is voluntary agrees to it by applying; only
// the other side is still to be asked (人民法院在线调解规则 15).
type DisputeFiled struct {
	When
	Court    string   `json:"court,omitempty" personal:"no"`
	Station  string   `json:"station" personal:"no"`
	Channel  Channel  `json:"channel,omitempty"`
	Cause    string   `json:"cause" personal:"no"`
	Amount   Fen      `json:"amount"`
	Parties  []Party  `json:"parties"`
	Facts    string   `json:"facts,omitempty" personal:"text"`
	Informed bool     `json:"informed,omitempty"`
	Numbers  []string `json:"numbers,omitempty" personal:"no"`
	Source   *Source  `json:"source,omitempty"`
}

// Kind is the stored name.
func (DisputeFiled) Kind() string { return "dispute-filed" }

func (e DisputeFiled) evolve(d *Dispute) {
	d.Stage, d.Court, d.Station, d.Channel, d.Cause, d.Amount = Filed, e.Court, e.Station, e.Channel, e.Cause, e.Amount
	d.Parties, d.Facts, d.Numbers, d.Source = e.Parties, e.Facts, e.Numbers, e.Source
	d.FiledOn, d.FiledAt = e.At.Date, e.At
	d.Consents = nil
	for _, p := range e.Parties {
		if e.Informed && p.Role == Applicant {
			d.Consents = append(d.Consents, Consent{Party: p.Key, Way: ByApplying, At: e.At})
		}
	}
}

// ReturnGround is one of the three grounds of 人民法院在线调解规则 9 on which an
// application for mediation is returned.
type ReturnGround int

// The three grounds.
const (
	NotCivilScope  ReturnGround = 1 // 不属于人民法院受理民事案件范围
	NoJurisdiction ReturnGround = 2 // 与其特邀调解组织的法院没有管辖权
	NotSuitable    ReturnGround = 3 // 不适宜在线调解
)

// ReturnApplication sends an application back to the applicant (退回申请).
type ReturnApplication struct {
	Occasion
	Ground ReturnGround
	Note   string
}

func (cmd ReturnApplication) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case d.Stage == Returned && d.Return == cmd.Ground:
		return nil, nil
	case d.Stage.Ended():
		return nil, ErrEnded
	case d.Stage != Filed:
		return nil, ErrRouted
	case cmd.Ground < NotCivilScope || cmd.Ground > NotSuitable:
		return nil, ErrGround
	}
	if err := between(max(d.FiledOn, d.DeclinedOn), cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{ApplicationReturned{When{cmd.At}, cmd.Ground, cmd.Note}}, nil
}

// ApplicationReturned: the application went back; the dispute was never
// received.
type ApplicationReturned struct {
	When
	Ground ReturnGround `json:"ground"`
	Note   string       `json:"note,omitempty" personal:"text"`
}

// Kind is the stored name.
func (ApplicationReturned) Kind() string { return "application-returned" }

func (e ApplicationReturned) evolve(d *Dispute) {
	d.Stage, d.Return, d.Ended = Returned, e.Ground, e.At.Date
}

// between refuses a day before the step it follows or after today.
func between(earlier, day, today calendar.Date) error {
	switch {
	case day.After(today):
		return ErrFuture
	case day.Before(earlier):
		return ErrEarlier
	}
	return nil
}

// blank tells whether nothing was written.
func blank(s string) bool { return strings.TrimSpace(s) == "" }
