package mediation

import (
	"testing"

	"doorstep/domain/calendar"
)

func correctionRows() []row {
	correct := func(field Field, is string) CorrectEntry {
		return CorrectEntry{did("2024-06-01"), field, is, "录入有误"}
	}
	corrected := func(field Field, was, is string) EntryCorrected {
		return EntryCorrected{When: at("2024-06-01"), Field: field, Was: was, Is: is, Reason: "录入有误"}
	}
	due := corrected(FieldAccepted, "2024-03-05", "2024-03-07")
	due.Due = day("2024-04-07")
	effect := corrected(FieldEnded, "2024-03-21", "2024-03-22")
	effect.ApplyBy = day("2024-04-22")
	noReason := correct(FieldCause, "物业服务合同纠纷")
	noReason.Reason = " "
	future := correct(FieldCause, "物业服务合同纠纷")
	future.At = at("2024-06-29").At
	extended := mediating(ExtensionAgreed{at("2024-04-01"), day("2024-05-10"), everybody})
	odd := filed(OrganisationDesignated{When: at("2024-02-20"), Organisation: "RT-01"}, acceptedBy("RT-01")) // as a ledger may tell it
	return []row{
		{Name: "correct the cause", Given: filed(), When: correct(FieldCause, " 物业服务合同纠纷 "), Then: []Event{corrected(FieldCause, "供用热力合同纠纷", "物业服务合同纠纷")}},
		{Name: "correct the amount", Given: filed(), When: correct(FieldAmount, "1458.2"), Then: []Event{corrected(FieldAmount, "1458.27", "1458.2")}},
		{Name: "correct the day of filing", Given: designated(), When: correct(FieldFiled, "2024-03-04"), Then: []Event{corrected(FieldFiled, "2024-03-01", "2024-03-04")}},
		{Name: "correct the day of acceptance; the last day follows", Given: mediating(), When: correct(FieldAccepted, "2024-03-07"), Then: []Event{due}},
		{Name: "correct the day of acceptance; what was extended stays", Given: extended, When: correct(FieldAccepted, "2024-03-07"), Then: []Event{corrected(FieldAccepted, "2024-03-05", "2024-03-07")}},
		{Name: "correct the day of a termination", Given: terminated(), When: correct(FieldEnded, "2024-03-26"), Then: []Event{corrected(FieldEnded, "2024-03-25", "2024-03-26")}},
		{Name: "correct the day of a return", Given: returned(), When: correct(FieldEnded, "2024-03-03"), Then: []Event{corrected(FieldEnded, "2024-03-02", "2024-03-03")}},
		{Name: "correct the day of a success; effect and window follow", Given: succeeded(), When: correct(FieldEnded, "2024-03-22"), Then: []Event{effect}},
		{Name: "correct the mode", Given: mediating(), When: correct(FieldMode, "视频"), Then: []Event{corrected(FieldMode, "现场", "视频")}},
		{Name: "correct the mediator", Given: terminated(), When: correct(FieldMediator, "赵调解"), Then: []Event{corrected(FieldMediator, "张调解", "赵调解")}},
		{Name: "correct the cause of what a ledger told out of order", Given: odd, When: correct(FieldCause, "物业服务合同纠纷"), Then: []Event{corrected(FieldCause, "供用热力合同纠纷", "物业服务合同纠纷")}},

		{Name: "correct the mediator into a party", Given: mediating(), When: correct(FieldMediator, "李强"), Refused: ErrPartyMediates},
		{Name: "correct to the same cause", Given: filed(), When: correct(FieldCause, "供用热力合同纠纷"), Refused: ErrSameValue},
		{Name: "correct to the same amount, written otherwise", Given: filed(OrganisationDesignated{When: at("2024-03-04"), Organisation: "RT-01"}, EntryCorrected{When: at("2024-03-05"), Field: FieldAmount, Was: "1458.27", Is: "1458.5", Reason: "录入有误"}), When: correct(FieldAmount, "1458.50"), Refused: ErrSameValue},
		{Name: "correct what is no field", Given: filed(), When: correct("station", "130108002"), Refused: ErrField},
		{Name: "correct an acceptance that never was", Given: filed(), When: correct(FieldAccepted, "2024-03-07"), Refused: ErrField},
		{Name: "correct an end that is not yet", Given: mediating(), When: correct(FieldEnded, "2024-03-07"), Refused: ErrField},
		{Name: "correct the mode before there is one", Given: filed(), When: correct(FieldMode, "视频"), Refused: ErrField},
		{Name: "correct the mediator before there is one", Given: filed(), When: correct(FieldMediator, "赵调解"), Refused: ErrField},
		{Name: "correct for no reason", Given: filed(), When: noReason, Refused: ErrWhy},
		{Name: "correct tomorrow", Given: filed(), When: future, Refused: ErrFuture},
		{Name: "correct what was never filed", When: correct(FieldCause, "物业服务合同纠纷"), Refused: ErrNotFiled},
		{Name: "correct to no cause", Given: filed(), When: correct(FieldCause, " "), Refused: ErrValue},
		{Name: "correct to less than nothing", Given: filed(), When: correct(FieldAmount, "-1"), Refused: ErrValue},
		{Name: "correct to a day that does not exist", Given: filed(), When: correct(FieldFiled, "2024-02-30"), Refused: ErrValue},
		{Name: "correct to a mode that is none", Given: mediating(), When: correct(FieldMode, "书信"), Refused: ErrValue},

		{Name: "file after designation", Given: designated(), When: correct(FieldFiled, "2024-03-05"), Refused: ErrImpossible},
		{Name: "file after a party refused", Given: unwilling(ConsentGiven{at("2024-03-03"), "B2", Online, "v1"}), When: correct(FieldFiled, "2024-03-04"), Refused: ErrImpossible},
		{Name: "file tomorrow, corrected", Given: filed(), When: correct(FieldFiled, "2024-06-29"), Refused: ErrImpossible},
		{Name: "accept before delivery, corrected", Given: mediating(), When: correct(FieldAccepted, "2024-03-03"), Refused: ErrImpossible},
		{Name: "accept after a session, corrected", Given: heard(), When: correct(FieldAccepted, "2024-03-13"), Refused: ErrImpossible},
		{Name: "accept after the extension, corrected", Given: extended, When: correct(FieldAccepted, "2024-04-02"), Refused: ErrImpossible},
		{Name: "end before the last session, corrected", Given: terminated(), When: correct(FieldEnded, "2024-03-11"), Refused: ErrImpossible},
		{Name: "succeed before agreement, corrected", Given: succeeded(), When: correct(FieldEnded, "2024-03-19"), Refused: ErrImpossible},
		{Name: "succeed after performance, corrected", Given: succeeded(PerformanceRecorded{at("2024-03-23"), Performed}), When: correct(FieldEnded, "2024-03-24"), Refused: ErrImpossible},
		{Name: "end tomorrow, corrected", Given: terminated(), When: correct(FieldEnded, "2024-06-29"), Refused: ErrImpossible},
	}
}

