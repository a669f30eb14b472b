// Package directory is who and where as of now: workstations, mediation
// organisations and territories by code, for pages, forms and checks.
package directory

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"sync"

	"doorstep/domain/roster"
	"doorstep/projections/follow"
	"doorstep/projections/viewfile"
)

// schema of the view file: the newest listing of each code, as roster stores it.
var schema = viewfile.Schema{Tables: `
CREATE TABLE IF NOT EXISTS listing (kind TEXT NOT NULL, code TEXT NOT NULL, version INTEGER NOT NULL, form BLOB NOT NULL,
	PRIMARY KEY (kind, code));
`}

// file gives the view its name, mark, digest and the ways it is built.
type file = viewfile.File

// Directory is the view. Safe for concurrent use.
type Directory struct {
	*file

	mu  sync.RWMutex // guards the listings
	all listings
}

// listings are the newest listing of each code.
type listings struct {
	stations      map[string]roster.StationListed
	organisations map[string]roster.OrganisationListed
	territories   map[string]roster.TerritoryListed
}

func newListings() listings {
	return listings{map[string]roster.StationListed{}, map[string]roster.OrganisationListed{}, map[string]roster.TerritoryListed{}}
}

// list puts a listing in the place of the one before; other events of the
// roster list nothing.
func (l *listings) list(e roster.Event) {
	switch e := e.(type) {
	case roster.StationListed:
		l.stations[e.Code] = e
	case roster.OrganisationListed:
		l.organisations[e.Code] = e
	case roster.TerritoryListed:
		l.territories[e.Code] = e
	}
}

// codeOf is the code that an event lists; empty where it lists nothing.
func codeOf(e roster.Event) string {
	switch e := e.(type) {
	case roster.StationListed:
		return e.Code
	case roster.OrganisationListed:
		return e.Code
	case roster.TerritoryListed:
		return e.Code
	}
	return ""
}

// Open opens the view in its folder.
func Open(dir string) (*Directory, error) {
	file, err := viewfile.Open(dir, "directory", schema)
	if err != nil {
		return nil, err
	}
	d := &Directory{file: file, all: newListings()}
	if err := d.load(); err != nil {
		file.Close()
		return nil, err
	}
	return d, nil
}

func (d *Directory) load() error {
	rows, err := d.file.Read().Query(`SELECT kind, version, form FROM listing`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var version int
		var form []byte
		if err := rows.Scan(&kind, &version, &form); err != nil {
			return err
		}
		e, err := roster.Codec.Decode(kind, version, form)
		if err != nil {
			return err
		}
		d.all.list(e)
	}
	return rows.Err()
}

// Concerns tells whether the view reads the events of the stream.
func (d *Directory) Concerns(stream string, known bool) bool {
	return !known || roster.IsStream(stream)
}

// Aside opens an empty copy, to build the view anew beside the one in use.
func (d *Directory) Aside() (follow.Rebuildable, error) {
	file, err := d.file.Aside()
	return &Directory{file: file, all: newListings()}, err
}

// Adopt puts what was built aside in the place of what is in use.
func (d *Directory) Adopt(aside follow.View) error {
	a := aside.(*Directory)
	return d.file.Adopt(a.file, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.all = a.all
	})
}

// Take takes the batch in.
func (d *Directory) Take(ctx context.Context, from, to follow.Mark, batch []follow.Record) error {
	var listed []roster.Event
	for _, r := range batch {
		for _, e := range r.Events {
			if e, ok := e.(roster.Event); ok && codeOf(e) != "" {
				listed = append(listed, e)
			}
		}
	}
	err := d.file.Take(ctx, from, to, func(tx *sql.Tx) error {
		for _, e := range listed {
			s, err := roster.Codec.Encode(e)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`REPLACE INTO listing VALUES (?, ?, ?, ?)`, s.Kind, codeOf(e), s.Version, s.Payload); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range listed {
		d.all.list(e)
	}
	return nil
}

// byCode is the values of m in the order of their keys.
func byCode[T any](m map[string]T) []T {
	codes := slices.Sorted(maps.Keys(m))
	list := make([]T, len(codes))
	for i, c := range codes {
		list[i] = m[c]
	}
	return list
}

// Stations lists the workstations, by code.
func (d *Directory) Stations() []roster.StationListed {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return byCode(d.all.stations)
}

// Organisations lists the mediation organisations, by code.
func (d *Directory) Organisations() []roster.OrganisationListed {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return byCode(d.all.organisations)
}

// Territories lists the territories, by code.
func (d *Directory) Territories() []roster.TerritoryListed {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return byCode(d.all.territories)
}

// Station finds a workstation by its code.
func (d *Directory) Station(code string) (roster.StationListed, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	s, ok := d.all.stations[code]
	return s, ok
}

// Organisation finds a mediation organisation by its code.
func (d *Directory) Organisation(code string) (roster.OrganisationListed, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	o, ok := d.all.organisations[code]
	return o, ok
}

// Territory finds a territory by its code.
func (d *Directory) Territory(code string) (roster.TerritoryListed, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	t, ok := d.all.territories[code]
	return t, ok
}
