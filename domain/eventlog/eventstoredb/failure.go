package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"doorstep/domain/eventlog"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// errSlow is why a call was stopped that had waited long enough.
var errSlow = errors.New("the database does not answer")

// kind is what a call's failure asks of us.
type kind int

const (
	broken  kind = iota // the way or the node is not well: ask again, on a new connection
	busy                // the node will not do it now, and has not done it
	slow                // no answer within the patience
	moved               // another node leads
	refused             // the question makes no sense to it
	denied              // we may not ask
	deleted             // somebody deleted the stream
	large               // the database takes less than it should
	left                // the caller did not wait
)

// failure is what came instead of an answer.
type failure struct {
	kind    kind
	leader  string // who leads instead, when moved; may be empty
	text    string
	perhaps bool  // what was asked may have been done all the same
	cause   error // of left
}

func (f *failure) Error() string { return f.text }

// Unwrap gives the log's word for it.
func (f *failure) Unwrap() []error {
	switch f.kind {
	case deleted:
		return []error{eventlog.ErrCorrupt}
	case large:
		return []error{eventlog.ErrTooLarge}
	case left:
		return []error{eventlog.ErrUnavailable, f.cause}
	}
	return []error{eventlog.ErrUnavailable}
}

// again tells whether the same question may be put again.
func (f *failure) again() bool {
	return f.kind == broken || f.kind == busy || f.kind == slow || f.kind == moved
}

// failed reads what the server or the way said. caller is the context that the
// call came with, asked the one it was made with.
func failed(caller, asked context.Context, err error, trailer metadata.MD) *failure {
	s := status.Convert(err)
	f := &failure{text: fmt.Sprintf("the database answers %s: %s", s.Code(), s.Message())}
	say := func(name string) string {
		if v := trailer.Get(name); len(v) > 0 {
			return v[0]
		}
		return ""
	}
	switch say("exception") {
	case "not-leader":
		f.kind = moved
		if host, port := say("leader-endpoint-host"), say("leader-endpoint-port"); host != "" && port != "" {
			f.leader = net.JoinHostPort(host, port)
		}
		return f
	case "stream-deleted":
		f.kind = deleted
		return f
	case "maximum-append-size-exceeded":
		f.kind = large
		return f
	}
	switch s.Code() {
	case codes.Unavailable:
		if strings.Contains(s.Message(), "Server Is") { // Too Busy, Not Ready: its words for not having begun
			f.kind = busy
		}
	case codes.Unknown:
		if strings.Contains(s.Message(), "No leader info") { // it does not lead, and knows nobody who does
			f.kind = moved
		}
	case codes.Unauthenticated, codes.PermissionDenied:
		f.kind = denied
	case codes.InvalidArgument, codes.FailedPrecondition, codes.Unimplemented, codes.OutOfRange, codes.NotFound, codes.AlreadyExists:
		f.kind = refused
	case codes.Canceled, codes.DeadlineExceeded:
		switch {
		case caller.Err() != nil:
			return &failure{kind: left, text: caller.Err().Error(), cause: caller.Err()}
		case asked.Err() != nil:
			return &failure{kind: slow, text: errSlow.Error()}
		}
	}
	return f
}
