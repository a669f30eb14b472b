package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"doorstep/domain/eventlog/eventstoredb/standin"
)

// threeServers are a NATS JetStream cluster in this process, for all tests.
type threeServers struct {
	dir     string
	hosts   []string
	running []*server.Server
	streams int
}

var cluster3 = struct {
	sync.Mutex
	*threeServers
}{}

func TestMain(m *testing.M) {
	code := m.Run()
	if c := cluster3.threeServers; c != nil {
		for _, s := range c.running {
			s.Shutdown()
			s.WaitForShutdown()
		}
		os.RemoveAll(c.dir)
	}
	os.Exit(code)
}

func startThree() (*threeServers, error) {
	dir, err := os.MkdirTemp("", "doorstep-three")
	if err != nil {
		return nil, err
	}
	c := &threeServers{dir: dir}
	var ports []int
	for range 6 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all taken at one time, so that none comes twice
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	var routes []*url.URL
	for _, p := range ports[3:] {
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprint("127.0.0.1:", p)})
	}
	for i := range 3 {
		s, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprint("n", i), Host: "127.0.0.1", Port: ports[i], NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: filepath.Join(dir, fmt.Sprint(i)), JetStreamMaxStore: 4 << 30, JetStreamMaxMemory: 64 << 20,
			Cluster: server.ClusterOpts{Name: "courts", Host: "127.0.0.1", Port: ports[3+i], NoAdvertise: true}, Routes: routes,
		})
		if err != nil {
			return nil, err
		}
		c.running, c.hosts = append(c.running, s), append(c.hosts, fmt.Sprint("127.0.0.1:", ports[i]))
	}
	return c, nil
}

func (c *threeServers) ready() error {
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, s := range c.running {
			if s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == 3 {
				return nil
			}
		}
	}
	return errors.New("the cluster has no leader")
}

// inThree gives the address of a stream of its own in the cluster; no log is in
// it yet.
func inThree(t *testing.T) string {
	t.Helper()
	cluster3.Lock()
	defer cluster3.Unlock()
	if cluster3.threeServers == nil {
		c, err := startThree()
		if err != nil {
			t.Fatal(err)
		}
		cluster3.threeServers = c
		for _, s := range c.running {
			s.Start()
		}
		if err := c.ready(); err != nil {
			t.Fatal(err)
		}
	}
	cluster3.streams++
	return fmt.Sprintf("nats://%s?stream=EV%d", strings.Join(cluster3.hosts, ","), cluster3.streams)
}

// inStandin gives the address of a database of its own, and who serves it.
func inStandin(t *testing.T) (string, *standin.Cluster) {
	t.Helper()
	c, err := standin.Start(3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.URL(), c
}

// servers give a new place for a log, by the name of who keeps it.
var servers = map[string]func(t *testing.T) string{
	"cluster": inThree,
	"standin": func(t *testing.T) string {
		address, _ := inStandin(t)
		return address
	},
}

// made makes an empty log there.
func made(t *testing.T, address string) string {
	t.Helper()
	if _, err := CreateLog(t.Context(), address, "冀0108", slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return address
}

func copyLog(t *testing.T, from, to string) Copied {
	t.Helper()
	done, err := CopyLog(t.Context(), from, to, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// at opens the court there; it is closed with the test, or before.
func at(t *testing.T, c Config) *Court {
	t.Helper()
	c.Views = true
	court, err := try(t, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeOnce(t, court) })
	return court
}

var closedCourts sync.Map

func closeOnce(t *testing.T, court *Court) {
	t.Helper()
	if _, done := closedCourts.LoadOrStore(court, true); done {
		return
	}
	if err := court.Close(); err != nil {
		t.Error(err)
	}
}

func caughtUp(t *testing.T, court *Court) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := court.Follower.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
}
