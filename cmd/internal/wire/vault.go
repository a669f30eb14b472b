package wire

import (
	"context"
	"errors"
	"path/filepath"

	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/vault"
	"doorstep/domain/mediation"
	"doorstep/domain/operations"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
	"doorstep/projections/erasures"
	"doorstep/projections/follow"
)

// Why a record's personal texts cannot be had: each is a reason not to open it.
var (
	ErrNoMaster    = vault.ErrNoMaster
	ErrOtherMaster = vault.ErrOtherMaster
	ErrExposed     = vault.ErrExposed
	ErrNoKeys      = vault.ErrNoKeys
	ErrOtherKeys   = vault.ErrOtherKeys
	ErrKeyMissing  = vault.ErrKeyMissing
)

// Why persons cannot be sealed, or erased, in this record.
var (
	ErrLate     = errors.New("persons can be sealed only from the first record on")
	ErrUnsealed = errors.New("this record does not seal persons")
)

// safe is the vault around the record and the persons' keys.
//
//	keys/persons/keys.db       a key per person and purpose, encrypted
//	keys/persons/master.key    the master key, for its owner alone
type safe struct {
	log   eventlog.Log
	vault *vault.Log  // nil where nothing is sealed
	keys  *vault.Keys // nil too
}

// Personal is which texts of all stored forms are personal.
func Personal() *vault.Table {
	var fields []vault.Field
	for _, forms := range [][]codec.Personal{mediation.Codec.Personal(), confirmation.Codec.Personal(), roster.Codec.Personal(), supervision.Codec.Personal(), operations.Codec.Personal()} {
		for _, p := range forms {
			fields = append(fields, vault.Field(p))
		}
	}
	return vault.NewTable(fields)
}

// openSafe opens the persons' keys and puts the vault around the log, where the
// record is one that is sealed. The keys are made when nothing is recorded yet.
// Errors: ErrLate; those of vault, each a reason not to start.
func openSafe(ctx context.Context, c Config, already bool, id string, log eventlog.Log) (safe, error) {
	dir := filepath.Join(c.keysFolder(), "persons")
	if !c.SealPersons && !vault.Exist(dir) {
		return safe{log: log}, nil
	}
	if !already && !vault.Exist(dir) {
		end, err := log.End(ctx)
		if err == nil && !end.IsStart() {
			err = ErrLate
		}
		if err != nil {
			return safe{}, err
		}
	}
	masterFile := filepath.Join(dir, "master.key")
	table := Personal()
	master, err := vault.OpenMasterFile(masterFile)
	switch {
	case errors.Is(err, ErrNoMaster) && !vault.Exist(dir):
		if err = nothingSealed(ctx, log); err == nil {
			master, err = vault.NewMasterFile(masterFile)
		}
	case err == nil && !vault.Exist(dir):
		err = nothingSealed(ctx, log)
	}
	if err != nil {
		return safe{}, err
	}
	open := vault.OpenKeys
	if !vault.Exist(dir) {
		open = vault.CreateKeys
	}
	keys, err := open(ctx, dir, id, master)
	if err != nil {
		return safe{}, err
	}
	around := vault.New(log, table, keys, codec.Erased)
	return safe{around, around, keys}, nil
}

// nothingSealed checks that the log holds nothing that only keys which are not
// there could open. The error is ErrNoKeys. It reads the whole log, once: where
// there is one without keys.
func nothingSealed(ctx context.Context, log eventlog.Log) error {
	end, err := log.End(ctx)
	if err != nil || end.IsStart() {
		return err
	}
	table := Personal()
	for r, err := range log.Follow(ctx, eventlog.Position{}) {
		switch {
		case err != nil:
			return err
		case table.Seals(r.Commit):
			return ErrNoKeys
		case r.Position == end:
			return nil
		}
	}
	return ctx.Err()
}

// reaction destroys keys where the record says so. Keys that were used with
// another copy of the record begin again at its first.
func (s safe) reactions(ctx context.Context, log eventlog.Log) ([]follow.View, error) {
	if s.keys == nil {
		return nil, nil
	}
	e := erasures.New(s.keys)
	mark, err := e.Mark(ctx)
	if err != nil {
		return nil, err
	}
	err = standsOn(ctx, log, mark)
	if errors.Is(err, ErrRolledBack) || errors.Is(err, ErrDiffers) || errors.Is(err, eventlog.ErrCorrupt) { // another engine's numbers may be none of this one's
		err = e.Forget(ctx)
	}
	return []follow.View{e}, err
}

func (s safe) close() error {
	if s.keys == nil {
		return nil
	}
	return s.keys.Close()
}

// openings is what opens the record's sealed texts one by one.
func (s safe) openings(ctx context.Context, r eventlog.Record) ([]vault.Opening, error) {
	if s.vault == nil {
		return nil, nil
	}
	return s.vault.Openings(ctx, r)
}
