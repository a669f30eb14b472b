package sheets

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"doorstep/domain/decide"
)

// Refusals of workbooks.
var (
	errDamaged = decide.Refuse("workbook-damaged", "工作簿已损坏或者不是 XLSX；请用电子表格软件打开后另存为 .xlsx。",
		"The workbook is damaged or no XLSX. Open it in a spreadsheet program and save it as .xlsx.", "")
	errLocked = decide.Refuse("workbook-locked", "工作簿有密码，或者是旧版 .xls；请去掉密码并另存为 .xlsx。",
		"The workbook has a password, or is an old .xls. Remove the password and save it as .xlsx.", "")
)

// openWorkbook takes the worksheets of known names of an XLSX workbook.
func (b *Book) openWorkbook(fsys fs.FS, name string) error {
	file, size, err := b.readerAt(fsys, name)
	if err != nil {
		return err
	}
	magic := make([]byte, 8)
	if _, err := file.ReadAt(magic, 0); err == nil && bytes.Equal(magic, []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}) {
		return errLocked
	}
	w, err := openXLSX(file, size)
	if err != nil {
		return errDamaged
	}
	b.close = append(b.close, w.strings)
	for _, ws := range w.sheets {
		if err := b.addWorksheet(w, ws); err != nil {
			return asDamaged(ws.name, err)
		}
	}
	return nil
}

// asDamaged says so when it is the file and not the system that is at fault.
func asDamaged(sheet string, err error) error {
	if errors.Is(err, errXML) || errors.Is(err, errTooLong) || errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) {
		return decide.Refuse(errDamaged.Code, fmt.Sprintf("工作表 %s 已损坏；请用电子表格软件打开工作簿后另存为 .xlsx。", sheet),
			fmt.Sprintf("The worksheet %s is damaged. Open the workbook in a spreadsheet program and save it as .xlsx.", sheet), "")
	}
	return err
}

func (b *Book) addWorksheet(w *workbook, ws worksheet) error {
	s := schemaOf(ws.name)
	if s == nil {
		filled, err := w.filled(ws.part)
		if filled {
			b.passedOver(ws.name)
		}
		return err
	}
	sh := &sheet{schema: s, file: ws.name, size: int64(ws.part.UncompressedSize64)}
	var merged []merge
	sh.prepare = func() (err error) {
		merged, err = merges(ws.part)
		return err
	}
	sh.open = func() (source, error) { return w.rows(ws.part, merged) }
	return b.add(sh)
}

// filled tells whether there is anything in the first lines of a worksheet.
func (w *workbook) filled(part *zip.File) (bool, error) {
	rows, err := w.rows(part, nil)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for range 1000 {
		_, cells, err := rows.next()
		if err != nil {
			return false, nil // it is not for us to judge a sheet that we do not read
		}
		if !blank(cells) {
			return true, nil
		}
	}
	return false, nil
}

// readerAt opens a file for reading anywhere in it. File systems whose files
// cannot do that have theirs copied.
func (b *Book) readerAt(fsys fs.FS, name string) (io.ReaderAt, int64, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	if at, ok := file.(io.ReaderAt); ok {
		b.close = append(b.close, file)
		return at, info.Size(), nil
	}
	defer file.Close()
	tmp, err := os.CreateTemp("", "doorstep-book-*")
	if err != nil {
		return nil, 0, err
	}
	_ = os.Remove(tmp.Name())
	b.close = append(b.close, tmp)
	size, err := io.Copy(tmp, file)
	return tmp, size, err
}
