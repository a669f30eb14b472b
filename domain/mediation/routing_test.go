package mediation

// ranked is what a rule set offered: RT-01 first.
func ranked() []Candidate {
	return []Candidate{
		{Organisation: "RT-01", Score: 25, Open: 3, Reasons: []Reason{{"takes-all", 20, "各类纠纷均可调解", "it takes disputes of all kinds"}, {"small-amount", 5, "标的额较小", "a small amount"}}},
		{Organisation: "LS-01", Score: 10, Open: 0, Reasons: []Reason{{"contract-law", 10, "合同类纠纷", "a contract matter"}}},
	}
}

func designationRows() []row {
	to := func(day, organisation, reason string) Designate {
		return Designate{Occasion: did(day), Organisation: organisation, Ruleset: "2021-1", Candidates: ranked(), Reason: reason}
	}
	told := func(day, organisation, reason string) OrganisationDesignated {
		return OrganisationDesignated{at(day), organisation, "2021-1", ranked(), reason}
	}
	atOnce := to("2024-03-04", "RT-01", "")
	atOnce.Deliver = true
	return []row{
		{Name: "designate the first", Given: filed(), When: to("2024-03-04", "RT-01", ""), Then: []Event{told("2024-03-04", "RT-01", "")}},
		{Name: "designate on the platform", Given: filed(), When: atOnce, Then: []Event{told("2024-03-04", "RT-01", ""), DelegationDelivered{at("2024-03-04"), day("2024-03-07")}}},
		{Name: "designate another for a reason", Given: filed(), When: to("2024-03-04", "LS-01", "当事人共同选择"), Then: []Event{told("2024-03-04", "LS-01", "当事人共同选择")}},
		{Name: "designate another without a reason", Given: filed(), When: to("2024-03-04", "LS-01", " "), Refused: ErrNoReason},
		{Name: "designate without a ranking", Given: filed(), When: Designate{Occasion: did("2024-03-04"), Organisation: "XZ-01"},
			Then: []Event{OrganisationDesignated{When: at("2024-03-04"), Organisation: "XZ-01"}}},
		{Name: "designate nobody", Given: filed(), When: to("2024-03-04", "", ""), Refused: ErrNoOrganisation},
		{Name: "designate the same again", Given: designated(), When: to("2024-03-05", "RT-01", "")},
		{Name: "designate another before the first answered", Given: delivered(), When: to("2024-03-08", "LS-01", "三个工作日内未答复"), Then: []Event{told("2024-03-08", "LS-01", "三个工作日内未答复")}},
		{Name: "designate another before the first answered, for no reason", Given: delivered(), When: Designate{Occasion: did("2024-03-05"), Organisation: "LS-01"}, Refused: ErrAgain},
		{Name: "designate who declined", Given: declined(), When: Designate{Occasion: did("2024-03-07"), Organisation: "RT-01"}, Refused: ErrAgain},
		{Name: "designate who declined, for a reason", Given: declined(), When: to("2024-03-07", "RT-01", "已与该组织商定"), Then: []Event{told("2024-03-07", "RT-01", "已与该组织商定")}},
		{Name: "designate against a party's will", Given: unwilling(), When: to("2024-03-04", "RT-01", ""), Refused: ErrUnwilling},
		{Name: "designate when the party came back", Given: unwilling(ConsentGiven{at("2024-03-03"), "B2", Online, "v1"}), When: to("2024-03-04", "RT-01", ""), Then: []Event{told("2024-03-04", "RT-01", "")}},
		{Name: "designate what was never filed", When: to("2024-03-04", "RT-01", ""), Refused: ErrNotFiled},
		{Name: "designate what is over", Given: returned(), When: to("2024-03-04", "RT-01", ""), Refused: ErrEnded},
		{Name: "designate what is being mediated", Given: mediating(), When: to("2024-03-06", "LS-01", "当事人要求更换"), Refused: ErrUnderWay},
		{Name: "designate what is agreed", Given: agreed(Written), When: to("2024-03-21", "LS-01", "当事人要求更换"), Refused: ErrUnderWay},
		{Name: "designate before filing", Given: filed(), When: to("2024-02-29", "RT-01", ""), Refused: ErrEarlier},
		{Name: "designate before the last refusal", Given: declined(), When: to("2024-03-05", "LS-01", "重新委派"), Refused: ErrEarlier},
		{Name: "designate tomorrow", Given: filed(), When: to("2024-06-29", "RT-01", ""), Refused: ErrFuture},

		{Name: "deliver", Given: designated(), When: Deliver{did("2024-03-05")}, Then: []Event{DelegationDelivered{at("2024-03-05"), day("2024-03-08")}}},
		{Name: "deliver on the eve of a holiday", Given: designated(), When: Deliver{did("2024-04-03")}, Then: []Event{DelegationDelivered{at("2024-04-03"), day("2024-04-09")}}},
		{Name: "deliver twice", Given: delivered(), When: Deliver{did("2024-03-06")}},
		{Name: "deliver to nobody", Given: filed(), When: Deliver{did("2024-03-05")}, Refused: ErrNotDesignated},
		{Name: "deliver what was never filed", When: Deliver{did("2024-03-05")}, Refused: ErrNotFiled},
		{Name: "deliver what is over", Given: returned(), When: Deliver{did("2024-03-05")}, Refused: ErrEnded},
		{Name: "deliver before designation", Given: designated(), When: Deliver{did("2024-03-03")}, Refused: ErrEarlier},
		{Name: "deliver tomorrow", Given: designated(), When: Deliver{did("2024-06-29")}, Refused: ErrFuture},
	}
}

