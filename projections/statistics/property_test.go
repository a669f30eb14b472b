package statistics_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"doorstep/projections/follow"
	"doorstep/projections/statistics"
)

// folders gives each view of a property a folder of its own.
type folders struct {
	root string
	made int
}

func (f *folders) open(t *rapid.T) (*statistics.Statistics, string) {
	f.made++
	dir := filepath.Join(f.root, strconv.Itoa(f.made))
	s, err := opened(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); os.RemoveAll(dir) })
	return s, dir
}

// fed is a view of the records, taken in batches of random sizes.
func (f *folders) fed(t *rapid.T, records []follow.Record) (*statistics.Statistics, string) {
	s, dir := f.open(t)
	take(t, s, records, rapid.SliceOfN(rapid.IntRange(1, 9), 0, 20).Draw(t, "batches"))
	return s, dir
}

func take(t *rapid.T, s *statistics.Statistics, records []follow.Record, sizes []int) {
	mark, err := s.Mark(context.Background())
	for err == nil && len(records) > 0 {
		n := len(records)
		if len(sizes) > 0 {
			n, sizes = min(sizes[0], n), sizes[1:]
		}
		to := follow.Mark{Before: mark.Position, Position: records[n-1].Position, Hash: records[n-1].Head.Hash}
		if n > 1 {
			to.Before = records[n-2].Position
		}
		err = s.Take(context.Background(), mark, to, records[:n])
		mark, records = to, records[n:]
	}
	if err != nil {
		t.Fatal(err)
	}
}

func text(v any) string { b, _ := json.MarshalIndent(v, "", " "); return string(b) }

func TestEveryNumberIsWhatASlowCounterFinds(t *testing.T) {
	f := &folders{root: t.TempDir()}
	rapid.Check(t, func(t *rapid.T) {
		records := drawWorld(t, 12, true)
		s, _ := f.fed(t, records)
		for range 20 {
			q := drawQuery(t, records)
			want := countSlowly(records, q)
			if got := s.Figures(q); !reflect.DeepEqual(got, want.figures) {
				t.Fatalf("%+v:\n%s\nwant\n%s", q, text(got), text(want.figures))
			}
			for _, m := range statistics.Measures {
				if got := s.Cases(q, m); !slices.Equal(got, want.ids[m]) {
					t.Fatalf("%+v: %s are %v, want %v", q, m, got, want.ids[m])
				}
			}
		}
	})
}

func TestWhatWasKnownAtAMomentIsWhatAViewOfThenShows(t *testing.T) {
	f := &folders{root: t.TempDir()}
	rapid.Check(t, func(t *rapid.T) {
		records := drawWorld(t, 12, false)
		cut := rapid.IntRange(0, len(records)-1).Draw(t, "cut")
		at := records[cut].RecordedAt
		for cut < len(records) && !records[cut].RecordedAt.After(at) {
			cut++
		}
		whole, _ := f.fed(t, records)
		then, _ := f.fed(t, records[:cut])
		for range 10 {
			q := drawQuery(t, records)
			q.KnownAt = at
			if got, want := whole.Figures(q), then.Figures(q); !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v:\n%s\nwant\n%s", q, text(got), text(want))
			}
			last, later := q, q
			last.KnownAt = records[len(records)-1].RecordedAt
			later.KnownAt = last.KnownAt.AddDate(9, 0, 0)
			was, will := whole.Figures(last), whole.Figures(later)
			was.KnownAt, will.KnownAt = nil, nil
			if !reflect.DeepEqual(was, will) {
				t.Fatalf("%+v: after the last record something else is known", last)
			}
		}
	})
}

func TestRebuiltReopenedOrStepByStepItHoldsTheSame(t *testing.T) {
	f := &folders{root: t.TempDir()}
	rapid.Check(t, func(t *rapid.T) {
		records := drawWorld(t, 10, true)
		steps, dir := f.fed(t, records)
		atOnce, _ := f.open(t)
		take(t, atOnce, records, nil)
		half := rapid.IntRange(0, len(records)).Draw(t, "half")
		first, between := f.open(t)
		take(t, first, records[:half], nil)
		first.Close()
		second := reopen(t, between)
		take(t, second, records[half:], nil)
		again := reopen(t, dir)
		views := []*statistics.Statistics{steps, atOnce, second, again}
		digest := digestOf(t, steps)
		for i, v := range views {
			if digestOf(t, v) != digest {
				t.Fatalf("view %d holds something else", i)
			}
		}
		for range 5 {
			q := drawQuery(t, records)
			want := steps.Figures(q)
			for i, v := range views {
				if got := v.Figures(q); !reflect.DeepEqual(got, want) || !slices.Equal(v.Years(), steps.Years()) {
					t.Fatalf("view %d: %+v:\n%s\nwant\n%s", i, q, text(got), text(want))
				}
			}
		}
	})
}

func reopen(t *rapid.T, dir string) *statistics.Statistics {
	s, err := opened(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func digestOf(t interface{ Fatal(...any) }, s *statistics.Statistics) string {
	d, err := s.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}
