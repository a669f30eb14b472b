package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/jetstream/cluster"
)

// Embedded is the address of the log that lies in the court's folder itself.
const Embedded = "embedded"

// Why a log is not opened. Neither they nor what is wrapped in them repeat an
// address: it may hold a password.
var (
	ErrAddress  = errors.New("the address of the log cannot be used")
	ErrOtherLog = errors.New("the folder was made for another record")
	ErrRetired  = jetstream.ErrRetired
)

// engine is what keeps the court's log, wherever it is, with the court's folder.
type engine interface {
	opened
	Failed() <-chan struct{}
	Refuse(reason error)
}

// opened is a log that is open.
type opened interface {
	eventlog.Log
	Genesis() eventlog.Genesis
	Check(ctx context.Context) error
	Close() error
}

// kind is who keeps a log.
type kind int

const (
	inFolder  kind = iota // domain/eventlog/jetstream
	inCluster             // domain/eventlog/jetstream/cluster
	inEventDB             // domain/eventlog/eventstoredb
	inNobodys             // an address that nobody knows
)

func kindOf(address string) kind {
	scheme, _, isURL := strings.Cut(address, "://")
	switch {
	case !isURL:
		return inFolder
	case scheme == "nats" || scheme == "tls":
		return inCluster
	case scheme == "esdb" || scheme == "esdb+discover" || scheme == "kurrentdb" || scheme == "kurrentdb+discover":
		return inEventDB
	}
	return inNobodys
}

func (k kind) String() string {
	return [...]string{"embedded", "NATS JetStream cluster", "EventStoreDB", "unknown"}[k]
}

// Shown is an address without what is secret in it: the scheme and the hosts.
func Shown(address string) string {
	scheme, rest, isURL := strings.Cut(address, "://")
	if !isURL {
		return address
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest = rest[strings.LastIndexByte(rest, '@')+1:] // whatever a password may have in it
	return scheme + "://" + rest
}

// numbering says whose numbers a log's positions are: those of the embedded log
// and of a cluster are the same, one for each record; a database has its own.
func numbering(address string) string {
	if kindOf(address) != inEventDB {
		return "sequence"
	}
	_, hosts, _ := strings.Cut(Shown(address), "://")
	list := strings.Split(strings.TrimRight(hosts, "/"), ",")
	slices.Sort(list)
	return "eventstoredb " + strings.Join(list, ",")
}

// open opens the log for the court's folder, which is this process's alone from
// then on; it is made where it may be, in the folder only: a mistyped address
// must not begin an empty record in a server.
func (c Config) open(ctx context.Context) (engine, error) {
	if c.Log == Embedded {
		return c.openEmbedded()
	}
	if err := c.vacantOrOurs(); err != nil {
		return nil, err
	}
	lock, err := jetstream.Hold(c.Data)
	if err != nil {
		return nil, err
	}
	log, err := dial(ctx, c.Log, c.logger())
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	e := &elsewhere{opened: log, lock: lock, refused: make(chan struct{})}
	if err := pin(c.Data, log.Genesis()); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (c Config) openEmbedded() (engine, error) {
	genesis, err := pinned(c.Data)
	if err != nil {
		return nil, err
	}
	if c.Create && !jetstream.Exists(c.Data) {
		if genesis != nil {
			return nil, fmt.Errorf("%w: the record %s was kept in a server, and is not in the folder", ErrNoRecord, genesis.ID)
		}
		err := jetstream.Create(c.Data, eventlog.NewGenesis(c.CourtCode), jetstream.Options{Logger: c.Logger, Beside: beside})
		if err != nil && !errors.Is(err, jetstream.ErrExists) { // another process may have been quicker
			return nil, err
		}
	}
	return jetstream.Open(c.Data, jetstream.Options{Logger: c.Logger})
}

// beside is what may lie in a folder in which a log is made.
var beside = []string{settingsName, "keys"}

// vacantOrOurs checks that the folder is a court's, or may become one. A folder
// that is absent is made where the command may.
func (c Config) vacantOrOurs() error {
	genesis, err := pinned(c.Data)
	if err != nil || genesis != nil {
		return err
	}
	if !c.Create {
		return fmt.Errorf("%w in %s", ErrNoRecord, c.Data)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(c.Data)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(append([]string{"lock", "lost+found", "verifiers"}, beside...), e.Name()) {
			return fmt.Errorf("%w: %s holds %q, which is not Doorstep's; choose an empty folder", jetstream.ErrForeign, c.Data, e.Name())
		}
	}
	return nil
}

// elsewhere is a log in a server, with the lock of the court's folder.
type elsewhere struct {
	opened
	lock    io.Closer
	refuse  sync.Once
	refused chan struct{}
	reason  error // set before refused is closed
}

// Failed is closed when this process is to record nothing more. A server that is
// away is no reason: it comes back.
func (e *elsewhere) Failed() <-chan struct{} { return e.refused }

// Refuse lets this process record nothing more in the log, for whoever found that
// it is damaged.
func (e *elsewhere) Refuse(reason error) {
	e.refuse.Do(func() {
		e.reason = reason
		close(e.refused)
	})
}

// Append is eventlog.Log's.
func (e *elsewhere) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	select {
	case <-e.refused:
		return eventlog.Record{}, fmt.Errorf("%w: %w", eventlog.ErrUnavailable, e.reason)
	default:
		return e.opened.Append(ctx, at, c)
	}
}

// Close lets the server go, then the folder.
func (e *elsewhere) Close() error { return errors.Join(e.opened.Close(), e.lock.Close()) }

// dial reaches a log in a server: nats:// and tls:// for a JetStream cluster,
// esdb:// and kurrentdb:// for EventStoreDB. Errors: ErrAddress; the engine's.
func dial(ctx context.Context, address string, log *slog.Logger) (opened, error) {
	switch kindOf(address) {
	case inCluster:
		l, err := cluster.Dial(ctx, address, cluster.Options{Logger: log})
		return orNil(l, named(address, err))
	case inEventDB:
		l, err := eventstoredb.Dial(ctx, address, eventstoredb.Options{Logger: log})
		return orNil(l, named(address, err))
	}
	return nil, fmt.Errorf("%w: it begins with nats://, tls:// or esdb://, or it is %q for the log in the folder", ErrAddress, Embedded)
}

// orNil keeps a nil log from becoming one that is not nil.
func orNil[L opened](l L, err error) (opened, error) {
	if err != nil {
		return nil, err
	}
	return l, nil
}

// named says of which log the error is, and whether there is none.
func named(address string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, cluster.ErrNoLog), errors.Is(err, eventstoredb.ErrNoLog):
		return fmt.Errorf("%w at %s", ErrNoRecord, Shown(address))
	case errors.Is(err, cluster.ErrAddress), errors.Is(err, eventstoredb.ErrAddress):
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return fmt.Errorf("%s: %w", Shown(address), err)
}
