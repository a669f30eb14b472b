package cluster_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/jetstream/cluster"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// The configuration that operators are given is read by the server's own parser,
// says what the promises need, and makes a cluster that keeps a log.
func TestTheConfigurationForOperatorsKeepsALog(t *testing.T) {
	dir := t.TempDir()
	ca := certificates(t, dir)
	user, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, _ := user.PublicKey()
	seed, _ := user.Seed()
	seedFile := filepath.Join(dir, "nats.seed")
	if err := os.WriteFile(seedFile, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile("../../../../deploy/nats/nats-server.conf")
	if err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "nats-server.conf")
	if err := os.WriteFile(conf, []byte(strings.ReplaceAll(string(written), "/etc/nats/", dir+"/")), 0o600); err != nil {
		t.Fatal(err)
	}
	ports, err := freePorts(6)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NATS_DOORSTEP", public)
	t.Setenv("NATS_HOST", "localhost")
	for i := range 3 {
		t.Setenv(fmt.Sprint("NATS_ROUTES_", i+1), fmt.Sprint("nats://localhost:", ports[3+i]))
	}
	c := &servers{dir: dir, running: make([]*server.Server, 3)}
	for i := range 3 {
		t.Setenv("NATS_NAME", fmt.Sprint("n", i))
		t.Setenv("NATS_STORE", filepath.Join(dir, fmt.Sprint("n", i)))
		o, err := server.ProcessConfigFile(conf)
		if err != nil {
			t.Fatal(err)
		}
		if !o.SyncAlways || !o.JetStream || o.JetStreamMaxStore <= 0 || o.StoreDir == "" || !o.TLSVerify && o.TLSConfig == nil ||
			o.Cluster.TLSConfig == nil || len(o.Routes) != 3 || o.Cluster.Name == "" || len(o.Nkeys) != 1 || o.ServerName != fmt.Sprint("n", i) {
			t.Errorf("server %d: it says sync always %t, JetStream %t, routes %v, users %d", i, o.SyncAlways, o.JetStream, o.Routes, len(o.Nkeys))
		}
		o.Host, o.Port, o.Cluster.Host, o.Cluster.Port = "127.0.0.1", ports[i], "127.0.0.1", ports[3+i] // ports of this test's own
		o.NoSigs, o.NoLog = true, true
		c.options = append(c.options, o)
	}
	t.Cleanup(c.stop)
	for i := range 3 {
		if err := c.start(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.ready(); err != nil {
		t.Fatal(err)
	}
	address := "tls://"
	for i := range 3 {
		address += fmt.Sprintf("localhost:%d,", ports[i])
	}
	address = strings.TrimSuffix(address, ",") + "?" + url.Values{"ca": {ca}, "nkey": {seedFile}}.Encode()
	log := dialled(t, made(t, address), cluster.Options{})
	if _, err := log.Append(patient(t), eventlog.Head{}, eventlogtest.Commit("dispute-1", "a", 1)); err != nil {
		t.Error(err)
	}
	if err := dial(t, strings.Replace(address, "&nkey=", "&stream=", 1)); err == nil {
		t.Error("somebody without a key is let in")
	}
}

// certificates writes ca.pem, server.pem and server.key for localhost.
func certificates(t *testing.T, dir string) (ca string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	self := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, self, self, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"ca.pem": {Type: "CERTIFICATE", Bytes: cert}, "server.pem": {Type: "CERTIFICATE", Bytes: cert}, "server.key": {Type: "EC PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "ca.pem")
}
