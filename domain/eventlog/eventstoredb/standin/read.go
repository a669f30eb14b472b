package standin

import (
	"context"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Read is the protocol's: a read, or a subscription.
func (n *node) Read(r *streams.ReadReq, s streams.Streams_ReadServer) error {
	o := r.GetOptions()
	if o.GetUuidOption() == nil {
		return status.Error(codes.InvalidArgument, "'' is not a valid uuidOption")
	}
	if err := n.mayAnswer(s); err != nil {
		return err
	}
	f := &n.cluster.faults
	if f.take(Busy) {
		return status.Error(codes.Unavailable, "Server Is Too Busy")
	}
	keep, err := filter(o.GetFilter())
	if err != nil {
		return err
	}
	if o.GetSubscription() != nil {
		return n.subscribe(o, keep, s)
	}
	if f.take(DeadRead) {
		<-s.Context().Done()
		return s.Context().Err()
	}
	if f.take(ReadTimeout) {
		return status.Error(codes.Aborted, "Operation timed out: read.")
	}
	if f.take(OddFrame) {
		if err := s.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}}); err != nil {
			return err
		}
	}
	if o.GetAll() != nil {
		return n.readAll(o, keep, s)
	}
	return n.readStream(o, s)
}

// readStream gives a stream from a revision on, or back from one.
func (n *node) readStream(o *streams.ReadReq_Options, s streams.Streams_ReadServer) error {
	name := string(o.GetStream().GetStreamIdentifier().GetStreamName())
	n.cluster.heardOf("read", name)
	all, begins, tombstone := n.cluster.db.stream(n, name)
	n.stale()
	if tombstone {
		return refuse(s, codes.FailedPrecondition, "Event stream '"+name+"' is deleted.", "exception", "stream-deleted", "stream-name", name)
	}
	if uint64(len(all)) <= begins {
		return s.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: o.GetStream().GetStreamIdentifier()}}})
	}
	var events []*event
	if o.GetReadDirection() == streams.ReadReq_Options_Backwards {
		to := uint64(len(all))
		if from, ok := o.GetStream().GetRevisionOption().(*streams.ReadReq_Options_StreamOptions_Revision); ok {
			to = min(to, from.Revision+1)
		}
		events = slices.Clone(all[min(begins, to):to])
		slices.Reverse(events)
	} else {
		events = all[min(max(o.GetStream().GetRevision(), begins), uint64(len(all))):]
		if o.GetStream().GetEnd() != nil {
			events = nil
		}
	}
	if err := n.sendSome(o, events, s); err != nil || o.GetControlOption().GetCompatibility() < 1 {
		return err
	}
	return s.Send(&streams.ReadResp{Content: &streams.ReadResp_LastStreamPosition{LastStreamPosition: uint64(len(all)) - 1}})
}

// readAll gives everything from a position on, or back from before one.
func (n *node) readAll(o *streams.ReadReq_Options, keep func(*event) bool, s streams.Streams_ReadServer) error {
	all, _, _ := n.cluster.db.view(n)
	n.stale()
	i, _ := slices.BinarySearchFunc(all, start(o.GetAll()), byPosition)
	var events []*event
	if o.GetReadDirection() == streams.ReadReq_Options_Backwards {
		events = slices.Clone(all[:i])
		slices.Reverse(events)
	} else {
		events = all[i:]
	}
	events = slices.DeleteFunc(slices.Clone(events), func(e *event) bool { return e.hidden || !keep(e) })
	return n.sendSome(o, events, s)
}

// start is the position a read of everything begins at.
func start(o *streams.ReadReq_Options_AllOptions) uint64 {
	switch {
	case o.GetPosition() != nil:
		return o.GetPosition().GetCommitPosition()
	case o.GetEnd() != nil:
		return 1<<64 - 1
	}
	return 0
}

// stale counts a read that the node answers without having seen everything.
func (n *node) stale() {
	if _, all, _ := n.cluster.db.view(n); !all {
		n.cluster.faults.happened(StaleRead, 1)
	}
}

