package docket

import (
	"context"
	"database/sql"
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
	if from, to := f.Urgency.days(f.Today); f.onlyOpen() {
		q.and(`last_day BETWEEN ? AND ?`, from, min(to, noClock))
	} else {
		q.and(`+last_day <= ?`, closed) // the plus: hardly any is not, so the index of this column is no help
	}
	if f.Station != "" {
		q.and(`station = ?`, f.Station)
	}
	if f.Organisation != "" {
		q.and(`organisation = ?`, f.Organisation)
	}
	q.in(`stage`, texts(f.Stages))
	q.in(`confirmation`, texts(f.Confirmation))
	for _, w := range words(f.Text) {
		q.and(`instr(text, ?) > 0`, w)
	}
	if f.IDs != nil {
		ids, err := json.Marshal(f.IDs)
		if err != nil {
			return nil, err
		}
		q.and(`no IN (SELECT no FROM dispute WHERE id IN (SELECT value FROM json_each(?)))`, string(ids))
	}
	return q, nil
}

// fewFound is how many disputes are better fetched and sorted than looked for
// again in the order of the list.
const fewFound = 5000

// count is how many the query picks. What is dear to look for is looked for
// once: where few are found the query asks for just those from then on.
func (q *query) count(ctx context.Context, tx *sql.Tx, f Filter) (total int, err error) {
	if f.Text == "" && f.IDs == nil {
		return total, tx.QueryRowContext(ctx, `SELECT count(*) FROM listed `+q.where(), q.args...).Scan(&total)
	}
	rows, err := tx.QueryContext(ctx, `SELECT no FROM listed `+q.where(), q.args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	found := []int64{}
	for rows.Next() {
		var no int64
		if err := rows.Scan(&no); err != nil {
			return 0, err
		}
		if total++; total <= fewFound {
			found = append(found, no)
		}
	}
	if total <= fewFound {
		list, err := json.Marshal(found)
		if err != nil {
			return 0, err
		}
		*q = query{}
		q.and(`no IN (SELECT value FROM json_each(?))`, string(list))
	}
	return total, rows.Err()
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
