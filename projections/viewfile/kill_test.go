package viewfile

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// rebuildDir makes this test binary the process that is killed while it builds anew.
const rebuildDir = "DOORSTEP_TEST_VIEW_REBUILDER"

// rebuildUntilKilled takes a batch, builds all anew beside, puts that in use, and
// says after each how far the view is.
func rebuildUntilKilled(dir string) {
	ctx := context.Background()
	f, err := Open(dir, "notes", schema)
	if err == nil {
		err = f.Complete(ctx)
	}
	if err != nil {
		panic(err)
	}
	m, err := f.Mark(ctx)
	for n := int(m.Position.Token()); err == nil; n++ {
		if err = f.Take(ctx, at(n), at(n+1), insert(n, fmt.Sprint(n))); err != nil {
			break
		}
		fmt.Println(n + 1)
		var a *File
		if a, err = f.Aside(); err != nil {
			break
		}
		for i := 0; i <= n && err == nil; i++ {
			err = a.Take(ctx, at(i), at(i+1), insert(i, fmt.Sprint(i)))
		}
		if err == nil {
			err = a.Complete(ctx)
		}
		if err == nil {
			err = f.Adopt(a, nil)
		}
	}
	panic(err)
}

func TestAProcessKilledWhileItBuildsAnewLeavesOneWholeFile(t *testing.T) {
	kills := 5
	if v := os.Getenv("DOORSTEP_KILLS"); v != "" {
		n, err := strconv.Atoi(v)
		must(t, err)
		kills = n
	}
	self, err := os.Executable()
	must(t, err)
	dir, whole, all, halfway := t.TempDir(), open(t, t.TempDir()), 0, 0
	for range kills {
		writer := exec.Command(self)
		writer.Env = append(os.Environ(), rebuildDir+"="+dir)
		out, err := writer.StdoutPipe()
		must(t, err)
		must(t, writer.Start())
		said, last := bufio.NewScanner(out), 0
		if !said.Scan() {
			t.Fatal("it ended by itself")
		}
		_, err = fmt.Sscan(said.Text(), &last)
		must(t, err)
		time.AfterFunc(rand.N(250*time.Millisecond), func() { _ = writer.Process.Kill() })
		for said.Scan() {
			_, _ = fmt.Sscan(said.Text(), &last)
		}
		if _ = writer.Wait(); writer.ProcessState.Exited() {
			t.Fatalf("it was not killed: %s", writer.ProcessState)
		}
		if found, err := filepath.Glob(filepath.Join(dir, "notes.*.db")); err == nil && len(found) > 1 {
			halfway++
		}
		f := open(t, dir)
		n := int(mark(t, f).Position.Token())
		for ; all < n; all++ { // the same from scratch, in another folder
			must(t, whole.Take(context.Background(), at(all), at(all+1), insert(all, fmt.Sprint(all))))
		}
		if n < last || mark(t, f) != at(n) || digest(t, f) != digest(t, whole) {
			t.Fatalf("it said %d; the mark is %d, there are %d notes", last, n, count(t, f))
		}
		must(t, f.Close())
		if left := names(t, dir); len(left) > 2 {
			t.Fatalf("left are %q", left)
		}
	}
	t.Logf("%d kills, %d with a second file beside, %d batches kept", kills, halfway, all)
}
