package web

import (
	"net/http"

	"doorstep/domain/confirmation"
	"doorstep/projections/docket"
)

// confirmationsView is the confirming judge's list.
type confirmationsView struct {
	Did   string
	Text  string
	New   inboxPart    // applied for: to accept or not
	Heard inboxPart    // accepted: to rule on
	Ruled inboxPart    // the newest that are over
	Found *docket.Page // what a search found; nil: nothing was looked for
}

// ruledStages are those in which the court has nothing more to do.
var ruledStages = []confirmation.Stage{confirmation.Confirmed, confirmation.Dismissed, confirmation.NotAccepted, confirmation.Withdrawn}

// showConfirmations shows the confirmation cases: first what is to be accepted
// and decided.
func (s *site) showConfirmations(v *visit) error {
	view := confirmationsView{Did: v.did(), Text: v.searched()}
	title := head{Title: v.say("menu.confirmations"), Scale: "wide"}
	if view.Text != "" {
		every := append([]confirmation.Stage{confirmation.Applied, confirmation.Accepted}, ruledStages...)
		page, err := v.confirmations(searchLimit, docket.ByUrgency, view.Text, every...)
		if err != nil {
			return err
		}
		view.Found = &page
		return v.page(http.StatusOK, title, confirmationsPage(view))
	}
	for _, part := range []struct {
		into   *inboxPart
		limit  int
		order  docket.Order
		stages []confirmation.Stage
	}{
		{&view.New, 100, docket.ByUrgency, []confirmation.Stage{confirmation.Applied}},
		{&view.Heard, 100, docket.ByUrgency, []confirmation.Stage{confirmation.Accepted}},
		{&view.Ruled, 20, docket.ByNewest, ruledStages},
	} {
		page, err := v.confirmations(part.limit, part.order, "", part.stages...)
		if err != nil {
			return err
		}
		*part.into = inboxPart{page.Entries, page.Total}
	}
	return v.page(http.StatusOK, title, confirmationsPage(view))
}

// confirmations lists the disputes whose confirmation stands at those stages.
func (v *visit) confirmations(limit int, order docket.Order, text string, stages ...confirmation.Stage) (docket.Page, error) {
	return v.site.Docket.List(v.request().Context(), docket.Filter{Confirmation: stages, Text: text, Today: v.today(), Order: order, Limit: limit})
}
