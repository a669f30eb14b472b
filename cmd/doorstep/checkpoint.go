package main

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

// checkpoint prints the newest signed checkpoint, to be given away.
func (d *door) checkpoint() *cobra.Command {
	var f courtFlags
	var since string
	var key, newKey bool
	cmd := &cobra.Command{
		Use:   "checkpoint",
		Short: d.say("打印最新的已签名检查点，交给外人保存", "print the newest signed checkpoint, to be given away"),
		Long: d.say("打印最新的已签名检查点：三行文字和签名，不含任何个人信息。把它打印、邮寄或者公布，存放在本机以外；以后用 doorstep verify --since 就能证明当时登记的一切没有改动。--key 打印公钥；--since 给持有早先检查点的人打印增长证明，用 doorstep-verify 核对。",
			"Print the newest signed checkpoint: three lines and a signature, without any personal data. Print it, mail it, publish it, keep it off this machine; with it doorstep verify --since proves later that nothing recorded by now was changed. --key prints the public key; --since prints, for whoever holds an earlier checkpoint, the proof that the record went on from it, which doorstep-verify checks."),
		Example: "  doorstep checkpoint > 2021-12-31.checkpoint\n  doorstep checkpoint --key > court.key\n  doorstep checkpoint --since 2021-12-31.checkpoint > growth.json",
		Args:    d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c := f.config(d, d.quiet())
			c.Views, c.NewKey = true, newKey
			court, err := wire.Open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer court.Close()
			if newKey && court.Remote != nil {
				return failWith(codeUnavailable, d.say("服务正在使用这个目录；先停下服务再换签名密钥", "a server is using this folder; stop it before the key is changed"))
			}
			if since != "" {
				return d.growth(cmd.Context(), court, since)
			}
			newest, err := court.Checkpoint(cmd.Context())
			if err != nil {
				return err
			}
			switch {
			case d.json:
				return d.print(newest)
			case key:
				_, err = io.WriteString(d.out, newest.Key+"\n")
			default:
				_, err = io.WriteString(d.out, newest.Note)
			}
			return err
		},
	}
	f.flags(d, cmd)
	cmd.Flags().StringVar(&since, "since", "", d.say("早先的检查点文件", "the file of an earlier checkpoint"))
	cmd.Flags().BoolVar(&key, "key", false, d.say("打印公钥", "print the public key instead"))
	cmd.Flags().BoolVar(&newKey, "new-key", false, d.say("另造一把签名密钥（原来的遗失或者泄露时）", "make another signing key (where the former is lost or known to others)"))
	return cmd
}

// growth prints the proof that the record went on from the checkpoint.
func (d *door) growth(ctx context.Context, court *wire.Court, file string) error {
	older, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	g, err := court.Growth(ctx, older)
	if err != nil {
		return err
	}
	b, err := g.Encode()
	if err == nil {
		_, err = d.out.Write(b)
	}
	return err
}
