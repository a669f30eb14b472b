package eventlog

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"
)

// Genesis says which log this is, whatever engine keeps it and wherever: a log
// that was moved or restored has the genesis it was made with.
type Genesis struct {
	ID      string    `json:"id"`      // random, 32 hexadecimal digits
	Created time.Time `json:"created"` // UTC, to the second
	Court   string    `json:"court"`   // whose log it is: the court's code
	Form    int       `json:"form"`    // of what is kept; 1
}

// NewGenesis makes the genesis of a log that never was before.
func NewGenesis(court string) Genesis {
	var id [16]byte
	rand.Read(id[:]) // never fails
	return Genesis{ID: hex.EncodeToString(id[:]), Created: time.Now().UTC().Truncate(time.Second), Court: court, Form: 1}
}

// Written is the genesis as every engine keeps it.
func (g Genesis) Written() []byte {
	b, err := json.Marshal(g)
	if err != nil {
		panic(err) // strings and a time of this century
	}
	return b
}

// ReadGenesis reads what Written gave, of a form that this version knows.
func ReadGenesis(written []byte) (Genesis, error) {
	var g Genesis
	if err := json.Unmarshal(written, &g); err != nil {
		return Genesis{}, err
	}
	if len(g.ID) != 2*16 || g.Form != 1 {
		return Genesis{}, errors.New("not a genesis that this version knows")
	}
	return g, nil
}
