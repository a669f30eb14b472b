package web

import (
	"net/http"
	"slices"
	"strconv"

	"doorstep/api/auth"
	"doorstep/projections/docket"
	"doorstep/projections/statistics"
)

// behindPage is how many disputes a page of the list shows.
const behindPage = 50

// behindView is the disputes behind a number: by case number, never by name.
type behindView struct {
	Measure statistics.Measure
	Period  period
	Part    string // name of the workstation, organisation or cause; empty: the whole
	Entries []behindRow
	Pager   pagerView
	Back    string // address of the dashboard
}

// behindRow is one dispute; Address is empty where it is not the visitor's to
// see.
type behindRow struct {
	docket.Entry
	Station, Organisation string // names
	Address               string
}

// listBehind lists the disputes behind a number: as many as it says.
func (s *site) listBehind(v *visit) error {
	p, err := v.period()
	if err != nil {
		return err
	}
	m := statistics.Measure(v.query("measure"))
	if !slices.Contains(statistics.Measures, m) {
		return errNotFound
	}
	q := p.query()
	q.Organisation, q.Cause = v.query("organisation"), v.query("cause")
	ids := s.Statistics.Cases(q, m)
	slices.Reverse(ids) // what came last is looked for first
	page, pages := 1, max((len(ids)+behindPage-1)/behindPage, 1)
	if n, err := strconv.Atoi(v.query("page")); err == nil {
		page = min(max(n, 1), pages)
	}
	from, to := (page-1)*behindPage, min(page*behindPage, len(ids))
	view := behindView{Measure: m, Period: p, Part: s.partName(q), Back: p.address("/stats")}
	if view.Entries, err = s.behindRows(v, ids[from:to]); err != nil {
		return err
	}
	view.Pager = pagerView{Total: len(ids), From: from + 1, To: to}
	at := func(page int) string {
		return p.list(m, "organisation", q.Organisation, "cause", q.Cause, "page", strconv.Itoa(page))
	}
	if page > 1 {
		view.Pager.Prev = at(page - 1)
	}
	if page < pages {
		view.Pager.Next = at(page + 1)
	}
	return v.page(http.StatusOK, head{Title: v.say("behind.title", "measure", v.say("measure."+string(m))), AsOf: p.AsOf, Scale: "wide"}, behindList(view))
}

// behindRows finds what lists show of the disputes, in the order of the ids.
func (s *site) behindRows(v *visit, ids []string) ([]behindRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	page, err := s.Docket.List(v.request().Context(), docket.Filter{IDs: ids, Limit: behindPage})
	if err != nil {
		return nil, err
	}
	rows := make([]behindRow, len(page.Entries))
	for i, e := range page.Entries {
		rows[i] = s.behindRow(v, e)
	}
	slices.SortFunc(rows, func(a, b behindRow) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return rows, nil
}

func (s *site) behindRow(v *visit, e docket.Entry) behindRow {
	row := behindRow{Entry: e, Station: e.Station, Organisation: e.Organisation}
	if st, ok := s.Directory.Station(e.Station); ok {
		row.Station = st.Name
	}
	if o, ok := s.Directory.Organisation(e.Organisation); ok {
		row.Organisation = o.Name
	}
	on := auth.Subject{Station: e.Station, Organisation: e.Organisation, Applied: e.Confirmation != ""}
	if auth.May(v.actor, auth.SeeDispute, on) {
		row.Address = "/cases/" + e.ID
	}
	return row
}

// partName names the part of the court that the list is of.
func (s *site) partName(q statistics.Query) string {
	name := q.Cause
	if o, ok := s.Directory.Organisation(q.Organisation); ok {
		name = o.Name
	}
	if st, ok := s.Directory.Station(q.Station); ok && name == "" {
		name = st.Name
	}
	return name
}

// number is by what a dispute is called: its case number, or the source's id,
// or the beginning of its own.
func (r behindRow) number() string {
	switch {
	case r.Number != "":
		return r.Number
	case r.Source != "":
		return r.Source
	}
	return r.ID[:min(len(r.ID), 8)]
}
