package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Create makes the log of that genesis, empty, in the cluster at the address.
// It is the only place where a stream is ever made. A Create that was cut short
// may be called again with the same genesis. Errors: ErrAddress, ErrDenied,
// ErrExists, ErrForeign, eventlog.ErrUnavailable; eventlog.ErrUnknown when it
// cannot be told whether the log was made: Dial will show.
func Create(ctx context.Context, address string, g eventlog.Genesis, o Options) error {
	l, err := reach(ctx, address, o)
	if err != nil {
		return err
	}
	bounded, cancel := l.bound(ctx)
	defer cancel()
	return errors.Join(late(ctx, bounded, l.create(bounded, g.Written())), l.Close())
}

func (l *Log) create(ctx context.Context, genesis []byte) error {
	_, err := ask[jetstream.StreamInfo](ctx, l.desk, "STREAM.CREATE."+l.stream.name, l.stream.settings())
	var refused *refusal
	if errors.As(err, &refused) {
		switch refused.code {
		case codeNoPeers:
			return fmt.Errorf("%w: there are fewer than %d servers for the stream; start them, or ask for replicas=1", err, l.stream.replicas)
		case codeSubjectsTaken:
			return fmt.Errorf("%w: another stream of the account has its subjects; take an account of its own, or another name (stream=…)", ErrForeign)
		case codeNameTaken: // or ours, with other settings
		default:
			return err
		}
	} else if err != nil {
		return err
	}
	for try := 0; ; try++ {
		has, err := l.first(ctx)
		switch {
		case err != nil:
			return err
		case bytes.Equal(has, genesis):
			return l.whole(ctx)
		case has != nil && isGenesis(has):
			return fmt.Errorf("%w in the stream %s", ErrExists, l.stream.name)
		case has != nil, refused != nil:
			return fmt.Errorf("%w: there is a stream %s, which is not Doorstep's; choose another name (stream=…)", ErrForeign, l.stream.name)
		}
		q, err := l.desk.put(ctx, &nats.Msg{Subject: l.stream.genesis(), Data: genesis, Header: nats.Header{
			jetstream.ExpectedLastSeqHeader: {"0"}, jetstream.ExpectedStreamHeader: {l.stream.name},
		}})
		if err == nil {
			_, err = q.kept(ctx)
		}
		var again *trouble
		if err != nil && (!errors.As(err, &again) || again.cause != nil || !pause(ctx, between(try))) {
			return fmt.Errorf("%w: %w", eventlog.ErrUnknown, &lastWord{err})
		}
	}
}

func isGenesis(b []byte) bool {
	_, err := eventlog.ReadGenesis(b)
	return err == nil
}

// first gives the bytes of the stream's first record; nil when it has none.
func (l *Log) first(ctx context.Context) ([]byte, error) {
	s, err := l.get(ctx, l.desk, get{Seq: genesisSeq})
	if errors.Is(err, errNoRecord) {
		return nil, nil
	}
	return s.Sealed, err
}

// whole checks the stream's settings and that no record was taken out of it.
// Errors: ErrNoLog, ErrAltered, ErrShortened.
func (l *Log) whole(ctx context.Context) error {
	info, err := ask[jetstream.StreamInfo](ctx, l.desk, "STREAM.INFO."+l.stream.name, struct{}{})
	switch {
	case errors.Is(err, errNoStream):
		return fmt.Errorf("%w: there is no stream %s; make one with init", ErrNoLog, l.stream.name)
	case err != nil:
		return err
	}
	if err := l.stream.asMade(info.Config); err != nil {
		return err
	}
	s := info.State
	if s.Msgs == 0 || s.FirstSeq != genesisSeq || s.Msgs != s.LastSeq || s.NumDeleted != 0 {
		return fmt.Errorf("%w: %d records numbered %d to %d, %d taken out", ErrShortened, s.Msgs, s.FirstSeq, s.LastSeq, s.NumDeleted)
	}
	return nil
}

// examine makes sure that the stream is a log, and the one it was; at Dial it
// learns which one.
func (l *Log) examine(ctx context.Context) error {
	bounded, cancel := l.bound(ctx)
	defer cancel()
	return late(ctx, bounded, l.identify(bounded))
}

func (l *Log) identify(ctx context.Context) error {
	if err := l.whole(ctx); err != nil {
		return err
	}
	if _, err := l.confirm(ctx, l.desk, l.shore.reached()); err != nil {
		return err
	}
	written, err := l.first(ctx)
	if err != nil {
		return err
	}
	g, err := eventlog.ReadGenesis(written)
	switch {
	case err != nil:
		return fmt.Errorf("%w: its first record is no genesis that this version knows", ErrOtherLog)
	case l.genesis.ID == "": // Dial, before anybody uses the log
		l.genesis = g
	case !bytes.Equal(written, l.genesis.Written()):
		return fmt.Errorf("%w: it is %s, and was %s", ErrOtherLog, g.ID, l.genesis.ID)
	}
	return nil
}
