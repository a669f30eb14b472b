package eventstoredb_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/eventstoredb/standin"
	"doorstep/domain/eventlog/memory"
)

func TestTheContractOfFilling(t *testing.T) {
	eventlogtest.RunFilled(t, func(t *testing.T) eventlog.Filler { return reach(t, cluster(t, 3).URL(), patient) })
}

// source is a log of n commits in streams of their own turn.
func source(t *testing.T, n, streams int) iter.Seq2[eventlog.Record, error] {
	t.Helper()
	log, heads := memory.New(), map[string]eventlog.Head{}
	var all []eventlog.Record
	for i := range n {
		stream := fmt.Sprint("dispute-", i*i%streams)
		r, err := log.Append(t.Context(), heads[stream], eventlogtest.Commit(stream, fmt.Sprint("c", i), 1))
		if err != nil {
			t.Fatal(err)
		}
		heads[stream] = r.Head
		all = append(all, r)
	}
	return func(yield func(eventlog.Record, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestAFillingGoesThroughEveryFault(t *testing.T) {
	faults := []standin.Fault{standin.LostAck, standin.KeptSilent, standin.KeptTimeout, standin.KeptUnknown, standin.NoPosition, standin.Timeout, standin.DroppedCall, standin.Busy}
	for _, fault := range faults {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			c := cluster(t, 3)
			log := reach(t, c.URL(), hasty)
			records := source(t, 30, 4)
			given := 0
			kept, err := log.Fill(t.Context(), func(yield func(eventlog.Record, error) bool) {
				for r := range records {
					if given++; given%10 == 5 {
						c.Inject(fault, 1)
					}
					if !yield(r, nil) {
						return
					}
				}
			})
			if err != nil || kept != 30 {
				t.Fatalf("%d of 30 kept, %v", kept, err)
			}
			got := follow(t, log, eventlog.Position{}, 30)
			i := 0
			for r := range records {
				if string(got[i].Sealed) != string(r.Sealed) {
					t.Fatalf("record %d is another", i)
				}
				i++
			}
			if n := c.Injected(fault); n != 3 {
				t.Errorf("the fault took effect %d times of 3", n)
			}
			t.Logf("30 records acknowledged through %d faults", c.Injected(fault))
		})
	}
}

func TestAFillingWhoseDatabaseIsGoneEndsAndGoesOn(t *testing.T) {
	c := cluster(t, 1)
	log := reach(t, c.URL(), hasty)
	records := source(t, 20, 3)
	given := 0
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	kept, err := log.Fill(ctx, func(yield func(eventlog.Record, error) bool) {
		for r := range records {
			if given++; given == 9 {
				c.Stop(0)
			}
			if !yield(r, nil) {
				return
			}
		}
	})
	if !errors.Is(err, eventlog.ErrUnavailable) || kept != 8 {
		t.Fatalf("%d kept, %v", kept, err)
	}
	if err := c.Restart(0); err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	rest := func(yield func(eventlog.Record, error) bool) {
		for r := range records {
			if n++; n > kept && !yield(r, nil) {
				return
			}
		}
	}
	if more, err := log.Fill(t.Context(), rest); err != nil || more != 12 {
		t.Fatalf("%d of 12 kept then, %v", more, err)
	}
	follow(t, log, eventlog.Position{}, 20)
}
