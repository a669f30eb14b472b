package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"doorstep/domain/mediation"
	"doorstep/projections/docket"
)

func TestAFilingFormIsReadyForTheKeyboard(t *testing.T) {
	h := newHouse(t)
	a := h.as(t, "judge", "130108001").get("/cases/new")
	cause := a.find("name", "cause")
	if !has(cause, "autofocus") || attr(cause, "list") != "causes" || a.find("id", "causes") == nil {
		t.Error("the cause is not the first field at hand, with causes to choose from")
	}
	form := a.filled("/cases/new")
	if form.Get("on") != "2021-12-31" || form.Get("channel") != string(mediation.AtStation) {
		t.Errorf("the form comes with day %q and channel %q", form.Get("on"), form.Get("channel"))
	}
	for _, name := range []string{"a1-name", "a2-name", "b1-name", "b2-name", "b3-name"} {
		if _, ok := form[name]; !ok {
			t.Errorf("without a script there is no field %s", name)
		}
	}
}

func TestThreeRespondentsAreFiledWithoutAScript(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	id := filedBy(judge, "b2-name", "范氏物业服务有限公司", "b3-name", "陈强", "b3-address", "裕强街道 2 号")
	a := judge.get("/cases/" + id)
	if got := words(a.find("class", "case-name")); !strings.Contains(got, "李翀 诉 王喆、范氏物业服务有限公司、陈强") {
		t.Errorf("the case is called %q", got)
	}
}

func TestAFilingIsRefusedAtItsFormAndKeepsWhatWasTyped(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	for _, c := range []struct {
		field, value, code, says, at string
	}{
		{"cause", "", "no-cause", "请填写案由。", "cause"},
		{"b1-name", "", "no-parties", "申请人和被申请人至少各填一人", "b1-name"},
		{"informed", "", "not-informed", "请先告知当事人", "informed"},
		{"on", "2022-01-01", "in-the-future", "发生时间不能晚于现在。", "on"},
		{"amount", "五万", "", "金额以元为单位", "amount"},
		{"amount", "-1", "negative-amount", "标的额不能是负数。", "amount"},
		{"on", "昨天", "", "日期写作 2021-03-05。", "on"},
		{"channel", "电报", "unknown-channel", "请选择来源渠道", "channel"},
	} {
		form := having(judge.dispute(), "b2-name", "陈强", c.field, c.value)
		a := judge.post("/cases/new", form)
		if c.field == "b1-name" {
			form = having(form, "b2-name", "")
			a = judge.post("/cases/new", form)
		}
		if a.status != http.StatusUnprocessableEntity || attr(a.test("refusal"), "data-code") != c.code || !strings.Contains(a.body, c.says) || !faultyAt(a, c.at) {
			t.Errorf("%s = %q answers %d with %q", c.field, c.value, a.status, attr(a.test("refusal"), "data-code"))
		}
		again := a.filled("/cases/new")
		for name := range form {
			if name != "token" && name != "channel" && again.Get(name) != form.Get(name) {
				t.Errorf("%s = %q: %s comes back as %q, not %q", c.field, c.value, name, again.Get(name), form.Get(name))
			}
		}
	}
	if n := h.listed(t); n != 0 {
		t.Errorf("%d disputes were filed", n)
	}
}

// listed is how many disputes the docket has.
func (h *courthouse) listed(t *testing.T) int {
	t.Helper()
	h.catchUp(t)
	page, err := h.Docket.List(t.Context(), docket.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

func TestADuplicateIsShownBeforeItIsFiled(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	first := filedBy(judge)
	form := having(judge.dispute(), "facts", "又来了一次")
	a := judge.post("/cases/new", form)
	if a.status != http.StatusUnprocessableEntity || a.test("doubts") == nil || a.find("href", "/cases/"+first) == nil {
		t.Fatalf("the same parties again answer %d: %s", a.status, words(a.page))
	}
	again := a.filled("/cases/new")
	if again.Get("facts") != "又来了一次" || again.Get("deed") != form.Get("deed") {
		t.Errorf("the form comes back as %v", again)
	}
	if a := judge.post("/cases/new", having(again, "anyway", "yes")); a.status != http.StatusSeeOther {
		t.Errorf("filed all the same it answers %d", a.status)
	}
	if n := h.listed(t); n != 2 {
		t.Errorf("%d disputes are listed, want 2", n)
	}
}

func TestADuplicateAtAnotherWorkstationIsNamedAndNotLinked(t *testing.T) {
	h := newHouse(t)
	filedBy(h.as(t, "judge", "130108002"))
	judge := h.as(t, "judge", "130108001")
	a := judge.post("/cases/new", judge.dispute())
	doubt := a.test("doubts")
	if doubt == nil || !strings.Contains(words(doubt), "裕强街道法官工作站") {
		t.Fatalf("the page does not tell of it: %s", words(a.page))
	}
	if strings.Contains(a.body, `target="_blank"`) {
		t.Error("a case that is not the visitor's is linked")
	}
}

func TestAnIdentityNumberThatCannotBeIsAskedAbout(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	form := having(judge.dispute(), "a1-id", "000000199003070015")
	a := judge.post("/cases/new", form)
	if a.status != http.StatusUnprocessableEntity || !faultyAt(a, "a1-id") {
		t.Fatalf("a wrong check digit answers %d", a.status)
	}
	if a := judge.post("/cases/new", having(a.filled("/cases/new"), "anyway", "yes")); a.status != http.StatusSeeOther {
		t.Errorf("confirmed it answers %d", a.status)
	}
}

func TestTheCheckDigitOfAnIdentityNumber(t *testing.T) {
	for id, odd := range map[string]bool{
		"000000199003070014": false, "000000199003070015": true, "11010519491231002X": false, "11010519491231002x": false, "110105194912310020": true,
		"": false, "91130108MA0ABCDE1X": false, "12345": false, "E12345678": false,
	} {
		if oddIdentity(id) != odd {
			t.Errorf("%s: odd is %v", id, !odd)
		}
	}
}

func TestAnAmountIsReadAsPeopleWriteIt(t *testing.T) {
	for typed, want := range map[string]string{
		"50000": "50000.00", "50,000": "50000.00", "５００００": "50000.00", "5 0000.5元": "50000.50", "￥12，345。67": "12345.67", "": "0.00",
	} {
		f := form{Values: url.Values{"amount": {typed}}}
		if got := (&visit{}).yuan(&f, "amount"); got.String() != want || len(f.Faults) > 0 {
			t.Errorf("%q is read as %s with %v", typed, got, f.Faults)
		}
	}
}

func TestTheReceiptSaysWhatIsNeededAndHidesTheRest(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	a := judge.post("/cases/new", having(judge.dispute(), "then", "receipt"))
	receipt := judge.follow(a.header.Get("Location"))
	said := words(receipt.page)
	for _, want := range []string{"诉前调解登记回执", "李翀", "王喆", "（伍万元整）", "50,000.00", "138****5678", "0000************14", "2021年12月31日", "调解以自愿为前提", "已经登记。"} {
		if !strings.Contains(said, want) {
			t.Errorf("the receipt does not say %q: %s", want, said)
		}
	}
	for _, no := range []string{"13812345678", "000000199003070014"} {
		if strings.Contains(receipt.body, no) {
			t.Errorf("the receipt shows %s", no)
		}
	}
}
