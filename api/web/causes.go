package web

import (
	"slices"
	"strings"
	"time"

	"doorstep/domain/calendar"
	"doorstep/projections/statistics"
)

// cause is a cause of action that the filing form offers, with the initials of
// its pinyin by which a keyboard finds it.
type cause struct{ Name, Initials string }

// commonCauses are causes of 民事案件案由规定 that come before mediation most, with
// their initials.
var commonCauses = []cause{
	{"民间借贷纠纷", "mjjd"}, {"物业服务合同纠纷", "wyfw"}, {"离婚纠纷", "lh"}, {"买卖合同纠纷", "mmht"}, {"房屋租赁合同纠纷", "fwzl"},
	{"金融借款合同纠纷", "jrjk"}, {"机动车交通事故责任纠纷", "jdcjtsg"}, {"劳动争议", "ldzy"}, {"信用卡纠纷", "xyk"}, {"供用热力合同纠纷", "gyrl"},
	{"相邻关系纠纷", "xlgx"}, {"健康权纠纷", "jkq"}, {"建设工程合同纠纷", "jsgc"}, {"赡养纠纷", "sy"}, {"劳务合同纠纷", "lwht"},
	{"追索劳动报酬纠纷", "zsldbc"}, {"抚养纠纷", "fy"}, {"法定继承纠纷", "fdjc"}, {"分家析产纠纷", "fjxc"}, {"房屋买卖合同纠纷", "fwmm"},
	{"装饰装修合同纠纷", "zszx"}, {"承揽合同纠纷", "clht"}, {"运输合同纠纷", "ysht"}, {"服务合同纠纷", "fwht"}, {"教育培训合同纠纷", "jypx"},
	{"合伙合同纠纷", "hhht"}, {"追偿权纠纷", "zcq"}, {"不当得利纠纷", "bddl"}, {"财产损害赔偿纠纷", "ccsh"}, {"名誉权纠纷", "myq"},
	{"生命权纠纷", "smq"}, {"提供劳务者受害责任纠纷", "tglwzsh"}, {"医疗损害责任纠纷", "ylsh"}, {"产品责任纠纷", "cpzr"}, {"供用电合同纠纷", "gyd"},
	{"供用水合同纠纷", "gys"}, {"保证合同纠纷", "bzht"}, {"委托合同纠纷", "wtht"}, {"中介合同纠纷", "zjht"}, {"农村土地承包合同纠纷", "nctdcb"},
}

// causes are those that this court has met, the most frequent first, and then
// the common ones.
func (v *visit) causes() []cause {
	years := v.site.Statistics.Years()
	var list []cause
	if len(years) > 0 {
		list = v.metCauses(years[len(years)-1])
	}
	for _, c := range commonCauses {
		if !slices.ContainsFunc(list, func(have cause) bool { return have.Name == c.Name }) {
			list = append(list, c)
		}
	}
	return list
}

func initialsOf(name string) string {
	for _, c := range commonCauses {
		if c.Name == name || strings.TrimSuffix(c.Name, "纠纷") == strings.TrimSuffix(name, "纠纷") {
			return c.Initials
		}
	}
	return ""
}

// metCauses are the causes concluded in a year, the most frequent first.
func (v *visit) metCauses(year int) []cause {
	met := v.site.Statistics.Figures(wholeYear(year)).By.Cause
	names := make([]string, 0, len(met))
	for name := range met {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if n := met[b].Concluded - met[a].Concluded; n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	list := make([]cause, len(names))
	for i, name := range names {
		list[i] = cause{name, initialsOf(name)}
	}
	return list
}

func wholeYear(year int) statistics.Query {
	return statistics.Query{From: calendar.NewDate(year, time.January, 1), To: calendar.NewDate(year, time.December, 31)}
}
