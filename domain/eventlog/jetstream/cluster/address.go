package cluster

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
)

// address is where the cluster is, how to get in, and which stream is meant.
type address struct {
	layout
	servers []string      // "nats://host:port", without whatever is secret
	secrets []nats.Option // who we are
	secure  []nats.Option // what TLS needs
}

// settings are those an address may have after its question mark.
var settings = []string{"stream", "replicas", "credentials", "nkey", "ca", "cert", "key"}

var (
	streamForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
	hostForm   = regexp.MustCompile(`^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?$`)
)

// parse reads an address: nats://host[:port],host[:port]… or tls://…, in front
// of the hosts name:password@ or token@, and after a question mark stream,
// replicas, credentials and nkey (files), ca, cert and key (files, PEM). A
// setting it does not know is refused. No error repeats the address, for it may
// hold a secret. The error is ErrAddress.
func parse(raw string, o Options) (address, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || scheme != "nats" && scheme != "tls" {
		return address{}, fmt.Errorf("%w: it must begin with nats:// or tls://", ErrAddress)
	}
	rest, query, _ := strings.Cut(rest, "?")
	set, err := url.ParseQuery(query)
	if err != nil {
		return address{}, fmt.Errorf("%w: its settings after the question mark cannot be read", ErrAddress)
	}
	for key, all := range set {
		if !slices.Contains(settings, key) || len(all) != 1 || all[0] == "" {
			return address{}, fmt.Errorf("%w: its settings are some of %s, each once and with a value", ErrAddress, strings.Join(settings, ", "))
		}
	}
	a := address{}
	if a.layout, err = layoutOf(set, o); err != nil {
		return address{}, err
	}
	at := strings.LastIndexByte(rest, '@')
	if err := a.hosts(scheme, strings.TrimSuffix(rest[at+1:], "/")); err != nil {
		return address{}, err
	}
	if err := a.tls(scheme, set); err != nil {
		return address{}, err
	}
	return a, a.user(scheme, rest[:max(at, 0)], set, o)
}

func layoutOf(set url.Values, o Options) (layout, error) {
	n := 3
	if s := set.Get("replicas"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			return layout{}, fmt.Errorf("%w: replicas must be 1, 3 or 5", ErrAddress)
		}
	}
	l := layout{name: cmp.Or(o.Stream, set.Get("stream"), standardName), replicas: cmp.Or(o.Replicas, n)}
	switch {
	case !streamForm.MatchString(l.name):
		return l, fmt.Errorf("%w: a stream's name is made of letters, digits, - and _, at most 32", ErrAddress)
	case l.replicas != 1 && l.replicas != 3 && l.replicas != 5:
		return l, fmt.Errorf("%w: replicas must be 1, 3 or 5", ErrAddress)
	}
	return l, nil
}

func (a *address) hosts(scheme, list string) error {
	for _, h := range strings.Split(list, ",") {
		if !hostForm.MatchString(h) {
			return fmt.Errorf("%w: write it like nats://host:4222,host:4222?credentials=file", ErrAddress)
		}
		a.servers = append(a.servers, scheme+"://"+h)
	}
	return nil
}

func (a *address) tls(scheme string, set url.Values) error {
	ca, cert, key := set.Get("ca"), set.Get("cert"), set.Get("key")
	switch {
	case ca+cert+key == "":
		return nil
	case scheme != "tls":
		return fmt.Errorf("%w: ca, cert and key want tls://", ErrAddress)
	case (cert == "") != (key == ""):
		return fmt.Errorf("%w: cert and key are given together", ErrAddress)
	}
	if err := readable(ca, cert, key); err != nil {
		return err
	}
	if ca != "" {
		a.secure = append(a.secure, nats.RootCAs(ca))
	}
	if cert != "" {
		a.secure = append(a.secure, nats.ClientCert(cert, key))
	}
	return nil
}

// user says who we are: by a file that is never sent, or by a name and
// password, which are sent as they are and so only where nobody listens.
func (a *address) user(scheme, who string, set url.Values, o Options) error {
	credentials, nkey := cmp.Or(o.Credentials, set.Get("credentials")), set.Get("nkey")
	if err := readable(credentials, nkey); err != nil {
		return err
	}
	if count(who, credentials, nkey) > 1 {
		return fmt.Errorf("%w: say who you are in one way: a name and password, credentials, or nkey", ErrAddress)
	}
	switch {
	case credentials != "":
		a.secrets = append(a.secrets, nats.UserCredentials(credentials))
	case nkey != "":
		o, err := nats.NkeyOptionFromSeed(nkey)
		if err != nil {
			return fmt.Errorf("%w: the nkey file holds no seed", ErrAddress)
		}
		a.secrets = append(a.secrets, o)
	case who != "":
		if scheme != "tls" && !a.near() {
			return fmt.Errorf("%w: a name and password are sent over tls:// only; or use credentials", ErrAddress)
		}
		name, word, both := strings.Cut(who, ":")
		name, err1 := url.PathUnescape(name)
		word, err2 := url.PathUnescape(word)
		switch {
		case err1 != nil || err2 != nil:
			return fmt.Errorf("%w: the name and password before the @ cannot be read", ErrAddress)
		case both:
			a.secrets = append(a.secrets, nats.UserInfo(name, word))
		default:
			a.secrets = append(a.secrets, nats.Token(name))
		}
	}
	return nil
}

func count(all ...string) (n int) {
	for _, s := range all {
		if s != "" {
			n++
		}
	}
	return n
}

// readable checks the files at once: a connection would only say later, and
// again and again, that it cannot be made.
func readable(names ...string) error {
	for _, name := range names {
		if name == "" {
			continue
		}
		if _, err := os.ReadFile(name); err != nil {
			return fmt.Errorf("%w: %v", ErrAddress, err)
		}
	}
	return nil
}

// near tells that every server is on this machine.
func (a *address) near() bool {
	return !slices.ContainsFunc(a.servers, func(s string) bool {
		host := strings.TrimPrefix(s, "nats://")
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		return host != "localhost" && (ip == nil || !ip.IsLoopback())
	})
}
