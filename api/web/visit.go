package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"doorstep/api/auth"
	"doorstep/domain/calendar"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
)

// visit is one request: who asks, in which language, and when. Handlers get it
// instead of the framework's context.
type visit struct {
	echo    echo.Context
	site    *site
	session auth.Session
	actor   auth.Actor
	speech  *speech
	route   route
	id      string // of the request, for the log and for error pages
	behind  bool   // the views had not come to ?seen in time
	head    head   // of the page being shown
	at      time.Time
}

// head is what the layout shows of a page besides its content.
type head struct {
	Title string // already in the visitor's language
	AsOf  casefile.AsOf
	Scale string // extra class of the content: "wide" for pages that use the whole width
}

type visitKey struct{}

// here finds the visit in a template's context.
func here(ctx context.Context) *visit { return ctx.Value(visitKey{}).(*visit) }

func visitOf(c echo.Context) *visit { return c.Get("visit").(*visit) }

// ctx is the request's context; templates find the visit in it.
func (v *visit) ctx() context.Context {
	return context.WithValue(v.echo.Request().Context(), visitKey{}, v)
}

// request is the request itself.
func (v *visit) request() *http.Request { return v.echo.Request() }

// query is the URL's parameter of that name, empty where it is missing.
func (v *visit) query(name string) string { return v.echo.QueryParam(name) }

// param is the part of the path of that name.
func (v *visit) param(name string) string { return v.echo.Param(name) }

// now is the court's clock when the request came; today its day.
func (v *visit) now() time.Time       { return v.at }
func (v *visit) today() calendar.Date { return calendar.DateOf(v.at) }

// occasion is a deed's time: now.
func (v *visit) occasion() mediation.Occasion {
	return mediation.Occasion{At: calendar.At(v.at), Today: v.today()}
}

// say gives a text in the visitor's language; pairs are names and values.
func (v *visit) say(key string, pairs ...any) string { return v.speech.say(key, pairs...) }

// page answers with a whole page.
func (v *visit) page(status int, h head, content templ.Component) error {
	v.head = h
	return v.render(status, layout(content))
}

// fragment answers with a part of a page, for a page that shows it already.
func (v *visit) fragment(content templ.Component) error {
	return v.render(http.StatusOK, content)
}

// render renders before anything is sent, so that a template's error becomes an
// error page and not half a page.
func (v *visit) render(status int, content templ.Component) error {
	var b bytes.Buffer
	if err := content.Render(v.ctx(), &b); err != nil {
		return err
	}
	return v.echo.HTMLBlob(status, b.Bytes())
}

// isFragment tells whether the page's own script asks for a part of it.
func (v *visit) isFragment() bool { return v.request().Header.Get("HX-Request") == "true" }

// done answers a deed: the browser goes on to target, a path of ours, which
// waits until it can show the deed that was kept at p.
func (v *visit) done(p eventlog.Position, target string) error {
	if !p.IsStart() {
		u, err := url.Parse(target)
		if err != nil {
			return err
		}
		q := u.Query()
		q.Set("seen", p.String())
		u.RawQuery = q.Encode()
		target = u.String()
	}
	return v.echo.Redirect(http.StatusSeeOther, target)
}

// seenLimit is how long a page waits for the views.
const seenLimit = 2 * time.Second

// waitForSeen waits until the views have taken in what the visitor just did.
func (s *site) waitForSeen(v *visit) {
	seen := v.query("seen")
	if seen == "" {
		return
	}
	p, err := eventlog.ParsePosition(seen)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(v.request().Context(), seenLimit)
	defer cancel()
	v.behind = s.Follower.Wait(ctx, p) != nil
}

// asOf reads the moment on both clocks from the URL: as_of, a day, and
// as_known_at, RFC 3339 or a day (its end).
func (v *visit) asOf() (casefile.AsOf, error) {
	var at casefile.AsOf
	if s := v.query("as_of"); s != "" {
		d, err := calendar.ParseDate(s)
		if err != nil {
			return at, errBadDay
		}
		at.Happened = d
	}
	if s := v.query("as_known_at"); s != "" {
		t, err := time.Parse(time.RFC3339, s)
		if d, dayErr := calendar.ParseDate(s); dayErr == nil {
			t, err = d.AddDays(1).Time().Add(-12*time.Hour-time.Second), nil
		}
		if err != nil {
			return at, errBadDay
		}
		at.Known = t
	}
	return at, nil
}

// subject is what the table must know of a case.
func subject(c casefile.Case) auth.Subject {
	return auth.Subject{Station: c.Dispute.Station, Organisation: c.Dispute.Offer.Organisation, Applied: c.Confirmation.Stage != ""}
}

// mayOn tells whether the visitor may do the deed on the case.
func (v *visit) mayOn(d auth.Deed, c casefile.Case) bool { return auth.May(v.actor, d, subject(c)) }

// dispute reads a case as it is now and asks whether the visitor may do the
// deed on it. Errors: errNotFound, also where it is not the visitor's.
func (v *visit) dispute(id string, d auth.Deed) (casefile.Case, error) {
	c, err := v.site.Files.Read(v.request().Context(), id, casefile.AsOf{})
	if err != nil {
		return c, err
	}
	if !v.mayOn(d, c) {
		return c, errNotFound
	}
	return c, nil
}
