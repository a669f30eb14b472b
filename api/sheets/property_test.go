package sheets_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
)

// truth is a dispute as a court would know it, from which a row is written.
type truth struct {
	id, station, cause, applicant, respondent, organisation, mediator string
	mode                                                              mediation.Mode
	amount                                                            mediation.Fen
	outcome                                                           mediation.Outcome
	filed, designated, accepted, ended, effective, performed          calendar.Date
	ground                                                            int
}

func drawTruth(t *rapid.T, i int) truth {
	name := rapid.StringMatching(`[\p{Han}]{2,4}`)
	d := truth{
		id: fmt.Sprintf("P%d", i), station: rapid.SampledFrom([]string{"S1", "S2", "S3"}).Draw(t, "station"),
		cause: rapid.SampledFrom([]string{"离婚纠纷", "买卖合同纠纷,有逗号", `"引号"纠纷`}).Draw(t, "cause"), applicant: name.Draw(t, "applicant"), respondent: name.Draw(t, "respondent"),
		organisation: rapid.SampledFrom([]string{"O1", "O2"}).Draw(t, "organisation"), mediator: "调解员" + name.Draw(t, "mediator"),
		mode: rapid.SampledFrom(mediation.Modes).Draw(t, "mode"), amount: mediation.Fen(rapid.Int64Range(0, 1e12).Draw(t, "amount")),
		outcome: rapid.SampledFrom([]mediation.Outcome{mediation.OutcomeSuccess, mediation.OutcomeTerminated, mediation.OutcomeOpen, mediation.OutcomeReturned}).Draw(t, "outcome"),
		filed:   calendar.NewDate(2020, 1, 1).AddDays(rapid.IntRange(0, 600).Draw(t, "filed")),
	}
	after := func(day calendar.Date, what string) calendar.Date {
		return day.AddDays(rapid.IntRange(0, 40).Draw(t, what))
	}
	if d.outcome == mediation.OutcomeReturned {
		d.organisation, d.mediator, d.mode = "", "", ""
		d.ended, d.ground = after(d.filed, "ended"), rapid.IntRange(1, 3).Draw(t, "ground")
		return d
	}
	d.designated = after(d.filed, "designated")
	d.accepted = after(d.designated, "accepted")
	switch d.outcome {
	case mediation.OutcomeSuccess:
		d.ended = after(d.accepted, "ended")
		d.effective = after(d.ended, "effective")
		d.performed = after(d.effective, "performed")
	case mediation.OutcomeTerminated:
		d.ended, d.ground = after(d.accepted, "ended"), rapid.IntRange(3, 8).Draw(t, "ground")
	}
	return d
}

func (d truth) row() string {
	ground := map[string]string{}
	performance := ""
	switch d.outcome {
	case mediation.OutcomeReturned:
		ground["退回原因"] = fmt.Sprint(d.ground)
	case mediation.OutcomeTerminated:
		ground["终结原因"] = fmt.Sprint(d.ground)
	case mediation.OutcomeSuccess:
		performance = "已履行"
	}
	changes := []string{
		"平台编号=" + d.id, "工作站=" + d.station, "案由=" + d.cause, "标的额=" + d.amount.String(), "申请人=" + d.applicant, "被申请人=" + d.respondent,
		"申请日期=" + d.filed.String(), "调解组织=" + d.organisation, "委派日期=" + d.designated.String(), "接受日期=" + d.accepted.String(), "调解员=" + d.mediator,
		"调解方式=" + string(d.mode), "结果=" + string(d.outcome), "终结原因=" + ground["终结原因"], "退回原因=" + ground["退回原因"], "结束日期=" + d.ended.String(),
		"协议生效日期=" + d.effective.String(), "履行情况=" + performance, "履行完毕日期=" + d.performed.String(),
	}
	return ledgerRow("在调", changes...)
}

// told checks the state that the events fold to against the truth.
func (d truth) told(s mediation.Dispute) error {
	stage := map[mediation.Outcome]mediation.Stage{mediation.OutcomeSuccess: mediation.Succeeded, mediation.OutcomeTerminated: mediation.Terminated,
		mediation.OutcomeOpen: mediation.Mediating, mediation.OutcomeReturned: mediation.Returned}[d.outcome]
	got := truth{
		id: s.Source.ID, station: s.Station, cause: s.Cause, organisation: s.Offer.Organisation, mediator: s.Offer.Mediator, mode: s.Mode, amount: s.Amount,
		outcome: d.outcome, filed: s.FiledOn, designated: s.Offer.Designated, accepted: s.Accepted, ended: s.Ended, effective: s.Agreement.Effective,
		performed: s.Performed.On, ground: int(s.Ground) + int(s.Return),
	}
	if len(s.Parties) == 2 {
		got.applicant, got.respondent = s.Parties[0].Name, s.Parties[1].Name
	}
	if s.Stage != stage || got != d {
		return fmt.Errorf("row   %+v\nstate %+v (%s)", d, got, s.Stage)
	}
	return nil
}

func TestWhatIsImportedFoldsToTheRow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var lines []string
		var all []truth
		for i := range rapid.IntRange(1, 12).Draw(rt, "rows") {
			all = append(all, drawTruth(rt, i))
			lines = append(lines, all[i].row())
		}
		log := memory.New()
		r := runFS(t, log, withLists("ledger.csv", ledgerOf(lines...)))
		if r.Accepted != int64(7+len(all)) {
			for _, row := range rows(t, r) {
				rt.Logf("%+v", row)
			}
			rt.Fatalf("%+v of\n%s", r.Tally, strings.Join(lines, "\n"))
		}
		for _, d := range all {
			if err := d.told(dispute(t, log, d.id)); err != nil {
				rt.Fatal(err)
			}
		}
	})
}
