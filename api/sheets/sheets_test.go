package sheets_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"doorstep/api/sheets"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
)

// demo is the demonstration court, whose package only commands may import.
const demo = "../../cmd/internal/democourt/yuhua-2021"

// court is the code of the demonstration court.
const court = "130108"

// now is the moment of all imports in these tests.
var now = time.Date(2022, 6, 1, 9, 0, 0, 0, time.UTC)

// remember is few enough streams for what desks remember never to weigh in a
// measurement.
const remember = 64

func importer(log eventlog.Log) *sheets.Importer {
	return &sheets.Importer{
		Disputes:      decide.NewDesk(log, mediation.Decider, mediation.Codec, remember),
		Confirmations: decide.NewDesk(log, confirmation.Decider, confirmation.Codec, remember),
		Roster:        decide.NewDesk(log, roster.Decider, roster.Codec, remember),
		Governance:    decide.NewDesk(log, supervision.Decider, supervision.Codec, remember),
		Now:           func() time.Time { return now }, Court: court, Actor: "import",
	}
}

// run imports a book and closes it.
func run(t testing.TB, log eventlog.Log, b *sheets.Book, err error) *sheets.Report {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	r, err := importer(log).Run(context.Background(), b, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(); _ = b.Close() })
	return r
}

func runFS(t testing.TB, log eventlog.Log, files fs.FS) *sheets.Report {
	t.Helper()
	b, err := sheets.OpenFS(files, ".")
	return run(t, log, b, err)
}

// folder makes CSV files of name and content.
func folder(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1]), Mode: 0o600}
	}
	return m
}

// lists are a roster to which rows of these tests refer.
var lists = []string{
	"stations.csv", "代码,名称,地区代码\nS1,甲站,T1\nS2,乙站,T1\nS3,丙站,T1\n",
	"organisations.csv", "代码,名称,类型,范围\nO1,甲调委会,人民调解委员会,\nO2,乙中心,行业性专业性调解组织,\n",
	"territories.csv", "代码,名称,上级代码\nT0,区,\nT1,街道,T0\n",
}

func withLists(pairs ...string) fstest.MapFS { return folder(slices.Concat(lists, pairs)...) }

func want(t testing.TB, r *sheets.Report, accepted, unchanged, conflicts, rejected int64) {
	t.Helper()
	if w := (sheets.Tally{Accepted: accepted, Unchanged: unchanged, Conflicts: conflicts, Rejected: rejected}); r.Tally != w {
		t.Errorf("got %+v, want %+v", r.Tally, w)
		for _, row := range rows(t, r) {
			t.Logf("%s:%d %s %s %s", row.File, row.Line, row.Column, row.Code, row.English)
		}
	}
}

