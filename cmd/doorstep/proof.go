package main

import (
	"os"

	"github.com/spf13/cobra"
)

// proof gives one dispute's history as a file that proves itself.
func (d *door) proof() *cobra.Command {
	var f courtFlags
	var out string
	cmd := &cobra.Command{
		Use:   "proof CASE",
		Short: d.say("导出一个案件的全部经过及其证明", "give one case's whole history with its proof"),
		Long: d.say("导出一个案件（案号、平台编号，或者网址 /cases/ 后面的编号）的全部登记、它们在总树中的证明和已签名的检查点，成为一个自足的文件。收到文件的人用 doorstep-verify 和法院公钥即可核对，不需要本系统。\n文件含当事人个人信息，按案卷保管和交接。",
			"Give all that is recorded of one case (its number, the platform's id, or the id after /cases/ in its address), with the proof of its place in the record and the signed checkpoint, as one self-contained file. Whoever receives it checks it with doorstep-verify and the court's public key, without this system.\nThe file holds the parties' personal data: keep it and hand it over as the case file itself."),
		Example: "  doorstep proof （2021）冀0108民诉前调4936号 --out 4936.proof.json\n  doorstep-verify --key court.key 4936.proof.json",
		Args:    d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			court, err := d.open(cmd.Context(), f, true)
			if err != nil {
				return err
			}
			defer court.Close()
			p, err := court.Prove(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			b, err := p.Encode()
			if err != nil {
				return err
			}
			if out == "" {
				_, err = d.out.Write(b)
				return err
			}
			if err := os.WriteFile(out, b, 0o600); err != nil { // for its owner alone: see Warning
				return err
			}
			d.tell("%d 次登记及其证明已写入 %s；文件含个人信息，按案卷保管", "%d commits with their proof are in %s; it holds personal data, keep it as the case file", len(p.Commits), out)
			return nil
		},
	}
	f.flags(d, cmd)
	cmd.Flags().StringVar(&out, "out", "", d.say("写到哪个文件；不填则打印", "the file to write; empty: print it"))
	return cmd
}
