package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckpointsAndProofsThroughTheServerAreTheFoldersOwn(t *testing.T) {
	data := filepath.Join(t.TempDir(), "court")
	if code, out, errs := doorstep(t, "import", "--data", data, "--json", courtYear); code != codeOK {
		t.Fatalf("import: exit %d\n%s\n%s", code, out, errs)
	}
	file := filepath.Join(t.TempDir(), "first")
	asked := [][]string{
		{"checkpoint", "--data", data}, {"checkpoint", "--data", data, "--key"}, {"checkpoint", "--data", data, "--json"},
		{"proof", "--data", data, "P2021004936"}, {"proof", "--data", data, "nobody"},
		{"checkpoint", "--data", data, "--since", file}, {"verify", "--data", data, "--json", "--since", file},
	}
	var own []string
	for _, args := range asked {
		code, out, _ := doorstep(t, args...)
		if own = append(own, out); len(own) == 1 {
			if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if wrong := strings.Contains(strings.Join(args, " "), "nobody"); wrong != (code == codeNotFound) || !wrong && code != codeOK {
			t.Fatalf("%v on the folder: exit %d\n%s", args, code, out)
		}
	}
	serveFolder(t, data)
	for i, args := range asked {
		code, out, errs := doorstep(t, args...)
		if wrong := strings.Contains(strings.Join(args, " "), "nobody"); out != own[i] || wrong != (code == codeNotFound) {
			t.Errorf("%v through the server: exit %d\n%.300s\n%.300s\nnot\n%.300s", args, code, out, errs, own[i])
		}
	}
	if err := os.WriteFile(file, []byte(strings.Replace(own[0], "6645", "6644", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := doorstep(t, "verify", "--data", data, "--since", file); code != codeFailure || !strings.Contains(errs, "none of the record's keys") {
		t.Errorf("a forged checkpoint through the server: exit %d\n%s\n%s", code, out, errs)
	}
	if code, _, errs := doorstep(t, "checkpoint", "--data", data, "--new-key"); code != codeUnavailable {
		t.Errorf("a new key under a server's feet: exit %d, %s", code, errs)
	}
}
