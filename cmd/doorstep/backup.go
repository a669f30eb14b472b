package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
	"doorstep/domain/eventlog/archive"
	"doorstep/domain/eventlog/tlog"
)

// backup is the family of commands around backups.
func (d *door) backup() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup",
		Short: d.say("备份：新建、校验、列表、密钥", "backups: create, verify, list, key"),
		Args:  d.args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(d.backupCreate(), d.backupVerify(), d.backupList(), d.backupKey())
	return cmd
}

func (d *door) backupCreate() *cobra.Command {
	var f courtFlags
	var to recipientFlags
	var b wire.Backing
	cmd := &cobra.Command{
		Use:   "create",
		Short: d.say("备份全部记录；服务照常运行", "back the whole record up, while the server runs"),
		Long: d.say("备份全部记录：到开始时的末尾为止，加密（age），写完从磁盘读回并全部核对，才得到名字；旧备份只在新备份核对之后才删。备份含当事人个人信息。私钥不要放在这台机器上。",
			"Back the whole record up: to the end it has when it begins, encrypted (age), read back from the disk and checked in full before it gets its name; older ones go only after that. A backup holds personal data. Keep the secret key off this machine."),
		Example: "  doorstep backup create --to /backup --recipient age1… --keep 30",
		Args:    d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if b.To, err = to.recipients(); err != nil {
				return err
			}
			switch {
			case b.Dir == "":
				return failWith(codeUsage, d.say("--to 必填：备份放在哪个目录（最好在另一块盘上）", "--to is required: the folder for the backups, best on another disk"))
			case b.To.None():
				return failWith(codeUsage, d.say("备份一定加密：用 --recipient 写明 age 公钥（doorstep backup key 可造一把），或者用 --passphrase-file", "a backup is always encrypted: name an age public key with --recipient (doorstep backup key makes one), or use --passphrase-file"))
			}
			court, err := d.open(cmd.Context(), f, false)
			if err != nil {
				return err
			}
			defer court.Close()
			made, err := court.Backup(cmd.Context(), b)
			if err != nil {
				return err
			}
			return d.tellBackup(made)
		},
	}
	f.flags(d, cmd)
	to.flags(d, cmd, "")
	to.passphrase(d, cmd)
	cmd.Flags().StringVar(&b.Dir, "to", "", d.say("备份目录（必填）", "folder of the backups (required)"))
	cmd.Flags().IntVar(&b.Keep, "keep", 0, d.say("只留最新的几份；0 为全留", "how many of the newest to keep; 0: all"))
	cmd.Flags().BoolVar(&b.SigningKey, "with-signing-key", false, d.say("把签名私钥也放进备份：拿到备份和 age 私钥的人就能以法院名义签名", "put the secret signing key in too: whoever has the backup and the age key can then sign in the court's name"))
	return cmd
}

func (d *door) tellBackup(made wire.Backup) error {
	if d.json {
		if err := d.print(made); err != nil {
			return err
		}
	} else if _, err := io.WriteString(d.out, made.File+"\n"); err != nil {
		return err
	}
	m := made.Manifest
	d.tell("%d 次提交、%d 个事件、%d 个流，%d 字节；根 %s；已从磁盘读回核对，用时 %.1f 秒", "%d commits, %d events, %d streams in %d bytes; root %s; read back from the disk and found whole, %.1f s",
		m.Commits, m.Events, m.Streams, made.Size, tlog.RootText(m.Root), made.Seconds)
	d.tell("RPO：此后登记的都不在其中；有第二副本时（serve --second-copy）只差最后一秒。RTO：restore 时显示实测", "RPO: what is recorded after it is not in it; with a second copy (serve --second-copy) only the last second is missing. RTO: restore shows what it took")
	for _, gone := range made.Removed {
		d.tell("已删旧备份 %s", "removed %s", gone)
	}
	return nil
}

