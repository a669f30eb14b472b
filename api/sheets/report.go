package sheets

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// Tally counts rows by how they ended.
type Tally struct {
	Accepted  int64 `json:"accepted"`  // brought something into the log
	Unchanged int64 `json:"unchanged"` // were there already
	Conflicts int64 `json:"conflicts"` // were there with other content
	Rejected  int64 `json:"rejected"`  // could not be taken
}

// FileTally is the Tally of one sheet.
type FileTally struct {
	File string
	Tally
}

// Report is what came of an import. It keeps counts in memory and the rows that
// need a person in a temporary file that has no name any more.
type Report struct {
	Tally
	Import string      // id of the run
	Files  []FileTally // in the order of import
	Sheet  string      // where WriteRejected wrote the rejected rows, if it did

	book  *Book
	spool *spool
}

// Row is one row that a person should look at.
type Row struct {
	File    string
	Line    int
	ID      string   // 平台编号, or the code or day that the row is about
	Column  string   // of a rejected row: the cell at fault; empty: the whole row
	Columns []string // of a conflict: the columns that differ, as far as can be told
	Code    string   // stable, for other systems
	Chinese string   // what is wrong and what to do
	English string

	conflict bool
	cells    []string
}

// Reason is what is wrong, in the language ("zh" or "en").
func (r Row) Reason(lang string) string {
	if lang == "en" {
		return r.English
	}
	return r.Chinese
}

func newReport(run string, b *Book) (*Report, error) {
	s, err := newSpool()
	if err != nil {
		return nil, err
	}
	return &Report{Import: run, book: b, spool: s}, nil
}

// Close gives the temporary file back.
func (r *Report) Close() error { return r.spool.Close() }

func (r *Report) rows() int64 {
	return r.Accepted + r.Unchanged + r.Conflicts + r.Rejected
}

// add counts a settled row, and keeps it when a person must see it.
func (r *Report) add(row *row, v verdict) error {
	if n := len(r.Files); n == 0 || r.Files[n-1].File != row.sheet.file {
		r.Files = append(r.Files, FileTally{File: row.sheet.file})
	}
	file := &r.Files[len(r.Files)-1].Tally
	switch v.outcome {
	case accepted:
		r.Accepted++
		file.Accepted++
		return nil
	case unchanged:
		r.Unchanged++
		file.Unchanged++
		return nil
	case conflicting:
		r.Conflicts++
		file.Conflicts++
		v.fault = &fault{"", otherContent}
	default:
		r.Rejected++
		file.Rejected++
	}
	entry := Row{
		File: row.sheet.file, Line: row.line, ID: row.id(), Column: v.fault.column, Columns: v.columns,
		Code: v.fault.why.Code, Chinese: v.fault.why.Chinese, English: v.fault.why.English, conflict: v.outcome == conflicting,
	}
	if !entry.conflict {
		for _, c := range row.cells {
			entry.cells = append(entry.cells, c.text)
		}
	}
	return r.spool.add(entry)
}

// Rejections are the rows that could not be taken, sheet by sheet and line by
// line.
func (r *Report) Rejections() iter.Seq2[Row, error] { return r.pick(false) }

// Clashes are the rows that were there with other content.
func (r *Report) Clashes() iter.Seq2[Row, error] { return r.pick(true) }

func (r *Report) pick(conflict bool) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range r.spool.all() {
			if err == nil && row.conflict != conflict {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// WriteJSON writes the report as one JSON object, row by row, reasons in the
// language; after WriteRejected it also says where the rejected rows are.
// Errors: those of w and of the temporary file.
func (r *Report) WriteJSON(w io.Writer, lang string) error {
	out := &jsonWriter{w: w}
	out.text(fmt.Sprintf(`{"accepted":%d,"unchanged":%d,"conflicts":[`, r.Accepted, r.Unchanged))
	out.rows(r.Clashes(), lang)
	out.text(`],"rejected":[`)
	out.rows(r.Rejections(), lang)
	out.text(`],"by_file":{`)
	for i, f := range r.Files {
		if i > 0 {
			out.text(",")
		}
		out.value(f.File)
		out.text(":")
		out.value(f.Tally)
	}
	out.text(`},"import":`)
	out.value(r.Import)
	if notes := r.book.Notes(); len(notes) > 0 {
		out.text(`,"notes":[`)
		for i, n := range notes {
			if i > 0 {
				out.text(",")
			}
			out.value(n.In(lang))
		}
		out.text("]")
	}
	if r.Sheet != "" {
		out.text(`,"rejected_sheet":`)
		out.value(r.Sheet)
	}
	out.text("}\n")
	return out.err
}

// jsonWriter writes pieces and remembers the first error.
type jsonWriter struct {
	w   io.Writer
	err error
}

func (j *jsonWriter) text(s string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.w, s)
	}
}

func (j *jsonWriter) value(v any) {
	b, err := json.Marshal(v)
	if err != nil && j.err == nil {
		j.err = err
	}
	j.text(string(b))
}

func (j *jsonWriter) rows(rows iter.Seq2[Row, error], lang string) {
	first := true
	for row, err := range rows {
		if err != nil || j.err != nil {
			if j.err == nil {
				j.err = err
			}
			return
		}
		if !first {
			j.text(",")
		}
		first = false
		j.value(jsonRow{row.File, row.Line, row.ID, row.Column, row.Columns, row.Code, row.Reason(lang)})
	}
}

type jsonRow struct {
	File    string   `json:"file"`
	Line    int      `json:"line"`
	ID      string   `json:"id"`
	Column  string   `json:"column"`
	Columns []string `json:"columns,omitempty"`
	Code    string   `json:"code"`
	Reason  string   `json:"reason"`
}
