package sheets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doorstep/api/sheets"
	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
)

// columns of a ledger, in the order of FORMAT.
var columns = strings.Split("平台编号,案号,工作站,来源渠道,案由,标的额,申请人,申请人证件号,被申请人,申请日期,调解组织,委派日期,接受日期,调解员,调解方式,延期同意日期,结果,终结原因,退回原因,结束日期,协议生效日期,司法确认申请日期,司法确认结果,司法确认日期,履行情况,履行完毕日期", ",")

// good rows of the four outcomes, from which cases differ.
var good = map[string]string{
	"成功": "A1,（2021）冀0108民诉前调1号,S1,网格,民间借贷纠纷,100.50,张三,11010519491231002X,李四,2021-03-01,O1,2021-03-02,2021-03-03,王五,视频,2021-03-20,成功,,,2021-04-10,2021-04-12,2021-04-20,确认,2021-05-10,已履行,2021-05-01",
	"终结": "A1,（2021）冀0108民诉前调1号,S1,网格,民间借贷纠纷,100.50,张三,,李四,2021-03-01,O1,2021-03-02,2021-03-03,王五,视频,,终结,4,,2021-03-20,,,,,,",
	"在调": "A1,（2021）冀0108民诉前调1号,S1,网格,民间借贷纠纷,100.50,张三,,李四,2021-03-01,O1,2021-03-02,2021-03-03,王五,视频,,在调,,,,,,,,,",
	"退回": "A1,,S1,窗口,民间借贷纠纷,100.50,张三,,李四,2021-03-01,,,,,,,退回,,2,2021-03-03,,,,,,",
}

// ledgerRow is a good row of the outcome with changes "列=值".
func ledgerRow(outcome string, changes ...string) string {
	cells := strings.Split(good[outcome], ",")
	for _, c := range changes {
		name, value, _ := strings.Cut(c, "=")
		i := slices.Index(columns, name)
		if i < 0 {
			panic(name)
		}
		cells[i] = value
	}
	for i, c := range cells {
		if strings.ContainsAny(c, ",\n\"") {
			cells[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
	}
	return strings.Join(cells, ",")
}

func ledgerOf(rows ...string) string {
	return strings.Join(columns, ",") + "\n" + strings.Join(rows, "\n") + "\n"
}

func TestWhatCannotBeTrueIsRejected(t *testing.T) {
	for _, c := range []struct{ outcome, change, column, code string }{
		{"成功", "平台编号=", "平台编号", "no-id"},
		{"成功", "工作站=", "工作站", "no-station"},
		{"成功", "工作站=S9", "工作站", "unknown-station"},
		{"成功", "调解组织=O9", "调解组织", "unknown-organisation"},
		{"成功", "调解组织=", "调解组织", "no-organisation"},
		{"成功", "案由= ", "案由", "no-cause"},
		{"成功", "申请人=\u3000", "申请人", "no-applicant"},
		{"成功", "申请人=、", "申请人", "no-applicant"},
		{"成功", "标的额=-1", "标的额", "negative-amount"},
		{"成功", "标的额=-0.01", "标的额", "negative-amount"},
		{"成功", "标的额=1,000.00", "标的额", "unreadable-amount"},
		{"成功", "标的额=1.234", "标的额", "unreadable-amount"},
		{"成功", "标的额=1.5万", "标的额", "unreadable-amount"},
		{"成功", "标的额=￥12", "标的额", "unreadable-amount"},
		{"成功", "申请日期=", "申请日期", "no-day"},
		{"成功", "申请日期=2021-02-29", "申请日期", "no-such-day"},
		{"成功", "接受日期=2021-13-01", "接受日期", "no-such-day"},
		{"成功", "申请日期=03/01/2021", "申请日期", "unreadable-day"},
		{"成功", "申请日期=昨天", "申请日期", "unreadable-day"},
		{"成功", "申请日期=44256", "申请日期", "unreadable-day"},
		{"成功", "申请日期=0021-03-01", "申请日期", "day-too-early"},
		{"成功", "司法确认日期=2022-06-02", "司法确认日期", "in-the-future"},
		{"成功", "委派日期=2021-02-28", "委派日期", "delegated-before-application"},
		{"成功", "接受日期=2021-03-01", "接受日期", "accepted-before-delegation"},
		{"成功", "结束日期=2021-03-02", "结束日期", "ended-before-start"},
		{"终结", "结束日期=2021-03-02", "结束日期", "ended-before-start"},
		{"退回", "结束日期=2021-02-28", "结束日期", "ended-before-start"},
		{"成功", "延期同意日期=2021-02-28", "延期同意日期", "extended-before-application"},
		{"成功", "延期同意日期=2021-04-11", "延期同意日期", "extended-after-end"},
		{"成功", "协议生效日期=2021-03-02", "协议生效日期", "effective-before-start"},
		{"成功", "司法确认申请日期=2021-04-09", "司法确认申请日期", "confirmation-before-agreement"},
		{"成功", "司法确认日期=2021-04-19", "司法确认日期", "ruled-before-application"},
		{"成功", "履行完毕日期=2021-03-02", "履行完毕日期", "performed-before-start"},
		{"成功", "结果=", "结果", "no-outcome"},
		{"成功", "结果=和解", "结果", "unknown-outcome"},
		{"成功", "调解方式=微信", "调解方式", "unknown-mode"},
		{"成功", "履行情况=部分", "履行情况", "unknown-performance"},
		{"成功", "司法确认结果=有效", "司法确认结果", "unknown-result"},
		{"成功", "司法确认申请日期=", "司法确认申请日期", "not-applied"},
		{"成功", "司法确认结果=", "司法确认结果", "no-result"},
		{"成功", "司法确认日期=", "司法确认日期", "no-ruling-day"},
		{"成功", "结束日期=", "结束日期", "no-end"},
		{"终结", "结束日期=", "结束日期", "no-end"},
		{"退回", "结束日期=", "结束日期", "no-end"},
		{"终结", "终结原因=2", "终结原因", "bad-ground"},
		{"终结", "终结原因=9", "终结原因", "bad-ground"},
		{"终结", "终结原因=四", "终结原因", "bad-ground"},
		{"终结", "协议生效日期=2021-03-20", "协议生效日期", "no-agreement"},
		{"在调", "司法确认申请日期=2021-03-20", "司法确认申请日期", "no-agreement"},
		{"在调", "结束日期=2021-03-20", "结束日期", "open-yet-ended"},
		{"退回", "退回原因=", "退回原因", "no-return-ground"},
		{"退回", "退回原因=4", "退回原因", "bad-return-ground"},
		{"退回", "调解组织=O1", "", ""}, // odd only
	} {
		log := memory.New()
		r := runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow(c.outcome, c.change), ledgerRow("在调", "平台编号=B1"))))
		bad := rows(t, r)
		if c.code == "" {
			if len(bad) != 0 {
				t.Errorf("%s %s: %+v", c.outcome, c.change, bad)
			}
			continue
		}
		if len(bad) != 1 || bad[0].Column != c.column || bad[0].Code != c.code || bad[0].Line != 2 || bad[0].File != "ledger.csv" {
			t.Errorf("%s %s: %+v", c.outcome, c.change, bad)
			continue
		}
		if _, value, _ := strings.Cut(c.change, "="); len(value) > 4 && strings.Contains(bad[0].Chinese+bad[0].English, value) {
			t.Errorf("%s: the reason repeats the cell: %s", c.change, bad[0].Chinese)
		}
		if dispute(t, log, "A1").Stage != mediation.Unfiled || dispute(t, log, "B1").Stage != mediation.Mediating {
			t.Errorf("%s %s: rejected by halves, or with its neighbour", c.outcome, c.change)
		}
	}
}

