package wire

import "doorstep/api/sheets"

// importActor is the account under which spreadsheets are imported.
const importActor = "import"

// Importer brings spreadsheets into the court's record.
func (court *Court) Importer() *sheets.Importer {
	return &sheets.Importer{
		Disputes: court.Disputes, Confirmations: court.Confirmations, Roster: court.Roster, Governance: court.Governance,
		Now: court.Now, Court: court.Genesis.Court, Actor: importActor,
	}
}
