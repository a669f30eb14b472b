package mediation

import (
	"reflect"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
)

func erasureRows() []row {
	erase := func(party string, basis EraseBasis) EraseParty {
		return EraseParty{Occasion: did("2024-06-27"), Party: party, Basis: basis, Keep: 60}
	}
	with := func(change func(*EraseParty)) EraseParty {
		cmd := erase("A1", PeriodExpired)
		change(&cmd)
		return cmd
	}
	event := PartyErased{at("2024-06-27"), "A1", PeriodExpired, 60}
	hold, release := PlaceHold{did("2024-06-01")}, ReleaseHold{did("2024-06-02")}
	held := HoldPlaced{at("2024-06-01")}
	tomorrow := Occasion{At: calendar.On(day("2024-06-29")), Today: day(today)}
	early := Occasion{At: calendar.On(day("2024-02-01")), Today: day(today)}
	correction := CorrectEntry{did("2024-06-28"), FieldCause, "物业服务合同纠纷", "录入有误"}
	transfer := ImportTransfer{day("2024-06-28"), "130108001", "130172", Source{ID: "P1", Hash: "9a"}}
	return []row{
		{Name: "erase a party when the file need not be kept any more", Given: terminated(), When: erase("A1", PeriodExpired), Then: []Event{event}},
		{Name: "erase a party after an agreement, on another ground", Given: succeeded(), When: erase("B2", PurposeAchieved), Then: []Event{PartyErased{at("2024-06-27"), "B2", PurposeAchieved, 60}}},
		{Name: "erase a party of a returned application", Given: returned(), When: erase("A1", PeriodExpired), Then: []Event{event}},
		{Name: "erase the other party too", Given: terminated(event), When: erase("B2", PeriodExpired), Then: []Event{PartyErased{at("2024-06-27"), "B2", PeriodExpired, 60}}},
		{Name: "erase again", Given: terminated(event), When: erase("A1", PeriodExpired)},
		{Name: "erase after a hold was released", Given: terminated(held, HoldReleased{at("2024-06-02")}), When: erase("A1", PeriodExpired), Then: []Event{event}},
		{Name: "erase the day after the last day of keeping", Given: terminated(), When: with(func(c *EraseParty) { c.Keep = 94 }), Then: []Event{PartyErased{at("2024-06-27"), "A1", PeriodExpired, 94}}},

		{Name: "erase on the last day of keeping", Given: terminated(), When: with(func(c *EraseParty) { c.Keep = 95 }), Refused: ErrKept},
		{Name: "erase while a later confirmation must be kept", Given: succeeded(), When: with(func(c *EraseParty) { c.Followed = day("2024-05-20") }), Refused: ErrKept},
		{Name: "erase while the performance is younger", Given: succeeded(PerformanceRecorded{at("2024-05-20"), Performed}), When: erase("A1", PeriodExpired), Refused: ErrKept},
		{Name: "erase while a confirmation is pending", Given: succeeded(), When: with(func(c *EraseParty) { c.Pending = true }), Refused: ErrUnended},
		{Name: "erase while mediated", Given: mediating(), When: erase("A1", PeriodExpired), Refused: ErrUnended},
		{Name: "erase on hold", Given: terminated(held), When: erase("A1", PeriodExpired), Refused: ErrHeld},
		{Name: "erase on no ground", Given: terminated(), When: erase("A1", "because"), Refused: ErrBasis},
		{Name: "erase nobody", Given: terminated(), When: erase("C1", PeriodExpired), Refused: ErrNoParty},
		{Name: "erase from what was never filed", When: erase("A1", PeriodExpired), Refused: ErrNotFiled},
		{Name: "erase tomorrow", Given: terminated(), When: with(func(c *EraseParty) { c.Occasion = tomorrow }), Refused: ErrFuture},
		{Name: "erase before the end", Given: terminated(), When: with(func(c *EraseParty) { c.Occasion = did("2024-03-24") }), Refused: ErrEarlier},

		{Name: "correct what was erased", Given: terminated(event), When: correction, Refused: ErrPartyErased},
		{Name: "import a transfer of what was erased", Given: terminated(event), When: transfer, Refused: ErrPartyErased},

		{Name: "place a hold", Given: terminated(), When: hold, Then: []Event{held}},
		{Name: "place a hold early", Given: filed(), When: hold, Then: []Event{held}},
		{Name: "place a hold again", Given: terminated(held), When: hold},
		{Name: "place a hold on nothing", When: hold, Refused: ErrNotFiled},
		{Name: "place a hold tomorrow", Given: filed(), When: PlaceHold{tomorrow}, Refused: ErrFuture},
		{Name: "place a hold before filing", Given: filed(), When: PlaceHold{early}, Refused: ErrEarlier},
		{Name: "release a hold", Given: terminated(held), When: release, Then: []Event{HoldReleased{at("2024-06-02")}}},
		{Name: "release no hold", Given: terminated(), When: release, Refused: ErrNoHold},
		{Name: "release a hold on nothing", When: release, Refused: ErrNotFiled},
		{Name: "release a hold tomorrow", Given: filed(held), When: ReleaseHold{tomorrow}, Refused: ErrFuture},
		{Name: "release a hold before filing", Given: filed(held), When: ReleaseHold{early}, Refused: ErrEarlier},
	}
}

// TestADisputeFoldedBeforeAndAfterTheDeletionIsTheSame: a view that took the
// names in and was told of the deletion holds what one holds that is made anew
// from a log that opens them no more.
func TestADisputeFoldedBeforeAndAfterTheDeletionIsTheSame(t *testing.T) {
	source := &Source{ID: "P1", Hash: "9a41", File: "ledger.csv", Line: 2, Import: "i1", Extra: map[string]string{"备注": "王芳来电", "空": ""}}
	full := disputeFiled()
	full.Parties[0].IDNumber, full.Parties[0].Phone, full.Parties[0].Address, full.Source = "000000199604021349", "00000000001", "槐底街道", source
	gone := full
	gone.Parties = parties()
	gone.Parties[0] = Party{"A1", Applicant, Person, codec.Erased, codec.Erased, codec.Erased, codec.Erased}
	gone.Facts = codec.Erased
	gone.Source = &Source{ID: "P1", Hash: codec.Erased, File: "ledger.csv", Line: 2, Import: "i1", Extra: map[string]string{"备注": codec.Erased, "空": ""}}
	course := func(filed DisputeFiled, record, terms string) []Event {
		session := sessionOf("2024-03-12", OnSite, everybody...)
		session.Record = record
		return []Event{
			filed, OrganisationDesignated{When: at("2024-03-04"), Organisation: "RT-01"}, acceptedBy("RT-01"), session,
			AgreementReached{When: at("2024-03-20"), Form: Written, Terms: terms}, AgreementTookEffect{at("2024-03-21"), "PMA10-29", day("2024-03-21"), day("2024-04-22")},
			PartyErased{at("2024-06-27"), "A1", PeriodExpired, 60},
		}
	}
	before := Decider.Fold(Decider.Initial(), course(full, "王芳陈述", "王芳三日内付款")...)
	after := Decider.Fold(Decider.Initial(), course(gone, codec.Erased, codec.Erased)...)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("folded before:\n%+v\nand after:\n%+v", before, after)
	}
	if source.Hash != "9a41" || source.Extra["备注"] != "王芳来电" {
		t.Error("the deletion changed the event that filed the dispute")
	}
}
