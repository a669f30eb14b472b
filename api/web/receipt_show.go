package web

import (
	"net/http"

	"doorstep/api/auth"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
	"doorstep/projections/docket"
)

// showReceipt shows the receipt of a filing, to be printed.
func (s *site) showReceipt(v *visit) error {
	sc, err := v.scene(auth.SeeDispute)
	if err != nil {
		return err
	}
	return v.page(http.StatusOK, head{Title: v.say("receipt.title")}, receiptPage(sc))
}

// mayDesignate tells whether delegation is the next thing to do, and the
// visitor's.
func (sc scene) mayDesignate() bool {
	st := stepOf(func(st *step) bool { return st.mediates == mediation.StepDesignate })
	return sc.v.mayOn(st.deed(), sc.c) && sc.refusedNow(st) == nil
}

// filingNumber is the number of the dispute itself, whatever number the court's
// ruling bears later.
func filingNumber(c casefile.Case) string {
	c.Confirmation.Number = ""
	return reference(c)
}

// entryNumber is the number by which a list calls a case.
func entryNumber(e docket.Entry) string {
	switch {
	case e.Number != "":
		return e.Number
	case e.Source != "":
		return e.Source
	}
	return shortID(e.ID)
}
