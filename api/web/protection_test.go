package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"doorstep/api/auth"
	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/projections/casefile"
	"doorstep/projections/docket"
)

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	h := newHouse(t)
	h.file(t, "d1")
	paths := []string{"/nothing", "/assets/nothing.css", h.assets.named["app.css"], h.assets.named["parts.css"]}
	for _, r := range routes {
		if r.method == http.MethodGet && r.path != "/live" {
			paths = append(paths, strings.ReplaceAll(r.path, ":id", "d1"))
		}
	}
	for _, v := range []*visitor{h.anyone(t), h.as(t, "judge", "130108001"), h.as(t, "leadership", "")} {
		for _, path := range paths {
			a := v.get(path)
			for name, want := range map[string]string{
				"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			} {
				if a.header.Get(name) != want {
					t.Errorf("%s: %s is %q", path, name, a.header.Get(name))
				}
			}
			if cache := a.header.Get("Cache-Control"); cache != "no-store" && !(strings.HasPrefix(path, "/assets/") && a.status == http.StatusOK) {
				t.Errorf("%s may be kept: %q", path, cache)
			}
		}
	}
}

func TestThePolicyAllowsNothingInline(t *testing.T) {
	for _, no := range []string{"unsafe-inline", "unsafe-eval", "nonce-", "sha256-", "http:", "https:", "*"} {
		if strings.Contains(policy, no) {
			t.Errorf("the policy allows %s", no)
		}
	}
}

// everyPage walks the pages of every role, in both languages.
func everyPage(t *testing.T, see func(where string, lang string, a answer)) {
	t.Helper()
	h := newHouse(t)
	for _, id := range []string{"d1", "d2", "d3", "d4"} {
		h.file(t, id)
	}
	for _, id := range []string{"d2", "d3", "d4"} {
		h.delegate(t, id)
	}
	for _, id := range []string{"d3", "d4"} {
		h.settle(t, id)
	}
	h.apply(t, "d4", applyNow("d4"))
	for _, lang := range languages {
		for _, who := range []struct{ role, place string }{{"judge", "130108001"}, {"committee", "RT-01"}, {"confirming", ""}, {"leadership", ""}} {
			v := h.as(t, who.role, who.place)
			v.get("/login?lang=" + lang)
			crawl(v, "/", 160, func(path string, a answer) { see(who.role+" "+path, lang, a) })
		}
		v := h.anyone(t)
		v.get("/login?lang=" + lang)
		for _, path := range []string{"/login", "/nothing"} {
			see("anyone "+path, lang, v.get(path))
		}
	}
}

// crawl follows every link of ours from the path on, up to so many pages.
func crawl(v *visitor, from string, most int, see func(string, answer)) {
	todo, seen := []string{from}, map[string]bool{from: true}
	for len(todo) > 0 && len(seen) <= most {
		path := todo[0]
		todo = todo[1:]
		a := v.follow(path)
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		see(path, a)
		a.each(func(n *html.Node) {
			href := attr(n, "href")
			u, err := url.Parse(href)
			if n.Data != "a" || err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") || u.Query().Has("lang") {
				return
			}
			key := u.Path // pages that differ by their question only look the same
			if u.Query().Has("measure") {
				key += u.Query().Get("measure")
			}
			if !seen[key] {
				seen[key] = true
				todo = append(todo, href)
			}
		})
	}
}

func TestNoPageHasInlineStyleOrScript(t *testing.T) {
	pages := 0
	everyPage(t, func(where, lang string, a answer) {
		pages++
		a.each(func(n *html.Node) {
			switch {
			case n.Data == "style":
				t.Errorf("%s: a style element", where)
			case n.Data == "script" && attr(n, "src") == "" && attr(n, "type") != "application/json":
				t.Errorf("%s: an inline script", where)
			}
			for _, at := range n.Attr {
				if at.Key == "style" || strings.HasPrefix(at.Key, "on") || strings.HasPrefix(at.Key, "hx-on") || strings.HasPrefix(strings.TrimSpace(strings.ToLower(at.Val)), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", where, n.Data, at.Key, at.Val)
				}
			}
		})
	})
	if pages < 80 {
		t.Errorf("only %d pages were looked at", pages)
	}
}

