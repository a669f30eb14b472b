package mediation

func consentRows() []row {
	yes := func(day, party string, way ConsentWay) RecordConsent {
		return RecordConsent{did(day), party, way, "v1"}
	}
	no := func(day, party string, way ConsentWay) RecordRefusal { return RecordRefusal{did(day), party, way} }
	given := func(day, party string) ConsentGiven { return ConsentGiven{at(day), party, Online, "v1"} }
	return []row{
		{Name: "the other side agrees", Given: filed(), When: yes("2024-03-02", "B1", Online), Then: []Event{given("2024-03-02", "B1")}},
		{Name: "the applicant agreed by applying", Given: filed(), When: yes("2024-03-02", "A1", InPerson)},
		{Name: "agree twice", Given: filed(given("2024-03-02", "B1")), When: yes("2024-03-03", "B1", InWriting)},
		{Name: "agree after refusing", Given: unwilling(), When: yes("2024-03-04", "B2", Online), Then: []Event{given("2024-03-04", "B2")}},
		{Name: "agree during mediation", Given: mediating(), When: yes("2024-03-06", "B2", Online), Then: []Event{given("2024-03-06", "B2")}},
		{Name: "a stranger agrees", Given: filed(), When: yes("2024-03-02", "C1", Online), Refused: ErrNoParty},
		{Name: "agree nobody knows how", Given: filed(), When: yes("2024-03-02", "B1", "托梦"), Refused: ErrNoWay},
		{Name: "nobody agrees by applying but by applying", Given: filed(), When: yes("2024-03-02", "B1", ByApplying), Refused: ErrNoWay},
		{Name: "agree to nothing", When: yes("2024-03-02", "B1", Online), Refused: ErrNotFiled},
		{Name: "agree after the end", Given: terminated(), When: yes("2024-03-26", "B1", Online), Refused: ErrEnded},
		{Name: "agree before filing", Given: filed(), When: yes("2024-02-29", "B1", Online), Refused: ErrEarlier},
		{Name: "agree tomorrow", Given: filed(), When: yes("2024-06-29", "B1", Online), Refused: ErrFuture},

		{Name: "the other side refuses", Given: filed(), When: no("2024-03-02", "B2", ByTheLine), Then: []Event{ConsentRefused{at("2024-03-02"), "B2", ByTheLine}}},
		{Name: "the applicant takes his consent back", Given: designated(), When: no("2024-03-05", "A1", InPerson), Then: []Event{ConsentRefused{at("2024-03-05"), "A1", InPerson}}},
		{Name: "refuse twice", Given: unwilling(), When: no("2024-03-03", "B2", InPerson)},
		{Name: "a stranger refuses", Given: filed(), When: no("2024-03-02", "", InPerson), Refused: ErrNoParty},
		{Name: "refuse nobody knows how", Given: filed(), When: no("2024-03-02", "B1", ""), Refused: ErrNoWay},
		{Name: "refuse nothing", When: no("2024-03-02", "B1", Online), Refused: ErrNotFiled},
		{Name: "refuse after the end", Given: succeeded(), When: no("2024-03-26", "B1", Online), Refused: ErrEnded},
		{Name: "refuse before filing", Given: filed(), When: no("2024-02-29", "B1", Online), Refused: ErrEarlier},
		{Name: "refuse tomorrow", Given: filed(), When: no("2024-06-29", "B1", Online), Refused: ErrFuture},
	}
}
