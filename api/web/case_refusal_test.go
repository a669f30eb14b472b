package web

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
)

// refusedForm is a step filled in against the rules.
type refusedForm struct {
	name  string
	ready func(*courthouse, testing.TB) // brings dispute d1 to where the step is offered
	who   string                        // judge, committee, confirming
	step  string
	pairs []string
	code  string // of the refusal
	field string // at which the sentence stands as well; empty: only above the form
	kept  string // a field that must come back as it was typed
}

// The stages to which a dispute is brought before a step is tried.
func filed(h *courthouse, t testing.TB)     { h.file(t, "d1") }
func delegated(h *courthouse, t testing.TB) { filed(h, t); h.delegate(t, "d1") }
func mediating(h *courthouse, t testing.TB) {
	delegated(h, t)
	h.do(t, "d1", mediation.RecordConsent{Occasion: now(), Party: "B1", Way: mediation.InPerson})
	h.do(t, "d1", mediation.Accept{Occasion: now(), Organisation: "RT-01", Mediator: "刘调解员", Mode: mediation.Video})
}
func agreed(h *courthouse, t testing.TB) {
	mediating(h, t)
	h.do(t, "d1", mediation.ReachAgreement{Occasion: now(), Organisation: "RT-01", Form: mediation.Written, Terms: "分期还款"})
}
func settled(h *courthouse, t testing.TB) { filed(h, t); h.delegate(t, "d1"); h.settle(t, "d1") }
func applied(h *courthouse, t testing.TB) { settled(h, t); h.apply(t, "d1", applyNow("d1")) }

var refusedForms = []refusedForm{
	{"consent of nobody", filed, "judge", "consent", []string{"party", "", "way", "phone"}, "no-such-party", "party", "way"},
	{"consent in no way", filed, "judge", "consent", []string{"party", "B1"}, "consent-way", "way", "party"},
	{"consent tomorrow", filed, "judge", "consent", []string{"party", "B1", "way", "phone", "on", "2022-01-01"}, "in-the-future", "on", "on"},
	{"a refusal before the filing", filed, "judge", "consent-refusal", []string{"party", "B1", "way", "phone", "on", "2021-12-01"}, "before-filing", "on", "party"},
	{"a return without a ground", filed, "judge", "return", []string{"note", "说明"}, "no-ground", "ground", "note"},
	{"a move to nowhere", filed, "judge", "transfer", []string{"reason", "住址变更"}, "no-station", "to", "reason"},
	{"a move without a reason", filed, "judge", "transfer", []string{"to", "130108002"}, "no-reason", "reason", "to"},
	{"a correction of nothing", filed, "judge", "correction", []string{"is", "1", "reason", "笔误"}, "no-such-field", "field", "is"},
	{"a correction without a reason", filed, "judge", "correction", []string{"field", "amount", "is", "48000"}, "why-correct", "reason", "is"},
	{"a correction to the same", filed, "judge", "correction", []string{"field", "amount", "is", "50,000", "reason", "笔误"}, "same-value", "is", "reason"},
	{"a correction that is no day", filed, "judge", "correction", []string{"field", "filed", "is", "去年", "reason", "笔误"}, "bad-value", "is", "is"},
	{"acceptance without a mediator", delegated, "committee", "acceptance", []string{"mode", "视频"}, "no-mediator", "mediator", "mode"},
	{"a party mediates", delegated, "committee", "acceptance", []string{"mediator", "王喆"}, "party-mediates", "mediator", "mediator"},
	{"declining without a reason", delegated, "committee", "refusal", []string{"on", "2021-12-31"}, "no-reason", "reason", "on"},
	{"a session in no mode", mediating, "committee", "session", []string{"attended", "A1", "record", "谈了两个小时"}, "unknown-mode", "mode", "record"},
	{"a session with nobody", mediating, "committee", "session", []string{"mode", "视频", "record", "谈了两个小时"}, "nobody-there", "attended", "record"},
	{"a session of two days", mediating, "committee", "session", []string{"mode", "视频", "attended", "A1", "minutes", "2880"}, "minutes", "minutes", "minutes"},
	{"an extension by one side", mediating, "committee", "extension", []string{"until", "2022-03-01", "agreed", "A1"}, "not-all-parties", "agreed", "until"},
	{"an extension backwards", mediating, "committee", "extension", []string{"until", "2022-01-05", "agreed", "A1", "agreed", "B1"}, "extend-until", "until", "until"},
	{"an agreement in no form", mediating, "committee", "agreement", []string{"terms", "一次还清"}, "no-form", "form", "terms"},
	{"an agreement on nothing", mediating, "committee", "agreement", []string{"form", "written"}, "no-terms", "terms", "form"},
	{"effect without signatures", agreed, "committee", "effect", []string{"sealed", "yes"}, "unsigned", "signed", "sealed"},
	{"effect without the seal", agreed, "committee", "effect", []string{"signed", "yes"}, "unsealed", "sealed", "signed"},
	{"an end without a ground", mediating, "committee", "termination", []string{"note", "谈不拢"}, "no-ground", "ground", "note"},
	{"an end by agreement", mediating, "committee", "termination", []string{"ground", "1", "note", "谈不拢"}, "ground-agreement", "ground", "note"},
	{"an end on another ground, untold", mediating, "committee", "termination", []string{"ground", "8"}, "other-ground", "note", "ground"},
	{"performance of no kind", settled, "committee", "performance", nil, "performance-status", "status", "on"},
	{"an application by one side", settled, "committee", "confirmation-application", nil, "not-joint", "joint", "on"},
	{"not accepted on no ground", applied, "confirming", "confirmation/non-acceptance", nil, "no-ground", "ground", "on"},
	{"a ruling before acceptance", applied, "confirming", "confirmation/ruling", []string{"number", "（2021）1号"}, "not-accepted-yet", "", "number"},
	{"a dismissal before acceptance", applied, "confirming", "confirmation/dismissal", []string{"ground", "5"}, "not-accepted-yet", "", "ground"},
}

