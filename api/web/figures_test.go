package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
	"doorstep/projections/statistics"
)

// demoYear is the demo court's year, imported once for all tests that only look.
var demoYear = sync.OnceValue(func() *courthouse {
	t := &keptTest{}
	h := newHouse(t)
	h.importDemo(t)
	return h
})

// keptTest lets a house outlive the test that opened it.
type keptTest struct {
	testing.TB
}

func (t *keptTest) Helper()        {}
func (t *keptTest) Cleanup(func()) {} // it lives as long as the process
func (t *keptTest) TempDir() string {
	dir, err := os.MkdirTemp("", "doorstep-web-")
	if err != nil {
		panic(err)
	}
	keptDirs = append(keptDirs, dir)
	return dir
}
func (t *keptTest) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (t *keptTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// keptDirs are removed when all tests are done.
var keptDirs []string

func TestMain(m *testing.M) {
	code := m.Run()
	for _, dir := range keptDirs {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

func TestTheDashboardShowsTheDemoYear(t *testing.T) {
	a := demoYear().as(t, "leadership", "").get("/stats")
	if a.status != http.StatusOK {
		t.Fatalf("the dashboard answers %d", a.status)
	}
	for id, want := range map[string]string{
		"success-rate": "52.05%", "success-fraction": "2476/4757", "suits-before": "97.32", "suits-now": "84.38", "governance": "54",
		"received": "4719", "open": "317", "mean-days": "15.11", "median-days": "中位数 12.0 天", "audio-video": "43.66%", "confirmation": "36.83%",
	} {
		if got := words(a.test(id)); got != want {
			t.Errorf("%s shows %q, want %q", id, got, want)
		}
	}
}

func TestEveryFigureOfTheDashboardIsThatOfTheStatistics(t *testing.T) {
	h := demoYear()
	f := h.Statistics.Figures(statistics.Query{From: 20210101, To: 20211231})
	a := h.as(t, "leadership", "").get("/stats")
	tables := map[string]map[string]statistics.Group{
		"by-station": f.By.Station, "by-organisation": f.By.Organisation, "by-cause": f.By.Cause, "by-month": f.By.Month,
	}
	for id, groups := range tables {
		rows := bodyRows(a.find("data-testid", id))
		if len(rows) != len(groups) {
			t.Errorf("%s has %d rows for %d groups", id, len(rows), len(groups))
		}
		for key, g := range groups {
			name := key
			if st, ok := h.Directory.Station(key); ok {
				name = st.Name
			}
			if o, ok := h.Directory.Organisation(key); ok {
				name = o.Name
			}
			want := fmt.Sprintf("%d %d %s%%", g.Concluded, g.Success, *g.Rate)
			if got := rows[name]; got != want {
				t.Errorf("%s of %s shows %q, want %q", id, name, got, want)
			}
		}
	}
	funnel := map[string]int{"filed": f.Filed, "delegated": f.Delegated, "received": f.Received, "concluded": f.Concluded, "success": f.Success, "confirmed": f.Confirmed}
	for m, n := range funnel {
		if got := words(a.test("funnel-" + m)); !strings.HasSuffix(got, " "+strconv.Itoa(n)) {
			t.Errorf("the funnel shows %q for %s, want %d", got, m, n)
		}
	}
	sum := 0
	for _, cells := range bodyRows(a.find("data-testid", "grounds-table")) {
		n, _ := strconv.Atoi(strings.Fields(cells)[0])
		sum += n
	}
	if sum != f.Concluded-f.Success {
		t.Errorf("the grounds add up to %d, want %d", sum, f.Concluded-f.Success)
	}
}

// bodyRows gives a table's rows: the text of the cells by that of the heading.
func bodyRows(table *html.Node) map[string]string {
	rows := map[string]string{}
	if table == nil {
		return rows
	}
	answer{page: table}.each(func(n *html.Node) {
		if n.Data != "tr" || n.Parent.Data != "tbody" {
			return
		}
		head, cells := "", []string{}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type == html.ElementNode && c.Data == "th":
				head = words(c)
			case c.Type == html.ElementNode && words(c) != "":
				cells = append(cells, words(c))
			}
		}
		rows[head] = strings.Join(cells, " ")
	})
	return rows
}

func TestEveryNumberLinksToAListOfAsManyDisputes(t *testing.T) {
	h := demoYear()
	v := h.as(t, "leadership", "")
	for _, page := range []string{"/stats", "/stats?year=2021&as_of=2021-06-30", "/stats?from=2021-03-01&to=2021-05-31&station=130108005"} {
		a, checked := v.get(page), 0
		a.each(func(n *html.Node) {
			href := attr(n, "href")
			if n.Data != "a" || !strings.HasPrefix(href, "/stats/cases") || attr(n, "aria-current") != "" || strings.Contains(href, "measure=open") && attr(n, "data-testid") == "" {
				return
			}
			number, err := strconv.Atoi(lastWord(words(n)))
			if err != nil { // a tile's link stands below its number
				number, err = strconv.Atoi(words(a.test(strings.TrimSuffix(attr(n, "data-testid"), "-list"))))
			}
			if err != nil {
				return
			}
			checked++
			list := v.get(href)
			if got := attr(list.test("total"), "data-total"); list.status != http.StatusOK || got != strconv.Itoa(number) {
				t.Errorf("%s on %s says %d, and its list has %s (status %d)", href, page, number, got, list.status)
			}
		})
		if checked < 30 {
			t.Errorf("%s: only %d numbers with lists found", page, checked)
		}
	}
}

func lastWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

func TestAListCanBeReadToItsEndAndShowsEachDisputeOnce(t *testing.T) {
	h := demoYear()
	v := h.as(t, "leadership", "")
	path, seen := "/stats/cases?year=2021&measure=returned", map[string]bool{}
	want := len(h.Statistics.Cases(statistics.Query{From: 20210101, To: 20211231}, statistics.Returned))
	for pages := 0; path != "" && pages < 100; pages++ {
		a := v.get(path)
		for number := range bodyRows(a.test("behind")) {
			if seen[number] {
				t.Errorf("%s is listed twice", number)
			}
			seen[number] = true
		}
		path = attr(a.find("rel", "next"), "href")
	}
	if len(seen) != want {
		t.Errorf("%d disputes listed, want %d", len(seen), want)
	}
}

func TestListsBehindNumbersShowNoNames(t *testing.T) {
	h := newHouse(t)
	h.file(t, "d1")
	for _, v := range []*visitor{h.as(t, "leadership", ""), h.as(t, "judge", "130108001")} {
		for _, path := range []string{"/stats", "/stats/cases?year=2021&measure=filed"} {
			a := v.get(path)
			if a.status != http.StatusOK || strings.Contains(a.body, "李翀") || strings.Contains(a.body, "王喆") || strings.Contains(a.body, "1380000") {
				t.Errorf("%s answers %d and must not name the parties", path, a.status)
			}
		}
	}
}

func TestWhatIsDividedByNothingIsADash(t *testing.T) {
	a := newHouse(t).as(t, "leadership", "").get("/stats")
	for _, id := range []string{"success-rate", "mean-days", "audio-video", "confirmation", "suits-now", "suits-before"} {
		if got := words(a.test(id)); got != dash {
			t.Errorf("%s of an empty year shows %q, want %s", id, got, dash)
		}
	}
	if got := words(a.test("success-fraction")); got != "0/0" {
		t.Errorf("the fraction of an empty year is %q", got)
	}
}

func TestTheDefaultPeriodIsThisYearOrTheNewestWithData(t *testing.T) {
	h := demoYear()
	visit := func(now calendar.Date) int {
		return (&visit{site: h.site, at: now.Time()}).currentYear()
	}
	for today, want := range map[calendar.Date]int{20211231: 2021, 20261124: 2021, 20200105: 2020, 20190105: 2021} {
		if got := visit(today); got != want {
			t.Errorf("on %v the dashboard opens %d, want %d", today, got, want)
		}
	}
}

func TestThePastIsShownAsItWasAndSaysSo(t *testing.T) {
	h := demoYear()
	a := h.as(t, "leadership", "").get("/stats?year=2021&as_of=2021-06-30")
	want := h.Statistics.Figures(statistics.Query{From: 20210101, To: 20211231, AsOf: 20210630})
	if got := words(a.test("success-rate")); got != *want.SuccessRateConcluded+"%" {
		t.Errorf("as of June the rate is %q, want %s", got, *want.SuccessRateConcluded)
	}
	if got := words(a.test("as-of")); got != "截至 2021-06-30" {
		t.Errorf("the chip says %q", got)
	}
	if attr(a.find("id", "figures"), "hx-get") != "" {
		t.Error("figures of the past must not move")
	}
	if a.test("suits-change") != nil || !strings.Contains(a.body, "仅 6 个月数据") {
		t.Error("half a year of suits is compared with a whole one")
	}
	if got := words(h.as(t, "leadership", "").get("/stats").test("suits-change")); got != "下降 12.94（13.30%）" {
		t.Errorf("suits changed by %q", got)
	}
	before := h.as(t, "leadership", "").get("/stats?year=2021&as_known_at=2021-06-30")
	if got := words(before.test("success-rate")); got != dash {
		t.Errorf("nothing was recorded by June 2021, yet the rate is %q", got)
	}
}

func TestAPeriodThatCannotBeIsRefusedInWords(t *testing.T) {
	v := demoYear().as(t, "leadership", "")
	for path, want := range map[string]int{
		"/stats?year=abc": 422, "/stats?from=2021-02-30": 422, "/stats?as_of=yesterday": 422, "/stats?as_known_at=x": 422,
		"/stats?from=2021-05-01&to=2021-04-01": 422, "/stats?station=nowhere": 404, "/stats/cases?measure=nothing": 404, "/stats/cases": 404,
		"/stats/cases?measure=success&page=abc": 200, "/stats/cases?measure=success&page=-4": 200, "/stats/cases?measure=success&page=99999": 200,
	} {
		if got := v.get(path).status; got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
}

func TestTheScriptGetsTheFiguresAlone(t *testing.T) {
	v := demoYear().as(t, "leadership", "")
	self := attr(v.get("/stats").find("id", "figures"), "hx-get")
	a := v.send(http.MethodGet, self, nil, http.Header{"Hx-Request": {"true"}})
	if strings.Contains(a.body, "<html") || words(a.test("success-rate")) != "52.05%" {
		t.Errorf("the fragment begins %.80q", a.body)
	}
}

func TestADeedMovesTheDashboardByExactlyOne(t *testing.T) {
	h := newHouse(t)
	v := h.as(t, "leadership", "")
	h.file(t, "d1")
	h.delegate(t, "d1")
	h.settle(t, "d1")
	h.file(t, "d2")
	h.delegate(t, "d2")
	if got := words(v.get("/stats").test("success-fraction")); got != "1/1" {
		t.Fatalf("after one settlement the fraction is %q", got)
	}
	h.settle(t, "d2")
	a := v.get("/stats")
	if got := words(a.test("success-fraction")); got != "2/2" {
		t.Errorf("after another it is %q", got)
	}
	if got := words(a.test("newest")); strings.Count(got, "调解成功") != 2 {
		t.Errorf("the newest disputes are shown as %q", got)
	}
	h.file(t, "d3")
	h.do(t, "d3", mediation.ReturnApplication{Occasion: now(), Ground: mediation.NotSuitable, Note: "不适宜"})
	if got := attr(v.get("/stats/cases?year=2021&measure=returned").test("total"), "data-total"); got != "1" {
		t.Errorf("returned: %s", got)
	}
}

func TestTheListOfAMonthCountsWhatWasCorrectedLater(t *testing.T) {
	h := newHouse(t)
	h.do(t, "d1", mediation.ImportDispute{
		Today: 20211231, Court: h.CourtCode, Source: mediation.Source{ID: "P1", Hash: "h"}, Station: "130108001", Cause: "离婚纠纷",
		Parties: []mediation.Party{{Role: mediation.Applicant, Name: "李翀"}, {Role: mediation.Respondent, Name: "王喆"}},
		Filed:   20210901, Organisation: "RT-01", Designated: 20210902, Accepted: 20210903, Mediator: "刘调解员", Mode: mediation.OnSite,
		Outcome: mediation.OutcomeTerminated, Ground: mediation.WideDifferences, Ended: 20211120,
	})
	h.do(t, "d1", mediation.CorrectEntry{Occasion: now(), Field: mediation.FieldEnded, Is: "2021-10-20", Reason: "笔误"})
	v := h.as(t, "leadership", "")
	rows := bodyRows(v.get("/stats").test("by-month"))
	if len(rows) != 1 || rows["2021-10"] != "1 0 样本少 0.00%" {
		t.Fatalf("the months are %v", rows)
	}
	for _, a := range []string{"/stats", "/stats?from=2021-10-05&to=2021-12-31"} {
		href := ""
		v.get(a).each(func(n *html.Node) {
			if n.Parent.Data == "td" && n.Data == "a" && words(n) == "1" && strings.Contains(attr(n, "href"), "2021-10") {
				href = attr(n, "href")
			}
		})
		if got := attr(v.get(href).test("total"), "data-total"); got != "1" {
			t.Errorf("%s: the list of October, %s, has %s", a, href, got)
		}
	}
}

// TestTheExpectedFilesOfTheDemoCourtAreShown goes through every period of the
// file that says what the statistics must be.
func TestTheExpectedFilesOfTheDemoCourtAreShown(t *testing.T) {
	b, err := os.ReadFile("../../cmd/internal/democourt/yuhua-2021/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var periods map[string]json.RawMessage
	if err := json.Unmarshal(b, &periods); err != nil {
		t.Fatal(err)
	}
	v, checked := demoYear().as(t, "leadership", ""), 0
	for name, raw := range periods {
		var want statistics.Figures
		if json.Unmarshal(raw, &want) != nil || want.From.IsZero() {
			continue
		}
		checked++
		q := url.Values{"from": {want.From.String()}, "to": {want.To.String()}, "as_of": {want.AsOf.String()}}
		a := v.get("/stats?" + q.Encode())
		if got := words(a.test("success-fraction")); got != fmt.Sprintf("%d/%d", want.Success, want.Concluded) {
			t.Errorf("%s: %q, want %d/%d", name, got, want.Success, want.Concluded)
		}
		if got := words(a.test("success-rate")); got != orDash(want.SuccessRateConcluded, "%") {
			t.Errorf("%s: the rate is %q", name, got)
		}
	}
	if checked == 0 {
		t.Fatal("no period found")
	}
}
