package auth

import (
	"maps"
	"slices"

	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// Deed is a kind of thing that somebody does or looks at.
type Deed string

// The deeds that are no step of a dispute.
const (
	SeeFigures       Deed = "see-figures"       // 统计
	ListBehind       Deed = "list-behind"       // the disputes behind a figure, by number, without names
	SeeDesk          Deed = "see-desk"          // 工作站待办
	SeeInbox         Deed = "see-inbox"         // 调解组织待办
	SeeConfirmations Deed = "see-confirmations" // 司法确认案件
	FileDispute      Deed = "file"              // 登记
	SeeDispute       Deed = "see-dispute"       // one dispute, whole
)

// Mediating is the deed of a step of a dispute.
func Mediating(s mediation.Step) Deed { return Deed("mediation/" + s) }

// Ruling is the deed of a step of a confirmation
// case.
func Ruling(s confirmation.Step) Deed { return Deed("confirmation/" + s) }

// Scope is on which disputes a deed may be done.
type Scope string

// The scopes. What is not in the table is None.
const (
	None      Scope = ""          // on none
	Own       Scope = "own"       // those at the actor's workstation now
	Delegated Scope = "delegated" // those designated to the actor's organisation now
	Applied   Scope = "applied"   // those for whose agreement confirmation was applied
	Court     Scope = "court"     // all of the court, or the deed concerns no single dispute
)

// Subject is what the table must know of a dispute.
type Subject struct {
	Station      string // that holds it now
	Organisation string // to which it is designated now; empty: none
	Applied      bool   // confirmation of its agreement was applied for
}

// table says who may do what on which disputes. What is missing is forbidden.
// The court decides and routes; the organisation answers, mediates and reports;
// confirmation is ruled on by a judge who is not the one at the workstation;
// leadership sees figures and numbers and touches no dispute.
var table = map[Role]map[Deed]Scope{
	Judge: merge(
		all(Court, SeeFigures, ListBehind, SeeDesk),
		all(Own, FileDispute, SeeDispute, Ruling(confirmation.StepApply)),
		all(Own, steps(mediation.StepConsent, mediation.StepRefuseConsent, mediation.StepReturn, mediation.StepDesignate, mediation.StepDeliver,
			mediation.StepTermination, mediation.StepPerformance, mediation.StepTransfer, mediation.StepCorrection)...),
	),
	Committee: merge(
		all(Court, SeeInbox),
		all(Delegated, SeeDispute, Ruling(confirmation.StepApply)),
		all(Delegated, steps(mediation.StepConsent, mediation.StepRefuseConsent, mediation.StepAccept, mediation.StepDecline, mediation.StepSession,
			mediation.StepExtension, mediation.StepAgreement, mediation.StepEffect, mediation.StepTermination, mediation.StepPerformance)...),
	),
	Confirming: merge(
		all(Court, SeeConfirmations),
		all(Applied, SeeDispute, Ruling(confirmation.StepAccept), Ruling(confirmation.StepRefuseAcceptance), Ruling(confirmation.StepConfirm),
			Ruling(confirmation.StepDismiss), Ruling(confirmation.StepWithdraw)),
	),
	Leadership: all(Court, SeeFigures, ListBehind),
}

func steps(list ...mediation.Step) []Deed {
	deeds := make([]Deed, len(list))
	for i, s := range list {
		deeds[i] = Mediating(s)
	}
	return deeds
}

func all(scope Scope, deeds ...Deed) map[Deed]Scope {
	row := make(map[Deed]Scope, len(deeds))
	for _, d := range deeds {
		row[d] = scope
	}
	return row
}

func merge(rows ...map[Deed]Scope) map[Deed]Scope {
	out := map[Deed]Scope{}
	for _, row := range rows {
		maps.Copy(out, row)
	}
	return out
}

// ScopeOf is the table's word on a role and a deed.
func ScopeOf(r Role, d Deed) Scope { return table[r][d] }

// Deeds lists every deed that any role may do, sorted: the table's columns.
func Deeds() []Deed {
	found := map[Deed]bool{}
	for _, row := range table {
		for d := range row {
			found[d] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// MayEver tells whether there are disputes on which the actor may do the deed,
// as when a page offers it before a dispute is chosen.
func MayEver(a Actor, d Deed) bool { return a.Whole() && ScopeOf(a.Role, d) != None }

// May tells whether the actor may do the deed on this dispute.
func May(a Actor, d Deed, on Subject) bool {
	if !a.Whole() {
		return false
	}
	switch ScopeOf(a.Role, d) {
	case Court:
		return true
	case Own:
		return on.Station == a.Station
	case Delegated:
		return on.Organisation == a.Organisation
	case Applied:
		return on.Applied
	}
	return false
}
