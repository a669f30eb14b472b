package eventstoredb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventstoredb"
	"doorstep/domain/eventlog/eventstoredb/standin"
)

// blank starts a node whose database is no log yet.
func blank(t *testing.T) *standin.Cluster {
	t.Helper()
	c, err := standin.Start(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestALogIsMadeOnceAndNeverByDialling(t *testing.T) {
	c := blank(t)
	if _, err := eventstoredb.Dial(t.Context(), c.URL(), eventstoredb.Options{Logger: quiet}); !errors.Is(err, eventstoredb.ErrNoLog) {
		t.Errorf("dialling an empty database gives %v", err)
	}
	g := eventlog.NewGenesis("3301")
	if err := eventstoredb.Create(t.Context(), c.URL(), g, eventstoredb.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := reach(t, c.URL(), patient).Genesis(); got != g {
		t.Errorf("dialled %+v, created %+v", got, g)
	}
	if err := eventstoredb.Create(t.Context(), c.URL(), eventlog.NewGenesis("3302"), eventstoredb.Options{}); !errors.Is(err, eventstoredb.ErrExists) {
		t.Errorf("creating it again gives %v", err)
	}
	if got := reach(t, c.URL(), patient).Genesis(); got != g {
		t.Errorf("then it is %+v", got)
	}
}

func TestADatabaseOfOthersIsNotMadeALog(t *testing.T) {
	c := blank(t)
	c.Write("orders-1", "ordered", []byte("{}"))
	if err := eventstoredb.Create(t.Context(), c.URL(), eventlog.NewGenesis("3301"), eventstoredb.Options{}); !errors.Is(err, eventstoredb.ErrForeign) {
		t.Errorf("creating gives %v", err)
	}
	c.Write("genesis", "something", []byte("{}"))
	for name, err := range map[string]error{
		"create": eventstoredb.Create(t.Context(), c.URL(), eventlog.NewGenesis("3301"), eventstoredb.Options{}),
		"dial":   errOf(eventstoredb.Dial(t.Context(), c.URL(), eventstoredb.Options{})),
	} {
		if !errors.Is(err, eventstoredb.ErrOtherLog) {
			t.Errorf("with a genesis of another kind, %s gives %v", name, err)
		}
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestAGenesisWithoutAPlainAnswerIsMadeOnce(t *testing.T) {
	for _, fault := range []standin.Fault{standin.LostAck, standin.KeptSilent, standin.KeptTimeout, standin.KeptUnknown, standin.OddResult, standin.DroppedCall, standin.Timeout, standin.Busy} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			c := blank(t)
			c.Inject(fault, 1)
			g := eventlog.NewGenesis("3301")
			if err := eventstoredb.Create(t.Context(), c.URL(), g, eventstoredb.Options{Patience: hasty, Logger: quiet}); err != nil {
				t.Fatal(err)
			}
			if got := reach(t, c.URL(), patient).Genesis(); got != g {
				t.Errorf("dialled %+v, created %+v", got, g)
			}
			happened(t, c, fault)
		})
	}
}

func TestACreationThatCannotBeToldOfSaysSo(t *testing.T) {
	c := blank(t)
	c.Inject(standin.KeptSilent, 1)
	ctx, cancel := context.WithTimeout(t.Context(), hasty)
	defer cancel()
	if err := eventstoredb.Create(ctx, c.URL(), eventlog.NewGenesis("3301"), eventstoredb.Options{Logger: quiet}); !errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("creating gives %v", err)
	}
	reach(t, c.URL(), patient)
	c.Stop(0)
	if err := eventstoredb.Create(t.Context(), c.URL(), eventlog.NewGenesis("3301"), eventstoredb.Options{Patience: hasty, Logger: quiet}); !errors.Is(err, eventlog.ErrUnavailable) || errors.Is(err, eventlog.ErrUnknown) {
		t.Errorf("creating where nobody answers gives %v", err)
	}
	happened(t, c, standin.KeptSilent, standin.Down)
}

func TestOfTwoWhoMakeALogAtOnceOneDoes(t *testing.T) {
	for range 10 {
		c := blank(t)
		made := make([]eventlog.Genesis, 4)
		failed := make([]error, len(made))
		var all sync.WaitGroup
		for i := range made {
			all.Go(func() {
				made[i] = eventlog.NewGenesis("3301")
				failed[i] = eventstoredb.Create(t.Context(), c.URL(), made[i], eventstoredb.Options{Logger: quiet})
			})
		}
		all.Wait()
		winners := 0
		for i, err := range failed {
			switch {
			case err == nil:
				winners++
				if got := reach(t, c.URL(), patient).Genesis(); got != made[i] {
					t.Errorf("made %+v, there is %+v", made[i], got)
				}
			case !errors.Is(err, eventstoredb.ErrExists):
				t.Errorf("a loser is told %v", err)
			}
		}
		if winners != 1 {
			t.Errorf("%d made it", winners)
		}
	}
}

// certificate makes a key pair for this machine and gives the file that tells
// clients to trust it.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func TestAPasswordIsSentOverTLSAndNeverInTheClear(t *testing.T) {
	const basic = "Basic b3BzOnMzY3JldA==" // ops:s3cret
	own, file := certificate(t)
	c, err := standin.Start(1, own)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	secret := func(url string) string { return strings.Replace(url, "esdb://", "esdb://ops:s3cret@", 1) }
	if err := eventstoredb.Create(t.Context(), secret(c.URL()), eventlog.NewGenesis("3301"), eventstoredb.Options{Patience: hasty, Logger: quiet}); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("a server whose certificate nobody vouches for is trusted: %v", err)
	}
	url := secret(c.URL()) + "&tlsCAFile=" + file
	if err := eventstoredb.Create(t.Context(), url, eventlog.NewGenesis("3301"), eventstoredb.Options{}); err != nil {
		t.Fatal(err)
	}
	must(t, reach(t, url, patient), eventlog.Head{}, "dispute-1", "a")
	if with, without := c.Heard("authorization", basic), c.Heard("authorization", ""); with == 0 || without > 0 {
		t.Errorf("%d calls came with the password, %d without", with, without)
	}

	open := cluster(t, 1)
	must(t, reach(t, secret(open.URL()), patient), eventlog.Head{}, "dispute-1", "a")
	if with := open.Heard("authorization", basic); with > 0 {
		t.Errorf("%d calls came with the password in the clear", with)
	}
}
