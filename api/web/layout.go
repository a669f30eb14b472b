package web

import (
	"github.com/a-h/templ"

	"doorstep/api/auth"
)

// htmxConfig takes from htmx what a strict policy forbids, and its cache of
// pages, which would keep names in the browser's store.
const htmxConfig = `{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"historyCacheSize":0,"historyEnabled":false}`

// menuItem is a line of the left rail.
type menuItem struct {
	href, label, icon string
	key               string // after G on the keyboard
	current           bool
}

func (m menuItem) attributes() templ.Attributes {
	if m.key == "" {
		return nil
	}
	return templ.Attributes{"data-go": m.key}
}

// rails are the lines of the left rail and the deed each needs.
var rails = []struct {
	deed auth.Deed
	item menuItem
}{
	{auth.SeeDesk, menuItem{href: "/desk", label: "menu.desk", icon: "inbox", key: "d"}},
	{auth.FileDispute, menuItem{href: "/cases/new", label: "menu.new", icon: "plus", key: "n"}},
	{auth.SeeInbox, menuItem{href: "/committee", label: "menu.inbox", icon: "inbox", key: "d"}},
	{auth.SeeConfirmations, menuItem{href: "/confirmations", label: "menu.confirmations", icon: "seal", key: "d"}},
	{auth.SeeFigures, menuItem{href: "/stats", label: "menu.stats", icon: "chart", key: "s"}},
	{auth.ListBehind, menuItem{href: "/stats/cases?measure=open", label: "menu.open", icon: "talk", key: "o"}},
}

// menu is the left rail of the visitor's role.
func (v *visit) menu() []menuItem {
	var list []menuItem
	path := v.request().URL.Path
	for _, r := range rails {
		if !auth.MayEver(v.actor, r.deed) {
			continue
		}
		item := r.item
		item.current = item.href == path || path == "/stats/cases" && item.href == path+"?measure="+v.query("measure")
		list = append(list, item)
	}
	return list
}

// actorName is the visitor's role and place.
func (v *visit) actorName() string {
	switch v.actor.Role {
	case auth.Judge:
		if st, ok := v.site.Directory.Station(v.actor.Station); ok {
			return st.Name
		}
	case auth.Committee:
		if o, ok := v.site.Directory.Organisation(v.actor.Organisation); ok {
			return o.Name
		}
	}
	return v.say("role." + string(v.actor.Role))
}

// otherLanguage is this page in the other language.
func (v *visit) otherLanguage() string {
	u := *v.request().URL
	if v.request().Method != "GET" {
		u.RawQuery, u.Path = "", "/"
	}
	q := u.Query()
	for _, lang := range languages {
		if lang != v.speech.Lang {
			q.Set("lang", lang)
		}
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// liveAttributes say how far the views had come when the page was made, so
// that its script notices what happened meanwhile.
func (v *visit) liveAttributes() templ.Attributes {
	if !v.actor.Whole() {
		return nil
	}
	p, _ := v.site.Follower.Position()
	return templ.Attributes{"data-live": "/live", "data-position": p.String()}
}
