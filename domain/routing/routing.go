// Package routing ranks mediation organisations for a dispute by a rule set.
// The rule set is data with a version; what it offered and why is stored with
// the decision, so that a routing of any past day can be explained and replayed.
// It is pure.
package routing

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"doorstep/domain/mediation"
)

// Organisation is what the rules may know of a mediation organisation.
type Organisation struct {
	Code, Name, Type, Scope string
	Open                    int // disputes it has in hand
}

// Matter is what the rules may know of a dispute.
type Matter struct {
	Cause          string
	Amount         mediation.Fen
	Administrative bool // an administrative dispute (行政争议)
	Applicants     []mediation.PartyKind
	Respondents    []mediation.PartyKind
	Territory      string   // of the workstation
	Declined       []string // organisations that declined this dispute before
}

// MatterOf takes from a dispute what the rules may know: no names.
func MatterOf(d mediation.Dispute, territory string) Matter {
	m := Matter{Cause: d.Cause, Amount: d.Amount, Territory: territory, Declined: d.Declined}
	for _, p := range d.Parties {
		if p.Role == mediation.Applicant {
			m.Applicants = append(m.Applicants, p.Kind)
			continue
		}
		m.Respondents = append(m.Respondents, p.Kind)
		m.Administrative = m.Administrative || strings.HasSuffix(p.Name, "局") || strings.HasSuffix(p.Name, "政府")
	}
	return m
}

// RuleSet is the rules of one version.
type RuleSet struct {
	Version string `json:"version"`
	Rules   []Rule `json:"rules"`
	Load    Load   `json:"load"`
}

// Rule gives or takes points, or shuts an organisation out.
type Rule struct {
	ID      string `json:"id"`
	If      When   `json:"if"`
	Points  int    `json:"points"`
	Exclude bool   `json:"exclude"`
	Chinese string `json:"zh"`
	English string `json:"en"`
}

// When is what must hold for a rule to speak; an empty part always holds.
type When struct {
	Types          []string `json:"types"`          // of the organisation: contains one of these
	NotTypes       []string `json:"not_types"`      // contains none of these
	Scope          string   `json:"scope"`          // cause, none, other: how the organisation's scope stands to the cause
	Causes         []string `json:"causes"`         // the cause contains one of these words
	Administrative *bool    `json:"administrative"` // kind of dispute
	Enterprise     string   `json:"enterprise"`     // any, both: sides on which an organisation stands
	NoEnterprise   bool     `json:"no_enterprise"`  // persons only
	AmountFrom     int64    `json:"amount_from"`    // yuan
	AmountBelow    int64    `json:"amount_below"`   // yuan
	Declined       bool     `json:"declined"`       // the organisation declined this dispute
}

// Load takes points for disputes in hand: Points for each Per of them, at most
// Most.
type Load struct {
	Per    int `json:"per"`
	Points int `json:"points"`
	Most   int `json:"most"`
}

// Excluded is an organisation that the rules shut out, and by which.
type Excluded struct {
	Organisation string
	Reason       mediation.Reason
}

//go:embed rules.json
var official []byte

// Official is the rule set that comes with the program. A court may put its
// own in its place.
func Official() RuleSet {
	set, err := Parse(official)
	if err != nil {
		panic("routing: " + err.Error()) // part of the program
	}
	return set
}

// ErrRules is given for a rule set that cannot be used; the text says where.
var ErrRules = errors.New("the rule set cannot be used")

// Parse reads a rule set. Error: ErrRules.
func Parse(b []byte) (RuleSet, error) {
	var set RuleSet
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&set); err != nil {
		return set, fmt.Errorf("%w: %v", ErrRules, err)
	}
	if set.Version == "" {
		return set, fmt.Errorf("%w: it has no version", ErrRules)
	}
	seen := map[string]bool{}
	for i, r := range set.Rules {
		switch {
		case r.ID == "" || seen[r.ID]:
			return set, fmt.Errorf("%w: rule %d needs an id of its own", ErrRules, i+1)
		case r.Chinese == "" || r.English == "":
			return set, fmt.Errorf("%w: rule %s gives no reason in both languages", ErrRules, r.ID)
		case !slices.Contains([]string{"", "cause", "none", "other"}, r.If.Scope) || !slices.Contains([]string{"", "any", "both"}, r.If.Enterprise):
			return set, fmt.Errorf("%w: rule %s has an unknown condition", ErrRules, r.ID)
		}
		seen[r.ID] = true
	}
	if set.Load.Per < 0 || set.Load.Points < 0 || set.Load.Most < 0 {
		return set, fmt.Errorf("%w: load points are never negative", ErrRules)
	}
	return set, nil
}

