package eventstoredb

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// address is where the database is and how to speak with it.
type address struct {
	*esdb.Configuration
	detour func(ctx context.Context, to string) (net.Conn, error) // nil but in tests that stand in the way
}

// settings are those an address may have. maxDiscoverAttempts is among them
// because every tool's address may have it; here the caller's deadline and the
// patience decide how long a leader is looked for.
var settings = []string{
	"tls", "tlsverifycert", "tlscafile", "usercertfile", "userkeyfile", "nodepreference", "maxdiscoverattempts",
	"discoveryinterval", "gossiptimeout", "keepaliveinterval", "keepalivetimeout", "defaultdeadline",
}

// parse reads an address as the database's own tools write it, but takes no
// setting it does not know: a misspelt "tls" must not go unnoticed. No error
// repeats the address, for it may hold a password. The error is ErrAddress.
func parse(raw string) (address, error) {
	if !strings.HasPrefix(raw, "esdb://") && !strings.HasPrefix(raw, "esdb+discover://") {
		return address{}, fmt.Errorf("%w: it must begin with esdb:// or esdb+discover://", ErrAddress)
	}
	_, query, _ := strings.Cut(raw, "?")
	set, err := url.ParseQuery(query)
	if err != nil {
		return address{}, fmt.Errorf("%w: its settings after the question mark cannot be read", ErrAddress)
	}
	for key := range set {
		if !slices.Contains(settings, strings.ToLower(key)) {
			return address{}, fmt.Errorf("%w: it has a setting %q, which is none of %s", ErrAddress, key, strings.Join(settings, ", "))
		}
	}
	conf, err := esdb.ParseConnectionString(raw)
	var unreadable *url.Error
	switch {
	case errors.As(err, &unreadable):
		return address{}, fmt.Errorf("%w: write it like esdb://name:password@host:2113,host:2113?tls=true", ErrAddress)
	case err != nil:
		return address{}, fmt.Errorf("%w: %v", ErrAddress, err)
	case conf.NodePreference != esdb.NodePreferenceLeader:
		return address{}, fmt.Errorf("%w: nodePreference must be leader, for only the leader knows where a stream stands", ErrAddress)
	case conf.DefaultDeadline != nil && *conf.DefaultDeadline <= 0:
		return address{}, fmt.Errorf("%w: defaultDeadline must be a number of milliseconds", ErrAddress)
	case conf.Validate() != nil:
		return address{}, fmt.Errorf("%w: %v", ErrAddress, conf.Validate())
	}
	if conf.GossipTimeout <= 0 {
		conf.GossipTimeout = 5
	}
	if conf.DiscoveryInterval <= 0 {
		conf.DiscoveryInterval = 100
	}
	return address{Configuration: conf}, nil
}

// deadline is what the address gives one answer; 0 when it says nothing.
func (a address) deadline() time.Duration {
	if a.DefaultDeadline == nil {
		return 0
	}
	return *a.DefaultDeadline
}

// unsent tells that the address has a password which must not travel in the clear.
func (a address) unsent() bool { return a.Username != "" && a.DisableTLS }

// cluster tells whether there are several nodes, so that gossip must say which
// of them leads. A single node's gossip may name an address that holds only
// inside its own network, so it is not asked.
func (a address) cluster() bool { return a.DnsDiscover || len(a.GossipSeeds) > 0 }

// seeds are the nodes the address names, in any order.
func (a address) seeds() []string {
	if len(a.GossipSeeds) == 0 {
		return []string{a.Address}
	}
	all := make([]string, len(a.GossipSeeds))
	for i, p := range rand.Perm(len(all)) {
		all[i] = a.GossipSeeds[p].String()
	}
	return all
}

// gossiping is how long one node may take to say what it knows of the others.
func (a address) gossiping() time.Duration { return time.Duration(a.GossipTimeout) * time.Second }

// between is how long to wait before looking for the leader again.
func (a address) between() time.Duration {
	return time.Duration(a.DiscoveryInterval) * time.Millisecond
}

// options are how a connection to one node is made.
func (a address) options() ([]grpc.DialOption, error) {
	transport := insecure.NewCredentials()
	if !a.DisableTLS {
		secure := &tls.Config{InsecureSkipVerify: a.SkipCertificateVerification, RootCAs: a.RootCAs, MinVersion: tls.VersionTLS12}
		if a.UserCertFile != "" {
			own, err := tls.LoadX509KeyPair(a.UserCertFile, a.UserKeyFile)
			if err != nil {
				return nil, fmt.Errorf("%w: the client's certificate: %v", ErrAddress, err)
			}
			secure.Certificates = []tls.Certificate{own}
		}
		transport = credentials.NewTLS(secure)
	}
	all := []grpc.DialOption{grpc.WithTransportCredentials(transport), grpc.WithDisableServiceConfig(), grpc.WithUserAgent("doorstep")}
	if a.detour != nil {
		all = append(all, grpc.WithContextDialer(a.detour))
	}
	if a.KeepAliveInterval >= 0 {
		all = append(all, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: a.KeepAliveInterval, Timeout: a.KeepAliveTimeout, PermitWithoutStream: true,
		}))
	}
	if a.Username != "" && !a.DisableTLS {
		all = append(all, grpc.WithPerRPCCredentials(password{a.Username, a.Password}))
	}
	return all, nil
}

// password is sent with every call, over TLS only.
type password struct{ name, word string }

// GetRequestMetadata is credentials.PerRPCCredentials's.
func (p password) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(p.name+":"+p.word))}, nil
}

// RequireTransportSecurity is credentials.PerRPCCredentials's.
func (password) RequireTransportSecurity() bool { return true }
