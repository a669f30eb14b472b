package jetstream_test

import (
	"path/filepath"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream"
)

// place makes a log in a folder of its own and gives what opens it.
func place(t *testing.T, o jetstream.Options) eventlogtest.Open {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "court")
	if _, err := jetstream.Create(dir, o); err != nil {
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
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		log, _ := place(t, jetstream.Options{})(t)
		return log
	})
}

func TestTheContractOfKeeping(t *testing.T) {
	eventlogtest.RunKept(t, func(t *testing.T) eventlogtest.Open { return place(t, jetstream.Options{}) })
}
