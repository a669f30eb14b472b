package calendar

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:embed official.csv
var official []byte

// Official is the calendar that came with this version: the exceptions to
// Monday-Friday as the State Council published them (国务院办公厅节假日安排).
var Official = sync.OnceValue(func() *Workdays {
	w, err := ParseWorkdays(bytes.NewReader(official))
	if err != nil {
		panic("the embedded calendar is damaged: " + err.Error())
	}
	return w
})

// Workdays tells working days from rest days. It knows whole years; outside
// them it assumes Monday to Friday and says so.
type Workdays struct {
	exceptions  map[Date]bool // true: a make-up working day (班); false: a day off (休)
	first, last int           // years known
}

// ParseWorkdays reads a table with the columns 日期 (YYYY-MM-DD) and 性质 (休 a
// day off, 班 a make-up working day). The error names the line.
func ParseWorkdays(r io.Reader) (*Workdays, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = 2
	w := &Workdays{exceptions: map[Date]bool{}}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the calendar cannot be read: %w", err)
		}
		line, _ := rows.FieldPos(0)
		if line == 1 {
			if strings.TrimPrefix(row[0], "\ufeff") != "日期" || row[1] != "性质" {
				return nil, errors.New("line 1: the columns must be 日期 and 性质")
			}
			continue
		}
		if err := w.add(row[0], row[1]); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	if len(w.exceptions) == 0 {
		return nil, errors.New("the calendar holds no day")
	}
	return w, nil
}

func (w *Workdays) add(day, kind string) error {
	d, err := ParseDate(day)
	if err != nil {
		return err
	}
	if kind != "休" && kind != "班" {
		return errors.New("性质 must be 休 (a day off) or 班 (a working day)")
	}
	if was, twice := w.exceptions[d]; twice && was != (kind == "班") {
		return fmt.Errorf("%s is both 休 and 班", d)
	}
	w.exceptions[d] = kind == "班"
	if w.first == 0 || d.Year() < w.first {
		w.first = d.Year()
	}
	w.last = max(w.last, d.Year())
	return nil
}

// Works tells whether d is a working day. Sure is false where no list has been
// published for that year and Monday to Friday had to be assumed.
func (w *Workdays) Works(d Date) (works, sure bool) {
	sure = d.Year() >= w.first && d.Year() <= w.last
	if makeUp, exception := w.exceptions[d]; exception {
		return makeUp, sure
	}
	day := d.Time().Weekday()
	return day != 0 && day != 6, sure
}

// Years are the first and the last year whose list is known.
func (w *Workdays) Years() (first, last int) { return w.first, w.last }
