package main

import (
	"time"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

// copies is the family of commands around the second copy.
func (d *door) copies() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "copy",
		Short: d.say("第二副本：跟着记录走", "the second copy that follows the record"),
		Args:  d.args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(d.copyRun())
	return cmd
}

// copyRun keeps a second copy in a process of its own.
func (d *door) copyRun() *cobra.Command {
	var f courtFlags
	var to recipientFlags
	var second wire.SecondCopy
	cmd := &cobra.Command{
		Use:   "run",
		Short: d.say("另起一个进程保持第二副本（serve --second-copy 之外的办法）", "keep a second copy in a process of its own, instead of serve --second-copy"),
		Long: d.say("跟着记录，把每次提交在一秒之内写到另一块盘（或挂载的另一台主机）上，直到中断。目录必须已经存在。另一台主机也可以用 rsync 取走副本目录：段文件只增不改。",
			"Follow the record and write every commit to another disk (or another host, mounted) within a second, until interrupted. The folder must be there. Another host may also fetch the copy's folder with rsync: its files only grow."),
		Example: "  doorstep copy run --data court --to /second/copy --recipient age1…",
		Args:    d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if second.To, err = to.recipients(); err != nil {
				return err
			}
			if second.Dir == "" {
				return failWith(codeUsage, d.say("--to 必填：副本放在哪个目录", "--to is required: the folder of the copy"))
			}
			court, err := d.open(cmd.Context(), f, false)
			if err != nil {
				return err
			}
			defer court.Close()
			lag, err := court.KeepSecond(cmd.Context(), second, d.quiet())
			if err != nil {
				return err
			}
			d.tell("副本有 %d 次提交。RPO：最多落后 %s（实测）", "the copy has %d commits. RPO: it was behind by %s at most, measured", lag.Commits, lag.Worst.Round(time.Millisecond))
			if lag.Failed != nil {
				return failWith(codeUnavailable, d.say("副本停住了：", "the copy stands still: ")+lag.Failed.Error())
			}
			return nil
		},
	}
	f.flags(d, cmd)
	to.flags(d, cmd, "")
	cmd.Flags().StringVar(&second.Dir, "to", "", d.say("副本目录（必填，必须已经存在）", "folder of the copy (required, must be there)"))
	return cmd
}