var chinese = regexp.MustCompile(`\p{Han}`)

func TestEnglishPagesAreEnglishButForWhatPeopleWrote(t *testing.T) {
	told := map[string]bool{}
	everyPage(t, func(where, lang string, a answer) {
		if strings.Contains(a.body, "⟦") {
			t.Errorf("%s (%s): a text is missing: %s", where, lang, regexp.MustCompile(`⟦[^⟧]*⟧`).FindString(a.body))
		}
		if lang != "en" {
			return
		}
		eachText(a.page, func(n *html.Node, text string) {
			if chinese.MatchString(text) && !told[text] {
				told[text] = true
				t.Errorf("%s: <%s> says %q on an English page without saying that it is Chinese", where, n.Data, text)
			}
		})
	})
}

// eachText gives every text that is read to a visitor in the page's language:
// words, and attributes that are spoken or shown.
func eachText(n *html.Node, see func(*html.Node, string)) {
	if n.Type == html.ElementNode && strings.HasPrefix(attr(n, "lang"), "zh") && n.Data != "html" {
		return
	}
	if n.Type == html.TextNode {
		see(n.Parent, n.Data)
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "title", "placeholder", "alt", "aria-label":
			see(n, a.Val)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		eachText(c, see)
	}
}

func TestEveryControlHasALabelAndEveryIDIsItsOwn(t *testing.T) {
	everyPage(t, func(where, lang string, a answer) {
		ids, labelled := map[string]bool{}, map[string]bool{}
		a.each(func(n *html.Node) {
			if id := attr(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: id %q twice", where, id)
				}
				ids[id] = true
			}
			if n.Data == "label" {
				labelled[attr(n, "for")] = true
			}
		})
		a.each(func(n *html.Node) {
			for _, ref := range strings.Fields(attr(n, "aria-labelledby") + " " + attr(n, "aria-describedby") + " " + attr(n, "list")) {
				if !ids[ref] {
					t.Errorf("%s: <%s> points at %q, which is not there", where, n.Data, ref)
				}
			}
			if n.Data != "input" && n.Data != "select" && n.Data != "textarea" || attr(n, "type") == "hidden" {
				return
			}
			if !labelled[attr(n, "id")] && attr(n, "aria-label") == "" && !insideLabel(n) {
				t.Errorf("%s: the control %q has no label", where, attr(n, "name"))
			}
		})
	})
}

func insideLabel(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" {
			return true
		}
	}
	return false
}

