package confirmation

func applicationRows() []row {
	apply := func(day string) Apply {
		return Apply{did(day), "d1", calendarDay("2024-03-21"), calendarDay("2024-04-22"), true}
	}
	alone, early := apply("2024-04-01"), apply("2024-04-01")
	alone.Joint, early.Effective, early.ApplyBy = false, 0, 0
	open := apply("2024-06-29")
	open.ApplyBy = day("2024-12-31")
	accept := func(day string) Accept { return Accept{did(day), number} }
	refuse := func(day string, ground int) RefuseAcceptance { return RefuseAcceptance{did(day), ground} }
	imported := func(result Result, ended string) Import {
		return Import{"d1", "9a41", day("2024-04-01"), result, calendarDay(ended)}
	}
	told := func(then ...Event) []Event {
		return append([]Event{ConfirmationApplied{at("2024-04-01"), "d1", "9a41"}}, then...)
	}
	other := imported(ResultConfirmed, "2024-04-10")
	other.Hash = "b0"
	return []row{
		{Name: "apply", When: apply("2024-04-01"), Then: applied()},
		{Name: "apply on the day of effect", When: apply("2024-03-21"), Then: []Event{ConfirmationApplied{When: at("2024-03-21"), Dispute: "d1"}}},
		{Name: "apply on the last day", When: apply("2024-04-22"), Then: []Event{ConfirmationApplied{When: at("2024-04-22"), Dispute: "d1"}}},
		{Name: "apply a day late", When: apply("2024-04-23"), Refused: ErrWindow},
		{Name: "one side applies and the other has not agreed", When: alone, Refused: ErrNotJoint},
		{Name: "apply without an agreement in effect", When: early, Refused: ErrNoAgreement},
		{Name: "apply before effect", When: apply("2024-03-20"), Refused: ErrEarlier},
		{Name: "apply tomorrow", When: open, Refused: ErrFuture},
		{Name: "apply twice", Given: applied(), When: apply("2024-04-01")},
		{Name: "apply again on another day", Given: applied(), When: apply("2024-04-02"), Refused: ErrApplied},
		{Name: "apply again after acceptance", Given: accepted(), When: apply("2024-04-04"), Refused: ErrApplied},
		{Name: "apply again after dismissal", Given: dismissed(), When: apply("2024-04-11"), Refused: ErrApplied},
		{Name: "apply again after refusal", Given: notAccepted(), When: apply("2024-04-11"), Refused: ErrApplied},
		{Name: "apply again after withdrawal, within the window", Given: withdrawn(), When: apply("2024-04-22"), Then: []Event{ConfirmationApplied{When: at("2024-04-22"), Dispute: "d1"}}},
		{Name: "apply again after withdrawal, too late", Given: withdrawn(), When: apply("2024-04-23"), Refused: ErrWindow},
		{Name: "apply again before the withdrawal", Given: withdrawn(), When: apply("2024-04-08"), Refused: ErrEarlier},

		{Name: "accept", Given: applied(), When: accept("2024-04-03"), Then: []Event{ConfirmationAccepted{at("2024-04-03"), number, day("2024-05-06")}}},
		{Name: "accept before a number is given", Given: applied(), When: Accept{Occasion: did("2024-04-01")}, Then: []Event{ConfirmationAccepted{at("2024-04-01"), "", day("2024-05-06")}}},
		{Name: "accept twice", Given: accepted(), When: accept("2024-04-04")},
		{Name: "accept what nobody applied for", When: accept("2024-04-03"), Refused: ErrNotApplied},
		{Name: "accept what is confirmed", Given: confirmed(), When: accept("2024-04-11"), Refused: ErrEnded},
		{Name: "accept what is withdrawn", Given: withdrawn(), When: accept("2024-04-11"), Refused: ErrEnded},
		{Name: "accept before it was applied for", Given: applied(), When: accept("2024-03-31"), Refused: ErrEarlier},
		{Name: "accept tomorrow", Given: applied(), When: accept("2024-06-29"), Refused: ErrFuture},

		{Name: "do not accept: a matter of status", Given: applied(), When: refuse("2024-04-02", 3), Then: []Event{ConfirmationNotAccepted{at("2024-04-02"), 3}}},
		{Name: "do not accept: the first ground", Given: applied(), When: refuse("2024-04-02", 1), Then: []Event{ConfirmationNotAccepted{at("2024-04-02"), 1}}},
		{Name: "do not accept: the fifth ground", Given: applied(), When: refuse("2024-04-02", 5), Then: []Event{ConfirmationNotAccepted{at("2024-04-02"), 5}}},
		{Name: "do not accept: no ground", Given: applied(), When: refuse("2024-04-02", 0), Refused: ErrGround},
		{Name: "do not accept: a sixth ground", Given: applied(), When: refuse("2024-04-02", 6), Refused: ErrGround},
		{Name: "do not accept, twice", Given: notAccepted(), When: refuse("2024-04-03", 3)},
		{Name: "do not accept on another ground", Given: notAccepted(), When: refuse("2024-04-03", 2), Refused: ErrEnded},
		{Name: "do not accept what is accepted", Given: accepted(), When: refuse("2024-04-04", 3), Refused: ErrTaken},
		{Name: "do not accept what nobody applied for", When: refuse("2024-04-04", 3), Refused: ErrNotApplied},
		{Name: "do not accept before it was applied for", Given: applied(), When: refuse("2024-03-31", 3), Refused: ErrEarlier},
		{Name: "do not accept tomorrow", Given: applied(), When: refuse("2024-06-29", 3), Refused: ErrFuture},

		{Name: "import what is pending", When: imported("", ""), Then: told()},
		{Name: "import a confirmation", When: imported(ResultConfirmed, "2024-04-10"), Then: told(AgreementConfirmed{When: at("2024-04-10")})},
		{Name: "import a dismissal", When: imported(ResultDismissed, "2024-04-10"), Then: told(ConfirmationDismissed{When: at("2024-04-10")})},
		{Name: "import a refusal to accept", When: imported(ResultNotAccepted, "2024-04-02"), Then: told(ConfirmationNotAccepted{When: at("2024-04-02")})},
		{Name: "import a withdrawal", When: imported(ResultWithdrawn, "2024-04-09"), Then: told(ConfirmationWithdrawn{at("2024-04-09")})},
		{Name: "import the row again", Given: told(AgreementConfirmed{When: at("2024-04-10")}), When: imported(ResultConfirmed, "2024-04-10")},
		{Name: "import the row again after a new application", Given: told(ConfirmationWithdrawn{at("2024-04-09")}, ConfirmationApplied{When: at("2024-04-12"), Dispute: "d1"}), When: imported(ResultWithdrawn, "2024-04-09")},
		{Name: "import the row with other content", Given: told(AgreementConfirmed{When: at("2024-04-10")}), When: other, Refused: ErrImportConflict},
		{Name: "import over what was applied for here", Given: applied(), When: imported(ResultConfirmed, "2024-04-10"), Refused: ErrImportConflict},
	}
}
