package sheets

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"doorstep/domain/decide"
)

// Book is a court's year as it handed it over: a folder of CSV files or one
// workbook. It holds no rows; they are read when they are asked for.
type Book struct {
	sheets []*sheet
	notes  []*decide.Refusal
	xlsx   bool
	close  []io.Closer
}

// sheet is one file or worksheet of a known name.
type sheet struct {
	*schema
	file    string       // its name as the source has it
	header  []string     // the headings as they stand
	heading int          // line of the headings
	at      []int        // schema column -> position; -1: the sheet has no such column
	extra   []int        // positions of columns that we do not know
	size    int64        // bytes that progress is counted in
	script  string       // in which it is written; empty: UTF-8
	prepare func() error // once before the rows are read; nil: nothing to do
	open    func() (source, error)
}

// source gives the rows of a sheet from its first line on; io.EOF ends them.
// The cells may be reused by the next call.
type source interface {
	next() (line int, cells []cell, err error)
	read() int64 // bytes used so far
	io.Closer
}

// unreadable is a row that has no cells; the rows behind it can be read.
type unreadable struct{ why *reason }

func (u unreadable) Error() string { return u.why.Error() }

// Open opens a folder of CSV files, a workbook, or a single CSV file of a known
// name. Errors: a *decide.Refusal that names the sheet, the columns and what to
// do; those of the file system.
func Open(path string) (*Book, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return OpenFS(os.DirFS(path), ".")
	}
	return OpenFS(os.DirFS(filepath.Dir(path)), filepath.Base(path))
}

