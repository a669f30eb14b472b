package statistics

import (
	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	rules "doorstep/domain/statistics"
)

// newsOf is what the events say to the rules of counting. Events that change no
// number say nothing.
func newsOf(events []codec.Event) rules.News {
	var n rules.News
	for _, e := range events {
		switch e := e.(type) {
		case mediation.DisputeFiled:
			n.Filed(e.At.Date, e.Station, e.Cause)
		case mediation.OrganisationDesignated:
			n.Delegated(e.At.Date, e.Organisation)
		case mediation.DelegationDeclined:
			n.Declined(e.At.Date, e.Organisation)
		case mediation.DelegationAccepted:
			n.Accepted(e.At.Date, e.Organisation, e.Mode.AudioVideo())
		case mediation.SessionHeld:
			n.Held(e.At.Date, e.Mode.AudioVideo())
		case mediation.AgreementTookEffect:
			n.Succeeded(e.Ended) // a ledger may name another day than that of effect
		case mediation.MediationTerminated:
			if !e.Unreceived { // what nobody took on is no mediation that failed
				n.Terminated(e.At.Date, int(e.Ground))
			}
		case mediation.ApplicationReturned:
			n.Returned(e.At.Date)
		case mediation.StationTransferred:
			n.Transferred(e.At.Date, e.To)
		case mediation.EntryCorrected:
			correct(&n, e)
		case confirmation.ConfirmationApplied:
			n.Applied(e.At.Date)
		case confirmation.AgreementConfirmed:
			n.Confirmed(e.At.Date)
		}
	}
	return n
}

// correct says what an entry should have been. A field that nothing is counted
// by says nothing, nor does a day that is none.
func correct(n *rules.News, e mediation.EntryCorrected) {
	switch e.Field {
	case mediation.FieldCause:
		n.CorrectCause(e.Is)
	case mediation.FieldMode:
		n.CorrectMode(mediation.Mode(e.Is).AudioVideo())
	}
	day, err := calendar.ParseDate(e.Is)
	if err != nil {
		return
	}
	switch e.Field {
	case mediation.FieldFiled:
		n.CorrectFiled(day)
	case mediation.FieldAccepted:
		n.CorrectAccepted(day)
	case mediation.FieldEnded:
		n.CorrectEnded(day)
	}
}