func answerRows() []row {
	yes := func(day, organisation, mediator string) Accept {
		return Accept{did(day), organisation, mediator, OnSite}
	}
	no := func(day, organisation, reason string) Decline { return Decline{did(day), organisation, reason} }
	refusedThen := ConsentRefused{at("2024-03-05"), "B1", ByTheLine}
	return []row{
		{Name: "accept", Given: delivered(), When: yes("2024-03-05", "RT-01", "张调解"), Then: []Event{acceptedBy("RT-01")}},
		{Name: "accept what was handed over at once", Given: designated(), When: yes("2024-03-05", "RT-01", "张调解"), Then: []Event{DelegationDelivered{at("2024-03-05"), day("2024-03-08")}, acceptedBy("RT-01")}},
		{Name: "accept without naming the mode", Given: delivered(), When: Accept{did("2024-03-05"), "RT-01", "张调解", ""}, Then: []Event{DelegationAccepted{at("2024-03-05"), "RT-01", "张调解", "", day("2024-04-07")}}},
		{Name: "accept late, before anybody else was asked", Given: delivered(), When: yes("2024-03-11", "RT-01", "张调解"), Then: []Event{DelegationAccepted{at("2024-03-11"), "RT-01", "张调解", OnSite, day("2024-04-10")}}},
		{Name: "accept twice", Given: mediating(), When: yes("2024-03-06", "RT-01", "张调解")},
		{Name: "accept for another mediator", Given: mediating(), When: yes("2024-03-06", "RT-01", "赵调解"), Refused: ErrUnderWay},
		{Name: "accept after agreement", Given: agreed(Written), When: yes("2024-03-21", "RT-01", "张调解"), Refused: ErrUnderWay},
		{Name: "accept another's dispute", Given: delivered(), When: yes("2024-03-05", "LS-01", "张调解"), Refused: ErrNotYours},
		{Name: "accept what nobody was asked to take", Given: filed(), When: yes("2024-03-05", "RT-01", "张调解"), Refused: ErrNotDesignated},
		{Name: "accept what was never filed", When: yes("2024-03-05", "RT-01", "张调解"), Refused: ErrNotFiled},
		{Name: "accept what is over", Given: terminated(), When: yes("2024-03-26", "RT-01", "张调解"), Refused: ErrEnded},
		{Name: "accept against a party's will", Given: delivered(refusedThen), When: yes("2024-03-06", "RT-01", "张调解"), Refused: ErrUnwilling},
		{Name: "accept without a mediator", Given: delivered(), When: yes("2024-03-05", "RT-01", " "), Refused: ErrNoMediator},
		{Name: "a party mediates", Given: delivered(), When: yes("2024-03-05", "RT-01", " 李强 "), Refused: ErrPartyMediates},
		{Name: "accept in a mode that is none", Given: delivered(), When: Accept{did("2024-03-05"), "RT-01", "张调解", "书信"}, Refused: ErrMode},
		{Name: "accept before delivery", Given: designated(DelegationDelivered{at("2024-03-06"), day("2024-03-11")}), When: yes("2024-03-05", "RT-01", "张调解"), Refused: ErrEarlier},
		{Name: "accept tomorrow", Given: delivered(), When: yes("2024-06-29", "RT-01", "张调解"), Refused: ErrFuture},

		{Name: "decline", Given: delivered(), When: no("2024-03-06", "RT-01", "超出调解范围"), Then: []Event{DelegationDeclined{at("2024-03-06"), "RT-01", "超出调解范围"}}},
		{Name: "decline without a reason", Given: delivered(), When: no("2024-03-06", "RT-01", "\n"), Refused: ErrNoReason},
		{Name: "decline what is being mediated", Given: mediating(), When: no("2024-03-06", "RT-01", "超出调解范围"), Refused: ErrUnderWay},
		{Name: "decline what is agreed", Given: agreed(Oral), When: no("2024-03-26", "RT-01", "超出调解范围"), Refused: ErrUnderWay},
		{Name: "decline for another", Given: delivered(), When: no("2024-03-06", "LS-01", "超出调解范围"), Refused: ErrNotYours},
		{Name: "decline what nobody was asked to take", Given: declined(), When: no("2024-03-07", "RT-01", "超出调解范围"), Refused: ErrNotDesignated},
		{Name: "decline what was never filed", When: no("2024-03-06", "RT-01", "超出调解范围"), Refused: ErrNotFiled},
		{Name: "decline what is over", Given: returned(), When: no("2024-03-06", "RT-01", "超出调解范围"), Refused: ErrEnded},
		{Name: "decline before delivery", Given: delivered(), When: no("2024-03-03", "RT-01", "超出调解范围"), Refused: ErrEarlier},
		{Name: "decline tomorrow", Given: delivered(), When: no("2024-06-29", "RT-01", "超出调解范围"), Refused: ErrFuture},
	}
}
