package docket

import (
	"context"
	"database/sql"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// Filter picks disputes; an empty part picks all.
type Filter struct {
	Station      string
	Organisation string
	Stages       []mediation.Stage
	Confirmation []confirmation.Stage
	Urgency      Urgency       // with Today
	Today        calendar.Date // by which urgency is told
	Text         string        // parts of names, numbers, source id or cause; all of them are found
	IDs          []string      // only these (drill-down); nil picks all, an empty list none
	Order        Order
	Limit        int    // 0: 50, at most 500
	After        string // Page.Next of the page before
}

// Page is one page of a list.
type Page struct {
	Entries []Entry
	Total   int    // of the whole list
	Next    string // empty: this was the last page
}

// The sizes of pages.
const (
	usualLimit = 50
	mostLimit  = 500
)

// List gives one page. A page begins behind the last entry of the page before,
// not after so many entries: what did not move is shown once, whatever moved
// meanwhile. Errors: ErrAfter; the file's.
func (d *Docket) List(ctx context.Context, f Filter) (Page, error) {
	var page Page
	q, err := f.query()
	if err != nil {
		return page, err
	}
	after, err := f.Order.parse(f.After)
	if err != nil {
		return page, err
	}
	tx, err := d.file.Read().BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // total and entries of one moment
	if err != nil {
		return page, err
	}
	defer tx.Rollback()
	if page.Total, err = q.count(ctx, tx, f); err != nil {
		return page, err
	}
	if after != nil {
		q.and(f.Order.sorting().behind, after...)
	}
	limit := f.limit()
	rows, err := tx.QueryContext(ctx, `SELECT last_day, no, `+strings.Join(columns, ", ")+` FROM (
		SELECT last_day, no FROM listed `+q.where()+` ORDER BY `+f.Order.sorting().by+` LIMIT ?) JOIN dispute USING (no) ORDER BY `+f.Order.sorting().by, append(q.args, limit+1)...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	var last place
	for rows.Next() {
		if len(page.Entries) == limit {
			page.Next = f.Order.mark(last)
			break
		}
		var e Entry
		if err := rows.Scan(append([]any{&last.day, &last.no}, e.cells()...)...); err != nil {
			return page, err
		}
		last.filed = int64(e.Filed)
		page.Entries = append(page.Entries, e)
	}
	return page, rows.Err()
}

// limit is the size of a page.
func (f Filter) limit() int {
	if f.Limit <= 0 {
		return usualLimit
	}
	return min(f.Limit, mostLimit)
}

// Count counts the open disputes of each urgency that the filter picks (its
// own Urgency is ignored).
func (d *Docket) Count(ctx context.Context, f Filter) (map[Urgency]int, error) {
	f.Urgency = ""
	q, err := f.query()
	if err != nil {
		return nil, err
	}
	if f.Today.IsZero() {
		return nil, errNoToday
	}
	q.and(`last_day < ?`, closed)
	rows, err := d.file.Read().QueryContext(ctx, `SELECT last_day, count(*) FROM listed `+q.where()+` GROUP BY last_day`, q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts, soon := make(map[Urgency]int, len(Urgencies)), soonUntil(f.Today)
	for rows.Next() {
		var day, n int
		if err := rows.Scan(&day, &n); err != nil {
			return nil, err
		}
		counts[urgencyOf(day, f.Today, soon)] += n
	}
	return counts, rows.Err()
}
