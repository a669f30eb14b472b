package roster

import "doorstep/domain/calendar"

// ListStation puts a workstation on the list, or lists it anew when its name
// or territory changed.
type ListStation struct {
	At                    calendar.Moment
	Code, Name, Territory string
}

func (cmd ListStation) decide(s Entry) ([]Event, error) {
	e := StationListed{When{cmd.At}, cmd.Code, cmd.Name, cmd.Territory}
	switch {
	case cmd.Code == "" || cmd.Name == "":
		return nil, ErrNoCode
	case s.Station.Code == e.Code && s.Station.Name == e.Name && s.Station.Territory == e.Territory:
		return nil, nil
	}
	return []Event{e}, nil
}

// StationListed: a judge workstation works for a territory from then on.
type StationListed struct {
	When
	Code      string `json:"code" personal:"no"`
	Name      string `json:"name" personal:"no"`
	Territory string `json:"territory" personal:"no"`
}

// Kind is the stored name.
func (StationListed) Kind() string { return "station-listed" }

func (e StationListed) evolve(s *Entry) { s.Station = e }

// ListOrganisation puts a mediation organisation on the list.
type ListOrganisation struct {
	At                      calendar.Moment
	Code, Name, Type, Scope string
}

func (cmd ListOrganisation) decide(s Entry) ([]Event, error) {
	e := OrganisationListed{When{cmd.At}, cmd.Code, cmd.Name, cmd.Type, cmd.Scope}
	o := s.Organisation
	switch {
	case cmd.Code == "" || cmd.Name == "":
		return nil, ErrNoCode
	case o.Code == e.Code && o.Name == e.Name && o.Type == e.Type && o.Scope == e.Scope:
		return nil, nil
	}
	return []Event{e}, nil
}

// OrganisationListed: an organisation is on the court's roster (特邀调解名册) from
// then on; Scope is a cause or another word of the routing rules, empty: all.
type OrganisationListed struct {
	When
	Code  string `json:"code" personal:"no"`
	Name  string `json:"name" personal:"no"`
	Type  string `json:"type" personal:"no"`
	Scope string `json:"scope,omitempty" personal:"no"`
}

// Kind is the stored name.
func (OrganisationListed) Kind() string { return "organisation-listed" }

func (e OrganisationListed) evolve(s *Entry) { s.Organisation = e }

// ListTerritory puts a territory on the list.
type ListTerritory struct {
	At                 calendar.Moment
	Code, Name, Parent string
}

func (cmd ListTerritory) decide(s Entry) ([]Event, error) {
	e := TerritoryListed{When{cmd.At}, cmd.Code, cmd.Name, cmd.Parent}
	t := s.Territory
	switch {
	case cmd.Code == "" || cmd.Name == "":
		return nil, ErrNoCode
	case cmd.Parent == cmd.Code:
		return nil, ErrOwnChild
	case t.Code == e.Code && t.Name == e.Name && t.Parent == e.Parent:
		return nil, nil
	}
	return []Event{e}, nil
}

// TerritoryListed: a territory and the one it belongs to (empty: top).
type TerritoryListed struct {
	When
	Code   string `json:"code" personal:"no"`
	Name   string `json:"name" personal:"no"`
	Parent string `json:"parent,omitempty" personal:"no"`
}

// Kind is the stored name.
func (TerritoryListed) Kind() string { return "territory-listed" }

func (e TerritoryListed) evolve(s *Entry) { s.Territory = e }
