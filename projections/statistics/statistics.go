// Package statistics is the court's figures: delta facts on both clocks, kept
// in a file and summed in memory, so that any question as of any day, as known
// at any moment, is a sum, and every number is a list of disputes.
package statistics

import (
	"context"
	"errors"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/roster"
	"doorstep/projections/follow"
)

// Statistics is the view. Safe for concurrent use.
type Statistics struct{}

var errSkeleton = errors.New("skeleton")

// Open opens the view in its folder.
func Open(dir string) (*Statistics, error) { return nil, errSkeleton }

// Close closes it.
func (s *Statistics) Close() error { return nil }

// Digest is a digest of all it holds.
func (s *Statistics) Digest(ctx context.Context) (string, error) { return "", errSkeleton }

// Name, Mark and Take make it a follow.View.
func (s *Statistics) Name() string { return "statistics" }
func (s *Statistics) Mark(ctx context.Context) (follow.Mark, error) {
	return follow.Mark{}, errSkeleton
}
func (s *Statistics) Take(ctx context.Context, from, to follow.Mark, batch []follow.Record) error {
	return errSkeleton
}

// Query asks for the figures of a period.
type Query struct {
	From, To     calendar.Date // the period, both days included
	AsOf         calendar.Date // only what had happened by then; zero: To
	KnownAt      time.Time     // only what had been recorded by then; zero: now
	Station      string        // empty: the whole court
	Organisation string
	Cause        string
}

// Group is the outcome of a part of the disputes concluded.
type Group struct {
	Success   int     `json:"success"`
	Concluded int     `json:"concluded"`
	Rate      *string `json:"rate"` // per cent with two decimals; nil where nothing was concluded
}

// By is the outcome by dimension; keys are codes, causes' texts, YYYY-MM.
type By struct {
	Station      map[string]Group `json:"station"`
	Organisation map[string]Group `json:"organisation"`
	Cause        map[string]Group `json:"cause"`
	Month        map[string]Group `json:"month"`
}

// Figures are the figures of a period. Rates are per cent with two decimals,
// rounded half up from the exact ratio; nil where the denominator is zero.
type Figures struct {
	From                    calendar.Date `json:"from"`
	To                      calendar.Date `json:"to"`
	AsOf                    calendar.Date `json:"as_of"`
	KnownAt                 *time.Time    `json:"as_known_at,omitempty"`
	Received                int           `json:"received"`
	Concluded               int           `json:"concluded"`
	Success                 int           `json:"success"`
	OpenAtAsOf              int           `json:"open_at_as_of"`
	SuccessRateConcluded    *string       `json:"success_rate_concluded"`
	SuccessRateReceived     *string       `json:"success_rate_received"`
	AudioVideoRate          *string       `json:"audio_video_rate"`
	ConfirmationAppliedRate *string       `json:"confirmation_applied_rate"`
	MeanDays                *string       `json:"mean_days"`
	MedianDays              *string       `json:"median_days"`
	GovernanceActivities    int           `json:"governance_activities"`
	AudioVideo              int           `json:"audio_video"`          // concluded by 视频 or 混合
	ConfirmationApplied     int           `json:"confirmation_applied"` // successes applied for by AsOf
	Confirmed               int           `json:"confirmed"`            // successes confirmed by the court by AsOf
	Filed                   int           `json:"filed"`                // filed in the period
	Delegated               int           `json:"delegated"`            // filed in the period and delegated by AsOf
	Returned                int           `json:"returned"`             // applications returned in the period
	Grounds                 map[int]int   `json:"grounds"`              // terminations by ground
	By                      By            `json:"by"`
}

// Figures answers the question.
func (s *Statistics) Figures(q Query) Figures { return Figures{} }

// Measure names a number whose disputes can be listed.
type Measure string

// The measures.
const (
	Filed               Measure = "filed"
	Delegated           Measure = "delegated"
	Returned            Measure = "returned"
	Received            Measure = "received"
	InHand              Measure = "open" // accepted and not ended by AsOf
	Concluded           Measure = "concluded"
	Success             Measure = "success"
	AudioVideo          Measure = "audio_video"
	ConfirmationApplied Measure = "confirmation_applied"
	Confirmed           Measure = "confirmed"
)

// Measures lists them.
var Measures = []Measure{Filed, Delegated, Returned, Received, InHand, Concluded, Success, AudioVideo, ConfirmationApplied, Confirmed}

// Cases lists the ids of the disputes behind a number: its length is the number.
func (s *Statistics) Cases(q Query, m Measure) []string { return nil }

// Years are the years in which anything was filed, received or concluded,
// oldest first.
func (s *Statistics) Years() []int { return nil }

// SuitsQuery asks for first-instance filings per 10,000 residents (万人起诉率).
type SuitsQuery struct {
	Year      int
	Territory string // with all below it
	Basis     roster.Basis
	Kind      roster.SuitKind
	AsOf      calendar.Date // only what had happened by then; zero: all
	KnownAt   time.Time     // only what had been recorded by then; zero: now
}

// Suits is the answer: filings of the year in the territory and those below it
// over their population, newest figure dated in or before the year, x 10,000.
type Suits struct {
	Year        int             `json:"year"`
	Territory   string          `json:"territory"`
	Basis       roster.Basis    `json:"basis"`
	Kind        roster.SuitKind `json:"kind"`
	Value       *string         `json:"value"` // two decimals, rounded half up; nil without a population
	Numerator   int             `json:"numerator"`
	Denominator int             `json:"denominator"`
	Population  calendar.Date   `json:"population_date,omitzero"` // the oldest of the figures used
	Source      string          `json:"population_source,omitempty"`
	Missing     []string        `json:"missing,omitempty"` // territories without a figure
	Territories []string        `json:"territories"`       // those counted
}

// Suits answers the question.
func (s *Statistics) Suits(q SuitsQuery) Suits { return Suits{} }
