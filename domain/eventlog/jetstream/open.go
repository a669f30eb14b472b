package jetstream

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"

	"github.com/nats-io/nats.go/jetstream"
)

// Open opens the log of the folder for this process alone. What is not as it
// was left is refused with the reason, and left as it was found; only an end
// that was torn before it was ever acknowledged is put aside. Errors: ErrNoLog,
// ErrHeld, ErrRetired, ErrShortened, ErrDamaged, ErrOtherLog, ErrAltered.
func Open(dir string, o Options) (*Log, error) {
	if _, _, err := (place{dir: dir}).readGenesis(); err != nil { // before a lock file is left in a folder not ours
		return nil, err
	}
	p, err := take(dir)
	if err != nil {
		return nil, err
	}
	return openAt(p, o)
}

// openAt opens the log of a folder that is held, and lets it go where it cannot.
func openAt(p place, o Options) (*Log, error) {
	if err := p.inUse(); err != nil {
		return nil, errors.Join(err, p.release())
	}
	l := &Log{place: p, log: o.logger(), closed: make(chan struct{}), failed: make(chan struct{}), known: newKnown(rememberedIDs)}
	if err := l.open(o); err != nil {
		l.stopCallers()
		if l.engine != nil {
			l.engine.stop()
		}
		return nil, errors.Join(err, l.place.release())
	}
	return l, nil
}

func (l *Log) open(o Options) error {
	var written []byte
	var err error
	if l.genesis, written, err = l.place.readGenesis(); err != nil {
		return err
	}
	left, err := l.place.openMark()
	if err != nil {
		return err
	}
	store, err := l.place.openStore()
	if err != nil {
		return err
	}
	if err := l.place.inspect(left, l.log); err != nil {
		return err
	}
	sync, each := o.barrier(store)
	room, err := o.room(l.place.store())
	if err != nil {
		return err
	}
	if l.engine, err = start(l.place.store(), l.genesis.ID[:8], room, each, l.log, l.fail); err != nil {
		return err
	}
	for _, c := range []**caller{&l.writer, &l.reader, &l.scanner} {
		if *c, err = l.engine.caller(); err != nil {
			return err
		}
	}
	s, err := l.examine(left, written)
	if err != nil {
		return err
	}
	// What a process that was killed had written may not be durable yet; from
	// here on everything that can be read is.
	if each {
		err = syncTree(l.place.store())
	} else {
		err = sync(store)
	}
	if err != nil {
		return fmt.Errorf("sync %s: %w", l.place.store(), err)
	}
	l.last, l.known.noted = s.seq, s.seq
	l.barrier = raise(s, func() error { return sync(store) }, l.place.writeMark, l.fail)
	return nil
}

// examine compares what the store holds with what the folder says it held. It
// gives where the log ends.
func (l *Log) examine(left mark, genesis []byte) (mark, error) {
	ctx, cancel := context.WithTimeout(context.Background(), answering)
	defer cancel()
	s, err := l.engine.state(ctx)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return mark{}, fmt.Errorf("%w: the store holds nothing; put the folder back from a backup", ErrShortened)
	}
	if err != nil {
		return mark{}, err
	}
	if err := errors.Join(s.asMade(), s.whole()); err != nil {
		return mark{}, err
	}
	first, err := l.at(ctx, genesisSeq)
	if err != nil {
		return mark{}, err
	}
	if !bytes.Equal(first, genesis) {
		return mark{}, fmt.Errorf("%w: its first record is not %s's genesis", ErrOtherLog, l.genesis.ID)
	}
	if s.last < left.seq {
		return mark{}, fmt.Errorf("%w: it ends at %d, and had %d; put the folder back from a backup", ErrShortened, s.last, left.seq)
	}
	if left.seq > genesisSeq {
		b, err := l.at(ctx, left.seq)
		if err != nil {
			return mark{}, err
		}
		if sha256.Sum256(b) != left.hash {
			return mark{}, fmt.Errorf("%w: another record than before stands at %d", ErrOtherLog, left.seq)
		}
	}
	end, err := l.at(ctx, s.last)
	return mark{s.last, sha256.Sum256(end)}, cmp.Or(err, l.usable())
}

// at gives the bytes of one record.
func (l *Log) at(ctx context.Context, seq uint64) ([]byte, error) {
	q, err := l.get(l.reader, request{Seq: seq, Batch: 1, Bare: true})
	if err != nil {
		return nil, err
	}
	got, err := q.records(ctx)
	if err != nil {
		return nil, err
	}
	if len(got.records) != 1 || got.last != seq {
		return nil, missing(seq)
	}
	return got.records[0].Data, nil
}

// openStore opens the store's folder; it stays open, so that the barrier is
// told of every write that failed since.
func (p *place) openStore() (*os.File, error) {
	f, err := os.Open(p.store())
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: the store is gone; put the folder back from a backup", ErrShortened)
	}
	p.stored = f
	return f, err
}

// barrier gives what makes the store durable, and whether the server must sync
// record by record because that is nothing.
func (o Options) barrier(store *os.File) (sync func(*os.File) error, each bool) {
	switch {
	case o.Barrier != nil:
		return o.Barrier, o.SyncEach
	case o.SyncEach || !syncsWhole(store):
		return func(*os.File) error { return nil }, true
	}
	return syncStore, false
}

// room is how many bytes the store may fill. The server's own reckoning takes
// a part of what is free and forgets what the store has already.
func (o Options) room(store string) (int64, error) {
	if o.MaxStore > 0 {
		return o.MaxStore, nil
	}
	has, err := size(store)
	if err != nil {
		return 0, err
	}
	left, err := free(store)
	return has + left/10*9, err
}
