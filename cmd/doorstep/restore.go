package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

// restore makes a court's folder from a backup or a second copy.
func (d *door) restore() *cobra.Command {
	var with identityFlags
	var r wire.Restoring
	var until string
	cmd := &cobra.Command{
		Use:   "restore SOURCE NEWFOLDER",
		Short: d.say("从备份或第二副本恢复到一个空目录", "restore a backup or a second copy into an empty folder"),
		Long: d.say("从备份文件或第二副本目录恢复，只恢复到不存在的或空的目录（里面可以先放好保存下来的 keys/）。来源从头到尾核对，恢复出的记录读回核对，都一致才放到位；中途被杀，再运行一次即可。--until 和 --commits 恢复到某个时间点。要放到服务器上的日志，恢复后再用 doorstep log copy。",
			"Restore from a backup's file or a second copy's folder, only into a folder that is absent or empty (a keys/ that survived may lie there already). The source is checked from beginning to end, what was restored is read back and compared, and only then it gets its place; after a kill run it again. --until and --commits restore to a point in time. For a log in a server, restore and then doorstep log copy."),
		Example: "  doorstep restore 0f3c….doorstep.age new-court --identity backup.key\n  doorstep restore /second/copy new-court --until 2021-12-31T18:00:00+08:00",
		Args:    d.args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if r.With, err = with.identities(); err != nil {
				return err
			}
			if r.Until, err = d.moment("until", until); err != nil {
				return err
			}
			if r.Commits < 0 {
				return failWith(codeUsage, d.say("--commits 不能为负", "--commits must not be negative"))
			}
			r.Source, r.Data, r.Logger = args[0], args[1], d.quiet()
			made, err := wire.Restore(cmd.Context(), r)
			if err != nil {
				return err
			}
			return d.tellRestored(made, args[1])
		},
	}
	with.flags(d, cmd)
	cmd.Flags().StringVar(&until, "until", "", d.say("只恢复到这一时刻为止登记的，RFC 3339", "only what had been recorded by that moment, RFC 3339"))
	cmd.Flags().Int64Var(&r.Commits, "commits", 0, d.say("只恢复最早的这么多次提交", "only the first so many commits"))
	return cmd
}

func (d *door) tellRestored(made wire.Restored, data string) (err error) {
	if d.json {
		err = d.print(made)
	} else {
		_, err = fmt.Fprintf(d.out, d.say("记录 %s（%s）：%d 次提交（来源有 %d 次），%d 个事件，%d 个流；根 %s\n", "record %s (%s): %d commits of %d, %d events, %d streams; root %s\n"),
			made.Log, made.Court, made.Commits, made.Of, made.Events, made.Streams, made.Root)
	}
	d.tell("RTO：恢复并读回核对用时 %.1f 秒。RPO：%s 以后登记的不在其中", "RTO: restored and read back in %.1f s. RPO: what was recorded after %s is not in it", made.Seconds, made.Last.Format(time.RFC3339))
	if !made.Own {
		d.tell("签名私钥不在备份里：启动前把保存的 log.key 放进 %s/keys；确实找不回时运行 doorstep checkpoint --new-key --data %s", "the signing key is not in the backup: put the kept log.key into %s/keys before the start; where it is lost for good, doorstep checkpoint --new-key --data %s", data, data)
	}
	if made.Commits < made.Of {
		d.tell("这是较早的一个时间点：以后签发的检查点与它不符。若 %s/keys 里有更新的 checkpoint.json，启动会以“比已签名的检查点短”拒绝；法院决定从这里继续时，把它移出另存（它是丢失了什么的证据），再启动", "this is an earlier point: checkpoints signed later do not agree with it. Where %s/keys has a newer checkpoint.json, the start refuses as shorter than its signed checkpoint; where the court decides to go on from here, move it away and keep it (it is the evidence of what is missing), then start", data)
	}
	d.tell("接着运行 doorstep verify --data %s --since 最近交出去的检查点", "next: doorstep verify --data %s --since THE-NEWEST-CHECKPOINT-GIVEN-AWAY", data)
	return err
}
