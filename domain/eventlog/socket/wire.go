// Package socket is a log that another process on this machine holds, reached
// over a Unix socket in the court's folder: a command that finds the folder
// held works through the server that holds it. Serve is the holder's side, Dial
// the other's.
package socket

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"doorstep/domain/eventlog"
)

// head is eventlog.Head as it travels.
type head struct {
	Revision uint64        `json:"revision"`
	Length   int64         `json:"length"`
	Hash     eventlog.Hash `json:"hash"`
}

func packHead(h eventlog.Head) head { return head{h.Revision.Token(), h.Length, h.Hash} }

func (h head) open() eventlog.Head {
	return eventlog.Head{Revision: eventlog.RevisionAt(h.Revision), Length: h.Length, Hash: h.Hash}
}

// line is one record, or the error that ends a sequence.
type line struct {
	Sealed   []byte   `json:"sealed,omitempty"`
	Opened   [][]byte `json:"opened,omitempty"` // the payloads, where the holder's log shows others than it keeps
	Position uint64   `json:"position,omitempty"`
	Revision uint64   `json:"revision,omitempty"`
	Failed   *failure `json:"failed,omitempty"`
}

func packRecord(r eventlog.Record) line {
	l := line{Sealed: r.Sealed, Position: r.Position.Token(), Revision: r.Head.Revision.Token()}
	if !slices.ContainsFunc(r.Events, func(e eventlog.Event) bool { return !bytes.Contains(r.Sealed, e.Payload) }) {
		return l
	}
	for _, e := range r.Events {
		l.Opened = append(l.Opened, e.Payload)
	}
	return l
}

func (l line) open() (eventlog.Record, error) {
	if l.Failed != nil {
		return eventlog.Record{}, l.Failed.open()
	}
	r, err := eventlog.Open(l.Sealed)
	if err == nil && l.Opened != nil && len(l.Opened) != len(r.Events) {
		err = fmt.Errorf("%w: a record came with the payloads of another", eventlog.ErrCorrupt)
	}
	if err != nil {
		return eventlog.Record{}, err
	}
	for i, payload := range l.Opened {
		r.Events[i].Payload = payload
	}
	r.Position = eventlog.PositionAt(l.Position)
	r.Head.Revision = eventlog.RevisionAt(l.Revision)
	return r, nil
}

// failure is an error of the log as it travels.
type failure struct {
	Code   string `json:"code"`
	Text   string `json:"text"`
	Actual *head  `json:"actual,omitempty"`
}

// codes name the log's errors on the way; the first that matches is sent.
var codes = []struct {
	code string
	err  error
}{
	{"conflict", eventlog.ErrConflict}, {"reused", eventlog.ErrReused}, {"too-large", eventlog.ErrTooLarge},
	{"invalid", eventlog.ErrInvalid}, {"unknown", eventlog.ErrUnknown}, {"unavailable", eventlog.ErrUnavailable},
	{"corrupt", eventlog.ErrCorrupt},
}

func packError(err error) *failure {
	f := &failure{Code: "unknown", Text: err.Error()}
	for _, c := range codes {
		if errors.Is(err, c.err) {
			f.Code = c.code
			break
		}
	}
	var conflict *eventlog.Conflict
	if errors.As(err, &conflict) {
		actual := packHead(conflict.Actual)
		f.Actual = &actual
	}
	return f
}

func (f *failure) open() error {
	if f.Actual != nil {
		return &eventlog.Conflict{Actual: f.Actual.open()}
	}
	for _, c := range codes {
		if c.code == f.Code {
			return &remoteError{f.Text, c.err}
		}
	}
	return &remoteError{f.Text, eventlog.ErrUnknown}
}

// remoteError is an error of the log that happened on the other side.
type remoteError struct {
	text string
	kind error
}

func (e *remoteError) Error() string { return e.text }
func (e *remoteError) Unwrap() error { return e.kind }
