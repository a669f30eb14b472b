package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// How the live stream behaves: a sign of life, so that nothing between closes
// it; and at most so many messages, so that an import does not flood pages that
// would ask for their figures each time.
const (
	heartbeat = 15 * time.Second
	breath    = 300 * time.Millisecond
)

// streamLive tells pages that something happened and nothing more: how far the
// views have come. The page then asks for what it shows, so that what somebody
// may see is decided in one place. A page that was away says where it was
// (Last-Event-ID) and is told at once when there is more.
func (s *site) streamLive(v *visit) error {
	if !v.actor.Whole() {
		return errSession
	}
	w := v.echo.Response()
	open := http.NewResponseController(w)
	if err := errors.Join(open.SetReadDeadline(time.Time{}), open.SetWriteDeadline(time.Time{})); err != nil {
		return err // the server's time limits are for pages; this one is to stay open
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if _, err := fmt.Fprint(w, "retry: 3000\n\n"); err != nil {
		return nil // the page has gone
	}
	w.Flush()
	told := v.request().Header.Get("Last-Event-ID")
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		p, moved := s.Follower.Position()
		message := ": beat\n\n"
		if at := p.String(); at != told {
			message, told = "id: "+at+"\nevent: moved\ndata: "+at+"\n\n", at
		}
		if _, err := fmt.Fprint(w, message); err != nil {
			return nil
		}
		w.Flush()
		if !s.restBetween(v, moved, beat.C) {
			return nil
		}
	}
}

// restBetween waits until there may be something to tell; false: the page or
// the server has gone.
func (s *site) restBetween(v *visit, moved <-chan struct{}, beat <-chan time.Time) bool {
	pause := time.NewTimer(breath)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-v.request().Context().Done():
		return false
	}
	select {
	case <-moved:
	case <-beat:
	case <-v.request().Context().Done():
		return false
	}
	return true
}
