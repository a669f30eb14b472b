package docket

import (
	"encoding/json"
	"reflect"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// folded is one dispute as far as the view has come.
type folded struct {
	no           int64 // of its row; 0: it has none yet
	dispute      mediation.Dispute
	confirmation confirmation.Case
	parties      []mediation.Party // as they stand in the table of names
	line         line              // as it stands among the listed
}

// line is what lists are picked and sorted by.
type line struct {
	lastDay               int
	filed                 calendar.Date
	stage                 mediation.Stage
	station, organisation string
	confirmation          confirmation.Stage
	text                  string
}

func (f *folded) lineOf(e Entry) line {
	return line{lastDay(e), e.Filed, e.Stage, e.Station, e.Organisation, e.Confirmation, searched(f.dispute, f.confirmation)}
}

// known are disputes lately folded, by id, so that a dispute that moves is not
// read back each time. They are what the rows say and never more.
type known map[string]folded

// mostKnown bounds the memory.
const mostKnown = 8192

// keep takes in what a batch brought about, in the place of any others where
// there is no room.
func (k known) keep(changed map[string]*folded) {
	for id, f := range changed {
		k[id] = *f
	}
	for id := range k {
		if len(k) <= mostKnown {
			return
		}
		if _, fresh := changed[id]; !fresh {
			delete(k, id)
		}
	}
}

// slim is the dispute without what no row shows and no event looks back at:
// the less of people's affairs lies in a view, the better.
func slim(d mediation.Dispute) mediation.Dispute {
	d.Facts, d.Agreement.Terms = "", ""
	parties := make([]mediation.Party, len(d.Parties))
	for i, p := range d.Parties {
		parties[i] = mediation.Party{Key: p.Key, Role: p.Role, Kind: p.Kind, Name: p.Name}
	}
	d.Parties = parties
	sessions := make([]mediation.SessionHeld, len(d.Sessions))
	for i, s := range d.Sessions {
		s.Record = ""
		sessions[i] = s
	}
	d.Sessions = sessions
	if d.Source != nil && d.Source.Extra != nil {
		source := *d.Source
		source.Extra = nil
		d.Source = &source
	}
	return d
}

// lean is the type T with every field left out of JSON where it is zero: most
// of a state is, and a docket holds very many of them.
func lean[T any]() reflect.Type {
	whole := reflect.TypeFor[T]()
	fields := make([]reflect.StructField, whole.NumField())
	for i := range fields {
		f := whole.Field(i)
		fields[i] = reflect.StructField{Name: f.Name, Type: f.Type, Tag: reflect.StructTag(`json:"` + f.Name + `,omitzero"`)}
	}
	return reflect.StructOf(fields)
}

var (
	leanDispute = lean[mediation.Dispute]()
	leanCase    = lean[confirmation.Case]()
)

func pack(state any, as reflect.Type) ([]byte, error) {
	return json.Marshal(reflect.ValueOf(state).Convert(as).Interface())
}

// unpack reads what pack wrote; the names of the fields are the same.
func (f *folded) unpack(id string, dispute, confirmation []byte) error {
	if err := json.Unmarshal(dispute, &f.dispute); err != nil {
		return err
	}
	if err := json.Unmarshal(confirmation, &f.confirmation); err != nil {
		return err
	}
	f.parties, f.line = f.dispute.Parties, f.lineOf(entryOf(id, f.dispute, f.confirmation))
	return nil
}
