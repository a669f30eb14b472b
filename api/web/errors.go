package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"doorstep/domain/codec"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/projections/casefile"
)

// What is wrong with a request, besides what rules and the log say.
var (
	errNotFound    = errors.New("there is nothing here, or it is not the visitor's")
	errNotYourRole = errors.New("the role does not do this")
	errBadForm     = errors.New("the form is not one of ours")
	errBadToken    = errors.New("the form does not belong to this session")
	errCrossSite   = errors.New("the request comes from another site")
	errSession     = errors.New("there is no session")
	errBadDay      = errors.New("a day in the address is not well formed")
	errTooLarge    = errors.New("the request is too large")
)

// fault is how an error is shown: a status and the key of its texts in the
// catalog (error.KEY.title and error.KEY.text).
type fault struct {
	Status int
	Key    string
	No     *decide.Refusal // a rule's no speaks for itself
	Resend bool            // the same form may be sent again
	ID     string          // of the request
}

// faults are the errors we know, in the order in which they are looked for.
var faults = []struct {
	err    error
	status int
	key    string
	resend bool
}{
	{errNotFound, http.StatusNotFound, "not-found", false},
	{casefile.ErrNoCase, http.StatusNotFound, "not-found", false},
	{errNotYourRole, http.StatusForbidden, "not-your-role", false},
	{errBadForm, http.StatusBadRequest, "bad-form", false},
	{errBadDay, http.StatusUnprocessableEntity, "bad-day", false},
	{errBadToken, http.StatusForbidden, "bad-token", false},
	{errCrossSite, http.StatusForbidden, "cross-site", false},
	{errSession, http.StatusUnauthorized, "session", false},
	{errTooLarge, http.StatusRequestEntityTooLarge, "too-large", false},
	{decide.ErrStale, http.StatusConflict, "stale", false},
	{codec.ErrUnknownForm, http.StatusServiceUnavailable, "newer", false},
	{eventlog.ErrReused, http.StatusConflict, "reused", false},
	{eventlog.ErrTooLarge, http.StatusRequestEntityTooLarge, "too-large", false},
	{decide.ErrBusy, http.StatusServiceUnavailable, "busy", true},
	{eventlog.ErrUnknown, http.StatusServiceUnavailable, "unknown", true},
	{eventlog.ErrUnavailable, http.StatusServiceUnavailable, "unavailable", true},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "unavailable", true},
}

// faultOf says how to show the error. What is not known is "internal", and its
// text goes to the log only.
func faultOf(err error) fault {
	if no, ok := refusal(err); ok {
		return fault{Status: http.StatusUnprocessableEntity, Key: "refused", No: no}
	}
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return fault{Status: f.status, Key: f.key, Resend: f.resend}
		}
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		switch he.Code {
		case http.StatusNotFound, http.StatusMethodNotAllowed:
			return fault{Status: he.Code, Key: "not-found"}
		case http.StatusRequestEntityTooLarge:
			return fault{Status: he.Code, Key: "too-large"}
		}
	}
	return fault{Status: http.StatusInternalServerError, Key: "internal"}
}

// answerError is the one place where an error becomes an answer: a page, or a
// problem (RFC 9457) where JSON is asked for.
func (s *site) answerError(err error, c echo.Context) {
	if c.Response().Committed || errors.Is(err, context.Canceled) {
		return
	}
	f := faultOf(err)
	v, ok := c.Get("visit").(*visit)
	if !ok { // the error came before the visit was made
		v = s.newVisit(c)
	}
	f.ID = v.id
	if f.Status >= http.StatusInternalServerError {
		s.Log.Error("request failed", "request", v.id, "route", c.Path(), "reason", err.Error())
	}
	if f.Status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", "2")
	}
	if err := s.showFault(v, f); err != nil {
		s.Log.Error("an error could not be shown", "request", v.id, "reason", err.Error())
	}
}

func (s *site) showFault(v *visit, f fault) error {
	if accept := v.request().Header.Get("Accept"); strings.Contains(accept, "json") && !strings.Contains(accept, "html") {
		v.echo.Response().Header().Set("Content-Type", "application/problem+json")
		return v.echo.JSON(f.Status, f.problem(v))
	}
	var again form
	if f.Resend && v.request().Method == http.MethodPost {
		if posted, err := v.form(); err == nil {
			again = posted
		}
	}
	return v.page(f.Status, head{Title: f.title(v)}, faultPage(f, again))
}

// problem is an error as RFC 9457 writes it.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
	Code     string `json:"code"`
}

func (f fault) problem(v *visit) problem {
	p := problem{Type: "about:blank", Title: f.title(v), Status: f.Status, Detail: f.text(v), Instance: f.ID, Code: f.Key}
	if f.No != nil {
		p.Code = f.No.Code
	}
	return p
}

func (f fault) title(v *visit) string { return v.say("error." + f.Key + ".title") }

func (f fault) text(v *visit) string {
	if f.No != nil {
		return v.speech.refusal(f.No)
	}
	return v.say("error." + f.Key + ".text")
}
