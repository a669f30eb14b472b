package mediation

func agreementRows() []row {
	agree := func(day string, change func(*ReachAgreement)) ReachAgreement {
		cmd := ReachAgreement{Occasion: did(day), Organisation: "RT-01", Form: Written, Terms: "三日内退还取暖费一千元。"}
		if change != nil {
			change(&cmd)
		}
		return cmd
	}
	partial := func(c *ReachAgreement) { c.Partial, c.Form = true, OnlineForm }
	consents := []Event{ConsentGiven{at("2024-03-06"), "B1", Online, "v1"}, ConsentGiven{at("2024-03-06"), "B2", Online, "v1"}}
	return []row{
		{Name: "agree in writing", Given: heard(), When: agree("2024-03-20", nil), Then: []Event{AgreementReached{at("2024-03-20"), Written, false, "三日内退还取暖费一千元。"}}},
		{Name: "agree in part, online", Given: heard(), When: agree("2024-03-20", partial), Then: []Event{AgreementReached{at("2024-03-20"), OnlineForm, true, "三日内退还取暖费一千元。"}}},
		{Name: "agree without a session, all having consented", Given: mediating(consents...), When: agree("2024-03-06", nil), Then: []Event{AgreementReached{at("2024-03-06"), Written, false, "三日内退还取暖费一千元。"}}},
		{Name: "agree for a party who was never heard", Given: mediating(sessionOf("2024-03-12", OnSite, "A1", "B1")), When: agree("2024-03-20", nil), Refused: ErrUnheard},
		{Name: "agree late: nobody is the worse for it", Given: heard(), When: agree("2024-04-20", nil), Then: []Event{AgreementReached{at("2024-04-20"), Written, false, "三日内退还取暖费一千元。"}}},
		{Name: "agree in no form", Given: heard(), When: agree("2024-03-20", func(c *ReachAgreement) { c.Form = "" }), Refused: ErrForm},
		{Name: "agree on nothing", Given: heard(), When: agree("2024-03-20", func(c *ReachAgreement) { c.Terms = " \n" }), Refused: ErrTerms},
		{Name: "agree against a party's will", Given: heard(ConsentRefused{at("2024-03-13"), "B1", ByTheLine}), When: agree("2024-03-20", nil), Refused: ErrUnwilling},
		{Name: "agree in another's dispute", Given: heard(), When: agree("2024-03-20", func(c *ReachAgreement) { c.Organisation = "LS-01" }), Refused: ErrNotYours},
		{Name: "agree before acceptance", Given: delivered(), When: agree("2024-03-20", nil), Refused: ErrNotMediating},
		{Name: "reach agreement twice", Given: agreed(Written), When: agree("2024-03-22", nil)},
		{Name: "put another agreement in the place of one without effect", Given: agreed(Oral), When: agree("2024-03-22", nil), Then: []Event{AgreementReached{at("2024-03-22"), Written, false, "三日内退还取暖费一千元。"}}},
		{Name: "put another agreement before the first", Given: agreed(Oral), When: agree("2024-03-19", nil), Refused: ErrEarlier},
		{Name: "reach agreement after the end", Given: terminated(), When: agree("2024-03-26", nil), Refused: ErrEnded},
		{Name: "agree about nothing filed", When: agree("2024-03-20", nil), Refused: ErrNotFiled},
		{Name: "agree on a day before acceptance", Given: heard(), When: agree("2024-03-04", nil), Refused: ErrEarlier},
		{Name: "agree on a day before the last session", Given: heard(), When: agree("2024-03-11", nil), Refused: ErrEarlier},
		{Name: "reach agreement tomorrow", Given: heard(), When: agree("2024-06-29", nil), Refused: ErrFuture},
	}
}

// The bodies of these tests, as a roster lists them.
var (
	committee = BodyOf("人民调解委员会", "裕华区人民调解委员会")
	trade     = BodyOf("行业性专业性调解组织", "物业纠纷人民调解委员会")
	union     = BodyOf("工会调解组织", "职工劳动争议诉调对接调解工作室")
	lawyers   = BodyOf("律师调解", "律师调解工作室")
)

