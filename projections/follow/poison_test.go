package follow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
)

// choosy is a list that does not read every stream.
type choosy struct {
	list
	reads func(stream string, known bool) bool
}

func (c *choosy) Concerns(stream string, known bool) bool { return c.reads(stream, known) }

func event(kind string, version int, payload string) eventlog.Event {
	return eventlog.Event{Kind: kind, Version: version, Happened: "2024-03-01", Payload: []byte(payload)}
}

// TestARecordThatNobodyCanRead stops the views that it concerns, by name, and
// no others; nothing of it is told but kind, version and position.
func TestARecordThatNobodyCanReadStopsTheViewsThatItConcerns(t *testing.T) {
	const secret = "王小明"
	for name, c := range map[string]struct {
		stream string
		event  eventlog.Event
		want   error
		kind   string
		stops  []string // of the views below
	}{
		"a kind of newer code":       {"test-1", event("dreamt", 1, `{"text":"`+secret+`"}`), codec.ErrUnknownForm, "dreamt v1", []string{"all", "one"}},
		"a version of newer code":    {"test-1", event("noted", 2, `{"text":"`+secret+`"}`), codec.ErrUnknownForm, "noted v2", []string{"all", "one"}},
		"a field of newer code":      {"test-1", event("noted", 1, `{"`+secret+`":1}`), codec.ErrUnreadable, "noted v1", []string{"all", "one"}},
		"a value of another type":    {"test-1", event("noted", 1, `{"text":["`+secret+`"]}`), codec.ErrUnreadable, "noted v1", []string{"all", "one"}},
		"a stream of no concern":     {"test-2", event("noted", 2, `{"text":"`+secret+`"}`), codec.ErrUnknownForm, "noted v2", []string{"all"}},
		"a stream that nobody knows": {"weather-1", event("rained", 1, `{"text":"`+secret+`"}`), codec.ErrUnknownForm, "rained v1", []string{"all", "one"}},
	} {
		bubble(t, name, func(t *testing.T) {
			log := newLog(numbered(1500)...)
			poison := log.keepIn(c.stream, c.event)
			last := log.note("behind it")
			all := &list{name: "all"} // does not say what concerns it
			one := &choosy{list{name: "one"}, func(stream string, known bool) bool { return !known || stream == "test-1" }}
			sealed := &choosy{list{name: "sealed"}, func(string, bool) bool { return false }}
			f, stop := start(t, log, all, one, sealed)
			_ = f.CatchUp(t.Context())
			synctest.Wait()
			for _, st := range f.Status() {
				stops := slices.Contains(c.stops, st.View)
				if !stops && (st.Paused != nil || st.Position != last) || stops && st.Position != eventlog.PositionAt(1500) {
					t.Errorf("%+v", st)
				}
				if !stops {
					continue
				}
				want := fmt.Sprintf("view %s at position %s (%s)", st.View, poison, c.kind)
				if !errors.Is(st.Paused, c.want) || !strings.HasPrefix(st.Paused.Error(), want) || strings.Contains(st.Paused.Error(), "王") {
					t.Errorf("%v, want %s", st.Paused, want)
				}
				if st.Paused.Record != recordAt(t, log, int(poison.Token())).Head.Hash {
					t.Error("the record has no hash")
				}
			}
			if at, _ := f.Position(); len(c.stops) < 3 && at != last {
				t.Errorf("pages are told of position %s", at)
			}
			must(t, stop()) // the log can be read on
		})
	}
}

// TestWhatIsNoJSONNeverComesToAView: the log takes none in, and one that holds
// some is damaged.
func TestWhatIsNoJSONNeverComesToAView(t *testing.T) {
	_, err := newLog().Append(t.Context(), eventlog.Head{}, eventlog.Commit{ID: "c", Stream: "test-1", RecordedAt: opening, Events: []eventlog.Event{event("noted", 1, "{")}})
	if !errors.Is(err, eventlog.ErrInvalid) {
		t.Errorf("%v", err)
	}
	r := recordAt(t, newLog("1"), 1)
	if _, err := eventlog.Open(bytes.Replace(r.Sealed, []byte(`{"text"`), []byte(`{text"`), 1)); !errors.Is(err, eventlog.ErrCorrupt) {
		t.Errorf("%v", err)
	}
}

func TestAViewGoesOnWhenItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, good := newLog(numbered(2300)...), &list{name: "good"}
		var broken atomic.Bool
		broken.Store(true)
		bad := &list{name: "bad", hook: refuse("1234", func() error {
			if broken.Load() {
				return errors.New("no room")
			}
			return nil
		})}
		f, stop := start(t, log, bad, good)
		_ = f.CatchUp(t.Context())
		if err := f.Resume("nobody"); !errors.Is(err, ErrNoView) {
			t.Errorf("%v", err)
		}
		if err := f.Resume("good"); !errors.Is(err, ErrFollows) {
			t.Errorf("%v", err)
		}
		must(t, f.Resume("bad")) // nothing was mended
		synctest.Wait()
		if st := f.Status()[0]; st.Paused == nil || st.Position != eventlog.PositionAt(1233) {
			t.Errorf("%+v", st)
		}
		broken.Store(false)
		must(t, f.Resume("bad"))
		last := log.note("one more")
		must(t, f.Wait(t.Context(), last))
		synctest.Wait()
		for range 3 {
			must(t, f.Wait(t.Context(), log.note("and more"))) // in the common pass again
		}
		if !slices.Equal(bad.took(), good.took()) || len(bad.took()) != 2304 {
			t.Errorf("%d and %d notes", len(bad.took()), len(good.took()))
		}
		must(t, stop())
		if err := f.Resume("bad"); !errors.Is(err, ErrStopped) {
			t.Errorf("%v", err)
		}
	})
}

func TestARecordThatAnOperatorSkippedIsLeftOutNowAndWheneverTheViewIsMade(t *testing.T) {
	for name, poison := range map[string]func(l *watched) eventlog.Position{
		"that the view refuses":   func(l *watched) eventlog.Position { return l.note("poison") },
		"that nobody can read":    func(l *watched) eventlog.Position { return l.keep(event("noted", 7, `{}`)) },
		"at the end of the batch": func(l *watched) eventlog.Position { return l.note("poison") },
	} {
		bubble(t, name, func(t *testing.T) {
			log, other := newLog(numbered(1100)...), &list{name: "other"}
			at := poison(log)
			if !strings.HasPrefix(name, "at the end") {
				log.note("behind")
			}
			hook := refuse("poison", func() error { return errors.New("no room") })
			v := &choosy{list{name: "v", hook: hook}, func(string, bool) bool { return true }}
			f, stop := start(t, log, v, other)
			_ = f.CatchUp(t.Context())
			log.skip(t, "other", at) // of another view: it has it already, or stands there itself
			must(t, ignore(f.CatchUp(t.Context())))
			synctest.Wait()
			if st := f.Status()[0]; st.Paused == nil || st.Position != eventlog.PositionAt(at.Token()-1) {
				t.Fatalf("%+v", st)
			}
			log.skip(t, "v", at) // nobody calls Resume: the log itself says so
			synctest.Wait()
			must(t, f.Wait(t.Context(), log.note("after")))
			if st := f.Status()[0]; st.Paused != nil || st.Skipped != 1 {
				t.Errorf("%+v", st)
			}
			must(t, stop())

			anew := &choosy{list{name: "v", hook: hook}, v.reads}
			f, stop = start(t, log, anew)
			must(t, f.CatchUp(t.Context()))
			must(t, stop())
			if !slices.Equal(anew.took(), v.took()) || slices.Contains(v.took(), "poison") || len(v.took()) < 1101 {
				t.Errorf("live %d notes, anew %d", len(v.took()), len(anew.took()))
			}
		})
	}
}

func ignore(error) error { return nil }

func TestDecisionsOfOperatorsThatNewerCodeKeptStopTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLog("1")
		log.keepIn("operations-views", event("record-skipped", 9, `{}`))
		v := &list{name: "v"}
		f := New(log, forms(), clock, nil, v)
		if err := f.Run(t.Context()); !errors.Is(err, codec.ErrUnknownForm) || !strings.Contains(err.Error(), "position 2") || len(v.took()) > 0 {
			t.Errorf("%v, %d taken", err, len(v.took()))
		}
	})
}

// TestASlowViewHoldsNobodyWhoWrites: a backlog grows in the log and nowhere
// else.
func TestASlowViewHoldsNobodyWhoWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, gate := newLog(), make(chan struct{})
		slow := &list{name: "slow", hook: func(ctx context.Context, _ []Record) error {
			select {
			case <-gate:
			case <-ctx.Done():
			}
			return ctx.Err()
		}}
		f, stop := start(t, log, slow)
		for i := range 8 * batch {
			log.note(fmt.Sprint(i + 1))
		}
		synctest.Wait()
		log.mu.Lock()
		ahead := len(log.given)
		log.mu.Unlock()
		if ahead > 4*batch { // what the view holds, what is decoded ahead, and one in hand
			t.Errorf("%d records were read ahead of a view that takes nothing in", ahead)
		}
		close(gate)
		must(t, f.CatchUp(t.Context()))
		if !slices.Equal(slow.took(), numbered(8*batch)) {
			t.Errorf("took %d", len(slow.took()))
		}
		must(t, stop())
	})
}
