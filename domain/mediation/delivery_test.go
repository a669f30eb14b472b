package mediation_test

import (
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// Designation on the platform and by paper differ in one thing: when the three
// working days to answer (K03) start.
func TestADesignationOnThePlatformReachesTheOrganisationAtOnce(t *testing.T) {
	day := calendar.NewDate(2021, 9, 29) // the day before a long holiday
	filed := mediation.Dispute{Stage: mediation.Filed, FiledOn: day}
	for _, c := range []struct {
		name     string
		deliver  bool
		events   int
		acceptBy calendar.Date
	}{
		{"on the platform", true, 2, calendar.NewDate(2021, 10, 9)},
		{"by paper", false, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			events, err := mediation.Decider.Decide(filed, mediation.Designate{
				Occasion: mediation.Occasion{At: calendar.On(day), Today: day}, Organisation: "RT-01", Deliver: c.deliver,
			})
			if err != nil || len(events) != c.events {
				t.Fatalf("%d events and %v, want %d", len(events), err, c.events)
			}
			after := mediation.Decider.Fold(filed, events...)
			if after.Stage != mediation.Designated || after.Offer.AcceptBy != c.acceptBy {
				t.Errorf("stage %s, to answer by %s; want designated, by %s", after.Stage, after.Offer.AcceptBy, c.acceptBy)
			}
		})
	}
}
