// Package democourt is the demonstration court: the synthetic year 2021 of the
// People's Court of Yuhua District as its spreadsheets, part of the program.
// People and amounts in it are invented.
package democourt

import (
	"embed"
	"io/fs"

	"doorstep/api/sheets"
)

//go:embed yuhua-2021
var files embed.FS

// Code is the code of the demonstration court, which is that of its district.
const Code = "130108"

// Files are the spreadsheets, and expected.json with what the statistics of
// them must be.
func Files() fs.FS {
	dir, err := fs.Sub(files, "yuhua-2021")
	if err != nil {
		panic("democourt: " + err.Error()) // the name is fixed at build
	}
	return dir
}

// Book opens the spreadsheets for an import. Errors: those of sheets.OpenFS.
func Book() (*sheets.Book, error) { return sheets.OpenFS(Files(), ".") }
