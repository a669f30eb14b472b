package mediation

import "testing"

// filing is a command that may be carried out; rows change one thing in it.
func filing(change func(*FileDispute)) FileDispute {
	cmd := FileDispute{
		Occasion: did("2024-03-01"), Court: "冀0108", Station: "130108001", Channel: AtStation, Cause: " 供用热力合同纠纷 ",
		Amount: 145827, Facts: "供暖温度不达标。", Informed: true,
		Parties: []Party{
			{Role: Applicant, Name: " 王芳"},
			{Role: Respondent, Name: "裕华热力有限公司", Kind: "?"},
			{Role: Respondent, Name: "李强", Kind: Person},
		},
	}
	if change != nil {
		change(&cmd)
	}
	return cmd
}

func filingRows() []row {
	one := func(name string, change func(*FileDispute), refused error) row {
		return row{Name: name, When: filing(change), Refused: refused}
	}
	back := func(day string, ground ReturnGround) ReturnApplication {
		return ReturnApplication{did(day), ground, "告知到有管辖权的法院"}
	}
	return []row{
		{Name: "file a dispute", When: filing(nil), Then: filed()},
		{Name: "file it twice", Given: filed(), When: filing(nil), Refused: ErrFiled},
		one("file without a workstation", func(c *FileDispute) { c.Station = "" }, ErrStation),
		one("file without a cause", func(c *FileDispute) { c.Cause = " " }, ErrCause),
		one("file from nowhere", func(c *FileDispute) { c.Channel = "微博" }, ErrChannel),
		one("file less than nothing", func(c *FileDispute) { c.Amount = -1 }, ErrNegative),
		one("file for who was not told", func(c *FileDispute) { c.Informed = false }, ErrNotTold),
		one("file tomorrow", func(c *FileDispute) { c.At = at("2024-06-29").At }, ErrFuture),
		one("file without an applicant", func(c *FileDispute) { c.Parties = c.Parties[1:] }, ErrParties),
		one("file without a respondent", func(c *FileDispute) { c.Parties = c.Parties[:1] }, ErrParties),
		one("file a party without a name", func(c *FileDispute) { c.Parties[2].Name = "\t" }, ErrParties),
		one("file a party without a side", func(c *FileDispute) { c.Parties[2].Role = "witness" }, ErrParties),

		{Name: "return for want of jurisdiction", Given: filed(), When: back("2024-03-02", NoJurisdiction),
			Then: []Event{ApplicationReturned{at("2024-03-02"), NoJurisdiction, "告知到有管辖权的法院"}}},
		{Name: "return what no civil court hears", Given: filed(), When: ReturnApplication{did("2024-03-01"), NotCivilScope, ""},
			Then: []Event{ApplicationReturned{at("2024-03-01"), NotCivilScope, ""}}},
		{Name: "return what is not fit for mediation", Given: declined(), When: ReturnApplication{did("2024-03-06"), NotSuitable, ""},
			Then: []Event{ApplicationReturned{at("2024-03-06"), NotSuitable, ""}}},
		{Name: "return on a fourth ground", Given: filed(), When: back("2024-03-02", 4), Refused: ErrGround},
		{Name: "return on no ground", Given: filed(), When: back("2024-03-02", 0), Refused: ErrGround},
		{Name: "return what was never filed", When: back("2024-03-02", NoJurisdiction), Refused: ErrNotFiled},
		{Name: "return again", Given: returned(), When: back("2024-03-03", NoJurisdiction)},
		{Name: "return again on another ground", Given: returned(), When: back("2024-03-03", NotSuitable), Refused: ErrEnded},
		{Name: "return what is delegated", Given: designated(), When: back("2024-03-05", NoJurisdiction), Refused: ErrRouted},
		{Name: "return what is being mediated", Given: mediating(), When: back("2024-03-06", NoJurisdiction), Refused: ErrRouted},
		{Name: "return before filing", Given: filed(), When: back("2024-02-29", NoJurisdiction), Refused: ErrEarlier},
		{Name: "return before the last refusal", Given: declined(), When: back("2024-03-05", NoJurisdiction), Refused: ErrEarlier},
		{Name: "return tomorrow", Given: filed(), When: back("2024-06-29", NoJurisdiction), Refused: ErrFuture},
	}
}

func TestWhoAppliesAgreesToMediation(t *testing.T) {
	d := Decider.Fold(Decider.Initial(), filed()...)
	if len(d.Consents) != 1 || d.Consents[0].Party != "A1" || d.Consents[0].Way != ByApplying {
		t.Errorf("consents of a filing: %+v", d.Consents)
	}
	ledger := disputeFiled()
	ledger.Informed = false // a ledger does not say what the parties were told
	if d := Decider.Fold(Decider.Initial(), ledger); len(d.Consents) != 0 {
		t.Errorf("a ledger's row proves no consent: %+v", d.Consents)
	}
}

func TestPartiesAreFoundByKeyAndSide(t *testing.T) {
	d := Decider.Fold(Decider.Initial(), filed()...)
	if p, ok := d.Party("B2"); !ok || p.Name != "李强" {
		t.Errorf("B2: %+v", p)
	}
	if _, ok := d.Party("A2"); ok {
		t.Error("there is no A2")
	}
	if len(d.Side(Applicant)) != 1 || len(d.Side(Respondent)) != 2 {
		t.Errorf("sides: %v, %v", d.Side(Applicant), d.Side(Respondent))
	}
}
