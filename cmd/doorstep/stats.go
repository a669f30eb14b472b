package main

import (
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"doorstep/domain/calendar"
	"doorstep/domain/roster"
	"doorstep/projections/statistics"
)

// stats prints the court's figures of a period.
func (d *door) stats() *cobra.Command {
	var f courtFlags
	var from, to, asOf, knownAt string
	var q statistics.Query
	cmd := &cobra.Command{
		Use:     "stats",
		Short:   d.say("统计一个期间的收案、结案和调解成功", "print the figures of a period"),
		Example: "  doorstep stats --from 2021-01-01 --to 2021-12-31\n  doorstep stats --from 2021-01-01 --to 2021-12-31 --as-of 2021-11-15 --json",
		Args:    d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if q.KnownAt, err = d.moment("as-known-at", knownAt); err != nil {
				return err
			}
			if err := d.days(map[string]dayFlag{"from": {from, &q.From, true}, "to": {to, &q.To, true}, "as-of": {asOf, &q.AsOf, false}}); err != nil {
				return err
			}
			if q.To.Before(q.From) {
				return failWith(codeUsage, d.say("--to 不能早于 --from", "--to must not be before --from"))
			}
			court, err := d.open(cmd.Context(), f, true)
			if err != nil {
				return err
			}
			defer court.Close()
			figures, err := court.Figures(cmd.Context(), q)
			if err != nil {
				return err
			}
			return d.printFigures(figures)
		},
	}
	d.statsFlags(cmd, &f, &asOf, &knownAt)
	cmd.Flags().StringVar(&from, "from", "", d.say("期间首日 YYYY-MM-DD（必填）", "first day of the period, YYYY-MM-DD (required)"))
	cmd.Flags().StringVar(&to, "to", "", d.say("期间末日 YYYY-MM-DD（必填）", "last day of the period, YYYY-MM-DD (required)"))
	cmd.Flags().StringVar(&q.Station, "station", "", d.say("只统计该工作站（代码）", "only this workstation (code)"))
	cmd.Flags().StringVar(&q.Organisation, "organisation", "", d.say("只统计该调解组织（代码）", "only this organisation (code)"))
	cmd.Flags().StringVar(&q.Cause, "cause", "", d.say("只统计该案由", "only this cause of action"))
	cmd.AddCommand(d.suits())
	return cmd
}

func (d *door) statsFlags(cmd *cobra.Command, f *courtFlags, asOf, knownAt *string) {
	f.flags(d, cmd)
	cmd.Flags().StringVar(asOf, "as-of", "", d.say("只计到该日为止发生的（业务发生），YYYY-MM-DD", "only what had happened by that day, YYYY-MM-DD"))
	cmd.Flags().StringVar(knownAt, "as-known-at", "", d.say("只计到该时刻为止登记的，RFC 3339", "only what had been recorded by that moment, RFC 3339"))
}

// suits prints first-instance filings per 10,000 residents.
func (d *door) suits() *cobra.Command {
	var f courtFlags
	var asOf, knownAt, basis, kind string
	var q statistics.SuitsQuery
	cmd := &cobra.Command{
		Use:     "suits",
		Short:   d.say("万人起诉率", "first-instance filings per 10,000 residents"),
		Example: "  doorstep stats suits --year 2021 --territory 130108 --basis 常住 --kind 民事",
		Args:    d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if q.KnownAt, err = d.moment("as-known-at", knownAt); err != nil {
				return err
			}
			if err := d.days(map[string]dayFlag{"as-of": {asOf, &q.AsOf, false}}); err != nil {
				return err
			}
			q.Basis, q.Kind = roster.Basis(basis), roster.SuitKind(kind)
			switch {
			case !slices.Contains([]roster.Basis{roster.Resident, roster.Registered, roster.Floating}, q.Basis):
				return failWith(codeUsage, d.say("--basis 应为 常住、户籍 或 常住+登记流动", "--basis is one of 常住 (resident), 户籍 (registered), 常住+登记流动 (resident and registered floating)"))
			case q.Kind != roster.Civil && q.Kind != roster.Administrative:
				return failWith(codeUsage, d.say("--kind 应为 民事 或 行政", "--kind is 民事 (civil) or 行政 (administrative)"))
			case q.Year == 0 || q.Territory == "":
				return failWith(codeUsage, d.say("--year 和 --territory 必填", "--year and --territory are required"))
			}
			court, err := d.open(cmd.Context(), f, true)
			if err != nil {
				return err
			}
			defer court.Close()
			answer, err := court.Suits(cmd.Context(), q)
			if err != nil {
				return err
			}
			return d.printSuits(answer)
		},
	}
	d.statsFlags(cmd, &f, &asOf, &knownAt)
	cmd.Flags().IntVar(&q.Year, "year", 0, d.say("年份（必填）", "the year (required)"))
	cmd.Flags().StringVar(&q.Territory, "territory", "", d.say("地区代码，含其下级（必填）", "code of the territory, with those below it (required)"))
	cmd.Flags().StringVar(&basis, "basis", string(roster.Resident), d.say("人口口径：常住、户籍、常住+登记流动", "whom the population counts: 常住, 户籍, 常住+登记流动"))
	cmd.Flags().StringVar(&kind, "kind", string(roster.Civil), d.say("类型：民事、行政", "民事 (civil) or 行政 (administrative)"))
	return cmd
}

