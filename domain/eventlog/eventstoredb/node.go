package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// node is a connection to one node of the database.
type node struct {
	address string
	conn    *grpc.ClientConn
	streams streams.StreamsClient
	users   int           // the link's
	gone    chan struct{} // closed when the link gave the node up
}

// open makes a connection; whether anybody answers shows with the first call.
func open(a address, to string) (*node, error) {
	how, err := a.options()
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(to, how...)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrAddress, err)
	}
	return &node{address: to, conn: conn, streams: streams.NewStreamsClient(conn), gone: make(chan struct{})}, nil
}

func (n *node) close() { _ = n.conn.Close() } // the error says only that it was closed already

// leader asks the node which of the cluster's nodes leads.
func (n *node) leader(ctx context.Context, patience time.Duration) (string, error) {
	asked, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	info, err := gossip.NewGossipClient(n.conn).Read(asked, &shared.Empty{})
	if err != nil {
		return "", failed(ctx, asked, err, nil)
	}
	for _, m := range info.Members {
		if m.State == gossip.MemberInfo_Leader && m.IsAlive {
			at := m.GetHttpEndPoint()
			return net.JoinHostPort(at.GetAddress(), fmt.Sprint(at.GetPort())), nil
		}
	}
	return "", &failure{kind: broken, text: fmt.Sprintf("%s knows of no leader", n.address)}
}

// onlyLeader says with a call that nobody but the leader may answer it. (The
// module's Client means to, but puts it where it is never sent.)
func onlyLeader(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "requires-leader", "true")
}

// append sends what makes up one append: where the stream must stand, and the
// events to be kept at its end, all or none. A nil answer comes with a failure.
func (n *node) append(ctx context.Context, patience time.Duration, parts ...*streams.AppendReq) (*streams.AppendResp, *failure) {
	asked, cancel := context.WithTimeout(onlyLeader(ctx), patience)
	defer cancel()
	s, err := n.streams.Append(asked)
	if err != nil {
		return nil, failed(ctx, asked, err, nil)
	}
	for _, m := range parts {
		// io.EOF is no reason to stop. Either the server has refused, and
		// CloseAndRecv tells why; or the connection broke before the server had
		// heard of the call, and then gRPC makes the call again by itself, of
		// what was sent until CloseAndRecv: half of it would be an append of
		// nothing, which succeeds.
		if err := s.Send(m); err != nil && !errors.Is(err, io.EOF) {
			return nil, failed(ctx, asked, err, s.Trailer())
		}
	}
	answer, err := s.CloseAndRecv()
	if err != nil {
		f := failed(ctx, asked, err, s.Trailer())
		f.perhaps = f.kind == broken || f.kind == slow || f.kind == left
		return nil, f
	}
	return answer, nil
}

// reading is the answer to a read or a subscription: frame after frame.
type reading struct {
	stream streams.Streams_ReadClient
	caller context.Context
	asked  context.Context
	stop   context.CancelCauseFunc
	timer  *time.Timer // stops the reading when a frame is late
}

// read asks for records; the connection, too, must be there within the patience.
// The caller must end the reading.
func (n *node) read(ctx context.Context, patience time.Duration, what *streams.ReadReq_Options) (*reading, error) {
	r := &reading{caller: ctx}
	r.asked, r.stop = context.WithCancelCause(onlyLeader(ctx))
	r.timer = time.AfterFunc(patience, func() { r.stop(errSlow) })
	defer r.timer.Stop()
	what.UuidOption = &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_String_{String_: &shared.Empty{}}}
	what.ControlOption = &streams.ReadReq_Options_ControlOption{Compatibility: 1} // tell how far the stream goes
	var err error
	if r.stream, err = n.streams.Read(r.asked, &streams.ReadReq{Options: what}); err != nil {
		r.end()
		return nil, failed(ctx, r.asked, err, nil)
	}
	return r, nil
}

// next waits for one frame, at most for as long as patience says; 0 is for ever.
// It gives io.EOF after the last.
func (r *reading) next(patience time.Duration) (*streams.ReadResp, error) {
	if patience > 0 {
		r.timer.Reset(patience)
		defer r.timer.Stop()
	}
	frame, err := r.stream.Recv()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, failed(r.caller, r.asked, err, r.stream.Trailer())
	}
	return frame, nil
}

// end lets the reading go.
func (r *reading) end() {
	r.timer.Stop()
	r.stop(nil)
}
