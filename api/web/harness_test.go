package web

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"doorstep/api/sheets"
	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
	"doorstep/domain/roster"
	"doorstep/domain/routing"
	"doorstep/domain/supervision"
	"doorstep/projections/casefile"
	"doorstep/projections/directory"
	"doorstep/projections/docket"
	"doorstep/projections/follow"
	"doorstep/projections/statistics"
)

// courthouse is a whole court in memory, with the true rules and views, and its
// pages served.
type courthouse struct {
	*site
	roster *roster.Desk
	log    *memory.Log
	url    string
}

// noon is the clock of the court in tests.
var noon = time.Date(2021, 12, 31, 12, 0, 0, 0, calendar.Shanghai)

// newHouse opens a court with a roster and nothing else.
func newHouse(t testing.TB, change ...func(*House)) *courthouse {
	t.Helper()
	log, dir := memory.New(), t.TempDir()
	h := House{
		Disputes:      decide.NewDesk(log, mediation.Decider, mediation.Codec, 100),
		Confirmations: decide.NewDesk(log, confirmation.Decider, confirmation.Codec, 100),
		Files:         casefile.New(log), Rules: routing.Official(), Now: func() time.Time { return noon },
		CourtCode: "冀0108", CourtName: "石家庄市裕华区人民法院", Demo: true, Version: "test", Key: []byte("a key of at least sixteen bytes"),
	}
	h.Directory = opened(t, directory.Open, filepath.Join(dir, "directory"))
	h.Docket = opened(t, docket.Open, filepath.Join(dir, "docket"))
	h.Statistics = opened(t, statistics.Open, filepath.Join(dir, "statistics"))
	forms := follow.NewForms()
	follow.Add(forms, mediation.Codec)
	follow.Add(forms, confirmation.Codec)
	follow.Add(forms, roster.Codec)
	follow.Add(forms, supervision.Codec)
	h.Follower = follow.New(log, forms, time.Now, nil, h.Directory, h.Docket, h.Statistics)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Follower.Run(ctx) }()
	for _, c := range change {
		c(&h)
	}
	s, err := build(h)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.handler())
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		stop()
		<-done
	})
	house := &courthouse{site: s, roster: decide.NewDesk(log, roster.Decider, roster.Codec, 100), log: log, url: server.URL}
	house.list(t)
	return house
}

