package socket_test

import (
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/eventlog/socket"
)

// held serves a log on a socket of its own and gives the other side's view of it.
func held(t *testing.T, log eventlog.Log) (other *socket.Log, hangUp func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: socket.Serve(log)}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }()
	hangUp = func() { server.Close(); <-ended }
	t.Cleanup(hangUp)
	return socket.Dial(path), hangUp
}

func TestTheContractHoldsThroughTheSocket(t *testing.T) {
	eventlogtest.Engine{
		Name: "socket",
		Open: func(t *testing.T) eventlog.Log { other, _ := held(t, memory.New()); return other },
	}.Prove(t)
}

func TestALogWhoseHolderIsGoneTakesNothing(t *testing.T) {
	other, hangUp := held(t, memory.New())
	first, err := other.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "c1", 1))
	if err != nil {
		t.Fatal(err)
	}
	hangUp()
	if _, err := other.Append(t.Context(), first.Head, eventlogtest.Commit("dispute-1", "c2", 1)); !errors.Is(err, eventlog.ErrUnavailable) && !errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("append: %v", err)
	}
	for _, err := range other.Read(t.Context(), "dispute-1", eventlog.Head{}) {
		if !errors.Is(err, eventlog.ErrUnavailable) {
			t.Errorf("read: %v", err)
		}
	}
	if _, err := other.End(t.Context()); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("end: %v", err)
	}
}

func TestAnAnswerThatBreaksOffIsNotTakenForAnEnd(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	other := socket.Dial(path)
	if _, err := other.Append(t.Context(), eventlog.Head{}, eventlogtest.Commit("dispute-1", "c1", 1)); !errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("an append whose answer broke off: %v", err)
	}
	broke := false
	for _, err := range other.Follow(t.Context(), eventlog.Position{}) {
		broke = errors.Is(err, eventlog.ErrUnavailable)
	}
	if !broke {
		t.Error("a broken answer was taken for the end")
	}
}
