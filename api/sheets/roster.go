package sheets

import (
	"context"
	"sync"

	"doorstep/domain/calendar"
	"doorstep/domain/roster"
)

// lookup remembers which codes are listed, so that the roster is asked once
// for each. It forgets everything when a book is full of codes that are not.
type lookup struct {
	mu    sync.Mutex
	known map[string]bool
}

const remembered = 100_000

func newLookup() *lookup { return &lookup{known: make(map[string]bool)} }

func (l *lookup) get(code string, ask func() (bool, error)) (bool, error) {
	l.mu.Lock()
	yes, asked := l.known[code]
	l.mu.Unlock()
	if asked {
		return yes, nil
	}
	yes, err := ask()
	if err == nil {
		l.mu.Lock()
		if len(l.known) >= remembered {
			clear(l.known)
		}
		l.known[code] = yes
		l.mu.Unlock()
	}
	return yes, err
}

func (r *run) hasStation(ctx context.Context, code string) (bool, error) {
	return r.stations.get(code, func() (bool, error) {
		e, _, err := r.Roster.Load(ctx, roster.StationStream(code))
		return e.Station.Code != "", err
	})
}

func (r *run) hasOrganisation(ctx context.Context, code string) (bool, error) {
	return r.organisations.get(code, func() (bool, error) {
		e, _, err := r.Roster.Load(ctx, roster.OrganisationStream(code))
		return e.Organisation.Code != "", err
	})
}

func (r *run) hasTerritory(ctx context.Context, code string) (bool, error) {
	return r.territories.get(code, func() (bool, error) {
		e, _, err := r.Roster.Load(ctx, roster.TerritoryStream(code))
		return e.Territory.Code != "", err
	})
}

// once lets a row count only when no other row of the same sheet told of the
// same thing before: the first counts, the same again changes nothing, another
// value is a conflict. Between imports a later value restates an earlier one.
// The sheets of the roster are short, so the things told of are remembered.
func once(settle func(context.Context, *row) verdict) func(context.Context, *row) verdict {
	var mu sync.Mutex
	told := make(map[string]string)
	return func(ctx context.Context, r *row) verdict {
		hash, thing := r.hash(), onceKey(r)
		mu.Lock()
		first, again := told[thing]
		if !again {
			told[thing] = hash
		}
		mu.Unlock()
		switch {
		case again && first == hash:
			return verdict{outcome: unchanged}
		case again:
			return verdict{outcome: conflicting}
		}
		v := settle(ctx, r)
		if v.outcome == rejected {
			mu.Lock()
			delete(told, thing)
			mu.Unlock()
		}
		return v
	}
}

// onceKey is what a row of the roster tells of.
func onceKey(r *row) string {
	key := func(columns ...int) string {
		parts := make([]string, len(columns))
		for i, c := range columns {
			parts[i] = canonical(r.sheet.columns[c].form, r.cell(c))
		}
		return digest(parts...)
	}
	switch r.sheet.schema {
	case population:
		return key(populationTerritory, populationBasis, populationDay)
	case suits:
		return key(suitsMonth, suitsTerritory, suitsKind)
	}
	return key(listCode)
}

// change sends a command to the roster. The deed is this import's: what was
// restated may be restated back by a later one.
func (r *run) change(ctx context.Context, row *row, stream string, cmd roster.Command) verdict {
	out, err := carry(ctx, r.Roster.Do, stream, r.deed("roster", stream, row.hash(), r.id), cmd)
	if err != nil {
		return wrong(err)
	}
	return kept(out.Kept)
}

func (r *run) listStation(ctx context.Context, row *row) verdict {
	in := reader{row: row, today: r.today()}
	cmd := roster.ListStation{At: calendar.On(in.today), Code: in.must(listCode, noCode), Name: in.must(listName, noName), Territory: row.code(listTerritory)}
	if in.fault != nil {
		return refused(in.fault)
	}
	return r.change(ctx, row, roster.StationStream(cmd.Code), cmd)
}

func (r *run) listOrganisation(ctx context.Context, row *row) verdict {
	in := reader{row: row, today: r.today()}
	cmd := roster.ListOrganisation{At: calendar.On(in.today), Code: in.must(listCode, noCode), Name: in.must(listName, noName),
		Type: row.text(listType), Scope: row.text(listScope)}
	if in.fault != nil {
		return refused(in.fault)
	}
	return r.change(ctx, row, roster.OrganisationStream(cmd.Code), cmd)
}

func (r *run) listTerritory(ctx context.Context, row *row) verdict {
	in := reader{row: row, today: r.today()}
	cmd := roster.ListTerritory{At: calendar.On(in.today), Code: in.must(listCode, noCode), Name: in.must(listName, noName), Parent: row.code(listParent)}
	if cmd.Code != "" && cmd.Parent == cmd.Code {
		in.refuse(listParent, ownParent)
	}
	if in.fault != nil {
		return refused(in.fault)
	}
	return r.change(ctx, row, roster.TerritoryStream(cmd.Code), cmd)
}
