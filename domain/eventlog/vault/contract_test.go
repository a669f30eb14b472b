package vault_test

import (
	"context"
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/eventlog/vault"
)

const erased = "〔已依法删除 erased〕"

// personal makes the events of the contract personal: their id is sealed.
var personal = vault.NewTable([]vault.Field{{Kind: "filed", Version: 1, Path: "id", Purpose: "text"}})

func keysIn(t testing.TB, dir string) *vault.Keys {
	t.Helper()
	master, err := vault.NewMasterFile(dir + "/master.key")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.CreateKeys(context.Background(), dir, "log-1", master)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func around(t testing.TB, log eventlog.Log, table *vault.Table) (*vault.Log, *vault.Keys) {
	t.Helper()
	keys := keysIn(t, t.TempDir())
	t.Cleanup(func() {
		if err := keys.Close(); err != nil {
			t.Error(err)
		}
	})
	return vault.New(log, table, keys, erased), keys
}

func TestTheContractAroundMemory(t *testing.T) {
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		log, _ := around(t, memory.New(), personal)
		return log
	})
}

func TestTheContractAroundTheEmbeddedLog(t *testing.T) {
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		log, _ := around(t, embedded(t), personal)
		return log
	})
}

func embedded(t testing.TB) eventlog.Log {
	t.Helper()
	dir := t.TempDir()
	if err := jetstream.Create(dir, eventlog.NewGenesis("冀0108"), jetstream.Options{}); err != nil {
		t.Fatal(err)
	}
	log, err := jetstream.Open(dir, jetstream.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return log
}
