package socket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"strconv"

	"doorstep/domain/eventlog"
)

// Client is an HTTP client that reaches whoever listens on the socket.
func Client(path string) *http.Client {
	dialer := net.Dialer{}
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", path)
		},
		MaxIdleConnsPerHost: 256, // as many as an import has appends under way
		DisableCompression:  true,
	}}
}

// Log is the log behind the socket.
type Log struct{ client *http.Client }

// Dial reaches the log behind the socket; whether anybody answers shows with
// the first call (ErrUnavailable).
func Dial(path string) *Log { return &Log{Client(path)} }

// Append is eventlog.Log's.
func (l *Log) Append(ctx context.Context, at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	if err := ctx.Err(); err != nil {
		return eventlog.Record{}, err
	}
	if err := c.Check(); err != nil { // before JSON mends what is not well formed
		return eventlog.Record{}, err
	}
	answer, err := l.post(ctx, appendPath, appending{packHead(at), c})
	if err != nil {
		return eventlog.Record{}, err
	}
	defer answer.Close()
	var got line
	if err := json.NewDecoder(answer).Decode(&got); err != nil {
		return eventlog.Record{}, fmt.Errorf("%w: the server's answer broke off", eventlog.ErrUnknown)
	}
	return got.open()
}

// Read is eventlog.Log's.
func (l *Log) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		answer, err := l.post(ctx, "/log/read", reading{stream, packHead(after)})
		if left := l.lines(ctx, answer, err, yield); left {
			return
		}
		if err := ctx.Err(); err != nil {
			yield(eventlog.Record{}, err)
		}
	}
}

// Follow is eventlog.Log's.
func (l *Log) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		answer, err := l.do(ctx, http.MethodGet, "/log/follow?after="+strconv.FormatUint(after.Token(), 10), nil)
		l.lines(ctx, answer, err, yield)
	}
}

// End is eventlog.Log's.
func (l *Log) End(ctx context.Context) (eventlog.Position, error) {
	answer, err := l.do(ctx, http.MethodGet, "/log/end", nil)
	if err != nil {
		return eventlog.Position{}, err
	}
	defer answer.Close()
	var got line
	if err := json.NewDecoder(answer).Decode(&got); err != nil {
		return eventlog.Position{}, fmt.Errorf("%w: the server's answer broke off", eventlog.ErrUnavailable)
	}
	if got.Failed != nil {
		return eventlog.Position{}, got.Failed.open()
	}
	return eventlog.PositionAt(got.Position), nil
}

// lines gives the records of an answer and tells whether the caller wants no
// more. One that does not end with its last line broke on the way.
func (l *Log) lines(ctx context.Context, answer io.ReadCloser, err error, yield func(eventlog.Record, error) bool) (left bool) {
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		return !yield(eventlog.Record{}, err)
	}
	defer answer.Close()
	dec := json.NewDecoder(answer)
	for {
		var got line
		switch err := dec.Decode(&got); {
		case ctx.Err() != nil:
			return false
		case err != nil:
			return !yield(eventlog.Record{}, fmt.Errorf("%w: the server's answer broke off", eventlog.ErrUnavailable))
		case got.Failed != nil && got.Failed.Code == ended:
			return false
		}
		if r, err := got.open(); !yield(r, err) || err != nil {
			return true
		}
	}
}

func (l *Log) post(ctx context.Context, path string, body any) (io.ReadCloser, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // payloads travel byte for byte
	if err := enc.Encode(body); err != nil {
		return nil, fmt.Errorf("%w: %v", eventlog.ErrInvalid, err)
	}
	return l.do(ctx, http.MethodPost, path, b.Bytes())
}

func (l *Log) do(ctx context.Context, method, path string, body []byte) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://doorstep"+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", eventlog.ErrInvalid, err)
	}
	answer, err := l.client.Do(req)
	var dial *net.OpError
	switch {
	case errors.As(err, &dial) && dial.Op == "dial":
		return nil, fmt.Errorf("%w: nobody answers on the socket", eventlog.ErrUnavailable)
	case err != nil && path == appendPath: // it may have got there
		return nil, fmt.Errorf("%w: the server did not answer", eventlog.ErrUnknown)
	case err != nil:
		return nil, fmt.Errorf("%w: the server did not answer", eventlog.ErrUnavailable)
	case answer.StatusCode != http.StatusOK:
		answer.Body.Close()
		return nil, fmt.Errorf("%w: the server answered %s", eventlog.ErrUnavailable, answer.Status)
	}
	return answer.Body, nil
}
