package docket

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/follow"
)

// Take folds the batch and writes the row of each dispute that it tells of
// once, however many events it brings.
func (d *Docket) Take(ctx context.Context, from, to follow.Mark, batch []follow.Record) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := &writer{ctx: ctx, known: d.known, changed: map[string]*folded{}}
	if err := d.file.Take(ctx, from, to, func(tx *sql.Tx) error { return w.write(tx, batch) }); err != nil {
		return err
	}
	d.known.keep(w.changed)
	return nil
}

// writer takes in one batch.
type writer struct {
	ctx     context.Context
	known   known // not changed: the batch may still fail
	changed map[string]*folded
	order   []string // of changed: as the log has them, so that numbers of rows do not hang on batches

	find, insert, update, list, name, unname *sql.Stmt
}

func (w *writer) write(tx *sql.Tx, batch []follow.Record) error {
	if err := w.prepare(tx); err != nil {
		return err
	}
	for _, r := range batch {
		id, ours := disputeOf(r.Stream)
		if !ours {
			continue
		}
		f, err := w.recall(id)
		if err != nil {
			return err
		}
		for _, e := range r.Events {
			switch e := e.(type) {
			case mediation.Event:
				f.dispute = mediation.Decider.Evolve(f.dispute, e)
				if _, is := e.(mediation.PartyErased); is && f.confirmation.Source != "" {
					f.confirmation.Source = codec.Erased // the row's digest belongs to all in the case
				}
			case confirmation.Event:
				f.confirmation = confirmation.Decider.Evolve(f.confirmation, e)
			}
		}
	}
	for _, id := range w.order {
		if err := w.put(id, w.changed[id]); err != nil {
			return err
		}
	}
	return nil
}

// disputeOf is the dispute that a stream tells of.
func disputeOf(stream string) (id string, ok bool) {
	if id, ok = strings.CutPrefix(stream, mediation.Stream("")); ok {
		return id, true
	}
	return strings.CutPrefix(stream, confirmation.Stream(""))
}

// prepare makes the statements of the batch.
func (w *writer) prepare(tx *sql.Tx) error {
	for into, query := range map[**sql.Stmt]string{
		&w.find:   `SELECT no, state, followed FROM dispute WHERE id = ?`,
		&w.insert: insertDispute,
		&w.update: updateDispute,
		&w.list:   putListed,
		&w.name:   `INSERT OR IGNORE INTO party (name, no, role) VALUES (?, ?, ?)`,
		&w.unname: `DELETE FROM party WHERE name = ? AND no = ? AND role = ?`,
	} {
		stmt, err := tx.PrepareContext(w.ctx, query)
		if err != nil {
			return err
		}
		*into = stmt
	}
	return nil
}

// recall is the dispute as it stands, ready to be folded on.
func (w *writer) recall(id string) (*folded, error) {
	if f, ok := w.changed[id]; ok {
		return f, nil
	}
	f, known := w.known[id]
	if !known {
		var dispute, followed []byte
		err := w.find.QueryRowContext(w.ctx, id).Scan(&f.no, &dispute, &followed)
		if err == nil {
			err = f.unpack(id, dispute, followed)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("dispute %s: %w", id, err)
		}
	}
	w.changed[id] = &f
	w.order = append(w.order, id)
	return &f, nil
}

// put writes all that the view keeps of one dispute.
func (w *writer) put(id string, f *folded) error {
	f.dispute = slim(f.dispute)
	dispute, err := pack(f.dispute, leanDispute)
	if err != nil {
		return err
	}
	followed, err := pack(f.confirmation, leanCase)
	if err != nil {
		return err
	}
	entry := entryOf(id, f.dispute, f.confirmation)
	cells := append(entry.cells(), dispute, followed)
	if f.no > 0 {
		_, err = w.update.ExecContext(w.ctx, append(cells[1:], f.no)...)
	} else if made, failed := w.insert.ExecContext(w.ctx, cells...); failed != nil {
		err = failed
	} else {
		f.no, err = made.LastInsertId()
	}
	if err != nil {
		return err
	}
	return errors.Join(w.putLine(f, f.lineOf(entry)), w.putNames(f))
}

// putLine brings the dispute's place in the lists up to date.
func (w *writer) putLine(f *folded, l line) error {
	if l == f.line {
		return nil
	}
	f.line = l
	_, err := w.list.ExecContext(w.ctx, f.no, l.lastDay, l.filed, l.stage, l.station, l.organisation, l.confirmation, l.text)
	return err
}

// putNames brings the table of names up to date; parties hardly ever change.
func (w *writer) putNames(f *folded) error {
	if slices.Equal(f.parties, f.dispute.Parties) {
		return nil
	}
	for _, p := range f.parties {
		if _, err := w.unname.ExecContext(w.ctx, plain(p.Name), f.no, string(p.Role)); err != nil {
			return err
		}
	}
	for _, p := range f.dispute.Parties {
		if _, err := w.name.ExecContext(w.ctx, plain(p.Name), f.no, string(p.Role)); err != nil {
			return err
		}
	}
	f.parties = f.dispute.Parties
	return nil
}
