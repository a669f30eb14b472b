package archive

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"doorstep/domain/eventlog"
)

// Listed is a backup as it lies in a folder.
type Listed struct {
	Path  string
	Size  int64 // bytes
	Label Label
	Err   error // why the label is not to be believed: ErrNoLabel, ErrTruncated, ErrDamaged
}

// List gives the backups in the folder, the oldest first. It looks at names,
// labels and sizes only; SameBytes and Open look inside.
func List(dir string) ([]Listed, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []Listed
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ending) {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		l := Listed{Path: filepath.Join(dir, e.Name()), Size: info.Size()}
		l.Label, l.Err = ReadLabel(l.Path)
		switch {
		case l.Err != nil:
		case l.Size < l.Label.Size:
			l.Err = cutShort("it has %d bytes of %d", l.Size, l.Label.Size)
		case l.Size > l.Label.Size:
			l.Err = damaged("it has %d bytes, and had %d", l.Size, l.Label.Size)
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(a, b Listed) int { return a.Label.Created.Compare(b.Label.Created) })
	return all, nil
}

// Rotate removes the oldest backups of the log from the folder until so many
// are left, and gives the paths of those that went. Only what has its label
// and its size counts and goes; whatever else lies there stays.
func Rotate(dir string, g eventlog.Genesis, keep int) ([]string, error) {
	if keep < 1 {
		return nil, nil
	}
	lock, err := takeFolder(dir)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	all, err := List(dir)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(l Listed) bool { return l.Err != nil || l.Label.Genesis.ID != g.ID })
	var gone []string
	for _, l := range all[:max(0, len(all)-keep)] {
		// The label goes last: a label without its backup misleads nobody.
		if err := errors.Join(os.Remove(l.Path), os.Remove(l.Path+labels)); err != nil {
			return gone, err
		}
		gone = append(gone, l.Path)
	}
	return gone, syncFolder(dir)
}
