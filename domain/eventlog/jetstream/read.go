package jetstream

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// part is how many records of one stream are asked for at once. The server
	// lets nobody append while it answers, so parts are small.
	part      = 64
	partBytes = 1 << 20
)

// Read is eventlog.Log's.
func (l *Log) Read(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		if err := cmp.Or(l.usable(), ctx.Err()); err != nil {
			yield(eventlog.Record{}, err)
			return
		}
		shown := l.barrier.reached() // before looking: nobody was shown more when this call began
		if after.Exists() && l.known.stands(stream, after, shown) {
			return
		}
		reading := l.known.begin(stream)
		defer l.known.end(stream, reading)
		head, ids := after, []string(nil)
		for r, err := range l.tail(ctx, stream, after) {
			if !yield(r, err) || err != nil {
				return
			}
			head, ids = r.Head, append(ids, r.ID)
		}
		l.known.learn(reading, stream, after, head, ids)
	}
}

// search looks for the commit of that id in the stream: the record, or else
// where the stream stands.
func (l *Log) search(ctx context.Context, stream, id string) (eventlog.Head, *eventlog.Record, error) {
	reading := l.known.begin(stream)
	defer l.known.end(stream, reading)
	from, seen := l.known.look(stream, id)
	if seen {
		from = eventlog.Head{}
	}
	head, ids := from, []string(nil)
	for r, err := range l.tail(ctx, stream, from) {
		if err != nil {
			return head, nil, err
		}
		if r.ID == id {
			return head, &r, nil
		}
		head, ids = r.Head, append(ids, r.ID)
	}
	l.known.learn(reading, stream, from, head, ids)
	return head, nil, nil
}

// tail reads the stream from the server, part by part, and waits for what it
// read to be durable.
func (l *Log) tail(ctx context.Context, stream string, after eventlog.Head) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		name, ok := subject(stream)
		if !ok {
			return // no stream can be called so
		}
		head := after
		for more := true; more; {
			var records []eventlog.Record
			var err error
			records, more, err = l.part(ctx, name, head.Revision.Token()+1)
			if err != nil {
				yield(eventlog.Record{}, err)
				return
			}
			for _, r := range records {
				err := r.Follows(head)
				if err == nil && r.Stream != stream {
					err = fmt.Errorf("%w: a record of %s stands in %s", eventlog.ErrCorrupt, r.Stream, stream)
				}
				if !yield(r, err) || err != nil {
					return
				}
				head = r.Head
			}
		}
	}
}

// part gives the next records on the subject from the sequence number on, all
// of them durable, and whether there are more.
func (l *Log) part(ctx context.Context, subject string, from uint64) ([]eventlog.Record, bool, error) {
	q, err := l.get(l.reader, request{Seq: from, Next: subject, Batch: part, MaxBytes: partBytes})
	if err != nil {
		return nil, false, cmp.Or(l.usable(), err)
	}
	got, err := q.records(ctx)
	if err != nil || len(got.records) == 0 {
		return nil, false, err
	}
	records := make([]eventlog.Record, len(got.records))
	for i, m := range got.records {
		seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
		if err != nil {
			return nil, false, fmt.Errorf("%w: a record on %s has no sequence number", eventlog.ErrCorrupt, subject)
		}
		if records[i], err = open(seq, m.Data); err != nil {
			return nil, false, err
		}
	}
	last := records[len(records)-1]
	l.barrier.wrote(mark{last.Position.Token(), last.Head.Hash}, nil)
	if _, err := l.barrier.beyond(ctx, last.Position.Token()-1, l.failed, l.closed); err != nil {
		return nil, false, cmp.Or(l.usable(), err)
	}
	return records, got.pending > 0, nil
}

// request is the server's direct get: records from a sequence number on, all or
// those of one subject; or the last of some subjects.
type request struct {
	Seq      uint64   `json:"seq,omitempty"`
	Next     string   `json:"next_by_subj,omitempty"`
	Last     []string `json:"multi_last,omitempty"`
	Batch    int      `json:"batch,omitempty"`
	MaxBytes int      `json:"max_bytes,omitempty"`
	Bare     bool     `json:"no_hdr,omitempty"` // records without their headers: cheaper
}

// batch is what the server gives for a request.
type batch struct {
	records []*nats.Msg
	last    uint64 // sequence number of the last of them
	pending int    // how many more there are
}

// get asks for records.
func (l *Log) get(c *caller, r request) (asked, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return asked{}, err
	}
	q, err := c.put(&nats.Msg{Subject: "$JS.API.DIRECT.GET." + streamName, Data: body}, r.Batch, ends)
	return asked{q}, err
}

// asked is a request under way.
type asked struct{ *question }

// records waits for the answer.
func (q asked) records(ctx context.Context) (batch, error) {
	answers, err := q.collect(ctx)
	if err != nil {
		return batch{}, err
	}
	end := answers[len(answers)-1].Header
	switch status := end.Get("Status"); status {
	case "204": // the end of the batch
		pending, _ := strconv.Atoi(end.Get("Nats-Num-Pending"))
		last, _ := strconv.ParseUint(end.Get("Nats-Last-Sequence"), 10, 64)
		return batch{answers[:len(answers)-1], last, pending}, nil
	case "404": // nothing from there on
		return batch{}, nil
	default:
		return batch{}, fmt.Errorf("%w: the event store answers %s %s", eventlog.ErrUnavailable, status, end.Get("Description"))
	}
}

// ends tells a status of the server from a record.
func ends(m *nats.Msg) bool { return len(m.Data) == 0 && m.Header.Get("Status") != "" }

// open reads a record as the server delivers it.
func open(seq uint64, sealed []byte) (eventlog.Record, error) {
	r, err := eventlog.Open(sealed)
	if err != nil {
		return r, fmt.Errorf("position %d: %w", seq, err)
	}
	r.Position, r.Head.Revision = eventlog.PositionAt(seq), eventlog.RevisionAt(seq)
	return r, nil
}