func (d *door) backupVerify() *cobra.Command {
	var with identityFlags
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: d.say("核对一份备份或第二副本", "check a backup or a second copy"),
		Long: d.say("用私钥打开并全部核对：校验和、各流的链、总树、清单、已签名的检查点。不给私钥时，只核对备份的字节与做成时一模一样（在没有私钥的服务器上用）。",
			"Open it with the secret key and check everything: checksums, the chain of every stream, the tree, the manifest, the signed checkpoint. Without a key, only that a backup has the very bytes that were found whole when it was made: for the server, which has no key."),
		Example: "  doorstep backup verify 0f3c….doorstep.age --identity backup.key\n  doorstep backup verify 0f3c….doorstep.age",
		Args:    d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, err := with.identities()
			if err != nil {
				return err
			}
			info, err := os.Stat(args[0])
			if err != nil {
				return err
			}
			if keys.None() && !info.IsDir() {
				return d.sameBytes(args[0])
			}
			c, err := wire.CheckSource(cmd.Context(), args[0], keys)
			if err != nil {
				return err
			}
			return d.tellChecked(c)
		},
	}
	with.flags(d, cmd)
	return cmd
}

func (d *door) sameBytes(path string) error {
	l, err := archive.SameBytes(path)
	if err != nil {
		return err
	}
	if d.json {
		err = d.print(l)
	}
	d.tell("字节与做成时一致（%d 次提交，当时已读回核对）；内容没有打开，给出 --identity 才全部核对", "it has the very bytes that were found whole when it was made (%d commits); it was not opened: give --identity to check all of it", l.Manifest.Commits)
	return err
}

func (d *door) tellChecked(c wire.Checked) (err error) {
	if d.json {
		err = d.print(c)
	} else {
		_, err = fmt.Fprintf(d.out, d.say("记录 %s（%s）：%d 次提交，%d 个事件，%d 个流；根 %s；最后登记于 %s；签名检查点含 %d 次提交\n", "record %s (%s): %d commits, %d events, %d streams; root %s; last recorded %s; %d commits signed\n"),
			c.Log, c.Court, c.Commits, c.Events, c.Streams, c.Root, c.Last.Format(time.RFC3339), c.Signed)
	}
	if c.Torn {
		d.tell("末尾有一段没写完的，不算在内", "something half written stands at its end and does not count")
	}
	d.tell("全部一致，用时 %.1f 秒", "all is well, %.1f s", c.Seconds)
	return err
}

func (d *door) backupList() *cobra.Command {
	return &cobra.Command{
		Use:   "list FOLDER",
		Short: d.say("列出目录里的备份", "list the backups in a folder"),
		Args:  d.args(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			all, err := archive.List(args[0])
			if err != nil {
				return err
			}
			return d.printBackups(all)
		},
	}
}

// listed is a backup as list prints it for programs.
type listed struct {
	archive.Label
	Path  string `json:"path"`
	Fault string `json:"fault,omitempty"`
}

func (d *door) printBackups(all []archive.Listed) error {
	if d.json {
		out := make([]listed, len(all))
		for i, b := range all {
			out[i] = listed{Label: b.Label, Path: b.Path}
			if b.Err != nil {
				out[i].Fault = b.Err.Error()
			}
		}
		return d.print(out)
	}
	w := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, d.say("做成时间\t多久以前\t提交\t根\t状态\t文件", "created\tage\tcommits\troot\tstate\tfile"))
	for _, b := range all {
		state := d.say("已读回核对", "verified")
		if b.Err != nil {
			state = b.Err.Error()
		}
		if errors.Is(b.Err, archive.ErrNoLabel) {
			fmt.Fprintf(w, "—\t—\t—\t—\t%s\t%s\n", state, b.Path)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%.12s…\t%s\t%s\n", b.Label.Created.Format(time.RFC3339), time.Since(b.Label.Created).Round(time.Second), b.Label.Manifest.Commits, tlog.RootText(b.Label.Manifest.Root), state, b.Path)
	}
	return w.Flush()
}

func (d *door) backupKey() *cobra.Command {
	return &cobra.Command{
		Use:   "key FILE",
		Short: d.say("造一把备份密钥：私钥写入文件，公钥打印出来", "make a key for backups: the secret one into a file, the public one printed"),
		Long: d.say("造一把 age 密钥。在另一台机器上造，私钥留在那里（并打印一份锁起来）；只把公钥给服务器。丢了私钥，备份就再也打不开。",
			"Make an age key. Make it on another machine and leave the secret key there (and a print of it locked away); give the server the public key only. Without the secret key no backup can ever be opened."),
		Args: d.args(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			secret, public, err := archive.NewIdentity()
			if err != nil {
				return err
			}
			f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(f, "# public key: %s\n%s\n", public, secret)
			if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
				return err
			}
			_, err = io.WriteString(d.out, public+"\n")
			return err
		},
	}
}
