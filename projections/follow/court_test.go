package follow

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/operations"
)

// note is the only event of these tests.
type note struct {
	Text string `json:"text"`
}

func (note) Kind() string     { return "noted" }
func (note) Happened() string { return "2024-03-01" }

var notes = codec.New(codec.NewForm("noted", 1, func(n note) note { return n }))

func forms() *Forms {
	f := NewForms()
	Add(f, notes, "test-")
	Add(f, operations.Codec, operations.Stream)
	return f
}

var opening = time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)

func clock() time.Time { return opening }

// watched is a log that counts what it gives to followers and can break off.
type watched struct {
	*memory.Log
	mu    sync.Mutex
	heads map[string]eventlog.Head
	given []eventlog.Position
	after int   // Follow ends after so many records, when it is not 0
	fault error // with this
}

func newLog(texts ...string) *watched {
	l := &watched{Log: memory.New(), heads: map[string]eventlog.Head{}}
	for _, text := range texts {
		l.note(text)
	}
	return l
}

// note keeps one note and returns where.
func (l *watched) note(text string) eventlog.Position {
	return l.keep(eventlog.Event{Kind: "noted", Version: 1, Happened: "2024-03-01", Payload: fmt.Appendf(nil, `{"text":%q}`, text)})
}

func (l *watched) keep(events ...eventlog.Event) eventlog.Position {
	return l.keepIn("test-1", events...)
}

func (l *watched) keepIn(stream string, events ...eventlog.Event) eventlog.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	head := l.heads[stream]
	r, err := l.Append(context.Background(), head, eventlog.Commit{ID: fmt.Sprint(stream, "-c", head.Length), Stream: stream, RecordedAt: opening, Events: events})
	if err != nil {
		panic(err)
	}
	l.heads[stream] = r.Head
	return r.Position
}

// skip keeps an operator's decision that the view leaves the record at p out.
func (l *watched) skip(t testing.TB, view string, p eventlog.Position) eventlog.Position {
	t.Helper()
	e := operations.RecordSkipped{At: calendar.At(opening), View: view, Record: recordAt(t, l, int(p.Token())).Head.Hash, Position: p.Token(), Reason: "test"}
	s, err := operations.Codec.Encode(e)
	must(t, err)
	return l.keepIn(operations.Stream, eventlog.Event{Kind: s.Kind, Version: s.Version, Happened: s.Happened, Payload: s.Payload})
}

func (l *watched) Follow(ctx context.Context, after eventlog.Position) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		n := 0
		for r, err := range l.Log.Follow(ctx, after) {
			if n++; l.after > 0 && n > l.after {
				if l.fault != nil {
					yield(eventlog.Record{}, l.fault)
				}
				return
			}
			l.mu.Lock()
			l.given = append(l.given, r.Position)
			l.mu.Unlock()
			if !yield(r, err) {
				return
			}
		}
	}
}

// list is a view that writes down what it takes.
type list struct {
	name string
	hook func(ctx context.Context, batch []Record) error // before anything is taken in

	mu    sync.Mutex
	mark  Mark
	texts []string
	takes int
}

func (l *list) Name() string { return l.name }

func (l *list) Mark(context.Context) (Mark, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mark, nil
}

func (l *list) Take(ctx context.Context, from, to Mark, batch []Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.takes++
	if from != l.mark {
		return ErrMoved
	}
	if l.hook != nil {
		if err := l.hook(ctx, batch); err != nil {
			return err
		}
	}
	for _, r := range batch {
		for _, e := range r.Events {
			if n, is := e.(note); is {
				l.texts = append(l.texts, n.Text)
			}
		}
	}
	l.mark = to
	return nil
}

func (l *list) took() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.texts)
}

// refuse is a hook of a view that cannot take that text in.
func refuse(text string, how func() error) func(context.Context, []Record) error {
	return func(_ context.Context, batch []Record) error {
		for _, r := range batch {
			for _, e := range r.Events {
				if n, is := e.(note); is && n.Text == text {
					return how()
				}
			}
		}
		return nil
	}
}

// start runs a follower; stop ends it and gives what Run gave.
func start(t testing.TB, log eventlog.Log, views ...View) (f *Follower, stop func() error) {
	t.Helper()
	f = New(log, forms(), clock, nil, views...)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	return f, sync.OnceValue(func() error {
		cancel()
		return <-done
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// numbered is the texts 1 to n.
func numbered(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprint(i + 1)
	}
	return texts
}
