// Package local is the door for commands on the same machine: questions and
// answers as JSON over a Unix socket in the court's folder. Whoever may write
// in the folder may come in; nobody else can reach it.
package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/socket"
)

// name is the socket's file in the court's folder.
const name = "doorstep.sock"

// ErrNobody is given when no server listens on the folder's socket.
var ErrNobody = errors.New("no server listens on this folder's socket")

// Door is the server's side.
type Door struct{ mux *http.ServeMux }

// New makes a door to the log that the server holds.
func New(log eventlog.Log) *Door {
	d := &Door{http.NewServeMux()}
	d.mux.Handle("/log/", socket.Serve(log))
	return d
}

// Answer puts a question on the door: what Ask sends there is answered so.
func Answer[Q, A any](d *Door, question string, answer func(context.Context, Q) (A, error)) {
	d.mux.HandleFunc("POST /ask/"+question, func(w http.ResponseWriter, r *http.Request) {
		var q Q
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		a, err := answer(r.Context(), q)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(a)
	})
}

// Listen opens the folder's socket. The caller holds the folder's lock, so a
// socket that lies there already is a dead server's.
func Listen(dir string) (net.Listener, error) {
	path, free, err := reach(dir)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		free()
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		free()
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		free()
		return nil, errors.Join(err, l.Close())
	}
	return listener{l, free}, nil
}

// listener lets go of the open folder when it is closed.
type listener struct {
	net.Listener
	free func()
}

func (l listener) Close() error {
	defer l.free()
	return l.Listener.Close()
}

// Serve answers on the socket until ctx is done.
func (d *Door) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: d.mux, BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Caller is the other side.
type Caller struct {
	client *http.Client
	log    *socket.Log
	free   func()
}

// Call reaches the server that holds the folder; ErrNobody when there is none.
func Call(ctx context.Context, dir string) (*Caller, error) {
	path, free, err := reach(dir)
	if err != nil {
		return nil, err
	}
	c := &Caller{client: socket.Client(path), log: socket.Dial(path), free: free}
	if _, err := c.log.End(ctx); err != nil {
		free()
		if errors.Is(err, eventlog.ErrUnavailable) {
			return nil, ErrNobody
		}
		return nil, err
	}
	return c, nil
}

// Close lets go of the socket.
func (c *Caller) Close() { c.free() }

// Log is the log that the server holds.
func (c *Caller) Log() eventlog.Log { return c.log }

// Ask sends a question and waits for its answer.
func Ask[Q, A any](ctx context.Context, c *Caller, question string, q Q) (A, error) {
	var a A
	body, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://doorstep/ask/"+question, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	answer, err := c.client.Do(req)
	if err != nil {
		return a, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		var text bytes.Buffer
		_, _ = text.ReadFrom(answer.Body)
		return a, fmt.Errorf("%s", bytes.TrimSpace(text.Bytes()))
	}
	return a, json.NewDecoder(answer.Body).Decode(&a)
}

// longest is the longest path a Unix socket may have here, with room to spare.
const longest = 100

// reach is the socket's path in the folder. A path too long for a socket is
// reached through the open folder instead.
func reach(dir string) (path string, free func(), err error) {
	path = filepath.Join(dir, name)
	if len(path) <= longest {
		return path, func() {}, nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name), func() { folder.Close() }, nil
}
