// Package erasures is a reaction: where the log tells that a party's data was
// deleted, it destroys the party's keys. How far it has come stands beside the
// keys, so that keys put back from an older copy are destroyed again, and a crash
// between the record and the deed leaves nothing undone.
package erasures

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/vault"
	"doorstep/domain/mediation"
	"doorstep/projections/follow"
)

// Erasures is the reaction, fed as a view is.
type Erasures struct{ keys *vault.Keys }

// New makes it; the keys are closed by whoever opened them.
func New(keys *vault.Keys) *Erasures { return &Erasures{keys} }

// Name is the reaction's name in metrics and messages.
func (e *Erasures) Name() string { return "erasures" }

// note is the mark as it stands beside the keys.
type note struct {
	Before   uint64        `json:"before"`
	Position uint64        `json:"position"`
	Hash     eventlog.Hash `json:"hash"`
}

// Mark is how far it has come.
func (e *Erasures) Mark(ctx context.Context) (follow.Mark, error) {
	text, err := e.keys.Note(ctx)
	if err != nil || text == "" {
		return follow.Mark{}, err
	}
	var n note
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return follow.Mark{}, fmt.Errorf("the note beside the keys: %w", err)
	}
	return follow.Mark{Before: eventlog.PositionAt(n.Before), Position: eventlog.PositionAt(n.Position), Hash: n.Hash}, nil
}

// Forget lets it begin at the first record again: for keys that were used with
// another copy of the log. Destroying twice does no harm.
func (e *Erasures) Forget(ctx context.Context) error { return e.keys.SetNote(ctx, "") }

// Take destroys what the batch says was deleted, and then notes how far it came.
func (e *Erasures) Take(ctx context.Context, from, to follow.Mark, batch []follow.Record) error {
	now, err := e.Mark(ctx)
	if err != nil {
		return err
	}
	if now != from {
		return follow.ErrMoved
	}
	for _, r := range batch {
		for _, event := range r.Events {
			gone, is := event.(mediation.PartyErased)
			if !is {
				continue
			}
			if _, err := e.keys.Erase(ctx, strings.TrimPrefix(r.Stream, mediation.Stream("")), gone.Party); err != nil {
				return err
			}
		}
	}
	text, err := json.Marshal(note{to.Before.Token(), to.Position.Token(), to.Hash})
	if err != nil {
		return err
	}
	return e.keys.SetNote(ctx, string(text))
}