// sendSome gives as many of the events as were asked for.
func (n *node) sendSome(o *streams.ReadReq_Options, events []*event, s streams.Streams_ReadServer) error {
	for i, e := range events {
		if uint64(i) == o.GetCount() {
			return nil
		}
		if err := n.send(e, o, s); err != nil {
			return err
		}
		if n.cluster.faults.take(CutRead) {
			n.cut()
			return status.Error(codes.Unavailable, "the connection is gone")
		}
	}
	return nil
}

// send gives one event.
func (n *node) send(e *event, o *streams.ReadReq_Options, s streams.Streams_ReadServer) error {
	created := strconv.FormatInt(e.created, 10)
	if n.cluster.faults.take(BadDate) {
		created = "yesterday"
	}
	id := &shared.UUID{Value: &shared.UUID_String_{String_: e.id}}
	if u, err := uuid.Parse(e.id); err == nil && o.GetUuidOption().GetString_() == nil {
		id = structured(u)
	}
	return s.Send(&streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event: &streams.ReadResp_ReadEvent_RecordedEvent{
			Id: id, StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(e.stream)}, StreamRevision: e.revision,
			CommitPosition: e.position, PreparePosition: e.position,
			Metadata: map[string]string{"type": e.kind, "content-type": e.content, "created": created},
			Data:     e.data, CustomMetadata: e.about,
		},
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: e.position},
	}}})
}

// filter tells which events a filter lets through.
func filter(f *streams.ReadReq_Options_FilterOptions) (func(*event) bool, error) {
	if f == nil {
		return func(*event) bool { return true }, nil
	}
	of, by := func(e *event) string { return e.stream }, f.GetStreamIdentifier()
	if f.GetEventType() != nil {
		of, by = func(e *event) string { return e.kind }, f.GetEventType()
	}
	if by.GetRegex() != "" {
		r, err := regexp.Compile(by.GetRegex())
		if err != nil {
			return nil, status.Error(codes.InvalidArgument, "the filter is no regular expression")
		}
		return func(e *event) bool { return r.MatchString(of(e)) }, nil
	}
	return func(e *event) bool {
		return slices.ContainsFunc(by.GetPrefix(), func(p string) bool { return strings.HasPrefix(of(e), p) })
	}, nil
}

// gossiper is the node as it answers gossip: a type of its own, because Read is
// what both services call their method.
type gossiper struct {
	gossip.UnimplementedGossipServer
	node *node
}

// Read is the protocol's.
func (g gossiper) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	c := g.node.cluster
	if c.faults.take(DeadGossip) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	info := &gossip.ClusterInfo{}
	for i, n := range c.nodes {
		host, port := split(n.address)
		number, _ := strconv.ParseUint(port, 10, 16)
		state := gossip.MemberInfo_Follower
		if c.leads(i) {
			state = gossip.MemberInfo_Leader
		}
		info.Members = append(info.Members, &gossip.MemberInfo{State: state, IsAlive: n.running(), HttpEndPoint: &gossip.EndPoint{Address: host, Port: uint32(number)}})
	}
	return info, nil
}

func split(address string) (host, port string) {
	host, port, _ = net.SplitHostPort(address) // made by net.Listen
	return host, port
}

func idOf(id *shared.UUID) string {
	if s := id.GetStructured(); s != nil {
		var u uuid.UUID
		for i := range 8 {
			u[i] = byte(uint64(s.GetMostSignificantBits()) >> (56 - 8*i))
			u[8+i] = byte(uint64(s.GetLeastSignificantBits()) >> (56 - 8*i))
		}
		return u.String()
	}
	return strings.ToLower(id.GetString_())
}

func structured(u uuid.UUID) *shared.UUID {
	var most, least uint64
	for i := range 8 {
		most, least = most<<8|uint64(u[i]), least<<8|uint64(u[8+i])
	}
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{MostSignificantBits: int64(most), LeastSignificantBits: int64(least)}}}
}