func TestWhatIsOnlyOddIsMarked(t *testing.T) {
	for _, c := range []struct{ outcome, change, mark string }{
		{"成功", "", ""}, {"终结", "", ""}, {"在调", "", ""}, {"退回", "", ""},
		{"成功", "申请人证件号=110105194912310021", "id-number"},
		{"成功", "申请人证件号=E12345678", ""},
		{"成功", "申请人证件号=91350100M000100Y43", ""},
		{"成功", "申请人证件号=91350100M000100Y44", "id-number"},
		{"成功", "申请人证件号=1101051949", "id-number"},
		{"成功", "申请人证件号=11010519491231002x", ""},
		{"成功", "申请人证件号=11010519491231002X、130102", "more-id-numbers"},
		{"成功", "被申请人=", "no-respondent"},
		{"成功", "来源渠道=12368热线", "unknown-channel"},
		{"成功", "来源渠道=", ""},
		{"成功", "调解员=张三", "party-mediates"},
		{"成功", "终结原因=5", "ground-without-termination"},
		{"终结", "退回原因=1", "ground-without-return"},
		{"终结", "终结原因=", "no-ground"},
		{"终结", "委派日期=", "no-delegation-day"},
		{"终结", "接受日期=", "never-accepted"},
		{"终结", "接受日期=2021-03-09", "late-acceptance"},
		{"终结", "结束日期=2022-03-20", "ended-late"},
		{"终结", "履行情况=未履行", "performance-without-agreement"},
		{"成功", "延期同意日期=2021-03-02", "early-extension"},
		{"成功", "延期同意日期=2021-04-07", "late-extension"},
		{"成功", "司法确认申请日期=2021-04-11", "early-application"},
		{"成功", "履行完毕日期=2021-04-01", "early-performance"},
		{"成功", "履行完毕日期=", "no-performance-day"},
		{"成功", "履行情况=履行中", "performance-day"},
		{"退回", "调解组织=O1", "never-delegated"},
		{"成功", "标的额=", ""},
		{"成功", "案号=", ""},
		{"在调", "申请日期=2019-01-01", ""},
	} {
		changes := []string{}
		if c.change != "" {
			changes = append(changes, c.change)
		}
		log := memory.New()
		r := runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow(c.outcome, changes...))))
		want(t, r, 8, 0, 0, 0)
		var codes []string
		for _, m := range dispute(t, log, "A1").Marks {
			codes = append(codes, m.Code)
		}
		if got := strings.Join(codes, " "); got != c.mark {
			t.Errorf("%s %s: marks %q, want %q", c.outcome, c.change, got, c.mark)
		}
	}
}

