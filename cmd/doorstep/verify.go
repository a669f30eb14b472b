package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// verify checks the whole record and the views made from it.
func (d *door) verify() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: d.say("校验全部记录：各流的链、无缺漏、统计与从头计算一致", "check the whole record: every chain, nothing missing, views equal a fold from scratch"),
		Args:  d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			court, err := d.open(cmd.Context(), data, true)
			if err != nil {
				return err
			}
			defer court.Close()
			v, err := court.Verify(cmd.Context())
			if err != nil {
				return err
			}
			if d.json {
				err = d.print(v)
			} else {
				_, err = fmt.Fprintf(d.out, d.say("记录 %s：%d 次提交，%d 个事件，%d 个流；视图 %v\n", "record %s: %d commits, %d events, %d streams; views %v\n"), v.Log, v.Commits, v.Events, v.Streams, v.Views)
			}
			if err != nil {
				return err
			}
			for _, fault := range v.Faults {
				d.tell("发现问题：%s", "fault: %s", fault)
			}
			if len(v.Faults) > 0 {
				return failWith(codeFailure, d.say("记录或者视图有问题；不要再写入，先看 docs/runbooks", "the record or a view is at fault; write nothing more, see docs/runbooks first"))
			}
			d.tell("全部一致", "all is well")
			return nil
		},
	}
	cmd.Flags().StringVar(&data, "data", "court", d.say("法院数据目录", "the court's folder"))
	return cmd
}
