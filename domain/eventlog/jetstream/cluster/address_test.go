package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAddressesAreReadAsOperatorsWriteThem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.creds")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]address{
		"nats://a":                             {layout: layout{"EV", 3}, servers: []string{"nats://a"}},
		"nats://a:4222,b,c:9/":                 {layout: layout{"EV", 3}, servers: []string{"nats://a:4222", "nats://b", "nats://c:9"}},
		"tls://[::1]:4222?stream=YH-1":         {layout: layout{"YH-1", 3}, servers: []string{"tls://[::1]:4222"}},
		"nats://a?replicas=1":                  {layout: layout{"EV", 1}, servers: []string{"nats://a"}},
		"tls://u:p%40ss@a,b":                   {layout: layout{"EV", 3}, servers: []string{"tls://a", "tls://b"}},
		"nats://u:p@127.0.0.1:1":               {layout: layout{"EV", 3}, servers: []string{"nats://127.0.0.1:1"}},
		"nats://a,b?credentials=" + file:       {layout: layout{"EV", 3}, servers: []string{"nats://a", "nats://b"}},
		"nats://court_1.local:4222?replicas=5": {layout: layout{"EV", 5}, servers: []string{"nats://court_1.local:4222"}},
	} {
		a, err := parse(raw, Options{})
		if err != nil || a.layout != want.layout || !slices.Equal(a.servers, want.servers) {
			t.Errorf("%s: %+v, %v", raw, a, err)
		}
		if who := strings.Contains(raw, "@") || strings.Contains(raw, "credentials"); who != (len(a.secrets) == 1) {
			t.Errorf("%s: %d ways to say who we are", raw, len(a.secrets))
		}
	}
	a, err := parse("nats://a?stream=A&replicas=5", Options{Stream: "B", Replicas: 1, Credentials: file})
	if err != nil || a.layout != (layout{"B", 1}) || len(a.secrets) != 1 {
		t.Errorf("the options do not come before the address: %+v, %v", a, err)
	}
}

func TestAddressesThatCannotBeUsedAreRefusedWithoutRepeatingThem(t *testing.T) {
	for name, raw := range map[string]string{
		"another scheme":            "esdb://geheim@a",
		"no scheme":                 "a:4222",
		"no host":                   "nats://",
		"an empty host":             "nats://a,,b",
		"a port of letters":         "nats://a:geheim",
		"a path":                    "nats://a/geheim",
		"a fragment":                "nats://a#geheim",
		"a setting nobody knows":    "nats://a?tsl=geheim",
		"a setting twice":           "nats://a?stream=A&stream=geheim",
		"a setting without a value": "nats://a?stream=",
		"settings torn":             "nats://a?%zz=geheim",
		"a stream with a dot":       "nats://a?stream=ge.heim",
		"a stream with a wildcard":  "nats://a?stream=geheim*",
		"two replicas":              "nats://a?replicas=2",
		"replicas in words":         "nats://a?replicas=geheim",
		"a password in the clear":   "nats://u:geheim@a",
		"a token in the clear":      "nats://geheim@127.0.0.1,b",
		"a password torn":           "tls://u:ge%zzheim@a",
		"a file that is not there":  "nats://a?credentials=/nowhere/geheim.creds",
		"no seed":                   "nats://a?nkey=/etc/hostname",
		"certificates without TLS":  "nats://a?ca=/etc/hostname",
		"half a certificate":        "tls://a?cert=/etc/hostname",
		"two who we are":            "tls://u:geheim@a?credentials=/etc/hostname",
	} {
		_, err := parse(raw, Options{})
		if !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v, want ErrAddress", name, err)
			continue
		}
		if said := strings.ReplaceAll(err.Error(), "/nowhere/geheim.creds", ""); strings.Contains(said, "geheim") {
			t.Errorf("%s: the error repeats it: %v", name, err)
		}
	}
}