// Rank gives the organisations that may take the matter, best first, each with
// the reasons for its score, and those shut out. Equal scores: fewer open
// disputes first, then by code, so that the same question has one answer.
func (set RuleSet) Rank(m Matter, organisations []Organisation) ([]mediation.Candidate, []Excluded) {
	var candidates []mediation.Candidate
	var excluded []Excluded
next:
	for _, o := range organisations {
		c := mediation.Candidate{Organisation: o.Code, Open: o.Open, Reasons: []mediation.Reason{}}
		for _, r := range set.Rules {
			if !r.If.holds(m, o) {
				continue
			}
			reason := mediation.Reason{Rule: r.ID, Points: r.Points, Chinese: r.Chinese, English: r.English}
			if r.Exclude {
				excluded = append(excluded, Excluded{o.Code, reason})
				continue next
			}
			c.Score += r.Points
			c.Reasons = append(c.Reasons, reason)
		}
		if load := set.Load.reason(o.Open); load.Points != 0 {
			c.Score += load.Points
			c.Reasons = append(c.Reasons, load)
		}
		candidates = append(candidates, c)
	}
	slices.SortFunc(candidates, func(a, b mediation.Candidate) int {
		switch {
		case a.Score != b.Score:
			return b.Score - a.Score
		case a.Open != b.Open:
			return a.Open - b.Open
		}
		return strings.Compare(a.Organisation, b.Organisation)
	})
	return candidates, excluded
}

func (l Load) reason(open int) mediation.Reason {
	if l.Per == 0 {
		return mediation.Reason{}
	}
	return mediation.Reason{
		Rule: "load", Points: -min(open/l.Per*l.Points, l.Most),
		Chinese: fmt.Sprintf("目前在调 %d 件", open), English: fmt.Sprintf("%d disputes in hand", open),
	}
}

func (w When) holds(m Matter, o Organisation) bool {
	switch {
	case len(w.Types) > 0 && !containsAny(o.Type, w.Types),
		containsAny(o.Type, w.NotTypes),
		len(w.Causes) > 0 && !containsAny(m.Cause, w.Causes),
		w.Administrative != nil && *w.Administrative != m.Administrative,
		w.AmountFrom > 0 && int64(m.Amount) < w.AmountFrom*100,
		w.AmountBelow > 0 && int64(m.Amount) >= w.AmountBelow*100,
		w.Declined && !slices.Contains(m.Declined, o.Code),
		w.Scope != "" && w.Scope != scopeOf(m, o):
		return false
	}
	a, b := slices.Contains(m.Applicants, mediation.Organisation), slices.Contains(m.Respondents, mediation.Organisation)
	switch {
	case w.NoEnterprise && (a || b),
		w.Enterprise == "any" && !a && !b,
		w.Enterprise == "both" && !(a && b):
		return false
	}
	return true
}

// scopeOf tells how an organisation's scope (范围) stands to the matter: none (it
// takes all), cause (it is for this), other (it is for something else). The
// words 企业, 行政 and 劳动争议 mean kinds of matters, not one cause.
func scopeOf(m Matter, o Organisation) string {
	switch o.Scope {
	case "":
		return "none"
	case m.Cause:
		return "cause"
	case "企业":
		if slices.Contains(append(slices.Clone(m.Applicants), m.Respondents...), mediation.Organisation) {
			return "cause"
		}
	case "行政":
		if m.Administrative {
			return "cause"
		}
	case "劳动争议":
		if containsAny(m.Cause, []string{"劳动", "劳务", "工伤", "经济补偿", "追索劳动报酬"}) {
			return "cause"
		}
	}
	return "other"
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
