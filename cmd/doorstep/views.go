package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

// views tells an operator how the views stand, and does what may be done about it.
func (d *door) views() *cobra.Command {
	var f courtFlags
	cmd := &cobra.Command{
		Use:   "views",
		Short: d.say("查看各视图：跟到哪里、停在哪条记录、重建进度、略过了什么", "how the views stand: how far, where they stand still, rebuilds, what is left out"),
		Args:  d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return d.withViews(cmd.Context(), f, func(court *wire.Court) error { return d.tellViews(cmd.Context(), court) })
		},
	}
	f.flags(d, cmd)
	cmd.AddCommand(d.viewsRebuild(), d.viewsResume(), d.viewsSkip())
	return cmd
}

func (d *door) withViews(ctx context.Context, f courtFlags, do func(*wire.Court) error) error {
	court, err := d.open(ctx, f, true)
	if err != nil {
		return err
	}
	defer court.Close()
	if court.Remote == nil {
		_ = court.Follower.CatchUp(ctx) // a view that stands still is what they are here for
	}
	return do(court)
}

func (d *door) tellViews(ctx context.Context, court *wire.Court) error {
	list, err := court.ViewsNow(ctx)
	if err != nil {
		return err
	}
	if d.json {
		return d.print(list)
	}
	for _, v := range list {
		fmt.Fprintf(d.out, d.say("%s：位置 %s", "%s: position %s"), v.View, v.Position)
		if v.Building {
			fmt.Fprintf(d.out, d.say("，重建中 %.0f%%，%d 条，每秒 %.0f 条，约 %.0f 秒", ", being built %.0f %%, %d records, %.0f/s, about %.0f s"), 100*v.Done, v.Records, v.Rate, v.Left)
		}
		if v.Paused != "" {
			fmt.Fprintf(d.out, d.say("，停住：%s", ", stands still: %s"), v.Paused)
		}
		if v.Failed != "" {
			fmt.Fprintf(d.out, d.say("，上次重建未完成：%s", ", last rebuild failed: %s"), v.Failed)
		}
		fmt.Fprintln(d.out)
		for _, s := range v.Skipped {
			fmt.Fprintf(d.out, d.say("  略过位置 %d（%s），%s：%s\n", "  leaves out position %d (%s), %s: %s\n"), s.Position, s.Stored, s.At, s.Reason)
		}
	}
	return nil
}

func (d *door) viewsResume() *cobra.Command {
	var f courtFlags
	cmd := &cobra.Command{
		Use: "resume NAME", Short: d.say("让停住的视图再试一次", "let a view that stands still try again"), Args: d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.withViews(cmd.Context(), f, func(court *wire.Court) error {
				if err := court.ResumeView(cmd.Context(), args[0]); err != nil {
					return err
				}
				d.tell("已让 %s 再试；用 doorstep views 查看", "%s tries again; see doorstep views", args[0])
				return nil
			})
		},
	}
	f.flags(d, cmd)
	return cmd
}

func (d *door) viewsSkip() *cobra.Command {
	var f courtFlags
	var s wire.Skip
	cmd := &cobra.Command{
		Use: "skip NAME --position P --reason TEXT", Short: d.say("让停住的视图略过一条记录；决定本身记入日志", "let a view leave out the record at which it stands still; the decision is itself recorded"), Args: d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.View = args[0]
			return d.withViews(cmd.Context(), f, func(court *wire.Court) error {
				if err := court.SkipRecord(cmd.Context(), s); err != nil {
					return err
				}
				d.tell("已记录：%s 略过位置 %d，重建时同样略过", "recorded: %s leaves position %d out, now and whenever it is rebuilt", s.View, s.Position)
				return nil
			})
		},
	}
	f.flags(d, cmd)
	cmd.Flags().Uint64Var(&s.Position, "position", 0, d.say("doorstep views 显示的位置", "the position that doorstep views shows"))
	cmd.Flags().StringVar(&s.Reason, "reason", "", d.say("理由，不写当事人信息", "the reason, without anything about parties"))
	return cmd
}

func (d *door) viewsRebuild() *cobra.Command {
	var f courtFlags
	cmd := &cobra.Command{
		Use: "rebuild NAME|all", Short: d.say("从记录重建视图，期间页面照常", "build a view anew from the record while pages go on"), Args: d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			names := args
			if args[0] == "all" {
				names = wire.ViewNames
			} else if !slices.Contains(wire.ViewNames, args[0]) {
				return failWith(codeUsage, d.say("没有这个视图；可以是 all 或 ", "there is no such view; all or one of ")+fmt.Sprint(wire.ViewNames))
			}
			c := f.config(d, d.quiet())
			c.Views, c.Rebuild = true, names
			court, err := wire.Open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer court.Close()
			if court.Remote == nil { // nobody looks at them: they were made from nothing at this start
				return errors.Join(court.Follower.CatchUp(cmd.Context()), d.tellViews(cmd.Context(), court))
			}
			for _, name := range names {
				if err := court.RebuildView(cmd.Context(), name); err != nil {
					return err
				}
			}
			return d.awaitViews(cmd.Context(), court, names)
		},
	}
	f.flags(d, cmd)
	return cmd
}

// awaitViews waits until none of the views is being built any more.
func (d *door) awaitViews(ctx context.Context, court *wire.Court, names []string) error {
	for {
		list, err := court.ViewsNow(ctx)
		if err != nil {
			return err
		}
		building := false
		for _, v := range list {
			if slices.Contains(names, v.View) && v.Failed != "" {
				return failWith(codeFailure, v.Failed)
			}
			building = building || slices.Contains(names, v.View) && v.Building
		}
		if !building {
			return d.tellViews(ctx, court)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
