package web

import "github.com/a-h/templ"

func (s *site) showFigures(v *visit) error { return v.page(200, head{Title: v.say("menu.stats")}, templ.NopComponent) }
func (s *site) listBehind(v *visit) error  { return v.page(200, head{Title: v.say("menu.stats")}, templ.NopComponent) }
