// Package auth is who is asking and what they may do: roles, one table of role
// x deed x scope, and the signed session that a browser carries. It knows no
// page and no handler; doors ask it and show what it says.
package auth

import "slices"

// Role is as what somebody works here.
type Role string

// The roles. The empty one has signed in and not chosen yet: it may do nothing.
const (
	Judge      Role = "judge"      // 法官工作站: a judge at one workstation
	Committee  Role = "committee"  // 调解组织: a mediator of one organisation
	Confirming Role = "confirming" // 司法确认法官
	Leadership Role = "leadership" // 院领导
)

// Roles lists them as the sign-in page offers them.
var Roles = []Role{Judge, Committee, Confirming, Leadership}

// Actor is who is asking.
type Actor struct {
	Account      string `json:"account"` // kept with every deed; never a person's name
	Role         Role   `json:"role"`
	Station      string `json:"station,omitempty"`      // of a judge
	Organisation string `json:"organisation,omitempty"` // of a committee
}

// Acting is the actor of a role in its place: the account tells both, so that
// the record says from which desk a deed came. A place that the role has no
// use for is left out.
func Acting(role Role, place string) Actor {
	a := Actor{Account: string(role), Role: role}
	switch role {
	case Judge:
		a.Station = place
	case Committee:
		a.Organisation = place
	}
	if place := a.Place(); place != "" {
		a.Account += ":" + place
	}
	return a
}

// Place is the code of the workstation or organisation for which the actor
// works; empty for the roles of the whole court.
func (a Actor) Place() string {
	if a.Role == Judge {
		return a.Station
	}
	return a.Organisation
}

// Whole tells whether the actor is one who can act: a known role, with a place
// where the role needs one.
func (a Actor) Whole() bool {
	if !slices.Contains(Roles, a.Role) {
		return false
	}
	return a.Place() != "" || a.Role == Confirming || a.Role == Leadership
}
