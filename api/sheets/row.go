package sheets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// row is one row of a sheet, on its way to a command.
type row struct {
	sheet *sheet
	line  int
	cells []cell
	bad   *reason // the row could not be read at all
}

// cell gives the cell of a schema column; empty where the sheet has none.
func (r *row) cell(column int) cell {
	if pos := r.sheet.at[column]; pos >= 0 && pos < len(r.cells) {
		return r.cells[pos]
	}
	return cell{}
}

// text is a free text, code a code or choice.
func (r *row) text(column int) string { return trim(r.cell(column).text) }
func (r *row) code(column int) string { return fold(r.cell(column).text) }

// key is what the row is about: rows of one key are imported in their order.
func (r *row) key() string {
	k := ""
	for _, c := range r.sheet.key {
		k += fold(r.cell(c).text) + "\x00"
	}
	return k
}

// id is what a report calls the row: the source's own id or code.
func (r *row) id() string { return fold(r.cell(r.sheet.key[0]).text) }

// at is a fault of a row: the column and what is wrong there.
func at(r *row, column int, why *reason) *fault {
	return &fault{r.sheet.columns[column].name, why}
}

type fault struct {
	column string
	why    *reason
}

// whole finds what is wrong with the row's cells whatever the sheet is about.
func (r *row) whole() *fault {
	if r.bad != nil {
		return &fault{"", r.bad}
	}
	for i := len(r.sheet.header); i < len(r.cells); i++ {
		if trim(r.cells[i].text) != "" {
			return &fault{"", isShifted}
		}
	}
	for i, col := range r.sheet.columns {
		c := r.cell(i)
		switch {
		case c.merged:
			return at(r, i, isMerged)
		case c.kind == formulaCell:
			return at(r, i, isFormula)
		case c.kind == errorCell:
			return at(r, i, isError)
		case c.kind == brokenCell:
			return at(r, i, isBroken)
		case c.kind == lossyCell && col.form != number: // of an identity number it is only a mark
			return at(r, i, isLossy)
		}
	}
	return nil
}

// hash is over the row's cells in their canonical form, whatever the order of
// the columns and whichever kind of file they came from. Empty cells do not
// count, so that a court may add a column before it fills it.
func (r *row) hash() string {
	parts := make([]string, 0, len(r.cells))
	for i, col := range r.sheet.columns {
		if v := canonical(col.form, r.cell(i)); v != "" {
			parts = append(parts, col.name+"\x00"+v)
		}
	}
	for name, v := range r.extra() {
		parts = append(parts, name+"\x00"+v)
	}
	slices.Sort(parts)
	sum := sha256.New()
	for _, p := range parts {
		io.WriteString(sum, p)
		sum.Write([]byte{0, 0})
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// extra is what the columns say that we do not know; nil when they are empty.
func (r *row) extra() map[string]string {
	var extra map[string]string
	for _, pos := range r.sheet.extra {
		if pos >= len(r.cells) {
			continue
		}
		v, name := trim(r.cells[pos].text), r.sheet.header[pos]
		if v == "" || slices.Contains(added, name) {
			continue
		}
		if extra == nil {
			extra = make(map[string]string)
		}
		if _, twice := extra[name]; twice || name == "" {
			name = fmt.Sprintf("%s(%d)", name, pos+1)
		}
		extra[name] = v
	}
	return extra
}

// source is the row's provenance.
func (r *row) source(run string) mediation.Source {
	return mediation.Source{ID: r.id(), Hash: r.hash(), File: r.sheet.file, Line: r.line, Import: run, Extra: r.extra()}
}

// reader takes cells one after the other and remembers the first fault.
type reader struct {
	*row
	today calendar.Date
	fault *fault
}

func (r *reader) refuse(column int, why *reason) {
	if r.fault == nil {
		r.fault = at(r.row, column, why)
	}
}

func (r *reader) day(column int) calendar.Date {
	d, why := parseDay(r.cell(column))
	if why == nil && d.After(r.today) {
		why = inFuture
	}
	if why != nil {
		r.refuse(column, why)
		return 0
	}
	return d
}

func (r *reader) count(column int) int {
	n, why := parseCount(r.cell(column))
	if why != nil {
		r.refuse(column, why)
	}
	return n
}

// must gives a code or text that may not be empty.
func (r *reader) must(column int, why *reason) string {
	v := r.code(column)
	if r.sheet.columns[column].form == text {
		v = r.text(column)
	}
	if v == "" {
		r.refuse(column, why)
	}
	return v
}
