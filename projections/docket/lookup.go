package docket

import (
	"context"
	"database/sql"
	"errors"

	"doorstep/domain/mediation"
)

// Load is how many disputes each organisation has in hand: designated, or in
// mediation until an agreement takes effect or the mediation ends otherwise.
func (d *Docket) Load(ctx context.Context) (map[string]int, error) {
	q := &query{}
	q.and(`last_day < ?`, closed)
	q.and(`organisation <> ''`)
	q.in(`stage`, texts([]mediation.Stage{mediation.Designated, mediation.Mediating, mediation.Agreed}))
	rows, err := d.file.Read().QueryContext(ctx, `SELECT organisation, count(*) FROM listed `+q.where()+` GROUP BY organisation`, q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	load := map[string]int{}
	for rows.Next() {
		var organisation string
		var n int
		if err := rows.Scan(&organisation, &n); err != nil {
			return nil, err
		}
		load[organisation] = n
	}
	return load, rows.Err()
}

// mostSimilar is as many as a warning can show.
const mostSimilar = 20

// Similar finds disputes between the same parties, on whichever side each
// stands, whose mediation is not over, to warn of a duplicate: the newest
// first, at most 20.
func (d *Docket) Similar(ctx context.Context, applicant, respondent string) ([]Entry, error) {
	rows, err := d.file.Read().QueryContext(ctx, selectEntry+` WHERE no IN (
		SELECT a.no FROM party a JOIN party b ON b.no = a.no AND b.role <> a.role WHERE a.name = ? AND b.name = ?)
		AND stage NOT IN (?, ?, ?, ?) ORDER BY filed DESC, no DESC LIMIT ?`,
		plain(applicant), plain(respondent), mediation.Unfiled, mediation.Succeeded, mediation.Terminated, mediation.Returned, mostSimilar)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Entry
	for rows.Next() {
		var e Entry
		if err := rows.Scan(e.cells()...); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// Entry finds one.
func (d *Docket) Entry(ctx context.Context, id string) (Entry, bool, error) {
	var e Entry
	err := d.file.Read().QueryRowContext(ctx, selectEntry+` WHERE id = ? AND stage <> ?`, id, mediation.Unfiled).Scan(e.cells()...)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, false, nil
	}
	return e, err == nil, err
}
