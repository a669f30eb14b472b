package wire

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/operations"
)

func viewsCourt(t *testing.T, data string, rebuild ...string) *Court {
	t.Helper()
	court, err := Open(t.Context(), Config{Data: data, Create: true, Views: true, Rebuild: rebuild, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return court
}

// TestARecordOfANewerVersionStopsTheViewsUntilItIsSkipped, by an audited decision
// that a view made anew follows as well.
func TestARecordOfANewerVersionStopsTheViewsUntilItIsSkipped(t *testing.T) {
	data := filepath.Join(t.TempDir(), "court")
	court := viewsCourt(t, data)
	r, err := court.Log.Append(t.Context(), eventlog.Head{}, eventlog.Commit{ID: "c1", Stream: "dispute-x1", RecordedAt: time.Now(), Actor: "u-1",
		Events: []eventlog.Event{{Kind: "dispute-filed", Version: 99, Happened: "2024-01-01", Payload: []byte(`{"name":"王小明"}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	stands := map[string]bool{}
	list, err := court.ViewsNow(t.Context())
	for give := time.Now().Add(time.Minute); err == nil && stopped(list) < 2 && time.Now().Before(give); list, err = court.ViewsNow(t.Context()) {
		time.Sleep(time.Millisecond) // one stands still before the other
	}
	for _, v := range list {
		stands[v.View] = v.Paused != ""
		if v.Paused != "" && (!strings.Contains(v.Paused, "dispute-filed v99") || strings.Contains(v.Paused, "王") || v.At != r.Position.Token()) {
			t.Errorf("%+v", v)
		}
	}
	if err != nil || !stands["docket"] || !stands["statistics"] || stands["directory"] || stands["ledger"] {
		t.Errorf("%v, %v", stands, err)
	}
	at := r.Position.Token()
	for _, wrong := range []struct {
		skip Skip
		want error
	}{{Skip{"docket", at + 1, "r"}, ErrNotThere}, {Skip{"directory", at, "r"}, ErrNotThere}, {Skip{"ledger", at, "r"}, ErrWhole}, {Skip{"docket", at, ""}, operations.ErrNoReason}} {
		if err := court.SkipRecord(t.Context(), wrong.skip); !errors.Is(err, wrong.want) {
			t.Errorf("%+v: %v", wrong.skip, err)
		}
	}
	for _, view := range []string{"docket", "statistics"} {
		if err := court.SkipRecord(t.Context(), Skip{view, at, "演练"}); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(time.Minute)
	for court.Follower.CatchUp(t.Context()) != nil && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	v, err := court.Verify(t.Context(), Since{})
	if err != nil || len(v.Faults) > 0 || len(v.Views) != 4 {
		t.Errorf("views made anew differ: %+v, %v", v, err)
	}
	for _, name := range ViewNames {
		done, err := court.Follower.Rebuild(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if v, err := court.Verify(t.Context(), Since{}); err != nil || len(v.Faults) > 0 {
		t.Errorf("after the exchange: %+v, %v", v, err)
	}
	if err := court.Close(); err != nil {
		t.Error(err)
	}
	court = viewsCourt(t, data, "docket")
	defer court.Close()
	if err := court.Follower.CatchUp(t.Context()); err != nil {
		t.Error(err)
	}
	if list, _ := court.ViewsNow(t.Context()); len(list[1].Skipped) != 1 || list[1].Skipped[0].Reason != "演练" {
		t.Errorf("%+v", list)
	}
}

func TestPagesTellOfViewsThatAreBuilt(t *testing.T) {
	court := viewsCourt(t, filepath.Join(t.TempDir(), "court"))
	defer court.Close()
	if err := court.Follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	building, err := openViews(t.TempDir(), court.Log, time.Now, nil, nil) // nobody runs its follower
	if err != nil {
		t.Fatal(err)
	}
	defer building.close()
	if err := building.Follower.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, c := range []struct {
		of   *Court
		path string
		want int
	}{{court, "/desk", 418}, {&Court{Views: building}, "/desk", 503}, {&Court{Views: building}, "/healthz", 418}, {&Court{Views: building}, "/assets/app.css", 418}} {
		w := httptest.NewRecorder()
		c.of.whileBuilding(pages).ServeHTTP(w, httptest.NewRequest(http.MethodGet, c.path, nil))
		if w.Code != c.want || w.Code == 503 && (w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "%")) {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
}

// stopped is how many views stand still.
func stopped(list []ViewStatus) (n int) {
	for _, v := range list {
		if v.Paused != "" {
			n++
		}
	}
	return n
}
