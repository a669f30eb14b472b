package sheets_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"doorstep/api/sheets"
	"doorstep/domain/calendar"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
)

// shuffled is the demo court with the columns of all files in another order,
// and a blank line and a title here and there.
func shuffled(t testing.TB) fstest.MapFS {
	files := fstest.MapFS{}
	paths, err := filepath.Glob(filepath.Join(demo, "*.csv"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, path := range paths {
		var out strings.Builder
		out.WriteString("石家庄市裕华区人民法院\r\n\r\n")
		var order []int
		for line := range strings.Lines(strings.TrimPrefix(mustRead(t, path), "\uFEFF")) {
			cells := strings.Split(strings.TrimRight(line, "\r\n"), ",") // no cell of the demo court has a comma
			if order == nil {
				order = r.Perm(len(cells))
			}
			moved := make([]string, len(cells))
			for i, to := range order {
				moved[to] = cells[i]
			}
			out.WriteString(strings.Join(moved, ",") + "\r\n")
		}
		files[filepath.Base(path)] = &fstest.MapFile{Data: []byte(out.String())}
	}
	return files
}

func TestTheOrderOfColumnsChangesNothing(t *testing.T) {
	log := memory.New()
	b, err := sheets.Open(demo)
	run(t, log, b, err)
	want(t, runFS(t, log, shuffled(t)), 0, 5695, 0, 0)
	other := memory.New()
	runFS(t, other, shuffled(t))
	same(t, told(t, log), told(t, other))
}

func TestTheFirstRowOfAnIDCounts(t *testing.T) {
	log := memory.New()
	one, other := ledgerRow("在调"), ledgerRow("在调", "标的额=7", "被申请人=赵六")
	r := runFS(t, log, withLists("ledger.csv", ledgerOf(one, other, one), "ledger-late.csv", ledgerOf(one, other, ledgerRow("在调", "平台编号=L1"))))
	want(t, r, 7+1+1, 2, 2, 0)
	bad := rows(t, r)
	if bad[0].File != "ledger.csv" || bad[0].Line != 3 || bad[1].File != "ledger-late.csv" || !slices.Equal(bad[0].Columns, []string{"标的额", "被申请人"}) {
		t.Errorf("%+v", bad)
	}
	if d := dispute(t, log, "A1"); d.Amount != 10050 || d.Source.File != "ledger.csv" || d.Source.Line != 2 {
		t.Errorf("%+v", d)
	}
}

func TestRowsOfOneIDKeepTheirOrder(t *testing.T) {
	var lines []string
	const n = 400
	for i := range n {
		id := fmt.Sprintf("平台编号=A%d", i)
		lines = append(lines, ledgerRow("成功", id, "标的额=1"), ledgerRow("在调", id, "标的额=2"), ledgerRow("成功", id, "标的额=1"))
	}
	log := memory.New()
	r := runFS(t, log, withLists("ledger.csv", ledgerOf(lines...)))
	want(t, r, 7+n, n, n, 0)
	line := 0
	for _, row := range rows(t, r) {
		if row.Line <= line || row.Line%3 != 0 {
			t.Fatalf("line %d is reported after %d", row.Line, line)
		}
		line = row.Line
	}
}

func TestSpellingIsNoOtherContent(t *testing.T) {
	log := memory.New()
	runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow("终结"))))
	r := runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow("终结", "标的额=１００.5", "申请日期=2021/3/1", "工作站= S1 ", "案由=民间借贷纠纷\u3000", "终结原因=４", "申请人证件号=", "调解组织='O1", "结果==\"终结\""))))
	want(t, r, 0, 8, 0, 0)
}

