package web

import (
	"net/http"
	"slices"

	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
	"doorstep/projections/docket"
)

// inboxView is what an organisation has before it: to answer, in hand, and
// agreed but not yet binding.
type inboxView struct {
	Did       string
	Text      string
	Answer    []delegation
	More      int // that are to answer and not shown
	Hand      inboxPart
	Effect    inboxPart
	Found     *docket.Page // what a search found; nil: nothing was looked for
	Mediators []string     // who mediates here, for the form of acceptance
	Modes     []pick
	Declines  []option
}

// inboxPart is one list of the inbox.
type inboxPart struct {
	Entries []docket.Entry
	Total   int
}

// delegation is a dispute to accept or decline, with the two forms.
type delegation struct {
	docket.Entry
	Accept, Decline form
	Facts           string
}

// answered is how many delegations the inbox shows with their forms at hand.
const answered = 12

// showInbox shows an organisation's disputes.
func (s *site) showInbox(v *visit) error {
	view := inboxView{Did: v.did(), Text: v.searched(), Modes: v.modes(), Declines: scene{v: v}.declineReasons()}
	if view.Text != "" {
		page, err := v.inHand(searchLimit, nil, view.Text)
		if err != nil {
			return err
		}
		view.Found = &page
		return v.page(http.StatusOK, head{Title: v.say("menu.inbox"), Scale: "wide"}, inboxPage(view))
	}
	answer, err := v.inHand(answered, []mediation.Stage{mediation.Designated}, "")
	if err != nil {
		return err
	}
	hand, err := v.inHand(100, []mediation.Stage{mediation.Mediating}, "")
	if err != nil {
		return err
	}
	effect, err := v.inHand(50, []mediation.Stage{mediation.Agreed}, "")
	if err != nil {
		return err
	}
	view.Hand, view.Effect = inboxPart{hand.Entries, hand.Total}, inboxPart{effect.Entries, effect.Total}
	view.More = answer.Total - len(answer.Entries)
	if view.Answer, err = v.delegations(answer.Entries); err != nil {
		return err
	}
	view.Mediators = mediators(hand.Entries, effect.Entries)
	return v.page(http.StatusOK, head{Title: v.say("menu.inbox"), Scale: "wide"}, inboxPage(view))
}

// inHand lists what is delegated to the visitor's organisation.
func (v *visit) inHand(limit int, stages []mediation.Stage, text string) (docket.Page, error) {
	return v.site.Docket.List(v.request().Context(), docket.Filter{
		Organisation: v.actor.Organisation, Stages: stages, Text: text, Today: v.today(), Limit: limit,
	})
}

// delegations reads what the forms need to know: the length of each stream, so
// that an answer to what has changed meanwhile is noticed. A dispute that has
// left the organisation since the list was made is passed over.
func (v *visit) delegations(entries []docket.Entry) ([]delegation, error) {
	list := make([]delegation, 0, len(entries))
	for _, e := range entries {
		c, err := v.site.Files.Read(v.request().Context(), e.ID, casefile.AsOf{})
		if err != nil {
			return nil, err
		}
		if c.Dispute.Stage != mediation.Designated || c.Dispute.Offer.Organisation != v.actor.Organisation {
			continue
		}
		accept, decline := newForm(casePath(e.ID)+"/acceptance", c.Length), newForm(casePath(e.ID)+"/refusal", c.Length)
		list = append(list, delegation{e, accept, decline, c.Dispute.Facts})
	}
	return list, nil
}

// mediators are those who mediate here now.
func mediators(lists ...[]docket.Entry) []string {
	var names []string
	for _, entries := range lists {
		for _, e := range entries {
			if e.Mediator != "" {
				names = append(names, e.Mediator)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
