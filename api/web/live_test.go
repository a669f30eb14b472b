package web

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// listener reads a live stream line by line.
type listener struct {
	t     *testing.T
	lines chan string
}

// listen opens the live stream of a visitor at url.
func (v *visitor) listen(t *testing.T, url, last string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := v.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if ct := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || ct != "text/event-stream" || res.Header.Get("Content-Encoding") != "" {
		t.Fatalf("the stream answers %d %q", res.StatusCode, ct)
	}
	l := &listener{t, make(chan string, 100)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(l.lines)
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			l.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		cancel()
		res.Body.Close()
		<-ended
	})
	return l
}

// next is the data of the next event; empty when the stream has ended.
func (l *listener) next() string {
	l.t.Helper()
	giveUp := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-l.lines:
			if !ok {
				return ""
			}
			if data, found := strings.CutPrefix(line, "data: "); found {
				return data
			}
		case <-giveUp:
			l.t.Fatal("nothing came")
		}
	}
}

func TestTheLiveStreamTellsOfEachChangeAndOfNothingElse(t *testing.T) {
	h := newHouse(t)
	v := h.as(t, "leadership", "")
	l := v.listen(t, h.url, "")
	at, _ := h.Follower.Position()
	if got := l.next(); got != at.String() {
		t.Errorf("it begins with %q, want where the views are, %s", got, at)
	}
	h.file(t, "d1")
	at, _ = h.Follower.Position()
	if got := l.next(); got != at.String() {
		t.Errorf("after a deed it says %q, want %s", got, at)
	}
}

func TestAPageThatWasAwayIsToldAtOnce(t *testing.T) {
	h := newHouse(t)
	v := h.as(t, "judge", "130108001")
	first := v.listen(t, h.url, "").next()
	h.file(t, "d1")
	at, _ := h.Follower.Position()
	if got := v.listen(t, h.url, first).next(); got != at.String() {
		t.Errorf("the page that had seen %s is told %q, want %s", first, got, at)
	}
	l := v.listen(t, h.url, at.String())
	h.file(t, "d2")
	now, _ := h.Follower.Position()
	if got := l.next(); got != now.String() {
		t.Errorf("a page that had seen all is told %q first, want what is new, %s", got, now)
	}
}

func TestTheLiveStreamOutlivesTheTimeLimitsOfPages(t *testing.T) {
	h := newHouse(t)
	const limit = 100 * time.Millisecond
	server := httptest.NewUnstartedServer(h.handler())
	server.Config.ReadTimeout, server.Config.WriteTimeout = limit, limit
	server.Start()
	defer server.Close()
	l := h.as(t, "leadership", "").listen(t, server.URL, "")
	began := time.Now()
	for i := 0; time.Since(began) < 5*limit; i++ {
		if l.next() == "" {
			t.Fatalf("the stream ended after %v", time.Since(began))
		}
		h.file(t, fmt.Sprintf("d%d", i))
	}
	if l.next() == "" {
		t.Fatal("the stream ended")
	}
	server.CloseClientConnections()
}

func TestNobodyListensWithoutASession(t *testing.T) {
	h := newHouse(t)
	if a := h.anyone(t).get("/live"); a.status != http.StatusUnauthorized {
		t.Errorf("a stranger is answered %d", a.status)
	}
}

func TestTheLiveStreamEndsWithTheServer(t *testing.T) {
	h := newHouse(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h.handler(), BaseContext: func(net.Listener) context.Context { return ctx }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(socket) }()
	v := h.as(t, "leadership", "")
	l := v.listen(t, "http://"+socket.Addr().String(), "")
	l.next()
	stop()
	if got := l.next(); got != "" {
		t.Errorf("after the end it says %q", got)
	}
	if err := server.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != http.ErrServerClosed {
		t.Error(err)
	}
}

func TestThePageSaysHowFarItHadCome(t *testing.T) {
	h := newHouse(t)
	h.file(t, "d1")
	at, _ := h.Follower.Position()
	body := h.as(t, "leadership", "").get("/stats").find("data-live", "/live")
	if got := attr(body, "data-position"); got != at.String() {
		t.Errorf("the page says %q, want %s", got, at)
	}
}
