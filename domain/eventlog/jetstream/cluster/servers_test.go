package cluster_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream/cluster"

	"github.com/nats-io/nats-server/v2/server"
)

// servers is a JetStream cluster of nats-servers in this process, each with a
// store and ports of its own. They sync nothing at once: no test in this process
// cuts the power (those that do start processes, synced always).
type servers struct {
	dir     string
	options []*server.Options
	mu      sync.Mutex
	running []*server.Server
}

// starting bounds how long a cluster may take to elect its leaders.
const starting = 2 * time.Minute

// startServers starts a cluster of its own for a test that breaks things.
func startServers(t *testing.T) *servers {
	t.Helper()
	c, err := newServers(t.TempDir(), 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	return c
}

func newServers(dir string, n int) (*servers, error) {
	ports, err := freePorts(2 * n)
	if err != nil {
		return nil, err
	}
	c := &servers{dir: dir, running: make([]*server.Server, n)}
	var routes []*url.URL
	for i := range n {
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprint("127.0.0.1:", ports[n+i])})
	}
	for i := range n {
		c.options = append(c.options, serverOptions(fmt.Sprint("n", i), filepath.Join(dir, fmt.Sprint("n", i)), ports[i], ports[n+i], routes))
	}
	for i := range n {
		if err := c.start(i); err != nil {
			c.stop()
			return nil, err
		}
	}
	return c, c.ready()
}

func serverOptions(name, store string, port, cluster int, routes []*url.URL) *server.Options {
	return &server.Options{
		ServerName: name, Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: store, JetStreamMaxStore: 4 << 30, JetStreamMaxMemory: 64 << 20,
		Cluster: server.ClusterOpts{Name: "courts", Host: "127.0.0.1", Port: cluster, NoAdvertise: true}, Routes: routes,
	}
}

// freePorts finds n ports that nobody listens on.
func freePorts(n int) ([]int, error) {
	var all []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		all = append(all, l.Addr().(*net.TCPAddr).Port)
	}
	return all, nil
}

func (c *servers) start(i int) error {
	o := c.options[i].Clone()
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(starting) {
		s.Shutdown()
		return fmt.Errorf("server %d does not start", i)
	}
	c.mu.Lock()
	c.running[i] = s
	c.mu.Unlock()
	return nil
}

// halt stops one server as an operator does.
func (c *servers) halt(i int) {
	c.mu.Lock()
	s := c.running[i]
	c.running[i] = nil
	c.mu.Unlock()
	if s != nil {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

func (c *servers) stop() {
	for i := range c.running {
		c.halt(i)
	}
}

// up gives the servers that run.
func (c *servers) up() []*server.Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*server.Server
	for _, s := range c.running {
		if s != nil {
			all = append(all, s)
		}
	}
	return all
}

// ready waits until the cluster has a leader and knows all its servers.
func (c *servers) ready() error {
	return eventually(func() error {
		up := c.up()
		for _, s := range up {
			if s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == len(c.running) {
				return nil
			}
		}
		return fmt.Errorf("of %d servers none leads the cluster", len(up))
	})
}

// leader gives the number of the server that leads the stream.
func (c *servers) leader(t *testing.T, stream string) int {
	t.Helper()
	found := -1
	err := eventually(func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, s := range c.running {
			if s != nil && s.JetStreamIsStreamLeader("$G", stream) {
				found = i
				return nil
			}
		}
		return fmt.Errorf("nobody leads the stream %s", stream)
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func eventually(ok func() error) error {
	for deadline := time.Now().Add(starting); ; time.Sleep(5 * time.Millisecond) {
		err := ok()
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// address is the cluster's, for the log in the stream.
func (c *servers) address(stream string) string {
	var hosts []string
	for _, o := range c.options {
		hosts = append(hosts, fmt.Sprint("127.0.0.1:", o.Port))
	}
	return "nats://" + strings.Join(hosts, ",") + "?stream=" + stream
}

var (
	sharedMu sync.Mutex
	sharedBy *servers
	streams  int
)

// shared gives one cluster to all tests that break nothing, and to each a
// stream of its own in it.
func shared(t *testing.T) (address string) {
	t.Helper()
	sharedMu.Lock()
	defer sharedMu.Unlock()
	if sharedBy == nil {
		dir, err := os.MkdirTemp("", "doorstep-cluster")
		if err != nil {
			t.Fatal(err)
		}
		if sharedBy, err = newServers(dir, 3); err != nil {
			t.Fatal(err)
		}
	}
	streams++
	return sharedBy.address(fmt.Sprint("EV", streams))
}

func TestMain(m *testing.M) {
	code := m.Run()
	if sharedBy != nil {
		sharedBy.stop()
		os.RemoveAll(sharedBy.dir)
	}
	os.Exit(code)
}

// made makes the log at the address.
func made(t *testing.T, address string) string {
	t.Helper()
	if err := cluster.Create(patient(t), address, eventlog.NewGenesis("雨花"), cluster.Options{}); err != nil {
		t.Fatal(err)
	}
	return address
}

// dialled reaches the log at the address until the test ends.
func dialled(t *testing.T, address string, o cluster.Options) *cluster.Log {
	t.Helper()
	log, err := cluster.Dial(patient(t), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return log
}

// place makes a log in the shared cluster and gives what opens it.
func place(t *testing.T) eventlogtest.Open {
	t.Helper()
	address := made(t, shared(t))
	return func(t *testing.T) (eventlog.Log, func()) {
		log := dialled(t, address, cluster.Options{})
		return log, func() { _ = log.Close() }
	}
}

func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), starting)
	t.Cleanup(cancel)
	return ctx
}
