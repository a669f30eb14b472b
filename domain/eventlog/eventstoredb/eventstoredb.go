// Package eventstoredb keeps the log in an EventStoreDB (or KurrentDB) cluster,
// or a single node of it, reached by an esdb:// address. It speaks with the
// database through the client module's generated stubs over a connection of its
// own, because that module's Client hangs, closes for good and reads from
// followers. DESIGN.md says what is promised and how each fault is met.
package eventstoredb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/prefix"
)

// answering is how long the database may take for one answer where neither the
// options nor the address say otherwise.
const answering = 10 * time.Second

// Options say how a log is made and reached. The zero Options are good ones.
type Options struct {
	Logger *slog.Logger // nil: slog.Default()

	// Patience is how long one answer of the database may take before the
	// connection is given up for a new one; no call takes more than three times
	// as long. 0: the address's defaultDeadline, or else ten seconds.
	Patience time.Duration
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.Default()
	}
	return o.Logger
}

// Why a database is not taken for a log, or not made one.
var (
	ErrAddress = errors.New("the address cannot be used")
	ErrExists  = errors.New("there is a log already")
	ErrForeign = errors.New("the database holds other things")
	ErrNoLog   = errors.New("there is no log")

	// The next two are eventlog.ErrCorrupt too.
	ErrShortened = fmt.Errorf("%w: it is shorter than it was", eventlog.ErrCorrupt)
	ErrOtherLog  = fmt.Errorf("%w: the database holds another log", eventlog.ErrCorrupt)
)

var errClosed = fmt.Errorf("%w: the log is closed", eventlog.ErrUnavailable)

// Log is a log in a database that others may write to as well. Make it with
// Create, reach it with Dial.
type Log struct {
	genesis  eventlog.Genesis
	log      *slog.Logger
	patience time.Duration
	link     *link
	known    *prefix.Known

	closing atomic.Bool
	using   sync.RWMutex // held for reading by every append under way
	closed  chan struct{}
	shut    sync.Once

	resolved, resumed atomic.Int64
}

// Dial reaches the log at the address. Errors: ErrAddress, ErrNoLog,
// ErrOtherLog, eventlog.ErrUnavailable when nobody answers in time.
func Dial(ctx context.Context, url string, o Options) (*Log, error) {
	l, err := dial(url, o)
	if err != nil {
		return nil, err
	}
	return l.meet(ctx)
}

// meet finds the leader and learns which log this is, or closes the log.
func (l *Log) meet(ctx context.Context) (*Log, error) {
	n, err := l.link.take(ctx)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	l.link.leave(n)
	l.genesis = *l.link.genesis.Load()
	return l, nil
}

// dial makes the log without having spoken with the database.
func dial(url string, o Options) (*Log, error) {
	a, err := parse(url)
	if err != nil {
		return nil, err
	}
	l := &Log{
		log:      o.logger(),
		patience: cmp.Or(o.Patience, a.deadline(), answering),
		known:    prefix.New(prefix.RememberedIDs),
		closed:   make(chan struct{}),
	}
	if a.unsent() {
		l.log.Warn("the address has a name and a password, which are not sent without TLS")
	}
	l.link = newLink(a, l.patience, l.log)
	return l, nil
}

// Genesis says which log this is.
func (l *Log) Genesis() eventlog.Genesis { return l.genesis }

// Counts is what the log has lived through since Dial.
type Counts struct {
	Hangs    int64 // answers that did not come within the patience
	Replaced int64 // connections given up for a new one
	Resolved int64 // appends without a plain answer of which the stream then told
	Resumed  int64 // subscriptions taken up again where they broke off
}

// Counts gives the counts as they stand now.
func (l *Log) Counts() Counts {
	return Counts{Hangs: l.link.hangs.Load(), Replaced: l.link.replaced.Load(), Resolved: l.resolved.Load(), Resumed: l.resumed.Load()}
}

// usable is nil, or ErrUnavailable because the log was closed.
func (l *Log) usable() error {
	if l.closing.Load() {
		return errClosed
	}
	return nil
}

// Check tells whether the log can be used now: whether a leader answers and
// still has this log. The error says why not.
func (l *Log) Check(ctx context.Context) error {
	if err := l.usable(); err != nil {
		return err
	}
	_, err := ask(ctx, l, func(ctx context.Context, n *node) (struct{}, error) {
		return struct{}{}, l.link.identify(ctx, n)
	})
	return err
}

// End is eventlog.Log's.
func (l *Log) End(ctx context.Context) (eventlog.Position, error) {
	if err := l.usable(); err != nil {
		return eventlog.Position{}, err
	}
	return ask(ctx, l, l.end)
}

// Close waits for the appends under way and lets the database go. Followers
// and readers end with an error. Further calls do nothing.
func (l *Log) Close() error {
	l.shut.Do(func() {
		l.closing.Store(true)
		l.using.Lock() // until every append has an answer; never let go
		close(l.closed)
		l.link.close()
	})
	return nil
}