func TestWhatAConflictDiffersInIsNamed(t *testing.T) {
	for _, c := range columns {
		if c == "平台编号" {
			continue
		}
		change := map[string]string{
			"案号": "（2021）2号", "工作站": "S2", "来源渠道": "窗口", "案由": "离婚纠纷", "标的额": "1", "申请人": "张四", "申请人证件号": "E1", "被申请人": "李五",
			"申请日期": "2021-02-28", "调解组织": "O2", "委派日期": "2021-03-01", "接受日期": "2021-03-04", "调解员": "王六", "调解方式": "现场", "延期同意日期": "2021-03-21",
			"结果": "在调", "终结原因": "3", "退回原因": "1", "结束日期": "2021-04-12", "协议生效日期": "2021-04-11", "司法确认申请日期": "2021-04-21",
			"司法确认结果": "驳回", "司法确认日期": "2021-05-11", "履行情况": "未履行", "履行完毕日期": "2021-05-02",
		}[c]
		changes := []string{c + "=" + change}
		if c == "结果" {
			changes = append(changes, "结束日期=", "协议生效日期=", "司法确认申请日期=", "司法确认结果=", "司法确认日期=", "履行情况=", "履行完毕日期=")
		}
		log := memory.New()
		runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow("成功"))))
		before := told(t, log)
		r := runFS(t, log, withLists("ledger.csv", ledgerOf(ledgerRow("成功", changes...))))
		want(t, r, 0, 7, 1, 0)
		same(t, before, told(t, log))
		kept := strings.Contains("终结原因退回原因司法确认申请日期司法确认结果司法确认日期", c) // the dispute does not tell of these
		if got := rows(t, r)[0].Columns; !kept && !slices.Contains(got, c) {
			t.Errorf("%s changed, %v named", c, got)
		}
	}
}

func TestALateFileBringsOnlyWhatIsNew(t *testing.T) {
	log := memory.New()
	first := withLists("ledger.csv", ledgerOf(ledgerRow("成功")))
	runFS(t, log, first)
	first["ledger-late.csv"] = &fstest.MapFile{Data: []byte(ledgerOf(ledgerRow("成功"), ledgerRow("终结", "平台编号=L1")))}
	want(t, runFS(t, log, first), 1, 9, 0, 0)
	if d := dispute(t, log, "L1"); d.Stage != mediation.Terminated || d.Source.File != "ledger-late.csv" {
		t.Errorf("%+v", d)
	}
}

func TestTransfersComeInAnyOrder(t *testing.T) {
	log := memory.New()
	head := "平台编号,日期,移出,移入\n"
	files := withLists("ledger.csv", ledgerOf(ledgerRow("终结"), ledgerRow("终结", "平台编号=B1")),
		"transfers.csv", head+"A1,2021-06-01,S3,S1\nA1,2021-05-01,S2,S3\nA1,2021-04-01,S1,S2\n"+
			"B1,2021-02-01,S1,S2\nB1,2021-04-01,S2,S3\nB1,2021-04-01,S1,S1\nX,2021-04-01,S1,S2\nB1,2021-04-01,S1,S9\nB1,2021-04-01,S1,S2\n")
	r := runFS(t, log, files)
	want(t, r, 7+2+3+2, 0, 0, 4)
	codes := ""
	for _, row := range rows(t, r) {
		codes += fmt.Sprintf("%d %s %s; ", row.Line, row.Column, row.Code)
	}
	if codes != "5 日期 moved-before-filing; 7 移入 same-station; 8 平台编号 not-filed; 9 移入 unknown-station; " {
		t.Errorf("%s", codes)
	}
	if d := dispute(t, log, "A1"); d.Station != "S1" {
		t.Errorf("A1 is at %s", d.Station)
	}
	if d := dispute(t, log, "B1"); d.Station != "S3" {
		t.Errorf("B1 is at %s", d.Station)
	}
	want(t, runFS(t, log, files), 0, 14, 0, 4)
	last := runFS(t, log, withLists("transfers.csv", head+"A1,2021-07-01,S2,S3\n"))
	want(t, last, 0, 7, 0, 1)
	if row := rows(t, last)[0]; row.Code != "not-here" || row.Column != "移出" {
		t.Errorf("%+v", row)
	}
}

