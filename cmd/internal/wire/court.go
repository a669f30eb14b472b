// Package wire builds the whole program as a value: the log, the desks and the
// views of one court's folder. Commands and tests build the same.
package wire

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"doorstep/api/local"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/metered"
	"doorstep/domain/eventlog/tlog"
	"doorstep/domain/mediation"
	"doorstep/domain/operations"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
	"doorstep/projections/casefile"
	"doorstep/projections/directory"
	"doorstep/projections/docket"
	"doorstep/projections/follow"
	"doorstep/projections/ledger"
	"doorstep/projections/statistics"
)

// Version is set by the linker.
var Version = "dev"

// remembered is how many streams each desk keeps in mind.
const remembered = 4096

// Config says which court's folder, and how.
type Config struct {
	Data        string           // the court's folder
	Log         string           // address of the log, see openEngine; empty: as the folder's settings say, or else Embedded
	Keys        string           // where the signing key and the newest checkpoint are kept; empty: as the settings say, or else keys in Data
	NewKey      bool             // make a new signing key, also where there was one
	SealPersons bool             // seal personal texts per person, from the first record on; said once, it is remembered
	Create      bool             // make the record where the folder is absent or empty
	CourtCode   string           // of the court, written into a new record
	Views       bool             // keep the views up to date
	Rebuild     []string         // views to be made from nothing at this start
	Now         func() time.Time // the court's clock
	Logger      *slog.Logger
}

// Court is the program around one court's record. Where another process holds
// the folder, Remote reaches it and the views are that process's.
type Court struct {
	Data    string
	Log     eventlog.Log
	Genesis eventlog.Genesis
	Now     func() time.Time
	Metrics *prometheus.Registry
	Remote  *local.Caller

	Disputes      *mediation.Desk
	Confirmations *confirmation.Desk
	Roster        *roster.Desk
	Governance    *supervision.Desk
	Operations    *operations.Desk
	Files         *casefile.Files

	Views

	keys      keys
	safe      safe
	scrub     *scrubber
	notary    *ledger.Notary
	engine    engine
	checked   *metered.Log
	numbering string // see numbering
	stop      context.CancelFunc
	done      chan error
}

// Views are what follows the log, and who feeds them.
type Views struct {
	Directory  *directory.Directory
	Docket     *docket.Docket
	Statistics *statistics.Statistics
	Ledger     *ledger.Ledger
	Follower   *follow.Follower
}

// ErrNoRecord is given for a folder without a court's record.
var ErrNoRecord = jetstream.ErrNoLog

// Open opens the court's folder; where a server holds it, through that server.
// What Log and Keys said is remembered in the folder's settings. Errors:
// ErrNoRecord; ErrAddress, ErrOtherLog, ErrRetired, ErrSettings; the engines'
// reasons not to start; ErrRolledBack, ErrDiffers, ErrNoKey, ErrOtherKey.
func Open(ctx context.Context, c Config) (*Court, error) {
	kept, err := readSettings(c.Data)
	if err != nil {
		return nil, err
	}
	c.Log, c.Keys = cmp.Or(c.Log, kept.Log, Embedded), cmp.Or(c.Keys, kept.Keys)
	already := kept.Persons == personsSealed
	c.SealPersons = c.SealPersons || already
	engine, err := c.open(ctx)
	if errors.Is(err, jetstream.ErrHeld) {
		return throughServer(ctx, c, err)
	}
	if err != nil {
		return nil, err
	}
	metrics := prometheus.NewRegistry()
	checked := metered.New(engine, metrics)
	safe, err := openSafe(ctx, c, already, engine.Genesis().ID, checked)
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	court := around(c, safe.log)
	court.safe = safe
	court.checked = checked
	court.numbering = numbering(c.Log)
	court.Metrics, court.engine, court.Genesis = metrics, engine, engine.Genesis()
	registerCounts(engine, metrics)
	if err := court.start(ctx, c); err != nil {
		return nil, errors.Join(err, court.Close())
	}
	if err := kept.remember(c); err != nil {
		return nil, errors.Join(err, court.Close())
	}
	return court, nil
}

