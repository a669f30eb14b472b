// Package routing ranks mediation organisations for a dispute by a rule set.
// The rule set is data with a version; what it offered and why is stored with
// the decision, so that a routing of any past day can be explained and replayed.
// It is pure.
package routing

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	Scope          string   `json:"scope"`          // cause, near, none, other: how the organisation's scope stands to the matter
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

// most is the most points that a rule may give or take: enough to decide alone,
// too few to add up to nonsense.
const most = 10000

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
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return set, fmt.Errorf("%w: something stands behind it", ErrRules)
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
		case !slices.Contains([]string{"", "cause", "near", "none", "other"}, r.If.Scope) || !slices.Contains([]string{"", "any", "both"}, r.If.Enterprise):
			return set, fmt.Errorf("%w: rule %s has an unknown condition", ErrRules, r.ID)
		case r.Points < -most || r.Points > most:
			return set, fmt.Errorf("%w: rule %s gives or takes more than %d points", ErrRules, r.ID, most)
		}
		seen[r.ID] = true
	}
	if l := set.Load; min(l.Per, l.Points, l.Most) < 0 || max(l.Points, l.Most) > most {
		return set, fmt.Errorf("%w: load points lie between 0 and %d", ErrRules, most)
	}
	return set, nil
}

// Rank gives the organisations that may take the matter, best first, each with
// the reasons for its score, and those shut out. Equal scores: fewer open
// disputes first, then by code, so that the same question has one answer.
func (set RuleSet) Rank(m Matter, organisations []Organisation) ([]mediation.Candidate, []Excluded) {
	var candidates []mediation.Candidate
	var excluded []Excluded
	for _, o := range organisations {
		if c, out := set.weigh(m, o); out != nil {
			excluded = append(excluded, Excluded{o.Code, *out})
		} else {
			candidates = append(candidates, c)
		}
	}
	slices.SortFunc(excluded, func(a, b Excluded) int { return strings.Compare(a.Organisation, b.Organisation) })
	slices.SortFunc(candidates, func(a, b mediation.Candidate) int {
		return cmp.Or(b.Score-a.Score, a.Open-b.Open, strings.Compare(a.Organisation, b.Organisation))
	})
	return candidates, excluded
}

// weigh adds up what the rules say of one organisation; the reason is that of
// the first rule that shuts it out, if one does.
func (set RuleSet) weigh(m Matter, o Organisation) (mediation.Candidate, *mediation.Reason) {
	c := mediation.Candidate{Organisation: o.Code, Open: o.Open}
	for _, r := range set.Rules {
		if !r.If.holds(m, o) {
			continue
		}
		reason := mediation.Reason{Rule: r.ID, Points: r.Points, Chinese: r.Chinese, English: r.English}
		if r.Exclude {
			return c, &reason
		}
		c.Score += r.Points
		c.Reasons = append(c.Reasons, reason)
	}
	if load := set.Load.reason(o.Open); load.Points != 0 {
		c.Score += load.Points
		c.Reasons = append(c.Reasons, load)
	}
	if len(c.Reasons) == 0 {
		c.Reasons = []mediation.Reason{unopposed}
	}
	return c, nil
}

// unopposed is the reason for an organisation of which no rule says anything.
var unopposed = mediation.Reason{Rule: "unopposed", Chinese: "没有规则排除该组织", English: "no rule shuts it out"}

func (l Load) reason(open int) mediation.Reason {
	if l.Per == 0 || open < l.Per {
		return mediation.Reason{}
	}
	return mediation.Reason{
		Rule: "load", Points: -min(min(open/l.Per, most)*l.Points, l.Most),
		Chinese: fmt.Sprintf("目前在调 %d 件", open), English: fmt.Sprintf("%d disputes in hand", open),
	}
}

// enterprises tells on which sides an organisation stands.
func (m Matter) enterprises() (applicants, respondents bool) {
	return slices.Contains(m.Applicants, mediation.Organisation), slices.Contains(m.Respondents, mediation.Organisation)
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
	a, b := m.enterprises()
	switch {
	case w.NoEnterprise && (a || b),
		w.Enterprise == "any" && !a && !b,
		w.Enterprise == "both" && !(a && b):
		return false
	}
	return true
}

// scopeOf tells how an organisation's scope (范围) stands to the matter: none (it
// takes all), cause (it is for this), near (it is for something of which this
// has a part), other (it is for something else). The words 企业, 行政 and 劳动争议
// mean kinds of matters, not one cause: disputes between enterprises, disputes
// with an administrative organ, disputes about work.
func scopeOf(m Matter, o Organisation) string {
	switch o.Scope {
	case "":
		return "none"
	case m.Cause:
		return "cause"
	case "企业":
		switch a, b := m.enterprises(); {
		case a && b:
			return "cause"
		case a || b:
			return "near"
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
