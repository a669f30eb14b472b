package web

import (
	"compress/gzip"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"doorstep/api/auth"
)

// policy is the same for every answer; there is no inline script or style
// anywhere, so it needs no exception.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"

// bodyLimit is the most that a form may bring.
const bodyLimit = "2M"

// protect sets the headers and turns other sites' forms away before anything
// else is done.
func (s *site) protect(e *echo.Echo) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := e.NewContext(r, w)
		s.answerError(errCrossSite, c)
	}))
	inner := guard.Handler(e)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "HX-Request, Cookie")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		inner.ServeHTTP(w, r)
	})
}

// watch logs and counts every request by its route, never by its path or by
// anything in it, and turns a panic into an error page.
func (s *site) watch(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		began := time.Now()
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
			if err != nil {
				c.Error(err)
				err = nil
			}
			took, status := time.Since(began), c.Response().Status
			s.Observe(c.Request().Method, c.Path(), status, took)
			id := ""
			if v, ok := c.Get("visit").(*visit); ok {
				id = v.id
			}
			s.Log.Info("request", "request", id, "method", c.Request().Method, "route", c.Path(), "status", status, "took", took)
		}()
		return next(c)
	}
}

// compress compresses pages; assets are compressed once at the start, and the
// live stream must not wait in a buffer.
func compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		Level: gzip.BestSpeed, MinLength: 1400,
		Skipper: func(c echo.Context) bool { return c.Path() == "/live" || strings.HasPrefix(c.Path(), "/assets/") },
	})
}

// greet makes the visit: who asks, and in which language. ?lang= is kept in a
// cookie and taken out of the address.
func (s *site) greet(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := s.newVisit(c)
		lang := v.query("lang")
		if lang == "zh" { // as the command line calls it
			lang = languages[0]
		}
		if _, known := s.catalog.speeches[lang]; known && c.Request().Method == http.MethodGet {
			c.SetCookie(&http.Cookie{Name: langCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: c.Request().TLS != nil})
			u := *c.Request().URL
			q := u.Query()
			q.Del("lang")
			u.RawQuery = q.Encode()
			return c.Redirect(http.StatusSeeOther, u.RequestURI())
		}
		return next(c)
	}
}

func (s *site) newVisit(c echo.Context) *visit {
	v := &visit{echo: c, site: s, speech: s.catalog.speechFor(c.Request()), id: requestID(), at: s.Now()}
	if cookie, err := c.Cookie(sessionCookie); err == nil {
		if session, err := s.keeper.Read(cookie.Value); err == nil && s.welcome(session) {
			v.session, v.actor = session, session.Actor
		}
	}
	c.Set("visit", v)
	c.Response().Header().Set("X-Request-Id", v.id)
	return v
}

// welcome tells whether the session is one of this mode: a role chosen in the
// demo court opens nothing elsewhere.
func (s *site) welcome(session auth.Session) bool {
	return session.Demo == s.Demo
}

func requestID() string {
	b := make([]byte, 8)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// checkToken refuses a form that no page of this session showed. A browser that
// has no session yet has nothing that could be abused.
func (s *site) checkToken(v *visit) error {
	if v.session.ID == "" {
		return nil
	}
	if _, err := v.echo.FormParams(); err != nil {
		return errBadForm
	}
	if !s.keeper.KnowsForm(v.session, v.echo.FormValue("token")) {
		return errBadToken
	}
	return nil
}
