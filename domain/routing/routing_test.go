package routing

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"

	"doorstep/domain/mediation"
	"pgregory.net/rapid"
)

// read is a small table of testdata without its header.
func read(t testing.TB, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", name, len(rows), err)
	}
	return rows[1:]
}

// bodies are the organisations of the court, all with the same load.
func bodies(t testing.TB) []Organisation {
	t.Helper()
	var list []Organisation
	for _, r := range read(t, "organisations.csv") {
		list = append(list, Organisation{Code: r[0], Name: r[1], Type: r[2], Scope: r[3], Open: 5})
	}
	return list
}

var (
	person     = []mediation.PartyKind{mediation.Person}
	enterprise = []mediation.PartyKind{mediation.Organisation}
)

func codes(candidates []mediation.Candidate) []string {
	list := make([]string, len(candidates))
	for i, c := range candidates {
		list[i] = c.Organisation
	}
	return list
}

func TestWhoIsOfferedFirstAndWhoIsShutOut(t *testing.T) {
	for _, c := range []struct {
		name   string
		matter Matter
		first  string
		out    map[string]string // organisation -> rule
	}{
		{"an administrative dispute goes to the administrative centre alone",
			Matter{Cause: "行政争议", Administrative: true, Applicants: person, Respondents: enterprise}, "XZ-01",
			map[string]string{"RT-01": "administrative-only", "SH-01": "administrative-only", "GH-01": "out-of-scope", "HY-01": "out-of-scope", "HY-02": "out-of-scope", "SQ-01": "administrative-only", "LS-01": "administrative-only"}},
		{"a dispute about property management goes to its own committee",
			Matter{Cause: "物业服务合同纠纷", Amount: 350000, Applicants: enterprise, Respondents: person}, "HY-01",
			map[string]string{"GH-01": "out-of-scope", "HY-02": "out-of-scope", "XZ-01": "out-of-scope"}},
		{"a traffic accident goes to its own committee",
			Matter{Cause: "机动车交通事故责任纠纷", Amount: 900000, Applicants: person, Respondents: person}, "HY-02",
			map[string]string{"GH-01": "out-of-scope", "HY-01": "out-of-scope", "SH-01": "out-of-scope", "XZ-01": "out-of-scope"}},
		{"a dispute about work goes to the union",
			Matter{Cause: "劳动争议", Amount: 900000, Applicants: person, Respondents: enterprise}, "GH-01",
			map[string]string{"HY-01": "out-of-scope", "HY-02": "out-of-scope", "XZ-01": "out-of-scope"}},
		{"a dispute between enterprises goes to the chamber",
			Matter{Cause: "买卖合同纠纷", Amount: 30000000, Applicants: enterprise, Respondents: enterprise}, "SH-01",
			map[string]string{"GH-01": "out-of-scope", "HY-01": "out-of-scope", "HY-02": "out-of-scope", "XZ-01": "out-of-scope"}},
		{"a divorce goes to a people's committee",
			Matter{Cause: "离婚纠纷", Applicants: person, Respondents: person}, "RT-01",
			map[string]string{"SH-01": "out-of-scope", "GH-01": "out-of-scope", "HY-01": "out-of-scope", "HY-02": "out-of-scope", "XZ-01": "out-of-scope"}},
		{"a large loan goes to the lawyers",
			Matter{Cause: "金融借款合同纠纷", Amount: 25000000, Applicants: enterprise, Respondents: person}, "LS-01",
			map[string]string{"GH-01": "out-of-scope", "HY-01": "out-of-scope", "HY-02": "out-of-scope", "XZ-01": "out-of-scope"}},
		{"who declined is not asked again",
			Matter{Cause: "离婚纠纷", Applicants: person, Respondents: person, Declined: []string{"RT-01", "SH-01"}}, "SQ-01",
			map[string]string{"RT-01": "declined-before", "SH-01": "out-of-scope", "GH-01": "out-of-scope", "HY-01": "out-of-scope", "HY-02": "out-of-scope", "XZ-01": "out-of-scope"}},
	} {
		candidates, excluded := Official().Rank(c.matter, bodies(t))
		if len(candidates) == 0 || candidates[0].Organisation != c.first {
			t.Errorf("%s: offered %v", c.name, codes(candidates))
		}
		out := map[string]string{}
		for _, e := range excluded {
			out[e.Organisation] = e.Reason.Rule
			if e.Reason.Chinese == "" || e.Reason.English == "" {
				t.Errorf("%s: %s is shut out without a word", c.name, e.Organisation)
			}
		}
		if len(out) != len(c.out) || len(candidates)+len(excluded) != 8 {
			t.Errorf("%s: shut out %v", c.name, out)
		}
		for o, rule := range c.out {
			if out[o] != rule {
				t.Errorf("%s: %s is shut out by %q, want %q", c.name, o, out[o], rule)
			}
		}
	}
}

