package jetstream_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/metered"

	"github.com/prometheus/client_golang/prometheus"
)

// place makes a log in a folder of its own and gives what opens it.
func place(t *testing.T, o jetstream.Options) eventlogtest.Open {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "court")
	if err := jetstream.Create(dir, eventlog.NewGenesis(""), o); err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T) (eventlog.Log, func()) {
		t.Helper()
		log, err := jetstream.Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		shut := func() {
			if err := log.Close(); err != nil {
				t.Error(err)
			}
		}
		t.Cleanup(shut)
		return log, shut
	}
}

func TestTheContract(t *testing.T) {
	eventlogtest.Engine{
		Name: "embedded",
		Open: func(t *testing.T) eventlog.Log {
			log, _ := place(t, jetstream.Options{})(t)
			return log
		},
		Fill: func(t *testing.T) eventlog.Filler {
			log, _ := place(t, jetstream.Options{})(t)
			return log.(eventlog.Filler)
		},
		Place: func(t *testing.T) eventlogtest.Open { return place(t, jetstream.Options{}) },
	}.Prove(t)
}

func TestTheContractSyncedOneByOne(t *testing.T) {
	o := jetstream.Options{SyncEach: true}
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		log, _ := place(t, o)(t)
		return log
	})
	eventlogtest.RunKept(t, func(t *testing.T) eventlogtest.Open { return place(t, o) })
}

func TestTheContractCounted(t *testing.T) {
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		log, _ := place(t, jetstream.Options{})(t)
		return metered.New(log, prometheus.NewRegistry())
	})
}

func TestClosingLetsEverybodyGo(t *testing.T) {
	log, shut := place(t, jetstream.Options{})(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	caught, ended := make(chan struct{}), make(chan error)
	go func() {
		var last error
		for _, err := range log.Follow(ctx, eventlog.Position{}) {
			if last = err; err == nil {
				close(caught)
			}
		}
		ended <- last
	}()
	if _, err := log.Append(ctx, eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1)); err != nil {
		t.Fatal(err)
	}
	<-caught
	shut()
	if err := <-ended; !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("a follower of a closed log got %v, want ErrUnavailable", err)
	}
	shut() // again is as good as once
	if err := log.(*jetstream.Log).Check(ctx); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("a closed log says %v of itself", err)
	}
}

func TestAnOpenLogIsWell(t *testing.T) {
	log, _ := place(t, jetstream.Options{})(t)
	for i := range 3 {
		if err := log.(*jetstream.Log).Check(context.Background()); err != nil {
			t.Errorf("after %d commits: %v", i, err)
		}
		if _, err := log.Append(context.Background(), eventlog.Head{}, eventlogtest.Commit("dispute-"+string(rune('a'+i)), "a", 1)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullStoreRefusesAndKeepsWhatItHas(t *testing.T) {
	open := place(t, jetstream.Options{MaxStore: 1 << 20})
	log, shut := open(t)
	var kept []eventlog.Record
	var at eventlog.Head
	var err error
	for i := 0; err == nil; i++ {
		var r eventlog.Record
		if r, err = log.Append(context.Background(), at, eventlogtest.Commit("dispute-1", "c"+string(rune('a'+i)), 1000)); err == nil {
			kept, at = append(kept, r), r.Head
		}
	}
	if !errors.Is(err, eventlog.ErrUnavailable) || len(kept) == 0 {
		t.Errorf("after %d commits: %v, want ErrUnavailable", len(kept), err)
	}
	shut()
	log, _ = open(t)
	rep, err := eventlog.Verify(context.Background(), log)
	if err != nil || rep.Commits != int64(len(kept)) || rep.End != kept[len(kept)-1].Position {
		t.Errorf("%+v, %v, want %d commits", rep, err, len(kept))
	}
}
