package sheets

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// openFolder takes the CSV files of known names in a folder.
func (b *Book) openFolder(fsys fs.FS, dir string) error {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		ext := strings.ToLower(path.Ext(e.Name()))
		switch {
		case e.IsDir() || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "~"):
		case ext == ".csv" && schemaOf(e.Name()) != nil:
			if err := b.openFile(fsys, path.Join(dir, e.Name())); err != nil {
				return err
			}
		case ext == ".csv" || strings.HasPrefix(ext, ".xls"):
			b.passedOver(e.Name())
		}
	}
	return nil
}

func (b *Book) passedOver(name string) {
	b.note("sheet-passed-over", fmt.Sprintf("没有导入 %s：可以导入的名称是 %s。", name, schemaNames()),
		fmt.Sprintf("%s was not imported: the names that can be are %s.", name, schemaNames()))
}

// openFile takes one CSV file.
func (b *Book) openFile(fsys fs.FS, name string) error {
	s := schemaOf(path.Base(name))
	if s == nil {
		b.passedOver(path.Base(name))
		return nil
	}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return err
	}
	script, label, comma, err := sniff(fsys, name)
	if err != nil {
		return err
	}
	sh := &sheet{schema: s, file: path.Base(name), size: info.Size(), script: label}
	sh.open = func() (source, error) {
		file, err := fsys.Open(name)
		if err != nil {
			return nil, err
		}
		count := &counter{in: file}
		var in io.Reader = count
		if script != nil {
			in = transform.NewReader(count, script.NewDecoder())
		}
		r := &csvReader{in: bufio.NewReaderSize(in, longest), file: file, count: count, comma: comma, line: 1}
		if mark, _ := r.in.Peek(3); bytes.Equal(mark, []byte("\uFEFF")) {
			_, _ = r.in.Discard(3)
		}
		return r, nil
	}
	if label != "" {
		b.note("not-utf8", fmt.Sprintf("%s 不是 UTF-8 编码，已按 %s 读取；请核对姓名是否正确，以后请另存为“CSV UTF-8（逗号分隔）”。", sh.file, label),
			fmt.Sprintf("%s is not UTF-8; it was read as %s. Check that names look right, and save it as “CSV UTF-8 (comma delimited)” from now on.", sh.file, label))
	}
	return b.add(sh)
}

// sniffed is how much of a file tells its script and separator: far more than
// any line of headings.
const sniffed = 64 << 10

// sniff finds in which script a file is written (nil: UTF-8) and what separates
// its cells. Spreadsheets on Chinese machines save CSV as GB18030 unless told
// otherwise, so that is read as well, and said.
func sniff(fsys fs.FS, name string) (script encoding.Encoding, label string, comma byte, err error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, "", 0, err
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, sniffed))
	if err != nil {
		return nil, "", 0, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		script, label = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16"
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		script, label = unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "UTF-16"
	case !utf8.Valid(telling(head)):
		script, label = simplifiedchinese.GB18030, "GB18030"
	}
	if script != nil {
		head, _, _ = transform.Bytes(script.NewDecoder(), head)
	}
	return script, label, separator(head), nil
}

// telling is the first line that is not plain ASCII: one row further down that
// is no text does not make the file another script. The end of what was sniffed
// may cut a character in two, a line's end cannot.
func telling(head []byte) []byte {
	for line := range bytes.Lines(head) {
		if !plain(string(line)) {
			return line
		}
	}
	return nil
}

// separator is what stands most often in any of the first lines.
func separator(head []byte) byte {
	best, most, seen := byte(','), 0, 0
	for line := range bytes.Lines(head) {
		for _, c := range []byte(",\t;") {
			if n := bytes.Count(line, []byte{c}); n > most {
				best, most = c, n
			}
		}
		if seen++; seen > searched {
			break
		}
	}
	return best
}
