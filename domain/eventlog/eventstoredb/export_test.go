package eventstoredb

import (
	"cmp"
	"context"
	"net"
)

// DialVia is Dial for tests that stand in the way: each node is reached at the
// address that via gives for it, or at its own.
func DialVia(ctx context.Context, url string, o Options, via map[string]string) (*Log, error) {
	l, err := dial(url, o)
	if err != nil {
		return nil, err
	}
	l.link.address.detour = func(ctx context.Context, to string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", cmp.Or(via[to], to))
	}
	return l.meet(ctx)
}

// Servers are the nodes the address names.
func Servers(url string) ([]string, error) {
	a, err := parse(url)
	if err != nil {
		return nil, err
	}
	return a.seeds(), nil
}
