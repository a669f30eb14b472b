package sheets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"doorstep/api/sheets"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
)

func TestFilesInOtherScriptsAreReadAndItIsSaid(t *testing.T) {
	content := ledgerOf(ledgerRow("成功"), ledgerRow("终结", "平台编号=B1", "申请人=李雷、韩梅梅"))
	plain := memory.New()
	want(t, runFS(t, plain, withLists("ledger.csv", content)), 9, 0, 0, 0)
	for name, script := range map[string]encoding.Encoding{
		"GB18030": simplifiedchinese.GB18030, "UTF-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "": unicode.UTF8BOM,
	} {
		coded, err := script.NewEncoder().String(content)
		if err != nil {
			t.Fatal(err)
		}
		if name == "UTF-16" { // as a spreadsheet saves "Unicode text"
			coded, _ = script.NewEncoder().String(strings.ReplaceAll(content, ",", "\t"))
		}
		b, err := sheets.OpenFS(withLists("ledger.csv", coded), ".")
		if err != nil {
			t.Fatal(name, err)
		}
		if n := b.Notes(); name != "" && (len(n) != 1 || n[0].Code != "not-utf8" || !strings.Contains(n[0].Chinese, name)) || name == "" && len(n) > 0 {
			t.Errorf("%s: notes %v", name, n)
		}
		log := memory.New()
		want(t, run(t, log, b, nil), 9, 0, 0, 0)
		same(t, told(t, plain), told(t, log))
	}
}

func TestAFileMayBeSeparatedBySemicolons(t *testing.T) {
	log := memory.New()
	want(t, runFS(t, log, withLists("ledger.csv", strings.ReplaceAll(ledgerOf(ledgerRow("终结")), ",", ";"))), 8, 0, 0, 0)
}

func TestRowsThatAreNoTextAreRejectedAlone(t *testing.T) {
	log := memory.New()
	r := runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow("终结"), ledgerRow("终结", "平台编号=B1", "申请人=\xd5\xc5"), ledgerRow("终结", "平台编号=B2")+",多,", ledgerRow("终结", "平台编号=B3")+",,",
		`"B4,`, ledgerRow("终结", "平台编号=B5"))))
	want(t, r, 7+3, 0, 0, 3)
	got := ""
	for _, row := range rows(t, r) {
		got += fmt.Sprintf("%d %s %s; ", row.Line, row.Column, row.Code)
	}
	if got != "3 申请人 not-text; 4  too-many-cells; 6  open-quote; " {
		t.Errorf("%s", got)
	}
	if dispute(t, log, "B5").Stage != mediation.Terminated {
		t.Error("an open quotation mark cost the row behind it")
	}
}

func TestARowTooLargeForTheLogIsRejectedAlone(t *testing.T) {
	r := runFS(t, memory.New(), withLists("ledger.csv", ledgerOf(ledgerRow("终结", "案由="+strings.Repeat("长", 250_000)), ledgerRow("终结", "平台编号=B1"))))
	want(t, r, 8, 0, 0, 1)
	if row := rows(t, r)[0]; row.Code != "too-large" {
		t.Errorf("%s", row.Code)
	}
}

func TestAFolderIsReadWhateverLiesInIt(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"Ledger.CSV": ledgerOf(ledgerRow("在调")), "stations.csv": lists[1], "organisations.csv": lists[3], "territories.csv": "", "legder.csv": "x",
		"expected.json": "{}", ".hidden.csv": "x", "~$ledger.xlsx": "x", "readme.txt": "x",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log := memory.New()
	b, err := sheets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	notes := ""
	for _, n := range b.Notes() {
		notes += n.English
	}
	if !strings.Contains(notes, "legder.csv was not imported") || !strings.Contains(notes, "territories.csv is empty") || strings.Contains(notes, "hidden") || strings.Contains(notes, "readme") {
		t.Errorf("%s", notes)
	}
	if got := strings.Join(b.Sheets(), " "); got != "stations.csv organisations.csv Ledger.CSV" {
		t.Errorf("%s", got)
	}
	want(t, run(t, log, b, nil), 3+2+1, 0, 0, 0)
	b, err = sheets.Open(filepath.Join(dir, "Ledger.CSV"))
	want(t, run(t, log, b, err), 0, 1, 0, 0)
	if _, err := sheets.Open(filepath.Join(dir, "legder.csv")); err == nil || !strings.Contains(err.Error(), "no-sheets") {
		t.Errorf("%v", err)
	}
}

func TestATitleDoesNotHideTheSeparatorOrTheScript(t *testing.T) {
	content, err := simplifiedchinese.GB18030.NewEncoder().String("2021\n\n" + strings.ReplaceAll(ledgerOf(ledgerRow("终结")), ",", ";"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, runFS(t, memory.New(), withLists("ledger.csv", content)), 8, 0, 0, 0)
	_, err = sheets.OpenFS(folder("ledger.csv", "\xa5\xad\xa5x\xbds\xb8\xb9,\xa4u\n"), ".") // Big5
	if err == nil || !strings.Contains(err.Error(), "CSV UTF-8") {
		t.Errorf("%v", err)
	}
}

func TestMissingColumnsAreNamed(t *testing.T) {
	_, err := sheets.OpenFS(folder("ledger.csv", "平台编号,案由,申请人,申请日期,结果\nA1,x,y,2021-01-01,在调\n"), ".")
	var refusal *decide.Refusal
	if !errors.As(err, &refusal) || refusal.Code != "missing-columns" || !strings.Contains(refusal.Chinese, "ledger.csv 缺少列：工作站、调解组织、接受日期、结束日期") {
		t.Errorf("%v", err)
	}
	b, err := sheets.OpenFS(withLists("ledger.csv", "平台编号,工作站,案由,申请人,申请日期,调解组织,接受日期,结果,结束日期\n"), ".")
	if err != nil || len(b.Notes()) != 1 || !strings.Contains(b.Notes()[0].Chinese, "标的额") {
		t.Errorf("%v %v", err, b)
	}
}

// Whatever bytes a file has, importing it ends, breaks nothing, and importing
// it again brings nothing new.
func FuzzAnyBytesAsALedger(f *testing.F) {
	f.Add([]byte(ledgerOf(ledgerRow("成功"), ledgerRow("终结", "平台编号=B1"))))
	f.Add([]byte(ledgerOf(ledgerRow("在调"), ledgerRow("在调", "标的额=1"), `"`, "\xff,\x00")))
	f.Add([]byte("\xff\xfe平台编号"))
	f.Add([]byte("\uFEFF平台编号;工作站;案由;申请人;申请日期;调解组织;接受日期;结果;结束日期\nA1;S1;案;人;2021-01-01;;;在调;\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		files := withLists()
		files["ledger.csv"] = &fstest.MapFile{Data: content}
		log := memory.New()
		var first sheets.Tally
		for round := range 2 {
			b, err := sheets.OpenFS(files, ".")
			if err != nil {
				var refusal *decide.Refusal
				if !errors.As(err, &refusal) {
					t.Fatalf("%v", err)
				}
				return
			}
			im := importer(log)
			im.Workers = 4
			r, err := im.Run(context.Background(), b, nil)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := r.WriteJSON(&out, "zh"); err != nil {
				t.Fatal(err)
			}
			if round == 0 {
				first = r.Tally
			} else if r.Accepted != 0 || r.Unchanged != first.Accepted+first.Unchanged || r.Tally.Rejected != first.Rejected || r.Tally.Conflicts != first.Conflicts {
				t.Fatalf("first %+v, then %+v", first, r.Tally)
			}
			_ = r.Close()
		}
	})
}
