package benchmarks

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
)

// This test program runs itself again, as a process that opens the log and says
// how that went, or that appends until it is killed.
const (
	childJob    = "DOORSTEP_BENCH_JOB"
	childFolder = "DOORSTEP_BENCH_FOLDER"

	jobOpen   = "open"   // open, say what it took, close
	jobAppend = "append" // append, say so, and wait to be killed
)

// appendedBeforeKill is how many commits a process makes before it is killed:
// enough that what the server wrote down at its last stop is old.
const appendedBeforeKill = 2000

// started is what a start took, in a process that did nothing else.
type started struct {
	Took     time.Duration
	Heap     int64 // bytes after a collection
	Resident int64 // bytes, memory that is free given back
	Peak     int64 // most bytes resident ever
}

func child(job, dir string) int {
	began := time.Now()
	log, err := jetstream.Open(dir, jetstream.Options{})
	took := time.Since(began)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	switch job {
	case jobOpen:
		_ = json.NewEncoder(os.Stdout).Encode(weigh(took))
		if err := log.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	case jobAppend:
		if err := appendSome(log); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println("appended")
		select {}
	}
	return 1
}

// weigh looks at the memory of this process.
func weigh(took time.Duration) started {
	s := started{Took: took}
	s.Peak, _ = status("VmHWM:")
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.Heap = int64(m.HeapAlloc)
	s.Resident, _ = status("VmRSS:")
	return s
}

// status reads a line of /proc/self/status, in bytes.
func status(name string) (int64, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(b), name)
	var kib int64
	_, err = fmt.Sscan(after, &kib)
	return kib << 10, err
}

// appendSome appends with sixteen writers.
func appendSome(log *jetstream.Log) error {
	const writers = 16
	failed := make(chan error, writers)
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			var head eventlog.Head
			for i := range appendedBeforeKill / writers {
				r, err := log.Append(context.Background(), head, deed(fmt.Sprintf("dispute-%d-%d", os.Getpid(), w), i))
				if err != nil {
					failed <- err
					return
				}
				head = r.Head
			}
		})
	}
	writing.Wait()
	close(failed)
	return <-failed
}

// measureStarts starts after a clean stop and after a kill, with the log in the
// operating system's cache and without.
func measureStarts(tb testing.TB, dir string) []started {
	tb.Helper()
	var all []started
	for _, cold := range []bool{false, true} {
		for _, kill := range []bool{false, true} {
			if kill {
				killed(tb, dir)
			}
			warm := fetch
			if cold {
				warm = evict
			}
			must(tb, warm(dir))
			all = append(all, opened(tb, dir))
		}
	}
	return all
}

// opened has another process open the log and close it again.
func opened(tb testing.TB, dir string) started {
	tb.Helper()
	cmd := again(jobOpen, dir)
	out, err := cmd.Output()
	var s started
	if err == nil {
		err = json.Unmarshal(out, &s)
	}
	if err != nil {
		tb.Fatalf("opening in another process: %v\n%s", err, out)
	}
	return s
}

// killed has another process append to the log and kills it.
func killed(tb testing.TB, dir string) {
	tb.Helper()
	cmd := again(jobAppend, dir)
	out, err := cmd.StdoutPipe()
	must(tb, err)
	must(tb, cmd.Start())
	said, err := bufio.NewReader(out).ReadString('\n')
	if said != "appended\n" {
		tb.Errorf("the process to be killed says %q, %v", said, err)
	}
	must(tb, cmd.Process.Kill())
	_ = cmd.Wait()
}

func again(job, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childJob+"="+job, childFolder+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// reportStarts prints how long starts took.
func reportStarts(sizes []size) {
	fmt.Println("\n### Starting")
	head("records", "after a clean stop", "after a kill", "nothing cached, after a clean stop", "nothing cached, after a kill", "filling")
	for _, s := range sizes {
		cells := []string{count(s.records)}
		for _, st := range s.starts {
			cells = append(cells, span(st.Took))
		}
		row(append(cells, fmt.Sprintf("%s records/s", count(float64(s.records)/s.filled.Seconds())))...)
	}
}
