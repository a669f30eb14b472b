package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var caseAddress = regexp.MustCompile(`^/cases/([0-9a-f-]{36})/`)

// filing is a filing form filled in as at a desk.
var filing = []string{
	"cause", "民间借贷纠纷", "amount", "50,000元", "a1-name", "李翀", "a1-id", "000000199003070014", "a1-phone", "13812345678",
	"b1-name", "王喆", "b1-phone", "13900001111", "facts", "三月借款，至今未还。", "informed", "yes",
}

// dispute is the filing form, filled in.
func (v *visitor) dispute() url.Values {
	v.t.Helper()
	return v.fill("/cases/new", "/cases/new", filing...)
}

// filedBy files a dispute through the pages and gives its id.
func filedBy(v *visitor, pairs ...string) string {
	v.t.Helper()
	a := v.post("/cases/new", having(v.dispute(), pairs...))
	found := caseAddress.FindStringSubmatch(a.header.Get("Location"))
	if a.status != http.StatusSeeOther || found == nil {
		v.t.Fatalf("filing answers %d and leads to %q: %s", a.status, a.header.Get("Location"), words(a.page))
	}
	if next := v.follow(a.header.Get("Location")); next.status != http.StatusOK {
		v.t.Fatalf("after filing the next page answers %d", next.status)
	}
	return found[1]
}

// The whole way of a dispute, each step by the one whose it is, without a
// script: the effect of every step is on the page that follows it.
func TestADisputeGoesFromTheDoorstepToItsConfirmation(t *testing.T) {
	h := newHouse(t)
	judge, court := h.as(t, "judge", "130108001"), h.as(t, "confirming", "")
	id := filedBy(judge)
	routing := judge.get("/cases/" + id + "/designation")
	first := routing.test("candidate")
	if org := attr(first, "data-code"); org != "LS-01" && org != "RT-01" || !strings.Contains(words(first), "+") {
		t.Fatalf("the first candidate is %q without reasons: %s", org, words(first))
	}
	org := attr(first, "data-code")
	body := h.as(t, "committee", org)
	for _, step := range []struct {
		who         *visitor
		name        string
		pairs       []string
		stage, tell string // of the case afterwards; what the timeline says last
	}{
		{judge, "designation", nil, "待接受", "委派送达"},
		{body, "consent", []string{"party", "B1", "way", "phone"}, "待接受", "当事人同意调解"},
		{body, "acceptance", []string{"mediator", "刘淑芬", "mode", "现场"}, "调解中", "接受委派"},
		{body, "session", []string{"mode", "视频", "attended", "A1", "attended", "B1", "minutes", "42", "time", "10:30", "record", "就期限交换了意见。"}, "调解中", "进行调解"},
		{body, "extension", []string{"until", "2022-02-28", "agreed", "A1", "agreed", "B1"}, "调解中", "同意延长期限"},
		{body, "agreement", []string{"form", "written", "terms", "一月底前归还五万元。"}, "待生效", "达成调解协议"},
		{body, "effect", []string{"signed", "yes", "sealed", "yes"}, "调解成功", "调解协议生效"},
		{body, "performance", []string{"status", "performing"}, "调解成功", "登记履行情况"},
		{body, "confirmation-application", []string{"joint", "yes"}, "调解成功", "申请司法确认"},
		{court, "confirmation/acceptance", []string{"number", "（2021）冀0108诉前调确12号"}, "调解成功", "受理司法确认申请"},
		{court, "confirmation/ruling", nil, "调解成功", "裁定调解协议有效"},
	} {
		a := step.who.take(id, step.name, step.pairs...)
		if titles := a.titles(); a.status != http.StatusOK || !slices.Contains(titles, step.tell) || a.stage(t) != step.stage {
			t.Fatalf("after %s: status %d, stage %q, timeline %v; want %q and %q", step.name, a.status, a.stage(t), titles, step.stage, step.tell)
		}
		if a.test("did") == nil {
			t.Errorf("after %s the page does not say that it was done", step.name)
		}
		if !strings.Contains(a.body, "刚刚办理") {
			t.Errorf("after %s the timeline does not mark what is new", step.name)
		}
	}
	a := court.get("/cases/" + id)
	if !strings.Contains(words(a.page), "已确认") || words(a.test("number")) != "（2021）冀0108诉前调确12号" {
		t.Errorf("in the end the case shows %q: %s", words(a.test("number")), words(a.page))
	}
}

func TestARoutingKeepsTheCandidatesAndTheirReasonsForEver(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	id := filedBy(judge)
	a := judge.take(id, "designation")
	story := words(a.test("timeline"))
	for _, want := range []string{"规则版本2021-1", "当时推荐的 2 个组织及理由", "选定", "各类纠纷均可调解 +20"} {
		if !strings.Contains(story, want) {
			t.Errorf("the timeline does not say %q: %s", want, story)
		}
	}
}

