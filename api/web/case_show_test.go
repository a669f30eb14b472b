package web

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// imported is a dispute as a court's ledger tells it, oddly.
func imported(h *courthouse, t testing.TB) {
	t.Helper()
	h.do(t, "d1", mediation.ImportDispute{
		Today: calendar.DateOf(noon), Court: "冀0108", Number: "（2021）冀0108民诉前调8号", Station: "130108001", Channel: mediation.AtWindow, Cause: "买卖合同纠纷", Amount: 100,
		Source:  mediation.Source{ID: "P2021000008", Hash: "abc", File: "ledger.csv", Line: 17, Import: "i1"},
		Parties: []mediation.Party{{Role: mediation.Applicant, Name: "侯涛", IDNumber: "000000199003070014"}, {Role: mediation.Respondent, Name: "张頔"}},
		Filed:   20210301, Organisation: "RT-01", Designated: 20210302, Accepted: 20210315, Mediator: "许敏强", Mode: mediation.OnSite,
		Outcome: mediation.OutcomeSuccess, Ended: 20210610, Effective: 20210610,
	})
}

func TestAnImportedCaseSaysWhereItCameFromAndWhatIsOdd(t *testing.T) {
	h := newHouse(t)
	imported(h, t)
	a := h.as(t, "judge", "130108001").get("/cases/d1")
	if source := words(a.test("source")); source != "ledger.csv 第 17 行（平台编号 P2021000008）" {
		t.Errorf("it comes from %q", source)
	}
	if marks := words(a.test("marks")); !strings.Contains(marks, "接受委派超过三个工作日") || !strings.Contains(marks, "超过调解期限结束且无延期同意记录") {
		t.Errorf("its marks are %q", marks)
	}
	if words(a.test("number")) != "（2021）冀0108民诉前调8号" {
		t.Errorf("its number is %q", words(a.test("number")))
	}
	if late := a.all("late"); len(late) < 4 || !strings.Contains(words(late[0]), "登记于 2021-12-31 12:00") {
		t.Errorf("%d entries say when they were recorded", len(late))
	}
	if strings.Contains(a.body, "000000199003070014") || !strings.Contains(a.body, "0000************14") {
		t.Error("the identity number is not masked")
	}
}

func TestACaseAsOfAPastDayIsReadOnly(t *testing.T) {
	h := newHouse(t)
	imported(h, t)
	judge := h.as(t, "judge", "130108001")
	a := judge.get("/cases/d1?as_of=2021-03-20")
	if a.status != http.StatusOK || a.test("past") == nil || a.stage(t) != "调解中" {
		t.Fatalf("as of March it is %q, past bar %v", a.stage(t), a.test("past") != nil)
	}
	a.each(func(n *html.Node) {
		if n.Data == "form" && attr(n, "method") == "post" && attr(n, "action") != "/logout" {
			t.Errorf("a form can be sent to %s", attr(n, "action"))
		}
		if href := attr(n, "href"); strings.HasPrefix(href, "/cases/d1/") {
			t.Errorf("a step is linked: %s", href)
		}
	})
	for _, no := range []string{"调解协议生效", "2021-06-10"} {
		if strings.Contains(a.body, no) {
			t.Errorf("as of March the page tells of %s", no)
		}
	}
	if term := words(a.test("term")); !strings.Contains(term, "2021-04-14") || !strings.Contains(term, "剩 17 个工作日") {
		t.Errorf("as of March the last day is told as %q", term)
	}
	if before := judge.get("/cases/d1?as_of=2021-02-01"); before.status != http.StatusOK || !strings.Contains(before.body, "那时还没有这件纠纷") {
		t.Errorf("before it was filed the page answers %d", before.status)
	}
	if known := judge.get("/cases/d1?as_known_at=2021-06-30"); !strings.Contains(known.body, "那时还没有这件纠纷") {
		t.Error("before it was imported the court knew of it")
	}
	if wrong := judge.get("/cases/d1?as_of=gestern"); wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("a day that is none answers %d", wrong.status)
	}
}

