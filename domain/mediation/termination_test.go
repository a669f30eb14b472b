package mediation

func terminationRows() []row {
	end := func(day string, ground Ground, note string) Terminate {
		return Terminate{did(day), "RT-01", ground, note}
	}
	ended := func(day string, ground Ground, note string) []Event {
		return []Event{MediationTerminated{at(day), ground, note, false}}
	}
	unreceived := func(day string, ground Ground, note string) []Event {
		return []Event{MediationTerminated{at(day), ground, note, true}}
	}
	byCourt := func(day string, ground Ground, note string) Terminate { return Terminate{did(day), "", ground, note} }
	theirs := end("2024-03-25", WideDifferences, "")
	theirs.Organisation = "LS-01"
	return []row{
		{Name: "ground 1 is no termination", Given: heard(), When: end("2024-03-25", AgreementReachedGround, ""), Refused: ErrAgreement},
		{Name: "ground 2, settled and withdrawn", Given: heard(), When: end("2024-03-25", SettledAndWithdrawn, ""), Then: ended("2024-03-25", SettledAndWithdrawn, "")},
		{Name: "ground 3, out of reach", Given: mediating(), When: end("2024-03-25", Unreachable, "三次致电李强，均无人接听"), Then: ended("2024-03-25", Unreachable, "三次致电李强，均无人接听")},
		{Name: "ground 3, who tried nothing", Given: mediating(), When: end("2024-03-25", Unreachable, " "), Refused: ErrTried},
		{Name: "ground 4, a party is unwilling", Given: mediating(ConsentRefused{at("2024-03-10"), "B2", InPerson}), When: end("2024-03-25", PartyUnwilling, ""), Then: ended("2024-03-25", PartyUnwilling, "")},
		{Name: "ground 4, told in the note", Given: mediating(), When: end("2024-03-25", PartyUnwilling, "李强当面表示不愿意"), Then: ended("2024-03-25", PartyUnwilling, "李强当面表示不愿意")},
		{Name: "ground 4, nobody knows who", Given: mediating(), When: end("2024-03-25", PartyUnwilling, ""), Refused: ErrWhoRefuses},
		{Name: "ground 5, wide differences", Given: heard(), When: end("2024-03-25", WideDifferences, ""), Then: ended("2024-03-25", WideDifferences, "")},
		{Name: "ground 6, the period is over", Given: heard(), When: end("2024-04-08", PeriodOver, ""), Then: ended("2024-04-08", PeriodOver, "")},
		{Name: "ground 6 on the last day", Given: heard(), When: end("2024-04-07", PeriodOver, ""), Refused: ErrNotExpired},
		{Name: "ground 6 where it was extended", Given: heard(ExtensionAgreed{at("2024-04-01"), day("2024-05-10"), everybody}), When: end("2024-04-08", PeriodOver, ""), Refused: ErrNotExpired},
		{Name: "ground 7, a party will not sign", Given: agreed(Written), When: end("2024-03-25", RefusedToSign, ""), Then: ended("2024-03-25", RefusedToSign, "")},
		{Name: "ground 7, nothing to sign", Given: heard(), When: end("2024-03-25", RefusedToSign, ""), Refused: ErrNotRefusing},
		{Name: "ground 8, something else", Given: heard(), When: end("2024-03-25", OtherGround, "申请人死亡"), Then: ended("2024-03-25", OtherGround, "申请人死亡")},
		{Name: "ground 8, nobody knows what", Given: heard(), When: end("2024-03-25", OtherGround, ""), Refused: ErrOtherGround},
		{Name: "ground 9", Given: heard(), When: end("2024-03-25", 9, ""), Refused: ErrGround},
		{Name: "no ground", Given: heard(), When: end("2024-03-25", 0, ""), Refused: ErrGround},
		{Name: "settled after agreement", Given: agreed(Oral), When: end("2024-03-25", SettledAndWithdrawn, ""), Then: ended("2024-03-25", SettledAndWithdrawn, "")},
		{Name: "wide differences after agreement", Given: agreed(Oral), When: end("2024-03-25", WideDifferences, ""), Refused: ErrOnlyRefusal},

		{Name: "the court ends what a party refused before anybody was asked", Given: unwilling(), When: byCourt("2024-03-04", PartyUnwilling, ""), Then: unreceived("2024-03-04", PartyUnwilling, "")},
		{Name: "the court ends what was withdrawn before acceptance", Given: delivered(), When: byCourt("2024-03-05", SettledAndWithdrawn, ""), Then: unreceived("2024-03-05", SettledAndWithdrawn, "")},
		{Name: "the organisation asked may tell it too", Given: delivered(), When: end("2024-03-05", Unreachable, "号码是空号"), Then: unreceived("2024-03-05", Unreachable, "号码是空号")},
		{Name: "wide differences before acceptance", Given: delivered(), When: byCourt("2024-03-05", WideDifferences, ""), Refused: ErrTooEarly},
		{Name: "a period that never began is never over", Given: delivered(), When: byCourt("2024-05-05", PeriodOver, ""), Refused: ErrTooEarly},
		{Name: "an organisation that nobody asked ends it", Given: filed(), When: end("2024-03-05", SettledAndWithdrawn, ""), Refused: ErrNotMediating},
		{Name: "the court alone ends what is being mediated", Given: heard(), When: byCourt("2024-03-25", WideDifferences, ""), Refused: ErrNotYours},

		{Name: "end twice on the same ground", Given: terminated(), When: end("2024-03-26", WideDifferences, "")},
		{Name: "end twice on two grounds", Given: terminated(), When: end("2024-03-26", SettledAndWithdrawn, ""), Refused: ErrEnded},
		{Name: "end a success", Given: succeeded(), When: end("2024-03-26", RefusedToSign, ""), Refused: ErrEnded},
		{Name: "end another's dispute", Given: heard(), When: theirs, Refused: ErrNotYours},
		{Name: "end what was never filed", When: end("2024-03-25", WideDifferences, ""), Refused: ErrNotFiled},
		{Name: "end before acceptance began", Given: mediating(), When: end("2024-03-04", WideDifferences, ""), Refused: ErrEarlier},
		{Name: "end before the last session", Given: heard(), When: end("2024-03-11", WideDifferences, ""), Refused: ErrEarlier},
		{Name: "end before an extension", Given: mediating(ExtensionAgreed{at("2024-04-01"), day("2024-05-10"), everybody}), When: end("2024-03-25", WideDifferences, ""), Refused: ErrEarlier},
		{Name: "end before agreement", Given: agreed(Written), When: end("2024-03-19", RefusedToSign, ""), Refused: ErrEarlier},
		{Name: "end tomorrow", Given: heard(), When: end("2024-06-29", WideDifferences, ""), Refused: ErrFuture},
	}
}
