package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestDeedsKilledAtAnyMomentAreKeptOnceOrNotAtAll files disputes from several
// workstations through the pages while the program is killed again and again.
// A deed whose answer never came is sent once more, as a person would.
func TestDeedsKilledAtAnyMomentAreKeptOnceOrNotAtAll(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo-court")
	n := kills(t)
	seed := uint64(time.Now().UnixNano())
	chance := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d, %d kills", seed, n)
	court := &killable{t: t, data: data}
	court.start()
	before := ask(t, "stats", "--data", data, "--json", "--from", "2021-01-01", "--to", "2021-12-31")

	ended := make(chan struct{})
	var judges sync.WaitGroup
	filed := make([][]string, 6)
	for i := range filed {
		judges.Go(func() { filed[i] = fileUntil(t, court, fmt.Sprintf("1301080%02d", i+1), ended) })
	}
	for range n {
		time.Sleep(time.Duration(100+chance.IntN(900)) * time.Millisecond) // let some work be under way: the moment itself is what is tried out
		court.kill()
		court.start()
	}
	close(ended)
	judges.Wait()
	court.stop()

	ids := map[string]bool{}
	total := 0
	for _, list := range filed {
		total += len(list)
		for _, id := range list {
			ids[id] = true
		}
	}
	if total < n {
		t.Fatalf("only %d deeds were acknowledged over %d kills: nothing was tried", total, n)
	}
	if len(ids) != total {
		t.Errorf("%d deeds made %d disputes", total, len(ids))
	}
	after := ask(t, "stats", "--data", data, "--json", "--from", "2021-01-01", "--to", "2021-12-31")
	if grew := int(after["filed"].(float64) - before["filed"].(float64)); grew != total {
		t.Errorf("%d deeds were acknowledged, %d disputes are there", total, grew)
	}
	verification(t, data)
	t.Logf("%d kills, %d deeds acknowledged, all there once", n, total)
}

// killable is the program, started again and again on one folder.
type killable struct {
	t    *testing.T
	data string

	mu  sync.Mutex
	url string
	cmd *exec.Cmd
}

var opened = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (k *killable) start() {
	k.t.Helper()
	cmd := program(k.t, "demo", "--data", k.data, "--listen", "127.0.0.1:0")
	said, err := cmd.StderrPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(said)
	var all []string
	for lines.Scan() {
		all = append(all, lines.Text())
		if url := opened.FindString(lines.Text()); url != "" {
			k.mu.Lock()
			k.url, k.cmd = url, cmd
			k.mu.Unlock()
			go func() {
				for lines.Scan() {
				}
			}()
			return
		}
	}
	k.t.Fatalf("the court did not open again:\n%s", strings.Join(all, "\n"))
}

func (k *killable) kill() { _ = k.cmd.Process.Kill(); _ = k.cmd.Wait() }
func (k *killable) stop() { k.kill() }

func (k *killable) address() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.url
}

// field finds a hidden field's value in a page.
func field(page, name string) string {
	m := regexp.MustCompile(`name="`+name+`" value="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(m) == 0 {
		return ""
	}
	return m[len(m)-1][1] // the last form's: the first is the one that signs out
}

// fileUntil files disputes at one workstation until told to end, and gives the
// ids of those that were acknowledged.
func fileUntil(t *testing.T, court *killable, station string, ended <-chan struct{}) (ids []string) {
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	patiently := func(try func(base string) bool) {
		for !try(court.address()) {
			time.Sleep(20 * time.Millisecond) // the program is down: a person tries again
		}
	}
	patiently(func(base string) bool {
		answer, err := client.PostForm(base+"/login", url.Values{"role": {"judge"}, "place": {station}})
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusSeeOther
	})
	for n := 0; ; n++ {
		select {
		case <-ended:
			return ids
		default:
		}
		var form url.Values
		patiently(func(base string) bool {
			text, err := get(client, base+"/cases/new")
			form = url.Values{"token": {field(text, "token")}, "deed": {field(text, "deed")}, "seen": {"0"}, "on": {"2021-12-31"}, "channel": {"工作站"},
				"cause": {"民间借贷纠纷"}, "amount": {"1"}, "a1-name": {fmt.Sprintf("甲%s %d", station, n)}, "b1-name": {"乙"}, "informed": {"yes"}, "then": {"case"}}
			return err == nil && form.Get("deed") != ""
		})
		patiently(func(base string) bool {
			answer, err := client.PostForm(base+"/cases/new", form)
			if err != nil {
				return false
			}
			defer answer.Body.Close()
			if answer.StatusCode == http.StatusServiceUnavailable {
				return false
			}
			id := regexp.MustCompile(`/cases/([0-9a-f-]{16,})`).FindStringSubmatch(answer.Header.Get("Location"))
			if answer.StatusCode != http.StatusSeeOther || id == nil {
				t.Errorf("filing answered %s", answer.Status)
				return true
			}
			ids = append(ids, id[1])
			return true
		})
	}
}

func get(client *http.Client, address string) (string, error) {
	answer, err := client.Get(address)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var b strings.Builder
	_, err = bufio.NewReader(answer.Body).WriteTo(&b)
	return b.String(), err
}
