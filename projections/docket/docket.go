// Package docket is the lists of disputes: a workstation's desk, a committee's
// inbox, the court's confirmations, and what stands behind a number.
//
// It keeps one row per dispute. A row is never changed event by event: the
// dispute's state is folded with the rules' own Evolve and the row is computed
// from it, so that a list cannot disagree with the rules.
package docket

import (
	"sync"

	"doorstep/projections/follow"
	"doorstep/projections/viewfile"
)

// file gives the view its name, mark, digest and the ways it is built.
type file = viewfile.File

// Docket is the view. Safe for concurrent use.
type Docket struct {
	*file

	mu    sync.Mutex // of Take
	known known
}

// Open opens the view in its folder, made where it is not there yet.
func Open(dir string) (*Docket, error) {
	file, err := viewfile.Open(dir, "docket", schema)
	if err != nil {
		return nil, err
	}
	return &Docket{file: file, known: known{}}, nil
}

// Concerns tells whether the view reads the events of the stream.
func (d *Docket) Concerns(stream string, known bool) bool {
	_, ours := disputeOf(stream)
	return !known || ours
}

// Aside opens an empty copy, to build the view anew beside the one in use.
func (d *Docket) Aside() (follow.Rebuildable, error) {
	file, err := d.file.Aside()
	return &Docket{file: file, known: known{}}, err
}

// Adopt puts what was built aside in the place of what is in use.
func (d *Docket) Adopt(aside follow.View) error {
	a := aside.(*Docket)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.file.Adopt(a.file, func() { d.known = a.known })
}
