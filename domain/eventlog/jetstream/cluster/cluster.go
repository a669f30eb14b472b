// Package cluster keeps the log in an external NATS JetStream cluster reached
// by a nats:// or tls:// address: one stream with three replicas, the same
// records on the same subjects as the embedded engine keeps. Several processes
// may use one log. DESIGN.md says what is promised and how each fault is met.
package cluster

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

// answering is the patience where the options say nothing: longer than a
// cluster takes to elect a leader after one was lost (four to nine seconds).
const answering = 10 * time.Second

// Options say how a log is made and reached. The zero Options are good ones.
type Options struct {
	Logger *slog.Logger // nil: slog.Default()

	// Patience is how long the cluster may be without a leader, or show less
	// than it had, before that is an error; no call takes more than three times
	// as long. A question without an answer is sent again after a twenty-fifth
	// of it at first, then after longer, at most two fifths. 0: ten seconds.
	Patience time.Duration

	// Replicas is how many servers keep each record: Create makes the stream so,
	// Dial refuses one with fewer. 0: what the address says, or else three.
	Replicas int

	// Stream is the name of the JetStream stream, for several logs in one
	// account. "": what the address says, or else EV.
	Stream string

	// Credentials is a file of a user's JWT and key (.creds). "": what the
	// address says.
	Credentials string
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.Default()
	}
	return o.Logger
}

// Why a stream is not taken for a log, or not made one. Each error says what
// was found.
var (
	ErrAddress = errors.New("the address cannot be used")
	ErrDenied  = errors.New("the cluster does not let us in")
	ErrExists  = errors.New("there is a log already")
	ErrForeign = errors.New("the stream holds other things")
	ErrNoLog   = errors.New("there is no log")

	// The next three are eventlog.ErrCorrupt too.
	ErrShortened = fmt.Errorf("%w: it is shorter than it was", eventlog.ErrCorrupt)
	ErrOtherLog  = fmt.Errorf("%w: the stream holds another log", eventlog.ErrCorrupt)
	ErrAltered   = fmt.Errorf("%w: its settings were changed", eventlog.ErrCorrupt)
)

var errClosed = fmt.Errorf("%w: the log is closed", eventlog.ErrUnavailable)

// Log is a log in a cluster that others may write to as well. Make it with
// Create, reach it with Dial.
type Log struct {
	stream   layout
	genesis  eventlog.Genesis
	log      *slog.Logger
	patience time.Duration
	desk     *caller // appends, and reads of streams
	bulk     *caller // followers and fillings, so that they never delay a desk
	known    *prefix.Known
	shore    *shore

	closing atomic.Bool
	using   sync.RWMutex // held for reading by every append under way
	closed  chan struct{}
	shut    sync.Once
	tail    sync.WaitGroup

	resolved, resent atomic.Int64
}

// Dial reaches the log at the address. Errors: ErrAddress, ErrDenied, ErrNoLog,
// ErrOtherLog, ErrAltered, ErrShortened, eventlog.ErrUnavailable when the
// cluster does not answer in time.
func Dial(ctx context.Context, address string, o Options) (*Log, error) {
	l, err := reach(ctx, address, o)
	if err != nil {
		return nil, err
	}
	if err := l.examine(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := l.listen(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// reach connects to the cluster without asking what is there.
func reach(ctx context.Context, raw string, o Options) (*Log, error) {
	a, err := parse(raw, o)
	if err != nil {
		return nil, err
	}
	l := &Log{
		stream:   a.layout,
		log:      o.logger(),
		patience: cmp.Or(o.Patience, answering),
		known:    prefix.New(prefix.RememberedIDs),
		shore:    newShore(),
		closed:   make(chan struct{}),
	}
	bounded, cancel := l.bound(ctx)
	defer cancel()
	for _, c := range []**caller{&l.desk, &l.bulk} {
		if *c, err = a.connect(bounded, l.step(), l.log); err != nil {
			return nil, errors.Join(late(ctx, bounded, err), l.Close())
		}
	}
	return l, nil
}

// step is how long one answer may take before the question is put again.
func (l *Log) step() time.Duration { return l.patience / 5 }

// Genesis says which log this is.
func (l *Log) Genesis() eventlog.Genesis { return l.genesis }

// Counts is what the log has lived through since Dial.
type Counts struct {
	Silent   int64 // times that an answer did not come soon and the question was sent again
	Replaced int64 // connections that broke or were given up for another server
	Resolved int64 // appends without a plain answer of which the stream then told
	Resent   int64 // appends sent again because the stream did not hold them yet
}

// Counts gives the counts as they stand now.
func (l *Log) Counts() Counts {
	return Counts{
		Silent:   l.desk.silent.Load() + l.bulk.silent.Load(),
		Replaced: l.desk.replaced.Load() + l.bulk.replaced.Load(),
		Resolved: l.resolved.Load(),
		Resent:   l.resent.Load(),
	}
}

// usable is nil, or ErrUnavailable because the log was closed.
func (l *Log) usable() error {
	if l.closing.Load() {
		return errClosed
	}
	return nil
}

// Check tells whether the log can be used now: whether a leader answers, and
// the stream is whole, set as it was made, and still this log. The error says
// why not.
func (l *Log) Check(ctx context.Context) error {
	if err := l.usable(); err != nil {
		return err
	}
	return l.examine(ctx)
}

// End is eventlog.Log's. The leader is asked.
func (l *Log) End(ctx context.Context) (eventlog.Position, error) {
	if err := cmp.Or(l.usable(), ctx.Err()); err != nil {
		return eventlog.Position{}, err
	}
	bounded, cancel := l.bound(ctx)
	defer cancel()
	end, err := l.confirm(bounded, l.desk, l.shore.reached())
	return position(end), late(ctx, bounded, err)
}

// position is the place of a sequence number; the genesis is before the first.
func position(seq uint64) eventlog.Position {
	if seq <= genesisSeq {
		return eventlog.Position{}
	}
	return eventlog.PositionAt(seq)
}

// Close waits for the appends under way and lets the cluster go. Followers and
// readers end with an error. Further calls do nothing.
func (l *Log) Close() error {
	l.shut.Do(func() {
		l.closing.Store(true)
		l.using.Lock() // until every append has an answer; never let go
		close(l.closed)
		for _, c := range []*caller{l.desk, l.bulk} {
			if c != nil {
				c.close()
			}
		}
		l.tail.Wait()
	})
	return nil
}