func opened[V interface{ Close() error }](t testing.TB, open func(string) (V, error), dir string) V {
	t.Helper()
	v, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

// list puts two workstations, two organisations and their ground on the roster.
func (h *courthouse) list(t testing.TB) {
	t.Helper()
	at := calendar.On(20210101)
	h.enter(t, roster.TerritoryStream("130108"), roster.ListTerritory{At: at, Code: "130108", Name: "裕华区"})
	h.enter(t, roster.TerritoryStream("130108001"), roster.ListTerritory{At: at, Code: "130108001", Name: "裕兴街道", Parent: "130108"})
	h.enter(t, roster.StationStream("130108001"), roster.ListStation{At: at, Code: "130108001", Name: "裕兴街道法官工作站", Territory: "130108001"})
	h.enter(t, roster.StationStream("130108002"), roster.ListStation{At: at, Code: "130108002", Name: "裕强街道法官工作站", Territory: "130108"})
	h.enter(t, roster.OrganisationStream("RT-01"), roster.ListOrganisation{At: at, Code: "RT-01", Name: "裕华区人民调解委员会", Type: "人民调解委员会"})
	h.enter(t, roster.OrganisationStream("LS-01"), roster.ListOrganisation{At: at, Code: "LS-01", Name: "律师调解工作室", Type: "律师调解"})
	h.catchUp(t)
}

func (h *courthouse) enter(t testing.TB, stream string, cmd roster.Command) {
	t.Helper()
	if _, err := h.roster.Do(context.Background(), stream, decide.Deed{ID: stream, At: noon, Actor: "test"}, cmd); err != nil {
		t.Fatal(err)
	}
}

func (h *courthouse) catchUp(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := h.Follower.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
}

// do carries a command out at the desk of disputes, as if by a page.
func (h *courthouse) do(t testing.TB, id string, cmd mediation.Command) {
	t.Helper()
	deed := decide.Deed{ID: newForm("", 0).Deed, At: noon, Actor: "test"}
	if _, err := h.Disputes.Do(context.Background(), mediation.Stream(id), deed, cmd); err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	h.catchUp(t)
}

// apply carries a command out on the confirmation of a dispute.
func (h *courthouse) apply(t testing.TB, id string, cmd confirmation.Command) {
	t.Helper()
	deed := decide.Deed{ID: newForm("", 0).Deed, At: noon, Actor: "test"}
	if _, err := h.Confirmations.Do(context.Background(), confirmation.Stream(id), deed, cmd); err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	h.catchUp(t)
}

// now is the occasion of a deed at noon.
func now() mediation.Occasion {
	return mediation.Occasion{At: calendar.At(noon), Today: calendar.DateOf(noon)}
}

// file files a dispute at the first workstation.
func (h *courthouse) file(t testing.TB, id string) {
	t.Helper()
	h.do(t, id, mediation.FileDispute{
		Occasion: now(), Court: h.CourtCode, Station: "130108001", Channel: mediation.AtStation, Cause: "民间借贷纠纷", Amount: 5000000,
		Parties:  []mediation.Party{{Role: mediation.Applicant, Name: "李翀", Phone: "13800001234"}, {Role: mediation.Respondent, Name: "王喆"}},
		Informed: true,
	})
}

// delegate designates the first organisation, on the platform.
func (h *courthouse) delegate(t testing.TB, id string) {
	t.Helper()
	h.do(t, id, mediation.Designate{Occasion: now(), Organisation: "RT-01", Deliver: true})
}

// settle brings a delegated dispute to an agreement in effect.
func (h *courthouse) settle(t testing.TB, id string) {
	t.Helper()
	h.do(t, id, mediation.RecordConsent{Occasion: now(), Party: "B1", Way: mediation.InPerson})
	h.do(t, id, mediation.Accept{Occasion: now(), Organisation: "RT-01", Mediator: "刘调解员", Mode: mediation.Video})
	h.do(t, id, mediation.HoldSession{Occasion: now(), Organisation: "RT-01", Mode: mediation.Video, Attended: []string{"A1", "B1"}, Record: "已谈妥"})
	h.do(t, id, mediation.ReachAgreement{Occasion: now(), Organisation: "RT-01", Form: mediation.Written, Terms: "分期还款"})
	h.do(t, id, mediation.TakeEffect{Occasion: now(), Organisation: "RT-01", AllSigned: true, Sealed: true})
}

// importDemo brings the demo court's year in.
func (h *courthouse) importDemo(t testing.TB) {
	t.Helper()
	book, err := sheets.Open("../../cmd/internal/democourt/yuhua-2021")
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	im := &sheets.Importer{
		Disputes: h.Disputes, Confirmations: h.Confirmations, Roster: h.roster,
		Governance: decide.NewDesk(h.log, supervision.Decider, supervision.Codec, 100),
		Now:        time.Now, Court: h.CourtCode, Actor: "import",
	}
	report, err := im.Run(context.Background(), book, nil)
	if err != nil {
		t.Fatal(err)
	}
	report.Close()
	h.catchUp(t)
}

// visitor is a browser without scripts.
type visitor struct {
	t      testing.TB
	client *http.Client
	base   string
}

// anyone is a visitor who has not signed in.
func (h *courthouse) anyone(t testing.TB) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &visitor{t, client, h.url}
}

// as is a visitor of a role in its place.
func (h *courthouse) as(t testing.TB, role, place string) *visitor {
	t.Helper()
	v := h.anyone(t)
	if a := v.post("/login", url.Values{"role": {role}, "place": {place}}); a.status != http.StatusSeeOther {
		t.Fatalf("signing in as %s at %q answers %d", role, place, a.status)
	}
	return v
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	page   *html.Node
}

func (v *visitor) get(path string) answer { return v.send(http.MethodGet, path, nil, nil) }

func (v *visitor) post(path string, form url.Values) answer {
	return v.send(http.MethodPost, path, form, nil)
}

func (v *visitor) send(method, path string, form url.Values, header http.Header) answer {
	v.t.Helper()
	req, err := http.NewRequest(method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	req.Header.Set("Accept", "text/html")
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: string(b)}
	if a.page, err = html.Parse(strings.NewReader(a.body)); err != nil {
		v.t.Fatal(err)
	}
	return a
}

// follow gets a page and goes on where it sends the visitor.
func (v *visitor) follow(path string) answer {
	v.t.Helper()
	a := v.get(path)
	for i := 0; i < 5 && a.status/100 == 3; i++ {
		a = v.get(a.header.Get("Location"))
	}
	return a
}

// each walks all elements of the page.
func (a answer) each(see func(*html.Node)) {
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			see(n)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(a.page)
}

// find is the first element for which the attribute has the value.
func (a answer) find(name, value string) *html.Node {
	var found *html.Node
	a.each(func(n *html.Node) {
		if found == nil && attr(n, name) == value {
			found = n
		}
	})
	return found
}

// test is the first element of that data-testid.
func (a answer) test(id string) *html.Node { return a.find("data-testid", id) }

// hidden is the fields of the form that is posted to action, filled in as the
// page has them.
func (a answer) hidden(action string) url.Values {
	values := url.Values{}
	form := a.find("action", action)
	if form == nil {
		return values
	}
	answer{page: form}.each(func(n *html.Node) {
		if n.Data == "input" && attr(n, "type") == "hidden" {
			values.Add(attr(n, "name"), attr(n, "value"))
		}
	})
	return values
}

// attr is a node's attribute; empty where there is none, or no node.
func attr(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// words is the text below a node, with single spaces.
func words(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
