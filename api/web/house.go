// Package web is the pages: one file per page (noun_verb.go), its template
// beside it under the same name, all routes in one list (routes.go).
//
// To add a page:
//
//  1. Put a line into the list of routes: method, path, the deed of auth's table
//     that it is, and the handler, a method of *site that takes a *visit.
//  2. Write the handler in noun_verb.go. It asks the views or a desk, and answers
//     with v.page(status, head{...}, component), or after a deed with
//     v.done(outcome.Position, "/where/to/look").
//  3. Write the component in noun_verb.templ, without a single text in it: every
//     text is say(ctx, "key", "name", value, ...) and stands in all catalogs of
//     locale/ under the same key. What people wrote is marked lang="zh-CN". Then
//     run `make generate`.
//
// A form that does something is @deedForm(f) { ... }: it carries the deed's id,
// what its reader had seen, and the session's token. Its handler begins with
// f, err := v.form(); the deed to hand to a desk is v.deed(f). A refusal goes
// back to the page with v.page(422, ..., the same component with f.refused(err));
// every other error is returned, and errors.go makes a page of it.
//
// Which disputes a visitor may see or act upon is asked with v.mayOn(deed, case);
// v.dispute(id, deed) reads one and asks in one step.
package web

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"doorstep/api/auth"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/domain/routing"
	"doorstep/projections/casefile"
	"doorstep/projections/directory"
	"doorstep/projections/docket"
	"doorstep/projections/follow"
	"doorstep/projections/statistics"
)

// House is all that the pages need of the rest of the program.
type House struct {
	Disputes      *mediation.Desk
	Confirmations *confirmation.Desk
	Follower      *follow.Follower
	Docket        *docket.Docket
	Files         *casefile.Files
	Statistics    *statistics.Statistics
	Directory     *directory.Directory
	Rules         routing.RuleSet
	Now           func() time.Time // the court's clock
	CourtCode     string           // 法院代字
	CourtName     string
	Demo          bool // synthetic data; anybody may choose any role
	Version       string
	Key           []byte                  // signs the sessions; kept over restarts
	Entry         func(token string) bool // outside demo mode: is this the token of the one-time sign-in link
	Log           *slog.Logger            // nil: nothing is logged
	Observe       func(method, route string, status int, took time.Duration)
}

// site is the house with what is made once at the start.
type site struct {
	House
	keeper  *auth.Keeper
	catalog *catalog
	assets  *assets
}

// New makes the handler of all pages.
func New(h House) (http.Handler, error) {
	s, err := build(h)
	if err != nil {
		return nil, err
	}
	return s.handler(), nil
}

// build makes what stays the same for as long as the program runs.
func build(h House) (*site, error) {
	if h.Now == nil || h.Disputes == nil || h.Confirmations == nil || h.Follower == nil || h.Docket == nil ||
		h.Files == nil || h.Statistics == nil || h.Directory == nil {
		return nil, errors.New("web: the house is not complete")
	}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	if h.Observe == nil {
		h.Observe = func(string, string, int, time.Duration) {}
	}
	s := &site{House: h}
	var err error
	if s.keeper, err = auth.NewKeeper(h.Key, time.Now); err != nil {
		return nil, err
	}
	if s.catalog, err = loadCatalog(); err != nil {
		return nil, err
	}
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	return s, nil
}