func TestAFormOfAnotherSiteOrSessionDoesNothing(t *testing.T) {
	h := newHouse(t)
	v, other := h.as(t, "judge", "130108001"), h.as(t, "judge", "130108001")
	page := v.get("/cases/new")
	form := page.hidden("/cases/new")
	if form.Get("token") == "" || form.Get("deed") == "" {
		t.Fatalf("the form carries %v", form)
	}
	fill(form)
	without, foreign := clone(form), clone(form)
	without.Del("token")
	foreign.Set("token", other.get("/cases/new").hidden("/cases/new").Get("token"))
	tries := []struct {
		name   string
		form   url.Values
		header http.Header
		want   int
	}{
		{"no token", without, nil, http.StatusForbidden},
		{"a token of another session", foreign, nil, http.StatusForbidden},
		{"another site, says the browser", form, http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		{"another site, by its origin", form, http.Header{"Sec-Fetch-Site": {}, "Origin": {"https://elsewhere.example"}}, http.StatusForbidden},
		{"no deed", drop(form, "deed"), nil, http.StatusBadRequest},
		{"a deed that is no id", with(form, "deed", "x"), nil, http.StatusBadRequest},
		{"a deed in another spelling", with(form, "deed", strings.ToUpper(form.Get("deed"))), nil, http.StatusBadRequest},
		{"the page's own", form, nil, http.StatusSeeOther},
	}
	for _, try := range tries {
		a := v.send(http.MethodPost, "/cases/new", try.form, try.header)
		if a.status != try.want {
			t.Errorf("%s: answers %d, want %d", try.name, a.status, try.want)
		}
		if n := h.filed(t); try.want != http.StatusSeeOther && n != 0 {
			t.Errorf("%s: %d disputes were filed", try.name, n)
		}
	}
}

func TestAFormSentTwiceIsDoneOnce(t *testing.T) {
	h := newHouse(t)
	v := h.as(t, "judge", "130108001")
	form := v.get("/cases/new").hidden("/cases/new")
	fill(form)
	first, second := v.post("/cases/new", form), v.post("/cases/new", form)
	if first.status != http.StatusSeeOther || second.status != http.StatusSeeOther || first.header.Get("Location") != second.header.Get("Location") {
		t.Errorf("the two answers are %d %s and %d %s", first.status, first.header.Get("Location"), second.status, second.header.Get("Location"))
	}
	if n := h.filed(t); n != 1 {
		t.Errorf("%d disputes were filed", n)
	}
	if a := v.follow(first.header.Get("Location")); a.status != http.StatusOK {
		t.Errorf("the page behind it answers %d", a.status)
	}
}

// filed counts what the court has on its list.
func (h *courthouse) filed(t *testing.T) int {
	t.Helper()
	h.catchUp(t)
	page, err := h.Docket.List(t.Context(), docketAll)
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

func clone(form url.Values) url.Values {
	out := url.Values{}
	for k, v := range form {
		out[k] = append([]string(nil), v...)
	}
	return out
}

func drop(form url.Values, name string) url.Values {
	out := clone(form)
	out.Del(name)
	return out
}

func with(form url.Values, name, value string) url.Values {
	out := clone(form)
	out.Set(name, value)
	return out
}

func TestTheLogNamesRoutesAndNobody(t *testing.T) {
	var b bytes.Buffer
	var observed []string
	h := newHouse(t, func(h *House) {
		h.Log = slog.New(slog.NewTextHandler(&b, nil))
		h.Observe = func(method, route string, status int, _ time.Duration) { observed = append(observed, method+" "+route) }
	})
	h.file(t, "secret-case")
	v := h.as(t, "judge", "130108001")
	v.get("/cases/secret-case")
	v.get("/desk?q=%E6%9D%8E%E7%BF%80")
	v.get("/secret-path")
	for _, no := range []string{"secret-case", "李翀", "%E6%9D%8E", "secret-path", "王喆"} {
		if strings.Contains(b.String(), no) {
			t.Errorf("the log says %s", no)
		}
	}
	if !strings.Contains(b.String(), "route=/cases/:id") || !strings.Contains(strings.Join(observed, "\n"), "GET /cases/:id") {
		t.Errorf("the route is not in the log or the metrics:\n%s\n%v", b.String(), observed)
	}
}

func TestAHandlerThatPanicsAnswersWithAnErrorPage(t *testing.T) {
	var b bytes.Buffer
	h := newHouse(t, func(h *House) {
		h.Log = slog.New(slog.NewTextHandler(&b, nil))
	})
	v := h.as(t, "leadership", "")
	h.House.Statistics = nil
	a := v.get("/stats")
	if a.status != http.StatusInternalServerError || strings.Contains(a.body, "nil pointer") || !strings.Contains(b.String(), "nil pointer") {
		t.Errorf("answers %d; the page must not say why, the log must", a.status)
	}
	if id := a.header.Get("X-Request-Id"); id == "" || !strings.Contains(a.body, id) || !strings.Contains(b.String(), id) {
		t.Errorf("the page and the log must share the reference %q", id)
	}
}

func TestAssetsAreKeptForEverUnderTheNameOfTheirContent(t *testing.T) {
	h := newHouse(t)
	v := h.anyone(t)
	for name, path := range h.assets.named {
		a := v.send(http.MethodGet, path, nil, http.Header{"Accept-Encoding": {"identity"}})
		content, err := staticFiles.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if a.status != http.StatusOK || a.body != string(content) || !strings.Contains(path, hex.EncodeToString(sum[:6])) {
			t.Errorf("%s answers %d", path, a.status)
		}
		if got := a.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %q", path, got)
		}
		zipped := v.send(http.MethodGet, path, nil, http.Header{"Accept-Encoding": {"gzip"}})
		if len(content) > 1000 && zipped.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed", path)
		}
	}
	vendor, err := staticFiles.ReadFile("static/VENDOR.md")
	if err != nil {
		t.Fatal(err)
	}
	htmx, _ := staticFiles.ReadFile("static/htmx.min.js")
	if sum := sha256.Sum256(htmx); !strings.Contains(string(vendor), hex.EncodeToString(sum[:])) {
		t.Error("htmx.min.js is not the file that VENDOR.md names")
	}
}

