//go:build e2e

package web

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hands are two hands on a keyboard: they never touch a mouse, and every stroke
// is counted.
type hands struct {
	t       *testing.T
	ctx     context.Context
	base    string
	strokes int
}

// asHardware makes a key's first event the one that a keyboard sends: only that
// one, prevented by the page, keeps the browser from typing the character.
func asHardware(p *input.DispatchKeyEventParams) {
	if p.Type == kb.KeyDown {
		p.Type = kb.KeyRawDown
	}
}

// stroke presses one key, held together with others.
func stroke(key string, with ...chromedp.Modifier) chromedp.Action[chromedp.Void] {
	return chromedp.KeyEvent(key, asHardware, chromedp.KeyModifiers(with...))
}

// syllable is how many strokes an input method takes for one Chinese character.
const syllable = 4

// seat seats a judge of the first workstation before a browser.
func (h *courthouse) seat(t *testing.T) *hands {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "zh-CN"))
	allocated, free := chromedp.NewExecAllocator(context.Background(), options...)
	tab, shut := chromedp.NewContext(allocated)
	ctx, cancel := context.WithTimeout(tab, 5*time.Minute)
	t.Cleanup(func() { cancel(); shut(); free() })
	k := &hands{t: t, ctx: ctx, base: h.url}
	k.do(chromedp.EmulateViewport(1366, 768), chromedp.Navigate(h.url+"/login"))
	k.lands(chromedp.Click(chromedp.CSS(`[data-testid="as-judge-130108001"]`)))
	return k
}

func (k *hands) do(actions ...chromedp.Action[chromedp.Void]) {
	k.t.Helper()
	if err := chromedp.Do(k.ctx, actions...); err != nil {
		k.t.Fatalf("%v at %s", err, k.at())
	}
}

// lands does something that leads to another page.
func (k *hands) lands(a chromedp.Action[chromedp.Void]) {
	k.t.Helper()
	if _, err := chromedp.Run(k.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, a)); err != nil {
		k.t.Fatalf("%v at %s", err, k.at())
	}
}

func (k *hands) at() string {
	where, _ := chromedp.Run(k.ctx, chromedp.Location())
	return strings.TrimPrefix(where, k.base)
}

// focus is the name, address or id of what has the focus.
func (k *hands) focus() string {
	k.t.Helper()
	name, err := chromedp.Run(k.ctx, chromedp.Evaluate[string](`(() => { const e = document.activeElement; return e.name || e.getAttribute('href') || e.id || e.tagName; })()`))
	if err != nil {
		k.t.Fatal(err)
	}
	return name
}

// writes types into the field that has the focus, which must be this one.
func (k *hands) writes(field, text string) {
	k.t.Helper()
	if got := k.focus(); got != field {
		k.t.Fatalf("the focus is at %q and not at %q", got, field)
	}
	for _, r := range text {
		k.strokes++
		if r > 0x7f {
			k.strokes += syllable - 1
		}
		k.do(stroke(string(r)))
	}
}

// key presses one key, held together with others.
func (k *hands) key(key string, with ...chromedp.Modifier) {
	k.t.Helper()
	k.strokes++
	k.do(stroke(key, with...))
}

func (k *hands) value(expression string) string {
	k.t.Helper()
	v, err := chromedp.Run(k.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		k.t.Fatal(err)
	}
	return v
}

// TestADisputeIsFiledByTheKeyboardAlone is the morning of a judge with an old
// PC: from the desk to the printed receipt without a mouse, in at most as many
// strokes as fit into a minute (Card, Moran and Newell: 0.28 s each, and eight
// thoughts of 1.35 s).
func TestADisputeIsFiledByTheKeyboardAlone(t *testing.T) {
	h := newHouse(t)
	k := h.seat(t)
	k.strokes++
	k.lands(stroke("n"))
	for _, step := range []struct{ field, text string }{
		{"cause", "民间借贷纠纷"}, {"amount", "50000"}, {"channel", ""}, {"on", ""},
		{"a1-name", "李翀"}, {"a1-id", "000000199003070014"}, {"a1-phone", "13800001234"}, {"a1-address", ""},
		{"b1-name", "王喆"}, {"b1-id", ""}, {"b1-phone", "13900001111"}, {"b1-address", ""},
	} {
		k.writes(step.field, step.text)
		k.key("\r")
	}
	if got := k.value(`document.getElementById("h-amount").textContent`); got != "伍万元整" {
		t.Errorf("the amount is read back as %q", got)
	}
	if got := k.value(`document.getElementById("i-a1").textContent`); got != "✓ 男 1990-03-07" {
		t.Errorf("the identity number is read back as %q", got)
	}
	k.key("p", chromedp.ModifierAlt)
	k.writes("b2-name", "陈强")
	for range 4 {
		k.key("\r")
	}
	for k.focus() != "facts" { // past the third respondent, whom nobody names
		k.key("\t")
	}
	k.writes("facts", "借款到期未还")
	k.key("\t")
	k.writes("informed", " ")
	k.strokes++
	k.lands(stroke("\r", chromedp.ModifierCtrl))
	if at := k.at(); !strings.Contains(at, "/receipt") {
		t.Fatalf("after the last stroke the page is %s", at)
	}
	if said := k.value(`document.body.innerText`); !strings.Contains(said, "（伍万元整）") || !strings.Contains(said, "陈强") {
		t.Error("the receipt does not say what was filed")
	}
	seconds := float64(k.strokes)*0.28 + 8*1.35
	t.Logf("%d strokes, %.0f s", k.strokes, seconds)
	if k.strokes > 160 || seconds > 60 {
		t.Errorf("it takes %d strokes and %.0f s", k.strokes, seconds)
	}
}

// The desk is worked through without a mouse as well.
func TestTheDeskIsWorkedThroughByKeys(t *testing.T) {
	h := newHouse(t)
	for i, name := range []string{"甲", "乙", "丙"} {
		h.fileAt(t, fmt.Sprintf("d%d", i), name, 20211231)
	}
	k := h.seat(t)
	k.key("j")
	k.key("j")
	if got := k.focus(); got != "/cases/d1" {
		t.Fatalf("J twice leads to %s", got)
	}
	k.key("k")
	k.lands(stroke("\r"))
	if at := k.at(); at != "/cases/d0" {
		t.Fatalf("Enter opens %s", at)
	}
	k.do(chromedp.Navigate(k.base + "/desk"))
	k.key("/")
	k.writes("q", "乙")
	list := `Array.from(document.querySelectorAll("a[data-open]"), (a) => a.getAttribute("href")).join(" ")`
	if _, err := chromedp.Run(k.ctx, chromedp.Poll[bool](list+` === "/cases/d1"`, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		t.Errorf("the list found while typing is %s: %v", k.value(list), err)
	}
	if at := k.at(); at != "/desk" {
		t.Errorf("the address tells what is looked for: %s", at)
	}
}
