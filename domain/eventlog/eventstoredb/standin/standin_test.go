package standin_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"doorstep/domain/eventlog/eventstoredb/standin"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// The client module's own Client is the judge of what the stand-in answers.
func reach(t *testing.T, nodes int) (*standin.Cluster, *esdb.Client) {
	t.Helper()
	c, err := standin.Start(nodes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	conf, err := esdb.ParseConnectionString(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	conf.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(conf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return c, client
}

func events(ids ...string) []esdb.EventData {
	all := make([]esdb.EventData, len(ids))
	for i, id := range ids {
		all[i] = esdb.EventData{EventID: uuid.NewSHA1(uuid.Nil, []byte(id)), EventType: "t-" + id, ContentType: esdb.ContentTypeJson, Data: []byte(`"` + id + `"`)}
	}
	return all
}

func TestAnAppendIsTakenAsTheServerTakesIt(t *testing.T) {
	for name, x := range map[string]struct {
		expected esdb.ExpectedRevision
		ids      []string
		to       uint64 // revision it leads to
		wrong    bool
		already  bool // and nothing more is kept
	}{
		"any":                            {expected: esdb.Any{}, ids: []string{"x"}, to: 3},
		"exists":                         {expected: esdb.StreamExists{}, ids: []string{"x"}, to: 3},
		"the last revision":              {expected: esdb.Revision(2), ids: []string{"x", "y"}, to: 4},
		"an old id at the last revision": {expected: esdb.Revision(2), ids: []string{"b"}, to: 3},
		"none":                           {expected: esdb.NoStream{}, ids: []string{"x"}, wrong: true},
		"an old revision":                {expected: esdb.Revision(0), ids: []string{"x"}, wrong: true},
		"a revision to come":             {expected: esdb.Revision(7), ids: []string{"x"}, wrong: true},
		"none, come again":               {expected: esdb.NoStream{}, ids: []string{"a"}, to: 0, already: true},
		"none, all come again":           {expected: esdb.NoStream{}, ids: []string{"a", "b", "c"}, to: 2, already: true},
		"an old revision, come again":    {expected: esdb.Revision(0), ids: []string{"b", "c"}, to: 2, already: true},
		"come again in part":             {expected: esdb.Revision(1), ids: []string{"c", "x"}, wrong: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, client := reach(t, 1)
			first, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, events("a", "b", "c")...)
			if err != nil || first.NextExpectedVersion != 2 {
				t.Fatalf("%+v, %v", first, err)
			}
			r, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: x.expected}, events(x.ids...)...)
			var wrong *esdb.Error
			if isWrong := errors.As(err, &wrong) && wrong.Code() == esdb.ErrorCodeWrongExpectedVersion; isWrong != x.wrong {
				t.Fatalf("it gives %v", err)
			}
			all := read(t, client, "s", esdb.Forwards, esdb.Start{}, 100)
			switch {
			case x.wrong || x.already:
				if len(all) != 3 {
					t.Errorf("the stream holds %d events", len(all))
				}
			case r.CommitPosition <= first.CommitPosition || len(all) != 3+len(x.ids):
				t.Errorf("at %d after %d, the stream holds %d events", r.CommitPosition, first.CommitPosition, len(all))
			}
			if !x.wrong && (r.NextExpectedVersion != x.to || r.CommitPosition != all[x.to].Event.Position.Commit) {
				t.Errorf("it leads to %+v", r)
			}
		})
	}
}

func read(t *testing.T, client *esdb.Client, stream string, way esdb.Direction, from esdb.StreamPosition, n uint64) []*esdb.ResolvedEvent {
	t.Helper()
	r, err := client.ReadStream(t.Context(), stream, esdb.ReadStreamOptions{Direction: way, From: from}, n)
	if err != nil {
		t.Fatal(err)
	}
	return drain(t, r)
}

