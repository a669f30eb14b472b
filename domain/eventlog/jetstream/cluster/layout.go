package cluster

import (
	"fmt"
	"strings"
	"time"

	"doorstep/domain/eventlog"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	standardName = "EV"
	genesisSeq   = 1
)

// layout is the stream that holds the log: its name, on how many servers it
// lies, and its subjects. The log of the standard name has the subjects of the
// embedded engine; one of another name has that name before them, because no
// two streams of an account may share a subject.
type layout struct {
	name     string
	replicas int
}

func (l layout) prefix() string {
	if l.name == standardName {
		return ""
	}
	return l.name + "."
}

func (l layout) genesis() string { return l.prefix() + "genesis" }

// moved is where the leader tells, in a message without a body, that it has
// kept something.
func (l layout) moved() string { return "moved." + l.name + ".>" }

// subject is where a stream's records are published: "ev.dispute.0f3c". False
// for what cannot be the name of a stream; a wildcard must not slip through.
func (l layout) subject(stream string) (string, bool) {
	kind, id, ok := strings.Cut(stream, "-")
	if !ok || kind == "" || id == "" || strings.ContainsAny(stream, ".*> \t\r\n\x00") {
		return "", false
	}
	return l.prefix() + "ev." + kind + "." + id, true
}

// settings are the stream's. Whatever would let a record go away is off, and
// cannot be switched on again by an update; no replica but the leader answers.
func (l layout) settings() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:         l.name,
		Subjects:     []string{l.genesis(), l.prefix() + "ev.*.*"},
		Retention:    jetstream.LimitsPolicy,
		Storage:      jetstream.FileStorage,
		Discard:      jetstream.DiscardNew,
		Compression:  jetstream.NoCompression,
		Replicas:     l.replicas,
		Duplicates:   30 * time.Second,          // a retry finds itself by its stream
		MaxMsgSize:   eventlog.MaxCommit + 4096, // headers
		MaxMsgs:      -1,
		MaxBytes:     -1,
		MaxConsumers: -1, MaxMsgsPerSubject: -1,
		DenyDelete:         true,
		DenyPurge:          true,
		AllowAtomicPublish: true, // for filling
		RePublish:          &jetstream.RePublish{Source: ">", Destination: l.moved(), HeadersOnly: true},
	}
}

// asMade checks that the stream is set as Create set it, on no fewer servers;
// the error is ErrAltered and names the setting.
func (l layout) asMade(is jetstream.StreamConfig) error {
	want := l.settings()
	for _, s := range []struct {
		name string
		same bool
	}{
		{"subjects", fmt.Sprint(is.Subjects) == fmt.Sprint(want.Subjects)},
		{"retention", is.Retention == want.Retention && is.MaxAge == 0 && is.MaxMsgs <= 0 && is.MaxBytes <= 0 && is.MaxMsgsPerSubject <= 0},
		{"storage", is.Storage == want.Storage && is.Compression == want.Compression},
		{"replicas", is.Replicas >= want.Replicas},
		{"discard", is.Discard == want.Discard},
		{"deletion", is.DenyDelete && is.DenyPurge && !is.AllowRollup && !is.AllowMsgTTL},
		{"direct", !is.AllowDirect && !is.MirrorDirect},
		{"message", is.MaxMsgSize == want.MaxMsgSize},
		{"persistence", is.PersistMode == jetstream.DefaultPersistMode},
		{"sources", is.Mirror == nil && len(is.Sources) == 0 && is.SubjectTransform == nil},
		{"acknowledging", !is.NoAck && !is.Sealed},
		{"atomic", is.AllowAtomicPublish},
		{"telling", is.RePublish != nil && *is.RePublish == *want.RePublish},
	} {
		if !s.same {
			return fmt.Errorf("%w: %s", ErrAltered, s.name)
		}
	}
	return nil
}
