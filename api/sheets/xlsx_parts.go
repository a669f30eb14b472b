package sheets

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// partLimit is the most bytes of a part that is read whole: the list of sheets,
// the styles. Worksheets and shared strings are read as they come.
const partLimit = 64 << 20

// unzipLimit is the most bytes that a workbook may unfold to, as in other
// readers of XLSX; what a part says of its own size is held to by unzip.
const unzipLimit = 16 << 30

// unzip opens a part, and ends where the part was said to.
func unzip(f *zip.File) (io.Reader, io.Closer, error) {
	in, err := f.Open()
	if err != nil {
		return nil, nil, err
	}
	return io.LimitReader(in, int64(f.UncompressedSize64)), in, nil
}

// workbook is an XLSX file: which worksheets it has, which styles are days, and
// its shared strings.
type workbook struct {
	parts    map[string]*zip.File
	sheets   []worksheet
	days     []bool // by style: the number is a day
	from1904 bool
	strings  *sharedStrings
}

type worksheet struct {
	name string
	part *zip.File
}

type relations struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

func openXLSX(r io.ReaderAt, size int64) (*workbook, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	w := &workbook{parts: make(map[string]*zip.File, len(z.File))}
	total := uint64(0)
	for _, f := range z.File {
		if total += f.UncompressedSize64; total > unzipLimit || f.UncompressedSize64 > unzipLimit {
			return nil, errTooLong
		}
		w.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, "\\", "/"), "/"))] = f
	}
	root, err := w.relations("_rels/.rels")
	if err != nil {
		return nil, err
	}
	main := "xl/workbook.xml"
	for _, r := range root.List {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			main = target("", r.Target)
		}
	}
	return w, w.readMain(main)
}

// target is the part that a relation of a part in dir points to.
func target(dir, to string) string {
	if strings.HasPrefix(to, "/") {
		return strings.TrimPrefix(path.Clean(to), "/")
	}
	return path.Join(dir, to)
}

func (w *workbook) part(name string) *zip.File { return w.parts[strings.ToLower(name)] }

func (w *workbook) relations(name string) (relations, error) {
	var rels relations
	f := w.part(name)
	if f == nil {
		return rels, errXML
	}
	return rels, decode(f, &rels)
}

func decode(f *zip.File, into any) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	return xml.NewDecoder(io.LimitReader(in, partLimit)).Decode(into)
}

// readMain reads the list of worksheets and what belongs to all of them.
func (w *workbook) readMain(main string) error {
	dir := path.Dir(main)
	rels, err := w.relations(path.Join(dir, "_rels", path.Base(main)+".rels"))
	if err != nil {
		return err
	}
	var book struct {
		Props struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	f := w.part(main)
	if f == nil {
		return errXML
	}
	if err := decode(f, &book); err != nil {
		return err
	}
	w.from1904 = book.Props.Date1904 == "1" || book.Props.Date1904 == "true"
	parts := make(map[string]*zip.File)
	for _, r := range rels.List {
		part := w.part(target(dir, r.Target))
		switch kind := r.Type[strings.LastIndexByte(r.Type, '/')+1:]; {
		case part == nil:
		case kind == "worksheet":
			parts[r.ID] = part
		case kind == "styles":
			err = errors.Join(err, w.readStyles(part))
		case kind == "sharedStrings":
			w.strings = &sharedStrings{part: part}
		}
	}
	for _, s := range book.Sheets {
		for _, a := range s.Attrs {
			if part := parts[a.Value]; a.Name.Local == "id" && part != nil {
				w.sheets = append(w.sheets, worksheet{s.Name, part})
			}
		}
	}
	return err
}

// readStyles finds which styles show a number as a day.
func (w *workbook) readStyles(part *zip.File) error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := decode(part, &styles); err != nil {
		return err
	}
	custom := make(map[int]bool, len(styles.Formats))
	for _, f := range styles.Formats {
		custom[f.ID] = dayFormat(f.Code)
	}
	for _, c := range styles.Cells {
		is, known := custom[c.Format]
		if !known { // built in; 27-36 and 50-58 are those of Chinese, Japanese and Korean
			is = c.Format >= 14 && c.Format <= 17 || c.Format == 22 || c.Format >= 27 && c.Format <= 36 || c.Format >= 50 && c.Format <= 58
		}
		w.days = append(w.days, is)
	}
	return nil
}

// dayFormat tells whether a number format shows a day: whether a y or d stands
// in it outside of quotation marks, brackets and escapes. A format with hours
// and minutes only shows none.
func dayFormat(format string) bool {
	format = strings.ToLower(format)
	for i := 0; i < len(format); i++ {
		switch format[i] {
		case '\\', '_', '*':
			i++
		case '"', '[':
			end := byte('"')
			if format[i] == '[' {
				end = ']'
			}
			next := strings.IndexByte(format[i+1:], end)
			if next < 0 {
				return false
			}
			i += next + 1
		case ';':
			return false
		case 'y', 'd':
			return true
		}
	}
	return false
}