func TestWhoChoosesAnotherThanTheFirstSaysWhy(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	id := filedBy(judge)
	path := "/cases/" + id + "/designation"
	first := attr(judge.get(path).test("candidate"), "data-code")
	other := map[string]string{"LS-01": "RT-01", "RT-01": "LS-01"}[first]
	form := judge.fill(path, path, "organisation", other)
	a := judge.post(path, form)
	if a.status != http.StatusUnprocessableEntity || attr(a.test("refusal"), "data-code") != "no-reason" {
		t.Fatalf("another without a reason answers %d: %s", a.status, words(a.page))
	}
	if kept := a.filled(path).Get("organisation"); kept != other {
		t.Errorf("the form comes back with %q chosen, not %q", kept, other)
	}
	if a := judge.sent(path, having(a.filled(path), "reason", "双方都信任该组织")); !strings.Contains(a.body, "双方都信任该组织") {
		t.Error("the reason is not on the timeline")
	}
}

func TestADeclinedDisputeIsRoutedAnewWithoutWhoDeclinedIt(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	id := filedBy(judge)
	judge.take(id, "designation")
	declined := attrOf(h, t, id)
	body := h.as(t, "committee", declined)
	a := body.take(id, "refusal", "cause", "interest", "reason", "调解员是当事人的亲属")
	if a.test("did") == nil || a.test("answer") == nil {
		t.Fatalf("after declining the inbox does not say so: %s", words(a.page))
	}
	if got := body.get("/cases/" + id).status; got != http.StatusNotFound {
		t.Errorf("who declined still sees the case: %d", got)
	}
	next := judge.get("/cases/" + id)
	if !strings.Contains(next.body, "与当事人有利害关系，应当回避：调解员是当事人的亲属") || attr(next.test("primary"), "data-step") != "designation" {
		t.Errorf("the case does not tell of it, or offers %q", attr(next.test("primary"), "data-step"))
	}
	again := judge.get("/cases/" + id + "/designation")
	for _, c := range again.all("candidate") {
		if attr(c, "data-code") == declined {
			t.Errorf("%s is offered again", declined)
		}
	}
	if out := again.all("excluded"); len(out) != 1 || !strings.Contains(words(out[0]), "该组织此前已退回本案") {
		t.Errorf("who declined is not listed as shut out with the reason: %s", words(again.page))
	}
	if a := judge.take(id, "designation"); a.stage(t) != "待接受" {
		t.Errorf("the second delegation leaves it at %q", a.stage(t))
	}
}

// attrOf is the organisation to which a dispute is delegated now.
func attrOf(h *courthouse, t *testing.T, id string) string {
	t.Helper()
	h.catchUp(t)
	e, ok, err := h.Docket.Entry(t.Context(), id)
	if err != nil || !ok {
		t.Fatalf("%v, %v", ok, err)
	}
	return e.Organisation
}

func TestAnApplicationIsReturnedOnAGroundOfLaw(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	id := filedBy(judge)
	a := judge.take(id, "return", "ground", "2", "note", "被申请人住所地在外省")
	if a.stage(t) != "已退回" || !strings.Contains(a.body, "与调解组织对接的人民法院没有管辖权") {
		t.Errorf("after the return the case is %q: %s", a.stage(t), words(a.page))
	}
	if a.test("primary") != nil {
		t.Error("something is still offered as the next step")
	}
}

func TestAMediationEndsOnOneOfEightGrounds(t *testing.T) {
	h := newHouse(t)
	h.file(t, "d1")
	h.delegate(t, "d1")
	body := h.as(t, "committee", "RT-01")
	body.take("d1", "acceptance", "mediator", "刘淑芬", "mode", "电话")
	page := body.get("/cases/d1/termination")
	open, shut := 0, 0
	for g := 1; g <= 8; g++ {
		switch n := page.find("id", pickID("ground", g-1)); {
		case n == nil:
			t.Errorf("ground %d is not there", g)
		case has(n, "disabled"):
			shut++
		default:
			open++
		}
	}
	if open != 5 || shut != 3 { // agreement, period over, refusal to sign cannot hold now
		t.Errorf("%d grounds can be chosen and %d cannot, want 5 and 3", open, shut)
	}
	a := body.take("d1", "termination", "ground", "5", "note", "利息差距较大")
	if a.stage(t) != "已终结" || !strings.Contains(a.body, "当事人分歧较大，难以达成调解协议") {
		t.Errorf("after the end the case is %q", a.stage(t))
	}
}

func TestAMovedDisputeIsTheOtherWorkstations(t *testing.T) {
	h := newHouse(t)
	from, to := h.as(t, "judge", "130108001"), h.as(t, "judge", "130108002")
	id := filedBy(from)
	if got := to.get("/cases/" + id).status; got != http.StatusNotFound {
		t.Fatalf("before it moved the other workstation sees it: %d", got)
	}
	if a := from.take(id, "transfer", "to", "130108002", "reason", "当事人住在那边"); a.test("did") == nil || a.test("list") == nil {
		t.Errorf("after the move the desk does not say so: %s", words(a.page))
	}
	if got := from.get("/cases/" + id).status; got != http.StatusNotFound {
		t.Errorf("after it moved the first workstation sees it: %d", got)
	}
	if a := to.get("/cases/" + id); a.status != http.StatusOK || !strings.Contains(a.body, "当事人住在那边") {
		t.Errorf("the other workstation gets %d", a.status)
	}
}
