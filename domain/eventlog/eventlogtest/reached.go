package eventlogtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"doorstep/domain/eventlog"
)

// Reached is a log, empty at first, that servers keep on the far side of a network.
type Reached struct {
	Servers []string // where they listen, host:port, for as long as the test lasts

	// Dial opens a client that speaks with each server at the address via gives
	// for it, and at no other; via nil is straight to them. It may fail with
	// ErrUnavailable when nobody answers. The client gives up on an answer after
	// a second or so, and closes with the test.
	Dial func(t *testing.T, via map[string]string) (eventlog.Log, error)

	// Upsets bring about, by name, what the servers can go through without losing
	// what they acknowledged: a restart of all, another leader. Each returns when
	// it is done, though the servers may still be busy with it.
	Upsets map[string]func(t *testing.T)
}

// RunReached checks that a client of a log that is reached over a network keeps
// the contract whatever happens on the way and to the servers. Each check has
// servers of its own. It prints what was injected; a check in which nothing was
// fails.
func RunReached(t *testing.T, start func(t *testing.T) Reached) { runReached(t, start, nil) }

func runReached(t *testing.T, start func(t *testing.T) Reached, ran ran) {
	for _, c := range reaching {
		t.Run(c.name, func(t *testing.T) {
			ran.note(c.name)
			f := &far{Reached: start(t)}
			c.run(t, f)
			sum := f.sum()
			t.Logf("%d acknowledged; %d upsets; on the way %+v", f.acks, f.upsets, sum)
			if sum.Sum()+f.upsets == 0 || f.acks == 0 {
				t.Error("nothing was injected, or nothing acknowledged: this shows nothing")
			}
		})
	}
}

// far is a Reached with what was done to it.
type far struct {
	Reached
	laid   []ways
	upsets int
	acks   int
}

func (f *far) sum() (all Counts) {
	for _, w := range f.laid {
		all = all.plus(w.counts())
	}
	return all
}

// lay lays ways to every server, and tells which leads to which.
func (f *far) lay(t *testing.T) (ways, map[string]string) {
	t.Helper()
	via, all := map[string]string{}, ways{}
	for _, s := range f.Servers {
		w := lay(t, s)
		via[s], all = w.listener.Addr().String(), append(all, w)
	}
	f.laid = append(f.laid, all)
	return all, via
}

// client opens a client and gives the ways between it and the servers.
func (f *far) client(t *testing.T) (desk, ways) {
	t.Helper()
	all, via := f.lay(t)
	return deskOf(t, f.dial(t, via)), all
}

// witness opens a client that nothing on the way befalls.
func (f *far) witness(t *testing.T) desk {
	t.Helper()
	return deskOf(t, f.dial(t, nil))
}

// dial opens a client, and insists while the servers are unavailable.
func (f *far) dial(t *testing.T, via map[string]string) eventlog.Log {
	t.Helper()
	for give := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		log, err := f.Dial(t, via)
		if err == nil {
			return log
		}
		if !errors.Is(err, eventlog.ErrUnavailable) || time.Now().After(give) {
			t.Fatalf("dial: %v", err)
		}
	}
}

// upset brings an upset about.
func (f *far) upset(t *testing.T, name string) {
	t.Helper()
	f.upsets++
	f.Upsets[name](t)
}

// names of the upsets, in the same order each time.
func (f *far) names() (all []string) {
	for name := range f.Upsets {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// insist appends until the outcome is known, as a desk does, and wants it kept.
func (f *far) insist(t *testing.T, d desk, at eventlog.Head, c eventlog.Commit) eventlog.Record {
	t.Helper()
	r, _, err := insist(d.Log, at, c)
	if err != nil {
		t.Fatalf("append %s to %s: %v", c.ID, c.Stream, err)
	}
	f.acks++
	return r
}

// insist appends until the outcome is known, and tells how often it was not.
func insist(log eventlog.Log, at eventlog.Head, c eventlog.Commit) (r eventlog.Record, unclear int, err error) {
	for give := time.Now().Add(patience); ; unclear++ {
		ctx, cancel := context.WithTimeout(context.Background(), aWhile)
		r, err = log.Append(ctx, at, c)
		cancel()
		again := errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, eventlog.ErrUnavailable)
		if !again || time.Now().After(give) {
			return r, unclear, err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

var reaching = []sentence[*far]{
	{"an answer that is lost after the commit was kept is found out", lostAnswers},
	{"a connection that breaks after any number of bytes loses no commit and doubles none", anyByte},
	{"a retry finds itself after every upset, whoever asks", retries},
	{"followers see every record once over cuts, silence and every upset", unbroken},
	{"a caller is let go at his deadline while the servers are silent", silentServers},
	{"servers that come up later are found", laterServers},
	{"over a slow way everything comes, only later", slowWay},
	{"in bad weather each stream behaves as if one clerk kept it", badWeather},
}
