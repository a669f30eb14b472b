package mediation

import "slices"

// ledger is one row of a court's ledger: a success in time.
func ledger(change func(*ImportDispute)) ImportDispute {
	cmd := ImportDispute{
		Today: day(today), Court: "冀0108", Source: Source{ID: "P2024000001", Hash: "9a41", File: "ledger.csv", Line: 2, Import: "i1", Extra: map[string]string{"备注": "无"}},
		Number: "（2024）冀0108民诉前调1号", Station: "130108001", Channel: "掌上", Cause: "供用热力合同纠纷", Amount: 145827,
		Parties: []Party{{Role: Applicant, Name: "王芳", IDNumber: "000000199604021349"}, {Role: Respondent, Name: "裕华热力有限公司"}},
		Filed:   day("2024-03-01"), Organisation: "HY-01", Designated: day("2024-03-04"), Accepted: day("2024-03-05"), Mediator: "张调解", Mode: Video,
		Outcome: OutcomeSuccess, Ended: day("2024-03-20"), Effective: day("2024-03-20"), Performance: Performed, Performed: day("2024-03-22"),
	}
	if change != nil {
		change(&cmd)
	}
	return cmd
}

// told is what that row tells of, but for the end.
func told(source Source, then ...Event) []Event {
	return slices.Concat([]Event{
		DisputeFiled{When: at("2024-03-01"), Court: "冀0108", Station: "130108001", Channel: "掌上", Cause: "供用热力合同纠纷", Amount: 145827, Source: &source,
			Parties: []Party{
				{Key: "A1", Role: Applicant, Kind: Person, Name: "王芳", IDNumber: "000000199604021349"},
				{Key: "B1", Role: Respondent, Kind: Organisation, Name: "裕华热力有限公司"},
			}, Numbers: []string{"（2024）冀0108民诉前调1号"}},
		OrganisationDesignated{When: at("2024-03-04"), Organisation: "HY-01"},
		DelegationAccepted{at("2024-03-05"), "HY-01", "张调解", Video, day("2024-04-07")},
	}, then)
}

func ledgerRows() []row {
	source := ledger(nil).Source
	success := told(source, AgreementReached{When: at("2024-03-20")}, AgreementTookEffect{at("2024-03-20"), "ledger", day("2024-03-20"), day("2024-04-19")}, PerformanceRecorded{at("2024-03-22"), Performed})
	one := func(name string, change func(*ImportDispute), then ...Event) row {
		return row{Name: name, When: ledger(change), Then: then}
	}
	refused := func(name string, why error, change func(*ImportDispute)) row {
		return row{Name: name, When: ledger(change), Refused: why}
	}
	open := func(c *ImportDispute) {
		c.Outcome, c.Ended, c.Effective, c.Performance, c.Performed = OutcomeOpen, 0, 0, "", 0
	}
	marked := func(marks ...Mark) EntryMarked { return EntryMarked{at(today), marks} }
	late := Mark{"ended-late", "超过调解期限结束且无延期同意记录", "ended after the period without a recorded extension"}
	other := ledger(nil)
	other.Source.Hash = "b0"
	return []row{
		one("import a success", nil, success...),
		one("import an open dispute, however old", open, told(source)...),
		one("import a termination", func(c *ImportDispute) {
			open(c)
			c.Outcome, c.Ground, c.Ended = OutcomeTerminated, WideDifferences, day("2024-03-25")
		},
			told(source, MediationTerminated{When: at("2024-03-25"), Ground: WideDifferences})...),
		one("import a return", func(c *ImportDispute) {
			open(c)
			c.Outcome, c.Return, c.Ended, c.Number = OutcomeReturned, NoJurisdiction, day("2024-03-02"), ""
			c.Organisation, c.Designated, c.Accepted, c.Mediator, c.Mode = "", 0, 0, "", ""
		}, func() []Event {
			f := told(source)[0].(DisputeFiled)
			f.Numbers = nil
			return []Event{f, ApplicationReturned{at("2024-03-02"), NoJurisdiction, ""}}
		}()...),
		one("import an extension, of which a ledger names no day", func(c *ImportDispute) { open(c); c.Extended = day("2024-04-01") }, told(source, ExtensionAgreed{When: at("2024-04-01")})...),
		one("import what ended late", func(c *ImportDispute) {
			open(c)
			c.Outcome, c.Ground, c.Ended = OutcomeTerminated, PeriodOver, day("2024-04-08")
		},
			told(source, MediationTerminated{When: at("2024-04-08"), Ground: PeriodOver}, marked(late))...),
		one("import what was extended late, beside what the reader marked", func(c *ImportDispute) {
			open(c)
			c.Extended, c.Marks = day("2024-04-08"), []Mark{{"odd-name", "名称异常", "an odd name"}}
		}, told(source, ExtensionAgreed{When: at("2024-04-08")}, marked(Mark{"odd-name", "名称异常", "an odd name"}, Mark{"late-extension", "同意延期的日期晚于调解期限届满日", "the extension was agreed after the period was over"}))...),
		one("import what was accepted late", func(c *ImportDispute) { open(c); c.Designated = day("2024-02-28"); c.Filed = day("2024-02-28") }, func() []Event {
			events := told(source, marked(Mark{"late-acceptance", "接受委派超过三个工作日", "accepted after more than three working days"}))
			f := events[0].(DisputeFiled)
			f.When = at("2024-02-28")
			events[0], events[1] = f, OrganisationDesignated{When: at("2024-02-28"), Organisation: "HY-01"}
			return events
		}()...),
		one("import what ended and was never accepted", func(c *ImportDispute) {
			open(c)
			c.Outcome, c.Ground, c.Ended, c.Accepted = OutcomeTerminated, PartyUnwilling, day("2024-03-06"), 0
		}, append(told(source)[:2], MediationTerminated{When: at("2024-03-06"), Ground: PartyUnwilling}, marked(Mark{"never-accepted", "已经结束但没有接受日期", "ended without a day of acceptance"}))...),
		one("import a success whose day of effect and of performance are not told", func(c *ImportDispute) { c.Effective, c.Performance, c.Performed = 0, Unperformed, 0 },
			told(source, AgreementReached{When: at("2024-03-20")}, AgreementTookEffect{at("2024-03-20"), "ledger", day("2024-03-20"), day("2024-04-19")}, PerformanceRecorded{at("2024-03-20"), Unperformed})...),
		one("import a success that took effect after it ended", func(c *ImportDispute) { c.Effective, c.Performed = day("2024-03-25"), day("2024-03-26") },
			told(source, AgreementReached{When: at("2024-03-20")}, AgreementTookEffect{at("2024-03-25"), "ledger", day("2024-03-20"), day("2024-04-24")}, PerformanceRecorded{at("2024-03-26"), Performed})...),
		{Name: "import the row again", Given: success, When: ledger(nil)},
		{Name: "import the id with other content", Given: success, When: other, Refused: ErrImportConflict},
		{Name: "import over what was filed here", Given: filed(), When: ledger(nil), Refused: ErrImportConflict},
		refused("import a row of no workstation", ErrStation, func(c *ImportDispute) { c.Station = "" }),
		refused("import a row of no cause", ErrCause, func(c *ImportDispute) { c.Cause = "" }),
		refused("import less than nothing", ErrNegative, func(c *ImportDispute) { c.Amount = -1 }),
		refused("import a row of no applicant", ErrParties, func(c *ImportDispute) { c.Parties = c.Parties[1:] }),
	}
}
