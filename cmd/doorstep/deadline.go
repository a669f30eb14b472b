package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"doorstep/domain/calendar"
)

// deadline says when a statutory period ends; without arguments it prints the
// table of the periods.
func (d *door) deadline() *cobra.Command {
	var length int
	var pauses []string
	cmd := &cobra.Command{
		Use:   "deadline [K01-K21 YYYY-MM-DD]",
		Short: d.say("计算法定期间的届满日；不带参数时列出期间表", "say when a statutory period ends; alone, print the table of periods"),
		Example: "  doorstep deadline K05 2021-09-02\n" +
			"  doorstep deadline K05 2024-03-01 --pause 2024-03-10..2024-03-20\n" +
			"  doorstep deadline K09 2024-03-01 --length 7",
		Args: d.args(cobra.MatchAll(cobra.MaximumNArgs(2), func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return errors.New(d.say("缺少起算日，写作 YYYY-MM-DD", "the day it starts is missing, as YYYY-MM-DD"))
			}
			return nil
		})),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return d.printClocks()
			}
			due, err := dueDay(args[0], args[1], length, pauses)
			if err != nil {
				return failWith(codeUsage, d.sayClock(err))
			}
			return d.printDue(due)
		},
	}
	cmd.Flags().IntVar(&length, "length", 0, d.say("期间长度（法院指定的，或 K06 简易程序的 7）", "length where the court sets it, or 7 for K06 in summary procedure"))
	cmd.Flags().StringArrayVar(&pauses, "pause", nil, d.say("不计入的期间，写作 起..止，如鉴定（可重复）", "a time that does not count, FROM..TO, such as an appraisal (repeatable)"))
	return cmd
}

func dueDay(id, start string, length int, pauses []string) (calendar.Due, error) {
	clock, err := calendar.ClockOf(strings.ToUpper(id))
	if err != nil {
		return calendar.Due{}, err
	}
	if length != 0 {
		clock = clock.Of(length)
		if clock.Unit == calendar.Unset {
			clock.Unit = calendar.CalendarDays
		}
	}
	from, err := calendar.ParseDate(start)
	if err != nil {
		return calendar.Due{}, err
	}
	var stops []calendar.Pause
	for _, p := range pauses {
		a, b, _ := strings.Cut(p, "..")
		stop := calendar.Pause{}
		if stop.From, err = calendar.ParseDate(a); err != nil {
			return calendar.Due{}, err
		}
		if stop.To, err = calendar.ParseDate(b); err != nil {
			return calendar.Due{}, err
		}
		stops = append(stops, stop)
	}
	return clock.Due(from, calendar.Official(), stops...)
}

// sayClock says in the person's language what is wrong with the question.
func (d *door) sayClock(err error) string {
	switch {
	case errors.Is(err, calendar.ErrUnknownClock):
		return d.say("没有这个期间，编号为 K01 至 K21；运行 doorstep deadline 查看期间表", "there is no such period; they are K01 to K21: run doorstep deadline for the table")
	case errors.Is(err, calendar.ErrNoLength):
		return d.say("该期间没有固定长度：K09 请用 --length 给出天数；K07 是中止，请在 K05 上用 --pause", "this period has no length of its own: give K09 a --length; K07 is a pause, give it to K05 with --pause")
	}
	return d.say("日期不存在或写法不对，应为 YYYY-MM-DD", "the day does not exist or is not written YYYY-MM-DD")
}

type dueOut struct {
	Clock   string        `json:"clock"`
	From    calendar.Date `json:"from"`
	Due     calendar.Date `json:"due"`
	Counted calendar.Date `json:"counted"`
	Length  int           `json:"length"`
	Unit    calendar.Unit `json:"unit"`
	Chinese string        `json:"zh"`
	English string        `json:"en"`
	Expiry  string        `json:"expiry"`
	Source  string        `json:"source"`
	Assumed bool          `json:"assumed"`
}

func (d *door) printDue(due calendar.Due) error {
	c := due.Clock
	if d.json {
		return d.print(dueOut{c.ID, due.From, due.Due, due.Counted, c.Length, c.Unit, c.Chinese, c.English, c.Expiry, c.Source, due.Assumed})
	}
	fmt.Fprintln(d.out, due.Due)
	d.tell("%s %s：自 %s 起 %d %s（%s）", "%s %s: from %s, %d %s (%s)", c.ID, d.say(c.Chinese, c.English), due.From, c.Length, d.unit(c.Unit), c.Source)
	if due.Counted != due.Due {
		d.tell("期间最后一日 %s 为休息日，顺延至其后第一个工作日（民事诉讼法 85）", "its last day, %s, is a rest day: the first working day after it holds (CPL 85)", due.Counted)
	}
	if due.Assumed {
		d.tell("注意：该年的放假安排尚未收录，按周一至周五推算", "Note: no list of holidays is known for that year; Monday to Friday was assumed")
	}
	return nil
}

func (d *door) unit(u calendar.Unit) string {
	zh := map[calendar.Unit]string{calendar.WorkingDays: "个工作日", calendar.CalendarDays: "日", calendar.Months: "个月", calendar.Years: "年"}
	return d.say(zh[u], string(u))
}

func (d *door) printClocks() error {
	if d.json {
		return d.print(calendar.Clocks())
	}
	w := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	for _, c := range calendar.Clocks() {
		length := "—"
		if c.Length > 0 {
			length = fmt.Sprint(c.Length, " ", d.unit(c.Unit))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.ID, length, c.Source, d.say(c.Chinese, c.English+": "+c.Starts))
	}
	return w.Flush()
}
