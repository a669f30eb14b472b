package main

import (
	"bufio"
	"net/http"
	"path/filepath"
	"testing"
)

// BenchmarkFirstPage is how long a person waits from starting the demo court
// to its first page: on a new folder, the import of the year included, and on
// one that is there already.
func BenchmarkFirstPage(b *testing.B) {
	b.Run("new-folder", func(b *testing.B) {
		for b.Loop() {
			firstPage(b, filepath.Join(b.TempDir(), "court"))
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/first-page")
	})
	b.Run("again", func(b *testing.B) {
		data := filepath.Join(b.TempDir(), "court")
		firstPage(b, data)
		for b.Loop() {
			firstPage(b, data)
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/first-page")
	})
}

func firstPage(b *testing.B, data string) {
	b.Helper()
	cmd := program(b, "demo", "--data", data, "--listen", "127.0.0.1:0")
	said, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for lines := bufio.NewScanner(said); lines.Scan(); {
		url := opened.FindString(lines.Text())
		if url == "" {
			continue
		}
		answer, err := http.Get(url + "/login")
		if err != nil {
			b.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			b.Fatalf("the first page answers %s", answer.Status)
		}
		return
	}
	b.Fatal("the demo court did not open")
}
