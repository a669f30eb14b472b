package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorstep/cmd/internal/wire"
)

// serveFolder serves a folder in this process until the test ends, and gives
// the address and the sign-in link.
func serveFolder(t *testing.T, data string) (url, signIn string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	quiet := slog.New(slog.DiscardHandler)
	court, err := wire.Open(ctx, wire.Config{Data: data, Create: true, Views: true, Now: time.Now, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	type address struct{ url, signIn string }
	ready := make(chan address, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- court.Serve(ctx, wire.Serving{Listen: "127.0.0.1:0", CourtName: "Test Court", Logger: quiet,
			Ready: func(url, signIn string) { ready <- address{url, signIn} }})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serving ended with %v", err)
		}
		if err := court.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-ready:
		return a.url, a.signIn
	case err := <-ended:
		ended <- nil
		t.Fatalf("serving ended at once: %v", err)
	}
	return "", ""
}

func TestCommandsWorkThroughTheServerThatHoldsTheFolder(t *testing.T) {
	for name, data := range map[string]string{
		"a short path":                        filepath.Join(t.TempDir(), "court"),
		"a path too long for a socket's name": filepath.Join(t.TempDir(), strings.Repeat("long", 25), "court"),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(data, 0o700); err != nil {
				t.Fatal(err)
			}
			url, _ := serveFolder(t, data)
			report := ask(t, "import", "--data", data, "--json", courtYear)
			if report["accepted"].(float64) < 5000 || len(report["rejected"].([]any)) != 0 {
				t.Fatalf("import through the server: %v", report["accepted"])
			}
			periods, _, _ := readExpected(t)
			same(t, "year", periods["year"], ask(t, "stats", "--data", data, "--json", "--from", "2021-01-01", "--to", "2021-12-31"))
			if got := ask(t, "stats", "suits", "--data", data, "--json", "--year", "2021", "--territory", "130108"); got["value"] != "84.38" {
				t.Errorf("suits through the server: %v", got["value"])
			}
			verification(t, data)
			if code, out, errs := doorstep(t, "healthcheck", "--url", url+"/healthz"); code != codeOK {
				t.Errorf("healthcheck: exit %d %s %s", code, out, errs)
			}
			if code, _, errs := doorstep(t, "serve", "--data", data, "--listen", "127.0.0.1:0"); code != codeUnavailable {
				t.Errorf("a second server: exit %d, %s", code, errs)
			}
		})
	}
}

func TestNothingIsOpenWithoutTheLinkAndTheLinkOpensOnce(t *testing.T) {
	data := filepath.Join(t.TempDir(), "court")
	url, first := serveFolder(t, data)
	code, out, errs := doorstep(t, "sign-in", "--data", data)
	second := strings.TrimSpace(out)
	if code != codeOK || !strings.HasPrefix(second, url+"/enter?token=") || second == first {
		t.Fatalf("sign-in: exit %d, %q, %s", code, out, errs)
	}
	for _, path := range []string{"/", "/desk", "/stats", "/cases/new", "/committee", "/confirmations"} {
		if text := body(t, http.DefaultClient, url+path); strings.Contains(text, `action="/logout"`) {
			t.Errorf("%s is open without a session", path)
		}
	}
	visitor := func() *http.Client {
		jar, _ := cookiejar.New(nil)
		return &http.Client{Jar: jar}
	}
	one := visitor()
	body(t, one, first)
	if text := body(t, one, url+"/login"); !strings.Contains(text, `action="/logout"`) && !strings.Contains(text, `name="role"`) {
		t.Errorf("the link let nobody in:\n%s", text)
	}
	again := visitor()
	body(t, again, first)
	if text := body(t, again, url+"/stats"); strings.Contains(text, `action="/logout"`) {
		t.Error("the link let a second visitor in")
	}
	if text := body(t, http.DefaultClient, url+"/metrics"); !strings.Contains(text, "doorstep_build_info") || !strings.Contains(text, `doorstep_projection_paused{view="docket"} 0`) {
		t.Errorf("metrics:\n%.600s", text)
	}
}

func body(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
