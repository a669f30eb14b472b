package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

// verify checks the whole record and the views made from it.
func (d *door) verify() *cobra.Command {
	var f courtFlags
	var since string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: d.say("校验全部记录：各流的链、总树、签名、无缺漏、统计与从头计算一致", "check the whole record: every chain, the tree, signatures, nothing missing, views equal a fold from scratch"),
		Long: d.say("校验全部记录。带 --since 时，用早先交出去的检查点证明：那时以前登记的一切，没有改动、删去或者插入。",
			"Check the whole record. With --since, an earlier checkpoint proves that nothing recorded before it was changed, left out or put in."),
		Example: "  doorstep verify\n  doorstep verify --since 2021-12-31.checkpoint",
		Args:    d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var earlier wire.Since
			var err error
			if since != "" {
				if earlier.Note, err = os.ReadFile(since); err != nil {
					return err
				}
			}
			court, err := d.open(cmd.Context(), f, true)
			if err != nil {
				return err
			}
			defer court.Close()
			v, err := court.Verify(cmd.Context(), earlier)
			if err != nil {
				return err
			}
			return d.tellVerification(v)
		},
	}
	cmd.Flags().StringVar(&since, "since", "", d.say("早先的检查点文件", "the file of an earlier checkpoint"))
	f.flags(d, cmd)
	return cmd
}

func (d *door) tellVerification(v wire.Verification) (err error) {
	if d.json {
		err = d.print(v)
	} else {
		_, err = fmt.Fprintf(d.out, d.say("记录 %s：%d 次提交，%d 个事件，%d 个流；根 %s；视图 %v\n", "record %s: %d commits, %d events, %d streams; root %s; views %v\n"),
			v.Log, v.Commits, v.Events, v.Streams, v.Root, v.Views)
	}
	if err != nil {
		return err
	}
	for _, torn := range v.Torn {
		d.tell("曾有一段从未确认的残尾，已移到 eventlog/torn：%s", "an end that was never acknowledged was put aside in eventlog/torn: %s", torn)
	}
	for _, fault := range v.Faults {
		d.tell("发现问题：%s", "fault: %s", fault)
	}
	if len(v.Faults) > 0 {
		return failWith(codeFailure, d.say("记录、检查点或者视图有问题；不要再写入，先看 docs/integrity.md 和 docs/runbooks",
			"the record, a checkpoint or a view is at fault; write nothing more, see docs/integrity.md and docs/runbooks first"))
	}
	if v.Since > 0 {
		d.tell("检查点时已登记的 %d 次提交，没有改动、删去或者插入", "of the %d commits recorded at the checkpoint none was changed, left out or put in", v.Since)
	}
	d.tell("全部一致", "all is well")
	return nil
}
