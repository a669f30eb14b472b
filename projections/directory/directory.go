// Package directory is who and where as of now: workstations, mediation
// organisations and territories by code, for pages, forms and checks.
package directory

import (
	"context"
	"errors"

	"doorstep/domain/roster"
	"doorstep/projections/follow"
)

// Directory is the view. Safe for concurrent use.
type Directory struct{}

var errSkeleton = errors.New("skeleton")

// Open opens the view in its folder.
func Open(dir string) (*Directory, error) { return nil, errSkeleton }

// Close closes it.
func (d *Directory) Close() error { return nil }

// Digest is a digest of all it holds.
func (d *Directory) Digest(ctx context.Context) (string, error) { return "", errSkeleton }

// Name, Mark and Take make it a follow.View.
func (d *Directory) Name() string                                  { return "directory" }
func (d *Directory) Mark(ctx context.Context) (follow.Mark, error) { return follow.Mark{}, errSkeleton }
func (d *Directory) Take(ctx context.Context, from, to follow.Mark, batch []follow.Record) error {
	return errSkeleton
}

// Stations lists the workstations, by code.
func (d *Directory) Stations() []roster.StationListed { return nil }

// Organisations lists the mediation organisations, by code.
func (d *Directory) Organisations() []roster.OrganisationListed { return nil }

// Territories lists the territories, by code.
func (d *Directory) Territories() []roster.TerritoryListed { return nil }

// Station, Organisation and Territory find one by code.
func (d *Directory) Station(code string) (roster.StationListed, bool) {
	return roster.StationListed{}, false
}
func (d *Directory) Organisation(code string) (roster.OrganisationListed, bool) {
	return roster.OrganisationListed{}, false
}
func (d *Directory) Territory(code string) (roster.TerritoryListed, bool) {
	return roster.TerritoryListed{}, false
}
