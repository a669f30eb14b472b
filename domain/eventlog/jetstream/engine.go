package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	streamName     = "EV"
	genesisSubject = "genesis"
	genesisSeq     = 1

	// opening bounds how long the server may take to read its store after a
	// crash; a million small records take some seconds.
	opening = 15 * time.Minute
)

// settings are those of the one stream. Whatever would let a record go away is
// off, and cannot be switched on again by an update.
func settings() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        streamName,
		Subjects:    []string{genesisSubject, "ev.*.*"},
		Retention:   jetstream.LimitsPolicy,
		Storage:     jetstream.FileStorage,
		Discard:     jetstream.DiscardNew,
		Compression: jetstream.NoCompression,
		Replicas:    1,
		Duplicates:  30 * time.Second,          // a retry finds itself by its stream; the server's window costs memory per record
		MaxMsgSize:  eventlog.MaxCommit + 4096, // headers
		DenyDelete:  true,
		DenyPurge:   true,
		AllowDirect: true,
	}
}

// subject is where a stream's records are published: "ev.dispute.0f3c". False
// for what cannot be the name of a stream; a wildcard must not slip through.
func subject(stream string) (string, bool) {
	kind, id, ok := strings.Cut(stream, "-")
	if !ok || kind == "" || id == "" || strings.ContainsAny(stream, ".*> \t\r\n\x00") {
		return "", false
	}
	return "ev." + kind + "." + id, true
}

// engine is the embedded server and a connection to manage it by.
type engine struct {
	server *server.Server
	nc     *nats.Conn
	js     jetstream.JetStream
}

// start starts the server on the store. broken is told of errors after which
// the server keeps nothing more.
func start(store string, id string, maxStore int64, syncEach bool, log *slog.Logger, broken func(error)) (*engine, error) {
	s, err := server.NewServer(&server.Options{
		ServerName:         "doorstep-" + id,
		DontListen:         true,
		JetStream:          true,
		StoreDir:           store,
		JetStreamMaxStore:  maxStore,
		JetStreamMaxMemory: 1 << 20,
		SyncAlways:         syncEach,
		MaxPayload:         eventlog.MaxCommit + 8192,
		NoSigs:             true,
		NoLog:              true,
		NoSystemAccount:    true,
	})
	if err != nil {
		return nil, fmt.Errorf("embedded server: %w", err)
	}
	s.SetLoggerV2(&serverLog{log: log, broken: broken}, false, false, false)
	s.Start()
	e := &engine{server: s}
	if !s.ReadyForConnections(opening) {
		e.stop()
		return nil, errors.New("the embedded server does not start")
	}
	if e.nc, err = e.connect(); err == nil {
		e.js, err = jetstream.New(e.nc)
	}
	if err != nil {
		e.stop()
		return nil, fmt.Errorf("embedded server: %w", err)
	}
	return e, nil
}

// connect opens a connection within the process. It is not renewed: the server
// is in the same process and goes only when that does.
func (e *engine) connect() (*nats.Conn, error) {
	return nats.Connect("", nats.InProcessServer(e.server), nats.NoReconnect(), nats.Timeout(10*time.Second))
}

// stop waits until the server has written its state and ended.
func (e *engine) stop() {
	if e.nc != nil {
		e.nc.Close()
	}
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

// state is what the server says of the stream.
type state struct {
	first, last, count uint64
	deleted            int
	settings           jetstream.StreamConfig
}

// state asks for it. jetstream.ErrStreamNotFound when there is no stream.
func (e *engine) state(ctx context.Context) (state, error) {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	s, err := e.js.Stream(ctx, streamName)
	if err != nil {
		return state{}, err
	}
	i := s.CachedInfo()
	return state{i.State.FirstSeq, i.State.LastSeq, i.State.Msgs, i.State.NumDeleted, i.Config}, nil
}

// whole checks the count: nothing is ever taken out of the log, so its records
// are numbered from 1 without a gap. The error is ErrShortened.
func (s state) whole() error {
	if s.count == 0 || s.first != genesisSeq || s.count != s.last || s.deleted != 0 {
		return fmt.Errorf("%w: %d records numbered %d to %d, %d taken out", ErrShortened, s.count, s.first, s.last, s.deleted)
	}
	return nil
}

// asMade checks that the stream is set as Create set it; the error is
// ErrAltered and names the setting.
func (s state) asMade() error {
	want, is := settings(), s.settings
	for name, same := range map[string]bool{
		"subjects":    slices.Equal(is.Subjects, want.Subjects),
		"retention":   is.Retention == want.Retention && is.MaxAge == 0 && is.MaxMsgs <= 0 && is.MaxBytes <= 0 && is.MaxMsgsPerSubject <= 0,
		"storage":     is.Storage == want.Storage && is.Compression == want.Compression && is.Replicas == want.Replicas,
		"discard":     is.Discard == want.Discard,
		"deletion":    is.DenyDelete && is.DenyPurge && !is.AllowRollup && !is.AllowMsgTTL,
		"direct":      is.AllowDirect,
		"message":     is.MaxMsgSize == want.MaxMsgSize,
		"persistence": is.PersistMode == jetstream.DefaultPersistMode,
		"sources":     is.Mirror == nil && len(is.Sources) == 0 && is.SubjectTransform == nil,
	} {
		if !same {
			return fmt.Errorf("%w: %s", ErrAltered, name)
		}
	}
	return nil
}

// serverLog hands the server's words to slog: what it notices is of use only
// when something is searched for, what it warns of is of use always.
type serverLog struct {
	log    *slog.Logger
	broken func(error)
}

func (s *serverLog) write(level slog.Level, format string, v []any) {
	if s.log.Enabled(context.Background(), level) {
		s.log.Log(context.Background(), level, "event store: "+fmt.Sprintf(format, v...))
	}
}

func (s *serverLog) Noticef(format string, v ...any) { s.write(slog.LevelDebug, format, v) }
func (s *serverLog) Debugf(format string, v ...any)  { s.write(slog.LevelDebug, format, v) }
func (s *serverLog) Tracef(format string, v ...any)  { s.write(slog.LevelDebug, format, v) }
func (s *serverLog) Fatalf(format string, v ...any)  { s.Errorf(format, v...) }

func (s *serverLog) Warnf(format string, v ...any) {
	s.write(slog.LevelWarn, format, v)
	if strings.Contains(format, "disabling JetStream") {
		s.broken(fmt.Errorf("event store: "+format, v...))
	}
}

// Errorf also looks for the one error after which the server stays silent
// towards whoever appends: a record could not be written.
func (s *serverLog) Errorf(format string, v ...any) {
	s.write(slog.LevelError, format, v)
	if strings.Contains(format, "critical write error") || strings.Contains(format, "failed to store a msg") {
		s.broken(fmt.Errorf("event store: "+format, v...))
	}
}
