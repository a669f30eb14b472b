package eventlog_test

import (
	"errors"
	"iter"
	"slices"
	"testing"

	"doorstep/domain/eventlog"
)

func TestRecordsThatDoNotFollowAreNotGivenOn(t *testing.T) {
	sound := history(t)
	for name, c := range map[string]struct {
		records []eventlog.Record
		given   int // before the fault; all where there is none
	}{
		"sound":             {sound, len(sound)},
		"one is missing":    {slices.Delete(slices.Clone(sound), 6, 7), 8},
		"one comes twice":   {slices.Insert(slices.Clone(sound), 6, sound[5]), 6},
		"two are exchanged": {exchanged(sound, 3, 6), 3},
		"one was altered":   {altered(sound, 4), 7},
		"the first misses":  {sound[1:], 2},
	} {
		t.Run(name, func(t *testing.T) {
			given, failure := 0, error(nil)
			for _, err := range eventlog.Chained(seq(c.records)) {
				if err != nil {
					failure = err
					break
				}
				given++
			}
			if given != c.given || (failure != nil) != (name != "sound") || failure != nil && !errors.Is(failure, eventlog.ErrCorrupt) {
				t.Errorf("%d given, then %v; want %d", given, failure, c.given)
			}
		})
	}
	stop := errors.New("stop")
	for _, err := range eventlog.Chained(func(yield func(eventlog.Record, error) bool) { yield(eventlog.Record{}, stop) }) {
		if err != stop {
			t.Errorf("the source's error is given on as %v", err)
		}
	}
}

func seq(all []eventlog.Record) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func exchanged(all []eventlog.Record, i, j int) []eventlog.Record {
	all = slices.Clone(all)
	all[i], all[j] = all[j], all[i]
	return all
}

// altered has other bytes at i, so that the stream's next commit no longer
// names the one before it.
func altered(all []eventlog.Record, i int) []eventlog.Record {
	all = slices.Clone(all)
	r := all[i]
	_, sealed, err := eventlog.Seal(eventlog.Head{Length: r.Version, Hash: r.Previous}, with(r.Commit, "another"))
	if err != nil {
		panic(err)
	}
	all[i], err = eventlog.Open(sealed)
	if err != nil {
		panic(err)
	}
	return all
}

func with(c eventlog.Commit, actor string) eventlog.Commit {
	c.Actor = actor
	return c
}
