package docket

import (
	"strings"

	"doorstep/projections/viewfile"
)

// columns of a row, as Entry.cells has them.
var columns = strings.Fields(`id number source station organisation mediator stage cause amount applicants respondents
	channel filed designated accept_by accepted due ended effective apply_by ground imported marks confirmation applied decide_by`)

// cells are the entry's fields, to write and to read.
func (e *Entry) cells() []any {
	return []any{&e.ID, &e.Number, &e.Source, &e.Station, &e.Organisation, &e.Mediator, &e.Stage, &e.Cause, &e.Amount, &e.Applicants, &e.Respondents,
		&e.Channel, &e.Filed, &e.Designated, &e.AcceptBy, &e.Accepted, &e.Due, &e.Ended, &e.Effective, &e.ApplyBy, &e.Ground, &e.Imported, &e.Marks,
		&e.Confirmation, &e.Applied, &e.DecideBy}
}

// The tables. In dispute stands a row per dispute with its folded states behind
// it; no is the order in which disputes came into the log. In listed stands
// what lists are picked and sorted by, narrow, since whole lists are counted on
// every page; its indexes hold all but the text. In party stand the names of
// parties as they are compared. Days are yyyymmdd, 0 is none.
var schema = viewfile.Schema{Tables: `
CREATE TABLE IF NOT EXISTS dispute (
	no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, number TEXT NOT NULL, source TEXT NOT NULL,
	station TEXT NOT NULL, organisation TEXT NOT NULL, mediator TEXT NOT NULL, stage TEXT NOT NULL,
	cause TEXT NOT NULL, amount INTEGER NOT NULL, applicants TEXT NOT NULL, respondents TEXT NOT NULL, channel TEXT NOT NULL,
	filed INTEGER NOT NULL, designated INTEGER NOT NULL, accept_by INTEGER NOT NULL, accepted INTEGER NOT NULL, due INTEGER NOT NULL,
	ended INTEGER NOT NULL, effective INTEGER NOT NULL, apply_by INTEGER NOT NULL, ground INTEGER NOT NULL,
	imported INTEGER NOT NULL, marks INTEGER NOT NULL, confirmation TEXT NOT NULL, applied INTEGER NOT NULL, decide_by INTEGER NOT NULL,
	state BLOB NOT NULL, followed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS listed (
	no INTEGER PRIMARY KEY, last_day INTEGER NOT NULL, filed INTEGER NOT NULL, stage TEXT NOT NULL,
	station TEXT NOT NULL, organisation TEXT NOT NULL, confirmation TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS party (name TEXT NOT NULL, no INTEGER NOT NULL, role TEXT NOT NULL, PRIMARY KEY (name, no, role)) WITHOUT ROWID;
`, Indexes: `
CREATE INDEX IF NOT EXISTS by_day ON listed (last_day, filed, no, stage, station, organisation, confirmation);
CREATE INDEX IF NOT EXISTS by_filed ON listed (filed, no, last_day, stage, station, organisation, confirmation);
CREATE INDEX IF NOT EXISTS by_station ON listed (station, last_day, filed, no, stage, organisation, confirmation);
`}

// written are the columns of dispute that a batch writes.
var written = append(append([]string(nil), columns...), "state", "followed")

var (
	insertDispute = `INSERT INTO dispute (` + strings.Join(written, ", ") + `) VALUES (?` + strings.Repeat(", ?", len(written)-1) + `)`
	updateDispute = `UPDATE dispute SET ` + strings.Join(written[1:], " = ?, ") + ` = ? WHERE no = ?`
	selectEntry   = `SELECT ` + strings.Join(columns, ", ") + ` FROM dispute`
)

const putListed = `INSERT OR REPLACE INTO listed (no, last_day, filed, stage, station, organisation, confirmation, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
