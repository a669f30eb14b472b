package auth

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// lines are the table as a reader sees it: for each role the deeds of each
// scope. A change of the table is a change here, to be seen and agreed to.
var lines = map[Role]map[Scope]string{
	Judge: {
		Court: "list-behind see-desk see-figures",
		Own: "confirmation/apply file mediation/consent mediation/correction mediation/deliver mediation/designate mediation/performance " +
			"mediation/refuse-consent mediation/return mediation/termination mediation/transfer see-dispute",
	},
	Committee: {
		Court: "see-inbox",
		Delegated: "confirmation/apply mediation/accept mediation/agreement mediation/consent mediation/decline mediation/effect mediation/extension " +
			"mediation/performance mediation/refuse-consent mediation/session mediation/termination see-dispute",
	},
	Confirming: {
		Court:   "see-confirmations",
		Applied: "confirmation/accept confirmation/confirm confirmation/dismiss confirmation/refuse-acceptance confirmation/withdraw see-dispute",
	},
	Leadership: {Court: "list-behind see-figures"},
}

func TestTheTableIsTheOneWeAgreedOn(t *testing.T) {
	for _, role := range Roles {
		found := map[Scope][]string{}
		for _, d := range Deeds() {
			if s := ScopeOf(role, d); s != None {
				found[s] = append(found[s], string(d))
			}
		}
		if len(found) != len(lines[role]) {
			t.Errorf("%s has scopes %v", role, found)
		}
		for scope, deeds := range found {
			if got := strings.Join(deeds, " "); got != lines[role][scope] {
				t.Errorf("%s may, on %q:\n%s\nwant\n%s", role, scope, got, lines[role][scope])
			}
		}
	}
}

func TestEveryStepIsSomebodysAndNoStepIsLeaderships(t *testing.T) {
	var deeds []Deed
	for _, s := range mediation.Steps {
		deeds = append(deeds, Mediating(s))
	}
	for _, s := range confirmation.Steps {
		deeds = append(deeds, Ruling(s))
	}
	for _, d := range deeds {
		if !slices.Contains(Deeds(), d) {
			t.Errorf("nobody may do %s", d)
		}
		if ScopeOf(Leadership, d) != None {
			t.Errorf("leadership may do %s", d)
		}
	}
	for _, s := range []confirmation.Step{confirmation.StepConfirm, confirmation.StepDismiss} {
		if ScopeOf(Judge, Ruling(s)) != None {
			t.Errorf("the workstation's judge may %s the agreement of his own workstation", s)
		}
	}
}

// actors draws any actor, whole or not.
func actors(t *rapid.T) Actor {
	return Actor{
		Role:         rapid.SampledFrom(append(Roles, "", "king")).Draw(t, "role"),
		Station:      rapid.SampledFrom([]string{"", "S1", "S2"}).Draw(t, "station"),
		Organisation: rapid.SampledFrom([]string{"", "O1", "O2"}).Draw(t, "organisation"),
	}
}

func TestNobodyReachesBeyondHisScope(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := actors(t)
		d := rapid.SampledFrom(append(Deeds(), "unheard-of")).Draw(t, "deed")
		on := Subject{
			Station:      rapid.SampledFrom([]string{"", "S1", "S2"}).Draw(t, "its station"),
			Organisation: rapid.SampledFrom([]string{"", "O1", "O2"}).Draw(t, "its organisation"),
			Applied:      rapid.Bool().Draw(t, "applied"),
		}
		if !May(a, d, on) {
			return
		}
		if !MayEver(a, d) {
			t.Fatalf("%+v may %s on %+v and never", a, d, on)
		}
		switch ScopeOf(a.Role, d) {
		case None:
			t.Fatalf("%+v may %s, which is not in the table", a, d)
		case Own:
			if a.Station == "" || a.Station != on.Station {
				t.Fatalf("%+v may %s on %+v", a, d, on)
			}
		case Delegated:
			if a.Organisation == "" || a.Organisation != on.Organisation {
				t.Fatalf("%+v may %s on %+v", a, d, on)
			}
		case Applied:
			if !on.Applied {
				t.Fatalf("%+v may %s on %+v", a, d, on)
			}
		}
	})
}

