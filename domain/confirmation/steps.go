package confirmation

import (
	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

// Step is one kind of thing that can be done about a confirmation.
type Step string

// The steps, in the order of work.
const (
	StepApply            Step = "apply"             // 申请司法确认
	StepAccept           Step = "accept"            // 受理
	StepRefuseAcceptance Step = "refuse-acceptance" // 裁定不予受理
	StepConfirm          Step = "confirm"           // 裁定有效
	StepDismiss          Step = "dismiss"           // 裁定驳回
	StepWithdraw         Step = "withdraw"          // 准予撤回
)

// Steps lists them in the order of work.
var Steps = []Step{StepApply, StepAccept, StepRefuseAcceptance, StepConfirm, StepDismiss, StepWithdraw}

// NextStep is whether a step may be taken now.
type NextStep struct {
	Step    Step
	Primary bool            // the one that moves the case on from where it stands; at most one
	Refused *decide.Refusal // why not; nil: it may be done now
}

// NextSteps tells for every step, in the order of work, whether it may be
// taken on the occasion. Effective and applyBy are those of the dispute's
// agreement (zero: it has not taken effect). It asks the rules themselves, so
// that a page offers exactly what will be accepted.
func NextSteps(c Case, effective, applyBy calendar.Date, now Occasion) []NextStep {
	commands := map[Step]Command{
		StepApply:            Apply{now, c.Dispute, effective, applyBy, true},
		StepAccept:           Accept{Occasion: now},
		StepRefuseAcceptance: RefuseAcceptance{now, 1},
		StepConfirm:          Confirm{Occasion: now},
		StepDismiss:          Dismiss{now, 1},
		StepWithdraw:         Withdraw{now},
	}
	onward := map[Stage]Step{None: StepApply, Withdrawn: StepApply, Applied: StepAccept, Accepted: StepConfirm}
	next := make([]NextStep, len(Steps))
	for i, s := range Steps {
		refused := Decider.Ask(c, commands[s])
		next[i] = NextStep{Step: s, Refused: refused, Primary: refused == nil && onward[c.Stage] == s}
	}
	return next
}
