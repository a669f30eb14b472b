package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
)

func TestEveryErrorHasItsAnswer(t *testing.T) {
	for _, row := range []struct {
		err    error
		status int
		key    string
		resend bool
	}{
		{mediation.ErrUnwilling, 422, "refused", false},
		{fmt.Errorf("deep: %w", mediation.ErrUnwilling), 422, "refused", false},
		{decide.ErrStale, 409, "stale", false},
		{eventlog.ErrReused, 409, "reused", false},
		{decide.ErrBusy, 503, "busy", true},
		{fmt.Errorf("append: %w", eventlog.ErrUnknown), 503, "unknown", true},
		{eventlog.ErrUnavailable, 503, "unavailable", true},
		{eventlog.ErrTooLarge, 413, "too-large", false},
		{casefile.ErrNoCase, 404, "not-found", false},
		{errNotFound, 404, "not-found", false},
		{errNotYourRole, 403, "not-your-role", false},
		{errBadToken, 403, "bad-token", false},
		{errSession, 401, "session", false},
		{echo.ErrMethodNotAllowed, 405, "not-found", false},
		{echo.ErrStatusRequestEntityTooLarge, 413, "too-large", false},
		{eventlog.ErrCorrupt, 500, "internal", false},
		{errors.New("a secret"), 500, "internal", false},
	} {
		f := faultOf(row.err)
		if f.Status != row.status || f.Key != row.key || f.Resend != row.resend {
			t.Errorf("%v becomes %d %s (send again: %v), want %d %s (%v)", row.err, f.Status, f.Key, f.Resend, row.status, row.key, row.resend)
		}
	}
}

// fail answers one request to the site with the error.
func fail(t *testing.T, err error, method, accept string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	s := newHouse(t).site
	e := echo.New()
	req := httptest.NewRequestWithContext(context.Background(), method, "/cases/d1/return", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", accept)
	rec := httptest.NewRecorder()
	s.answerError(err, e.NewContext(req, rec))
	return rec
}

func TestWhatMayHaveBeenKeptIsSentAgainAsTheSameDeed(t *testing.T) {
	form := newForm("", 0)
	posted := url.Values{"deed": {form.Deed}, "seen": {"3"}, "note": {"原因"}}
	for _, err := range []error{eventlog.ErrUnknown, eventlog.ErrUnavailable, decide.ErrBusy} {
		rec := fail(t, err, http.MethodPost, "text/html", posted)
		body := rec.Body.String()
		if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
			t.Errorf("%v answers %d", err, rec.Code)
		}
		if !strings.Contains(body, `action="/cases/d1/return"`) || !strings.Contains(body, form.Deed) || !strings.Contains(body, "没有丢失") {
			t.Errorf("%v: the page does not offer to send the same deed again", err)
		}
	}
}

func TestAProblemIsJSONWhereJSONIsAskedFor(t *testing.T) {
	rec := fail(t, mediation.ErrUnwilling, http.MethodPost, "application/json", nil)
	var p problem
	if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v in %s", err, rec.Body)
	}
	if rec.Header().Get("Content-Type") != "application/problem+json" || p.Status != 422 || p.Code != "party-unwilling" || p.Detail != mediation.ErrUnwilling.Chinese || p.Instance == "" {
		t.Errorf("%s: %+v", rec.Header().Get("Content-Type"), p)
	}
}

func TestAnErrorNobodyForesawIsNotShown(t *testing.T) {
	rec := fail(t, errors.New("李翀 in table parties"), http.MethodGet, "text/html", nil)
	if rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), "parties") {
		t.Errorf("%d: %s", rec.Code, rec.Body)
	}
}

func TestAnOversizedFormIsRefused(t *testing.T) {
	h := newHouse(t)
	v := h.as(t, "judge", "130108001")
	form := v.get("/cases/new").hidden("/cases/new")
	fill(form)
	form.Set("facts", strings.Repeat("x", 3<<20))
	if a := v.post("/cases/new", form); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("3 MiB are answered %d", a.status)
	}
}