// OpenFS is Open within a file system; "." is the whole of it as a folder.
func OpenFS(fsys fs.FS, path string) (*Book, error) {
	info, err := fs.Stat(fsys, path)
	if err != nil {
		return nil, err
	}
	b := &Book{}
	ext := strings.ToLower(filepath.Ext(path))
	switch {
	case info.IsDir():
		err = b.openFolder(fsys, path)
	case ext == ".csv":
		err = b.openFile(fsys, path)
	case ext == ".xlsx" || ext == ".xlsm":
		b.xlsx = true
		err = b.openWorkbook(fsys, path)
	default:
		err = decide.Refuse("not-a-book", "只能导入 CSV 文件夹或者 XLSX 工作簿；旧版 .xls 等格式请先另存为 .xlsx。",
			"Only a folder of CSV files or an XLSX workbook can be imported. Save other formats, such as .xls, as .xlsx first.", "")
	}
	if err == nil && len(b.sheets) == 0 {
		err = decide.Refuse("no-sheets", "没有找到可以导入的表；文件名或者工作表名应当是："+schemaNames()+"。",
			"There is no sheet to import. Files or worksheets must be named: "+schemaNames()+".", "")
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close closes the files of the book.
func (b *Book) Close() error {
	var errs []error
	for _, c := range b.close {
		errs = append(errs, c.Close())
	}
	b.close = nil
	return errors.Join(errs...)
}

// Notes are what whoever imports should know of how the book was read: sheets
// passed over, columns missing, text that was not UTF-8.
func (b *Book) Notes() []*decide.Refusal { return b.notes }

// Sheets are the names of the sheets that will be imported, in that order.
func (b *Book) Sheets() []string {
	var names []string
	for _, s := range schemas {
		for _, sh := range b.of(s) {
			names = append(names, sh.file)
		}
	}
	return names
}

// Size is how many bytes Progress.Read counts up to.
func (b *Book) Size() int64 {
	var n int64
	for _, s := range b.sheets {
		n += s.size
	}
	return n
}

func (b *Book) of(s *schema) []*sheet {
	var found []*sheet
	for _, sh := range b.sheets {
		if sh.schema == s {
			found = append(found, sh)
		}
	}
	return found
}

func (b *Book) note(code, chinese, english string) {
	b.notes = append(b.notes, decide.Refuse(code, chinese, english, ""))
}

// add takes a sheet into the book after finding its headings. A sheet without
// any row is passed over; the same sheet twice is refused.
func (b *Book) add(s *sheet) error {
	if len(b.of(s.schema)) > 0 {
		return decide.Refuse("sheet-twice", fmt.Sprintf("有两张 %s 表，请只保留一张。", s.name),
			fmt.Sprintf("There are two sheets %s. Keep one.", s.name), "")
	}
	err := s.findHeadings(b)
	if errors.Is(err, errEmpty) {
		b.note("empty-sheet", s.file+" 是空表，没有导入。", s.file+" is empty and was not imported.")
		return nil
	}
	if err == nil {
		b.sheets = append(b.sheets, s)
	}
	return err
}

var errEmpty = errors.New("the sheet is empty")

// searched is how many lines with content may stand above the headings: a
// title, a date, a note.
const searched = 20

// findHeadings finds the line of headings: the first that has all required
// ones. Where none has, the line with most of them is what the error is about.
func (s *sheet) findHeadings(b *Book) error {
	src, err := s.open()
	if err != nil {
		return err
	}
	defer src.Close()
	best, most, seen := []string(nil), 0, 0
	for seen < searched {
		line, cells, err := src.next()
		var bad unreadable
		switch {
		case errors.Is(err, io.EOF):
			seen = searched
			continue
		case errors.As(err, &bad):
			seen++
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", s.file, err)
		case blank(cells):
			continue
		}
		seen++
		header := headings(cells)
		known, missing := s.known(header)
		if len(missing) == 0 {
			s.heading = line
			return s.arrange(b, header)
		}
		if known > most || best == nil {
			best, most = header, known
		}
	}
	if best == nil {
		return errEmpty
	}
	return s.lacks(best)
}

// lacks says which required columns a line of headings lacks.
func (s *sheet) lacks(header []string) error {
	_, missing := s.known(header)
	list, chinese, english := strings.Join(missing, "、"), "", ""
	if s.script != "" {
		chinese = "该文件不是 UTF-8 编码，是按 " + s.script + " 读取的；如果表头其实齐全，请另存为“CSV UTF-8（逗号分隔）”。"
		english = " The file is not UTF-8 and was read as " + s.script + "; if the headings are there, save it as “CSV UTF-8 (comma delimited)”."
	}
	return decide.Refuse("missing-columns", fmt.Sprintf("%s 缺少列：%s。请在表头中补上（次序不限），再重新导入。%s", s.file, list, chinese),
		fmt.Sprintf("%s lacks the columns %s. Add them to the headings, in any order, and import again.%s", s.file, list, english), "")
}

func headings(cells []cell) []string {
	header := make([]string, len(cells))
	for i, c := range cells {
		header[i] = strings.Join(strings.Fields(trim(c.text)), "")
	}
	for len(header) > 0 && header[len(header)-1] == "" {
		header = header[:len(header)-1]
	}
	return header
}

// known counts the schema's columns in the header and names the required ones
// that are not there.
func (s *sheet) known(header []string) (n int, missing []string) {
	have := make(map[string]bool, len(header))
	for _, h := range header {
		have[h] = true
	}
	for _, c := range s.columns {
		if have[c.name] {
			n++
		} else if c.required {
			missing = append(missing, c.name)
		}
	}
	return n, missing
}

// arrange says where each column stands, and notes the ones that are missing.
func (s *sheet) arrange(b *Book, header []string) error {
	s.header, s.extra, s.at = header, nil, make([]int, len(s.columns))
	for i := range s.at {
		s.at[i] = -1
	}
	for pos, h := range header {
		i := s.find(h)
		switch {
		case i >= 0 && s.at[i] >= 0:
			return decide.Refuse("column-twice", fmt.Sprintf("%s 有两列都叫“%s”，请删去或者改名其中一列。", s.file, h),
				fmt.Sprintf("%s has two columns %s. Remove or rename one of them.", s.file, h), "")
		case i >= 0:
			s.at[i] = pos
		default:
			s.extra = append(s.extra, pos)
		}
	}
	var missing []string
	for i, c := range s.columns {
		if s.at[i] < 0 {
			missing = append(missing, c.name)
		}
	}
	if len(missing) > 0 {
		list := strings.Join(missing, "、")
		b.note("columns-absent", fmt.Sprintf("%s 没有这些列，按空白导入：%s。", s.file, list),
			fmt.Sprintf("%s does not have these columns; they count as empty: %s.", s.file, list))
	}
	return nil
}

func blank(cells []cell) bool {
	for _, c := range cells {
		if c.text != "" && trim(c.text) != "" || c.kind == formulaCell || c.kind == errorCell {
			return false
		}
	}
	return true
}
