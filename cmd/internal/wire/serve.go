package wire

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"doorstep/api/local"
	"doorstep/api/web"
	"doorstep/domain/routing"
)

// Serving says how a court's record is served.
type Serving struct {
	Listen    string        // of the pages; loopback only
	Metrics   string        // of /metrics; empty: beside the pages
	CourtName string        // as the pages show it
	Demo      bool          // one-click roles
	Scrub     time.Duration // how often the whole record is read again; 0: every week; below 0: never
	ScrubRate int           // bytes a second it is read at; 0: 4 MiB
	Second    SecondCopy    // where a second copy is kept; the zero SecondCopy: nowhere
	Logger    *slog.Logger
	Ready     func(url, signIn string) // called once, when pages can be opened; signIn is empty in demo mode
}

// ErrNotLoopback is given for an address that others could reach: there are no
// accounts yet, so nobody else may come in.
var ErrNotLoopback = errors.New("the address is not on this machine's loopback")

// Serve serves pages, metrics and the local door, and reads the whole record
// again every now and then, until ctx is done, the log fails, or it is found to
// be damaged. Errors: ErrFound, also where it was found so before.
func (court *Court) Serve(ctx context.Context, s Serving) error {
	if err := court.scrub.served(); err != nil {
		return err
	}
	second, err := court.second(ctx, s.Second, s.Logger)
	if err != nil {
		return err
	}
	defer second.close()
	listener, err := loopback(s.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	socket, err := local.Listen(court.Data)
	if err != nil {
		return err
	}
	defer socket.Close()
	links := newLinks(court.Now, "http://"+listener.Addr().String())
	pages, err := court.pages(s, links)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", court.whileBuilding(pages))
	apart, err := court.metrics(s.Metrics, mux)
	if err != nil {
		return err
	}
	door := local.New(court.Log)
	court.answer(door, links.New)
	group, ctx := errgroup.WithContext(ctx)
	if apart != nil {
		group.Go(func() error { return serveUntil(ctx, apart, court.metricsHandler()) })
	}
	group.Go(func() error { return door.Serve(ctx, socket) })
	group.Go(func() error { return serveUntil(ctx, listener, mux) })
	group.Go(func() error { return court.watch(ctx) })
	if s.Scrub >= 0 {
		group.Go(func() error { return court.scrub.run(ctx, cmp.Or(s.Scrub, scrubEvery), cmp.Or(s.ScrubRate, scrubRate)) })
	}
	group.Go(func() error { return court.probe(ctx) })
	group.Go(func() error { return second.run(ctx) })
	if err := court.Follower.CatchUp(ctx); err != nil && ctx.Err() == nil {
		s.Logger.Error("a view stands still", "reason", err.Error())
	}
	signIn := ""
	if !s.Demo {
		signIn = links.New()
	}
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
	s.Ready(links.base, signIn)
	return group.Wait()
}

// metrics puts /metrics beside the pages, or opens an address of its own for it.
func (court *Court) metrics(address string, pages *http.ServeMux) (net.Listener, error) {
	if address == "" {
		pages.Handle("GET /metrics", court.metricsHandler())
		return nil, nil
	}
	return loopback(address)
}

func (court *Court) metricsHandler() http.Handler {
	return promhttp.HandlerFor(court.Metrics, promhttp.HandlerOpts{})
}

// pages makes the pages of the court.
func (court *Court) pages(s Serving, links *links) (http.Handler, error) {
	key, err := sessionKey(court.Data)
	if err != nil {
		return nil, err
	}
	observe := newHTTPMetrics(court.Metrics)
	house := web.House{
		Disputes: court.Disputes, Confirmations: court.Confirmations, Follower: court.Follower,
		Docket: court.Docket, Files: court.Files, Statistics: court.Statistics, Directory: court.Directory,
		Rules: routing.Official(), Now: court.Now, CourtCode: court.Genesis.Court, CourtName: s.CourtName,
		Demo: s.Demo, Version: Version, Key: key, Log: s.Logger, Observe: observe,
	}
	if !s.Demo {
		house.Entry = links.Use
	}
	return web.New(house)
}

// watch ends the process when the log has failed, and tells the service
// manager that all is well while it has not.
func (court *Court) watch(ctx context.Context) error {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every <= 0 {
		every = time.Hour // nobody watches
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-court.Failed():
			return errors.New("the log failed and takes nothing more in; what was acknowledged is kept")
		case <-tick.C:
			_, _ = daemon.SdNotify(false, daemon.SdNotifyWatchdog)
		}
	}
}

// probing is how often the log is asked whether it can be used.
const probing = 10 * time.Second

// probe asks the log every now and then, so that a server which is away shows
// in the metrics though nobody works.
func (court *Court) probe(ctx context.Context) error {
	tick := time.NewTicker(probing)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			_ = court.checked.Check(ctx) // what it finds is counted
		}
	}
}

func serveUntil(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stopped := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if server.Shutdown(end) != nil { // pages that stay open must not keep the process
			server.Close()
		}
	})
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func loopback(address string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is not ADDRESS:PORT", ErrNotLoopback, address)
	}
	if !at.Addr().IsLoopback() {
		return nil, ErrNotLoopback
	}
	return net.Listen("tcp", address)
}

// sessionKey signs the sessions; it is kept, so that a restart signs nobody out.
func sessionKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, "session.key")
	key, err := os.ReadFile(path)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	key = make([]byte, 32)
	rand.Read(key)
	return key, os.WriteFile(path, key, 0o600)
}
