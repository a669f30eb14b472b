//go:build e2e

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// demo is a running demo court, the program itself in a process of its own.
type demo struct {
	t    *testing.T
	data string
	url  string
	kill func()
	stop func()
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// startDemo starts the program on the folder and waits until its pages are open.
func startDemo(t *testing.T, data string) *demo {
	t.Helper()
	cmd := program(t, "demo", "--data", data, "--listen", "127.0.0.1:0")
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := &demo{t: t, data: data}
	ended := make(chan struct{})
	lines := make(chan string, 100)
	go func() {
		for s := bufio.NewScanner(said); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
		_ = cmd.Wait()
		close(ended)
	}()
	d.kill = func() { _ = cmd.Process.Kill(); <-ended }
	d.stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM); <-ended }
	t.Cleanup(d.kill)
	var all []string
	for line := range lines {
		all = append(all, line)
		if url := address.FindString(line); url != "" {
			d.url = url
			go func() {
				for range lines { // what it says later is not asked for
				}
			}()
			return d
		}
	}
	t.Fatalf("the demo court did not open:\n%s", strings.Join(all, "\n"))
	return nil
}

// browser is one tab, and what went wrong in it.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// openBrowser opens a headless browser with a profile of its own.
func openBrowser(t *testing.T, base string) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "zh-CN"))
	allocated, free := chromedp.NewExecAllocator(context.Background(), options...)
	tab, shut := chromedp.NewContext(allocated)
	ctx, cancel := context.WithTimeout(tab, 10*time.Minute)
	t.Cleanup(func() { cancel(); shut(); free() })
	b := &browser{t, ctx, base}
	b.do(chromedp.EmulateViewport(1366, 900))
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("%v\non %s", err, b.where())
	}
}

func (b *browser) where() string {
	at, _ := chromedp.Run(b.ctx, chromedp.Location())
	body, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText.slice(0, 1500)`))
	return at + "\n" + body
}

// visit opens an address of the court.
func (b *browser) visit(path string) {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.base + path
	}
	b.do(chromedp.Navigate(path))
	b.checkPolicy()
}

// press presses what the selector finds and waits for the page that follows.
func (b *browser) press(selector string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector))))
	if err != nil {
		b.t.Fatalf("press %s: %v\non %s", selector, err, b.where())
	}
	b.checkPolicy()
}

// typeIn types into a field as a person does.
func (b *browser) typeIn(name, text string) {
	b.t.Helper()
	field := `main [name="` + name + `"]`
	b.do(chromedp.SendKeys(chromedp.CSS(field), text))
	b.until(fmt.Sprintf(`document.querySelector(%q).value === %q`, field, text))
}

// fill sets a field: ticks boxes, chooses among radio buttons, writes the rest.
func (b *browser) fill(name string, values ...string) {
	b.t.Helper()
	wanted, _ := json.Marshal(values)
	n := obtain(b, chromedp.Evaluate[int](fmt.Sprintf(`(() => {
		const wanted = %s; let n = 0;
		for (const f of document.querySelectorAll('main [name="%s"]')) {
			if (f.type === 'radio' || f.type === 'checkbox') {
				if (wanted.includes(f.value)) { f.click(); if (f.checked) n++; }
			} else { f.value = wanted[0]; f.dispatchEvent(new Event('input', {bubbles: true})); n++; }
		}
		return n;
	})()`, wanted, name)))
	if n != len(values) {
		b.t.Fatalf("%d of %d fields %s were filled\non %s", n, len(values), name, b.where())
	}
}

// read is the text of what the selector finds first, or its attribute.
func (b *browser) read(selector string) string {
	b.t.Helper()
	return strings.Join(strings.Fields(obtain(b, chromedp.Text(chromedp.CSS(selector)))), " ")
}

func (b *browser) attribute(selector, name string) string {
	b.t.Helper()
	return obtain(b, chromedp.AttributeValue(chromedp.CSS(selector), name)).Value
}

// count is how many the selector finds.
func (b *browser) count(selector string) int {
	b.t.Helper()
	return obtain(b, chromedp.Evaluate[int](fmt.Sprintf(`document.querySelectorAll(%q).length`, selector)))
}

// until waits for an expression to become true and returns how long it took.
func (b *browser) until(expression string) time.Duration {
	b.t.Helper()
	started := time.Now()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		b.t.Fatalf("%s never became true: %v\non %s", expression, err, b.where())
	}
	return time.Since(started)
}

func obtain[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatalf("%v\non %s", err, b.where())
	}
	return v
}

// checkPolicy fails on anything that the content security policy would have to
// stop: the page itself must not try.
func (b *browser) checkPolicy() {
	b.t.Helper()
	if n := b.count(`[style], style, script:not([src]):not([type="application/json"])`); n > 0 {
		b.t.Errorf("%d inline styles or scripts on %s", n, b.where())
	}
}

// as signs in by one click on the role's button.
func (b *browser) as(role, place string) {
	b.t.Helper()
	b.visit("/login")
	b.press(`[data-testid="as-` + role + `-` + place + `"]`)
}

// picture keeps a picture of the page at desk width, and at a phone's width too
// when asked, in the folder that DOORSTEP_PICTURES names; nowhere without it.
func (b *browser) picture(name string, phone bool) {
	b.t.Helper()
	dir := os.Getenv("DOORSTEP_PICTURES")
	if dir == "" {
		return
	}
	shoot := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), obtain(b, chromedp.CaptureScreenshot()), 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	shoot(name)
	if phone {
		b.do(chromedp.EmulateViewport(390, 844))
		shoot(name + "-phone")
		b.do(chromedp.EmulateViewport(1366, 900))
	}
}
