package sheets

import (
	"cmp"
	"slices"

	"doorstep/domain/mediation"
)

// differs names the columns in which the row differs from what the system
// holds of the dispute, as far as the state still tells: what a person needs
// to see which of the two is true. A dispute that went on since may differ in
// more than the row ever said.
func (e *entry) differs(d mediation.Dispute) []string {
	var columns []string
	is := func(column int, same bool) {
		if !same {
			columns = append(columns, ledgerColumns[column].name)
		}
	}
	is(ledgerNumber, e.Number == "" && len(d.Numbers) == 0 || slices.Contains(d.Numbers, e.Number))
	is(ledgerStation, e.Station == d.Station)
	is(ledgerChannel, e.Channel == d.Channel)
	is(ledgerCause, e.Cause == d.Cause)
	is(ledgerAmount, e.Amount == d.Amount)
	is(ledgerApplicant, slices.Equal(names(e.Parties, mediation.Applicant), names(d.Parties, mediation.Applicant)))
	is(ledgerApplicantID, slices.Equal(numbers(e.Parties), numbers(d.Parties)))
	is(ledgerRespondent, slices.Equal(names(e.Parties, mediation.Respondent), names(d.Parties, mediation.Respondent)))
	is(ledgerFiled, e.Filed == d.FiledOn)
	is(ledgerOrganisation, d.Offer.Organisation == "" || e.Organisation == d.Offer.Organisation)
	is(ledgerDesignated, e.Designated == d.Offer.Designated)
	is(ledgerAccepted, e.Accepted == d.Accepted)
	is(ledgerMediator, e.Accepted.IsZero() || e.Mediator == d.Offer.Mediator)
	is(ledgerMode, e.Accepted.IsZero() || e.Mode == d.Mode)
	is(ledgerExtended, e.Extended == d.Extended)
	is(ledgerOutcome, e.Outcome == outcomeOf(d.Stage))
	is(ledgerGround, e.Ground == d.Ground)
	is(ledgerReturn, e.Return == d.Return)
	is(ledgerEnded, e.Ended == d.Ended)
	if e.Outcome == mediation.OutcomeSuccess {
		is(ledgerEffective, cmp.Or(e.Effective, e.Ended) == d.Agreement.Effective)
		is(ledgerPerformance, e.Performance == d.Performed.Status)
		is(ledgerPerformed, e.Performed.IsZero() || e.Performed == d.Performed.On)
	}
	return columns
}

func outcomeOf(s mediation.Stage) mediation.Outcome {
	switch s {
	case mediation.Succeeded:
		return mediation.OutcomeSuccess
	case mediation.Terminated:
		return mediation.OutcomeTerminated
	case mediation.Returned:
		return mediation.OutcomeReturned
	}
	return mediation.OutcomeOpen
}

func names(parties []mediation.Party, role mediation.Role) []string {
	var list []string
	for _, p := range parties {
		if p.Role == role {
			list = append(list, p.Name)
		}
	}
	return list
}

func numbers(parties []mediation.Party) []string {
	list := make([]string, 0, len(parties))
	for _, p := range parties {
		if p.Role == mediation.Applicant {
			list = append(list, p.IDNumber)
		}
	}
	return list
}