func TestALateApplicationIsMarkedNotRefused(t *testing.T) {
	log := memory.New()
	want(t, runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow("成功", "司法确认申请日期=2021-06-30", "司法确认日期=2021-07-10")))), 8, 0, 0, 0)
	if m := dispute(t, log, "A1").Marks; len(m) != 1 || m[0].Code != "late-application" {
		t.Errorf("%+v", m)
	}
}

func TestARowBecomesTheEventsItTellsOf(t *testing.T) {
	log := memory.New()
	runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow("成功", "申请人=张三、甲公司； 李 雷", "申请人证件号=11010519491231002x;91350100M000100Y43", "被申请人=李四\n王二"))))
	d := dispute(t, log, "A1")
	var parties []string
	for _, p := range d.Parties {
		parties = append(parties, fmt.Sprintf("%s %s %s %s", p.Key, p.Kind, p.Name, p.IDNumber))
	}
	wanted := []string{"A1 person 张三 11010519491231002X", "A2 organisation 甲公司 91350100M000100Y43", "A3 person 李 雷 ", "B1 person 李四 ", "B2 person 王二 "}
	if !slices.Equal(parties, wanted) {
		t.Errorf("%q", parties)
	}
	day := calendar.NewDate
	if d.Stage != mediation.Succeeded || d.FiledOn != day(2021, 3, 1) || d.Offer.Designated != day(2021, 3, 2) || d.Accepted != day(2021, 3, 3) ||
		d.Extended != day(2021, 3, 20) || d.Ended != day(2021, 4, 10) || d.Agreement.Effective != day(2021, 4, 12) || d.Performed.On != day(2021, 5, 1) {
		t.Errorf("%+v", d)
	}
	if d.Source.ID != "A1" || d.Source.File != "ledger.csv" || d.Source.Line != 2 || d.Court != court || d.Numbers[0] != "（2021）冀0108民诉前调1号" {
		t.Errorf("%+v %v", d.Source, d.Numbers)
	}
	for rec := range records(t, log) {
		if !strings.HasPrefix(rec.Stream, "confirmation-") {
			continue
		}
		if rec.Stream != confirmation.Stream(sheets.DisputeID(court, "A1")) || len(rec.Events) != 2 || rec.Events[0].Happened != "2021-04-20" || rec.Events[1].Kind != "agreement-confirmed" || rec.Events[1].Happened != "2021-05-10" {
			t.Errorf("%+v", rec)
		}
	}
}

func TestAnUnknownColumnIsKeptAndCellsWithoutAPlaceToo(t *testing.T) {
	log := memory.New()
	head := strings.Join(columns, ",") + ",备注,备注,,原因\n"
	row := ledgerRow("终结", "履行情况=未履行") + ",急,再急,无名,旧原因\n"
	want(t, runFS(t, log, withLists("ledger.csv", head+row)), 8, 0, 0, 0)
	for range 8 { // a map has another order every time
		want(t, runFS(t, log, withLists("ledger.csv", head+row)), 0, 8, 0, 0)
	}
	extra := dispute(t, log, "A1").Source.Extra
	if len(extra) != 4 || extra["备注"] != "急" || extra["备注(28)"] != "再急" || extra["(29)"] != "无名" || extra["履行情况"] != "未履行" {
		t.Errorf("%v", extra)
	}
}

func TestReasonsSayWhatToDoInBothLanguages(t *testing.T) {
	r := runFS(t, memory.New(), withLists("ledger.csv", ledgerOf(ledgerRow("成功", "结果=和解"), ledgerRow("成功", "申请日期=2021-02-30"))))
	for _, row := range rows(t, r) {
		for _, lang := range []string{"zh", "en"} {
			if s := row.Reason(lang); len(s) < 20 || !strings.ContainsAny(s[len(s)-3:], ".。") {
				t.Errorf("%q", s)
			}
		}
		if row.Reason("zh") == row.Reason("en") {
			t.Errorf("%+v", row)
		}
	}
}
