package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// budgets, compressed: what an old computer on a slow line can bear.
const (
	scriptBudget = 30_000 // our own scripts together
	pageBudget   = 60_000 // one page with all it needs, htmx and all
)

// tooNew is what Chromium 86, Firefox 78 or Safari 14 do not know.
var tooNew = map[string][]string{
	".js": {
		`structuredClone`, `Object\.hasOwn`, `\.at\(`, `\.replaceAll\(`, `randomUUID`, `\?\?=`, `\|\|=`, `&&=`, `\bstatic\s*\{`, `#\w+\s*[(=;]`, `\.findLast`,
		`\.toSorted`, `\.toReversed`, `Object\.groupBy`, `\(\?<[=!]`, `:has\(`, `:is\(`, `showModal`, `popover`, `\binert\b`, `WeakRef`,
		`Array\.fromAsync`, `Promise\.any`, `\beval\(`, `new Function`, `innerHTML`, `document\.write`, `localStorage`, `sessionStorage`,
	},
	".css": {
		`:has\(`, `:is\(`, `:where\(`, `\binset\s*:`, `aspect-ratio\s*:`, `accent-color`, `color-mix`, `@layer`, `@container`, `@property`, `\d[dsl]v[hw]\b`,
		`(?m)^\s*&`, `text-wrap`, `\boklch\(`, `color-scheme`, `scrollbar-`, `@import`, `url\(`,
	},
}

func TestScriptsAndStylesKeepToTheBrowserFloor(t *testing.T) {
	files, _ := filepath.Glob("static/*")
	looked := 0
	for _, path := range files {
		patterns := tooNew[filepath.Ext(path)]
		if patterns == nil || strings.HasSuffix(path, ".min.js") {
			continue
		}
		looked++
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range patterns {
			if hit := regexp.MustCompile(p).Find(b); hit != nil {
				t.Errorf("%s uses %q, which the oldest browsers lack or our rules forbid", path, hit)
			}
		}
	}
	if looked < 6 {
		t.Errorf("only %d files looked at", looked)
	}
}

func TestScriptsAndPagesKeepToTheirBudgets(t *testing.T) {
	size := func(b []byte) int {
		var z bytes.Buffer
		w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression)
		w.Write(b)
		w.Close()
		return z.Len()
	}
	own, all := 0, 0
	files, _ := filepath.Glob("static/*.*s")
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, ".js") && !strings.HasSuffix(path, ".min.js") {
			own += size(b)
		}
		all += size(b)
	}
	page := size([]byte(demoYear().as(t, "leadership", "").get("/stats").body))
	t.Logf("own scripts %d, dashboard %d, with all assets %d bytes compressed", own, page, page+all)
	if own > scriptBudget || page+all > pageBudget {
		t.Errorf("own scripts %d of %d, dashboard with everything %d of %d bytes", own, scriptBudget, page+all, pageBudget)
	}
}

func TestPagesAreSentCompressed(t *testing.T) {
	v := demoYear().as(t, "leadership", "")
	a := v.send(http.MethodGet, "/stats", nil, http.Header{"Accept-Encoding": {"gzip"}})
	if a.header.Get("Content-Encoding") != "gzip" {
		t.Error("the dashboard is not compressed")
	}
}

// pairs are the inks and the grounds on which they stand.
var pairs = [][2]string{
	{"ink", "card"}, {"ink", "ground"}, {"ink-soft", "card"}, {"ink-soft", "ground"}, {"ink-faint", "card"}, {"ink-faint", "ground"}, {"ink-soft", "quiet-soft"},
	{"blue", "card"}, {"blue", "ground"}, {"blue", "blue-soft"}, {"card", "blue"}, {"card", "blue-deep"}, {"blue-deep", "blue-soft"}, {"blue-deep", "card"},
	{"navy-ink", "navy"}, {"card", "navy-soft"}, {"navy-ink", "navy-soft"}, {"good", "good-soft"}, {"good", "card"}, {"warn", "warn-soft"}, {"warn", "card"},
	{"bad", "bad-soft"}, {"bad", "card"}, {"quiet", "quiet-soft"}, {"ink-faint", "quiet-soft"},
}

func TestEveryInkCanBeReadOnItsGround(t *testing.T) {
	b, err := os.ReadFile("static/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(string(b), -1) {
		colours[m[1]] = m[2]
	}
	for _, p := range pairs {
		if c := contrast(t, colours[p[0]], colours[p[1]]); c < 4.5 {
			t.Errorf("%s on %s has a contrast of %.2f : 1", p[0], p[1], c)
		}
	}
	if c := contrast(t, colours["line-field"], colours["card"]); c < 3 {
		t.Errorf("the frame of a field has a contrast of %.2f : 1", c)
	}
}

// contrast is the ratio of WCAG 2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", colour, err))
		}
		c := float64(n) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
