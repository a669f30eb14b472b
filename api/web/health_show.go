package web

import (
	"net/http"
)

// health is what a watcher is told: nothing of any case.
type health struct {
	Status  string       `json:"status"` // ok, or paused when a view stands still
	Version string       `json:"version"`
	Views   []viewHealth `json:"views"`
}

type viewHealth struct {
	Name     string `json:"name"`
	Position string `json:"position"`
	Paused   bool   `json:"paused"`
}

// showHealth answers 200 while all views follow and 503 when one stands still.
func (s *site) showHealth(v *visit) error {
	h, status := health{Status: "ok", Version: s.Version, Views: []viewHealth{}}, http.StatusOK
	for _, st := range s.Follower.Status() {
		h.Views = append(h.Views, viewHealth{st.View, st.Position.String(), st.Paused != nil})
		if st.Paused != nil {
			h.Status, status = "paused", http.StatusServiceUnavailable
		}
	}
	return v.echo.JSON(status, h)
}
