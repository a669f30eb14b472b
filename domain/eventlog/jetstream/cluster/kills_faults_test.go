//go:build faults

package cluster_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream/cluster"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The harness runs this test program again, once for each server, so that a
// server can be killed. Each syncs always, as the promises need.
const childServer = "DOORSTEP_TEST_NATS" // "name store port clusterport routes"

func init() {
	if said := os.Getenv(childServer); said != "" {
		os.Exit(serve(strings.Fields(said)))
	}
}

func serve(f []string) int {
	port, _ := strconv.Atoi(f[2])
	clusterPort, _ := strconv.Atoi(f[3])
	var routes []*url.URL
	for _, r := range strings.Split(f[4], ",") {
		routes = append(routes, &url.URL{Scheme: "nats", Host: r})
	}
	o := serverOptions(f[0], f[1], port, clusterPort, routes)
	o.SyncAlways = true
	s, err := server.NewServer(o)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	s.Start()
	if !s.ReadyForConnections(starting) {
		return 1
	}
	fmt.Println("ready")
	<-stop
	s.Shutdown()
	s.WaitForShutdown()
	return 0
}

// processes is a cluster of three servers, each a process.
type processes struct {
	dir     string
	ports   []int
	running []*exec.Cmd
}

func startProcesses(t *testing.T) *processes {
	t.Helper()
	ports, err := freePorts(6)
	if err != nil {
		t.Fatal(err)
	}
	p := &processes{dir: t.TempDir(), ports: ports, running: make([]*exec.Cmd, 3)}
	t.Cleanup(func() {
		for i := range p.running {
			p.end(i, syscall.SIGKILL)
		}
	})
	for i := range p.running {
		p.start(t, i)
	}
	return p
}

func (p *processes) start(t *testing.T, i int) {
	t.Helper()
	var routes []string
	for _, port := range p.ports[3:] {
		routes = append(routes, fmt.Sprint("127.0.0.1:", port))
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=n%d %s %d %d %s", childServer, i, filepath.Join(p.dir, fmt.Sprint("n", i)), p.ports[i], p.ports[3+i], strings.Join(routes, ",")))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.running[i] = cmd
	if lines := bufio.NewScanner(out); !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("server %d does not start", i)
	}
}

// end ends one server by a signal and waits until it is gone.
func (p *processes) end(i int, with syscall.Signal) {
	if cmd := p.running[i]; cmd != nil {
		p.running[i] = nil
		_ = cmd.Process.Signal(with)
		_ = cmd.Wait()
	}
}

func (p *processes) address() string {
	return fmt.Sprintf("nats://127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d", p.ports[0], p.ports[1], p.ports[2])
}

// info is what the leader says of the stream.
func (p *processes) info(t *testing.T, ok func(*jetstream.ClusterInfo) error) {
	t.Helper()
	nc, err := nats.Connect(p.address(), nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := eventually(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second) // a server that goes takes the question with it
		defer cancel()
		s, err := js.Stream(ctx, "EV")
		if err != nil {
			return err
		}
		return ok(s.CachedInfo().Cluster)
	}); err != nil {
		t.Fatal(err)
	}
}

// leader is the number of the server that leads the stream.
func (p *processes) leader(t *testing.T) (n int) {
	t.Helper()
	p.info(t, func(c *jetstream.ClusterInfo) error {
		_, err := fmt.Sscanf(c.Leader, "n%d", &n)
		return err
	})
	return n
}

// whole waits until all three servers have all of the stream.
func (p *processes) whole(t *testing.T) {
	t.Helper()
	p.info(t, func(c *jetstream.ClusterInfo) error {
		if len(c.Replicas) != 2 {
			return fmt.Errorf("%d followers", len(c.Replicas))
		}
		for _, r := range c.Replicas {
			if !r.Current || r.Offline {
				return fmt.Errorf("%s is behind", r.Name)
			}
		}
		return nil
	})
}

func killsWanted() int {
	if n, err := strconv.Atoi(os.Getenv("DOORSTEP_KILLS")); err == nil && n > 0 {
		return max(n/20, 3) // an election takes up to nine seconds
	}
	return 10
}

// makeIn makes the log once the cluster is there.
func makeIn(t *testing.T, p *processes) string {
	t.Helper()
	g := eventlog.NewGenesis("雨花")
	if err := eventually(func() error {
		return cluster.Create(patient(t), p.address(), g, cluster.Options{Patience: 5 * time.Second})
	}); err != nil {
		t.Fatal(err)
	}
	return p.address()
}

func TestKillingTheLeaderLosesNothingAcknowledgedAndDoublesNothing(t *testing.T) {
	p := startProcesses(t)
	address := makeIn(t, p)
	a, b := dialled(t, address, cluster.Options{}), dialled(t, address, cluster.Options{})
	f := run(t, a, b)
	seen := f.watch(b)
	kills := killsWanted()
	for range kills {
		f.until(10 + rand.IntN(60))
		down := p.leader(t)
		p.end(down, syscall.SIGKILL)
		f.until(10) // the two others go on
		p.start(t, down)
		p.whole(t)
	}
	acked := f.verdict(seen)
	t.Logf("the leader killed %d times, %d acknowledged, %d tried, %d asked again, %+v %+v", kills, acked, len(f.tried), f.failed, a.Counts(), b.Counts())
	if acked < 20*kills {
		t.Errorf("only %d acknowledgements: the faults hit nothing", acked)
	}
}

func TestKillingAllServersAtOnceLosesNothingAcknowledged(t *testing.T) {
	p := startProcesses(t)
	address := makeIn(t, p)
	a := dialled(t, address, cluster.Options{})
	f := run(t, a)
	seen := f.watch(a)
	const kills = 3
	for range kills {
		f.until(40)
		for i := range p.running {
			p.end(i, syscall.SIGKILL)
		}
		for i := range p.running {
			p.start(t, i)
		}
		p.whole(t)
	}
	f.until(10)
	acked := f.verdict(seen)
	t.Logf("all servers killed %d times, %d acknowledged, %d asked again, %+v", kills, acked, f.failed, a.Counts())
}

func TestFaultOfARollingRestartLosesNothingAcknowledged(t *testing.T) {
	p := startProcesses(t)
	address := makeIn(t, p)
	a, b := dialled(t, address, cluster.Options{}), dialled(t, address, cluster.Options{})
	f := run(t, a, b)
	seen := f.watch(b)
	for i := range p.running {
		f.until(40)
		p.end(i, syscall.SIGTERM)
		f.until(20)
		p.start(t, i)
		p.whole(t)
	}
	acked := f.verdict(seen)
	t.Logf("%d servers restarted, %d acknowledged, %d asked again, %+v %+v", len(p.running), acked, f.failed, a.Counts(), b.Counts())
}
