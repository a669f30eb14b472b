package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// filled is the form that is posted to action, with what a browser would send
// if its visitor only pressed the button.
func (a answer) filled(action string) url.Values {
	values := url.Values{}
	form := a.find("action", action)
	if form == nil || attr(form, "method") != "post" {
		return nil
	}
	answer{page: form}.each(func(n *html.Node) {
		name := attr(n, "name")
		if name == "" || has(n, "disabled") {
			return
		}
		switch n.Data {
		case "textarea":
			values.Add(name, strings.TrimPrefix(text(n), "\n"))
		case "select":
			values.Add(name, chosen(n))
		case "input":
			if kind := attr(n, "type"); kind != "radio" && kind != "checkbox" || has(n, "checked") {
				values.Add(name, attr(n, "value"))
			}
		}
	})
	return values
}

// chosen is the value of a select: the option that is selected, or the first.
func chosen(n *html.Node) string {
	var options []*html.Node
	answer{page: n}.each(func(o *html.Node) {
		if o.Data == "option" {
			options = append(options, o)
		}
	})
	for _, o := range options {
		if has(o, "selected") {
			return attr(o, "value")
		}
	}
	return attr(options[0], "value")
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// text is all text below a node, spaces and all.
func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return b.String()
}

// fill opens a page and fills in the form there that is posted to action; pairs
// are names and values, and an empty value takes a field back.
func (v *visitor) fill(page, action string, pairs ...string) url.Values {
	v.t.Helper()
	a := v.get(page)
	values := a.filled(action)
	if values == nil {
		v.t.Fatalf("%s answers %d and has no form for %s: %s", page, a.status, action, words(a.page))
	}
	return having(values, pairs...)
}

// having is a copy of the values with others set; a name given twice has two.
func having(values url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for name, list := range values {
		out[name] = append([]string(nil), list...)
	}
	set := map[string]bool{}
	for i := 0; i < len(pairs); i += 2 {
		if !set[pairs[i]] {
			out.Del(pairs[i])
		}
		set[pairs[i]] = true
		if pairs[i+1] != "" {
			out.Add(pairs[i], pairs[i+1])
		}
	}
	return out
}

// take takes a step as a person would: opens its form, fills it in, sends it,
// and looks at the page that follows.
func (v *visitor) take(id, step string, pairs ...string) answer {
	v.t.Helper()
	path := "/cases/" + id + "/" + step
	return v.sent(path, v.fill(path, path, pairs...))
}

// sent sends a form and goes on to the page that follows; anything else than a
// redirection fails the test.
func (v *visitor) sent(path string, values url.Values) answer {
	v.t.Helper()
	a := v.post(path, values)
	if a.status != http.StatusSeeOther {
		v.t.Fatalf("%s answers %d: %s", path, a.status, words(a.page))
	}
	return v.follow(a.header.Get("Location"))
}

// all are the elements of that data-testid.
func (a answer) all(id string) []*html.Node {
	var list []*html.Node
	a.each(func(n *html.Node) {
		if attr(n, "data-testid") == id {
			list = append(list, n)
		}
	})
	return list
}

// titles are what the timeline tells, the newest first.
func (a answer) titles() []string {
	var list []string
	a.each(func(n *html.Node) {
		if attr(n, "class") == "event-name" {
			list = append(list, words(n))
		}
	})
	return list
}

// stage is the word of the stage that the case's heads show.
func (a answer) stage(t testing.TB) string {
	t.Helper()
	var found string
	a.each(func(n *html.Node) {
		if found == "" && strings.HasPrefix(attr(n, "class"), "badge") && n.Parent != nil && attr(n.Parent, "class") == "plate-facts" {
			found = words(n)
		}
	})
	return found
}