func TestThePastOfACaseIsOnlyForThoseWhoHaveItNow(t *testing.T) {
	h := newHouse(t)
	h.file(t, "d1")
	h.do(t, "d1", mediation.TransferStation{Occasion: now(), From: "130108001", To: "130108002", Reason: "住所地"})
	if a := h.as(t, "judge", "130108001").get("/cases/d1?as_of=2021-12-30"); a.status != http.StatusNotFound {
		t.Errorf("the former workstation sees its past: %d", a.status)
	}
}

func TestWhatWasCorrectedIsStruckAndLinked(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	id := filedBy(judge)
	a := judge.take(id, "correction", "field", "amount", "is", "48,000", "reason", "借条复核")
	struck := a.find("class", "event info struck")
	if struck == nil || !strings.Contains(words(struck), "登记纠纷") {
		t.Fatalf("the filing is not struck: %s", words(a.test("timeline")))
	}
	if !strings.Contains(words(answer{page: struck}.find("class", "gone")), "50,000.00 元") {
		t.Error("what no longer holds is not struck out")
	}
	var to string
	answer{page: struck}.each(func(n *html.Node) {
		if attr(n, "class") == "corrected" {
			to = strings.TrimPrefix(attr(n, "href"), "#")
		}
	})
	if correction := a.find("id", to); !strings.Contains(words(correction), "借条复核") || !strings.Contains(words(correction), "原来是50000.00") {
		t.Errorf("the link leads to %q", words(correction))
	}
	if !strings.Contains(words(a.find("class", "plate-facts")), "¥ 48,000.00") {
		t.Error("the heads show the old amount")
	}
}

func TestALastDaySaysHowItWasCounted(t *testing.T) {
	for _, c := range []struct {
		ready  func(*courthouse, testing.TB)
		clock  string
		counts []string
	}{
		{delegated, "接受委派期限", []string{"2022-01-06", "2021-12-31 开始，当日不算，3 个工作日", "规则 12"}},
		{mediating, "调解期限", []string{"2022-01-30", "周日（调休上班）", "30 日，数到 2022-01-30", "规则 24"}},
		{settled, "申请司法确认期限", []string{"2022-01-30", "民事诉讼法 205"}},
	} {
		h := newHouse(t)
		c.ready(h, t)
		who, place := "judge", "130108001"
		term := words(h.as(t, who, place).get("/cases/d1").test("term"))
		for _, want := range append(c.counts, c.clock) {
			if !strings.Contains(term, want) {
				t.Errorf("%s is told as %q, without %q", c.clock, term, want)
			}
		}
	}
	h := newHouse(t)
	mediating(h, t)
	h.do(t, "d1", mediation.AgreeExtension{Occasion: now(), Organisation: "RT-01", Until: 20220301, Agreed: []string{"A1", "B1"}})
	if term := words(h.as(t, "committee", "RT-01").get("/cases/d1").test("term")); !strings.Contains(term, "全体当事人于 2021-12-31 同意延长到 2022-03-01") {
		t.Errorf("an extension is told as %q", term)
	}
}

// The steps that a case page offers are those that the rules take, and those it
// does not offer say why.
func TestACaseOffersWhatTheRulesTakeAndSaysWhyNot(t *testing.T) {
	for _, c := range []struct {
		name                  string
		ready                 func(*courthouse, testing.TB)
		who, primary, waiting string
		shut, why             string
	}{
		{"filed, the judge", filed, "judge", "designation", "", "termination", ""},
		{"delegated, the judge", delegated, "judge", "", "acceptance", "return", "该纠纷已经委派，不能再退回申请。"},
		{"delegated, the committee", delegated, "committee", "acceptance", "", "session", "调解组织接受委派之后才能办理此项。"},
		{"mediating, the committee", mediating, "committee", "session", "", "confirmation-application", "须先有生效的调解协议"},
		{"agreed, the committee", agreed, "committee", "effect", "", "session", "已经达成协议"},
		{"settled, the judge", settled, "judge", "confirmation-application", "", "transfer", "调解已经结束的纠纷不再移送"},
		{"applied, the court", applied, "confirming", "confirmation/acceptance", "", "confirmation/ruling", "请先受理司法确认申请"},
		{"applied, the committee", applied, "committee", "", "confirmation/acceptance", "confirmation-application", "这一项已经办理，不必重复办理。"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			c.ready(h, t)
			v := h.as(t, c.who, map[string]string{"judge": "130108001", "committee": "RT-01"}[c.who])
			a := v.get("/cases/d1")
			if got := attr(a.test("primary"), "data-step"); got != c.primary {
				t.Errorf("the next step is %q, want %q", got, c.primary)
			}
			if got := attr(a.test("waiting"), "data-step"); got != c.waiting {
				t.Errorf("it waits for %q, want %q", got, c.waiting)
			}
			for _, n := range a.all("open") {
				if v.get(attr(n, "href")).filled(attr(n, "href")) == nil {
					t.Errorf("%s is offered and its page has no form", attr(n, "data-step"))
				}
			}
			for _, n := range a.all("shut") {
				if attr(n, "data-step") == c.shut && c.why != "" && !strings.Contains(words(n), c.why) {
					t.Errorf("%s says %q", c.shut, words(n))
				}
				if strings.TrimSpace(words(n)) == "" {
					t.Error("a shut step says nothing")
				}
			}
			if c.why != "" && !strings.Contains(a.body, c.why) {
				t.Errorf("%s does not say %q", c.shut, c.why)
			}
		})
	}
}

