package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
)

// What the servers answer, by their own numbers.
const (
	codeStreamMissing  = 10059
	codeRecordMissing  = 10037
	codeNoPeers        = 10005
	codeNameTaken      = 10058
	codeSubjectsTaken  = 10065
	codeNoLeader       = 10008
	codeResources      = 10023
	codeStorage        = 10047
	codeWrongLast      = 10071 // the stream stands elsewhere
	codeWrongLastBusy  = 10164 // another append to the stream is under way
	codeDuplicateBusy  = 10158 // the same message is under way
	codeStoreFailed    = 10077
	codeIncomplete     = 10176 // a group lost a part on its way
	statusNoResponders = "503"
)

var (
	errNoStream = errors.New("there is no such stream")
	errNoRecord = errors.New("there is no such record")
)

// refusal is a server's answer that putting the question again will not change.
type refusal struct {
	code int
	text string
}

func (r *refusal) Error() string { return fmt.Sprintf("the cluster answers %d %s", r.code, r.text) }
func (r *refusal) Unwrap() error { return eventlog.ErrUnavailable }

// apiError is what a server answers instead of what was asked for.
type apiError struct {
	Status int    `json:"code"`
	Code   int    `json:"err_code"`
	Text   string `json:"description"`
}

// api sends a request to JetStream's own interface.
func (c *caller) api(ctx context.Context, verb string, request any) (*question, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	return c.put(ctx, &nats.Msg{Subject: "$JS.API." + verb, Data: body})
}

// reply reads the answer to such a request. Errors: *trouble when it may be put
// again, errNoStream, errNoRecord, *refusal.
func (q *question) reply(ctx context.Context, into any) error {
	m, err := q.wait(ctx)
	if err != nil {
		return err
	}
	if len(m.Data) == 0 {
		q.of.bad()
		return &trouble{text: "no server of the cluster offers JetStream: " + m.Header.Get("Status")}
	}
	var said struct {
		Error *apiError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &said); err != nil {
		return &trouble{text: "an answer of the cluster cannot be read", perhaps: true}
	}
	if said.Error == nil {
		q.of.good()
		if err := json.Unmarshal(m.Data, into); err != nil {
			return &trouble{text: "an answer of the cluster cannot be read", perhaps: true}
		}
		return nil
	}
	switch e := said.Error; {
	case e.Code == codeRecordMissing:
		q.of.good()
		return errNoRecord
	case e.Code == codeStreamMissing:
		return errNoStream
	case e.Status == 500, e.Status == 503, e.Status == 408, e.Status == 429:
		q.of.bad()
		return &trouble{text: fmt.Sprintf("the cluster answers %d %s", e.Code, e.Text)}
	default:
		return &refusal{e.Code, e.Text}
	}
}

// ask puts a question until it is answered or ctx is done, or no server can be
// reached.
func ask[T any](ctx context.Context, c *caller, verb string, request any) (T, error) {
	began := time.Now()
	for try := 0; ; try++ {
		var a T
		q, err := c.api(ctx, verb, request)
		if err == nil {
			err = q.reply(ctx, &a)
		}
		var again *trouble
		if err == nil || !errors.As(err, &again) || again.cause != nil || c.away(began) {
			return a, err
		}
		if !pause(ctx, between(try)) {
			again.cause = ctx.Err()
			return a, again
		}
	}
}

// bound gives a call the time it may take at most: what the caller has, and no
// more than three times the patience.
func (l *Log) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 3*l.patience)
}

// late says who was out of time: the caller, whose error it then is, or we.
func late(ctx, bounded context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", eventlog.ErrUnavailable, ctx.Err())
	case bounded.Err() != nil && !errors.Is(err, eventlog.ErrCorrupt):
		return fmt.Errorf("%w: the cluster gave no answer in time; the last was: %v", eventlog.ErrUnavailable, err)
	}
	return err
}

// stored is a record as a server gives it.
type stored struct {
	Subject string    `json:"subject"`
	Seq     uint64    `json:"seq"`
	Sealed  []byte    `json:"data"`
	Time    time.Time `json:"time"`
}

// get is the question for one record; only the stream's leader answers it.
type get struct {
	Seq  uint64 `json:"seq,omitempty"`
	Next string `json:"next_by_subj,omitempty"` // the first on the subject from Seq on
	Last string `json:"last_by_subj,omitempty"`
	Bare bool   `json:"no_hdr,omitempty"`
}

type got struct {
	Message stored `json:"message"`
}

func (l *Log) getVerb() string { return "STREAM.MSG.GET." + l.stream.name }

// get asks for one record. errNoRecord when there is none.
func (l *Log) get(ctx context.Context, c *caller, what get) (stored, error) {
	what.Bare = true
	a, err := ask[got](ctx, c, l.getVerb(), what)
	return a.Message, err
}

// open reads a record as a server gave it.
func (s stored) open() (eventlog.Record, error) {
	r, err := eventlog.Open(s.Sealed)
	if err != nil {
		return r, fmt.Errorf("position %d: %w", s.Seq, err)
	}
	r.Position, r.Head.Revision = eventlog.PositionAt(s.Seq), eventlog.RevisionAt(s.Seq)
	return r, nil
}

// confirm makes sure that the leader has everything up to floor, and gives
// where its log ends. A leader that was cut off and does not know it yet shows
// less than it had, and so does a stream that was put back: it is asked again
// until the patience is over; then the error is ErrShortened.
func (l *Log) confirm(ctx context.Context, c *caller, floor uint64) (uint64, error) {
	give := time.Now().Add(l.patience)
	for try := 0; ; try++ {
		s, err := l.get(ctx, c, get{Last: ">"})
		switch {
		case err == nil && s.Seq >= floor:
			l.shore.reach(s.Seq)
			return s.Seq, nil
		case err != nil && !errors.Is(err, errNoRecord) && !errors.Is(err, errNoStream):
			return 0, err
		case time.Now().After(give):
			return 0, fmt.Errorf("%w: it ends at %d, and had %d", ErrShortened, s.Seq, floor)
		}
		c.bad()
		if !pause(ctx, between(try)) {
			return 0, &trouble{text: "the leader shows less than it had", cause: ctx.Err()}
		}
	}
}
