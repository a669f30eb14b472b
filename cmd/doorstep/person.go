package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
	"doorstep/domain/mediation"
)

// person is what the law lets a person ask of the record about himself.
func (d *door) person() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "person",
		Short: d.say("当事人个人信息：删除、冻结", "parties' personal data: deletion and holds"),
		Args:  d.args(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(d.personErase(), d.personHold())
	return cmd
}

func (d *door) personErase() *cobra.Command {
	var data, numberFile, reason string
	cmd := &cobra.Command{
		Use:   "erase (CASE PARTY | --id-file FILE) --reason GROUND",
		Short: d.say("依法删除当事人的个人信息", "delete a party's personal data by law"),
		Long: d.say("销毁这名当事人的密钥：姓名、证件号码、电话、地址，以及本案的自由文字，在日志、副本、备份中从此都不能再读出；统计数字和证明不变。案件办结并且保管期限届满（retention.json，缺省二十年）之后才能删除，案卷冻结期间不能删除。PARTY 是当事人代号：A1、A2……为申请人，B1……为被申请人。--id-file 从文件第一行读取证件号码（不写在命令行上），删除其在每一个案件中的信息。\n删除之后请运行一次视图重建，或者重新启动服务。密钥库的旧备份仍能读出此前的内容：旧备份的保存时间不要超过法院承诺的删除期限。",
			"Destroy the party's keys: name, identity number, phone, address, and the free text of the case, can be read no more in the log, in copies and in backups; figures and proofs stay as they are. It is refused until the case is over and its file need not be kept any more (retention.json; twenty years where nothing is set), and while the file is on hold. PARTY is the party's key: A1, A2, … are applicants, B1, … respondents. --id-file reads an identity number from the first line of a file, so that it stands on no command line, and deletes the person in every case.\nAfterwards rebuild the views once, or restart the server. Older backups of the keys still open what was written before: keep them no longer than the court promises deletion to take."),
		Example: "  doorstep person erase （2021）冀0108民诉前调4936号 A1 --reason period-over\n  doorstep person erase --id-file number.txt --reason period-over",
		Args:    d.args(cobra.RangeArgs(0, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			e := wire.Erasure{Basis: mediation.EraseBasis(reason)}
			switch {
			case numberFile != "" && len(args) == 0:
				b, err := os.ReadFile(numberFile)
				if err != nil {
					return err
				}
				first, _, _ := strings.Cut(string(b), "\n")
				if e.Number = strings.TrimSpace(first); e.Number == "" {
					return failWith(codeUsage, d.say("文件第一行没有证件号码", "the first line of the file holds no number"))
				}
			case numberFile == "" && len(args) == 2:
				e.Case, e.Party = args[0], args[1]
			default:
				return failWith(codeUsage, d.say("请写明案件和当事人代号（例如 A1），或者用 --id-file 给出证件号码文件", "name the case and the party's key (A1), or give a number's file with --id-file"))
			}
			return d.withCourt(cmd.Context(), data, func(court *wire.Court) error {
				done, err := court.Erase(cmd.Context(), e)
				return errors.Join(d.tellErased(done), err)
			})
		},
	}
	cmd.Flags().StringVar(&data, "data", "court", d.say("法院数据目录", "the court's folder"))
	cmd.Flags().StringVar(&numberFile, "id-file", "", d.say("文件：第一行是证件号码", "a file whose first line is an identity number"))
	cmd.Flags().StringVar(&reason, "reason", "", d.say("法定情形：purpose-achieved、period-over、consent-withdrawn、unlawful、other-law（个人信息保护法 47）", "the ground: purpose-achieved, period-over, consent-withdrawn, unlawful or other-law (PIPL 47)"))
	return cmd
}

// withCourt opens the court with its views for one deed.
func (d *door) withCourt(ctx context.Context, data string, do func(*wire.Court) error) (err error) {
	quiet := slog.New(slog.NewTextHandler(d.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	court, err := wire.Open(ctx, wire.Config{Data: data, Views: true, Now: time.Now, Logger: quiet})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, court.Close()) }()
	return do(court)
}

// tellErased says what came of each case; the first refusal is the command's.
func (d *door) tellErased(done []wire.Erased) error {
	if d.json {
		if err := d.print(done); err != nil {
			return err
		}
	}
	var refused error
	for _, e := range done {
		switch {
		case e.Refused != nil:
			d.tell("%s %s：没有删除。%s", "%s %s: not deleted. %s", e.Case, e.Party, e.Refused.In(d.lang))
			if refused == nil {
				refused = e.Refused
			}
		case e.Again:
			d.tell("%s %s：此前已经删除", "%s %s: was deleted before", e.Case, e.Party)
		default:
			d.tell("%s %s：密钥已销毁，个人信息已依法删除", "%s %s: the keys are destroyed, the personal data is deleted", e.Case, e.Party)
		}
	}
	return refused
}

func (d *door) personHold() *cobra.Command {
	var data string
	var release bool
	cmd := &cobra.Command{
		Use:     "hold CASE",
		Short:   d.say("冻结案卷：解除之前不得删除其中的个人信息", "put a case file on hold: nothing of it is deleted until released"),
		Example: "  doorstep person hold （2021）冀0108民诉前调4936号\n  doorstep person hold （2021）冀0108民诉前调4936号 --release",
		Args:    d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.withCourt(cmd.Context(), data, func(court *wire.Court) error {
				done, err := court.Hold(cmd.Context(), wire.Holding{Case: args[0], Release: release})
				switch {
				case err != nil:
					return err
				case done.Refused != nil:
					return done.Refused
				case release:
					d.tell("%s：已解除冻结", "%s: the hold is released", done.Case)
				default:
					d.tell("%s：案卷已冻结", "%s: the file is on hold", done.Case)
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&data, "data", "court", d.say("法院数据目录", "the court's folder"))
	cmd.Flags().BoolVar(&release, "release", false, d.say("解除冻结", "release the hold"))
	return cmd
}
