package mediation

func transferRows() []row {
	move := func(day, from, to, why string) TransferStation { return TransferStation{did(day), from, to, why} }
	moved := StationTransferred{When: at("2024-03-03"), From: "130108001", To: "130108002", Reason: "当事人住所地"}
	row1 := Source{ID: "P1", Hash: "9a", File: "transfers.csv", Line: 2, Import: "i1"}
	imported := func(day, from, to string) ImportTransfer { return ImportTransfer{calendarDay(day), from, to, row1} }
	return []row{
		{Name: "transfer", Given: filed(), When: move("2024-03-03", "130108001", "130108002", "当事人住所地"), Then: []Event{moved}},
		{Name: "transfer in the middle of mediation", Given: heard(), When: move("2024-03-13", "130108001", "130172", "当事人住所地"), Then: []Event{StationTransferred{When: at("2024-03-13"), From: "130108001", To: "130172", Reason: "当事人住所地"}}},
		{Name: "transfer back", Given: filed(moved), When: move("2024-03-04", "130108002", "130108001", "移送有误"), Then: []Event{StationTransferred{When: at("2024-03-04"), From: "130108002", To: "130108001", Reason: "移送有误"}}},
		{Name: "transfer from where it is not", Given: filed(moved), When: move("2024-03-04", "130108001", "130108003", "当事人住所地"), Refused: ErrNotHere},
		{Name: "transfer to where it is", Given: filed(), When: move("2024-03-03", "130108001", "130108001", "当事人住所地"), Refused: ErrSameStation},
		{Name: "transfer to nowhere", Given: filed(), When: move("2024-03-03", "130108001", "", "当事人住所地"), Refused: ErrStation},
		{Name: "transfer for no reason", Given: filed(), When: move("2024-03-03", "130108001", "130108002", " "), Refused: ErrNoReason},
		{Name: "transfer what was never filed", When: move("2024-03-03", "130108001", "130108002", "当事人住所地"), Refused: ErrNotFiled},
		{Name: "transfer after the end", Given: succeeded(), When: move("2024-04-03", "130108001", "130108002", "当事人住所地"), Refused: ErrMoved},
		{Name: "transfer before filing", Given: filed(), When: move("2024-02-29", "130108001", "130108002", "当事人住所地"), Refused: ErrEarlier},
		{Name: "transfer before it came", Given: filed(moved), When: move("2024-03-02", "130108002", "130108003", "当事人住所地"), Refused: ErrEarlier},
		{Name: "transfer tomorrow", Given: filed(), When: move("2024-06-29", "130108001", "130108002", "当事人住所地"), Refused: ErrFuture},

		{Name: "import a transfer", Given: terminated(), When: imported("2024-04-03", "130108001", "130108002"), Then: []Event{StationTransferred{at("2024-04-03"), "130108001", "130108002", "", &row1}}},
		{Name: "import a transfer of nothing", When: imported("2024-04-03", "130108001", "130108002"), Refused: ErrNotFiled},
		{Name: "import a transfer to the same place", Given: filed(), When: imported("2024-04-03", "130108001", "130108001"), Refused: ErrSameStation},
		{Name: "import a transfer from elsewhere", Given: filed(), When: imported("2024-04-03", "130108003", "130108001"), Refused: ErrNotHere},
	}
}
