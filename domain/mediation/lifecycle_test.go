package mediation

import (
	"testing"

	"doorstep/domain/decide/decidetest"
)

func TestTheLifecycleOfADispute(t *testing.T) {
	state := func(name string, given []Event) decidetest.State[Event] {
		return decidetest.State[Event]{Name: name, Given: given}
	}
	ask := func(name string, when func(Dispute) Command) decidetest.Asked[Dispute, Command] {
		return decidetest.Asked[Dispute, Command]{Name: name, When: when}
	}
	same := func(cmd Command) func(Dispute) Command { return func(Dispute) Command { return cmd } }
	now := did("2024-05-06")
	end := func(g Ground) func(Dispute) Command {
		return func(d Dispute) Command { return Terminate{now, d.Offer.Organisation, g, "李强三次未接听"} }
	}
	correct := func(f Field, is string) func(Dispute) Command {
		return same(CorrectEntry{now, f, is, "录入有误"})
	}
	states := []decidetest.State[Event]{
		state("未登记", nil), state("已登记", filed()), state("已登记,一方不同意", unwilling()), state("已委派", designated()), state("已送达", delivered()), state("被退回待重新委派", declined()),
		state("调解中", mediating(ExtensionAgreed{at("2024-03-20"), day("2024-06-03"), everybody})),
		state("调解中,已开过调解会", heard(ExtensionAgreed{at("2024-03-20"), day("2024-06-03"), everybody})),
		state("调解中,一方不同意", heard(ExtensionAgreed{at("2024-03-20"), day("2024-06-03"), everybody}, ConsentRefused{at("2024-03-21"), "B2", ByTheLine})),
		state("调解中,已逾期", heard()), state("已达成书面协议", agreed(Written)), state("已达成口头协议", agreed(Oral)), state("协议已生效", succeeded()), state("已终结", terminated()),
		state("委派前终结", unwilling(MediationTerminated{When: at("2024-03-04"), Ground: PartyUnwilling, Unreceived: true})), state("已退回申请", returned()),
		state("已终结,已冻结", terminated(HoldPlaced{at("2024-04-01")})), state("已终结,已删除一方个人信息", terminated(PartyErased{at("2024-05-05"), "A1", PeriodExpired, 30})),
	}
	room.Lifecycle(t, "testdata/lifecycle.md", "一件纠纷能办什么 What may be done to a dispute", states, []decidetest.Asked[Dispute, Command]{
		ask("登记 FileDispute", same(filing(nil))),
		ask("登记同意 RecordConsent", same(RecordConsent{now, "B1", Online, "v1"})),
		ask("登记不同意 RecordRefusal", same(RecordRefusal{now, "B1", ByTheLine})),
		ask("退回申请 ReturnApplication", same(ReturnApplication{now, NotSuitable, ""})),
		ask("委派 Designate", same(Designate{Occasion: now, Organisation: "LS-01"})),
		ask("委派并写明理由 Designate, with a reason", same(Designate{Occasion: now, Organisation: "LS-01", Reason: "逾期未答复"})),
		ask("送达委派 Deliver", same(Deliver{now})),
		ask("接受 Accept", same(Accept{now, "RT-01", "赵调解", OnSite})),
		ask("不予接受 Decline", same(Decline{now, "RT-01", "超出调解范围"})),
		ask("调解 HoldSession", same(HoldSession{Occasion: now, Organisation: "RT-01", Mode: Video, Attended: everybody, Minutes: 30})),
		ask("全体同意延长 AgreeExtension", same(AgreeExtension{now, "RT-01", day("2024-07-01"), everybody})),
		ask("仅一方同意延长 AgreeExtension by one", same(AgreeExtension{now, "RT-01", day("2024-07-01"), everybody[:1]})),
		ask("达成协议 ReachAgreement", same(ReachAgreement{Occasion: now, Organisation: "RT-01", Form: Written, Terms: "三日内退还。"})),
		ask("人民调解委员会协议生效,签章齐全 TakeEffect", same(TakeEffect{now, "RT-01", committee, true, true})),
		ask("人民调解委员会协议生效,未签章 TakeEffect, unsigned", same(TakeEffect{now, "RT-01", committee, false, false})),
		ask("律师调解协议生效,未盖章 TakeEffect, unsealed", same(TakeEffect{now, "RT-01", lawyers, true, false})),
		ask("工会调解协议生效,签章齐全 TakeEffect, labour", same(TakeEffect{now, "RT-01", union, true, true})),
		ask("终结1 达成协议", end(1)), ask("终结2 和解撤回", end(2)), ask("终结3 无法联系", end(3)), ask("终结4 不愿调解", end(4)),
		ask("终结5 分歧较大", end(5)), ask("终结6 期限届满", end(6)), ask("终结7 拒绝签章", end(7)), ask("终结8 其他", end(8)),
		ask("履行 RecordPerformance", same(RecordPerformance{now, Performed})),
		ask("移送 TransferStation", func(d Dispute) Command { return TransferStation{now, d.Station, "130172", "当事人住所地"} }),
		ask("更正案由 CorrectEntry cause", correct(FieldCause, "物业服务合同纠纷")),
		ask("更正标的额 CorrectEntry amount", correct(FieldAmount, "1.00")),
		ask("更正登记日 CorrectEntry filed", correct(FieldFiled, "2024-02-29")),
		ask("更正接受日 CorrectEntry accepted", correct(FieldAccepted, "2024-03-06")),
		ask("更正结束日 CorrectEntry ended", correct(FieldEnded, "2024-03-26")),
		ask("更正调解方式 CorrectEntry mode", correct(FieldMode, "混合")),
		ask("更正调解员 CorrectEntry mediator", correct(FieldMediator, "赵调解")),
		ask("删除当事人个人信息,保管期已满 EraseParty", same(EraseParty{Occasion: did("2024-06-28"), Party: "A1", Basis: PeriodExpired, Keep: 30})),
		ask("删除当事人个人信息,保管期未满 EraseParty, kept", same(EraseParty{Occasion: did("2024-06-28"), Party: "A1", Basis: PeriodExpired, Keep: 3650})),
		ask("冻结案卷 PlaceHold", same(PlaceHold{now})),
		ask("导入移送 ImportTransfer", same(ImportTransfer{day("2024-05-06"), "130108001", "130172", Source{ID: "P1", Hash: "9a"}})),
	})
}
