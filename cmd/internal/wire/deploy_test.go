package wire

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"doorstep/domain/eventlog/archive"
)

const deploy = "../../../deploy"

// metricNames are the names of all that a serving court exposes.
func metricNames(t *testing.T) []string {
	t.Helper()
	court, err := Open(t.Context(), Config{Data: filepath.Join(t.TempDir(), "court"), Create: true, Views: true, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer court.Close()
	newHTTPMetrics(court.Metrics)
	court.Metrics.MustRegister(newCopyMetrics(func() archive.Lag { return archive.Lag{} }))
	described := make(chan *prometheus.Desc, 1000)
	court.Metrics.Describe(described)
	close(described)
	var names []string
	for d := range described {
		if m := regexp.MustCompile(`fqName: "([^"]+)"`).FindStringSubmatch(d.String()); m != nil {
			names = append(names, m[1])
		}
	}
	return names
}

func TestAlertsAndTheBoardAskOnlyForMetricsThatExist(t *testing.T) {
	names := metricNames(t)
	if len(names) < 20 {
		t.Fatalf("only %d metrics are exposed: %v", len(names), names)
	}
	asked := 0
	word := regexp.MustCompile(`\b(doorstep_[a-z_]+|process_[a-z_]+|go_[a-z_]+)\b`)
	for _, file := range []string{"prometheus/rules.yml", "prometheus/rules_test.yml", "grafana/doorstep.json"} {
		b, err := os.ReadFile(filepath.Join(deploy, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range word.FindAllString(string(b), -1) {
			base := name
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				base = strings.TrimSuffix(base, suffix)
			}
			if asked++; !slices.Contains(names, name) && !slices.Contains(names, base) {
				t.Errorf("%s asks for %s, which nothing exposes", file, name)
			}
		}
	}
	if asked < 20 {
		t.Errorf("only %d names were found to check", asked)
	}
}

func TestEveryAlertHasItsRunbook(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(deploy, "prometheus/rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	alerts := regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(b), -1)
	pages := regexp.MustCompile(`runbook_url: (\S+)`).FindAllStringSubmatch(string(b), -1)
	if len(alerts) == 0 || len(alerts) != len(pages) {
		t.Fatalf("%d alerts, %d runbooks", len(alerts), len(pages))
	}
	for i, a := range alerts {
		if want := "docs/runbooks/" + a[1] + ".md"; pages[i][1] != want {
			t.Errorf("%s points to %s, want %s", a[1], pages[i][1], want)
		}
		if _, err := os.Stat(filepath.Join(deploy, "..", pages[i][1])); err != nil {
			t.Error(err)
		}
	}
}

func TestTheBoardIsWhole(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(deploy, "grafana/doorstep.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title  string
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(b, &board); err != nil || board.Title == "" || len(board.Panels) < 8 {
		t.Fatalf("%v, %d panels", err, len(board.Panels))
	}
	seen := map[int]bool{}
	for _, p := range board.Panels {
		if seen[p.ID] || p.Title == "" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d %q is not well formed", p.ID, p.Title)
		}
		seen[p.ID] = true
	}
}