func TestTheFormOfAStepThatCannotBeTakenSaysWhy(t *testing.T) {
	h := newHouse(t)
	mediating(h, t)
	a := h.as(t, "committee", "RT-01").get("/cases/d1/effect")
	if a.status != http.StatusOK || !strings.Contains(a.body, "还没有达成调解协议。") || a.filled("/cases/d1/effect") != nil {
		t.Errorf("it answers %d: %s", a.status, words(a.page))
	}
}

// A deed at a desk knows the minute; one of another day knows the day, unless
// its time is told.
func TestWhenADeedHappened(t *testing.T) {
	h := newHouse(t)
	h.do(t, "d1", mediation.FileDispute{
		Occasion: mediation.Occasion{At: calendar.On(20211201), Today: calendar.DateOf(noon)}, Station: "130108001", Cause: "买卖合同纠纷", Informed: true,
		Parties: []mediation.Party{{Role: mediation.Applicant, Name: "甲"}, {Role: mediation.Respondent, Name: "乙"}},
	})
	judge := h.as(t, "judge", "130108001")
	for _, c := range []struct{ party, on, want string }{
		{"B1", "2021-12-31", "2021-12-31 12:00"}, {"A1", "2021-12-10", "2021-12-10"},
	} {
		a := judge.take("d1", "consent-refusal", "party", c.party, "way", "phone", "on", c.on)
		found := false
		for _, n := range a.all("timeline") {
			answer{page: n}.each(func(e *html.Node) {
				if attr(e, "class") == "event-time" && words(e) == c.want {
					found = true
				}
			})
		}
		if !found {
			t.Errorf("a deed of %s is not told as %s: %s", c.on, c.want, words(a.test("timeline")))
		}
	}
}

func TestAModeIsCorrectedInTheLanguageOfThePage(t *testing.T) {
	for lang, typed := range map[string]string{"zh-CN": "电话", "en": "phone"} {
		h := newHouse(t)
		mediating(h, t)
		judge := h.as(t, "judge", "130108001")
		judge.get("/?lang=" + lang)
		judge.take("d1", "correction", "field", "mode", "is", typed, "reason", "笔误")
		c, err := h.Files.Read(t.Context(), "d1", asOfNow)
		if err != nil || c.Dispute.Mode != mediation.Phone {
			t.Errorf("%s typed in %s is recorded as %q, %v", typed, lang, c.Dispute.Mode, err)
		}
	}
}

// A later calendar cannot change what was decided: where the table would count
// otherwise today, the recorded day is shown and no count is made up for it.
func TestARecordedLastDayHolds(t *testing.T) {
	sc := sceneIn(newHouse(t), "zh-CN")
	sc.c.Dispute.Stage = mediation.Designated
	sc.c.Dispute.Offer = mediation.Offer{Delivered: 20211229, AcceptBy: 20220101}
	if got, _ := sc.term(); got.last != 20220101 || got.how != "自 2021-12-29 起算，按登记时的结果。" || got.source != "" {
		t.Errorf("it is told as %+v", got)
	}
}