func TestTheRosterMayBeRestatedAndBack(t *testing.T) {
	log := memory.New()
	head, pop := "月份,地区代码,类型,件数\n", "地区代码,口径,日期,人数,来源,发布日期\n"
	count := func(n string) fstest.MapFS { return withLists("suits.csv", head+"2021-03,T1,民事,"+n+"\n") }
	want(t, runFS(t, log, count("5")), 8, 0, 0, 0)
	want(t, runFS(t, log, count("6")), 1, 7, 0, 0)
	want(t, runFS(t, log, count("5")), 1, 7, 0, 0)
	want(t, runFS(t, log, count("5")), 0, 8, 0, 0)
	r := runFS(t, log, withLists("stations.csv", "代码,名称\nS1,甲站\nS1,甲站\nS1,另站\n", "suits.csv",
		head+"2021-04,T1,民事,5\n2021-04,T1,民事,5\n2021-04,T1,民事,6\n2021-13,T1,民事,6\n2021-05,T9,民事,6\n2021-05,T1,刑事,6\n2021-05,T1,民事,-6\n2022-07,T1,民事,1\n",
		"population.csv", pop+"T1,常住,2020-11-01,100,普查,2021-05-11\nT1,常驻,2020-11-01,100,,\nT1,户籍,,100,,\nT1,户籍,2020-11-01,一百,,\n",
		"governance.csv", "日期,工作站,类型,主题,人数\n2021-03-01,S1,普法宣讲,,10\n2021-03-01,S1,普法宣讲,,10\n2021-03-01,S1,普法宣讲,进校园,\n2021-03-01,S7,普法宣讲,,10\n,S1,普法宣讲,,\n"))
	var codes []string
	for _, row := range rows(t, r) {
		codes = append(codes, row.File[:4]+row.Code)
	}
	wanted := []string{"popuunknown-basis", "popuno-day", "popuunreadable-count", "suitunreadable-month", "suitunknown-territory", "suitunknown-suits",
		"suitnegative-count", "suitin-the-future", "goveunknown-station", "goveno-day", "statconflict", "suitconflict"}
	if !slices.Equal(codes, wanted) {
		t.Errorf("%q", codes)
	}
	want(t, r, 1+1+2+1, 4+1+1+1, 2, 10)
}

// cutLog is a log that is cut off after so many appends, as by kill -9; the
// last one may have been kept without anybody being told.
type cutLog struct {
	eventlog.Log
	left   atomic.Int64
	silent bool
}

var errCut = errors.New("the power went")

func (l *cutLog) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if n := l.left.Add(-1); n < 0 {
		if n == -1 && l.silent {
			_, _ = l.Log.Append(ctx, at, c)
		}
		return eventlog.Record{}, errCut
	}
	return l.Log.Append(ctx, at, c)
}

func TestAnInterruptedImportGoesOn(t *testing.T) {
	rowsOf := []string{}
	for i := range 60 {
		rowsOf = append(rowsOf, ledgerRow([]string{"成功", "终结", "在调", "退回"}[i%4], fmt.Sprintf("平台编号=A%d", i)))
	}
	files := withLists("ledger.csv", ledgerOf(rowsOf...), "transfers.csv", "平台编号,日期,移出,移入\nA0,2021-04-01,S1,S2\nA1,2021-04-01,S1,S2\n")
	whole := memory.New()
	all := runFS(t, whole, files).Accepted
	for cut := int64(0); cut < 90; cut += 3 {
		log := memory.New()
		for round := range 2 {
			l := &cutLog{Log: log, silent: round == 0}
			l.left.Store(cut)
			b, err := sheets.OpenFS(files, ".")
			if err != nil {
				t.Fatal(err)
			}
			r, err := importer(l).Run(context.Background(), b, nil)
			if !errors.Is(err, errCut) && l.left.Load() < 0 {
				t.Fatalf("cut after %d: %v", cut, err)
			}
			if r.Accepted+r.Unchanged > all || r.Tally.Rejected+r.Tally.Conflicts > 0 {
				t.Errorf("cut after %d: %+v", cut, r.Tally)
			}
			_ = r.Close()
		}
		r := runFS(t, log, files)
		if r.Accepted+r.Unchanged != all || r.Tally.Rejected+r.Tally.Conflicts > 0 {
			t.Errorf("cut after %d: %+v", cut, r.Tally)
		}
		same(t, told(t, whole), told(t, log))
	}
}

// doubtLog keeps every third commit and says that it does not know.
type doubtLog struct {
	eventlog.Log
	n atomic.Int64
}