// sharedStrings are the strings of a workbook, written once to temporary files
// and read back page by page, since a large workbook has more of them than
// memory should hold. Not safe for concurrent use.
type sharedStrings struct {
	part       *zip.File
	data, ends *pages // the strings one behind the other; where each ends
	count      int64
}

func (s *sharedStrings) get(i int64) (string, error) {
	if s == nil {
		return "", errXML
	}
	if s.data == nil {
		if err := s.load(); err != nil {
			return "", err
		}
	}
	if i < 0 || i >= s.count {
		return "", errXML
	}
	var mark [16]byte
	from, to := uint64(0), uint64(0)
	if i == 0 {
		if err := s.ends.read(mark[8:], 0); err != nil {
			return "", err
		}
	} else if err := s.ends.read(mark[:], 8*(i-1)); err != nil {
		return "", err
	}
	from, to = binary.LittleEndian.Uint64(mark[:8]), binary.LittleEndian.Uint64(mark[8:])
	text := make([]byte, to-from)
	err := s.data.read(text, int64(from))
	return string(text), err
}

// load reads the part of shared strings once.
func (s *sharedStrings) load() (err error) {
	in, file, err := unzip(s.part)
	if err != nil {
		return err
	}
	defer file.Close()
	if s.data, err = newPages(); err != nil {
		return err
	}
	if s.ends, err = newPages(); err != nil {
		return err
	}
	data, ends, size := bufio.NewWriterSize(s.data.file, 256<<10), bufio.NewWriterSize(s.ends.file, 64<<10), uint64(0)
	sc := &scanner{in: bufio.NewReaderSize(in, 256<<10)}
	var text []byte
	for {
		err := sc.tag()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("shared strings: %w", err)
		}
		if !sc.starts("si") {
			continue
		}
		if text, err = richText(sc, "si", text[:0]); err != nil {
			return fmt.Errorf("shared strings: %w", err)
		}
		size += uint64(len(text))
		_, _ = data.Write(text)
		_, _ = ends.Write(binary.LittleEndian.AppendUint64(nil, size))
		s.count++
	}
	return errors.Join(data.Flush(), ends.Flush())
}

func (s *sharedStrings) Close() error {
	if s == nil || s.data == nil || s.ends == nil {
		return nil
	}
	return errors.Join(s.data.file.Close(), s.ends.file.Close())
}

// richText reads the text of an element that may be in pieces (runs); the
// reading aid (rPh) that Japanese names carry is no part of it. The scanner
// stands on the element's start.
func richText(sc *scanner, element string, text []byte) ([]byte, error) {
	aside := false
	for !sc.empty || !sc.starts(element) {
		if err := sc.tag(); err != nil {
			return nil, damaged(err)
		}
		switch {
		case sc.starts("rPh"):
			aside = !sc.empty
		case sc.ends("rPh"):
			aside = false
		case sc.starts("t"):
			sc.keep = !aside && !sc.empty
		case sc.ends("t"):
			text = append(text, sc.text...)
			sc.keep = false
		case sc.ends(element):
			return text, nil
		}
	}
	return text, nil
}

// pages reads a temporary file through a few pages that it remembers.
type pages struct {
	file  *os.File
	held  map[int64][]byte
	order []int64
}

const (
	pageSize  = 64 << 10
	pagesHeld = 64
)

func newPages() (*pages, error) {
	f, err := os.CreateTemp("", "doorstep-strings-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // where the system allows it, the file has no name from here on
	return &pages{file: f, held: make(map[int64][]byte, pagesHeld)}, nil
}

func (p *pages) page(n int64) ([]byte, error) {
	if b, ok := p.held[n]; ok {
		return b, nil
	}
	var b []byte
	if len(p.order) >= pagesHeld {
		b = p.held[p.order[0]]
		delete(p.held, p.order[0])
		p.order = append(p.order[:0], p.order[1:]...)
	}
	if b == nil {
		b = make([]byte, pageSize)
	}
	got, err := p.file.ReadAt(b[:pageSize], n*pageSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	p.held[n], p.order = b[:got], append(p.order, n)
	return b[:got], nil
}

func (p *pages) read(into []byte, at int64) error {
	for len(into) > 0 {
		b, err := p.page(at / pageSize)
		if err != nil {
			return err
		}
		off := int(at % pageSize)
		if off >= len(b) {
			return io.ErrUnexpectedEOF
		}
		n := copy(into, b[off:])
		into, at = into[n:], at+int64(n)
	}
	return nil
}
