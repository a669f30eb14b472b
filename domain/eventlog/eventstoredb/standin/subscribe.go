package standin

import (
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// subscription is one on its way through the log.
type subscription struct {
	node    *node
	options *streams.ReadReq_Options
	out     streams.Streams_ReadServer
	keep    func(*event) bool
	looked  uint32 // at events since the last checkpoint
	dead    bool   // gives nothing more
}

// subscribe gives what there is after a place, and then what comes, until the
// client leaves.
func (n *node) subscribe(o *streams.ReadReq_Options, keep func(*event) bool, out streams.Streams_ReadServer) error {
	s := &subscription{node: n, options: o, out: out, keep: keep}
	confirmed := &streams.ReadResp{Content: &streams.ReadResp_Confirmation{Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: "standin"}}}
	if err := out.Send(confirmed); err != nil {
		return err
	}
	all, _, grown := n.cluster.db.view(n)
	next, caughtUp := 0, false
	if p := o.GetAll().GetPosition(); p != nil {
		next, _ = slices.BinarySearchFunc(all, p.GetCommitPosition(), byPosition)
	}
	for ; ; all, _, grown = n.cluster.db.view(n) {
		for ; next < len(all); next++ {
			if ended, err := s.give(all[next]); ended || err != nil {
				return err
			}
		}
		if !caughtUp && !s.dead {
			caughtUp = true
			if err := s.caughtUp(all); err != nil {
				return err
			}
		}
		select {
		case <-grown:
		case <-out.Context().Done():
			return nil
		}
	}
}

// wanted tells whether the event comes after where the subscription started,
// and is one it asked for.
func (s *subscription) wanted(e *event) bool {
	if stream := s.options.GetStream(); stream != nil {
		after, some := stream.GetRevisionOption().(*streams.ReadReq_Options_StreamOptions_Revision)
		return e.stream == string(stream.GetStreamIdentifier().GetStreamName()) && (!some || e.revision > after.Revision)
	}
	if p := s.options.GetAll().GetPosition(); p != nil && e.position <= p.GetCommitPosition() {
		return false
	}
	return !e.hidden && s.keep(e)
}

// give passes one event on, if it is wanted and no fault befalls it.
func (s *subscription) give(e *event) (ended bool, err error) {
	f := &s.node.cluster.faults
	wanted := s.wanted(e)
	s.looked++
	s.node.cluster.looked.Add(1)
	switch {
	case s.dead:
		return false, nil
	case !wanted:
		return false, s.checkpoint(e.position, false)
	case f.take(DeadFollow):
		s.dead = true
		return false, nil
	case f.take(EndFollow):
		return true, nil
	case f.take(SkipFollow):
		return false, nil
	}
	if err := s.node.send(e, s.options, s.out); err != nil {
		return false, err
	}
	if f.take(DoubleFollow) {
		if err := s.node.send(e, s.options, s.out); err != nil {
			return false, err
		}
	}
	if f.take(CutFollow) {
		s.node.cut()
		return false, status.Error(codes.Unavailable, "the connection is gone")
	}
	return false, nil
}

// checkpoint says how far a filtered subscription has looked, once it has
// looked far enough or when it must.
func (s *subscription) checkpoint(at uint64, must bool) error {
	o := s.options.GetFilter()
	if o == nil || !must && s.looked < o.GetMax()*o.GetCheckpointIntervalMultiplier() {
		return nil
	}
	s.looked = 0
	return s.out.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: at, PreparePosition: at}}})
}

// caughtUp marks the boundary between what there was and what comes.
func (s *subscription) caughtUp(all []*event) error {
	if end := all[len(all)-1].position; end > s.options.GetAll().GetPosition().GetCommitPosition() {
		if err := s.checkpoint(end, true); err != nil {
			return err
		}
	}
	return s.out.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}