func (l *doubtLog) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	r, err := l.Log.Append(ctx, at, c)
	if l.n.Add(1)%3 == 0 && err == nil {
		return eventlog.Record{}, eventlog.ErrUnknown
	}
	return r, err
}

func TestALogInDoubtIsAskedAgain(t *testing.T) {
	log, sure := memory.New(), memory.New()
	files := withLists("ledger.csv", ledgerOf(ledgerRow("成功"), ledgerRow("终结", "平台编号=B1"), ledgerRow("成功", "平台编号=B2")))
	r := runFS(t, &doubtLog{Log: log}, files)
	if r.Accepted+r.Unchanged != 10 || r.Tally.Rejected+r.Tally.Conflicts > 0 {
		t.Errorf("%+v", r.Tally)
	}
	runFS(t, sure, files)
	same(t, told(t, sure), told(t, log))
}

func TestACancelledImportStops(t *testing.T) {
	b, err := sheets.Open(demo)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx, cancel := context.WithCancel(context.Background())
	log := memory.New()
	var last sheets.Progress
	r, err := importer(log).Run(ctx, b, func(p sheets.Progress) {
		if last = p; p.File == "ledger.csv" && p.Rows > 1000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || r.Accepted < 1000 || r.Accepted > 5000 || last.Total != b.Size() || last.Read <= 0 || last.Read > last.Total {
		t.Errorf("%v %+v %+v", err, r.Tally, last)
	}
	_ = r.Close()
}

func TestTwoImportsAtOnceTellItOnce(t *testing.T) {
	log, alone := memory.New(), memory.New()
	done := make(chan sheets.Tally)
	for range 2 {
		go func() {
			b, err := sheets.Open(demo)
			if err != nil {
				t.Error(err)
			}
			defer b.Close()
			r, err := importer(log).Run(context.Background(), b, nil)
			if err != nil {
				t.Error(err)
			}
			done <- r.Tally
			_ = r.Close()
		}()
	}
	for range 2 {
		if got := <-done; got.Accepted+got.Unchanged != 5695 {
			t.Errorf("%+v", got)
		}
	}
	b, err := sheets.Open(demo)
	run(t, alone, b, err)
	same(t, told(t, alone), told(t, log))
}

func TestRejectedRowsComeBackAndGoIn(t *testing.T) {
	log := memory.New()
	r := runFS(t, log, withLists("ledger.csv", "某院\n"+ledgerOf(
		ledgerRow("终结", "工作站=S9", "案由==HYPERLINK(1)", "调解员=-x", "申请人=+张, \"三\""), ledgerRow("终结", "平台编号=B1"), ledgerRow("终结", "平台编号=B2", "标的额=-5"))))
	want(t, r, 8, 0, 0, 2)
	target := filepath.Join(t.TempDir(), "out")
	dir, err := r.WriteRejected(target, "en")
	if err != nil || dir != target {
		t.Fatal(dir, err)
	}
	content := mustRead(t, filepath.Join(dir, "ledger.csv"))
	for _, want := range []string{"\uFEFF平台编号,", ",原因,列,行号\r\n", "'=HYPERLINK(1)", "'-x", `"'+张, ""三"""`, ",-5,", ",工作站,3\r\n"} {
		if !strings.Contains(content, want) {
			t.Errorf("no %q in %s", want, content)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "ledger.csv")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if again, err := r.WriteRejected(target, "en"); err != nil || again != target+"-2" {
		t.Error(again, err)
	}
	corrected := strings.NewReplacer(",S9,", ",S2,", ",-5,", ",5,").Replace(content)
	if err := os.WriteFile(filepath.Join(dir, "ledger.csv"), []byte(corrected), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := sheets.Open(dir)
	want(t, run(t, log, b, err), 2, 0, 0, 0)
	d := dispute(t, log, "A1")
	if d.Cause != "=HYPERLINK(1)" || d.Offer.Mediator != "-x" || d.Parties[0].Name != `+张, "三"` || len(d.Source.Extra) != 0 || d.FiledOn != calendar.NewDate(2021, 3, 1) {
		t.Errorf("%+v", d)
	}
	if none, err := runFS(t, log, withLists()).WriteRejected(target, "en"); none != "" || err != nil {
		t.Error(none, err)
	}
}
