package roster

import (
	"slices"
	"strings"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/decide/decidetest"
)

type row = decidetest.Row[Command, Event]

var room = decidetest.Room[Entry, Command, Event]{Decider: Decider, Codec: Codec}

func rows() []row { return slices.Concat(listingRows(), figureRows()) }

func TestWhatMayBeListed(t *testing.T) { room.Decides(t, rows()) }

func TestEveryRefusalIsShownInTheTable(t *testing.T) { room.Reaches(t, rows()) }

func TestStoredRostersStayReadable(t *testing.T) { room.Stored(t, rows()) }

func TestFoldingARosterLeavesItsPastAlone(t *testing.T) { room.FoldsPurely(t, rows()) }

func FuzzDecode(f *testing.F) { room.Fuzz(f, rows()) }

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(s string) When { return When{calendar.On(day(s))} }

func listingRows() []row {
	opened := calendar.On(day("2021-01-04"))
	station := StationListed{When{opened}, "130108001", "裕兴街道法官工作站", "130108001"}
	organisation := OrganisationListed{When{opened}, "HY-01", "物业纠纷人民调解委员会", "行业性专业性调解组织", "物业服务合同纠纷"}
	territory := TerritoryListed{When{opened}, "130108001", "裕兴街道", "130108"}
	return []row{
		{Name: "list a workstation", When: ListStation{opened, "130108001", "裕兴街道法官工作站", "130108001"}, Then: []Event{station}},
		{Name: "list it again", Given: []Event{station}, When: ListStation{calendar.On(day("2022-01-04")), "130108001", "裕兴街道法官工作站", "130108001"}},
		{Name: "list it under another name", Given: []Event{station}, When: ListStation{opened, "130108001", "裕兴法官工作站", "130108001"}, Then: []Event{StationListed{When{opened}, "130108001", "裕兴法官工作站", "130108001"}}},
		{Name: "list it for another territory", Given: []Event{station}, When: ListStation{opened, "130108001", "裕兴街道法官工作站", "130108002"}, Then: []Event{StationListed{When{opened}, "130108001", "裕兴街道法官工作站", "130108002"}}},
		{Name: "list a workstation without a code", When: ListStation{opened, "", "裕兴街道法官工作站", "130108001"}, Refused: ErrNoCode},
		{Name: "list a workstation without a name", When: ListStation{opened, "130108001", "", "130108001"}, Refused: ErrNoCode},

		{Name: "list an organisation", When: ListOrganisation{opened, "HY-01", "物业纠纷人民调解委员会", "行业性专业性调解组织", "物业服务合同纠纷"}, Then: []Event{organisation}},
		{Name: "list the organisation again", Given: []Event{organisation}, When: ListOrganisation{opened, "HY-01", "物业纠纷人民调解委员会", "行业性专业性调解组织", "物业服务合同纠纷"}},
		{Name: "widen its scope", Given: []Event{organisation}, When: ListOrganisation{opened, "HY-01", "物业纠纷人民调解委员会", "行业性专业性调解组织", ""}, Then: []Event{OrganisationListed{When{opened}, "HY-01", "物业纠纷人民调解委员会", "行业性专业性调解组织", ""}}},
		{Name: "change its type", Given: []Event{organisation}, When: ListOrganisation{opened, "HY-01", "物业纠纷人民调解委员会", "人民调解委员会", "物业服务合同纠纷"}, Then: []Event{OrganisationListed{When{opened}, "HY-01", "物业纠纷人民调解委员会", "人民调解委员会", "物业服务合同纠纷"}}},
		{Name: "change its name", Given: []Event{organisation}, When: ListOrganisation{opened, "HY-01", "物业调委会", "行业性专业性调解组织", "物业服务合同纠纷"}, Then: []Event{OrganisationListed{When{opened}, "HY-01", "物业调委会", "行业性专业性调解组织", "物业服务合同纠纷"}}},
		{Name: "list an organisation without a code", When: ListOrganisation{At: opened, Name: "物业纠纷人民调解委员会"}, Refused: ErrNoCode},

		{Name: "list a territory", When: ListTerritory{opened, "130108001", "裕兴街道", "130108"}, Then: []Event{territory}},
		{Name: "list the territory again", Given: []Event{territory}, When: ListTerritory{opened, "130108001", "裕兴街道", "130108"}},
		{Name: "list it under another parent", Given: []Event{territory}, When: ListTerritory{opened, "130108001", "裕兴街道", "130109"}, Then: []Event{TerritoryListed{When{opened}, "130108001", "裕兴街道", "130109"}}},
		{Name: "list it under itself", When: ListTerritory{opened, "130108001", "裕兴街道", "130108001"}, Refused: ErrOwnChild},
		{Name: "list a territory without a name", When: ListTerritory{opened, "130108001", "", ""}, Refused: ErrNoCode},
	}
}