func drain(t *testing.T, r *esdb.ReadStream) (all []*esdb.ResolvedEvent) {
	t.Helper()
	defer r.Close()
	for {
		e, err := r.Recv()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
}

func numbers(all []*esdb.ResolvedEvent) (n []uint64) {
	for _, e := range all {
		n = append(n, e.Event.EventNumber)
	}
	return n
}

func TestAStreamIsReadFromAnywhereAndBothWays(t *testing.T) {
	_, client := reach(t, 1)
	if _, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{}, events("a", "b", "c", "d")...); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		way  esdb.Direction
		from esdb.StreamPosition
		n    uint64
		want string
	}{
		{esdb.Forwards, esdb.Start{}, 10, "[0 1 2 3]"}, {esdb.Forwards, esdb.Start{}, 2, "[0 1]"}, {esdb.Forwards, esdb.Revision(2), 10, "[2 3]"},
		{esdb.Forwards, esdb.Revision(9), 10, "[]"}, {esdb.Backwards, esdb.End{}, 10, "[3 2 1 0]"}, {esdb.Backwards, esdb.Revision(1), 10, "[1 0]"},
		{esdb.Backwards, esdb.End{}, 1, "[3]"},
	} {
		if got := fmt.Sprint(numbers(read(t, client, "s", x.way, x.from, x.n))); got != x.want {
			t.Errorf("%v from %v, %d: %s, want %s", x.way, x.from, x.n, got, x.want)
		}
	}
	r, err := client.ReadStream(t.Context(), "none", esdb.ReadStreamOptions{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var absent *esdb.Error
	if _, err := r.Recv(); !errors.As(err, &absent) || absent.Code() != esdb.ErrorCodeResourceNotFound {
		t.Errorf("a stream that is not there gives %v", err)
	}
}

func TestEverythingIsReadInOrderWithTheServersOwnEventsBetween(t *testing.T) {
	_, client := reach(t, 1)
	for i := range 9 {
		if _, err := client.AppendToStream(t.Context(), fmt.Sprint("s", i%2), esdb.AppendToStreamOptions{}, events(fmt.Sprint(i))...); err != nil {
			t.Fatal(err)
		}
	}
	ways := map[esdb.Direction][]string{}
	for way, from := range map[esdb.Direction]esdb.AllPosition{esdb.Forwards: esdb.Start{}, esdb.Backwards: esdb.End{}} {
		r, err := client.ReadAll(t.Context(), esdb.ReadAllOptions{Direction: way, From: from}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		own, system := 0, 0
		var last uint64
		for i, e := range drain(t, r) {
			if at := e.Event.Position.Commit; i > 0 && (way == esdb.Forwards) != (at > last) {
				t.Errorf("position %d after %d", at, last)
			}
			last = e.Event.Position.Commit
			if e.Event.StreamID[0] == '$' {
				system++
				continue
			}
			own++
			ways[way] = append(ways[way], e.Event.EventType)
		}
		if own != 9 || system == 0 {
			t.Errorf("%d events of ours, %d of the server's", own, system)
		}
	}
	if ways[esdb.Forwards][0] != ways[esdb.Backwards][8] {
		t.Error("backwards is not the other way round")
	}
}

func TestASubscriptionGivesThePastThenCaughtUpThenWhatComes(t *testing.T) {
	for name, filter := range map[string]*esdb.SubscriptionFilter{
		"by prefix of the stream":     {Type: esdb.StreamFilterType, Prefixes: []string{"a-"}},
		"by expression on the stream": {Type: esdb.StreamFilterType, Regex: `^a-\d$`},
		"by prefix of the type":       {Type: esdb.EventFilterType, Prefixes: []string{"t-a", "t-z"}},
		"by expression on the type":   {Type: esdb.EventFilterType, Regex: `^t-a`},
	} {
		t.Run(name, func(t *testing.T) {
			_, client := reach(t, 1)
			put := func(streams ...string) {
				for _, s := range streams {
					if _, err := client.AppendToStream(t.Context(), s, esdb.AppendToStreamOptions{}, events(s)...); err != nil {
						t.Fatal(err)
					}
				}
			}
			put("a-1", "b-1", "a-2")
			sub, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: filter})
			if err != nil {
				t.Fatal(err)
			}
			defer sub.Close()
			if got := fmt.Sprintln(hear(sub), hear(sub), hear(sub), hear(sub)); got != "a-1 a-2 checkpoint caught up\n" {
				t.Fatal(got)
			}
			put("b-9", "a-9")
			if got := hear(sub); got != "a-9" {
				t.Errorf("then comes %s", got)
			}
		})
	}
}

