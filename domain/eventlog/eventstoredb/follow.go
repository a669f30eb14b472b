package eventstoredb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"sync/atomic"
	"time"

	"doorstep/domain/eventlog"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// ahead is how many records are read ahead of a follower.
const ahead = 64

// Follow is eventlog.Log's. A subscription that breaks is taken up again after
// the last record it gave, on whichever node then leads.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		reading, leave := context.WithCancel(ctx)
		defer leave()
		records := make(chan eventlog.Record, ahead)
		var failed error
		go func() {
			defer close(records)
			failed = l.follower(after).run(reading, records)
		}()
		for {
			select {
			case r, more := <-records:
				if ctx.Err() != nil {
					return
				}
				if !more {
					yield(eventlog.Record{}, failed)
					return
				}
				if !yield(r, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// follower is one following of the whole log.
type follower struct {
	*Log
	start  eventlog.Position // where it began; what stands up to there it never sees
	begun  bool              // start was found to be a place in this log
	last   uint64            // position of the last record given
	resume place             // where a new subscription goes on
	warned bool

	// Where each stream stood that a record was given of: the length, and the
	// first bytes of the hash. Streams are known by their hash, for there may
	// be millions.
	seed  maphash.Seed
	stood map[uint64]uint64

	frames  atomic.Int64  // that came
	waiting atomic.Bool   // for the next
	reached atomic.Uint64 // last, for the watch
}

func (l *Log) follower(after eventlog.Position) *follower {
	at := after.Token()
	f := &follower{Log: l, start: after, begun: after.IsStart(), last: at, resume: place{at, at}, seed: maphash.MakeSeed(), stood: map[uint64]uint64{}}
	f.reached.Store(at)
	return f
}

// run follows until ctx is done or it cannot go on.
func (f *follower) run(ctx context.Context, out chan<- eventlog.Record) error {
	for try := 0; ; try++ {
		came := f.frames.Load()
		var err error
		if !f.begun {
			err = f.begin(ctx)
		}
		if err == nil {
			err = f.subscribe(ctx, out)
		}
		var failure *failure
		if ctx.Err() != nil || errors.Is(err, eventlog.ErrCorrupt) || errors.As(err, &failure) && !failure.again() {
			return err
		}
		if f.closing.Load() {
			return errClosed
		}
		if f.frames.Load() > came {
			try = 0
		}
		f.resumed.Add(1)
		f.log.Debug("a subscription is taken up again", "after", f.last, "reason", err)
		if !pause(ctx, between(try)) {
			return ctx.Err()
		}
	}
}

// begin makes sure that a record of this log stands where the following is to
// start. The database would wait in silence for a place beyond its end, and
// start anywhere in the midst of another log.
func (f *follower) begin(ctx context.Context) error {
	give := time.Now().Add(f.patience)
	_, err := ask(ctx, f.Log, func(ctx context.Context, n *node) (struct{}, error) {
		s, err := f.first(ctx, n, standing(f.resume))
		var refusal *failure
		if errors.As(err, &refusal) && refusal.kind == refused {
			s, err = nil, nil // it says that this is no place at all
		}
		switch {
		case err != nil:
			return struct{}{}, err
		case s != nil && s.at.commit == f.last && s.kind == commitType:
			return struct{}{}, nil
		case time.Now().Before(give): // it may be behind
			return struct{}{}, &failure{kind: broken, text: "the node has no record where following starts"}
		}
		return struct{}{}, fmt.Errorf("%w: no record stands at position %d", ErrShortened, f.last)
	})
	f.begun = err == nil
	return err
}

// subscribe follows on one connection for as long as that lasts.
func (f *follower) subscribe(ctx context.Context, out chan<- eventlog.Record) error {
	n, err := f.link.take(ctx)
	if err != nil {
		return err
	}
	err = f.listen(ctx, n, out)
	select {
	case <-n.gone: // given up by somebody else
		f.link.leave(n)
	default:
		f.done(n, err)
	}
	return err
}

// listen subscribes at the node and hands on what comes.
func (f *follower) listen(ctx context.Context, n *node, out chan<- eventlog.Record) error {
	r, err := n.read(ctx, f.patience, following(f.resume))
	if err != nil {
		return err
	}
	defer r.end()
	if _, err := r.next(f.patience); err != nil { // the confirmation
		return ended(err)
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go f.watch(watching, n, r)
	for {
		f.waiting.Store(true)
		frame, err := r.next(0)
		f.waiting.Store(false)
		if err != nil {
			return ended(err)
		}
		f.frames.Add(1)
		switch content := frame.Content.(type) {
		case *streams.ReadResp_Event:
			s, _ := storedOf(frame)
			if err := f.hear(ctx, s, out); err != nil {
				return err
			}
		case *streams.ReadResp_Checkpoint_: // so far there is nothing for us: start from there next time
			if at := (place{content.Checkpoint.GetCommitPosition(), content.Checkpoint.GetPreparePosition()}); at.commit > f.resume.commit {
				f.resume = at
			}
		}
	}
}

// ended takes the end of a subscription, which has none, for a break.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return &failure{kind: broken, text: "the database ended the subscription"}
	}
	return err
}

// hear takes one event: a record of ours is proved and handed on, each once.
func (f *follower) hear(ctx context.Context, s stored, out chan<- eventlog.Record) error {
	if s.at.commit <= f.last || s.systems() || s.stream == genesisStream {
		return nil
	}
	if !streamForm.MatchString(s.stream) {
		if !f.warned {
			f.warned = true
			f.log.Warn("somebody else's stream stands in the database and is left out", "position", s.at.commit)
		}
		return nil
	}
	r, err := s.open()
	if err == nil {
		err = f.prove(ctx, r)
	}
	if err != nil {
		return err
	}
	f.last, f.resume = s.at.commit, s.at
	f.reached.Store(f.last)
	select {
	case out <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// prove makes sure that no record of the stream was passed over before this
// one: it stands behind the last that was given or, when none was, behind one
// that stands no later than where the following began.
func (f *follower) prove(ctx context.Context, r eventlog.Record) error {
	key := maphash.String(f.seed, r.Stream)
	stood, seen := f.stood[key]
	if seen && stood != footprint(r.Version, r.Previous) || !seen && r.Version > 0 && f.start.IsStart() {
		return fmt.Errorf("%w: position %d holds %s version %d, and the one before it was passed over", eventlog.ErrCorrupt, r.Position.Token(), r.Stream, r.Version)
	}
	if !seen && r.Version > 0 {
		before, found, err := f.record(ctx, r.Stream, uint64(r.Version-1))
		switch {
		case err != nil:
			return err
		case !found || f.start.Before(before.Position):
			return fmt.Errorf("%w: position %d holds %s version %d, and the one before it was passed over", eventlog.ErrCorrupt, r.Position.Token(), r.Stream, r.Version)
		}
		if err := r.Follows(before.Head); err != nil {
			return err
		}
	}
	f.stood[key] = footprint(r.Head.Length, r.Head.Hash)
	return nil
}

// footprint is as much of a head as tells whether a record follows it.
func footprint(length int64, hash eventlog.Hash) uint64 {
	return uint64(length)<<32 | uint64(binary.BigEndian.Uint32(hash[:4]))
}

// watch ends the reading when the node is given up, or when it gives nothing
// although the log has gone on: a connection can be well and its subscription
// dead.
func (f *follower) watch(ctx context.Context, n *node, r *reading) {
	tick := time.NewTicker(f.patience)
	defer tick.Stop()
	frames, end := int64(-1), uint64(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.gone:
			r.stop(errSlow)
			return
		case <-tick.C:
		}
		if f.waiting.Load() && f.frames.Load() == frames && f.reached.Load() < end {
			r.stop(errSlow)
			return
		}
		frames = f.frames.Load()
		if p, err := f.End(ctx); err == nil {
			end = p.Token()
		}
	}
}