func figureRows() []row {
	publish := func(change func(*PublishPopulation)) PublishPopulation {
		cmd := PublishPopulation{"130108001", Resident, day("2020-12-31"), 84000, "统计公报", day("2021-03-31")}
		if change != nil {
			change(&cmd)
		}
		return cmd
	}
	published := PopulationPublished{at("2021-03-31"), "130108001", Resident, day("2020-12-31"), 84000, "统计公报"}
	restated, registered := published, published
	restated.People, registered.Basis = 84100, Registered
	suits := func(month string, kind SuitKind, n int) CountSuits { return CountSuits{"130108001", month, kind, n} }
	counted := SuitsCounted{at("2021-02-28"), "130108001", "2021-02", Civil, 63}
	return []row{
		{Name: "publish a population", When: publish(nil), Then: []Event{published}},
		{Name: "publish it again", Given: []Event{published}, When: publish(nil)},
		{Name: "restate it", Given: []Event{published}, When: publish(func(c *PublishPopulation) { c.People = 84100 }), Then: []Event{restated}},
		{Name: "restate it to what it was before", Given: []Event{published, restated}, When: publish(nil), Then: []Event{published}},
		{Name: "publish it on another basis", Given: []Event{published}, When: publish(func(c *PublishPopulation) { c.Basis = Registered }), Then: []Event{registered}},
		{Name: "publish it on the day it belongs to, where no other is told", When: publish(func(c *PublishPopulation) { c.Published = 0 }), Then: []Event{PopulationPublished{at("2020-12-31"), "130108001", Resident, day("2020-12-31"), 84000, "统计公报"}}},
		{Name: "publish nobody's population", When: publish(func(c *PublishPopulation) { c.Territory = "" }), Refused: ErrNoCode},
		{Name: "publish it on no basis", When: publish(func(c *PublishPopulation) { c.Basis = "大概" }), Refused: ErrBasis},
		{Name: "publish it for no day", When: publish(func(c *PublishPopulation) { c.Day = 0 }), Refused: ErrDay},
		{Name: "publish less than nobody", When: publish(func(c *PublishPopulation) { c.People = -1 }), Refused: ErrNumber},

		{Name: "count a month's suits, known by its last day", When: suits("2021-02", Civil, 63), Then: []Event{counted}},
		{Name: "count a leap February", When: suits("2024-02", Administrative, 0), Then: []Event{SuitsCounted{at("2024-02-29"), "130108001", "2024-02", Administrative, 0}}},
		{Name: "count a December", When: suits("2021-12", Civil, 1), Then: []Event{SuitsCounted{at("2021-12-31"), "130108001", "2021-12", Civil, 1}}},
		{Name: "count it again", Given: []Event{counted}, When: suits("2021-02", Civil, 63)},
		{Name: "restate it as", Given: []Event{counted}, When: suits("2021-02", Civil, 64), Then: []Event{SuitsCounted{at("2021-02-28"), "130108001", "2021-02", Civil, 64}}},
		{Name: "none, where none was told before", Given: []Event{counted}, When: suits("2021-02", Administrative, 0), Then: []Event{SuitsCounted{at("2021-02-28"), "130108001", "2021-02", Administrative, 0}}},
		{Name: "count nobody's suits", When: CountSuits{"", "2021-02", Civil, 63}, Refused: ErrNoCode},
		{Name: "count a thirteenth month", When: suits("2021-13", Civil, 63), Refused: ErrMonth},
		{Name: "count a day for a month", When: suits("2021-02-01", Civil, 63), Refused: ErrMonth},
		{Name: "count criminal suits", When: suits("2021-02", "刑事", 63), Refused: ErrSuits},
		{Name: "count fewer than none", When: suits("2021-02", Civil, -1), Refused: ErrNumber},
	}
}

func TestEveryCodeHasAStreamOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	for _, code := range []string{"130108001", "130108002", "RT-01", "rt-01", "裕兴", "裕强", "", " ", "a b", "x-", "x-7d865e959b2466918c98", strings.Repeat("9", 60), strings.Repeat("9", 61), strings.Repeat("9", 62), "a.b", "a*", "a>"} {
		s := StationStream(code)
		if other, twice := seen[s]; twice {
			t.Errorf("%q and %q share %s", other, code, s)
		}
		seen[s] = code
		id := strings.TrimPrefix(s, "station-")
		if len(id) < 1 || len(id) > 64 || strings.ContainsAny(id, " .*>裕") {
			t.Errorf("%q lies in %q", code, s)
		}
	}
	if forged := strings.TrimPrefix(StationStream("裕兴"), "station-"); StationStream(forged) == StationStream("裕兴") {
		t.Errorf("a code written as the digest of another finds its stream: %s", forged)
	}
	if StationStream("RT-01") != "station-RT-01" || OrganisationStream("RT-01") != "organisation-RT-01" || TerritoryStream("130108") != "territory-130108" {
		t.Error("a plain code should be found under itself")
	}
}

func TestEveryTextOfTheRosterSaysWhoseItIs(t *testing.T) { room.DeclaresPersonal(t) }
