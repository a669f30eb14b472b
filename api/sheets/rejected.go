package sheets

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// WriteRejected gives the rejected rows back as they came, with the reason, the
// column and the line added: a folder of CSV files at path, or a workbook when
// the book was one. The corrected rows can be imported as they stand. Nothing
// is overwritten, since somebody may be correcting what was written before: the
// name gets a number when it is taken. It returns where it wrote, which is
// empty when no row was rejected. Errors: those of the file system.
func (r *Report) WriteRejected(path, lang string) (string, error) {
	if r.Rejected == 0 {
		return "", nil
	}
	var w rejectWriter = &csvRejects{}
	if r.book.xlsx {
		w = &xlsxRejects{}
		path = strings.TrimSuffix(path, ".xlsx") + ".xlsx"
	}
	path, err := w.begin(path)
	if err != nil {
		return "", err
	}
	if err := r.writeRejected(w, lang); err != nil {
		return "", errors.Join(err, w.end())
	}
	if err := w.end(); err != nil {
		return "", err
	}
	r.Sheet = path
	return path, nil
}

// rejectWriter is how rejected rows are written: sheet by sheet, row by row.
type rejectWriter interface {
	begin(path string) (string, error)
	sheet(name string) error
	row(cells []string) error
	end() error
}

func (r *Report) writeRejected(w rejectWriter, lang string) error {
	var now *sheet
	var drop []int // columns that an earlier sheet of rejected rows had added
	for row, err := range r.Rejections() {
		if err != nil {
			return err
		}
		if now == nil || now.file != row.File {
			i := slices.IndexFunc(r.book.sheets, func(s *sheet) bool { return s.file == row.File })
			if i < 0 {
				return fmt.Errorf("no sheet %s", row.File)
			}
			now, drop = r.book.sheets[i], nil
			for pos, h := range now.header {
				if slices.Contains(added, h) {
					drop = append(drop, pos)
				}
			}
			if err := w.sheet(now.file); err != nil {
				return err
			}
			if err := w.row(append(without(now.header, drop), added...)); err != nil {
				return err
			}
		}
		cells := without(padded(row.cells, len(now.header)), drop)
		if err := w.row(append(cells, row.Reason(lang), row.Column, strconv.Itoa(row.Line))); err != nil {
			return err
		}
	}
	return nil
}

func padded(cells []string, n int) []string {
	for len(cells) < n {
		cells = append(cells, "")
	}
	return cells[:n]
}

func without(cells []string, drop []int) []string {
	kept := make([]string, 0, len(cells)+len(added))
	for i, c := range cells {
		if !slices.Contains(drop, i) {
			kept = append(kept, c)
		}
	}
	return kept
}

// free is path, or path with a number, that nothing has yet.
func free(path string) (string, error) {
	ext := filepath.Ext(path)
	if ext != ".xlsx" {
		ext = ""
	}
	base := strings.TrimSuffix(path, ext)
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path, nil
		} else if err != nil {
			return "", err
		}
		path = fmt.Sprintf("%s-%d%s", base, n, ext)
	}
}

// csvRejects writes one file for each sheet, with a BOM, so that a double click
// shows Chinese.
type csvRejects struct {
	dir  string
	file *os.File
	out  *bufio.Writer
}

func (c *csvRejects) begin(path string) (string, error) {
	dir, err := free(path)
	if err != nil {
		return "", err
	}
	c.dir = dir
	return dir, os.MkdirAll(dir, 0o700)
}

func (c *csvRejects) sheet(name string) error {
	if err := c.end(); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(c.dir, filepath.Base(name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	c.file, c.out = file, bufio.NewWriterSize(file, 64<<10)
	_, err = c.out.WriteString("\uFEFF")
	return err
}

func (c *csvRejects) row(cells []string) error {
	for i, v := range cells {
		if i > 0 {
			_ = c.out.WriteByte(',')
		}
		_, _ = c.out.WriteString(guarded(v))
	}
	_, err := c.out.WriteString("\r\n") // a bufio.Writer keeps its first error
	return err
}

func (c *csvRejects) end() error {
	if c.file == nil {
		return nil
	}
	err := errors.Join(c.out.Flush(), c.file.Close())
	c.file = nil
	return err
}

// guarded writes a cell so that no spreadsheet takes it for a formula: with an
// apostrophe before what one might begin with. A plain number keeps its sign.
func guarded(v string) string {
	if v == "" {
		return ""
	}
	signed := (v[0] == '-' || v[0] == '+') && strings.Trim(v[1:], "0123456789.") == ""
	if risky(v[0]) && !signed {
		v = "'" + v
	}
	if strings.ContainsAny(v, "\",;\t\r\n") || strings.HasPrefix(v, " ") || strings.HasSuffix(v, " ") {
		return `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
	}
	return v
}

// xlsxRejects writes one workbook. All cells are text, so that long numbers
// keep their digits and nothing is a formula.
type xlsxRejects struct {
	path string
	file *excelize.File
	out  *excelize.StreamWriter
	text int
	line int
}

func (x *xlsxRejects) begin(path string) (string, error) {
	path, err := free(path)
	if err != nil {
		return "", err
	}
	x.path, x.file = path, excelize.NewFile()
	x.text, err = x.file.NewStyle(&excelize.Style{NumFmt: 49})
	return path, err
}

func (x *xlsxRejects) sheet(name string) error {
	var err error
	if x.out == nil {
		err = x.file.SetSheetName("Sheet1", name)
	} else if err = x.out.Flush(); err == nil {
		_, err = x.file.NewSheet(name)
	}
	if err != nil {
		return err
	}
	x.out, err = x.file.NewStreamWriter(name)
	x.line = 0
	return err
}

func (x *xlsxRejects) row(cells []string) error {
	x.line++
	values := make([]any, len(cells))
	for i, v := range cells {
		if v != "" {
			values[i] = excelize.Cell{StyleID: x.text, Value: v}
		}
	}
	cell, err := excelize.CoordinatesToCellName(1, x.line)
	if err != nil {
		return err
	}
	return x.out.SetRow(cell, values)
}

func (x *xlsxRejects) end() error {
	if x.out == nil {
		return x.file.Close()
	}
	err := x.out.Flush()
	if err == nil {
		err = x.save()
	}
	return errors.Join(err, x.file.Close())
}

func (x *xlsxRejects) save() error {
	file, err := os.OpenFile(x.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(x.file.Write(file), file.Close())
}
