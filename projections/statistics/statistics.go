// Package statistics is the court's figures: delta facts on both clocks, kept
// in a file and summed in memory, so that any question as of any day, as known
// at any moment, is a sum, and every number is a list of disputes.
//
// What counts is decided in doorstep/domain/statistics; here the facts are
// kept. The file holds them as plain rows: an auditor may add them up by hand.
package statistics

import (
	"context"
	"sync"

	"doorstep/projections/follow"
	"doorstep/projections/viewfile"
)

// Statistics is the view. Safe for concurrent use.
type Statistics struct {
	file *viewfile.File

	mu  sync.RWMutex // guards all below; questions are answered from memory alone
	all cube
}

// Open opens the view in its folder.
func Open(dir string) (*Statistics, error) {
	file, err := viewfile.Open(dir, "statistics", schema)
	if err != nil {
		return nil, err
	}
	s := &Statistics{file: file, all: newCube()}
	if err := s.all.load(file.Read()); err != nil {
		file.Close()
		return nil, err
	}
	return s, nil
}

// Close closes it.
func (s *Statistics) Close() error { return s.file.Close() }

// Digest is a digest of all it holds.
func (s *Statistics) Digest(ctx context.Context) (string, error) { return s.file.Digest(ctx) }

// Name is the view's name in metrics and messages.
func (s *Statistics) Name() string { return "statistics" }

// Mark is how far the view has come.
func (s *Statistics) Mark(ctx context.Context) (follow.Mark, error) { return s.file.Mark(ctx) }
