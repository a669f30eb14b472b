package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"doorstep/domain/mediation"
)

// A double click, a resend, an impatient reload: the same form sent again does
// what it did, once, and shows the same page.
func TestTheSameFormSentTwiceIsDoneOnce(t *testing.T) {
	for _, c := range []struct {
		ready func(*courthouse, testing.TB)
		who   string
		step  string
		pairs []string
	}{
		{filed, "judge", "consent", []string{"party", "B1", "way", "phone"}},
		{filed, "judge", "designation", nil},
		{filed, "judge", "transfer", []string{"to", "130108002", "reason", "住址变更"}},
		{delegated, "committee", "acceptance", []string{"mediator", "刘淑芬"}},
		{delegated, "committee", "refusal", []string{"cause", "scope"}},
		{mediating, "committee", "session", []string{"mode", "视频", "attended", "B1"}},
		{settled, "committee", "confirmation-application", []string{"joint", "yes"}},
		{applied, "confirming", "confirmation/withdrawal", nil},
	} {
		t.Run(c.step, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			c.ready(h, t)
			v := h.as(t, c.who, map[string]string{"judge": "130108001", "committee": "RT-01"}[c.who])
			path := "/cases/d1/" + c.step
			form := v.fill(path, path, c.pairs...)
			before := h.records(t)
			first := v.post(path, form)
			second := v.post(path, form)
			if first.status != http.StatusSeeOther || second.status != http.StatusSeeOther || first.header.Get("Location") != second.header.Get("Location") {
				t.Errorf("first %d to %q, then %d to %q", first.status, first.header.Get("Location"), second.status, second.header.Get("Location"))
			}
			if n := h.records(t) - before; n != 1 {
				t.Errorf("%d records were kept, want 1", n)
			}
			if a := v.follow(second.header.Get("Location")); a.status != http.StatusOK || a.test("did") == nil {
				t.Errorf("the page that follows answers %d", a.status)
			}
		})
	}
}

func TestTheSameFilingSentTwiceAtOnceFilesOneDispute(t *testing.T) {
	h := newHouse(t)
	judge := h.as(t, "judge", "130108001")
	form := judge.dispute()
	before := h.records(t)
	answers := make([]answer, 4)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = judge.post("/cases/new", form) })
	}
	all.Wait()
	for _, a := range answers {
		if a.status != http.StatusSeeOther || a.header.Get("Location") != answers[0].header.Get("Location") {
			t.Errorf("%d to %q: %s", a.status, a.header.Get("Location"), words(a.page))
		}
	}
	if n := h.records(t) - before; n != 1 {
		t.Errorf("%d records were kept, want 1", n)
	}
}

// Who decides on an old view is told what changed, keeps what he typed, and may
// send it again.
func TestAFormFilledInBeforeAChangeShowsTheChange(t *testing.T) {
	h := newHouse(t)
	mediating(h, t)
	body := h.as(t, "committee", "RT-01")
	path := "/cases/d1/session"
	form := body.fill(path, path, "mode", "视频", "attended", "A1", "record", "双方愿意再谈")
	h.do(t, "d1", mediation.CorrectEntry{Occasion: now(), Field: mediation.FieldAmount, Is: "48000", Reason: "借条复核"})
	a := body.post(path, form)
	if a.status != http.StatusConflict {
		t.Fatalf("a stale form answers %d: %s", a.status, words(a.page))
	}
	change := words(a.test("stale"))
	for _, want := range []string{"更正", "标的额", "50000.00", "48000"} {
		if !strings.Contains(change, want) {
			t.Errorf("the page does not tell of %q: %s", want, change)
		}
	}
	if strings.Contains(change, "登记纠纷") {
		t.Errorf("the page tells of what was known: %s", change)
	}
	again := a.filled(path)
	if again.Get("record") != "双方愿意再谈" || again.Get("deed") != form.Get("deed") || again.Get("seen") == form.Get("seen") {
		t.Errorf("the form comes back as %v", again)
	}
	if a := body.sent(path, again); !slices.Contains(a.titles(), "进行调解") {
		t.Errorf("sent again the timeline is %v", a.titles())
	}
}

func TestAStaleDesignationAndAStaleRulingShowTheChangeToo(t *testing.T) {
	h := newHouse(t)
	h.file(t, "d1")
	judge := h.as(t, "judge", "130108001")
	path := "/cases/d1/designation"
	form := judge.fill(path, path, "reason", "就近")
	h.do(t, "d1", mediation.RecordRefusal{Occasion: now(), Party: "B1", Way: mediation.ByTheLine})
	a := judge.post(path, form)
	if a.status != http.StatusConflict || !strings.Contains(words(a.test("stale")), "当事人不同意调解") {
		t.Errorf("a stale designation answers %d: %s", a.status, words(a.test("stale")))
	}

	h2 := newHouse(t)
	applied(h2, t)
	court := h2.as(t, "confirming", "")
	path = "/cases/d1/confirmation/non-acceptance"
	form = court.fill(path, path, "ground", "2")
	other := h2.as(t, "confirming", "")
	other.take("d1", "confirmation/acceptance")
	if a := court.post(path, form); a.status != http.StatusConflict || !strings.Contains(words(a.test("stale")), "受理司法确认申请") {
		t.Errorf("a stale ruling answers %d: %s", a.status, words(a.test("stale")))
	}
}

// A case that is not the visitor's is not there, whichever page or form he asks
// for, and nothing is recorded.
func TestAForeignCaseIsNotThere(t *testing.T) {
	h := newHouse(t)
	applied(h, t)
	h.file(t, "d2") // not delegated, not applied for
	for _, who := range []struct{ role, place, id string }{
		{"judge", "130108002", "d1"}, {"committee", "LS-01", "d1"}, {"committee", "RT-01", "d2"}, {"confirming", "", "d2"},
	} {
		v := h.as(t, who.role, who.place)
		before := h.records(t)
		for _, r := range routes {
			if !strings.Contains(r.path, ":id") {
				continue
			}
			path := strings.ReplaceAll(r.path, ":id", who.id)
			a := v.send(r.method, path, v.open(path), nil)
			if a.status != http.StatusNotFound && a.status != http.StatusForbidden {
				t.Errorf("%s %s: %s %s answers %d", who.role, who.place, r.method, path, a.status)
			}
			if strings.Contains(a.body, "李翀") {
				t.Errorf("%s %s: %s %s tells a name", who.role, who.place, r.method, path)
			}
		}
		if h.records(t) != before {
			t.Errorf("%s %s: something was recorded", who.role, who.place)
		}
	}
}