// rows are the rejected rows and then the conflicts.
func rows(t testing.TB, r *sheets.Report) []sheets.Row {
	t.Helper()
	var all []sheets.Row
	for row, err := range r.Rejections() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	for row, err := range r.Clashes() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// provenance is what differs between two imports of the same data.
var provenance = regexp.MustCompile(`"(file|import)":"[^"]*",?|"line":\d+,?`)

// told is what every stream of the log says, without the provenance.
func told(t testing.TB, log eventlog.Log) map[string]string {
	t.Helper()
	streams := map[string]string{}
	for rec := range records(t, log) {
		for _, e := range rec.Events {
			streams[rec.Stream] += fmt.Sprintf("%s %d %s %s\n", e.Kind, e.Version, e.Happened, provenance.ReplaceAllString(string(e.Payload), ""))
		}
	}
	for stream, s := range streams { // figures of a territory come in no order
		if strings.HasPrefix(stream, "territory-") || strings.HasPrefix(stream, "governance-") {
			lines := strings.Split(s, "\n")
			slices.Sort(lines)
			streams[stream] = strings.Join(lines, "\n")
		}
	}
	return streams
}

// records are all records of the log so far.
func records(t testing.TB, log eventlog.Log) func(func(eventlog.Record) bool) {
	return func(yield func(eventlog.Record) bool) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		end, err := log.End(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if end.IsStart() {
			return
		}
		for rec, err := range log.Follow(ctx, eventlog.Position{}) {
			if err != nil {
				t.Fatal(err)
			}
			if !yield(rec) || !rec.Position.Before(end) {
				return
			}
		}
	}
}

func same(t testing.TB, a, b map[string]string) {
	t.Helper()
	for _, stream := range slices.Sorted(maps.Keys(a)) {
		if a[stream] != b[stream] {
			t.Fatalf("%s differs:\n%s\n%s", stream, a[stream], b[stream])
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d streams and %d", len(a), len(b))
	}
}

// dispute loads what the log says of a dispute.
func dispute(t testing.TB, log eventlog.Log, id string) mediation.Dispute {
	t.Helper()
	d, _, err := decide.NewDesk(log, mediation.Decider, mediation.Codec, 1).Load(context.Background(), mediation.Stream(sheets.DisputeID(court, id)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheWholeDemoYearGoesInOnce(t *testing.T) {
	log := memory.New()
	b, err := sheets.Open(demo)
	r := run(t, log, b, err)
	want(t, r, 5695, 0, 0, 0)
	before := told(t, log)
	if len(before) != 5209+950+11+8+12+11 {
		t.Errorf("%d streams", len(before))
	}
	marks := map[string]int{}
	received, success, terminated := 0, 0, 0
	for rec := range records(t, log) {
		if rec.Actor != "import" || rec.Correlation != r.Import || !rec.RecordedAt.Equal(now) {
			t.Fatalf("%s: actor %s, correlation %s, recorded %v", rec.Stream, rec.Actor, rec.Correlation, rec.RecordedAt)
		}
		for _, e := range rec.Events {
			switch e.Kind {
			case "delegation-accepted":
				if e.Happened[:4] == "2021" {
					received++
				}
			case "agreement-took-effect":
				success++
			case "mediation-terminated":
				terminated++
			case "entry-marked":
				var m mediation.EntryMarked
				if err := json.Unmarshal(e.Payload, &m); err != nil {
					t.Fatal(err)
				}
				for _, mark := range m.Marks {
					marks[mark.Code]++
				}
			}
		}
	}
	if received != 4719 || success != 2476 || success+terminated != 4757 {
		t.Errorf("received %d, success %d, concluded %d", received, success, success+terminated)
	}
	if len(marks) != 1 || marks["party-mediates"] != 2 {
		t.Errorf("marks %v", marks)
	}
	b, err = sheets.Open(demo)
	want(t, run(t, log, b, err), 0, 5695, 0, 0)
	same(t, before, told(t, log))
}

func TestTheReportIsTheJSONOfTheFormat(t *testing.T) {
	log := memory.New()
	head := "平台编号,工作站,案由,申请人,申请日期,调解组织,接受日期,结果,结束日期\n"
	first := "A1,S1,民间借贷纠纷,张三,2021-01-04,,,在调,\n"
	runFS(t, log, withLists("ledger.csv", head+first))
	r := runFS(t, log, withLists("ledger.csv", head+"A1,S1,离婚纠纷,张三,2021-01-04,,,在调,\nA2,S9,离婚纠纷,李四,2021-01-04,,,在调,\nA3,S1,离婚纠纷,李四,2021-01-04,,,在调,\n"))
	var out bytes.Buffer
	if err := r.WriteJSON(&out, "zh"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Accepted, Unchanged int
		Conflicts, Rejected []struct {
			File, ID, Column, Code, Reason string
			Line                           int
			Columns                        []string
		}
		ByFile map[string]sheets.Tally `json:"by_file"`
		Import string
		Notes  []string
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if got.Accepted != 1 || got.Unchanged != 7 || len(got.Conflicts) != 1 || len(got.Rejected) != 1 || got.Import != r.Import {
		t.Fatalf("%s", out.String())
	}
	c, x := got.Conflicts[0], got.Rejected[0]
	if c.File != "ledger.csv" || c.Line != 2 || c.ID != "A1" || !slices.Equal(c.Columns, []string{"案由"}) {
		t.Errorf("conflict %+v", c)
	}
	if x.File != "ledger.csv" || x.Line != 3 || x.ID != "A2" || x.Column != "工作站" || x.Code != "unknown-station" || !strings.Contains(x.Reason, "stations") {
		t.Errorf("rejected %+v", x)
	}
	if got.ByFile["ledger.csv"] != (sheets.Tally{Accepted: 1, Conflicts: 1, Rejected: 1}) || len(got.Notes) != 1 {
		t.Errorf("%+v, notes %v", got.ByFile, got.Notes)
	}
	if d := dispute(t, log, "A1"); d.Cause != "民间借贷纠纷" {
		t.Errorf("the conflict changed the dispute: %s", d.Cause)
	}
	empty := runFS(t, memory.New(), folder(lists...))
	out.Reset()
	if err := empty.WriteJSON(&out, "en"); err != nil || !strings.HasPrefix(out.String(), `{"accepted":7,"unchanged":0,"conflicts":[],"rejected":[],`) {
		t.Errorf("%v %s", err, out.String())
	}
}

func mustRead(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
