package sheets

import (
	"context"
	"slices"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// entry is a row of the ledger, read.
type entry struct {
	mediation.ImportDispute
	applied, ruled calendar.Date // of the confirmation
	result         confirmation.Result
}

// dispute imports one row of the ledger: the dispute, and where the row tells
// of one, its confirmation. These are two streams; an import that was cut off
// between them is completed by the next.
func (r *run) dispute(ctx context.Context, row *row) verdict {
	in := reader{row: row, today: r.today()}
	e, err := r.readEntry(ctx, &in)
	if err != nil {
		return wrong(err)
	}
	if in.fault != nil {
		return refused(in.fault)
	}
	id := DisputeID(r.Court, e.Source.ID)
	out, err := carry(ctx, r.Disputes.Do, mediation.Stream(id), r.rowDeed("dispute", id, row), mediation.Command(e.ImportDispute))
	if err != nil {
		v := wrong(err)
		if v.outcome == conflicting {
			v.columns = e.differs(out.State)
		}
		return v
	}
	changed := out.Kept
	if !e.applied.IsZero() {
		cmd := confirmation.Import{Dispute: id, Hash: e.Source.Hash, Applied: e.applied, Result: e.result, Ended: e.ruled}
		out, err := carry(ctx, r.Confirmations.Do, confirmation.Stream(id), r.rowDeed("confirmation", id, row), confirmation.Command(cmd))
		if err != nil {
			v := wrong(err)
			if v.outcome == conflicting {
				v.columns = []string{"司法确认申请日期"}
			}
			return v
		}
		changed = changed || out.Kept
	}
	return kept(changed)
}

// readEntry reads the cells of the row, in the order of its columns, so that
// the first fault from the left is the one that is reported.
func (r *run) readEntry(ctx context.Context, in *reader) (*entry, error) {
	e := &entry{}
	e.Today, e.Court, e.Source = in.today, r.Court, in.source(r.id)
	if e.Source.ID == "" {
		in.refuse(ledgerID, noID)
	}
	e.Number = in.text(ledgerNumber)
	var err error
	if e.Station, err = r.station(ctx, in, ledgerStation); err != nil {
		return nil, err
	}
	e.Channel = mediation.Channel(in.code(ledgerChannel))
	e.Cause = in.must(ledgerCause, noCause)
	if fen, why := parseAmount(in.cell(ledgerAmount)); why != nil {
		in.refuse(ledgerAmount, why)
	} else {
		e.Amount = fen
	}
	e.parties(in)
	e.Filed = in.day(ledgerFiled)
	if e.Organisation = in.code(ledgerOrganisation); e.Organisation != "" {
		known, err := r.hasOrganisation(ctx, e.Organisation)
		if err != nil {
			return nil, err
		}
		if !known {
			in.refuse(ledgerOrganisation, unknownOrg)
		}
	}
	e.course(in)
	e.ending(in)
	if in.fault == nil {
		e.check(in)
	}
	if in.fault == nil {
		e.mark(in)
	}
	return e, nil
}

// parties reads applicants and respondents. Identity numbers are given to the
// applicants in their order.
func (e *entry) parties(in *reader) {
	names, ids := splitNames(in.cell(ledgerApplicant).text), splitNames(in.cell(ledgerApplicantID).text)
	if len(names) == 0 {
		in.refuse(ledgerApplicant, noApplicant)
	}
	for i, n := range names {
		p := mediation.Party{Role: mediation.Applicant, Kind: mediation.KindOfName(n), Name: n}
		if i < len(ids) {
			p.IDNumber = foldNumber(ids[i])
		}
		e.Parties = append(e.Parties, p)
	}
	for _, n := range splitNames(in.cell(ledgerRespondent).text) {
		e.Parties = append(e.Parties, mediation.Party{Role: mediation.Respondent, Kind: mediation.KindOfName(n), Name: n})
	}
}

// course reads what lies between filing and the end.
func (e *entry) course(in *reader) {
	e.Designated, e.Accepted = in.day(ledgerDesignated), in.day(ledgerAccepted)
	e.Mediator = in.text(ledgerMediator)
	e.Mode = mediation.Mode(in.code(ledgerMode))
	if e.Mode != "" && !slices.Contains(mediation.Modes, e.Mode) {
		in.refuse(ledgerMode, unknownMode)
	}
	e.Extended = in.day(ledgerExtended)
}

var outcomes = []mediation.Outcome{mediation.OutcomeSuccess, mediation.OutcomeTerminated, mediation.OutcomeOpen, mediation.OutcomeReturned}

var results = []confirmation.Result{confirmation.ResultConfirmed, confirmation.ResultDismissed, confirmation.ResultNotAccepted, confirmation.ResultWithdrawn}

// performances are the words of the ledger for how far an agreement is performed.
var performances = map[string]mediation.PerformanceStatus{
	"": "", "已履行": mediation.Performed, "履行中": mediation.Performing, "未履行": mediation.Unperformed,
}

// ending reads how it ended and what followed.
func (e *entry) ending(in *reader) {
	e.Outcome = mediation.Outcome(in.must(ledgerOutcome, noOutcome))
	if !slices.Contains(outcomes, e.Outcome) {
		in.refuse(ledgerOutcome, unknownOutcome)
	}
	ground, why := parseGround(in.cell(ledgerGround), int(mediation.Unreachable), int(mediation.OtherGround), badGround)
	if why != nil {
		in.refuse(ledgerGround, why)
	}
	returned, why := parseGround(in.cell(ledgerReturn), int(mediation.NotCivilScope), int(mediation.NotSuitable), badReturn)
	if why != nil {
		in.refuse(ledgerReturn, why)
	}
	e.Ground, e.Return = mediation.Ground(ground), mediation.ReturnGround(returned)
	e.Ended, e.Effective = in.day(ledgerEnded), in.day(ledgerEffective)
	e.applied = in.day(ledgerApplied)
	e.result = confirmation.Result(in.code(ledgerResult))
	if e.result != "" && !slices.Contains(results, e.result) {
		in.refuse(ledgerResult, unknownResult)
	}
	e.ruled = in.day(ledgerRuled)
	status, known := performances[in.code(ledgerPerformance)]
	if !known {
		in.refuse(ledgerPerformance, unknownPerformed)
	}
	e.Performance, e.Performed = status, in.day(ledgerPerformed)
}
