// Package benchmarks measures the log beside others that do the same: the
// embedded server syncing record by record, and a PostgreSQL table. It has
// nothing but tests; `make bench-log` runs them and prints the tables of
// docs/benchmarks.md.
package benchmarks

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var (
	rounds  = flag.Int("rounds", 5, "how often each contender is measured in turn, at least 5 for figures that are shown")
	seconds = flag.Float64("seconds", 2, "how long one measuring of appends takes")
	records = flag.String("records", "10000,1000000,5000000", "lengths of the logs that disputes are loaded from")
	folder  = flag.String("folder", os.TempDir(), "where the logs and the PostgreSQL cluster lie, on the disk to be measured")
)

func TestMain(m *testing.M) {
	if job := os.Getenv(childJob); job != "" {
		os.Exit(child(job, os.Getenv(childFolder)))
	}
	os.Exit(m.Run())
}

// workplace makes a folder for one measurement on the disk to be measured. Any
// account may pass through it, for PostgreSQL does not run as root.
func workplace(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp(*folder, "doorstep-bench-")
	must(tb, err)
	tb.Cleanup(func() { must(tb, os.RemoveAll(dir)) })
	must(tb, os.Chmod(dir, 0o711))
	must(tb, durableDisk(dir))
	return dir
}

// within gives the path of a part of the workplace.
func within(dir string, names ...string) string {
	return filepath.Join(append([]string{dir}, names...)...)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
