// Package standin is a server for tests that speaks EventStoreDB's protocol. It
// is no EventStoreDB: it keeps everything in memory, has one database however
// many nodes serve it, elects nobody, and knows neither users nor persistent
// subscriptions, projections or links. It is used by tests alone.
//
// It is made from the client module's own server stubs, so that requests and
// answers have the right form, and copies from the server (as its sources of
// 23.10 and 26.1 have it) what an adapter hangs upon:
//
//   - Append with all four expectations; an append at a revision the stream has
//     passed succeeds again when the events that stand there have its ids, and
//     is refused otherwise; at the end of the stream ids are not looked at.
//   - A limit on an append's size that is told while the client still sends.
//   - Deleted streams: after a soft delete NoStream is right again and numbers
//     go on; after a tombstone nothing is.
//   - Reads of a stream and of everything, forwards and backwards, with filters
//     by prefix or regular expression; "stream not found" as a frame and not an
//     error; first and last position only for a client that asks for them.
//   - Subscriptions: confirmation, past, checkpoint, caught up, and what comes;
//     they start after a position, and one beyond the end waits in silence.
//   - Positions that grow and have gaps, and the server's own events in between.
//   - Followers, which forward appends and answer reads from what they have;
//     asked with requires-leader they refuse and name the leader.
//   - Gossip, and the list of features with the server's version.
//
// What goes wrong is said with Inject and the Cluster's other methods, and
// counted where it takes effect: see Injected.
package standin

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// Cluster is one database and the nodes that serve it. Node 0 leads at first.
type Cluster struct {
	db     *database
	nodes  []*node
	faults faults
	looked atomic.Int64

	mu     sync.Mutex
	leader int // -1: there is none now
	hold   *hold
	heard  map[string]int // calls by header and value, reads by stream
	secure *tls.Config

	version string
	most    int // bytes of one append
}

