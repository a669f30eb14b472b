package viewfile

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"
	"sync/atomic"

	"modernc.org/sqlite"
)

// readers is how many queries of one view run at once.
const readers = 4

// place is where a view's file is read. When it moves, the one sql.DB of all
// queries goes with it: connections to the old file end with the query that
// they are in.
type place struct{ at atomic.Pointer[string] }

func newPlace(path string) *place {
	p := &place{}
	p.move(path)
	return p
}

func (p *place) path() string     { return *p.at.Load() }
func (p *place) move(path string) { p.at.Store(&path) }

// reader is for all queries. Connections are kept, since each new one must read
// the schema again.
func (p *place) reader() *sql.DB {
	db := sql.OpenDB(p)
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db
}

// source is SQLite's name of the file, with how it is to be opened. A read-only
// transaction locks nothing, for all that _txlock says.
func source(path string, pragmas ...string) string {
	pragmas = append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "temp_store(MEMORY)"}, pragmas...)
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Connect makes place a driver.Connector.
func (p *place) Connect(ctx context.Context) (driver.Conn, error) {
	at := p.at.Load()
	connector, err := sqlite.NewConnector(source(*at, "query_only(1)", "cache_size(-4000)"))
	if err != nil {
		return nil, err
	}
	c, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{c.(sqliteConn), p, at}, nil
}

// Driver makes place a driver.Connector.
func (p *place) Driver() driver.Driver { return &sqlite.Driver{} }

// sqliteConn is all that database/sql asks of a connection of this driver.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection that is good for as long as its file is the one in use.
type conn struct {
	sqliteConn
	place *place
	at    *string
}

// ResetSession sends a query that begins to the file in use.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.place.at.Load() != c.at {
		return driver.ErrBadConn
	}
	return c.sqliteConn.ResetSession(ctx)
}

// IsValid lets go of a connection whose last query has ended.
func (c *conn) IsValid() bool { return c.place.at.Load() == c.at && c.sqliteConn.IsValid() }
