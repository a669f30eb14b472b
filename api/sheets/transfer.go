package sheets

import (
	"context"
	"errors"

	"doorstep/domain/mediation"
)

// transfer imports one transfer between workstations. One that does not fit
// yet may fit after others of the same dispute that stand further down.
func (r *run) transfer(ctx context.Context, row *row) verdict {
	in := reader{row: row, today: r.today()}
	cmd := mediation.ImportTransfer{On: in.day(transferDay), Source: row.source(r.id)}
	if cmd.Source.ID == "" {
		in.refuse(transferID, noID)
	}
	if cmd.On.IsZero() {
		in.refuse(transferDay, noDay)
	}
	var err error
	if cmd.From, err = r.station(ctx, &in, transferFrom); err != nil {
		return wrong(err)
	}
	if cmd.To, err = r.station(ctx, &in, transferTo); err != nil {
		return wrong(err)
	}
	if cmd.From == cmd.To {
		in.refuse(transferTo, sameStation)
	}
	if in.fault != nil {
		return refused(in.fault)
	}
	id := DisputeID(r.Court, cmd.Source.ID)
	stream := mediation.Stream(id)
	d, _, err := r.Disputes.Load(ctx, stream)
	switch {
	case err != nil:
		return wrong(err)
	case d.Stage == mediation.Unfiled:
		return refused(at(row, transferID, notFiled))
	case cmd.On.Before(d.FiledOn):
		return refused(at(row, transferDay, movedEarly))
	}
	out, err := carry(ctx, r.Disputes.Do, stream, r.deed("transfer", id, cmd.Source.Hash), mediation.Command(cmd))
	switch {
	case errors.Is(err, mediation.ErrNotHere):
		return verdict{outcome: postponed, fault: at(row, transferFrom, notThere)}
	case err != nil:
		return wrong(err)
	}
	return kept(out.Kept)
}
