// Package docket is the lists of disputes: a workstation's desk, a committee's
// inbox, the court's confirmations, and what stands behind a number.
//
// It keeps one row per dispute. A row is never changed event by event: the
// dispute's state is folded with the rules' own Evolve and the row is computed
// from it, so that a list cannot disagree with the rules.
package docket

import (
	"context"
	"sync"

	"doorstep/projections/follow"
	"doorstep/projections/viewfile"
)

// Docket is the view. Safe for concurrent use.
type Docket struct {
	file *viewfile.File

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

// Close closes it.
func (d *Docket) Close() error { return d.file.Close() }

// Digest is a digest of all it holds, mark and all.
func (d *Docket) Digest(ctx context.Context) (string, error) { return d.file.Digest(ctx) }

// Name makes it a follow.View.
func (d *Docket) Name() string { return "docket" }

// Mark is how far it has come.
func (d *Docket) Mark(ctx context.Context) (follow.Mark, error) { return d.file.Mark(ctx) }
