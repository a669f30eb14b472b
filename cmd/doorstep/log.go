package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"doorstep/cmd/internal/wire"
)

// logs are the commands about the place where a record is kept.
func (d *door) logs() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "log",
		Short: d.say("记录所在之处：新建、查看、搬家", "the place of the record: make, look at, move"),
		Long: d.say("记录可以在法院数据目录里（默认）、NATS JetStream 集群里（nats://、tls://）或者 EventStoreDB 里（esdb://）。这些命令里的位置，是服务器的地址，或者一个法院数据目录。地址里的密码不会出现在任何输出里。",
			"The record is in the court's folder (that is the default), in a NATS JetStream cluster (nats://, tls://) or in an EventStoreDB (esdb://). A place, in these commands, is the address of a server, or a court's folder. A password in an address never appears in any output."),
		Args: d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(d.logCreate(), d.logInfo(), d.logCopy())
	return cmd
}

func (d *door) logCreate() *cobra.Command {
	var court string
	cmd := &cobra.Command{
		Use:     "create PLACE --court CODE",
		Short:   d.say("新建一份空的记录", "make a new, empty record"),
		Example: "  doorstep log create 'nats://h1:4222,h2:4222,h3:4222?credentials=court.creds' --court 冀0108",
		Args:    d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if court == "" {
				return failWith(codeUsage, d.say("请用 --court 给出法院代字，如 冀0108", "say with --court whose record it is, such as 冀0108"))
			}
			g, err := wire.CreateLog(cmd.Context(), args[0], court, d.quiet())
			if err != nil {
				return err
			}
			if d.json {
				return d.print(g)
			}
			_, err = fmt.Fprintln(d.out, g.ID)
			d.tell("记录已新建。接着运行 doorstep serve --data 目录 --log 地址", "the record is made. Go on with doorstep serve --data FOLDER --log ADDRESS")
			return err
		},
	}
	cmd.Flags().StringVar(&court, "court", "", d.say("法院代字（必填）", "the court's code (required)"))
	return cmd
}

func (d *door) logInfo() *cobra.Command {
	return &cobra.Command{
		Use:   "info PLACE",
		Short: d.say("查看一处的记录是哪一份、到了哪里", "tell which record is at a place and how far it goes"),
		Args:  d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			i, err := wire.DescribeLog(cmd.Context(), args[0], d.quiet())
			if err != nil {
				return err
			}
			if d.json {
				return d.print(i)
			}
			w := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
			row := func(zh, en, v string) { fmt.Fprintf(w, "%s\t%s\n", d.say(zh, en), v) }
			row("记录", "record", i.Log)
			row("法院", "court", i.Court)
			row("建于", "made", i.Created)
			row("引擎", "engine", i.Engine)
			row("位置", "at", i.At)
			if i.Commits != nil {
				row("提交", "commits", fmt.Sprint(*i.Commits))
			}
			if i.End != "" {
				row("末尾位置", "end", i.End)
			}
			if i.Retired != "" {
				row("已搬走", "retired", i.Retired)
			}
			return w.Flush()
		},
	}
}

func (d *door) logCopy() *cobra.Command {
	var retire bool
	cmd := &cobra.Command{
		Use:   "copy FROM TO",
		Short: d.say("把整份记录搬到另一处", "move the whole record to another place"),
		Long: d.say("把整份记录逐字节、按原来的次序复制到另一处，编号不变，检查点和证明继续有效。目标应为空，或者是上次没有复制完的同一份记录，那就接着复制。最后把复制出来的全部重读一遍，核对每条链、数目和总树的根。先停下使用原处的 doorstep serve。",
			"Copy the whole record to another place, byte for byte and in its order, under the same id: checkpoints and proofs stay valid. The second place is empty, or holds the record's beginning, as after a copying that was cut short, and is gone on with. In the end all of the copy is read again, and every chain, the number and the root of the tree are compared. Stop the doorstep serve that uses the first place before."),
		Example: "  doorstep log copy court 'nats://h1:4222,h2:4222,h3:4222?credentials=court.creds' --retire\n  doorstep log copy 'esdb://h1:2113' court2",
		Args:    d.args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, to := args[0], args[1]
			if retire && !wire.CanRetire(from) {
				return failWith(codeUsage, d.say("--retire 只能标记目录里的记录；服务器里的，请用服务器自己的办法收回写权限", "--retire marks a record in a folder only; in a server, take the right to write away with the server's own means"))
			}
			show, done := d.copying()
			copied, err := wire.CopyLog(cmd.Context(), from, to, d.quiet(), show)
			done()
			if err != nil {
				return err
			}
			if retire {
				if err := wire.RetireLog(from, to, copied); err != nil {
					return err
				}
			}
			return d.tellCopied(copied, from, to, retire)
		},
	}
	cmd.Flags().BoolVar(&retire, "retire", false, d.say("核对无误后标记原处，不再打开，以免误用", "when all is well mark the first place, so that it is opened no more by mistake"))
	return cmd
}

func (d *door) tellCopied(c wire.Copied, from, to string, retired bool) error {
	if d.json {
		if err := d.print(c); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintf(d.out, d.say("记录 %s：%d 次提交，其中现在复制 %d 次；根 %s\n", "record %s: %d commits, %d of them copied now; root %s\n"), c.Log, c.Commits, c.Added, c.Root); err != nil {
		return err
	}
	d.tell("两处一致：每条链、数目和根都已核对。", "Both are the same: every chain, the number and the root were compared.")
	if wire.IsFolder(to) {
		d.tell("接着：把原来的 keys 目录放进 %s（或者用 --keys 指出），然后 doorstep serve --data %s --log embedded", "Next: put the former keys folder into %s (or say where it is with --keys), then doorstep serve --data %s --log embedded", to, to)
	} else {
		d.tell("接着：doorstep serve --data 法院目录 --log '%s'（目录会记住地址），再 doorstep verify --since 搬家前的检查点", "Next: doorstep serve --data FOLDER --log '%s' (the folder remembers it), then doorstep verify --since A CHECKPOINT OF BEFORE", wire.Shown(to))
	}
	if !retired {
		d.tell("原处 %s 没有标记，仍可打开；不要再在那里登记（目录可用 --retire 标记）", "The first place, %s, is not marked and can still be opened: record nothing more there (a folder is marked with --retire)", wire.Shown(from))
	}
	return nil
}

// copying shows how a copying goes: a bar on a terminal, elsewhere a line every
// ten seconds.
func (d *door) copying() (show func(wire.Copying), done func()) {
	text := d.say("%d 次提交，每秒 %.0f，还需 %s", "%d commits, %.0f a second, %s left")
	say := func(c wire.Copying) string {
		return fmt.Sprintf(text, c.Commits, c.Rate, c.Left.Round(time.Second))
	}
	terminal, ok := d.err.(*os.File)
	if ok && term.IsTerminal(int(terminal.Fd())) {
		bar := progressbar.NewOptions64(1000, progressbar.OptionSetWriter(terminal), progressbar.OptionSetWidth(28),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false))
		return func(c wire.Copying) {
			bar.Describe(say(c))
			_ = bar.Set64(int64(1000 * c.Done))
		}, func() { _ = bar.Finish() }
	}
	last := time.Now()
	return func(c wire.Copying) {
		if time.Since(last) > 10*time.Second {
			last = time.Now()
			fmt.Fprintln(d.err, say(c))
		}
	}, func() {}
}
