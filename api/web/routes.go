package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"doorstep/api/auth"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
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

	{http.MethodGet, "/desk", auth.SeeDesk, (*site).showDesk},
	{http.MethodPost, "/desk", auth.SeeDesk, (*site).showDesk}, // a search: names have no place in an address
	{http.MethodGet, "/committee", auth.SeeInbox, (*site).showInbox},
	{http.MethodPost, "/committee", auth.SeeInbox, (*site).showInbox},
	{http.MethodGet, "/confirmations", auth.SeeConfirmations, (*site).showConfirmations},
	{http.MethodPost, "/confirmations", auth.SeeConfirmations, (*site).showConfirmations},

	{http.MethodGet, "/cases/new", auth.FileDispute, (*site).showFiling},
	{http.MethodPost, "/cases/new", auth.FileDispute, (*site).fileDispute},
	{http.MethodGet, "/cases/:id", auth.SeeDispute, (*site).showCase},
	{http.MethodGet, "/cases/:id/receipt", auth.SeeDispute, (*site).showReceipt},
	{http.MethodGet, "/cases/:id/designation", auth.Mediating(mediation.StepDesignate), (*site).showDesignation},
	{http.MethodPost, "/cases/:id/designation", auth.Mediating(mediation.StepDesignate), (*site).designate},

	{http.MethodGet, "/cases/:id/consent", auth.Mediating(mediation.StepConsent), (*site).showStep},
	{http.MethodPost, "/cases/:id/consent", auth.Mediating(mediation.StepConsent), (*site).takeStep},
	{http.MethodGet, "/cases/:id/consent-refusal", auth.Mediating(mediation.StepRefuseConsent), (*site).showStep},
	{http.MethodPost, "/cases/:id/consent-refusal", auth.Mediating(mediation.StepRefuseConsent), (*site).takeStep},
	{http.MethodGet, "/cases/:id/return", auth.Mediating(mediation.StepReturn), (*site).showStep},
	{http.MethodPost, "/cases/:id/return", auth.Mediating(mediation.StepReturn), (*site).takeStep},
	{http.MethodGet, "/cases/:id/transfer", auth.Mediating(mediation.StepTransfer), (*site).showStep},
	{http.MethodPost, "/cases/:id/transfer", auth.Mediating(mediation.StepTransfer), (*site).takeStep},
	{http.MethodGet, "/cases/:id/correction", auth.Mediating(mediation.StepCorrection), (*site).showStep},
	{http.MethodPost, "/cases/:id/correction", auth.Mediating(mediation.StepCorrection), (*site).takeStep},
	{http.MethodGet, "/cases/:id/acceptance", auth.Mediating(mediation.StepAccept), (*site).showStep},
	{http.MethodPost, "/cases/:id/acceptance", auth.Mediating(mediation.StepAccept), (*site).takeStep},
	{http.MethodGet, "/cases/:id/refusal", auth.Mediating(mediation.StepDecline), (*site).showStep},
	{http.MethodPost, "/cases/:id/refusal", auth.Mediating(mediation.StepDecline), (*site).takeStep},
	{http.MethodGet, "/cases/:id/session", auth.Mediating(mediation.StepSession), (*site).showStep},
	{http.MethodPost, "/cases/:id/session", auth.Mediating(mediation.StepSession), (*site).takeStep},
	{http.MethodGet, "/cases/:id/extension", auth.Mediating(mediation.StepExtension), (*site).showStep},
	{http.MethodPost, "/cases/:id/extension", auth.Mediating(mediation.StepExtension), (*site).takeStep},
	{http.MethodGet, "/cases/:id/agreement", auth.Mediating(mediation.StepAgreement), (*site).showStep},
	{http.MethodPost, "/cases/:id/agreement", auth.Mediating(mediation.StepAgreement), (*site).takeStep},
	{http.MethodGet, "/cases/:id/effect", auth.Mediating(mediation.StepEffect), (*site).showStep},
	{http.MethodPost, "/cases/:id/effect", auth.Mediating(mediation.StepEffect), (*site).takeStep},
	{http.MethodGet, "/cases/:id/termination", auth.Mediating(mediation.StepTermination), (*site).showStep},
	{http.MethodPost, "/cases/:id/termination", auth.Mediating(mediation.StepTermination), (*site).takeStep},
	{http.MethodGet, "/cases/:id/performance", auth.Mediating(mediation.StepPerformance), (*site).showStep},
	{http.MethodPost, "/cases/:id/performance", auth.Mediating(mediation.StepPerformance), (*site).takeStep},

	{http.MethodGet, "/cases/:id/confirmation-application", auth.Ruling(confirmation.StepApply), (*site).showStep},
	{http.MethodPost, "/cases/:id/confirmation-application", auth.Ruling(confirmation.StepApply), (*site).takeStep},
	{http.MethodGet, "/cases/:id/confirmation/acceptance", auth.Ruling(confirmation.StepAccept), (*site).showStep},
	{http.MethodPost, "/cases/:id/confirmation/acceptance", auth.Ruling(confirmation.StepAccept), (*site).takeStep},
	{http.MethodGet, "/cases/:id/confirmation/non-acceptance", auth.Ruling(confirmation.StepRefuseAcceptance), (*site).showStep},
	{http.MethodPost, "/cases/:id/confirmation/non-acceptance", auth.Ruling(confirmation.StepRefuseAcceptance), (*site).takeStep},
	{http.MethodGet, "/cases/:id/confirmation/ruling", auth.Ruling(confirmation.StepConfirm), (*site).showStep},
	{http.MethodPost, "/cases/:id/confirmation/ruling", auth.Ruling(confirmation.StepConfirm), (*site).takeStep},
	{http.MethodGet, "/cases/:id/confirmation/dismissal", auth.Ruling(confirmation.StepDismiss), (*site).showStep},
	{http.MethodPost, "/cases/:id/confirmation/dismissal", auth.Ruling(confirmation.StepDismiss), (*site).takeStep},
	{http.MethodGet, "/cases/:id/confirmation/withdrawal", auth.Ruling(confirmation.StepWithdraw), (*site).showStep},
	{http.MethodPost, "/cases/:id/confirmation/withdrawal", auth.Ruling(confirmation.StepWithdraw), (*site).takeStep},
}

// handler puts the routes and what stands around them together.
func (s *site) handler() http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.answerError
	e.Use(s.watch, compress(), middleware.BodyLimit(bodyLimit), s.greet)
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
