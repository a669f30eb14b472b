package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"doorstep/api/local"
	"doorstep/domain/calendar"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/operations"
)

// The questions about views.
const (
	askViews   = "views"
	askResume  = "views/resume"
	askRebuild = "views/rebuild"
	askSkip    = "views/skip"
)

// ViewStatus is how one view stands, for an operator: nothing of any case.
type ViewStatus struct {
	View     string                     `json:"view"`
	Position string                     `json:"position"`
	Paused   string                     `json:"paused,omitempty"` // why and at which record it stands still
	At       uint64                     `json:"paused_position,omitempty"`
	Building bool                       `json:"building"`          // it is not in use yet, or a copy is built beside it
	Done     float64                    `json:"done"`              // of the building, 0 to 1
	Records  int64                      `json:"records,omitempty"` // of the building
	Rate     float64                    `json:"rate,omitempty"`    // records a second
	Left     float64                    `json:"seconds_left,omitempty"`
	Failed   string                     `json:"failed,omitempty"` // why the last copy was not put in use
	Skipped  []operations.RecordSkipped `json:"skipped,omitempty"`
}

// ErrNotThere is given where a view does not stand still at the record that an
// operator names: what a view can take in is never left out.
var ErrNotThere = errors.New("the view does not stand still at that record")

// ErrWhole is given for the ledger, which holds every commit or is worth nothing.
var ErrWhole = errors.New("of the ledger no record can be left out")

// ViewsNow tells how every view stands.
func (court *Court) ViewsNow(ctx context.Context) ([]ViewStatus, error) {
	if court.Remote != nil {
		return local.Ask[struct{}, []ViewStatus](ctx, court.Remote, askViews, struct{}{})
	}
	decided, _, err := court.Operations.Load(ctx, operations.Stream)
	if err != nil {
		return nil, err
	}
	var list []ViewStatus
	for _, st := range court.Follower.Status() {
		v := ViewStatus{View: st.View, Position: st.Position.String(), Building: st.Building || st.Anew, Done: 1}
		if st.Paused != nil {
			v.Paused, v.At = st.Paused.Error(), st.Paused.Position.Token()
		}
		if st.Progress != nil {
			v.Done, v.Records, v.Rate, v.Left = st.Progress.Done, st.Progress.Records, st.Progress.Rate, st.Progress.Left.Seconds()
		}
		if st.Failed != nil {
			v.Failed = st.Failed.Error()
		}
		for _, s := range decided.Skipped {
			if s.View == st.View {
				v.Skipped = append(v.Skipped, s)
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// ResumeView lets a view that stands still try again. Errors: the follower's.
func (court *Court) ResumeView(ctx context.Context, name string) error {
	if court.Remote != nil {
		_, err := local.Ask[string, struct{}](ctx, court.Remote, askResume, name)
		return err
	}
	return court.Follower.Resume(name)
}

// RebuildView begins to build a view anew beside the one in use; ViewsNow tells
// the progress. Errors: the follower's.
func (court *Court) RebuildView(ctx context.Context, name string) error {
	if court.Remote != nil {
		_, err := local.Ask[string, struct{}](ctx, court.Remote, askRebuild, name)
		return err
	}
	_, err := court.Follower.Rebuild(name)
	return err
}

// Skip is an operator's wish that a view leaves a record out.
type Skip struct {
	View     string
	Position uint64
	Reason   string
}

// SkipRecord keeps the operator's decision in the record itself; the view goes
// on by it. Errors: ErrNotThere, ErrWhole; a refusal; the log's.
func (court *Court) SkipRecord(ctx context.Context, s Skip) error {
	if court.Remote != nil {
		_, err := local.Ask[Skip, struct{}](ctx, court.Remote, askSkip, s)
		return err
	}
	if s.View == court.Ledger.Name() {
		return ErrWhole
	}
	for _, st := range court.Follower.Status() {
		if st.View != s.View || st.Paused == nil || st.Paused.Record.IsZero() || st.Paused.Position != eventlog.PositionAt(s.Position) {
			continue
		}
		cmd := operations.SkipRecord{At: calendar.At(court.Now()), View: s.View, Record: st.Paused.Record, Position: s.Position, Stored: st.Paused.Kind, Reason: s.Reason}
		_, err := court.Operations.Do(ctx, operations.Stream, decide.Deed{ID: rand.Text(), At: court.Now(), Actor: "operator"}, cmd)
		return err
	}
	return ErrNotThere
}

// answerViews puts the questions about views on the door.
func (court *Court) answerViews(door *local.Door) {
	local.Answer(door, askViews, func(ctx context.Context, _ struct{}) ([]ViewStatus, error) { return court.ViewsNow(ctx) })
	local.Answer(door, askResume, func(ctx context.Context, name string) (struct{}, error) {
		return struct{}{}, court.ResumeView(ctx, name)
	})
	local.Answer(door, askRebuild, func(ctx context.Context, name string) (struct{}, error) {
		return struct{}{}, court.RebuildView(ctx, name)
	})
	local.Answer(door, askSkip, func(ctx context.Context, s Skip) (struct{}, error) { return struct{}{}, court.SkipRecord(ctx, s) })
}

// ViewNames are the names of all views.
var ViewNames = []string{"directory", "docket", "statistics", "ledger"}

// forget lets the views be made from nothing at this start: the way out where
// one was made from another log.
func forget(dir string, names []string) error {
	for _, name := range names {
		if !slices.Contains(ViewNames, name) {
			return fmt.Errorf("%q is no view", name)
		}
		if err := os.Remove(filepath.Join(dir, name+".current")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// whileBuilding answers pages with the progress while views are built for the
// first time or by another program: what they showed would be part of it only.
func (court *Court) whileBuilding(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, building := court.Follower.Building()
		if !building || r.URL.Path == "/healthz" || strings.HasPrefix(r.URL.Path, "/assets/") {
			pages.ServeHTTP(w, r)
			return
		}
		left := max(1, int(p.Left/time.Second))
		w.Header().Set("Retry-After", fmt.Sprint(min(left, 5)))
		w.Header().Set("Refresh", "2")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		zh := fmt.Sprintf("正在从记录生成列表和统计：已完成 %.0f%%，约需 %d 秒。记录本身完好，完成后本页自动打开。", 100*p.Done, left)
		en := fmt.Sprintf("Lists and figures are being made from the record: %.0f %% done, about %d s. The record itself is whole; this page opens by itself.", 100*p.Done, left)
		fmt.Fprintf(w, "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>家门口</title><h1>正在生成视图</h1><p>%s</p><p lang=\"en\">%s</p></html>\n", html.EscapeString(zh), html.EscapeString(en))
	})
}
