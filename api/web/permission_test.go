package web

import (
	"net/http"
	"strings"
	"testing"

	"doorstep/api/auth"
	"doorstep/domain/mediation"
)

// rows are the visitors of the permission table: each role at its own place and
// at another.
var rows = []struct{ role, place string }{
	{"judge", "130108001"}, {"judge", "130108002"}, {"committee", "RT-01"}, {"committee", "LS-01"}, {"confirming", ""}, {"leadership", ""},
}

// disputes are one in each situation that matters to the table.
func disputesOfAllKinds(t *testing.T, h *courthouse) []string {
	t.Helper()
	ids := []string{"filed", "designated", "settled", "applied", "ended", "elsewhere"}
	for _, id := range ids {
		h.file(t, id)
	}
	for _, id := range ids[1:5] {
		h.delegate(t, id)
	}
	for _, id := range ids[2:4] {
		h.settle(t, id)
	}
	h.apply(t, "applied", applyNow("applied"))
	h.do(t, "ended", mediation.Terminate{Occasion: now(), Organisation: "RT-01", Ground: mediation.SettledAndWithdrawn, Note: "自行和解"})
	h.do(t, "elsewhere", mediation.TransferStation{Occasion: now(), From: "130108001", To: "130108002", Reason: "住所地"})
	return ids
}

// TestEveryRoleMeetsTheTableAtEveryRoute asks each route as each role for each
// kind of dispute, from outside, and compares with what the table says: 403
// where the role never does it, 404 where this dispute is not the visitor's,
// and neither of them where it is.
func TestEveryRoleMeetsTheTableAtEveryRoute(t *testing.T) {
	h := newHouse(t)
	ids := disputesOfAllKinds(t, h)
	asked := 0
	for _, who := range rows {
		v := h.as(t, who.role, who.place)
		actor := auth.Acting(auth.Role(who.role), who.place)
		token := v.get("/login").hidden("/logout").Get("token")
		for _, r := range routes {
			if r.deed == open {
				continue
			}
			targets := []string{""}
			if strings.Contains(r.path, ":id") {
				targets = append(ids, "no-such-dispute")
			}
			for _, id := range targets {
				asked++
				path := strings.ReplaceAll(r.path, ":id", id)
				before := h.length(t, id)
				form := map[string][]string{"token": {token}, "deed": {newForm("", 0).Deed}, "seen": {"0"}}
				a := v.send(r.method, path, form, nil)
				if want := h.wanted(t, actor, r, id); !want(a.status) {
					t.Errorf("%s at %q: %s %s answers %d", who.role, who.place, r.method, path, a.status)
				}
				if after := h.length(t, id); (a.status == http.StatusForbidden || a.status == http.StatusNotFound) && after != before {
					t.Errorf("%s at %q: %s %s was refused and yet done", who.role, who.place, r.method, path)
				}
			}
		}
	}
	if asked < 1000 {
		t.Errorf("only %d questions asked", asked)
	}
}

// wanted is what the table says of the answer's status.
func (h *courthouse) wanted(t *testing.T, actor auth.Actor, r route, id string) func(int) bool {
	t.Helper()
	exactly := func(want int) func(int) bool { return func(got int) bool { return got == want } }
	if !auth.MayEver(actor, r.deed) {
		return exactly(http.StatusForbidden)
	}
	if strings.Contains(r.path, ":id") {
		c, err := h.Files.Read(t.Context(), id, asOfNow)
		if err != nil || !auth.May(actor, r.deed, subject(c)) {
			return exactly(http.StatusNotFound)
		}
	}
	if r.path == "/stats/cases" {
		return exactly(http.StatusNotFound) // without a measure there is nothing to list
	}
	return func(got int) bool {
		return got != http.StatusForbidden && got != http.StatusNotFound && got < http.StatusInternalServerError
	}
}

// length is how many commits a dispute and its confirmation have.
func (h *courthouse) length(t *testing.T, id string) int64 {
	t.Helper()
	c, err := h.Files.Read(t.Context(), id, asOfNow)
	if err != nil {
		return 0
	}
	return c.Length + c.Confirmed
}

func TestEveryStepOfTheTableHasARouteAndEveryRouteADeedOfTheTable(t *testing.T) {
	routed := map[auth.Deed]bool{}
	for _, r := range routes {
		routed[r.deed] = true
	}
	deeds := map[auth.Deed]bool{}
	for _, d := range auth.Deeds() {
		deeds[d] = true
		if !routed[d] && d != auth.Mediating(mediation.StepDeliver) { // on the platform a designation is delivered as it is made
			t.Errorf("%s is in the table and at no route", d)
		}
	}
	for _, r := range routes {
		if r.deed != open && !deeds[r.deed] {
			t.Errorf("%s %s asks for %s, which nobody may do", r.method, r.path, r.deed)
		}
	}
}

func TestAStrangerIsAskedToSignIn(t *testing.T) {
	h := newHouse(t)
	h.file(t, "filed")
	for _, r := range routes {
		if r.deed == open {
			continue
		}
		path := strings.ReplaceAll(r.path, ":id", "filed")
		a := h.anyone(t).send(r.method, path, nil, nil)
		switch {
		case r.method == http.MethodGet && (a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/login?next=")):
			t.Errorf("%s answers a stranger with %d %s", path, a.status, a.header.Get("Location"))
		case r.method == http.MethodPost && a.status != http.StatusUnauthorized:
			t.Errorf("POST %s answers a stranger with %d", path, a.status)
		}
	}
}