// hear is what a subscription says next.
func hear(sub *esdb.Subscription) string {
	switch e := sub.Recv(); {
	case e.EventAppeared != nil:
		return e.EventAppeared.Event.StreamID
	case e.CheckPointReached != nil:
		return "checkpoint"
	case e.CaughtUp != nil:
		return "caught up"
	default:
		return fmt.Sprintf("%+v", e)
	}
}

func TestASubscriptionStartsAfterAPlace(t *testing.T) {
	_, client := reach(t, 1)
	r, err := client.AppendToStream(t.Context(), "a-1", esdb.AppendToStreamOptions{}, events("a", "b", "c")...)
	if err != nil {
		t.Fatal(err)
	}
	all := read(t, client, "a-1", esdb.Forwards, esdb.Start{}, 10)
	sub, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: all[1].Event.Position, Filter: esdb.ExcludeSystemEventsFilter()})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if e := sub.Recv(); e.EventAppeared == nil || e.EventAppeared.Event.Position.Commit != r.CommitPosition {
		t.Errorf("first comes %+v", e)
	}
	one, err := client.SubscribeToStream(t.Context(), "a-1", esdb.SubscribeToStreamOptions{From: esdb.Revision(0)})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	if e := one.Recv(); e.EventAppeared == nil || e.EventAppeared.Event.EventNumber != 1 {
		t.Errorf("first comes %+v", e)
	}
}

func TestADeletedStreamBeginsAnewAndATombstoneEndsIt(t *testing.T) {
	_, client := reach(t, 1)
	put := func(expected esdb.ExpectedRevision) (*esdb.WriteResult, error) {
		return client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: expected}, events(uuid.NewString())...)
	}
	for range 3 {
		if _, err := put(esdb.Any{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	if r, err := put(esdb.NoStream{}); err != nil || r.NextExpectedVersion != 3 {
		t.Errorf("after a delete: %+v, %v", r, err)
	}
	if got := fmt.Sprint(numbers(read(t, client, "s", esdb.Forwards, esdb.Start{}, 10))); got != "[3]" {
		t.Errorf("after a delete the stream holds %s", got)
	}
	if _, err := client.TombstoneStream(t.Context(), "s", esdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	var gone *esdb.Error
	if _, err := put(esdb.Any{}); !errors.As(err, &gone) || gone.Code() != esdb.ErrorCodeStreamDeleted {
		t.Errorf("after a tombstone: %v", err)
	}
}

func TestAFollowerForwardsAppendsAndReadsWhatItHas(t *testing.T) {
	c, client := reach(t, 3)
	put := func(id string) {
		t.Helper()
		if _, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{}, events(id)...); err != nil {
			t.Fatal(err)
		}
	}
	put("a")
	c.Freeze(0, true)
	c.Lead(1)
	put("b") // still at node 0
	if got := fmt.Sprint(numbers(read(t, client, "s", esdb.Forwards, esdb.Start{}, 10))); got != "[0]" || c.Injected(standin.StaleRead) != 1 {
		t.Errorf("a follower that is behind reads %s, %d stale reads", got, c.Injected(standin.StaleRead))
	}
	c.Freeze(0, false)
	if got := fmt.Sprint(numbers(read(t, client, "s", esdb.Forwards, esdb.Start{}, 10))); got != "[0 1]" {
		t.Errorf("a follower that has caught up reads %s", got)
	}
}
