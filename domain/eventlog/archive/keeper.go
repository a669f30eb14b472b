package archive

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"doorstep/domain/eventlog"
)

const (
	// interval is how long a commit waits for others before it is written to
	// the copy: half of the second that the copy may lag, the rest is for the
	// disk.
	interval = 500 * time.Millisecond
	// retry is how long a keeper waits after its disk failed.
	retry = 5 * time.Second
	// farewell bounds how long a keeper goes on when it is told to end, to have
	// all that was acknowledged.
	farewell = 5 * time.Second
	// looking is how often the log's end is looked at, to measure the lag.
	looking = 100 * time.Millisecond
)

// Keeper keeps a second copy up with its log: what is durable in the log is
// durable in the copy within a second, as long as the copy's disk keeps up. The
// log never waits for it.
type Keeper struct {
	copy   *Copy
	log    eventlog.Log
	signed func() (verifiers, checkpoint string)
	logger *slog.Logger

	mu    sync.Mutex
	state Lag
	lag   lag
}

// Lag is how far a copy is behind its log.
type Lag struct {
	Commits int64         // in the copy
	Now     time.Duration // since the copy last had all that the log had; 0: it has
	Worst   time.Duration // the longest it was behind since the keeper began
	Failed  error         // why nothing is copied now; nil: it is
}

// NewKeeper makes a keeper. signed gives the log's public keys and its newest
// signed checkpoint, empty where there is none.
func NewKeeper(c *Copy, log eventlog.Log, signed func() (verifiers, checkpoint string), logger *slog.Logger) *Keeper {
	return &Keeper{copy: c, log: log, signed: signed, logger: logger, state: Lag{Commits: c.stand.Commits}, lag: newLag(time.Now(), c.stand)}
}

// Run copies until ctx is done, and then what the log had by then. A disk that
// fails is told and tried again for as long as it takes; so is a log that
// cannot be read on. The error is ErrAhead or ErrParted where the copy does not
// follow the log, and nothing was written.
func (k *Keeper) Run(ctx context.Context) error {
	if err := k.copy.Follows(ctx, k.log); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	watched := make(chan struct{})
	go func() { defer close(watched); k.watch(watching) }()
	defer func() { stop(); <-watched }()
	for {
		err := k.follow(ctx, eventlog.Position{})
		if ctx.Err() != nil {
			return k.leave(ctx)
		}
		k.fail(err)
		select {
		case <-time.After(retry):
		case <-ctx.Done():
			return k.leave(ctx)
		}
	}
}

// leave copies what the log has still.
func (k *Keeper) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	end, err := k.log.End(ctx)
	if err == nil && eventlog.PositionAt(k.copy.stand.Position).Before(end) {
		err = k.follow(ctx, end)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil && !errors.Is(err, eventlog.ErrUnavailable) { // the log may be closed already
		k.fail(err)
	}
	return nil
}

// follow copies what the log gives, up to the position where one is given.
func (k *Keeper) follow(ctx context.Context, until eventlog.Position) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	records := make(chan eventlog.Record, 256)
	var failed error
	given := k.log.Follow(reading, eventlog.PositionAt(k.copy.stand.Position))
	go func() {
		defer close(records)
		for r, err := range given {
			if err != nil {
				failed = err
				return
			}
			select {
			case records <- r:
			case <-reading.Done():
				return
			}
			if r.Position == until {
				return
			}
		}
	}()
	var batch []eventlog.Record
	var bytes int
	var due <-chan time.Time
	for {
		select {
		case r, more := <-records:
			if !more {
				return errors.Join(k.write(batch), failed)
			}
			if batch = append(batch, r); len(batch) == 1 {
				due = time.After(interval)
			}
			if bytes += len(r.Sealed); bytes < batchBytes {
				continue
			}
		case <-due:
		}
		if err := k.write(batch); err != nil {
			return err
		}
		batch, bytes, due = batch[:0], 0, nil
	}
}

// write puts the batch on the copy's disk.
func (k *Keeper) write(batch []eventlog.Record) error {
	if len(batch) == 0 {
		return nil
	}
	verifiers, checkpoint := k.signed()
	if err := k.copy.Add(batch, verifiers, checkpoint); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.state.Failed != nil {
		k.logger.Warn("the second copy goes on", "commits", k.copy.stand.Commits)
	}
	k.state.Commits, k.state.Failed = k.copy.stand.Commits, nil
	k.lag.copied(time.Now(), k.copy.stand.Position)
	return nil
}

func (k *Keeper) fail(err error) {
	if err == nil {
		err = errors.New("the log ended")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.state.Failed == nil {
		k.logger.Error("the second copy stands still", "reason", err.Error())
	}
	k.state.Failed = err
}

// watch looks where the log ends, to know how far the copy is behind.
func (k *Keeper) watch(ctx context.Context) {
	tick := time.NewTicker(looking)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if end, err := k.log.End(ctx); err == nil {
			k.mu.Lock()
			k.lag.looked(time.Now(), end.Token())
			k.mu.Unlock()
		}
	}
}

// Lag tells how far the copy is behind.
func (k *Keeper) Lag() Lag {
	k.mu.Lock()
	defer k.mu.Unlock()
	l := k.state
	l.Now, l.Worst = k.lag.now(time.Now())
	return l
}
