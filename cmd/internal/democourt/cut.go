package democourt

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io/fs"

	"doorstep/api/sheets"
	"doorstep/domain/calendar"
)

// BookOfDay opens the spreadsheets as they stood on Day. The whole ledger tells
// of confirmations and performances of the weeks after it, which on Day nobody
// could know: there the applications are pending and the agreements still being
// performed. No figure of the year as of Day differs by it.
func BookOfDay() (*sheets.Book, error) {
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	names, err := fs.Glob(Files(), "*.csv")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		content, err := fs.ReadFile(Files(), name)
		if err != nil {
			return nil, err
		}
		if name == "ledger.csv" {
			if content, err = cut(content); err != nil {
				return nil, err
			}
		}
		out, err := w.Create(name)
		if err != nil {
			return nil, err
		}
		if _, err := out.Write(content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	folder, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		return nil, err
	}
	return sheets.OpenFS(folder, ".")
}

// cut takes from the ledger what happened after Day.
func cut(ledger []byte) ([]byte, error) {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(ledger, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, row := range rows[1:] {
		later := func(column string) bool {
			day, err := calendar.ParseDate(row[at[column]])
			return err == nil && day.After(Day)
		}
		if later("履行完毕日期") {
			row[at["履行情况"]], row[at["履行完毕日期"]] = "履行中", ""
		}
		if later("司法确认日期") {
			row[at["司法确认结果"]], row[at["司法确认日期"]] = "", ""
		}
		if later("司法确认申请日期") {
			row[at["司法确认申请日期"]] = ""
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
