package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
	"doorstep/projections/docket"
)

// deskPage is how many disputes a page of a list shows.
const deskPage = 30

// openStages are those that the desk shows unless somebody asks for others.
var openStages = []mediation.Stage{mediation.Filed, mediation.Designated, mediation.Mediating, mediation.Agreed}

// listView is a list of disputes with what it was asked for.
type listView struct {
	Path    string // of the page
	Text    string
	Stage   string // empty: what is open; "all": whatever its stage
	Urgency docket.Urgency
	Counts  map[docket.Urgency]int
	Open    int // all of them
	Page    docket.Page
	Pager   pagerView
	Did     string
}

// filtered tells whether something narrower than all that is open was asked for.
func (l listView) filtered() bool { return l.Text != "" || l.Stage != "" || l.Urgency != "" }

// with is the list's address with one thing asked for differently; the text
// that is looked for is never in it.
func (l listView) with(name, value string) string {
	asked := map[string]string{"stage": l.Stage, "urgency": string(l.Urgency)}
	if name != "" {
		asked[name] = value
	}
	q := url.Values{}
	for k, v := range asked {
		if v != "" {
			q.Set(k, v)
		}
	}
	if len(q) == 0 {
		return l.Path
	}
	return l.Path + "?" + q.Encode()
}

// searchLimit is how many disputes a search shows: whoever finds more writes
// more of the name.
const searchLimit = 200

// showDesk shows a workstation's disputes: what is due first on top. A text is
// looked for by POST only, since names have no place in an address.
func (s *site) showDesk(v *visit) error {
	l := listView{Path: "/desk", Text: v.searched(), Stage: v.asked("stage"), Urgency: docket.Urgency(v.asked("urgency")), Did: v.did()}
	if v.isSearch() && l.Text == "" && !v.isFragment() {
		return v.done(eventlog.Position{}, l.with("", ""))
	}
	filter := docket.Filter{Station: v.actor.Station, Text: l.Text, Urgency: l.Urgency, Stages: l.stages()}
	if l.Stage == "all" || len(filter.Stages) == 1 && filter.Stages[0].Ended() {
		filter.Order = docket.ByNewest
	}
	if err := l.read(v, filter); err != nil {
		return err
	}
	if v.isFragment() {
		return v.fragment(deskList(l))
	}
	return v.page(http.StatusOK, head{Title: v.say("menu.desk"), Scale: "wide"}, deskPageOf(l))
}

// isSearch tells whether the page was asked for with a text to look for.
func (v *visit) isSearch() bool { return v.request().Method == http.MethodPost }

// searched is the text that is looked for.
func (v *visit) searched() string {
	if !v.isSearch() {
		return ""
	}
	return strings.TrimSpace(v.echo.FormValue("q"))
}

// asked is one thing a list is asked for, in the address or in the form of the
// search.
func (v *visit) asked(name string) string {
	if v.isSearch() {
		return v.echo.FormValue(name)
	}
	return v.query(name)
}

// stages are those of the stage asked for.
func (l listView) stages() []mediation.Stage {
	switch l.Stage {
	case "":
		return openStages
	case "all":
		return nil
	}
	return []mediation.Stage{mediation.Stage(l.Stage)}
}

// read asks the docket for the page and for the counts of every urgency.
func (l *listView) read(v *visit, f docket.Filter) error {
	ctx := v.request().Context()
	f.Today, f.Limit, f.After = v.today(), deskPage, v.query("after")
	if l.Text != "" {
		f.Limit, f.After = searchLimit, ""
	}
	page, err := v.site.Docket.List(ctx, f)
	if errors.Is(err, docket.ErrAfter) { // the mark is of another list: begin this one
		f.After = ""
		page, err = v.site.Docket.List(ctx, f)
	}
	if err != nil {
		return err
	}
	if l.Counts, err = v.site.Docket.Count(ctx, f); err != nil {
		return err
	}
	for _, n := range l.Counts {
		l.Open += n
	}
	l.Page = page
	l.turn(v, f.After != "")
	return nil
}

// turn makes the pager. The address says behind which dispute the page begins;
// how many came before is for people only.
func (l *listView) turn(v *visit, later bool) {
	from, _ := strconv.Atoi(v.query("from"))
	if !later || from < 0 {
		from = 0
	}
	to := from + len(l.Page.Entries)
	l.Pager = pagerView{Total: l.Page.Total, From: min(from+1, l.Page.Total), To: min(to, l.Page.Total)}
	if l.Page.Next != "" && l.Text == "" {
		l.Pager.Next = l.with("after", l.Page.Next) + "&from=" + strconv.Itoa(to)
	}
	if later {
		l.Pager.Prev = l.with("", "")
	}
}

// section is a run of entries of one urgency.
type section struct {
	Urgency docket.Urgency
	Entries []docket.Entry
}

// sections are the entries in runs of one urgency, in the order of the list.
func (v *visit) sections(entries []docket.Entry) []section {
	var list []section
	for _, e := range entries {
		u := e.On(v.today())
		if n := len(list); n == 0 || list[n-1].Urgency != u {
			list = append(list, section{Urgency: u})
		}
		last := &list[len(list)-1]
		last.Entries = append(last.Entries, e)
	}
	return list
}

// awaits says who is to act on a dispute: the catalog's key.
func awaits(e docket.Entry) string {
	switch e.Stage {
	case mediation.Filed:
		return "awaits.station"
	case mediation.Designated:
		return "awaits.answer"
	case mediation.Mediating:
		return "awaits.mediation"
	case mediation.Agreed:
		return "awaits.effect"
	}
	return ""
}

// urgencyLooks is how the urgencies are shown.
var urgencyLooks = map[docket.Urgency]badgeLook{
	docket.Overdue: {toneBad, "alert"}, docket.Today: {toneWarn, "clock"}, docket.Soon: {toneWarn, "clock"},
	docket.Later: {toneInfo, "clock"}, docket.Unset: {toneQuiet, "flat"}, "": {toneQuiet, "check"},
}

// urgencyWord is the catalog's key of an urgency.
func urgencyWord(u docket.Urgency) string {
	if u == "" {
		return "urgency.closed"
	}
	return "urgency." + string(u)
}

// stageOptions are the stages to choose from.
func (v *visit) stageOptions() []option {
	list := []option{{Value: "all", Label: v.say("desk.all-stages")}}
	for _, st := range mediation.Stages[1:] {
		list = append(list, option{Value: string(st), Label: v.say("stage." + string(st))})
	}
	return list
}
