package sheets

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"doorstep/domain/calendar"
)

// xlsxRows reads the rows of a worksheet as they stand in the file: stored
// values, not what a number format makes of them.
type xlsxRows struct {
	book   *workbook
	file   io.Closer
	count  *counter
	xml    scanner
	line   int
	cells  []cell
	merged []merge // those that may still touch a row, by their first line
	text   []byte
}

// merge is a range of merged cells: columns from 0, lines from 1, both ends in.
type merge struct{ left, top, right, bottom int }

func (w *workbook) rows(part *zip.File, merged []merge) (*xlsxRows, error) {
	in, file, err := unzip(part)
	if err != nil {
		return nil, err
	}
	count := &counter{in: in}
	return &xlsxRows{book: w, file: file, count: count, merged: merged, xml: scanner{in: bufio.NewReaderSize(count, 256<<10)}}, nil
}

func (x *xlsxRows) read() int64  { return x.count.n }
func (x *xlsxRows) Close() error { return x.file.Close() }

func (x *xlsxRows) next() (int, []cell, error) {
	for {
		if err := x.xml.tag(); err != nil {
			if errors.Is(err, io.EOF) && x.line == 0 {
				return 0, nil, io.EOF // a sheet without data
			}
			return x.line, nil, damaged(err)
		}
		switch {
		case x.xml.starts("row"):
			x.line++
			if r := x.xml.attr("r"); r != nil {
				n, err := strconv.Atoi(string(r))
				if err != nil || n < x.line {
					return x.line, nil, errXML
				}
				x.line = n
			}
			return x.line, x.cells, x.row()
		case x.xml.ends("sheetData"), x.xml.starts("sheetData") && x.xml.empty:
			return 0, nil, io.EOF
		}
	}
}

// row reads the cells of the row whose tag the scanner stands on.
func (x *xlsxRows) row() error {
	x.cells = x.cells[:0]
	column := -1
	for !x.xml.empty || !x.xml.starts("row") {
		if err := x.xml.tag(); err != nil {
			return damaged(err)
		}
		if x.xml.ends("row") {
			break
		}
		if !x.xml.starts("c") {
			continue
		}
		column++
		if r := x.xml.attr("r"); r != nil {
			n := columnOf(r)
			if n < column || n >= 16384 {
				return errXML
			}
			column = n
		}
		c, err := x.cell()
		if err != nil {
			return err
		}
		if c.text != "" || c.kind != textCell {
			x.widen(column)
			x.cells[column] = c
		}
	}
	x.flag()
	return nil
}

func (x *xlsxRows) widen(column int) {
	for len(x.cells) <= column {
		x.cells = append(x.cells, cell{})
	}
}