func TestEachRefusalShowsItsSentenceAtTheFormWithWhatWasTyped(t *testing.T) {
	for _, c := range refusedForms {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			c.ready(h, t)
			v := h.as(t, c.who, map[string]string{"judge": "130108001", "committee": "RT-01"}[c.who])
			path := "/cases/d1/" + c.step
			form := v.open(path, c.pairs...)
			before := h.records(t)
			a := v.post(path, form)
			if a.status != http.StatusUnprocessableEntity || attr(a.test("refusal"), "data-code") != c.code {
				t.Fatalf("it answers %d and %q, want 422 and %q: %s", a.status, attr(a.test("refusal"), "data-code"), c.code, words(a.page))
			}
			again := a.filled(path)
			if !slices.Equal(again[c.kept], form[c.kept]) {
				t.Errorf("%s comes back as %q, not %q", c.kept, again[c.kept], form[c.kept])
			}
			if again.Get("deed") != form.Get("deed") || again.Get("seen") != form.Get("seen") {
				t.Error("the form comes back as another deed")
			}
			if c.field != "" && !faultyAt(a, c.field) {
				t.Errorf("the field %s is not marked", c.field)
			}
			if h.records(t) != before {
				t.Error("something was recorded")
			}
		})
	}
}

// open is the form of a step; where the page of the step only says why it cannot
// be taken, the form as another page may have shown it before.
func (v *visitor) open(path string, pairs ...string) url.Values {
	v.t.Helper()
	if form := v.get(path).filled(path); form != nil {
		return having(form, pairs...)
	}
	f := newForm(path, 0)
	token := v.get("/").filled("/logout").Get("token")
	if token == "" {
		token = v.follow("/").filled("/logout").Get("token")
	}
	return having(url.Values{"deed": {f.Deed}, "seen": {"0"}, "token": {token}, "on": {"2021-12-31"}}, pairs...)
}

// faultyAt tells whether the field of that name is marked as wrong.
func faultyAt(a answer, name string) bool {
	n := a.find("id", "f-"+name)
	for ; n != nil; n = n.Parent {
		if slices.Contains(strings.Fields(attr(n, "class")), "faulty") {
			return true
		}
	}
	return false
}

// records is how many records the log holds.
func (h *courthouse) records(t testing.TB) uint64 {
	t.Helper()
	end, err := h.log.End(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return end.Token()
}

// A field that cannot be read is told of at the field, and nothing is done.
func TestWhatCannotBeReadComesBackWithTheReason(t *testing.T) {
	h := newHouse(t)
	mediating(h, t)
	body := h.as(t, "committee", "RT-01")
	for _, c := range []struct{ step, field, value, says string }{
		{"session", "on", "昨天", "日期写作 2021-03-05。"},
		{"session", "time", "下午", "时间写作 14:30。"},
		{"session", "time", "23:59", "发生时间不能晚于现在。"},
		{"session", "minutes", "半小时", "请填写整数分钟。"},
		{"extension", "until", "以后", "日期写作 2021-03-05。"},
	} {
		path := "/cases/d1/" + c.step
		a := body.post(path, body.fill(path, path, c.field, c.value))
		if a.status != http.StatusUnprocessableEntity || !faultyAt(a, c.field) || !strings.Contains(a.body, c.says) {
			t.Errorf("%s %s = %s answers %d without %q", c.step, c.field, c.value, a.status, c.says)
		}
		if kept := a.filled(path).Get(c.field); kept != c.value {
			t.Errorf("%s comes back as %q", c.field, kept)
		}
	}
}

// broken is a log that cannot keep anything.
type broken struct {
	eventlog.Log
	err error
}

func (b *broken) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if b.err != nil {
		return eventlog.Record{}, b.err
	}
	return b.Log.Append(ctx, at, c)
}

func (b *broken) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return b.Log.Read(ctx, stream, after)
}

// When it cannot be told whether a deed was kept, the answer says so and holds
// everything that was typed: sent again it is the same deed.
func TestNothingIsLostWhenTheLogCannotAnswer(t *testing.T) {
	for _, failure := range []error{eventlog.ErrUnavailable, eventlog.ErrUnknown} {
		var log *broken
		h := newHouse(t)
		h.file(t, "d1")
		log = &broken{Log: h.log}
		h.site.Disputes = decide.NewDesk(log, mediation.Decider, mediation.Codec, 100)
		judge := h.as(t, "judge", "130108001")
		path := "/cases/d1/consent"
		form := judge.fill(path, path, "party", "B1", "way", "writing")
		log.err = errors.Join(failure)
		a := judge.post(path, form)
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Fatalf("%v answers %d", failure, a.status)
		}
		again := a.filled(path)
		for name := range form {
			if name != "token" && !slices.Equal(again[name], form[name]) {
				t.Errorf("%v: %s comes back as %q, not %q", failure, name, again[name], form[name])
			}
		}
		log.err = nil
		if a := judge.sent(path, again); !slices.Contains(a.titles(), "当事人同意调解") {
			t.Errorf("sent again the timeline is %v", a.titles())
		}
	}
}