func effectRows() []row {
	effect := func(name string, form Form, body BodyType, signed, sealed bool, rule string, refused error) row {
		r := row{Name: name, Given: agreed(form), When: TakeEffect{did("2024-03-21"), "RT-01", body, signed, sealed}, Refused: refused}
		if refused == nil {
			r.Then = []Event{AgreementTookEffect{at("2024-03-21"), rule, day("2024-03-21"), day("2024-04-22")}}
		}
		return r
	}
	take := func(day string) TakeEffect { return TakeEffect{did(day), "RT-01", lawyers, true, true} }
	theirs := take("2024-03-21")
	theirs.Organisation = "LS-01"
	return []row{
		effect("a people's committee's writing, signed and sealed", Written, committee, true, true, "PMA10-29", nil),
		effect("a people's committee's writing without the seal", Written, committee, true, false, "", ErrUnsealed),
		effect("a people's committee's writing without a signature", Written, committee, false, true, "", ErrUnsigned),
		effect("a trade's people's committee seals too", Written, trade, true, false, "", ErrUnsealed),
		effect("an invited mediator's writing needs no seal", Written, lawyers, true, false, "TY16-24", nil),
		effect("an invited mediator's writing without a signature", Written, lawyers, false, true, "", ErrUnsigned),
		effect("an invited mediator's oral agreement is signed in the record", Oral, lawyers, false, false, "", ErrUnsigned),
		effect("an invited mediator's oral agreement, signed in the record", Oral, lawyers, true, false, "TY16-24", nil),
		effect("on labour, signed and sealed", Written, union, true, true, "LDM07-14", nil),
		effect("on labour without the seal", Written, union, true, false, "", ErrUnsealed),
		effect("on labour without a signature", Written, union, false, true, "", ErrUnsigned),
		effect("on labour by word of mouth", Oral, union, true, true, "", ErrOralLabour),
		effect("on labour, told by the type alone", Oral, BodyOf("工会调解组织", "裕华区总工会调解室"), true, true, "", ErrOralLabour),
		effect("on labour, told by the name alone", Oral, BodyOf("行业性专业性调解组织", "劳动争议人民调解委员会"), true, true, "", ErrOralLabour),
		effect("online, all signed", OnlineForm, committee, true, false, "ODM22-19", nil),
		effect("online, one has not signed", OnlineForm, union, false, true, "", ErrUnsigned),
		{Name: "a people's committee's oral agreement took effect when it was reached", Given: agreed(Oral), When: TakeEffect{did("2024-03-25"), "RT-01", committee, false, false},
			Then: []Event{AgreementTookEffect{at("2024-03-20"), "PMA10-30", day("2024-03-20"), day("2024-04-19")}}},
		{Name: "take effect twice", Given: succeeded(), When: take("2024-03-22")},
		{Name: "take effect without an agreement", Given: heard(), When: take("2024-03-21"), Refused: ErrNotAgreed},
		{Name: "take effect before acceptance", Given: delivered(), When: take("2024-03-21"), Refused: ErrNotMediating},
		{Name: "take effect after the end", Given: terminated(), When: take("2024-03-26"), Refused: ErrEnded},
		{Name: "take effect in another's dispute", Given: agreed(Written), When: theirs, Refused: ErrNotYours},
		{Name: "take effect against a party's will", Given: agreed(Written, ConsentRefused{at("2024-03-21"), "B2", InWriting}), When: take("2024-03-21"), Refused: ErrUnwilling},
		{Name: "take effect for nothing filed", When: take("2024-03-21"), Refused: ErrNotFiled},
		{Name: "take effect before agreement", Given: agreed(Written), When: take("2024-03-19"), Refused: ErrEarlier},
		{Name: "take effect tomorrow", Given: agreed(Written), When: take("2024-06-29"), Refused: ErrFuture},
	}
}