type dayFlag struct {
	value    string
	into     *calendar.Date
	required bool
}

func (d *door) days(flags map[string]dayFlag) error {
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		f := flags[name]
		if f.value == "" && !f.required {
			continue
		}
		day, err := calendar.ParseDate(f.value)
		if err != nil {
			return failWith(codeUsage, fmt.Sprintf(d.say("--%s 应为存在的日期，写作 YYYY-MM-DD", "--%s takes a day that exists, as YYYY-MM-DD"), name))
		}
		*f.into = day
	}
	return nil
}

func (d *door) moment(name, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return t, failWith(codeUsage, fmt.Sprintf(d.say("--%s 应写作 RFC 3339，如 2021-07-05T00:00:00+08:00", "--%s is written as RFC 3339, e.g. 2021-07-05T00:00:00+08:00"), name))
	}
	return t, nil
}

// dash stands where nothing can be divided.
func dash(v *string, unit string) string {
	if v == nil {
		return "—"
	}
	return *v + unit
}

func (d *door) printFigures(f statistics.Figures) error {
	if d.json {
		return d.print(f)
	}
	w := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	row := func(zh, en string, v any) { fmt.Fprintf(w, "%s\t%v\n", d.say(zh, en), v) }
	row("期间", "period", fmt.Sprintf("%s – %s", f.From, f.To))
	row("截至", "as of", f.AsOf)
	row("收案", "received", f.Received)
	row("结案", "concluded", f.Concluded)
	row("调解成功", "success", f.Success)
	row("未结", "open", f.OpenAtAsOf)
	row("成功率（结案口径）", "success rate (of concluded)", dash(f.SuccessRateConcluded, " %"))
	row("成功率（收案口径）", "success rate (of received)", dash(f.SuccessRateReceived, " %"))
	row("音视频调解率", "audio-video rate", dash(f.AudioVideoRate, " %"))
	row("司法确认申请率", "confirmation applied rate", dash(f.ConfirmationAppliedRate, " %"))
	row("平均用时（日）", "mean days", dash(f.MeanDays, ""))
	row("用时中位数（日）", "median days", dash(f.MedianDays, ""))
	row("参与综合治理（次）", "governance activities", f.GovernanceActivities)
	for _, part := range []struct {
		zh, en string
		groups map[string]statistics.Group
	}{{"按工作站", "by workstation", f.By.Station}, {"按调解组织", "by organisation", f.By.Organisation}, {"按案由", "by cause", f.By.Cause}, {"按月", "by month", f.By.Month}} {
		fmt.Fprintf(w, "\n%s\t%s\t%s\t%s\n", d.say(part.zh, part.en), d.say("成功", "success"), d.say("结案", "concluded"), d.say("成功率", "rate"))
		for _, key := range slices.Sorted(maps.Keys(part.groups)) {
			g := part.groups[key]
			fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", key, g.Success, g.Concluded, dash(g.Rate, " %"))
		}
	}
	return w.Flush()
}

func (d *door) printSuits(s statistics.Suits) error {
	if d.json {
		return d.print(s)
	}
	fmt.Fprintln(d.out, dash(s.Value, ""))
	d.tell("%d 年 %s %s一审收案 %d 件 / %s人口 %d 人（%s）", "%d, %s, %s: %d filings / %s population of %d (%s)", s.Year, s.Territory, string(s.Kind), s.Numerator, string(s.Basis), s.Denominator, s.Population)
	if len(s.Missing) > 0 {
		d.tell("缺少人口数的地区：%v", "no population figure for: %v", s.Missing)
	}
	return nil
}
