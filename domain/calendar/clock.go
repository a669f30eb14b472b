package calendar

import (
	"errors"
	"fmt"
)

// Unit is what a clock's length is counted in.
type Unit string

// The units of the clock table.
const (
	WorkingDays  Unit = "working days"
	CalendarDays Unit = "calendar days"
	Months       Unit = "months"
	Years        Unit = "years"
	Unset        Unit = "" // the clock has no length of its own
)

// Clock is one statutory period (期间).
type Clock struct {
	ID      string
	Chinese string
	English string
	Starts  string // what sets it going
	Length  int    // 0: set by the court, or none
	Unit    Unit
	Expiry  string // what its end brings
	Source  string
	Note    string
}

// Clocks is the table K01-K21, in order. Sources: 规则 is 人民法院在线调解规则,
// 规定 is 最高人民法院关于人民法院特邀调解的规定, CPL is 民事诉讼法 (2023), Interp.
// is its 司法解释 (2022).
func Clocks() []Clock { return append([]Clock(nil), table...) }

var table = []Clock{
	{"K01", "共同选择调解组织", "joint choice", "both parties consented", 2, WorkingDays, "the court designates", "规则 10", ""},
	{"K02", "指定调解组织", "designation", "the court received the application", 3, WorkingDays, "supervision alert", "规则 10", ""},
	{"K03", "接受委派", "acceptance", "the delegation was delivered", 3, WorkingDays, "the court may designate again", "规则 12", ""},
	{"K04", "通知对方当事人", "notice to the other party", "the organisation accepted", 3, WorkingDays, "alert", "规则 15", ""},
	{"K05", "诉前调解期限", "mediation before filing", "accepted on the platform, or signed for on paper", 30, CalendarDays, "termination on ground 6, unless an extension is agreed", "规则 24; 规定 27", ""},
	{"K06", "立案后调解期限", "mediation after filing", "as K05", 15, CalendarDays, "the trial resumes", "规则 24", "15 in ordinary procedure, 7 in summary procedure"},
	{"K07", "鉴定中止", "appraisal pause", "an appraisal was ordered", 0, Unset, "K05 goes on when the report is received", "规则 26", "has no length: give the pause to K05"},
	{"K08", "登记立案决定", "registration decision", "the complaint was received, or came back from mediation", 7, CalendarDays, "must be filed first if it cannot be decided (登记立案 8)", "民事诉讼法 126", ""},
	{"K09", "补正期限", "supplement", "the one-off notice", 0, CalendarDays, "K08 restarts from receipt", "登记立案 7", "the court sets the length"},
	{"K10", "申请司法确认期限", "window for judicial confirmation", "the agreement took effect", 30, CalendarDays, "the right is lost; the agreement remains a contract", "民事诉讼法 205", ""},
	{"K11", "司法确认审结期限", "decision on confirmation", "the application was registered", 30, CalendarDays, "alert; the president of the court may extend", "民事诉讼法 187", ""},
	{"K12", "当事人异议", "objection of a party", "the ruling was received", 15, CalendarDays, "no more objection", "司法解释 372", ""},
	{"K13", "案外人异议", "objection of an outsider", "knew or should have known", 6, Months, "no more objection", "司法解释 372", ""},
	{"K14", "申请执行期间", "application for enforcement", "the last day of performance", 2, Years, "the application may be refused", "民事诉讼法 250", ""},
	{"K15", "支付令送达", "service of a payment order", "the order was issued", 30, CalendarDays, "the procedure ends", "司法解释 430", ""},
	{"K16", "诉前保全后起诉", "suit after pre-suit preservation", "the measure was taken", 30, CalendarDays, "the measure is lifted", "民事诉讼法 104", ""},
	{"K17", "公告送达", "service by public notice", "the notice was published", 30, CalendarDays, "deemed served", "民事诉讼法 95", ""},
	{"K18", "劳动争议调解期限", "labour mediation", "the application was received", 15, CalendarDays, "arbitration is open", "劳动争议调解仲裁法 14", ""},
	{"K19", "离婚再诉限制", "bar to another divorce suit", "reconciled or denied", 6, Months, "a suit is accepted again", "民事诉讼法 127(7)", ""},
	{"K20", "立案投诉答复", "reply to a complaint about registration", "the complaint was received", 15, CalendarDays, "a reply is due", "登记立案 13", ""},
	{"K21", "无异议调解方案", "proposal without objection", "the proposal was served", 7, CalendarDays, "deemed agreed", "local rules", "the length is local"},
}

// What can be wrong with a question for a due day.
var (
	ErrUnknownClock = errors.New("there is no such clock")
	ErrNoLength     = errors.New("the clock has no length of its own")
)

// ClockOf finds a clock by its id; the error is ErrUnknownClock.
func ClockOf(id string) (Clock, error) {
	for _, c := range table {
		if c.ID == id {
			return c, nil
		}
	}
	return Clock{}, fmt.Errorf("%w: %q; they are K01 to K21", ErrUnknownClock, id)
}
