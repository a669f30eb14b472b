package docket

import (
	"encoding/json"
	"slices"
	"strings"

	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// query is a condition and what stands for its question marks.
type query struct {
	conditions []string
	args       []any
}

func (q *query) and(condition string, args ...any) {
	q.conditions = append(q.conditions, condition)
	q.args = append(q.args, args...)
}

func (q *query) in(column string, values []string) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	q.and(column+` IN (?`+strings.Repeat(`, ?`, len(values)-1)+`)`, args...)
}

func (q *query) where() string { return `WHERE ` + strings.Join(q.conditions, ` AND `) }

// query is the filter's condition.
func (f Filter) query() (*query, error) {
	if f.Urgency != "" && f.Today.IsZero() {
		return nil, errNoToday
	}
	q := &query{}
	from, to := f.Urgency.days(f.Today)
	if f.onlyOpen() {
		to = min(to, noClock)
	}
	q.and(`last_day BETWEEN ? AND ?`, from, to)
	if f.Station != "" {
		q.and(`station = ?`, f.Station)
	}
	if f.Organisation != "" {
		q.and(`organisation = ?`, f.Organisation)
	}
	q.in(`stage`, texts(f.Stages))
	q.in(`confirmation`, texts(f.Confirmation))
	for _, w := range words(f.Text) {
		q.and(`no IN (SELECT no FROM search WHERE instr(text, ?) > 0)`, w)
	}
	if f.IDs != nil {
		ids, err := json.Marshal(f.IDs)
		if err != nil {
			return nil, err
		}
		q.and(`id IN (SELECT value FROM json_each(?))`, string(ids))
	}
	return q, nil
}

// onlyOpen tells whether the stages asked for are in somebody's hands, so that
// the many closed ones need not be looked at.
func (f Filter) onlyOpen() bool {
	if f.Urgency != "" {
		return true
	}
	return len(f.Stages) > 0 && !slices.ContainsFunc(f.Stages, func(s mediation.Stage) bool { return !Entry{Stage: s}.Open() }) ||
		len(f.Confirmation) > 0 && !slices.ContainsFunc(f.Confirmation, func(s confirmation.Stage) bool { return !Entry{Confirmation: s}.Open() })
}

// texts are words of any type as text.
func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
