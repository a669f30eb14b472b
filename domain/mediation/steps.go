package mediation

import (
	"slices"

	"doorstep/domain/decide"
)

// Step is one kind of thing that can be done to a dispute.
type Step string

// The steps, in the order of work.
const (
	StepConsent       Step = "consent"        // 登记同意调解
	StepRefuseConsent Step = "refuse-consent" // 登记不同意调解
	StepReturn        Step = "return"         // 退回申请
	StepDesignate     Step = "designate"      // 委派
	StepDeliver       Step = "deliver"        // 委派送达
	StepAccept        Step = "accept"         // 接受委派
	StepDecline       Step = "decline"        // 不予接受
	StepSession       Step = "session"        // 登记调解
	StepExtension     Step = "extension"      // 延长期限
	StepAgreement     Step = "agreement"      // 达成协议
	StepEffect        Step = "effect"         // 协议生效
	StepTermination   Step = "termination"    // 终结调解
	StepPerformance   Step = "performance"    // 履行情况
	StepTransfer      Step = "transfer"       // 移送
	StepCorrection    Step = "correction"     // 更正
)

// Steps lists them in the order of work.
var Steps = []Step{
	StepConsent, StepRefuseConsent, StepReturn, StepDesignate, StepDeliver, StepAccept, StepDecline, StepSession,
	StepExtension, StepAgreement, StepEffect, StepTermination, StepPerformance, StepTransfer, StepCorrection,
}

// NextStep is whether a step may be taken now.
type NextStep struct {
	Step    Step
	Primary bool            // the one that moves the dispute on from where it stands; at most one
	Refused *decide.Refusal // why not; nil: it may be done now
}

// NextSteps tells for every step, in the order of work, whether it may be
// taken on the occasion. It asks the rules themselves with a command filled in
// as a person would, so that a page offers exactly what will be accepted.
func NextSteps(d Dispute, now Occasion) []NextStep {
	next := make([]NextStep, len(Steps))
	for i, s := range Steps {
		next[i] = NextStep{Step: s, Refused: Decider.Ask(d, d.plausible(s, now)...)}
	}
	for _, s := range d.onward(now) {
		i := slices.Index(Steps, s)
		if next[i].Refused == nil {
			next[i].Primary = true
			break
		}
	}
	return next
}

// onward is what would move the dispute on, the likeliest first.
func (d Dispute) onward(now Occasion) []Step {
	switch d.Stage {
	case Filed:
		return []Step{StepDesignate, StepTermination, StepConsent}
	case Designated:
		return []Step{StepAccept, StepTermination, StepConsent}
	case Mediating:
		switch {
		case len(d.Refusals) > 0 || d.Overdue(now.At.Date):
			return []Step{StepTermination}
		case len(d.Sessions) == 0:
			return []Step{StepSession}
		}
		return []Step{StepAgreement, StepSession}
	case Agreed:
		return []Step{StepEffect, StepTermination}
	case Succeeded:
		if d.Performed.Status != Performed {
			return []Step{StepPerformance}
		}
	}
	return nil
}

// plausible is the commands by which a person would take the step.
func (d Dispute) plausible(s Step, now Occasion) []Command {
	const words = "—" // stands for whatever a person writes
	organisation := d.Offer.Organisation
	switch s {
	case StepReturn:
		return []Command{ReturnApplication{now, NotSuitable, words}}
	case StepDesignate:
		return []Command{Designate{Occasion: now, Organisation: organisation + words, Reason: words}}
	case StepDeliver:
		return []Command{Deliver{now}}
	case StepAccept:
		return []Command{Accept{now, organisation, d.stranger(), OnSite}}
	case StepDecline:
		return []Command{Decline{now, organisation, words}}
	case StepSession:
		return []Command{HoldSession{Occasion: now, Organisation: organisation, Mode: OnSite, Attended: d.keys(), Record: words}}
	case StepExtension:
		return []Command{AgreeExtension{now, organisation, max(d.Due, now.At.Date).AddDays(1), d.keys()}}
	case StepAgreement:
		return []Command{ReachAgreement{Occasion: now, Organisation: organisation, Form: Written, Terms: words}}
	case StepEffect:
		return []Command{TakeEffect{Occasion: now, Organisation: organisation, AllSigned: true, Sealed: true}}
	case StepTermination:
		return []Command{Terminate{now, organisation, SettledAndWithdrawn, words}} // the one ground that may hold at any time
	case StepTransfer:
		return []Command{TransferStation{now, d.Station, d.Station + words, words}}
	case StepCorrection:
		return []Command{CorrectEntry{now, FieldCause, d.Cause + words, words}}
	}
	return d.choices(s, now)
}

// choices is the commands of the steps for which something must be chosen: a
// party, a status.
func (d Dispute) choices(s Step, now Occasion) []Command {
	var commands []Command
	switch s {
	case StepConsent, StepRefuseConsent:
		for _, key := range d.keys() {
			if s == StepConsent {
				commands = append(commands, RecordConsent{Occasion: now, Party: key, Way: InPerson})
			} else {
				commands = append(commands, RecordRefusal{now, key, InPerson})
			}
		}
		if len(commands) == 0 { // nobody is known: the rules say why
			commands = append(commands, RecordConsent{Occasion: now, Way: InPerson})
		}
	case StepPerformance:
		for _, status := range []PerformanceStatus{Performed, Performing, Unperformed} {
			commands = append(commands, RecordPerformance{now, status})
		}
	}
	return commands
}

// keys of all parties.
func (d Dispute) keys() []string {
	keys := make([]string, len(d.Parties))
	for i, p := range d.Parties {
		keys[i] = p.Key
	}
	return keys
}

// stranger is a name that no party has.
func (d Dispute) stranger() string {
	name := "—"
	for slices.ContainsFunc(d.Parties, func(p Party) bool { return p.Name == name }) {
		name += "—"
	}
	return name
}