func TestLoadTakesPointsAndTiesHaveOneAnswer(t *testing.T) {
	divorce := Matter{Cause: "离婚纠纷", Applicants: person, Respondents: person}
	for _, c := range []struct {
		name   string
		rt, sq int
		first  string
		load   int // points taken from RT-01
	}{
		{"equal in all: by code", 5, 5, "RT-01", 0},
		{"equal in points: who has fewer in hand", 9, 8, "SQ-01", 0},
		{"ten in hand", 10, 9, "SQ-01", -2},
		{"at most twenty points, and others come first", 1000, 100, "LS-01", -20},
	} {
		list := bodies(t)
		for i := range list {
			switch list[i].Code {
			case "RT-01":
				list[i].Open = c.rt
			case "SQ-01":
				list[i].Open = c.sq
			}
		}
		candidates, _ := Official().Rank(divorce, list)
		if candidates[0].Organisation != c.first {
			t.Errorf("%s: %v", c.name, codes(candidates))
		}
		i := slices.IndexFunc(candidates, func(x mediation.Candidate) bool { return x.Organisation == "RT-01" })
		points := 0
		for _, r := range candidates[i].Reasons {
			if r.Rule == "load" {
				points = r.Points
			}
		}
		if points != c.load || candidates[i].Open != c.rt {
			t.Errorf("%s: load takes %d from who has %d", c.name, points, candidates[i].Open)
		}
	}
}

func TestEveryDisputeOfTheLedgerFindsSomebody(t *testing.T) {
	for _, r := range read(t, "matters.csv") {
		amount, err := mediation.ParseYuan(r[1])
		if err != nil {
			t.Fatal(err)
		}
		d := mediation.Dispute{Cause: r[0], Amount: amount, Parties: []mediation.Party{
			{Key: "A1", Role: mediation.Applicant, Kind: mediation.KindOfName(r[2]), Name: r[2]},
			{Key: "B1", Role: mediation.Respondent, Kind: mediation.KindOfName(r[3]), Name: r[3]},
		}}
		if candidates, _ := Official().Rank(MatterOf(d, "130108001"), bodies(t)); len(candidates) < 2 {
			t.Errorf("%s between %s and %s: only %v", r[0], r[2], r[3], codes(candidates))
		}
	}
}

func TestAMatterTakesKindsAndNoNames(t *testing.T) {
	d := mediation.Dispute{Cause: "行政争议", Amount: 100, Declined: []string{"RT-01"}, Parties: []mediation.Party{
		{Key: "A1", Role: mediation.Applicant, Kind: mediation.Person, Name: "王芳"},
		{Key: "B1", Role: mediation.Respondent, Kind: mediation.Organisation, Name: "裕华区市场监督管理局"},
	}}
	m := MatterOf(d, "130108001")
	b, _ := json.Marshal(m)
	if !m.Administrative || m.Territory != "130108001" || m.Cause != d.Cause || m.Amount != 100 || !slices.Equal(m.Declined, d.Declined) || strings.Contains(string(b), "王芳") {
		t.Errorf("%s", b)
	}
	d.Parties[0].Name, d.Parties[1].Name = "裕华区市场监督管理局", "王芳" // an organ that applies makes no administrative dispute
	if MatterOf(d, "").Administrative {
		t.Error("an organ on the applicant's side makes it administrative")
	}
}

