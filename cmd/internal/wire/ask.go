package wire

import (
	"context"

	"doorstep/api/local"
	"doorstep/projections/statistics"
)

// The questions of the local door.
const (
	askFigures    = "figures"
	askSuits      = "suits"
	askVerify     = "verify"
	askCheckpoint = "checkpoint"
	askProof      = "proof"
	askGrowth     = "growth"
	askSignIn     = "sign-in"
	askErase      = "erase"
	askHold       = "hold"
)

// Figures answers from the views once they have taken in all that the log
// holds now.
func (court *Court) Figures(ctx context.Context, q statistics.Query) (statistics.Figures, error) {
	if court.Remote != nil {
		return local.Ask[statistics.Query, statistics.Figures](ctx, court.Remote, askFigures, q)
	}
	if err := court.Follower.CatchUp(ctx); err != nil {
		return statistics.Figures{}, err
	}
	return court.Statistics.Figures(q), nil
}

// Suits answers as Figures does.
func (court *Court) Suits(ctx context.Context, q statistics.SuitsQuery) (statistics.Suits, error) {
	if court.Remote != nil {
		return local.Ask[statistics.SuitsQuery, statistics.Suits](ctx, court.Remote, askSuits, q)
	}
	if err := court.Follower.CatchUp(ctx); err != nil {
		return statistics.Suits{}, err
	}
	return court.Statistics.Suits(q), nil
}

// answer puts the court's questions on the door.
func (court *Court) answer(door *local.Door, signIn func() string) {
	court.answerViews(door)
	local.Answer(door, askFigures, court.Figures)
	local.Answer(door, askSuits, court.Suits)
	local.Answer(door, askVerify, court.Verify)
	local.Answer(door, askCheckpoint, func(ctx context.Context, _ struct{}) (Checkpoint, error) { return court.Checkpoint(ctx) })
	local.Answer(door, askProof, court.answerProof)
	local.Answer(door, askGrowth, court.Growth)
	local.Answer(door, askErase, court.answerErase)
	local.Answer(door, askHold, court.answerHold)
	local.Answer(door, askSignIn, func(context.Context, struct{}) (string, error) { return signIn(), nil })
}

// SignIn asks the server that holds the folder for a new sign-in link.
func (court *Court) SignIn(ctx context.Context) (string, error) {
	return local.Ask[struct{}, string](ctx, court.Remote, askSignIn, struct{}{})
}
