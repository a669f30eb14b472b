package wire

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

// gauge reads one number from /metrics.
func gauge(t *testing.T, url, name string) string {
	t.Helper()
	answer, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(b)
	if m == nil {
		t.Fatalf("%s is not exposed", name)
	}
	return string(m[1])
}

func TestACourtWhoseRecordIsInAServerIsServedAsAnyOther(t *testing.T) {
	address, servers := inStandin(t)
	address += "&defaultDeadline=400"
	made(t, address)
	dir := filepath.Join(t.TempDir(), "court")
	court := at(t, Config{Data: dir, Log: address})
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- court.Serve(ctx, Serving{Listen: "127.0.0.1:0", CourtName: "x", Logger: slog.New(slog.DiscardHandler), Scrub: -1,
			Ready: func(url, _ string) { ready <- url }})
	}()
	var url string
	select {
	case url = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	command, err := try(t, Config{Data: dir, Views: true}) // a command works through the server
	if err != nil || command.Remote == nil || command.Genesis != court.Genesis {
		t.Fatalf("a command beside it: %+v, %v", command, err)
	}
	defer command.Close()
	servers.Inject(standin.LostAck, 1)
	list(t, command, "a")
	if v, err := command.Verify(t.Context(), Since{}); err != nil || len(v.Faults) > 0 || v.Commits != 1 {
		t.Errorf("verified through the server: %+v, %v", v, err)
	}
	if n := gauge(t, url, "doorstep_log_resolved_total"); servers.Injected(standin.LostAck) != 1 || n != "1" {
		t.Errorf("of 1 lost acknowledgement %s was counted as resolved", n)
	}
	if answer, err := http.Get(url + "/healthz"); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("health: %v, %v", answer, err)
	} else {
		answer.Body.Close()
	}
	for i := range 3 {
		servers.Stop(i)
	}
	if err := court.checked.Check(t.Context()); err == nil || gauge(t, url, "doorstep_log_up") != "0" {
		t.Errorf("with all servers down: %v, up %s", err, gauge(t, url, "doorstep_log_up"))
	}
	for i := range 3 {
		if err := servers.Restart(i); err != nil {
			t.Fatal(err)
		}
	}
	list(t, command, "b") // and it goes on by itself
	if up := gauge(t, url, "doorstep_log_up"); up != "1" {
		t.Errorf("with all servers back, up is %s", up)
	}
	select {
	case <-court.Failed():
		t.Error("the process is to end because servers were away")
	default:
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAScrubStopsACourtWhoseRecordIsInAServer(t *testing.T) {
	address, _ := inStandin(t)
	court := at(t, Config{Data: filepath.Join(t.TempDir(), "court"), Log: made(t, address)})
	list(t, court, "a")
	court.engine.Refuse(ErrFound)
	court.engine.Refuse(errors.New("a second reason"))
	if _, err := rename(t, court, "S", "late"); !errors.Is(err, eventlog.ErrUnavailable) || !errors.Is(err, ErrFound) {
		t.Errorf("a deed after it: %v", err)
	}
	select {
	case <-court.Failed():
	default:
		t.Error("the process goes on")
	}
}