func TestEachConditionOfARuleCounts(t *testing.T) {
	yes := true
	o := Organisation{Code: "LS-01", Type: "律师调解", Open: 3}
	m := Matter{Cause: "买卖合同纠纷", Amount: 10000, Applicants: person, Respondents: enterprise, Declined: []string{"LS-01"}}
	for name, c := range map[string]struct {
		when  When
		holds bool
	}{
		"nothing is asked":            {When{}, true},
		"its type":                    {When{Types: []string{"商会", "律师"}}, true},
		"another type":                {When{Types: []string{"商会"}}, false},
		"not its type":                {When{NotTypes: []string{"律师"}}, false},
		"not another type":            {When{NotTypes: []string{"商会"}}, true},
		"takes all":                   {When{Scope: "none"}, true},
		"for this cause alone":        {When{Scope: "cause"}, false},
		"a word of the cause":         {When{Causes: []string{"离婚", "买卖"}}, true},
		"no word of the cause":        {When{Causes: []string{"离婚"}}, false},
		"administrative":              {When{Administrative: &yes}, false},
		"an enterprise on some side":  {When{Enterprise: "any"}, true},
		"enterprises on both sides":   {When{Enterprise: "both"}, false},
		"persons only":                {When{NoEnterprise: true}, false},
		"from an amount":              {When{AmountFrom: 100}, true},
		"from a larger amount":        {When{AmountFrom: 101}, false},
		"below an amount":             {When{AmountBelow: 101}, true},
		"below the amount itself":     {When{AmountBelow: 100}, false},
		"it declined":                 {When{Declined: true}, true},
		"all of it, one thing amiss":  {When{Types: []string{"律师"}, Causes: []string{"买卖"}, AmountFrom: 101}, false},
		"all of it and nothing amiss": {When{Types: []string{"律师"}, Causes: []string{"买卖"}, AmountFrom: 1, Declined: true}, true},
	} {
		if got := c.when.holds(m, o); got != c.holds {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (When{Declined: true}).holds(m, Organisation{Code: "RT-01"}) {
		t.Error("another's refusal counts against RT-01")
	}
}

func TestARuleSetThatCannotBeUsedIsRefused(t *testing.T) {
	rule := `{"id":"a","points":1,"zh":"甲","en":"a"}`
	for name, in := range map[string]string{
		"no JSON":                  `{`,
		"a field of no meaning":    `{"version":"1","weights":{}}`,
		"something behind it":      `{"version":"1"}{"version":"2"}`,
		"no version":               `{"rules":[]}`,
		"no id":                    `{"version":"1","rules":[{"zh":"甲","en":"a"}]}`,
		"an id twice":              `{"version":"1","rules":[` + rule + `,` + rule + `]}`,
		"no word in Chinese":       `{"version":"1","rules":[{"id":"a","en":"a"}]}`,
		"no word in English":       `{"version":"1","rules":[{"id":"a","zh":"甲"}]}`,
		"a scope of no meaning":    `{"version":"1","rules":[{"id":"a","zh":"甲","en":"a","if":{"scope":"far"}}]}`,
		"an enterprise nowhere":    `{"version":"1","rules":[{"id":"a","zh":"甲","en":"a","if":{"enterprise":"none"}}]}`,
		"points beyond all reason": `{"version":"1","rules":[{"id":"a","zh":"甲","en":"a","points":10001}]}`,
		"load that gives points":   `{"version":"1","load":{"per":10,"points":-2,"most":20}}`,
		"load per less than none":  `{"version":"1","load":{"per":-1,"points":2,"most":20}}`,
		"load beyond all reason":   `{"version":"1","load":{"per":1,"points":2,"most":20000}}`,
	} {
		if _, err := Parse([]byte(in)); !errors.Is(err, ErrRules) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if set, err := Parse([]byte(`{"version":"1","rules":[` + rule + `]}`)); err != nil || set.Version != "1" {
		t.Errorf("a rule set that can be used: %v", err)
	}
}

func TestAnOrganisationOfWhichNoRuleSpeaksIsOfferedWithThatReason(t *testing.T) {
	set, err := Parse([]byte(`{"version":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	candidates, _ := set.Rank(Matter{}, []Organisation{{Code: "RT-01", Open: 1 << 60}})
	if len(candidates) != 1 || candidates[0].Score != 0 || candidates[0].Reasons[0].Rule != "unopposed" {
		t.Errorf("%+v", candidates)
	}
}

func TestNoLoadAddsUpToNonsense(t *testing.T) {
	set := RuleSet{Version: "1", Load: Load{Per: 1, Points: 10000, Most: 10000}}
	candidates, _ := set.Rank(Matter{}, []Organisation{{Code: "A", Open: 1 << 62}, {Code: "B", Open: 0}})
	if candidates[0].Organisation != "B" || candidates[1].Score != -10000 {
		t.Errorf("%+v", candidates)
	}
}

// anyMatter and anyBody are whatever a court may have.
func anyMatter(t *rapid.T) Matter {
	kinds := rapid.SliceOfN(rapid.SampledFrom([]mediation.PartyKind{mediation.Person, mediation.Organisation}), 1, 3)
	return Matter{
		Cause:          rapid.SampledFrom([]string{"离婚纠纷", "物业服务合同纠纷", "劳动争议", "买卖合同纠纷", "行政争议", "", "供用热力合同纠纷"}).Draw(t, "cause"),
		Amount:         mediation.Fen(rapid.Int64Range(0, 1e10).Draw(t, "amount")),
		Administrative: rapid.Bool().Draw(t, "administrative"),
		Applicants:     kinds.Draw(t, "applicants"), Respondents: kinds.Draw(t, "respondents"),
		Declined: rapid.SliceOfN(rapid.SampledFrom([]string{"O0", "O1", "O2"}), 0, 2).Draw(t, "declined"),
	}
}

func anyBodies(t *rapid.T) []Organisation {
	list := make([]Organisation, rapid.IntRange(0, 9).Draw(t, "bodies"))
	for i := range list {
		list[i] = Organisation{
			Code:  "O" + string(rune('0'+i)),
			Type:  rapid.SampledFrom([]string{"人民调解委员会", "商会调解组织", "律师调解", "行政争议化解", "工会调解组织", ""}).Draw(t, "type"),
			Scope: rapid.SampledFrom([]string{"", "企业", "行政", "劳动争议", "物业服务合同纠纷"}).Draw(t, "scope"),
			Open:  rapid.IntRange(0, 30).Draw(t, "open"),
		}
	}
	return list
}

func TestTheOrderOfTheOrganisationsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, list := anyMatter(t), anyBodies(t)
		candidates, excluded := Official().Rank(m, list)
		shuffled := slices.Clone(list)
		rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		c2, e2 := Official().Rank(m, shuffled)
		one, _ := json.Marshal([]any{candidates, excluded})
		two, _ := json.Marshal([]any{c2, e2})
		if string(one) != string(two) {
			t.Fatalf("%s\n%s", one, two)
		}
		if len(candidates)+len(excluded) != len(list) {
			t.Fatalf("%d organisations, %d offered, %d shut out", len(list), len(candidates), len(excluded))
		}
		for i, c := range candidates {
			sum := 0
			for _, r := range c.Reasons {
				sum += r.Points
			}
			if len(c.Reasons) == 0 || sum != c.Score {
				t.Fatalf("%s scores %d for reasons of %d: %+v", c.Organisation, c.Score, sum, c.Reasons)
			}
			if i > 0 && c.Score > candidates[i-1].Score {
				t.Fatalf("%s stands behind who scores less", c.Organisation)
			}
			if slices.Contains(m.Declined, c.Organisation) {
				t.Fatalf("%s declined and is offered", c.Organisation)
			}
			if o := list[slices.IndexFunc(list, func(o Organisation) bool { return o.Code == c.Organisation })]; m.Administrative && !strings.Contains(o.Type, "行政争议") {
				t.Fatalf("an administrative dispute is offered to a body of type %q", o.Type)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(official)
	f.Add([]byte(`{"version":"1","rules":[{"id":"a","if":{"scope":"near"},"points":-3,"zh":"甲","en":"a"}],"load":{"per":1,"points":1,"most":9}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		set, err := Parse(in)
		if err != nil {
			if !errors.Is(err, ErrRules) {
				t.Fatal(err)
			}
			return
		}
		m := Matter{Cause: "买卖合同纠纷", Amount: 1, Applicants: person, Respondents: enterprise}
		candidates, excluded := set.Rank(m, []Organisation{{Code: "A", Type: "律师调解", Open: 1 << 60}, {Code: "B", Scope: "企业"}})
		if len(candidates)+len(excluded) != 2 {
			t.Fatalf("%v %v", candidates, excluded)
		}
		for _, c := range candidates {
			if len(c.Reasons) == 0 {
				t.Fatalf("%s is offered without a reason", c.Organisation)
			}
		}
	})
}
