package sheets

import (
	"slices"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// mark says what is odd in a row that is taken as it is. Cells that have no
// place in the events are kept with the provenance, so that nothing is lost.
func (e *entry) mark(in *reader) {
	odd := func(yes bool, code, chinese, english string) bool {
		if yes {
			e.Marks = append(e.Marks, mediation.Mark{Code: code, Chinese: chinese, English: english})
		}
		return yes
	}
	e.markParties(in, odd)
	e.markGrounds(in, odd)
	e.markDays(odd)
	success := e.Outcome == mediation.OutcomeSuccess
	if odd(!success && e.Performance != "", "performance-without-agreement", "没有调解成功，却记有履行情况", "performance is recorded though there was no success") {
		e.aside(in, ledgerPerformance)
		e.Performance = ""
	}
	if odd(!e.Performed.IsZero() && e.Performance != mediation.Performed, "performance-day", "没有已履行，却记有履行完毕日期", "there is a day of full performance though it is not performed") {
		e.aside(in, ledgerPerformed)
		e.Performed = 0
	}
	odd(success && e.Performance == mediation.Performed && e.Performed.IsZero(), "no-performance-day", "已履行，却没有履行完毕日期", "performed, but the day is not recorded")
	if odd(e.Organisation != "" && e.Designated.IsZero() && e.Accepted.IsZero(), "never-delegated", "有调解组织，却没有委派日期和接受日期", "an organisation is named but no day of delegation or acceptance") {
		e.aside(in, ledgerOrganisation)
	}
	for _, column := range []int{ledgerMediator, ledgerMode} {
		if e.Accepted.IsZero() && in.code(column) != "" {
			e.aside(in, column)
		}
	}
}

// aside keeps a cell with the provenance under its own heading.
func (e *entry) aside(in *reader, column int) {
	if e.Source.Extra == nil {
		e.Source.Extra = make(map[string]string, 1)
	}
	e.Source.Extra[in.sheet.columns[column].name] = in.text(column)
}

func (e *entry) markParties(in *reader, odd func(bool, string, string, string) bool) {
	applicants, respondents, badID, lost := 0, 0, false, false
	for _, p := range e.Parties {
		if p.Role == mediation.Respondent {
			respondents++
			continue
		}
		applicants++
		badID = badID || p.IDNumber != "" && !identity(p.IDNumber)
	}
	lost = in.cell(ledgerApplicantID).kind == lossyCell
	odd(respondents == 0, "no-respondent", "没有被申请人", "there is no respondent")
	odd(badID && !lost, "id-number", "申请人证件号校验不符", "an identity number does not pass its check")
	odd(lost, "id-digits-lost", "申请人证件号在电子表格中丢失了末尾数字", "the spreadsheet has lost the last digits of an identity number")
	if ids := len(splitNames(in.cell(ledgerApplicantID).text)); odd(ids > applicants, "more-id-numbers", "证件号多于申请人", "there are more identity numbers than applicants") {
		e.aside(in, ledgerApplicantID)
	}
	odd(e.Channel != "" && !slices.Contains(mediation.Channels, e.Channel), "unknown-channel", "来源渠道不在通常的渠道之中", "the channel is none of the usual ones")
	odd(e.Mediator != "" && slices.ContainsFunc(e.Parties, func(p mediation.Party) bool { return p.Name == e.Mediator }),
		"party-mediates", "调解员与当事人同名", "the mediator has the name of a party")
}

func (e *entry) markGrounds(in *reader, odd func(bool, string, string, string) bool) {
	terminated, returned := e.Outcome == mediation.OutcomeTerminated, e.Outcome == mediation.OutcomeReturned
	odd(terminated && e.Ground == 0, "no-ground", "终结而没有终结原因", "terminated without a ground")
	if odd(!terminated && e.Ground != 0, "ground-without-termination", "没有终结，却记有终结原因", "a ground of termination though it was not terminated") {
		e.aside(in, ledgerGround)
		e.Ground = 0
	}
	if odd(!returned && e.Return != 0, "ground-without-return", "没有退回，却记有退回原因", "a ground of return though it was not returned") {
		e.aside(in, ledgerReturn)
		e.Return = 0
	}
	odd(returned && !e.Designated.IsZero(), "returned-after-delegation", "委派之后才退回", "returned after it was delegated")
}

// markDays: days that are odd but may be true.
func (e *entry) markDays(odd func(bool, string, string, string) bool) {
	odd(e.Designated.IsZero() && !e.Accepted.IsZero(), "no-delegation-day", "有接受日期，却没有委派日期", "accepted, but the day of delegation is not recorded")
	odd(!e.Extended.IsZero() && e.Extended.Before(e.Accepted), "early-extension", "接受委派之前已同意延期", "the extension was agreed before the dispute was accepted")
	odd(!e.Extended.IsZero() && e.Accepted.IsZero(), "extension-unaccepted", "尚未接受委派，却记有延期", "an extension though the dispute was not accepted")
	if e.Outcome != mediation.OutcomeSuccess {
		return
	}
	effective := e.Effective
	if effective.IsZero() {
		effective = e.Ended
	}
	odd(!e.applied.IsZero() && e.applied.Before(effective), "early-application", "司法确认申请早于协议生效", "confirmation was applied for before the agreement took effect")
	if due, err := calendar.DueOf("K10", effective, calendar.Official()); err == nil {
		odd(e.applied.After(due.Due), "late-application", "司法确认申请超过协议生效后三十日", "confirmation was applied for more than thirty days after the agreement took effect")
	}
	odd(!e.Performed.IsZero() && e.Performance == mediation.Performed && e.Performed.Before(effective), "early-performance", "履行完毕早于协议生效", "performed before the agreement took effect")
}

// identity tells whether a number may be what it is meant to be. Only what
// looks like a resident identity number (GB 11643) or a unified social credit
// code (GB 32100) has a check; passports and the old 15 digits have none.
func identity(s string) bool {
	if len(s) != 18 {
		return len(s) == 15 || !digits(s)
	}
	if digits(s[:17]) && (s[17] == 'X' || digits(s[17:])) && residentCheck(s) {
		return true
	}
	return creditCheck(s)
}

// residentCheck is ISO 7064 MOD 11-2.
func residentCheck(s string) bool {
	sum := 0
	for i := range 17 {
		sum = (sum + int(s[i]-'0')) * 2 % 11
	}
	return "0123456789X"[(12-sum)%11] == s[17]
}

// creditCheck is the check of GB 32100: weights 3^i over 31 characters.
func creditCheck(s string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(alphabet, s[i])
		if v < 0 {
			return false
		}
		sum = (sum + v*weight) % 31
		weight = weight * 3 % 31
	}
	return alphabet[(31-sum)%31] == s[17]
}
