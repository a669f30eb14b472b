package benchmarks

import (
	"context"
	"io"
	"iter"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
)

// contender keeps commits durably under optimistic concurrency. append keeps c
// behind at and gives where the stream then stands; each writer is one
// goroutine with a number of its own. load gives a stream's records, read and
// checked.
type contender interface {
	name() string
	append(ctx context.Context, writer int, at eventlog.Head, c eventlog.Commit) (eventlog.Head, error)
	load(ctx context.Context, stream string) iter.Seq2[eventlog.Record, error]
	io.Closer
}

// doorstep is the log under measurement.
type doorstep struct {
	*jetstream.Log
	called string
}

func (d doorstep) name() string { return d.called }

func (d doorstep) append(ctx context.Context, _ int, at eventlog.Head, c eventlog.Commit) (eventlog.Head, error) {
	r, err := d.Append(ctx, at, c)
	return r.Head, err
}

func (d doorstep) load(ctx context.Context, stream string) iter.Seq2[eventlog.Record, error] {
	return d.Read(ctx, stream, eventlog.Head{})
}

// newDoorstep makes and opens an empty log in the folder.
func newDoorstep(tb testing.TB, dir, called string, o jetstream.Options) doorstep {
	tb.Helper()
	must(tb, jetstream.Create(dir, eventlog.NewGenesis("130108"), o))
	log, err := jetstream.Open(dir, o)
	must(tb, err)
	return doorstep{log, called}
}
