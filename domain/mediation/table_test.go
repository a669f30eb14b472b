package mediation

import (
	"slices"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/decide/decidetest"
)

// The dispute of these tests: 王芳 against a heating company and 李强, filed on
// Friday 2024-03-01. Its 30 days end on 2024-04-04, a holiday, so its last day
// is Sunday 2024-04-07, which is worked.

type row = decidetest.Row[Command, Event]

var room = decidetest.Room[Dispute, Command, Event]{Decider: Decider, Codec: Codec}

// rows is the whole decision table, stage by stage.
func rows() []row {
	return slices.Concat(filingRows(), consentRows(), designationRows(), answerRows(), sessionRows(), extensionRows(), agreementRows(),
		effectRows(), terminationRows(), performanceRows(), transferRows(), correctionRows(), ledgerRows(), erasureRows())
}

func TestWhatMayBeDoneToADispute(t *testing.T) { room.Decides(t, rows()) }

func TestEveryRefusalIsShownInTheTable(t *testing.T) { room.Reaches(t, rows()) }

func TestStoredDisputesStayReadable(t *testing.T) { room.Stored(t, rows()) }

func TestFoldingADisputeLeavesItsPastAlone(t *testing.T) { room.FoldsPurely(t, rows()) }

func FuzzDecode(f *testing.F) { room.Fuzz(f, rows()) }

// today is the day on which everything in these tests is entered.
const today = "2024-06-28"

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(s string) When { return on(day(s)) }

// did is a deed of that day, entered today.
func did(s string) Occasion { return Occasion{At: calendar.On(day(s)), Today: day(today)} }

func parties() []Party {
	return []Party{
		{Key: "A1", Role: Applicant, Kind: Person, Name: "王芳"},
		{Key: "B1", Role: Respondent, Kind: Organisation, Name: "裕华热力有限公司"},
		{Key: "B2", Role: Respondent, Kind: Person, Name: "李强"},
	}
}

var everybody = []string{"A1", "B1", "B2"}

func disputeFiled() DisputeFiled {
	return DisputeFiled{
		When: at("2024-03-01"), Court: "冀0108", Station: "130108001", Channel: AtStation, Cause: "供用热力合同纠纷",
		Amount: 145827, Parties: parties(), Facts: "供暖温度不达标。", Informed: true,
	}
}

func acceptedBy(organisation string) DelegationAccepted {
	return DelegationAccepted{at("2024-03-05"), organisation, "张调解", OnSite, day("2024-04-07")}
}

func sessionOf(d string, mode Mode, attended ...string) SessionHeld {
	return SessionHeld{When: at(d), Mode: mode, Attended: attended, Minutes: 60, Record: "双方陈述了意见。"}
}

// The histories that rows are given.
func filed(then ...Event) []Event { return slices.Concat([]Event{disputeFiled()}, then) }

func unwilling(then ...Event) []Event {
	return slices.Concat(filed(ConsentRefused{at("2024-03-02"), "B2", ByTheLine}), then)
}

func designated(then ...Event) []Event {
	return slices.Concat(filed(OrganisationDesignated{When: at("2024-03-04"), Organisation: "RT-01"}), then)
}

func delivered(then ...Event) []Event {
	return slices.Concat(designated(DelegationDelivered{at("2024-03-04"), day("2024-03-07")}), then)
}

func declined(then ...Event) []Event {
	return slices.Concat(delivered(DelegationDeclined{at("2024-03-06"), "RT-01", "超出调解范围"}), then)
}

func mediating(then ...Event) []Event { return slices.Concat(delivered(acceptedBy("RT-01")), then) }

func heard(then ...Event) []Event {
	return slices.Concat(mediating(sessionOf("2024-03-12", OnSite, everybody...)), then)
}

func agreed(form Form, then ...Event) []Event {
	return slices.Concat(heard(AgreementReached{When: at("2024-03-20"), Form: form, Terms: "三日内退还取暖费一千元。"}), then)
}

func succeeded(then ...Event) []Event {
	return slices.Concat(agreed(Written, AgreementTookEffect{at("2024-03-21"), "PMA10-29", day("2024-03-21"), day("2024-04-22")}), then)
}

func terminated(then ...Event) []Event {
	return slices.Concat(heard(MediationTerminated{When: at("2024-03-25"), Ground: WideDifferences}), then)
}

func returned(then ...Event) []Event {
	return slices.Concat(filed(ApplicationReturned{at("2024-03-02"), NoJurisdiction, ""}), then)
}

func TestEveryTextOfADisputeSaysWhoseItIs(t *testing.T) { room.DeclaresPersonal(t) }