func TestAnActorIsNamedByRoleAndPlaceOnly(t *testing.T) {
	for _, row := range []struct {
		role    Role
		place   string
		account string
		whole   bool
	}{
		{Judge, "130108001", "judge:130108001", true},
		{Committee, "RT-01", "committee:RT-01", true},
		{Confirming, "RT-01", "confirming", true},
		{Leadership, "", "leadership", true},
		{Judge, "", "judge", false},
		{Committee, "", "committee", false},
		{"", "", "", false},
		{"king", "x", "king", false},
	} {
		a := Acting(row.role, row.place)
		if a.Account != row.account || a.Whole() != row.whole {
			t.Errorf("%s at %q is %+v, whole: %v", row.role, row.place, a, a.Whole())
		}
	}
}

// keeper is a keeper whose clock stands where at says.
func keeper(t *testing.T, key string, at *time.Time) *Keeper {
	t.Helper()
	k, err := NewKeeper([]byte(key), func() time.Time { return *at })
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const aKey = "0123456789abcdef0123456789abcdef"

func TestASessionIsKnownAgainUntilItEnds(t *testing.T) {
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	k := keeper(t, aKey, &at)
	s := k.Open(Acting(Judge, "130108001"), true)
	sealed := k.Seal(s)
	if got, err := keeper(t, aKey, &at).Read(sealed); err != nil || got != s {
		t.Errorf("after a restart the session is %+v, %v", got, err)
	}
	at = at.Add(Lasting - time.Second)
	if _, err := k.Read(sealed); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	at = at.Add(time.Second)
	if _, err := k.Read(sealed); err != ErrSession {
		t.Errorf("at its end: %v", err)
	}
}

func TestAChangedSessionIsNoSession(t *testing.T) {
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	k := keeper(t, aKey, &at)
	sealed := k.Seal(k.Open(Acting(Leadership, ""), false))
	for _, bad := range []string{"", ".", sealed + "x", "x" + sealed, strings.Replace(sealed, ".", "..", 1), strings.SplitN(sealed, ".", 2)[0] + "."} {
		if _, err := k.Read(bad); err != ErrSession {
			t.Errorf("%.20q…: %v", bad, err)
		}
	}
	if _, err := keeper(t, "another key of enough bytes", &at).Read(sealed); err != ErrSession {
		t.Errorf("under another key: %v", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(sealed)-1).Draw(t, "place")
		c := rapid.SampledFrom([]byte("ABCxyz019-_")).Draw(t, "letter")
		changed := sealed[:i] + string(c) + sealed[i+1:]
		if got, err := k.Read(changed); err == nil && changed != sealed && got.Actor.Role != Leadership {
			t.Fatalf("changed at %d it is still %+v", i, got)
		}
	})
	if _, err := NewKeeper([]byte("short"), time.Now); err == nil {
		t.Error("a short key is taken")
	}
}

func TestAFormTokenBelongsToItsSession(t *testing.T) {
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	k := keeper(t, aKey, &at)
	mine, other := k.Open(Acting(Leadership, ""), true), k.Open(Acting(Leadership, ""), true)
	token := k.FormToken(mine)
	if !k.KnowsForm(mine, token) || !k.KnowsForm(mine, k.FormToken(mine)) {
		t.Error("a session does not know its own token")
	}
	if token == k.FormToken(mine) {
		t.Error("the token looks the same twice")
	}
	if k.KnowsForm(other, token) || k.KnowsForm(mine, "") || k.KnowsForm(mine, token[:10]) || k.KnowsForm(Session{}, k.FormToken(Session{})) {
		t.Error("a token is known where it must not be")
	}
	if strings.Contains(k.Seal(mine), token) {
		t.Error("the token stands in the cookie")
	}
}

func FuzzAnyCookieIsReadOrRefused(f *testing.F) {
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	k, _ := NewKeeper([]byte(aKey), func() time.Time { return at })
	f.Add(k.Seal(k.Open(Acting(Judge, "x"), true)))
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, cookie string) {
		if s, err := k.Read(cookie); err == nil && k.Seal(s) == "" {
			t.Error("a session that cannot be sealed")
		}
		k.KnowsForm(Session{ID: "x"}, cookie)
	})
}
