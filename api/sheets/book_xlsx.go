package sheets

import (
	"errors"
	"io/fs"
)

func (b *Book) openWorkbook(fsys fs.FS, name string) error { return errors.New("workbook") }
