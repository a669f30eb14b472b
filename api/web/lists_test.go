package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// fileAt files a dispute at the first workstation on a day, and delegates and
// accepts it where days are given for that.
func (h *courthouse) fileAt(t testing.TB, id, applicant string, days ...calendar.Date) {
	t.Helper()
	on := func(d calendar.Date) mediation.Occasion {
		return mediation.Occasion{At: calendar.On(d), Today: calendar.DateOf(noon)}
	}
	h.do(t, id, mediation.FileDispute{
		Occasion: on(days[0]), Station: "130108001", Channel: mediation.AtStation, Cause: "买卖合同纠纷", Informed: true,
		Parties: []mediation.Party{{Role: mediation.Applicant, Name: applicant}, {Role: mediation.Respondent, Name: "王喆"}},
	})
	if len(days) > 1 {
		h.do(t, id, mediation.Designate{Occasion: on(days[1]), Organisation: "RT-01", Deliver: true})
	}
	if len(days) > 2 {
		h.do(t, id, mediation.Accept{Occasion: on(days[2]), Organisation: "RT-01", Mediator: "刘淑芬"})
	}
}

// desk is a workstation's desk with one of each urgency: overdue, today (the
// answer is due), soon, later, and none.
func desk(t testing.TB) *courthouse {
	h := newHouse(t)
	h.fileAt(t, "overdue", "钱一", 20211101, 20211101, 20211101)
	h.fileAt(t, "today", "孙二", 20211228, 20211228)
	h.fileAt(t, "soon", "李三", 20211230, 20211230)
	h.fileAt(t, "later", "周四", 20211231, 20211231, 20211231)
	h.fileAt(t, "none", "吴五", 20211231)
	return h
}

// listedOrder are the ids of the cases on a list, in its order.
func (a answer) listedOrder() []string {
	var ids []string
	a.each(func(n *html.Node) {
		if n.Data == "a" && has(n, "data-open") {
			ids = append(ids, strings.TrimPrefix(attr(n, "href"), "/cases/"))
		}
	})
	return ids
}

func TestTheDeskShowsWhatIsDueFirstInGroups(t *testing.T) {
	h := desk(t)
	a := h.as(t, "judge", "130108001").get("/desk")
	if got := strings.Join(a.listedOrder(), " "); got != "overdue today soon later none" {
		t.Errorf("the desk lists %q", got)
	}
	var groups []string
	a.each(func(n *html.Node) {
		if attr(n, "scope") == "rowgroup" {
			groups = append(groups, words(n))
		}
	})
	if got := strings.Join(groups, " "); got != "已超期 今天到期 三个工作日内 以后到期 未计期限" {
		t.Errorf("its groups are %q", got)
	}
	for name, want := range map[string]string{"all": "5", "overdue": "1", "today": "1", "soon": "1", "later": "1", "none": "1"} {
		if got := words(a.test("count-" + name)); got != want {
			t.Errorf("%s counts %s, want %s", name, got, want)
		}
	}
	if a.find("href", "/cases/new") == nil {
		t.Error("a new dispute cannot be filed from the desk")
	}
}

func TestTheDeskIsNarrowedByUrgencyAndStage(t *testing.T) {
	h := desk(t)
	h.do(t, "later", mediation.Terminate{Occasion: now(), Organisation: "RT-01", Ground: mediation.SettledAndWithdrawn})
	judge := h.as(t, "judge", "130108001")
	for path, want := range map[string]string{
		"/desk?urgency=overdue":                  "overdue",
		"/desk?stage=designated":                 "today soon",
		"/desk?stage=designated&urgency=overdue": "",
		"/desk?stage=terminated":                 "later",
		"/desk":                                  "overdue today soon none",
	} {
		if got := strings.Join(judge.get(path).listedOrder(), " "); got != want {
			t.Errorf("%s lists %q, want %q", path, got, want)
		}
	}
	if all := judge.get("/desk?stage=all").listedOrder(); len(all) != 5 {
		t.Errorf("all stages list %v", all)
	}
	if empty := judge.get("/desk?urgency=overdue&stage=filed"); !strings.Contains(empty.body, "没有找到") || empty.find("href", "/desk") == nil {
		t.Error("a list without entries does not say how to go on")
	}
	if quiet := h.as(t, "judge", "130108002").get("/desk"); !strings.Contains(quiet.body, "没有在办的纠纷") {
		t.Error("an empty desk does not say so")
	}
}

// A name is looked for by a form, never by an address: addresses are kept in
// histories and logs.
func TestASearchFindsAndLeavesNoNameInAnAddress(t *testing.T) {
	h := desk(t)
	judge := h.as(t, "judge", "130108001")
	form := having(judge.get("/desk").filled("/desk"), "q", "孙二")
	a := judge.post("/desk", form)
	if got := strings.Join(a.listedOrder(), " "); a.status != http.StatusOK || got != "today" {
		t.Errorf("the search answers %d and %q", a.status, got)
	}
	if a.filled("/desk").Get("q") != "孙二" {
		t.Error("what was looked for is not in the field")
	}
	a.each(func(n *html.Node) {
		for _, name := range []string{"href", "action"} {
			if s, err := url.QueryUnescape(attr(n, name)); err != nil || strings.Contains(s, "孙") {
				t.Errorf("a name is in an address: %s", s)
			}
		}
	})
	if a := judge.get("/desk?q=" + url.QueryEscape("孙二")); len(a.listedOrder()) != 5 {
		t.Error("a name in an address is looked for")
	}
	if a := judge.post("/desk", having(form, "q", "", "stage", "designated")); a.status != http.StatusSeeOther || a.header.Get("Location") != "/desk?stage=designated" {
		t.Errorf("a stage chosen without a text answers %d to %q", a.status, a.header.Get("Location"))
	}
	part := judge.send(http.MethodPost, "/desk", form, http.Header{"Hx-Request": {"true"}})
	if strings.Contains(part.body, "<html") || strings.Join(part.listedOrder(), " ") != "today" {
		t.Error("the page's own script does not get just the list")
	}
}

