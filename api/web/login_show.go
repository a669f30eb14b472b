package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"doorstep/api/auth"
)

const sessionCookie = "doorstep"

// homes is where each role begins.
var homes = map[auth.Role]string{
	auth.Judge: "/desk", auth.Committee: "/committee", auth.Confirming: "/confirmations", auth.Leadership: "/stats",
}

// showHome goes on to where the visitor's role begins.
func (s *site) showHome(v *visit) error {
	if !v.actor.Whole() {
		return s.askToSignIn(v)
	}
	return v.echo.Redirect(http.StatusSeeOther, homes[v.actor.Role])
}

// mayChoose tells whether the visitor may choose a role: anybody in the demo
// court, the operator of this machine elsewhere.
func (s *site) mayChoose(v *visit) bool { return s.Demo || v.session.ID != "" }

// askToSignIn answers where a role is needed and there is none.
func (s *site) askToSignIn(v *visit) error {
	if v.request().Method != http.MethodGet || v.isFragment() {
		return errSession
	}
	if s.mayChoose(v) {
		return v.echo.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(v.request().URL.RequestURI()))
	}
	return v.page(http.StatusUnauthorized, head{Title: v.say("login.title")}, loginPage(loginView{Next: v.request().URL.RequestURI()}))
}

// showLogin offers the roles, or says how to get a sign-in link.
func (s *site) showLogin(v *visit) error {
	view, status := loginView{Next: local(v.query("next"))}, http.StatusUnauthorized
	if s.mayChoose(v) {
		view.Choose, status = true, http.StatusOK
		view.Stations, view.Organisations = s.Directory.Stations(), s.Directory.Organisations()
	}
	return v.page(status, head{Title: v.say("login.title")}, loginPage(view))
}

// login opens a session of the chosen role.
func (s *site) login(v *visit) error {
	if !s.mayChoose(v) {
		return errSession
	}
	actor := auth.Acting(auth.Role(v.echo.FormValue("role")), v.echo.FormValue("place"))
	if !actor.Whole() || !s.exists(actor) {
		return errBadForm
	}
	s.openSession(v, actor)
	next := local(v.echo.FormValue("next"))
	if next == "" {
		next = homes[actor.Role]
	}
	return v.echo.Redirect(http.StatusSeeOther, next)
}

// exists tells whether the actor's place is on the roster.
func (s *site) exists(a auth.Actor) bool {
	ok := true
	switch a.Role {
	case auth.Judge:
		_, ok = s.Directory.Station(a.Station)
	case auth.Committee:
		_, ok = s.Directory.Organisation(a.Organisation)
	}
	return ok
}

// logout ends the session.
func (s *site) logout(v *visit) error {
	v.echo.SetCookie(&http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return v.echo.Redirect(http.StatusSeeOther, "/login")
}

// enterByLink takes the one-time sign-in link that the server printed: its
// reader operates this machine and may choose a role.
func (s *site) enterByLink(v *visit) error {
	if s.Demo {
		return v.echo.Redirect(http.StatusSeeOther, "/login")
	}
	if s.Entry == nil || !s.Entry(v.query("token")) {
		return v.page(http.StatusUnauthorized, head{Title: v.say("login.title")}, loginPage(loginView{Spent: true}))
	}
	s.openSession(v, auth.Actor{Account: "operator"})
	return v.echo.Redirect(http.StatusSeeOther, "/login")
}

func (s *site) openSession(v *visit, a auth.Actor) {
	session := s.keeper.Open(a, s.Demo)
	v.echo.SetCookie(&http.Cookie{
		Name: sessionCookie, Value: s.keeper.Seal(session), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: v.request().TLS != nil, MaxAge: int(auth.Lasting / time.Second),
	})
}

// local is the address where it is a path of ours, or nothing.
func local(address string) string {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.ContainsAny(address, "\\\r\n\t") {
		return ""
	}
	return address
}
