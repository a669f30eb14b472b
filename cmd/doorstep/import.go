package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"doorstep/api/sheets"
	"doorstep/cmd/internal/wire"
	"doorstep/domain/decide"
)

// importing brings a court's spreadsheets in.
func (d *door) importing() *cobra.Command {
	var f courtFlags
	var code, rejected string
	cmd := &cobra.Command{
		Use:   "import FOLDER|WORKBOOK.xlsx",
		Short: d.say("导入法院的表格（CSV 文件夹或者 XLSX 工作簿）", "bring in the court's spreadsheets (a folder of CSV files, or an XLSX workbook)"),
		Long: d.say("导入法院的表格。可以反复导入：同一行只算一次；同一平台编号内容不同的，报告为冲突，不会合并。\n不能接受的行另存为同样格式的表，并写明原因；改好后再导入即可。有退回或者冲突时退出码为 8。",
			"Bring in the court's spreadsheets. It may be repeated: a row counts once; one with the same id and other content is reported as a conflict and never merged.\nRows that cannot be taken come back as a sheet of the same columns with the reason; correct them and import that sheet. With rejected rows or conflicts the exit code is 8."),
		Example: "  doorstep import --data court 2021年台账/\n  doorstep import --data court ledger.xlsx --json",
		Args:    d.args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := sheets.Open(args[0])
			if err != nil {
				return err
			}
			defer book.Close()
			c := f.config(d, d.quiet())
			c.Create, c.CourtCode = true, code
			court, err := wire.Open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer court.Close()
			report, err := d.runImport(cmd.Context(), court, book)
			if report != nil {
				defer report.Close()
			}
			if err != nil {
				return err
			}
			return d.tellImport(report, rejected)
		},
	}
	f.flags(d, cmd)
	f.making(d, cmd)
	cmd.Flags().StringVar(&code, "court-code", "", d.say("法院代字，写入新建的数据目录，如 冀0108", "the court's code, written into a new folder, e.g. 冀0108"))
	cmd.Flags().StringVar(&rejected, "rejected", "", d.say("退回的行写到哪里；不填则为当前目录的 rejected-<导入号>", "where rejected rows go; empty: rejected-<import id> in this folder"))
	return cmd
}

// runImport imports the book with a progress bar where somebody watches. The
// report, when there is one, must be closed.
func (d *door) runImport(ctx context.Context, court *wire.Court, book *sheets.Book) (*sheets.Report, error) {
	for _, note := range book.Notes() {
		d.tell("注意：%s", "Note: %s", note.In(d.lang))
	}
	show, done := d.progress(book.Size())
	defer done()
	return court.Importer().Run(ctx, book, show)
}

// progress is a bar on a terminal; elsewhere nothing, since the end tells all.
func (d *door) progress(total int64) (show func(sheets.Progress), done func()) {
	terminal, ok := d.err.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) || total == 0 {
		return nil, func() {}
	}
	bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(terminal), progressbar.OptionSetWidth(28),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))
	return func(p sheets.Progress) {
		bar.Describe(fmt.Sprintf(d.say("%s  %d 行", "%s  %d rows"), p.File, p.Rows))
		_ = bar.Set64(p.Read)
	}, func() { _ = bar.Finish() }
}

// tellImport prints the report, gives the rejected rows back, and says with the
// exit code whether all is in.
func (d *door) tellImport(report *sheets.Report, path string) error {
	if path == "" {
		path = "rejected-" + report.Import
	}
	sheet, err := report.WriteRejected(path, d.lang)
	if err != nil {
		return err
	}
	if d.json {
		if err := report.WriteJSON(d.out, d.lang); err != nil {
			return err
		}
	} else if err := d.printImport(report); err != nil {
		return err
	}
	d.tell("新增 %d 行，已有 %d 行，冲突 %d 行，退回 %d 行", "%d rows added, %d were there, %d conflicts, %d rejected",
		report.Accepted, report.Unchanged, report.Tally.Conflicts, report.Tally.Rejected)
	if report.Tally.Rejected == 0 && report.Tally.Conflicts == 0 {
		return nil
	}
	if sheet != "" {
		d.tell("退回的行和原因在 %s，改好后再导入即可", "the rejected rows, with reasons, are in %s; correct them and import that", sheet)
	}
	return failWith(codePartial, "")
}

// printImport prints one line for each row that a person must look at.
func (d *door) printImport(report *sheets.Report) error {
	for row, err := range report.Rejections() {
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, d.say("%s 第 %d 行 %s %s：%s\n", "%s line %d %s %s: %s\n"), row.File, row.Line, row.ID, row.Column, d.say(row.Chinese, row.English))
	}
	for row, err := range report.Clashes() {
		if err != nil {
			return err
		}
		fmt.Fprintf(d.out, d.say("%s 第 %d 行 %s：与已导入的内容不同，未作改动\n", "%s line %d %s: differs from what was imported, nothing was changed\n"), row.File, row.Line, row.ID)
	}
	return nil
}

// sayRefusal is a refusal's sentence in the person's language.
func (d *door) sayRefusal(err error) (string, bool) {
	var refusal *decide.Refusal
	if !errors.As(err, &refusal) {
		return "", false
	}
	return refusal.In(d.lang), true
}
