// Package docket is the lists of disputes: a workstation's desk, a committee's
// inbox, the court's confirmations, and what stands behind a number.
package docket

import (
	"context"
	"errors"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/follow"
)

// Docket is the view. Safe for concurrent use.
type Docket struct{}

var errSkeleton = errors.New("skeleton")

// Open opens the view in its folder.
func Open(dir string) (*Docket, error) { return nil, errSkeleton }

// Close closes it.
func (d *Docket) Close() error { return nil }

// Digest is a digest of all it holds.
func (d *Docket) Digest(ctx context.Context) (string, error) { return "", errSkeleton }

// Name, Mark and Take make it a follow.View.
func (d *Docket) Name() string                                  { return "docket" }
func (d *Docket) Mark(ctx context.Context) (follow.Mark, error) { return follow.Mark{}, errSkeleton }
func (d *Docket) Take(ctx context.Context, from, to follow.Mark, batch []follow.Record) error {
	return errSkeleton
}

// Entry is one dispute as lists show it. Names are personal data.
type Entry struct {
	ID           string // of the dispute
	Number       string // 案号, the newest; empty: none yet
	Source       string // 平台编号 of an imported dispute
	Station      string
	Organisation string // empty: not delegated
	Mediator     string
	Stage        mediation.Stage
	Cause        string
	Amount       mediation.Fen
	Applicants   string // names, joined by 、
	Respondents  string
	Channel      mediation.Channel
	Filed        calendar.Date
	Designated   calendar.Date
	AcceptBy     calendar.Date // K03
	Accepted     calendar.Date
	Due          calendar.Date // K05 or as extended; zero: not running, or no limit
	Ended        calendar.Date
	Effective    calendar.Date // of the agreement
	ApplyBy      calendar.Date // K10
	Ground       mediation.Ground
	Imported     bool
	Marks        int // what an import found odd
	Confirmation confirmation.Stage
	Applied      calendar.Date // for confirmation
	DecideBy     calendar.Date // K11
}

// Filter picks disputes; an empty part picks all.
type Filter struct {
	Station      string
	Organisation string
	Stages       []mediation.Stage
	Confirmation []confirmation.Stage
	Urgency      Urgency       // with Today
	Today        calendar.Date // by which urgency is told
	Text         string        // part of a name, number, source id or cause
	IDs          []string      // only these (drill-down)
	Order        Order
	Limit        int    // 0: 50, at most 500
	After        string // Page.Next of the page before
}

// Urgency groups open disputes by their next last day.
type Urgency string

// The urgencies, most urgent first; the empty one is any.
const (
	Overdue Urgency = "overdue" // its last day is past
	Today   Urgency = "today"   // it ends today
	Soon    Urgency = "soon"    // within three working days
	Later   Urgency = "later"   // after that
	Unset   Urgency = "none"    // no clock runs
)

// Urgencies lists them in that order.
var Urgencies = []Urgency{Overdue, Today, Soon, Later, Unset}

// Order is how a list is sorted.
type Order string

// The orders.
const (
	ByUrgency Order = ""       // next last day first
	ByNewest  Order = "newest" // filed last first
)

// Page is one page of a list.
type Page struct {
	Entries []Entry
	Total   int    // of the whole list
	Next    string // empty: this was the last page
}

// List gives one page.
func (d *Docket) List(ctx context.Context, f Filter) (Page, error) { return Page{}, errSkeleton }

// Count counts the open disputes of each urgency that the filter picks (its
// own Urgency is ignored).
func (d *Docket) Count(ctx context.Context, f Filter) (map[Urgency]int, error) {
	return nil, errSkeleton
}

// Load is how many disputes each organisation has in hand (designated or in
// mediation).
func (d *Docket) Load(ctx context.Context) (map[string]int, error) { return nil, errSkeleton }

// Similar finds open disputes between the same parties, to warn of a duplicate.
func (d *Docket) Similar(ctx context.Context, applicant, respondent string) ([]Entry, error) {
	return nil, errSkeleton
}

// Entry finds one.
func (d *Docket) Entry(ctx context.Context, id string) (Entry, bool, error) {
	return Entry{}, false, errSkeleton
}