// Start starts so many nodes, on ports of this machine that are free. With a
// certificate they speak TLS.
func Start(nodes int, certificate ...tls.Certificate) (*Cluster, error) {
	c := &Cluster{version: "23.10.8", most: 1 << 20, db: newDatabase(), heard: map[string]int{}}
	if len(certificate) > 0 {
		c.secure = &tls.Config{Certificates: certificate}
	}
	for i := range nodes {
		n := &node{cluster: c, index: i, open: closedChannel()}
		c.nodes = append(c.nodes, n)
		if err := n.start("127.0.0.1:0"); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// Close stops every node.
func (c *Cluster) Close() {
	for i := range c.nodes {
		c.Silence(i, false)
		c.nodes[i].stop()
	}
}

// Address is where node i listens.
func (c *Cluster) Address(i int) string { return c.nodes[i].address }

// URL is the cluster's address for a client: of the one node, or of all as the
// seeds of gossip.
func (c *Cluster) URL() string {
	all := make([]string, len(c.nodes))
	for i, n := range c.nodes {
		all[i] = n.address
	}
	return fmt.Sprintf("esdb://%s?tls=%t&discoveryInterval=5&gossipTimeout=1", strings.Join(all, ","), c.secure != nil)
}

// Pose lets the server say that it is of that version, and take at most so many
// bytes in one append. At first it is 23.10.8 and takes a mebibyte.
func (c *Cluster) Pose(version string, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version, c.most = version, most
}

func (c *Cluster) pose() (version string, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version, c.most
}

// Looked tells at how many events subscriptions have looked, wanted or not.
func (c *Cluster) Looked() int { return int(c.looked.Load()) }

// Heard tells how many appends, reads and subscriptions came with the header at
// that value, "" being for without it; and how many reads of the stream, when
// header is "read" and value its name.
func (c *Cluster) Heard(header, value string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard[header+"="+value]
}

func (c *Cluster) heardOf(header, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard[header+"="+value]++
}

// Lead lets node i lead from now on, with all that was ever acknowledged; -1 is
// for nobody.
func (c *Cluster) Lead(i int) {
	if i >= 0 {
		c.Freeze(i, false)
	}
	c.mu.Lock()
	c.leader = i
	c.mu.Unlock()
}

func (c *Cluster) leads(i int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leader == i
}

// Freeze lets node i see nothing that is kept from now on, like a follower that
// replication has left behind; or lets it catch up.
func (c *Cluster) Freeze(i int, frozen bool) { c.db.freeze(c.nodes[i], frozen) }

// Stop takes node i down as a kill does: connections break, new ones are refused.
func (c *Cluster) Stop(i int) {
	c.faults.happened(Down, 1)
	c.nodes[i].stop()
}

// Running tells whether node i is up.
func (c *Cluster) Running(i int) bool { return c.nodes[i].running() }

// Restart brings node i back where it was.
func (c *Cluster) Restart(i int) error { return c.nodes[i].start(c.nodes[i].address) }

// Silence lets node i take connections and requests and answer nothing, as when
// packets get lost on the way; or ends that.
func (c *Cluster) Silence(i int, silent bool) { c.nodes[i].silence(silent) }

// Cut breaks every connection; new ones are taken.
func (c *Cluster) Cut() {
	for _, n := range c.nodes {
		c.faults.happened(CutConnection, n.cut())
	}
}

// node is one server.
type node struct {
	serverfeatures.UnimplementedServerFeaturesServer
	streams.UnimplementedStreamsServer

	cluster *Cluster
	index   int
	address string
	sees    int // how many events it sees when frozen; the database's
	frozen  bool

	mu     sync.Mutex
	server *grpc.Server
	served chan struct{}
	conns  map[*conn]struct{}
	open   chan struct{} // closed while the node is not silent
}

func closedChannel() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func (n *node) start(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.address == "" {
		n.address = l.Addr().String()
	}
	n.conns = map[*conn]struct{}{}
	way := insecure.NewCredentials()
	if n.cluster.secure != nil {
		way = credentials.NewTLS(n.cluster.secure)
	}
	n.server = grpc.NewServer(grpc.Creds(way), grpc.MaxRecvMsgSize(17<<20), grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{PermitWithoutStream: true}))
	streams.RegisterStreamsServer(n.server, n)
	gossip.RegisterGossipServer(n.server, gossiper{node: n})
	serverfeatures.RegisterServerFeaturesServer(n.server, n)
	served, server := make(chan struct{}), n.server
	n.served = served
	go func() {
		defer close(served)
		_ = server.Serve(listener{l, n}) // ends with stop
	}()
	return nil
}

func (n *node) stop() {
	n.mu.Lock()
	server, served := n.server, n.served
	n.server = nil
	n.mu.Unlock()
	if server != nil {
		server.Stop()
		<-served
	}
}

func (n *node) running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.server != nil
}

func (n *node) cut() (cut int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		c.Close()
		cut++
	}
	clear(n.conns)
	return cut
}

func (n *node) silence(silent bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.open:
		if silent {
			n.open = make(chan struct{})
		}
	default:
		if !silent {
			close(n.open)
		}
	}
}

// listener wraps every connection.
type listener struct {
	net.Listener
	node *node
}

// Accept is net.Listener's.
func (l listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: inner, node: l.node, over: make(chan struct{})}
	l.node.mu.Lock()
	l.node.conns[c] = struct{}{}
	l.node.mu.Unlock()
	return c, nil
}

// conn is a connection on which a silent node passes nothing on.
type conn struct {
	net.Conn
	node *node
	once sync.Once
	over chan struct{}
}

// await waits until the node is not silent, or the connection is closed.
func (c *conn) await() {
	c.node.mu.Lock()
	open := c.node.open
	c.node.mu.Unlock()
	select {
	case <-open:
		return
	default:
		c.node.cluster.faults.happened(BlackHole, 1)
	}
	select {
	case <-open:
	case <-c.over:
	}
}

// Read is net.Conn's.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.await()
	return n, err
}

// Write is net.Conn's.
func (c *conn) Write(b []byte) (int, error) {
	c.await()
	return c.Conn.Write(b)
}

// Close is net.Conn's.
func (c *conn) Close() error {
	c.once.Do(func() { close(c.over) })
	return c.Conn.Close()
}