// start checks the record against the newest checkpoint that was signed of it,
// and starts the views.
func (court *Court) start(ctx context.Context, c Config) (err error) {
	if court.keys, err = court.openKeys(ctx, c); err != nil {
		return err
	}
	anchor, anchored, err := court.keys.anchor()
	if err != nil {
		return err
	}
	if anchor, err = court.renumber(ctx, anchor, anchored, c); err != nil {
		return err
	}
	if err := standsOn(ctx, court.Log, anchor.Mark()); err != nil {
		return err
	}
	if !c.Views {
		return nil
	}
	signed, err := court.keys.open(anchor)
	if err != nil {
		return err
	}
	court.notary = ledger.NewNotary(court.keys.anchorFile(), tlog.Origin(court.Genesis.ID), court.numbering, court.keys.signer, c.logger())
	if err := forget(filepath.Join(c.Data, "views"), c.Rebuild); err != nil {
		return err
	}
	reactions, err := court.safe.reactions(ctx, court.Log)
	if err != nil {
		return err
	}
	if court.Views, err = openViews(filepath.Join(c.Data, "views"), court.Log, c.Now, court.notary, c.logger(), reactions...); err != nil {
		return err
	}
	if err := standsOn(ctx, court.Log, court.Ledger.Stand().Mark); err != nil {
		return err
	}
	if err := court.Follower.Begin(ctx); err != nil {
		return err
	}
	court.scrub = newScrubber(court, c.logger())
	court.scrub.register(court.Metrics)
	court.Follower.Register(court.Metrics)
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	court.stop, court.done = stop, make(chan error, 1)
	go func() { court.done <- court.Follower.Run(run) }()
	if err := court.agrees(ctx, signed); err != nil {
		return err
	}
	court.notary.Begin(signed.Size, court.Ledger.Stand())
	return nil
}

// keysFolder is where what is kept apart from the record lies.
func (c Config) keysFolder() string {
	if c.Keys == "" {
		return filepath.Join(c.Data, "keys")
	}
	return c.Keys
}

func (c Config) logger() *slog.Logger {
	if c.Logger == nil {
		return slog.Default()
	}
	return c.Logger
}

// throughServer reaches the record through the process that holds it.
func throughServer(ctx context.Context, c Config, held error) (*Court, error) {
	caller, err := local.Call(ctx, c.Data)
	if errors.Is(err, local.ErrNobody) {
		return nil, held // a command has it, not a server
	}
	if err != nil {
		return nil, err
	}
	court := around(c, caller.Log())
	court.Remote = caller
	court.keys.dir = c.Keys
	genesis, err := pinned(c.Data)
	if err == nil && genesis == nil {
		err = ErrNoRecord
	}
	if err != nil {
		caller.Close()
		return nil, err
	}
	court.Genesis = *genesis
	return court, nil
}

// around makes the desks around a log.
func around(c Config, log eventlog.Log) *Court {
	return &Court{
		Data: c.Data, Log: log, Now: c.Now,
		Disputes:      decide.NewDesk(log, mediation.Decider, mediation.Codec, remembered),
		Confirmations: decide.NewDesk(log, confirmation.Decider, confirmation.Codec, remembered),
		Roster:        decide.NewDesk(log, roster.Decider, roster.Codec, remembered),
		Governance:    decide.NewDesk(log, supervision.Decider, supervision.Codec, remembered),
		Operations:    decide.NewDesk(log, operations.Decider, operations.Codec, remembered),
		Files:         casefile.New(log),
	}
}

// Forms are the stored forms of all that a court's log may hold.
func Forms() *follow.Forms {
	forms := follow.NewForms()
	follow.Add(forms, mediation.Codec, mediation.Stream(""))
	follow.Add(forms, confirmation.Codec, confirmation.Stream(""))
	follow.Add(forms, roster.Codec, roster.Streams...)
	follow.Add(forms, supervision.Codec, supervision.Streams)
	follow.Add(forms, operations.Codec, operations.Stream)
	return forms
}

// openViews opens all views. What the ledger takes in is told to the notary,
// which is nil where views are only compared; reactions are fed beside them.
func openViews(dir string, log eventlog.Log, now func() time.Time, notary *ledger.Notary, logger *slog.Logger, reactions ...follow.View) (v Views, err error) {
	if v.Directory, err = directory.Open(dir); err != nil {
		return Views{}, err
	}
	if v.Docket, err = docket.Open(dir); err != nil {
		return Views{}, errors.Join(err, v.Directory.Close())
	}
	if v.Statistics, err = statistics.Open(dir); err != nil {
		return Views{}, errors.Join(err, v.Docket.Close(), v.Directory.Close())
	}
	if v.Ledger, err = ledger.Open(dir, notary); err != nil {
		return Views{}, errors.Join(err, v.Statistics.Close(), v.Docket.Close(), v.Directory.Close())
	}
	v.Follower = follow.New(log, Forms(), now, logger, append([]follow.View{v.Directory, v.Docket, v.Statistics, v.Ledger}, reactions...)...)
	return v, nil
}

func (v Views) close() error {
	if v.Follower == nil {
		return nil
	}
	return errors.Join(v.Directory.Close(), v.Docket.Close(), v.Statistics.Close(), v.Ledger.Close())
}

// Failed is closed when the log can keep nothing more: the process must end.
func (court *Court) Failed() <-chan struct{} { return court.engine.Failed() }

// Close stops the views and lets go of the folder.
func (court *Court) Close() error {
	if court.Remote != nil {
		court.Remote.Close()
		return nil
	}
	var errs []error
	if court.stop != nil {
		court.stop()
		errs = append(errs, <-court.done)
	}
	if court.notary != nil {
		errs = append(errs, court.notary.Close())
	}
	errs = append(errs, court.Views.close(), court.safe.close())
	return errors.Join(append(errs, court.engine.Close())...)
}