func TestALongDeskIsTurnedPageByPage(t *testing.T) {
	h := newHouse(t)
	for i := range deskPage + 5 {
		h.fileAt(t, "d"+strconv.Itoa(i), "甲", 20211231)
	}
	judge := h.as(t, "judge", "130108001")
	first := judge.get("/desk")
	next := attr(first.find("rel", "next"), "href")
	if len(first.listedOrder()) != deskPage || next == "" {
		t.Fatalf("the first page lists %d and leads to %q", len(first.listedOrder()), next)
	}
	second := judge.get(next)
	seen := map[string]bool{}
	for _, id := range append(first.listedOrder(), second.listedOrder()...) {
		seen[id] = true
	}
	if len(seen) != deskPage+5 || second.find("rel", "next") != nil || attr(second.find("rel", "prev"), "href") != "/desk" {
		t.Errorf("both pages list %d", len(seen))
	}
	if !strings.Contains(words(second.test("total")), "第 31–35 件，共 35 件") {
		t.Errorf("the pager says %q", words(second.test("total")))
	}
	if wrong := judge.get("/desk?after=of-another-list"); wrong.status != http.StatusOK || len(wrong.listedOrder()) != deskPage {
		t.Errorf("a mark of another list answers %d", wrong.status)
	}
}

func TestTheInboxAnswersInPlace(t *testing.T) {
	h := desk(t)
	body := h.as(t, "committee", "RT-01")
	inbox := body.get("/committee")
	if n := len(inbox.all("to-answer")); n != 2 {
		t.Fatalf("%d are to be answered, want 2", n)
	}
	if got := strings.Join(answer{page: inbox.test("hand")}.listedOrder(), " "); got != "overdue later" {
		t.Errorf("in hand are %q", got)
	}
	a := body.sent("/cases/today/acceptance", having(inbox.filled("/cases/today/acceptance"), "mediator", "刘淑芬", "mode", "视频"))
	if a.test("answer") == nil || !strings.Contains(words(a.test("did")), "已经接受委派") || len(a.all("to-answer")) != 1 {
		t.Errorf("after accepting in place: %s", words(a.page))
	}
	a = body.sent("/cases/soon/refusal", having(a.filled("/cases/soon/refusal"), "cause", "capacity"))
	if len(a.all("to-answer")) != 0 || !strings.Contains(a.body, "没有待接受的委派") {
		t.Errorf("after declining in place: %s", words(a.page))
	}
}

// An answer given in place that is refused comes back at the form of its step.
func TestAnAnswerInPlaceThatIsRefusedComesBackAtItsForm(t *testing.T) {
	h := desk(t)
	body := h.as(t, "committee", "RT-01")
	form := having(body.get("/committee").filled("/cases/today/acceptance"), "mediator", "孙二", "mode", "视频")
	a := body.post("/cases/today/acceptance", form)
	if a.status != http.StatusUnprocessableEntity || attr(a.test("refusal"), "data-code") != "party-mediates" {
		t.Fatalf("it answers %d", a.status)
	}
	again := a.filled("/cases/today/acceptance")
	if again.Get("mediator") != "孙二" || again.Get("mode") != "视频" || again.Get("from") != "list" {
		t.Errorf("it comes back as %v", again)
	}
	if a := body.sent("/cases/today/acceptance", having(again, "mediator", "刘淑芬")); a.test("answer") == nil {
		t.Error("it does not lead back to the inbox")
	}
}

// A list may be old when its form is sent.
func TestAnAnswerInPlaceToWhatHasChangedShowsTheChange(t *testing.T) {
	h := desk(t)
	body := h.as(t, "committee", "RT-01")
	form := having(body.get("/committee").filled("/cases/today/acceptance"), "mediator", "刘淑芬")
	h.do(t, "today", mediation.RecordRefusal{Occasion: now(), Party: "B1", Way: mediation.ByTheLine})
	a := body.post("/cases/today/acceptance", form)
	if a.status != http.StatusConflict || !strings.Contains(words(a.test("stale")), "当事人不同意调解") {
		t.Errorf("it answers %d: %s", a.status, words(a.page))
	}
}

func TestTheConfirmingJudgeSeesWhatWasAppliedForAndNothingElse(t *testing.T) {
	h := newHouse(t)
	for _, id := range []string{"d1", "d2", "d3"} {
		h.file(t, id)
		h.delegate(t, id)
		h.settle(t, id)
	}
	h.apply(t, "d1", applyNow("d1"))
	h.apply(t, "d2", applyNow("d2"))
	court := h.as(t, "confirming", "")
	court.take("d2", "confirmation/acceptance")
	a := court.get("/confirmations")
	for part, want := range map[string]string{"new": "d1", "heard": "d2", "ruled": ""} {
		if got := strings.Join(answer{page: a.test(part)}.listedOrder(), " "); got != want {
			t.Errorf("%s lists %q, want %q", part, got, want)
		}
	}
	a = court.take("d2", "confirmation/dismissal", "ground", "5")
	if !strings.Contains(a.body, "内容不明确") || !strings.Contains(words(a.page), "已驳回") {
		t.Errorf("after the dismissal: %s", words(a.page))
	}
	if a := court.post("/confirmations", having(court.get("/confirmations").filled("/confirmations"), "q", "李翀")); strings.Join(a.listedOrder(), " ") != "d1 d2" {
		t.Errorf("a search finds %v", a.listedOrder())
	}
}
