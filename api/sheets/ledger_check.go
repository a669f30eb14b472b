package sheets

import (
	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// check finds what cannot be true in a row whose cells could be read: cells
// that contradict each other, and days in an order that is impossible. What is
// only late, or only odd, is for mark.
func (e *entry) check(in *reader) {
	if e.Filed.IsZero() {
		in.refuse(ledgerFiled, noDay)
		return
	}
	if e.Organisation == "" && !(e.Designated.IsZero() && e.Accepted.IsZero()) {
		in.refuse(ledgerOrganisation, noOrganisation)
	}
	e.checkOutcome(in)
	e.checkConfirmation(in)
	e.checkOrder(in)
}

// checkOutcome: the outcome and the cells that belong to it.
func (e *entry) checkOutcome(in *reader) {
	ended := !e.Ended.IsZero()
	switch e.Outcome {
	case mediation.OutcomeOpen:
		if ended {
			in.refuse(ledgerEnded, openEnded)
		}
	case mediation.OutcomeReturned:
		switch {
		case e.Return == 0:
			in.refuse(ledgerReturn, noReturn)
		case !e.Accepted.IsZero():
			in.refuse(ledgerAccepted, returnAccepted)
		case !ended:
			in.refuse(ledgerEnded, noEnd)
		}
	default:
		if !ended {
			in.refuse(ledgerEnded, noEnd)
		}
	}
}

// checkConfirmation: an agreement and its confirmation need success, and a
// ruling needs an application.
func (e *entry) checkConfirmation(in *reader) {
	if e.Outcome != mediation.OutcomeSuccess {
		switch {
		case !e.Effective.IsZero():
			in.refuse(ledgerEffective, noAgreement)
		case !e.applied.IsZero():
			in.refuse(ledgerApplied, noAgreement)
		}
	}
	switch {
	case e.applied.IsZero() && (e.result != "" || !e.ruled.IsZero()):
		in.refuse(ledgerApplied, notApplied)
	case e.result == "" && !e.ruled.IsZero():
		in.refuse(ledgerResult, notRuled)
	case e.result != "" && e.ruled.IsZero():
		in.refuse(ledgerRuled, noRulingDay)
	}
}

// checkOrder: each day against the days before which it cannot lie.
func (e *entry) checkOrder(in *reader) {
	start := max(e.Filed, e.Accepted)
	agreed := e.Ended // the day on which there was an agreement at the latest
	if !e.Effective.IsZero() {
		agreed = min(e.Ended, e.Effective)
	}
	for _, o := range []struct {
		column int
		day    calendar.Date
		after  calendar.Date
		why    *reason
	}{
		{ledgerDesignated, e.Designated, e.Filed, designatedEarly},
		{ledgerAccepted, e.Accepted, max(e.Filed, e.Designated), acceptedEarly},
		{ledgerExtended, e.Extended, e.Filed, extendedEarly},
		{ledgerEnded, e.Ended, max(start, e.Designated), endedEarly},
		{ledgerEffective, e.Effective, start, effectiveEarly},
		{ledgerApplied, e.applied, agreed, appliedEarly},
		{ledgerRuled, e.ruled, e.applied, ruledEarly},
		{ledgerPerformed, e.Performed, start, performedEarly},
	} {
		if !o.day.IsZero() && o.day.Before(o.after) {
			in.refuse(o.column, o.why)
		}
	}
	if !e.Ended.IsZero() && e.Extended.After(e.Ended) {
		in.refuse(ledgerExtended, extendedLate)
	}
}
