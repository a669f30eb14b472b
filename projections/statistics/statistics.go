// Package statistics is the court's figures: delta facts on both clocks, kept
// in a file and summed in memory, so that any question as of any day, as known
// at any moment, is a sum, and every number is a list of disputes.
//
// What counts is decided in doorstep/domain/statistics; here the facts are
// kept. The file holds them as plain rows: an auditor may add them up by hand.
package statistics

import (
	"sync"

	"doorstep/domain/operations"
	"doorstep/projections/follow"
	"doorstep/projections/viewfile"
)

// file gives the view its name, mark, digest and the ways it is built.
type file = viewfile.File

// Statistics is the view. Safe for concurrent use.
type Statistics struct {
	*file

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

// Concerns tells whether the view reads the events of the stream.
func (s *Statistics) Concerns(stream string, known bool) bool {
	return !known || stream != operations.Stream
}

// Aside opens an empty copy, to build the view anew beside the one in use.
func (s *Statistics) Aside() (follow.Rebuildable, error) {
	file, err := s.file.Aside()
	return &Statistics{file: file, all: newCube()}, err
}

// Adopt puts what was built aside in the place of what is in use.
func (s *Statistics) Adopt(aside follow.View) error {
	a := aside.(*Statistics)
	return s.file.Adopt(a.file, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = a.all
	})
}
