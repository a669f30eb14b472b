package sheets

import (
	"context"

	"doorstep/domain/calendar"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
)

// territory gives a territory that is listed: a figure of one that is not would
// be missing from every sum, and nobody would know.
func (r *run) territory(ctx context.Context, in *reader, column int) (string, error) {
	c := in.must(column, noCode)
	if in.fault != nil {
		return c, nil
	}
	known, err := r.hasTerritory(ctx, c)
	if err == nil && !known {
		in.refuse(column, unknownTerritory)
	}
	return c, err
}

func (r *run) publishPopulation(ctx context.Context, row *row) verdict {
	in := reader{row: row, today: r.today()}
	territory, err := r.territory(ctx, &in, populationTerritory)
	if err != nil {
		return wrong(err)
	}
	cmd := roster.PublishPopulation{
		Territory: territory, Basis: roster.Basis(in.code(populationBasis)), Day: in.day(populationDay),
		People: in.count(populationPeople), Source: in.text(populationSource), Published: in.day(populationPublished),
	}
	switch cmd.Basis {
	case roster.Resident, roster.Registered, roster.Floating:
	default:
		in.refuse(populationBasis, unknownBasis)
	}
	if cmd.Day.IsZero() {
		in.refuse(populationDay, noDay)
	}
	if in.fault != nil {
		return refused(in.fault)
	}
	return r.change(ctx, row, roster.TerritoryStream(territory), cmd)
}

func (r *run) countSuits(ctx context.Context, row *row) verdict {
	in := reader{row: row, today: r.today()}
	territory, err := r.territory(ctx, &in, suitsTerritory)
	if err != nil {
		return wrong(err)
	}
	cmd := roster.CountSuits{Territory: territory, Kind: roster.SuitKind(in.code(suitsKind)), Count: in.count(suitsCount)}
	var why *reason
	if cmd.Month, why = parseMonth(in.cell(suitsMonth)); why != nil {
		in.refuse(suitsMonth, why)
	} else if cmd.Month > in.today.String()[:7] {
		in.refuse(suitsMonth, inFuture)
	}
	if cmd.Kind != roster.Civil && cmd.Kind != roster.Administrative {
		in.refuse(suitsKind, unknownSuits)
	}
	if in.fault != nil {
		return refused(in.fault)
	}
	return r.change(ctx, row, roster.TerritoryStream(territory), cmd)
}

// holdGovernance records an activity. Its row has no id of its own: the same
// row again is the same activity.
func (r *run) holdGovernance(ctx context.Context, row *row) verdict {
	in := reader{row: row, today: r.today()}
	station, err := r.station(ctx, &in, governanceStation)
	if err != nil {
		return wrong(err)
	}
	cmd := supervision.HoldGovernance{
		Station: station, At: calendar.On(in.day(governanceDay)), Type: in.must(governanceType, noType),
		Subject: in.text(governanceSubject), Source: row.hash(),
	}
	if in.code(governancePeople) != "" {
		cmd.People = in.count(governancePeople)
	}
	if cmd.At.IsZero() {
		in.refuse(governanceDay, noDay)
	}
	if in.fault != nil {
		return refused(in.fault)
	}
	stream := supervision.Stream(station)
	out, err := carry(ctx, r.Governance.Do, stream, r.deed("governance", r.Court, stream, cmd.Source), supervision.Command(cmd))
	if err != nil {
		return wrong(err)
	}
	return kept(out.Kept)
}

// station gives a workstation that is listed.
func (r *run) station(ctx context.Context, in *reader, column int) (string, error) {
	c := in.must(column, noStation)
	if c == "" {
		return c, nil
	}
	known, err := r.hasStation(ctx, c)
	if err == nil && !known {
		in.refuse(column, unknownStation)
	}
	return c, err
}
