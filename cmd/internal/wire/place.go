package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"doorstep/api/local"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/jetstream/cluster"
)

// A place of a log, as the commands about logs take it, is the address of one in
// a server, or a court's folder: that stands for the log that the folder uses.

// openPlace opens the log of a place for this process alone, as far as the place
// allows that: nobody else on this machine has the folder meanwhile, but a
// server cannot be kept from others.
func openPlace(ctx context.Context, place string, log *slog.Logger) (opened, error) {
	if kindOf(place) != inFolder {
		return dial(ctx, place, log)
	}
	kept, err := readSettings(place)
	if err != nil {
		return nil, err
	}
	if kept.Log == "" || kept.Log == Embedded {
		return orNil(jetstream.Open(place, jetstream.Options{Logger: log}))
	}
	return Config{Data: place, Log: kept.Log, Logger: log}.open(ctx)
}

// CreateLog makes a new, empty log for the court at a place; in a server only
// this ever makes one. Errors: ErrAddress; the engine's.
func CreateLog(ctx context.Context, place, court string, log *slog.Logger) (eventlog.Genesis, error) {
	g := eventlog.NewGenesis(court)
	return g, createAt(ctx, place, g, log)
}

func createAt(ctx context.Context, place string, g eventlog.Genesis, log *slog.Logger) error {
	switch kindOf(place) {
	case inFolder:
		return jetstream.Create(place, g, jetstream.Options{Logger: log, Beside: besideAMove})
	case inCluster:
		return named(place, cluster.Create(ctx, place, g, cluster.Options{Logger: log}))
	case inEventDB:
		return named(place, eventstoredb.Create(ctx, place, g, eventstoredb.Options{Logger: log}))
	}
	_, err := dial(ctx, place, log) // says what an address is like
	return err
}

// besideAMove is what a court's folder may hold into which its record is moved.
var besideAMove = append([]string{pinName, "verifiers", "views", "session.key", "scrub.json", "doorstep.sock"}, beside...)

// LogInfo is what can be told of a log without reading it.
type LogInfo struct {
	Log     string `json:"log"` // id of the record
	Court   string `json:"court"`
	Created string `json:"created"` // RFC 3339
	Engine  string `json:"engine"`
	At      string `json:"at"`                // where, without a password
	End     string `json:"end"`               // position of the last record
	Commits *int64 `json:"commits"`           // null where the engine's positions do not tell
	Retired string `json:"retired,omitempty"` // why it is not to be used any more
}

// DescribeLog tells of the log at a place, through the server that holds it
// where one does. Errors: as openPlace.
func DescribeLog(ctx context.Context, place string, log *slog.Logger) (LogInfo, error) {
	at := place
	if kindOf(place) == inFolder {
		kept, err := readSettings(place)
		if err != nil {
			return LogInfo{}, err
		}
		if kept.Log != "" && kept.Log != Embedded {
			at = kept.Log
		}
	}
	i := LogInfo{Engine: kindOf(at).String(), At: Shown(at)}
	l, err := openPlace(ctx, at, log)
	switch {
	case errors.Is(err, ErrRetired):
		i.Retired = err.Error()
		g, err := jetstream.ReadGenesis(place)
		i.of(g)
		return i, err
	case errors.Is(err, jetstream.ErrHeld):
		return i, i.throughServer(ctx, place, err)
	case err != nil:
		return i, err
	}
	i.of(l.Genesis())
	end, err := l.End(ctx)
	i.ends(end, at)
	return i, errors.Join(err, l.Close())
}

func (i *LogInfo) of(g eventlog.Genesis) {
	i.Log, i.Court, i.Created = g.ID, g.Court, g.Created.Format("2006-01-02T15:04:05Z07:00")
}

// ends tells the end, and how many commits that are: before the first one
// stands the genesis, where positions are numbers.
func (i *LogInfo) ends(end eventlog.Position, at string) {
	i.End = end.String()
	if kindOf(at) != inEventDB {
		n := max(int64(end.Token())-1, 0)
		i.Commits = &n
	}
}

func (i *LogInfo) throughServer(ctx context.Context, folder string, held error) error {
	g, err := jetstream.ReadGenesis(folder)
	if err != nil {
		return err
	}
	i.of(g)
	caller, err := local.Call(ctx, folder)
	if errors.Is(err, local.ErrNobody) {
		return held
	}
	if err != nil {
		return err
	}
	defer caller.Close()
	end, err := caller.Log().End(ctx)
	i.ends(end, folder)
	return err
}

// IsFolder tells whether a place is a folder, and not a server's address.
func IsFolder(place string) bool { return kindOf(place) == inFolder }

// samePlace tells whether two places are plainly one.
func samePlace(a, b string) bool {
	if kindOf(a) != inFolder || kindOf(b) != inFolder {
		return a == b
	}
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return a == b && errors.Join(errA, errB) == nil
}

// ErrNotFolder is given where only a log in a folder will do.
var ErrNotFolder = fmt.Errorf("%w: not a log in a folder", ErrAddress)
