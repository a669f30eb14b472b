package eventstoredb

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"doorstep/domain/eventlog"

	"github.com/google/uuid"
)

// The stream that says which log the database holds, and its one event's type.
// No stream of ours can be called so: theirs have a dash.
const (
	genesisStream = "genesis"
	genesisType   = "genesis"
)

// Create makes the database at the address a new, empty log. It is the only
// place where a genesis is ever written, and it wants a database that holds
// nothing but what the server itself keeps in it. Errors: ErrAddress,
// ErrExists, ErrForeign, eventlog.ErrUnavailable; eventlog.ErrUnknown when it
// cannot be told whether the log was made: Dial will show.
func Create(ctx context.Context, url string, g eventlog.Genesis, o Options) error {
	l, err := dial(url, o)
	if err != nil {
		return err
	}
	l.link.making = true
	return errors.Join(l.create(ctx, g), l.Close())
}

func (l *Log) create(ctx context.Context, g eventlog.Genesis) error {
	id, err := hex.DecodeString(g.ID)
	if err != nil || len(id) != len(uuid.UUID{}) {
		return fmt.Errorf("%w: a genesis without an id", eventlog.ErrInvalid)
	}
	written, sent := g.Written(), false
	_, err = ask(ctx, l, func(ctx context.Context, n *node) (struct{}, error) {
		found, err := l.link.genesisOf(ctx, n, l.patience)
		switch {
		case err != nil:
			return struct{}{}, err
		case found != nil && sent && bytes.Equal(found, written): // ours, whose answer was lost
			return struct{}{}, nil
		case found != nil:
			return struct{}{}, ErrExists
		}
		if err := l.vacant(ctx, n, written); err != nil {
			return struct{}{}, err
		}
		answer, f := n.append(ctx, l.patience, expecting(genesisStream, eventlog.Head{}), event(genesisType, uuid.UUID(id), written))
		switch {
		case f != nil:
			sent = sent || f.perhaps
			return struct{}{}, f
		case !acknowledges(answer, eventlog.Head{}, 1): // there is one after all, or it says nothing: look again
			sent = true
			return struct{}{}, &failure{kind: busy, text: "the database does not say whether it took the genesis"}
		}
		return struct{}{}, nil
	})
	if err != nil && sent && !errors.Is(err, ErrExists) {
		err = fmt.Errorf("%w: %w", eventlog.ErrUnknown, err)
	}
	return err
}

// vacant checks that the database holds nothing of anybody's. Meanwhile it may
// have become a log: ours that was sent before, which is well, or another's.
func (l *Log) vacant(ctx context.Context, n *node, written []byte) error {
	r, err := n.read(ctx, l.patience, backwards())
	if err != nil {
		return err
	}
	defer r.end()
	for {
		frame, err := r.next(l.patience)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s, ok := storedOf(frame)
		switch {
		case !ok || s.systems():
		case s.stream == genesisStream && bytes.Equal(s.data, written):
			return &failure{kind: busy, text: "the genesis is there by now"} // look again
		case s.stream == genesisStream:
			return ErrExists
		default:
			return fmt.Errorf("%w: there is a stream %q, which is not Doorstep's; give it a database of its own", ErrForeign, s.stream)
		}
	}
}

// identify makes sure that the node leads, and that it has the link's log.
func (l *link) identify(ctx context.Context, n *node) error {
	found, err := l.genesisOf(ctx, n, l.step())
	if err != nil || l.making {
		return err
	}
	if found == nil && l.genesis.Load() == nil {
		return fmt.Errorf("%w in the database; make one with init", ErrNoLog)
	}
	var g eventlog.Genesis
	if found != nil {
		if g, err = eventlog.ReadGenesis(found); err != nil {
			return fmt.Errorf("%w: its genesis is none that this version knows", ErrOtherLog)
		}
	}
	if known := l.genesis.Load(); known != nil && known.ID != g.ID {
		return fmt.Errorf("%w: at %s, not %s; bring back the cluster or its backup", ErrOtherLog, n.address, known.ID)
	}
	l.genesis.CompareAndSwap(nil, &g)
	return nil
}

// genesisOf reads the genesis the node has; nil when it has none.
func (l *link) genesisOf(ctx context.Context, n *node, patience time.Duration) ([]byte, error) {
	r, err := n.read(ctx, patience, forwards(genesisStream, 0))
	if err != nil {
		return nil, err
	}
	defer r.end()
	var found []byte
	for {
		frame, err := r.next(patience)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		if s, ok := storedOf(frame); ok {
			switch {
			case found != nil || s.kind != genesisType || s.revision != 0:
				return nil, fmt.Errorf("%w: its genesis stream holds something else", ErrOtherLog)
			case !s.placed:
				return nil, fmt.Errorf("%w: this database does not tell where a stream's records stand; EventStoreDB 22.6 or a later one is needed", ErrAddress)
			}
			found = s.data
		}
	}
}
