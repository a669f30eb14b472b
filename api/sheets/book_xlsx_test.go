package sheets_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"doorstep/api/sheets"
	"doorstep/domain/calendar"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
)

// workbook makes an XLSX file of sheets; fill may do with it what it likes.
func workbook(t testing.TB, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	path := filepath.Join(t.TempDir(), "年度台账.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// put writes a table to a sheet, cell by cell as given.
func put(t testing.TB, f *excelize.File, sheet string, table ...[]any) {
	t.Helper()
	if _, err := f.NewSheet(sheet); err != nil {
		t.Fatal(err)
	}
	for i, row := range table {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
}

func style(t testing.TB, f *excelize.File, format string) int {
	t.Helper()
	id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// asCells turns the text of a CSV file into what a spreadsheet makes of it:
// days, numbers, and text where a number would lose digits.
func asCells(t testing.TB, f *excelize.File, name string, formats []int) {
	t.Helper()
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(mustRead(t, filepath.Join(demo, name+".csv")), "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.NewSheet(name); err != nil {
		t.Fatal(err)
	}
	w, err := f.NewStreamWriter(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range table {
		cells := make([]any, len(row))
		for j, v := range row {
			day, notDay := time.Parse("2006-01-02", v)
			number, notNumber := strconv.ParseFloat(v, 64)
			switch {
			case v == "":
			case notDay == nil:
				cells[j] = excelize.Cell{StyleID: formats[(i+j)%len(formats)], Value: day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24}
			case notNumber == nil && len(v) < 15:
				cells[j] = number
			default:
				cells[j] = v
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestAWorkbookTellsTheSameAsTheFolder(t *testing.T) {
	path := workbook(t, func(f *excelize.File) {
		formats := []int{style(t, f, "yyyy-mm-dd"), style(t, f, `yyyy"年"m"月"d"日";@`), style(t, f, "[$-804]dd/mm/yy"), style(t, f, "m/d/yyyy h:mm")}
		builtin, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"stations", "organisations", "territories", "population", "suits", "governance", "ledger", "transfers"} {
			asCells(t, f, name, append(formats, builtin))
		}
		if err := f.DeleteSheet("Sheet1"); err != nil {
			t.Fatal(err)
		}
	})
	fromCSV, fromXLSX := memory.New(), memory.New()
	b, err := sheets.Open(demo)
	run(t, fromCSV, b, err)
	b, err = sheets.Open(path)
	want(t, run(t, fromXLSX, b, err), 5695, 0, 0, 0)
	same(t, told(t, fromCSV), told(t, fromXLSX))
	b, err = sheets.Open(path)
	want(t, run(t, fromCSV, b, err), 0, 5695, 0, 0)
}

// hostile is a workbook with one good row of every kind and everything that
// can go wrong in the others.
func hostile(t testing.TB) string {
	return workbook(t, func(f *excelize.File) {
		put(t, f, "说明", []any{"这是一张说明"})
		put(t, f, "Stations.csv", []any{"名称", "代码"}, []any{"甲站", "S1"}, []any{"乙站", 2}, []any{nil, "S3"})
		put(t, f, "organisations", []any{"代码", "名称", "类型", "范围"}, []any{"O1", "甲调委会", "人民调解委员会", nil})
		day, text := style(t, f, `yyyy"年"m"月"d"日"`), style(t, f, "@")
		serial := func(s string) any {
			d, err := calendar.ParseDate(s)
			if err != nil {
				t.Fatal(err)
			}
			return d.DaysSince(calendar.NewDate(1899, 12, 30))
		}
		head := []any{"平台编号", "案号", "工作站", "来源渠道", "案由", "标的额", "申请人", "申请人证件号", "被申请人", "申请日期", "调解组织", "委派日期", "接受日期", "调解员", "调解方式", "结果", "终结原因", "结束日期", "备注"}
		row := func(id any, change map[int]any) []any {
			r := []any{id, "（2021）冀01号", "S1", "网格", "民间借贷纠纷", 100.5, "张三", "11010519491231002X", "李四", serial("2021-03-01"), "O1", serial("2021-03-02"), serial("2021-03-03"), "王五", "视频", "终结", 4, serial("2021-03-20"), nil}
			for i, v := range change {
				r[i] = v
			}
			return r
		}
		put(t, f, "ledger",
			[]any{"裕华区2021年台账"},
			nil,
			head,
			row("G1", nil), // line 4
			row("B1", map[int]any{9: "2021-02-30"}),
			row("B2", map[int]any{5: -5}),
			row("B3", map[int]any{2: "S9"}),
			row("B4", map[int]any{10: "O9"}),
			row("B5", map[int]any{17: serial("2021-03-01")}),
			row("B6", map[int]any{15: "撤诉"}),
			row("B7", nil), // gets a formula, line 11
			row("B8", map[int]any{6: " "}),
			row("B9", nil), // merged with the next, line 13
			row("B10", nil),
			row("B11", map[int]any{17: nil}),
			nil, nil,
			row("G2", map[int]any{9: "2021/3/1", 11: "２０２１－０３－０２", 12: "2021年3月3日", 5: "１００.５０", 18: "留置"}), // line 18
			row(float64(3), map[int]any{2: 2.0}),
			row("B12", map[int]any{5: "1,000"}),
			row("B13", map[int]any{9: 44256.0}), // a serial number that lost its format, line 21
			row("B14", map[int]any{5: 12.345}),
			row("B15", map[int]any{18: nil}), // an error, line 23
			row(nil, nil),
			row(nil, nil),
		)
		for _, line := range []int{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20, 22, 23, 24, 25} {
			for _, column := range []string{"J", "L", "M", "R"} {
				_ = f.SetCellStyle("ledger", fmt.Sprint(column, line), fmt.Sprint(column, line), day)
			}
		}
		_ = f.SetCellStyle("ledger", "R21", "R21", day)
		_ = f.SetCellStyle("ledger", "A1", "A1", text)
		_ = f.SetCellFormula("ledger", "F11", "1+1")
		_ = f.MergeCell("ledger", "A1", "S1")
		_ = f.MergeCell("ledger", "C13", "C14")
		_ = f.SetCellDefault("ledger", "A24", "1.23456789012345E+17") // as a spreadsheet keeps eighteen digits
		_ = f.SetCellFormula("ledger", "S4", "1+1")                   // in a column of no importance
	})
}

func TestAHostileWorkbookGetsAnAnswerForEveryRow(t *testing.T) {
	log := memory.New()
	b, err := sheets.Open(hostile(t))
	if err != nil {
		t.Fatal(err)
	}
	notes := ""
	for _, n := range b.Notes() {
		notes += n.Code + " "
	}
	if !strings.Contains(notes, "sheet-passed-over") || !strings.Contains(notes, "columns-absent") {
		t.Errorf("notes %s", notes)
	}
	r := run(t, log, b, nil)
	var got []string
	for _, row := range rows(t, r) {
		got = append(got, fmt.Sprintf("%s:%d %s %s", row.File, row.Line, row.Column, row.Code))
	}
	wanted := []string{
		"Stations.csv:4 名称 no-name",
		"ledger:5 申请日期 no-such-day", "ledger:6 标的额 negative-amount", "ledger:7 工作站 unknown-station", "ledger:8 调解组织 unknown-organisation",
		"ledger:9 结束日期 ended-before-start", "ledger:10 结果 unknown-outcome", "ledger:11 标的额 formula", "ledger:12 申请人 no-applicant",
		"ledger:13 工作站 merged-cell", "ledger:14 工作站 merged-cell", "ledger:15 结束日期 no-end", "ledger:20 标的额 unreadable-amount",
		"ledger:21 申请日期 number-not-day", "ledger:22 标的额 unreadable-amount", "ledger:24 平台编号 digits-lost", "ledger:25 平台编号 no-id",
	}
	if !slices.Equal(got, wanted) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"))
	}
	want(t, r, 2+1+4, 0, 0, int64(len(wanted)))
	for _, id := range []string{"G1", "G2"} {
		d := dispute(t, log, id)
		if d.FiledOn != calendar.NewDate(2021, 3, 1) || d.Accepted != calendar.NewDate(2021, 3, 3) || d.Ended != calendar.NewDate(2021, 3, 20) || d.Amount != 10050 || d.Stage != mediation.Terminated {
			t.Errorf("%s: %+v", id, d)
		}
	}
	if d := dispute(t, log, "G2"); d.Source.Extra["备注"] != "留置" || d.Source.Line != 18 || d.Source.File != "ledger" {
		t.Errorf("provenance %+v", d.Source)
	}
	if d := dispute(t, log, "3"); d.Station != "2" {
		t.Errorf("a number is no code: %+v", d)
	}
	correctRejected(t, log, r)
}

// correctRejected takes the rejected rows back as a workbook, corrects one and
// imports it as it is.
func correctRejected(t *testing.T, log *memory.Log, r *sheets.Report) {
	t.Helper()
	path, err := r.WriteRejected(filepath.Join(t.TempDir(), "rejected"), "zh")
	if err != nil || filepath.Ext(path) != ".xlsx" {
		t.Fatal(path, err)
	}
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := f.GetRows("ledger")
	if err != nil || len(table) != 17 {
		t.Fatalf("%d rows, %v", len(table), err)
	}
	head, first := table[0], table[1]
	if !slices.Equal(head[len(head)-3:], []string{"原因", "列", "行号"}) || first[0] != "B1" || first[9] != "2021-02-30" || first[7] != "11010519491231002X" || first[20] != "申请日期" || first[21] != "5" {
		t.Errorf("head %q first %q", head, first)
	}
	if err := f.SetCellStr("ledger", "J2", "2021-02-28"); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	b, err := sheets.Open(path)
	again := run(t, log, b, err)
	if again.Accepted < 1 {
		t.Errorf("%+v", again.Tally)
	}
	d := dispute(t, log, "B1")
	if d.FiledOn != calendar.NewDate(2021, 2, 28) || len(d.Source.Extra) != 0 {
		t.Errorf("%+v %v", d.FiledOn, d.Source.Extra)
	}
	second, err := again.WriteRejected(filepath.Join(filepath.Dir(path), "rejected"), "zh")
	if err != nil || second == path {
		t.Fatalf("%s was overwritten, or %v", path, err)
	}
}

// raw makes a workbook of hand-written XML.
func raw(t testing.TB, sheet func(w io.Writer), parts map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "raw.xlsx")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	all := map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<x:workbook xmlns:x="m" xmlns:r="r"><x:workbookPr date1904="1"/><x:sheets><x:sheet name="ledger" sheetId="1" r:id="a"/></x:sheets></x:workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="http://x/worksheet" Target="worksheets/one.xml"/><Relationship Id="b" Type="http://x/sharedStrings" Target="strings.xml"/><Relationship Id="c" Type="http://x/styles" Target="styles.xml"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="&quot;day&quot; hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>`,
		"xl/strings.xml":             `<sst><si><t>张三</t></si><si><r><t>民间</t></r><r><t xml:space="preserve">借贷</t></r><rPh><t>no</t></rPh></si></sst>`,
	}
	for name, content := range parts {
		all[name] = content
	}
	for name, content := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	w, err := z.Create("xl/worksheets/one.xml")
	if err != nil {
		t.Fatal(err)
	}
	sheet(w)
	if err := errors.Join(z.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

const rawHead = `<row r="1"><c r="A1" t="inlineStr"><is><t>平台编号</t></is></c><c t="str"><v>工作站</v></c><c t="str"><v>案由</v></c><c t="str"><v>申请人</v></c><c t="str"><v>申请日期</v></c><c t="str"><v>调解组织</v></c><c t="str"><v>接受日期</v></c><c t="str"><v>结果</v></c><c t="str"><v>结束日期</v></c></row>`

func TestHandWrittenXMLIsRead(t *testing.T) {
	path := raw(t, func(w io.Writer) {
		_, _ = io.WriteString(w, `<?xml version="1.0"?><!-- a > b --><x:worksheet xmlns:x='m'><x:cols><x:col min="1" max="3" note="a>b"/></x:cols><x:sheetData>`+rawHead+
			`<x:row r="4"><x:c r="A4" t="inlineStr"><x:is><x:t>A&amp;1&#65;&#x42;</x:t></x:is></x:c><x:c r="B4" t="inlineStr"><x:is><x:t><![CDATA[S1]]></x:t></x:is></x:c>`+
			`<x:c r="C4" t="s"><x:v>1</x:v></x:c><x:c r="D4" t="s"><x:v>0</x:v></x:c><x:c r="E4" s="1"><x:v>42794.99</x:v></x:c><x:c r="H4" t="str"><x:v>在调</x:v></x:c><x:c r="I4"/></x:row></x:sheetData></x:worksheet>`)
	}, nil)
	log := memory.New()
	runFS(t, log, folder(lists...))
	b, err := sheets.Open(path)
	want(t, run(t, log, b, err), 1, 0, 0, 0)
	d := dispute(t, log, "A&1AB")
	if d.Cause != "民间借贷" || d.Parties[0].Name != "张三" || d.FiledOn != calendar.NewDate(2021, 3, 1) || d.Source.Line != 4 {
		t.Errorf("%+v", d)
	}
}

func TestAMillionBlankRowsCostNothing(t *testing.T) {
	last := 1_000_010
	path := raw(t, func(w io.Writer) {
		out := bytes.NewBufferString(`<worksheet><sheetData>` + rawHead)
		for i := 2; i < last; i++ {
			fmt.Fprintf(out, `<row r="%d" spans="1:9"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>`, i, i, i)
			if out.Len() > 1<<20 {
				_, _ = out.WriteTo(w)
			}
		}
		fmt.Fprintf(out, `<row r="%d"><c t="str"><v>A1</v></c><c t="str"><v>S1</v></c><c t="str"><v>离婚纠纷</v></c><c t="str"><v>张三</v></c><c s="1"><v>42794</v></c><c/><c/><c t="str"><v>在调</v></c></row></sheetData></worksheet>`, last)
		_, _ = out.WriteTo(w)
	}, nil)
	log := memory.New()
	runFS(t, log, folder(lists...))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	b, err := sheets.Open(path)
	r := run(t, log, b, err)
	runtime.ReadMemStats(&after)
	t.Logf("%v, %d MiB allocated in all", time.Since(start), (after.TotalAlloc-before.TotalAlloc)>>20)
	want(t, r, 1, 0, 0, 0)
	if d := dispute(t, log, "A1"); d.Source == nil || d.Source.Line != last {
		t.Errorf("%+v", d.Source)
	}
	if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 64 {
		t.Errorf("%d MiB were allocated to pass over blank rows", got)
	}
}

func TestWhatIsNoWorkbookIsSaidPlainly(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	unknown := workbook(t, func(f *excelize.File) { put(t, f, "台账", []any{"平台编号"}) })
	missing := workbook(t, func(f *excelize.File) { put(t, f, "ledger", []any{"平台编号", "工作站", "案由"}) })
	twice := workbook(t, func(f *excelize.File) {
		put(t, f, "stations", []any{"代码", "名称"})
		put(t, f, "Stations.csv", []any{"代码", "名称"})
	})
	columns := workbook(t, func(f *excelize.File) { put(t, f, "stations", []any{"代码", "名称", "代码"}) })
	broken := raw(t, func(w io.Writer) { _, _ = io.WriteString(w, `<worksheet><sheetData><row r="1"><c`) }, nil)
	doctype := raw(t, func(w io.Writer) {
		_, _ = io.WriteString(w, `<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>`)
	}, nil)
	for _, c := range []struct{ path, code, says string }{
		{write("text.xlsx", "not a zip"), "workbook-damaged", ".xlsx"},
		{write("old.xlsx", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on"), "workbook-locked", "password"},
		{write("old.xls", ""), "not-a-book", ".xls"},
		{unknown, "no-sheets", "ledger"}, {missing, "missing-columns", "申请人、申请日期"}, {twice, "sheet-twice", "stations"},
		{columns, "column-twice", "代码"}, {broken, "workbook-damaged", "ledger"}, {doctype, "workbook-damaged", "ledger"},
		{t.TempDir(), "no-sheets", "ledger"},
	} {
		_, err := sheets.Open(c.path)
		var refusal *decide.Refusal
		if !errors.As(err, &refusal) || refusal.Code != c.code || !strings.Contains(refusal.English, c.says) || refusal.Chinese == "" {
			t.Errorf("%s: %v", c.code, err)
		}
	}
	if _, err := sheets.Open(filepath.Join(dir, "nothing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestAWorkbookDamagedHalfwayStopsTheImport(t *testing.T) {
	path := raw(t, func(w io.Writer) {
		_, _ = io.WriteString(w, `<worksheet><sheetData>`+rawHead+`<row r="2"><c t="str"><v>A1`)
	}, nil)
	b, err := sheets.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	r, err := importer(memory.New()).Run(context.Background(), b, nil)
	var refusal *decide.Refusal
	if !errors.As(err, &refusal) || refusal.Code != "workbook-damaged" {
		t.Errorf("%v", err)
	}
	_ = r.Close()
}
