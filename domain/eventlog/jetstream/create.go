package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Create makes a new, empty log in a folder that is absent or empty but for
// what may lie beside it. It is the only place where a stream is ever created.
// The log appears whole or not at all: it is built under another name and
// renamed when it is durable. Errors: ErrExists, ErrForeign, ErrHeld.
func Create(dir string, g eventlog.Genesis, o Options) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := (place{dir: dir}).vacant(o.Beside); err != nil { // before a lock file is left in a folder not ours
		return err
	}
	p, err := take(dir)
	if err != nil {
		return err
	}
	return errors.Join(p.create(g, o), p.release())
}

func (p place) create(g eventlog.Genesis, o Options) error {
	if err := p.vacant(o.Beside); err != nil { // another process may have been first
		return err
	}
	if err := os.RemoveAll(p.half()); err != nil { // left by a Create that was cut short; never opened
		return err
	}
	written := g.Written()
	if err := os.MkdirAll(filepath.Join(p.half(), "store"), 0o700); err != nil {
		return err
	}
	if err := fill(filepath.Join(p.half(), "store"), g, written, o.logger()); err != nil {
		return err
	}
	return errors.Join(
		writeNew(filepath.Join(p.half(), "genesis.json"), written),
		writeNew(filepath.Join(p.half(), "mark"), []byte(mark{seq: genesisSeq}.String())),
		syncTree(p.half()),
		os.Rename(p.half(), p.home()),
		syncDir(p.dir),
	)
}

// fill makes the stream and its first record.
func fill(store string, g eventlog.Genesis, written []byte, log *slog.Logger) (err error) {
	var broken error
	e, err := start(store, g.ID[:8], 0, true, log, func(err error) { broken = err })
	if err != nil {
		return err
	}
	defer func() {
		e.stop()
		err = errors.Join(err, broken)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), answering)
	defer cancel()
	if _, err := e.js.CreateStream(ctx, settings()); err != nil {
		return fmt.Errorf("create the store: %w", err)
	}
	_, err = e.js.PublishMsg(ctx, &nats.Msg{Subject: genesisSubject, Data: written}, jetstream.WithExpectLastSequence(0))
	if err != nil {
		return fmt.Errorf("write the genesis: %w", err)
	}
	return nil
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.Default()
	}
	return o.Logger
}