func TestDaysThatFollowFromACorrectedDayFollowIt(t *testing.T) {
	correct := func(given []Event, field Field, is string) Dispute {
		t.Helper()
		d := Decider.Fold(Decider.Initial(), given...)
		events, err := Decider.Decide(d, CorrectEntry{did("2024-06-01"), field, is, "录入有误"})
		if err != nil {
			t.Fatalf("%s to %s: %v", field, is, err)
		}
		return Decider.Fold(d, events...)
	}
	if d := correct(mediating(), FieldAccepted, "2024-03-10"); d.Accepted != day("2024-03-10") || d.Due != day("2024-04-09") {
		t.Errorf("accepted %s, last day %s", d.Accepted, d.Due)
	}
	extended := mediating(ExtensionAgreed{at("2024-04-01"), day("2024-05-10"), everybody})
	if d := correct(extended, FieldAccepted, "2024-03-10"); d.Due != day("2024-05-10") {
		t.Errorf("what all agreed to was moved to %s", d.Due)
	}
	if d := correct(filed(), FieldFiled, "2024-02-28"); d.FiledOn != day("2024-02-28") || d.FiledAt != calendar.On(day("2024-02-28")) || d.Consents[0].At != d.FiledAt {
		t.Errorf("filed %s, %s; the applicant agreed %s", d.FiledOn, d.FiledAt, d.Consents[0].At)
	}
	a := correct(succeeded(), FieldEnded, "2024-03-25")
	if a.Ended != day("2024-03-25") || a.Agreement.Effective != day("2024-03-25") || a.Agreement.ApplyBy != day("2024-04-24") || a.Agreement.Reached != day("2024-03-20") {
		t.Errorf("ended %s: %+v", a.Ended, a.Agreement)
	}
	oneDay := agreed(Oral, AgreementTookEffect{at("2024-03-20"), "PMA10-30", day("2024-03-20"), day("2024-04-19")})
	if d := correct(oneDay, FieldEnded, "2024-03-18"); d.Agreement.Reached != day("2024-03-18") || d.Agreement.Effective != day("2024-03-18") || d.Agreement.ApplyBy != day("2024-04-17") {
		t.Errorf("agreed, in effect and ended on one day: %+v", d.Agreement)
	}
	if d := correct(terminated(), FieldEnded, "2024-03-26"); d.Agreement != (Agreement{}) {
		t.Errorf("a termination has an agreement: %+v", d.Agreement)
	}
	for field, want := range map[Field]string{FieldCause: "离婚纠纷", FieldAmount: "7.50", FieldMode: "电话", FieldMediator: "赵调解"} {
		d := correct(heard(), field, want)
		if got, _ := d.entry(field); got != want {
			t.Errorf("%s: %s", field, got)
		}
	}
}
