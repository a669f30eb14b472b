package sheets_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"doorstep/api/sheets"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
)

// endless is a file system with a ledger of so many rows that are written as
// they are read, beside the lists that they refer to.
type endless struct {
	fstest.MapFS
	rows int
	row  func(i int) string
}

func (e endless) Open(name string) (fs.File, error) {
	if name != "ledger.csv" {
		return e.MapFS.Open(name)
	}
	f, err := e.MapFS.Open(name)
	return &endlessFile{File: f, e: e}, err
}

type endlessFile struct {
	fs.File
	e   endless
	buf bytes.Buffer
	i   int
}

func (f *endlessFile) Read(p []byte) (int, error) {
	if f.i == 0 {
		f.buf.WriteString(strings.Join(columns, ",") + "\n")
	}
	for f.buf.Len() < len(p) && f.i < f.e.rows {
		f.buf.WriteString(f.e.row(f.i) + "\n")
		f.i++
	}
	if f.buf.Len() == 0 {
		return 0, io.EOF
	}
	return f.buf.Read(p)
}

func manyRows(n int, row func(i int) string) endless {
	return endless{withLists("ledger.csv", ""), n, row}
}

// plainRow is a row that can be taken, twoFaced one of which every other cannot.
func plainRow(i int) string {
	return ledgerRow([]string{"成功", "终结", "在调", "退回"}[i%4], fmt.Sprintf("平台编号=P%07d", i))
}

func twoFaced(i int) string {
	if i%2 == 0 {
		return plainRow(i)
	}
	return ledgerRow("在调", fmt.Sprintf("平台编号=P%07d", i), "标的额=-1")
}

// forgetful is a log that keeps the roster and forgets the disputes, so that
// what grows is the import and not the log.
type forgetful struct{ *memory.Log }

func lasts(stream string) bool {
	return !strings.HasPrefix(stream, "dispute-") && !strings.HasPrefix(stream, "confirmation-")
}

func (f forgetful) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if lasts(c.Stream) {
		return f.Log.Append(ctx, at, c)
	}
	sealed, b, err := eventlog.Seal(at, c)
	if err != nil {
		return eventlog.Record{}, err
	}
	r, err := eventlog.Open(b)
	r.Commit = sealed
	return r, err
}

func (f forgetful) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	if lasts(stream) {
		return f.Log.Read(ctx, stream, after)
	}
	return func(func(eventlog.Record, error) bool) {}
}

// peak imports and gives the most memory that was in use at any of a dozen
// moments, in MiB.
func peak(t testing.TB, b *sheets.Book, rows int) (mib float64, r *sheets.Report) {
	t.Helper()
	next, most := int64(0), uint64(0)
	r, err := importer(forgetful{memory.New()}).Run(context.Background(), b, func(p sheets.Progress) {
		if p.Rows < next {
			return
		}
		next += int64(rows / 12)
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return float64(most) / (1 << 20), r
}

func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	measure := func(n int) float64 {
		b, err := sheets.OpenFS(manyRows(n, twoFaced), ".")
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		mib, r := peak(t, b, n)
		want(t, r, int64(7+n/2), 0, 0, int64(n/2))
		return mib
	}
	few, many := measure(8_000), measure(48_000)
	t.Logf("8,000 rows: %.1f MiB; 48,000 rows: %.1f MiB", few, many)
	if many > few+8 {
		t.Errorf("six times the rows need %.1f MiB more", many-few)
	}
}

func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		book, err := sheets.Open(demo)
		if err != nil {
			b.Fatal(err)
		}
		r, err := importer(memory.New()).Run(context.Background(), book, nil)
		if err != nil {
			b.Fatal(err)
		}
		if r.Accepted != 5695 {
			b.Fatal(r.Tally)
		}
		_ = r.Close()
		_ = book.Close()
	}
	b.ReportMetric(5695*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkImportAgain imports again what is there already: reading, checking
// and finding.
func BenchmarkImportAgain(b *testing.B) {
	log := memory.New()
	im := importer(log)
	for n := 0; b.Loop(); n++ {
		book, err := sheets.Open(demo)
		if err != nil {
			b.Fatal(err)
		}
		r, err := im.Run(context.Background(), book, nil)
		if err != nil {
			b.Fatal(err)
		}
		if n > 0 && r.Unchanged != 5695 {
			b.Fatal(r.Tally)
		}
		_ = r.Close()
		_ = book.Close()
	}
	b.ReportMetric(5695*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkMemory shows that the peak of memory stays where it is while rows
// double: all taken, half rejected, and out of a workbook. Run it with
// -benchtime 1x.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{200_000, 400_000} {
		for name, row := range map[string]func(int) string{"taken": plainRow, "half-rejected": twoFaced} {
			b.Run(fmt.Sprintf("csv-%s-%d", name, n), func(b *testing.B) {
				for b.Loop() {
					book, err := sheets.OpenFS(manyRows(n, row), ".")
					measure(b, book, err, n)
				}
			})
		}
		path := bigWorkbook(b, n)
		b.Run(fmt.Sprintf("xlsx-%d", n), func(b *testing.B) {
			for b.Loop() {
				book, err := sheets.Open(path)
				measure(b, book, err, n)
			}
		})
	}
}

func measure(b *testing.B, book *sheets.Book, err error, n int) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	mib, _ := peak(b, book, n)
	b.ReportMetric(mib, "peak-MiB")
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "rows/s")
	_ = book.Close()
}

// bigWorkbook is a ledger of n rows in which every cell is a string of its own
// or a number, as a spreadsheet program writes it.
func bigWorkbook(b *testing.B, n int) string {
	b.Helper()
	path := raw(b, func(w io.Writer) {
		out := bytes.NewBufferString(`<worksheet><sheetData>` + rawHead)
		for i := range n {
			fmt.Fprintf(out, `<row r="%d"><c r="A%d" t="s"><v>%d</v></c><c r="B%d" t="inlineStr"><is><t>S1</t></is></c><c r="C%d" t="inlineStr"><is><t>离婚纠纷</t></is></c><c r="D%d" t="s"><v>%d</v></c><c r="E%d" s="1"><v>42794</v></c><c r="H%d" t="inlineStr"><is><t>在调</t></is></c></row>`,
				i+2, i+2, 2*i, i+2, i+2, i+2, 2*i+1, i+2, i+2)
			if out.Len() > 1<<20 {
				_, _ = out.WriteTo(w)
			}
		}
		out.WriteString(`</sheetData></worksheet>`)
		_, _ = out.WriteTo(w)
	}, map[string]string{"xl/strings.xml": bigStrings(n)})
	return filepath.Clean(path)
}

func bigStrings(n int) string {
	var out strings.Builder
	out.WriteString("<sst>")
	for i := range n {
		fmt.Fprintf(&out, "<si><t>P%07d</t></si><si><t>申请人%07d</t></si>", i, i)
	}
	out.WriteString("</sst>")
	return out.String()
}
