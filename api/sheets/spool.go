package sheets

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
)

// spool keeps rows in a temporary file, so that a report of two million
// rejected rows needs no more memory than one of two. The file is readable by
// its owner only and has no name from the moment it is made where the system
// allows that: it holds what people wrote about people.
type spool struct {
	file *os.File
	out  *bufio.Writer
	name string // to be removed on Close; empty: gone already
}

type spooled struct {
	Row
	Conflict bool
	Cells    []string
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "doorstep-import-*")
	if err != nil {
		return nil, err
	}
	s := &spool{file: f, out: bufio.NewWriterSize(f, 64<<10), name: f.Name()}
	if os.Remove(f.Name()) == nil {
		s.name = ""
	}
	return s, nil
}

func (s *spool) add(r Row) error {
	b, err := json.Marshal(spooled{r, r.conflict, r.cells})
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(b, '\n'))
	return err
}

func (s *spool) flush() error { return s.out.Flush() }

// all reads the spool from its beginning.
func (s *spool) all() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := s.flush(); err != nil {
			yield(Row{}, err)
			return
		}
		info, err := s.file.Stat()
		if err != nil {
			yield(Row{}, err)
			return
		}
		dec := json.NewDecoder(bufio.NewReaderSize(io.NewSectionReader(s.file, 0, info.Size()), 64<<10))
		for {
			var r spooled
			err := dec.Decode(&r)
			if errors.Is(err, io.EOF) {
				return
			}
			r.Row.conflict, r.Row.cells = r.Conflict, r.Cells
			if !yield(r.Row, err) || err != nil {
				return
			}
		}
	}
}

func (s *spool) Close() error {
	err := s.file.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	return err
}
