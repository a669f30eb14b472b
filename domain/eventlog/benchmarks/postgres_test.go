package benchmarks

import (
	"context"
	"errors"
	"iter"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"doorstep/domain/eventlog"

	"github.com/jackc/pgx/v5"
)

// table is the one a competent user would choose: the order of all events, and
// the place of each in its stream that no two can take.
const table = `CREATE TABLE events (
	position bigserial,
	stream   text   NOT NULL,
	version  bigint NOT NULL,
	sealed   bytea  NOT NULL)`

const keys = `ALTER TABLE events ADD PRIMARY KEY (position), ADD UNIQUE (stream, version)`

const (
	insert  = `INSERT INTO events (stream, version, sealed) VALUES ($1, $2, $3) RETURNING position`
	history = `SELECT position, sealed FROM events WHERE stream = $1 ORDER BY version`
)

// postgres is a cluster of its own, on a socket in its folder, with one
// connection for each writer.
type postgres struct {
	bin, dir string
	server   *exec.Cmd
	writers  []*pgx.Conn
}

// settings differ from PostgreSQL's own where every guide says so, to its
// advantage: room for all writers, memory, and rarer checkpoints. fsync,
// synchronous_commit and full_page_writes are on, which is its own.
var settings = []string{
	"listen_addresses=", "max_connections=300", "shared_buffers=2GB", "max_wal_size=8GB",
}

// newPostgres makes and starts a cluster with the empty table.
func newPostgres(tb testing.TB, dir string, writers int) *postgres {
	tb.Helper()
	p := &postgres{bin: programs(tb), dir: dir}
	must(tb, os.Mkdir(dir, 0o700))
	if id := account(tb); id != nil {
		must(tb, os.Chown(dir, int(id.Uid), int(id.Gid)))
	}
	out, err := p.as(tb, "initdb", "-D", within(dir, "data"), "-A", "trust", "-U", "postgres", "--no-locale", "-E", "UTF8").CombinedOutput()
	if err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	p.start(tb)
	tb.Cleanup(func() { p.stop() })
	p.exec(tb, table)
	for range writers {
		p.writers = append(p.writers, p.connect(tb))
	}
	return p
}

// programs is the folder of PostgreSQL's programs.
func programs(tb testing.TB) string {
	tb.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		path, err = filepath.EvalSymlinks(path)
		must(tb, err)
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/15/bin/initdb")
	if len(found) == 0 {
		tb.Fatal("PostgreSQL 15 is not here; on Debian: apt-get install postgresql-15")
	}
	return filepath.Dir(found[0])
}

// account is who runs the server when we are root, which it refuses.
func account(tb testing.TB) *syscall.Credential {
	tb.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	must(tb, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	must(tb, err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	must(tb, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// as makes a command of PostgreSQL's, run by its account.
func (p *postgres) as(tb testing.TB, program string, args ...string) *exec.Cmd {
	tb.Helper()
	cmd := exec.Command(within(p.bin, program), args...)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account(tb)}
	return cmd
}

func (p *postgres) start(tb testing.TB) {
	tb.Helper()
	args := []string{"-D", within(p.dir, "data"), "-k", p.dir}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	said, err := os.Create(within(p.dir, "server.log"))
	must(tb, err)
	p.server = p.as(tb, "postgres", args...)
	p.server.Stdout, p.server.Stderr = said, said
	must(tb, p.server.Start())
	must(tb, said.Close())
	patience := time.Now().Add(time.Minute)
	for {
		c, err := p.reach()
		if err == nil {
			must(tb, c.Close(context.Background()))
			return
		}
		if time.Now().After(patience) {
			tb.Fatalf("PostgreSQL does not start: %v; it says in %s why", err, said.Name())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// stop lets the server end in order; stopping twice does nothing.
func (p *postgres) stop() error {
	for _, c := range p.writers {
		_ = c.Close(context.Background())
	}
	p.writers = nil
	if p.server == nil {
		return nil
	}
	err := errors.Join(p.server.Process.Signal(syscall.SIGINT), p.server.Wait()) // a fast shutdown
	p.server = nil
	return err
}

func (p *postgres) Close() error { return p.stop() }

func (p *postgres) reach() (*pgx.Conn, error) {
	return pgx.Connect(context.Background(), "host="+p.dir+" user=postgres dbname=postgres")
}

func (p *postgres) connect(tb testing.TB) *pgx.Conn {
	tb.Helper()
	c, err := p.reach()
	must(tb, err)
	return c
}

// prepare makes the writers' statements, once the table has its keys.
func (p *postgres) prepare(tb testing.TB) {
	tb.Helper()
	for _, c := range p.writers {
		for name, sql := range map[string]string{"insert": insert, "history": history} {
			_, err := c.Prepare(context.Background(), name, sql)
			must(tb, err)
		}
	}
}

// exec runs one statement on a connection of its own.
func (p *postgres) exec(tb testing.TB, sql string) {
	tb.Helper()
	c := p.connect(tb)
	_, err := c.Exec(context.Background(), sql)
	must(tb, errors.Join(err, c.Close(context.Background())))
}

// version is what the server calls itself.
func (p *postgres) version(tb testing.TB) string {
	tb.Helper()
	out, err := p.as(tb, "postgres", "--version").Output()
	must(tb, err)
	return strings.Fields(strings.TrimPrefix(string(out), "postgres (PostgreSQL) "))[0]
}

func (p *postgres) name() string { return "PostgreSQL" }

// append is one statement and so one transaction. That a version be kept which
// does not follow the one before is not checked, nor that a commit's id be kept
// once: the log does both, and PostgreSQL is spared it.
func (p *postgres) append(ctx context.Context, writer int, at eventlog.Head, c eventlog.Commit) (eventlog.Head, error) {
	r, err := seal(at, c)
	if err != nil {
		return at, err
	}
	var position uint64
	err = p.writers[writer].QueryRow(ctx, "insert", r.Stream, r.Version, r.Sealed).Scan(&position)
	r.Head.Revision = eventlog.RevisionAt(position)
	return r.Head, err
}

func (p *postgres) load(ctx context.Context, stream string) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		rows, err := p.writers[0].Query(ctx, "history", stream)
		if err != nil {
			yield(eventlog.Record{}, err)
			return
		}
		defer rows.Close()
		var head eventlog.Head
		for rows.Next() {
			var position uint64
			var sealed []byte
			err := rows.Scan(&position, &sealed)
			var r eventlog.Record
			if err == nil {
				r, err = eventlog.Open(sealed)
			}
			if err == nil {
				err = r.Follows(head)
			}
			if !yield(r, err) || err != nil {
				return
			}
			head = r.Head
		}
		if err := rows.Err(); err != nil {
			yield(eventlog.Record{}, err)
		}
	}
}

// fill copies the records into the table without its keys, which is the fastest
// way, and makes the keys after.
func (p *postgres) fill(tb testing.TB, records iter.Seq2[eventlog.Record, error]) {
	tb.Helper()
	next, stop := iter.Pull2(records)
	defer stop()
	from := pgx.CopyFromFunc(func() ([]any, error) {
		r, err, more := next()
		if !more || err != nil {
			return nil, err
		}
		return []any{r.Stream, r.Version, r.Sealed}, nil
	})
	c := p.connect(tb)
	_, err := c.CopyFrom(context.Background(), pgx.Identifier{"events"}, []string{"stream", "version", "sealed"}, from)
	must(tb, errors.Join(err, c.Close(context.Background())))
	for _, sql := range []string{keys, "VACUUM ANALYZE events", "CHECKPOINT"} {
		p.exec(tb, sql)
	}
}
