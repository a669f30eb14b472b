package standin

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// refuse is an error with what the server says beside it.
func refuse(s grpc.ServerStream, code codes.Code, text string, beside ...string) error {
	s.SetTrailer(metadata.Pairs(beside...))
	return status.Error(code, text)
}

// mayAnswer tells whether the node answers the call, given whether it asks for
// the leader alone.
func (n *node) mayAnswer(s grpc.ServerStream) error {
	c := n.cluster
	md, _ := metadata.FromIncomingContext(s.Context())
	c.mu.Lock()
	leader := c.leader
	for _, name := range []string{"requires-leader", "authorization"} {
		c.heard[name+"="+strings.Join(md.Get(name), ",")]++
	}
	c.mu.Unlock()
	if v := md.Get("requires-leader"); leader == n.index || len(v) == 0 || v[0] != "true" {
		return nil
	}
	c.faults.happened(NotLeader, 1)
	if leader < 0 {
		return status.Error(codes.Unknown, "No leader info available in response")
	}
	host, port := split(c.nodes[leader].address)
	return refuse(s, codes.NotFound, "Leader info available", "exception", "not-leader", "leader-endpoint-host", host, "leader-endpoint-port", port)
}

// Append is the protocol's.
func (n *node) Append(s streams.Streams_AppendServer) error {
	c := n.cluster
	options, events, err := n.proposed(s)
	if err != nil {
		return err
	}
	if err := n.mayAnswer(s); err != nil {
		return err
	}
	done := c.held()
	defer done()
	for _, f := range []Fault{Busy, Timeout, DroppedCall} {
		if !c.faults.take(f) {
			continue
		}
		switch f {
		case Busy:
			return status.Error(codes.Unavailable, "Server Is Too Busy")
		case Timeout:
			return status.Error(codes.Aborted, "Operation timed out: Prepare phase timeout.")
		}
		<-s.Context().Done()
		return s.Context().Err()
	}
	name := string(options.GetStreamIdentifier().GetStreamName())
	r := c.db.append(name, expectation(options), events)
	switch {
	case r.deleted:
		return refuse(s, codes.FailedPrecondition, "Event stream '"+name+"' is deleted.", "exception", "stream-deleted", "stream-name", name)
	case r.conflict:
		return s.SendAndClose(wrongVersion(options, r.current))
	}
	return n.acknowledge(s, r)
}

// acknowledge answers an append that was kept, or fails to.
func (n *node) acknowledge(s streams.Streams_AppendServer, r result) error {
	c := n.cluster
	success := &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(r.current)},
		PositionOption:        &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{CommitPosition: r.position, PreparePosition: r.position}},
	}
	if r.current < 0 { // no event was sent, which is not forbidden
		success.CurrentRevisionOption = &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}}
		n.cluster.faults.happened(EmptyAppend, 1)
	}
	switch {
	case c.faults.take(LostAck):
		n.cut()
		return status.Error(codes.Unavailable, "the connection is gone")
	case c.faults.take(KeptSilent):
		<-s.Context().Done()
		return s.Context().Err()
	case c.faults.take(KeptTimeout):
		return status.Error(codes.Aborted, "Operation timed out: Commit phase timeout.")
	case c.faults.take(KeptUnknown):
		return status.Error(codes.Unknown, "Exception was thrown by handler.")
	case c.faults.take(OddResult):
		return s.SendAndClose(&streams.AppendResp{})
	case c.faults.take(NoPosition):
		success.PositionOption = &streams.AppendResp_Success_NoPosition{NoPosition: &shared.Empty{}}
	}
	return s.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_Success_{Success: success}})
}

// proposed reads an append to its end, or to where it is too large.
func (n *node) proposed(s streams.Streams_AppendServer) (*streams.AppendReq_Options, []*event, error) {
	first, err := s.Recv()
	if err != nil || first.GetOptions() == nil {
		return nil, nil, status.Error(codes.Unknown, "Exception was thrown by handler.")
	}
	var events []*event
	_, most := n.cluster.pose()
	size := 0
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return first.GetOptions(), events, nil
		}
		if err != nil {
			return nil, nil, err
		}
		p := m.GetProposedMessage()
		if size += len(p.GetData()); size > most {
			limit := strconv.Itoa(most)
			return nil, nil, refuse(s, codes.InvalidArgument, "Maximum Append Size of "+limit+" Exceeded.", "exception", "maximum-append-size-exceeded", "maximum-append-size", limit)
		}
		for _, required := range []string{"type", "content-type"} {
			if _, ok := p.GetMetadata()[required]; !ok {
				return nil, nil, refuse(s, codes.InvalidArgument, "Required Metadata Property '"+required+"' is missing", "exception", "missing-required-metadata-property")
			}
		}
		events = append(events, &event{id: idOf(p.GetId()), kind: p.GetMetadata()["type"], content: p.GetMetadata()["content-type"], data: p.GetData(), about: p.GetCustomMetadata()})
	}
}

func expectation(o *streams.AppendReq_Options) int64 {
	switch e := o.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_Revision:
		return int64(e.Revision)
	case *streams.AppendReq_Options_NoStream:
		return expectNone
	case *streams.AppendReq_Options_StreamExists:
		return expectExists
	}
	return expectAny
}

// wrongVersion says what was expected and what is.
func wrongVersion(o *streams.AppendReq_Options, current int64) *streams.AppendResp {
	wrong := &streams.AppendResp_WrongExpectedVersion{}
	switch e := o.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_Revision:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: e.Revision}
	case *streams.AppendReq_Options_NoStream:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
	case *streams.AppendReq_Options_StreamExists:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
	}
	if current < 0 {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}}
	} else {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(current)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: wrong}}
}

// Delete is the protocol's: a soft delete. It looks at no expectation.
func (n *node) Delete(_ context.Context, r *streams.DeleteReq) (*streams.DeleteResp, error) {
	d := n.cluster.db
	d.mu.Lock()
	defer d.mu.Unlock()
	name := string(r.GetOptions().GetStreamIdentifier().GetStreamName())
	d.begins[name] = uint64(len(d.streams[name]))
	e := d.put("$$"+name, &event{kind: "$metadata", content: "application/json", data: []byte(`{"$tb":9223372036854775807}`)})
	d.wake()
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: &streams.DeleteResp_Position{CommitPosition: e.position, PreparePosition: e.position}}}, nil
}

// Tombstone is the protocol's: a delete for good. It looks at no expectation.
func (n *node) Tombstone(_ context.Context, r *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	d := n.cluster.db
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tombstones[string(r.GetOptions().GetStreamIdentifier().GetStreamName())] = true
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{Position: &streams.TombstoneResp_Position{CommitPosition: d.tail, PreparePosition: d.tail}}}, nil
}

// GetSupportedMethods is the protocol's.
func (n *node) GetSupportedMethods(ctx context.Context, _ *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	if n.cluster.faults.take(DeadFeatures) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	version, _ := n.cluster.pose()
	return &serverfeatures.SupportedMethods{EventStoreServerVersion: version}, nil
}