// columnOf is the column of a reference such as AB12, from 0.
func columnOf(ref []byte) int {
	n := 0
	for _, c := range ref {
		if c < 'A' || c > 'Z' || n > 16384 {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// flag marks the cells of the row that are merged with others.
func (x *xlsxRows) flag() {
	live := 0
	for i, m := range x.merged {
		if m.top > x.line {
			break
		}
		live = i + 1
		if m.bottom < x.line {
			continue
		}
		right := min(m.right, 1024)
		x.widen(right)
		for c := m.left; c <= right; c++ {
			x.cells[c].merged = true
		}
	}
	for live > 0 && x.merged[0].bottom <= x.line {
		x.merged = x.merged[1:]
		live--
	}
}

// cell reads the cell whose tag the scanner stands on.
func (x *xlsxRows) cell() (cell, error) {
	kind, style := string(x.xml.attr("t")), string(x.xml.attr("s"))
	value, formula := "", false
	for !x.xml.empty || !x.xml.starts("c") {
		if err := x.xml.tag(); err != nil {
			return cell{}, damaged(err)
		}
		if x.xml.ends("c") {
			break
		}
		switch {
		case x.xml.starts("f"):
			formula = true
		case x.xml.starts("v"):
			x.xml.keep = !x.xml.empty
		case x.xml.ends("v"):
			value, x.xml.keep = string(x.xml.text), false
		case x.xml.starts("is"):
			var err error
			if x.text, err = richText(&x.xml, "is", x.text[:0]); err != nil {
				return cell{}, err
			}
			value = string(x.text)
		}
	}
	c, err := x.value(kind, style, value)
	if formula {
		c.kind = formulaCell
	}
	return c, err
}

// value makes a cell of a stored value.
func (x *xlsxRows) value(kind, style, v string) (cell, error) {
	switch kind {
	case "s":
		i, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return cell{}, errXML
		}
		text, err := x.book.strings.get(i)
		return stringCell(text), err
	case "str", "inlineStr":
		return stringCell(v), nil
	case "b":
		if v == "1" {
			return cell{text: "TRUE"}, nil
		}
		return cell{text: "FALSE"}, nil
	case "e":
		return cell{text: strings.ToValidUTF8(v, "\uFFFD"), kind: errorCell}, nil
	case "d":
		c := stringCell(v)
		if len(v) >= 10 && c.kind == textCell && plain(v) {
			c = cell{text: v[:10], kind: dayCell}
		}
		return c, nil
	}
	if v == "" {
		return cell{}, nil
	}
	if n, err := strconv.Atoi(style); err == nil && n >= 0 && n < len(x.book.days) && x.book.days[n] {
		if d, ok := x.book.day(v); ok {
			return cell{text: d, kind: dayCell}, nil
		}
	}
	text, lossy, ok := decimal(v)
	switch {
	case !ok:
		return cell{text: strings.ToValidUTF8(v, "\uFFFD"), kind: errorCell}, nil
	case lossy:
		return cell{text: text, kind: lossyCell}, nil
	}
	return cell{text: text, kind: numberCell}, nil
}

// stringCell makes a cell of a stored string, in which characters that XML
// does not like are written _x000D_.
func stringCell(v string) cell {
	for i := 0; strings.Contains(v[i:], "_x"); {
		i += strings.Index(v[i:], "_x")
		if len(v) < i+7 || v[i+6] != '_' {
			i += 2
			continue
		}
		if n, err := strconv.ParseUint(v[i+2:i+6], 16, 16); err == nil {
			v = v[:i] + string(rune(n)) + v[i+7:]
		}
		i++
	}
	if !utf8.ValidString(v) {
		return cell{text: strings.ToValidUTF8(v, "\uFFFD"), kind: brokenCell}
	}
	return cell{text: v}
}

// day is the day of a serial number: days since the end of 1899, with a 29
// February 1900 that never was, or since 1904.
func (w *workbook) day(v string) (string, bool) {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f < 1 || f >= 2958466 {
		return "", false
	}
	n := int(math.Floor(f + 1e-9)) // a time of day is passed over
	switch {
	case w.from1904:
		n += 1462
	case n == 60:
		return "1900-02-29", true
	case n < 60:
		n++
	}
	return calendar.DateOf(time.Date(1899, 12, 30+n, 12, 0, 0, 0, calendar.Shanghai)).String(), true
}

// mergesLimit is how many merged ranges of one worksheet are looked at.
const mergesLimit = 1 << 20

// merges finds the merged ranges of a worksheet. They stand behind the rows, so
// the part is searched once before it is read.
func merges(part *zip.File) ([]merge, error) {
	in, file, err := unzip(part)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var found []merge
	r := bufio.NewReaderSize(in, 256<<10)
	tag := []byte("mergeCell ")
	for len(found) < mergesLimit {
		buf, err := r.Peek(r.Size())
		if len(buf) == 0 {
			break
		}
		i := bytes.Index(buf, tag)
		if i < 0 {
			keep := 0
			if err == nil {
				keep = min(len(tag)+1, len(buf)-1)
			}
			_, _ = r.Discard(len(buf) - keep)
			continue
		}
		named := i > 0 && (buf[i-1] == '<' || buf[i-1] == ':')
		_, _ = r.Discard(i + len(tag))
		attrs, err := r.ReadSlice('>')
		if m, ok := rangeOf((&scanner{attrs: attrs}).attr("ref")); err == nil && ok && named {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b merge) int { return cmp.Compare(a.top, b.top) })
	return found, nil
}

// rangeOf reads A1:B2.
func rangeOf(ref []byte) (merge, bool) {
	from, to, _ := bytes.Cut(ref, []byte(":"))
	if len(to) == 0 {
		return merge{}, false
	}
	line := func(ref []byte) int {
		n, _ := strconv.Atoi(string(bytes.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")))
		return n
	}
	m := merge{columnOf(from), line(from), columnOf(to), line(to)}
	return m, m.left >= 0 && m.top > 0 && m.right >= m.left && m.bottom >= m.top
}