func TestSomebodyElsesSessionOpensNothing(t *testing.T) {
	h := newHouse(t)
	real := newHouse(t, func(h *House) { h.Demo, h.Entry = false, func(token string) bool { return token == "once" } })
	fresh := func() *visitor { return real.anyone(t) }
	if a := fresh().get("/stats"); a.status != http.StatusUnauthorized || !strings.Contains(a.body, "doorstep sign-in") {
		t.Errorf("outside demo mode /stats answers a stranger with %d and must say how to get a link", a.status)
	}
	if a := fresh().post("/login", url.Values{"role": {"leadership"}}); a.status != http.StatusUnauthorized {
		t.Errorf("a stranger who chooses a role is answered %d", a.status)
	}
	if a := fresh().get("/enter?token=wrong"); a.status != http.StatusUnauthorized {
		t.Errorf("a wrong link is answered %d", a.status)
	}
	demo := h.as(t, "leadership", "")
	stolen := real.anyone(t)
	u, _ := url.Parse(real.url)
	from, _ := url.Parse(h.url)
	stolen.client.Jar.SetCookies(u, demo.client.Jar.Cookies(from))
	if a := stolen.get("/stats"); a.status != http.StatusUnauthorized {
		t.Errorf("a session of the demo court opens another: %d", a.status)
	}
	v := fresh()
	if a := v.get("/enter?token=once"); a.status != http.StatusSeeOther {
		t.Fatalf("the link is answered %d", a.status)
	}
	if a := v.get("/stats"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/login?next=") {
		t.Errorf("an operator without a role is answered %d", a.status)
	}
	page := v.get("/login")
	form := with(page.hidden("/login"), "role", string(auth.Leadership))
	form.Set("place", "")
	if a := v.post("/login", form); a.status != http.StatusSeeOther || v.get("/stats").status != http.StatusOK {
		t.Errorf("choosing a role is answered %d", a.status)
	}
	if a := v.post("/logout", v.get("/stats").hidden("/logout")); a.status != http.StatusSeeOther || v.get("/stats").status != http.StatusUnauthorized {
		t.Error("signing out does not end the session")
	}
}

func TestSigningInGoesOnOnlyToPagesOfOurs(t *testing.T) {
	h := newHouse(t)
	for next, want := range map[string]string{
		"/stats?year=2021": "/stats?year=2021", "//evil.example": "/stats", "https://evil.example": "/stats", "/\\evil.example": "/stats", "": "/stats", "/a\r\nb": "/stats",
	} {
		a := h.anyone(t).post("/login", url.Values{"role": {"leadership"}, "next": {next}})
		if got := a.header.Get("Location"); got != want {
			t.Errorf("next=%q leads to %q", next, got)
		}
	}
	for _, form := range []url.Values{{"role": {"judge"}}, {"role": {"judge"}, "place": {"nowhere"}}, {"role": {"king"}}, {"role": {"committee"}, "place": {"130108001"}}} {
		if a := h.anyone(t).post("/login", form); a.status != http.StatusBadRequest {
			t.Errorf("%v is answered %d", form, a.status)
		}
	}
}

// fill fills the filing form in.
func fill(form url.Values) {
	for name, value := range map[string]string{
		"cause": "民间借贷纠纷", "amount": "50000", "channel": "工作站", "on": "2021-12-31", "a1-name": "李翀", "a1-phone": "13800001234", "b1-name": "王喆", "informed": "yes",
	} {
		form.Set(name, value)
	}
}

// asOfNow is no moment of the past.
var asOfNow casefile.AsOf

var docketAll = docket.Filter{Limit: 500}

// applyNow applies for confirmation of the agreement of a dispute settled at noon.
func applyNow(id string) confirmation.Command {
	day := calendar.DateOf(noon)
	return confirmation.Apply{Occasion: confirmation.Occasion{At: calendar.At(noon), Today: day}, Dispute: id, Effective: day, ApplyBy: day.AddDays(30), Joint: true}
}
