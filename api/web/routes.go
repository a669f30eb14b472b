package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"doorstep/api/auth"
)

// open marks a route that asks for no role.
const open auth.Deed = ""

// route is one line of the list of routes.
type route struct {
	method, path string
	deed         auth.Deed // of auth's table; open: none is asked for
	handle       func(*site, *visit) error
}

// routes is every page and every form there is.
var routes = []route{
	{http.MethodGet, "/", open, (*site).showHome},
	{http.MethodGet, "/login", open, (*site).showLogin},
	{http.MethodPost, "/login", open, (*site).login},
	{http.MethodPost, "/logout", open, (*site).logout},
	{http.MethodGet, "/enter", open, (*site).enterByLink},
	{http.MethodGet, "/healthz", open, (*site).showHealth},
	{http.MethodGet, "/live", open, (*site).streamLive},

	{http.MethodGet, "/stats", auth.SeeFigures, (*site).showFigures},
	{http.MethodGet, "/stats/cases", auth.ListBehind, (*site).listBehind},
}

// handler puts the routes and what stands around them together.
func (s *site) handler() http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.answerError
	e.Use(s.watch, s.compress, s.limitBody, s.greet)
	for _, r := range routes {
		e.Add(r.method, r.path, s.serve(r))
	}
	e.GET("/assets/:name", s.showAsset)
	e.RouteNotFound("/*", func(echo.Context) error { return errNotFound })
	return s.protect(e)
}

// serve asks the table first and then the handler.
func (s *site) serve(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := visitOf(c)
		v.route = r
		if r.deed != open {
			if !v.actor.Whole() {
				return s.askToSignIn(v)
			}
			if !auth.MayEver(v.actor, r.deed) {
				return errNotYourRole
			}
		}
		if r.method == http.MethodPost {
			if err := s.checkToken(v); err != nil {
				return err
			}
		} else {
			s.waitForSeen(v)
		}
		return r.handle(s, v)
	}
}
