package statistics

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/roster"
	rules "doorstep/domain/statistics"
	"doorstep/projections/viewfile"
)

// schema of the view file. A number is sum(sign) of the facts of a measure
// (numbered from 0 as in rules.Facts) whose day lies in the period, that had
// happened by a day and were known by a moment. Days are yyyymmdd, moments
// microseconds; outcome is 64 for success, else the ground of termination, and
// 128 more where it was by audio and video. Stations, organisations and causes are
// words; history is what is known of a dispute, from which the next facts come.
var schema = viewfile.Schema{Tables: `
CREATE TABLE IF NOT EXISTS word (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dispute (number INTEGER PRIMARY KEY, id TEXT NOT NULL, history BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS fact (number INTEGER PRIMARY KEY, measure INTEGER NOT NULL, dispute INTEGER NOT NULL,
	day INTEGER NOT NULL, happened INTEGER NOT NULL, known INTEGER NOT NULL, position INTEGER NOT NULL,
	station INTEGER NOT NULL, organisation INTEGER NOT NULL, cause INTEGER NOT NULL,
	outcome INTEGER NOT NULL, days INTEGER NOT NULL, sign INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS figure (number INTEGER PRIMARY KEY, known INTEGER NOT NULL, kind TEXT NOT NULL,
	version INTEGER NOT NULL, form BLOB NOT NULL);
`}

// perStatement is how many rows are written by one statement.
const perStatement = 64

// insert writes the rows, many with one statement: verb is INSERT or REPLACE.
func insert(tx *sql.Tx, verb, table string, columns, n int, row func(args []any, i int) []any) error {
	one := "(?" + strings.Repeat(",?", columns-1) + ")"
	head := verb + " INTO " + table + " VALUES "
	var many *sql.Stmt
	args := make([]any, 0, perStatement*columns)
	for from := 0; from < n; from += perStatement {
		to := min(from+perStatement, n)
		args = args[:0]
		for i := from; i < to; i++ {
			args = row(args, i)
		}
		if to-from < perStatement {
			_, err := tx.Exec(head+one+strings.Repeat(","+one, to-from-1), args...)
			return err
		}
		if many == nil {
			var err error
			if many, err = tx.Prepare(head + one + strings.Repeat(","+one, perStatement-1)); err != nil {
				return err
			}
			defer many.Close()
		}
		if _, err := many.Exec(args...); err != nil {
			return err
		}
	}
	return nil
}

// write puts the batch into the file.
func (b *batch) write(tx *sql.Tx) error {
	if err := insert(tx, "INSERT", "word", 2, len(b.words.fresh), func(args []any, i int) []any {
		return append(args, len(b.all.words.list)+i+1, b.words.fresh[i])
	}); err != nil {
		return err
	}
	if err := insert(tx, "REPLACE", "dispute", 3, len(b.touched), func(args []any, i int) []any {
		t := b.touched[i]
		form, _ := t.history.MarshalBinary() // it has no error to give
		return append(args, t.number, t.id, form)
	}); err != nil {
		return err
	}
	if err := insert(tx, "INSERT", "fact", 13, len(b.rows), func(args []any, i int) []any {
		r := &b.rows[i]
		return append(args, b.all.facts+i+1, r.measure, r.dispute, int64(r.day), int64(r.happened), r.known, int64(r.position),
			r.station, r.organisation, r.cause, int64(r.outcome), r.days, int64(r.sign))
	}); err != nil {
		return err
	}
	return insert(tx, "INSERT", "figure", 5, len(b.figures), func(args []any, i int) []any {
		f := b.figures[i]
		return append(args, b.all.figures+i+1, f.at.UnixMicro(), f.stored.Kind, f.stored.Version, f.stored.Payload)
	})
}

// histories reads what is known of the disputes that the file has already.
func (b *batch) histories(tx *sql.Tx) error {
	var numbers []any
	for _, t := range b.touched {
		if t.number <= uint32(len(b.all.disputes.list)) {
			numbers = append(numbers, t.number)
		}
	}
	for len(numbers) > 0 {
		some := numbers[:min(len(numbers), 256)]
		numbers = numbers[len(some):]
		rows, err := tx.Query("SELECT number, history FROM dispute WHERE number IN (?"+strings.Repeat(",?", len(some)-1)+")", some...)
		if err != nil {
			return err
		}
		if err := b.readHistories(rows); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) readHistories(rows *sql.Rows) error {
	defer rows.Close()
	for rows.Next() {
		var number uint32
		var form sql.RawBytes
		if err := rows.Scan(&number, &form); err != nil {
			return err
		}
		if err := b.byNumber[number].history.UnmarshalBinary(form); err != nil {
			return fmt.Errorf("dispute %d: %w", number, err)
		}
	}
	return rows.Err()
}

// load fills the memory from the file.
func (c *cube) load(db *sql.DB) error {
	if err := each(db, "SELECT text FROM word ORDER BY number", func(r *sql.Rows) error { return scanName(r, &c.words) }); err != nil {
		return err
	}
	if err := each(db, "SELECT id FROM dispute ORDER BY number", func(r *sql.Rows) error { return scanName(r, &c.disputes) }); err != nil {
		return err
	}
	if err := c.loadFacts(db); err != nil {
		return err
	}
	return each(db, "SELECT known, kind, version, form FROM figure ORDER BY number", func(rows *sql.Rows) error {
		var known int64
		var kind string
		var version int
		var form []byte
		if err := rows.Scan(&known, &kind, &version, &form); err != nil {
			return err
		}
		e, err := roster.Codec.Decode(kind, version, form)
		if err == nil {
			c.register.Learn(time.UnixMicro(known), e)
			c.figures++
		}
		return err
	})
}

// loadFacts is where opening spends its time: bare cells are read fastest.
func (c *cube) loadFacts(db *sql.DB) error {
	var cells [12]any
	var into [len(cells)]any
	for i := range cells {
		into[i] = &cells[i]
	}
	return each(db, `SELECT measure, dispute, day, happened, known, position, station, organisation, cause, outcome, days, sign
		FROM fact ORDER BY number`, func(rows *sql.Rows) error {
		if err := rows.Scan(into[:]...); err != nil {
			return err
		}
		var n [len(cells)]int64
		for i, cell := range cells {
			n[i], _ = cell.(int64) // the schema lets nothing else in
		}
		if n[0] < 0 || n[0] >= int64(len(rules.Facts)) {
			return fmt.Errorf("statistics: a fact of measure %d", n[0])
		}
		c.add(row{
			measure: int(n[0]), dispute: uint32(n[1]), day: calendar.Date(n[2]), happened: calendar.Date(n[3]), known: n[4], position: uint64(n[5]),
			station: uint32(n[6]), organisation: uint32(n[7]), cause: uint32(n[8]), outcome: outcome(n[9]), days: int32(n[10]), sign: int8(n[11]),
		})
		return nil
	})
}

func scanName(r *sql.Rows, to *names) error {
	var s string
	err := r.Scan(&s)
	to.add(s)
	return err
}

func each(db *sql.DB, query string, one func(*sql.Rows) error) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := one(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
