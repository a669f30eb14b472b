package statistics

// Text is the same sentence in both languages.
type Text struct{ Chinese, English string }

// In gives the sentence in the language ("zh" or "en").
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.English
	}
	return t.Chinese
}

// Definition is what a published number means (口径). A number without one means
// nothing: the same court's success rate is another when it is taken of what
// was received. A definition is never changed; another meaning is another
// version.
type Definition struct {
	ID          string // as in the figures' JSON
	Version     int
	Name        Text
	Numerator   Text // or what is counted
	Denominator Text // empty where nothing is divided
	Clock       Text // which day decides
	Excluded    Text
	Source      Text
}

// Define finds the definition of a number.
func Define(id string) (Definition, bool) {
	for _, d := range Definitions {
		if d.ID == id {
			return d, true
		}
	}
	return Definition{}, false
}

// What several definitions share.
var (
	byEnd      = Text{"调解结束的日期在统计期内，且不晚于截至日", "the day on which mediation ended lies in the period and not after the as-of day"}
	byReceipt  = Text{"调解组织接受委派的日期在统计期内，且不晚于截至日", "the day on which the organisation accepted lies in the period and not after the as-of day"}
	byFiling   = Text{"登记的日期在统计期内，且不晚于截至日", "the day of filing lies in the period and not after the as-of day"}
	noReturns  = Text{"退回申请的纠纷；尚未结束的纠纷", "applications returned; disputes still open"}
	nothing    = Text{"无", "nothing"}
	concludedN = Text{"统计期内以成功或者终结结束的纠纷", "disputes that ended in the period, with success or by termination"}
	successN   = Text{"统计期内调解协议生效而结束的纠纷", "disputes that ended in the period with an agreement in effect"}
	receivedN  = Text{"统计期内调解组织接受的纠纷", "disputes accepted by an organisation in the period"}
	rules24    = Text{"人民法院在线调解规则第二十四条", "Online Mediation Rules of the People's Courts, art. 24"}
	rules25    = Text{"人民法院在线调解规则第二十五条", "Online Mediation Rules of the People's Courts, art. 25"}
)

// Definitions are the definitions of all figures, in the order in which a page
// explains them.
var Definitions = append(append(append([]Definition{}, rates...), counts...), groups...)

var rates = []Definition{
	{
		ID: "success_rate_concluded", Version: 1, Name: Text{"调解成功率（按办结）", "Success rate, of those concluded"},
		Numerator: successN, Denominator: concludedN, Clock: byEnd,
		Excluded: Text{"退回申请的纠纷；尚未结束的纠纷；自行和解撤回的计入终结，不计成功", "applications returned; disputes still open; a settlement with withdrawal counts as termination, not as success"},
		Source:   Text{"以办结数为分母，同裕华区人民法院公布的 2476/4757＝52.05%；" + rules25.Chinese, "of those concluded, as in the 2476/4757 = 52.05 % published of the Yuhua District court; " + rules25.English},
	},
	{
		ID: "success_rate_received", Version: 1, Name: Text{"调解成功率（按收案）", "Success rate, of those received"},
		Numerator: successN, Denominator: receivedN,
		Clock:    Text{"分子看结束日期，分母看接受日期，所以一个月里可能超过 100%", "the end for the numerator, acceptance for the denominator: in a single month it may exceed 100 %"},
		Excluded: Text{"退回申请的纠纷", "applications returned"},
		Source:   Text{"以收案数为分母，与按办结的成功率不可比；" + rules24.Chinese, "of those received; not to be compared with the rate of those concluded; " + rules24.English},
	},
	{
		ID: "audio_video_rate", Version: 1, Name: Text{"音视频调解率", "Audio and video rate"},
		Numerator: Text{"统计期内结束、以视频或者混合方式调解的纠纷；有一次以视频调解的即算", "disputes that ended in the period and were mediated by video or mixed: one session by video is enough"}, Denominator: concludedN, Clock: byEnd, Excluded: noReturns,
		Source: Text{"人民法院在线调解规则第十六条", "Online Mediation Rules of the People's Courts, art. 16"},
	},
	{
		ID: "confirmation_applied_rate", Version: 1, Name: Text{"司法确认申请率", "Confirmation applied for"},
		Numerator: Text{"其中截至日前已申请司法确认的纠纷；后来撤回的也算申请过", "of these, those whose confirmation had been applied for by the as-of day, even if withdrawn later"}, Denominator: successN,
		Clock:    Text{"结束日期在统计期内；申请日期不晚于截至日", "the end lies in the period; the application not after the as-of day"},
		Excluded: Text{"终结的纠纷；确认案件不另算一件纠纷", "disputes terminated; a confirmation case is not another dispute"},
		Source:   Text{"民事诉讼法（2023年修正）第二百零五条", "Civil Procedure Law as amended in 2023, art. 205"},
	},
	{
		ID: "mean_days", Version: 1, Name: Text{"平均用时（天）", "Mean days"},
		Numerator:   Text{"统计期内结束的纠纷，从接受到结束的日历天数之和", "calendar days from acceptance to the end, summed over disputes that ended in the period"},
		Denominator: Text{"这些纠纷的件数", "the number of these disputes"}, Clock: byEnd,
		Excluded: Text{"尚未结束的纠纷，所以积案多时平均数会偏小；接受日期不明的纠纷", "disputes still open, so that the mean is too small where old cases pile up; disputes whose acceptance is not known"},
		Source:   rules24,
	},
	{
		ID: "median_days", Version: 1, Name: Text{"用时中位数（天）", "Median days"},
		Numerator: Text{"统计期内结束的纠纷，从接受到结束的日历天数，排序后居中的一个；两个居中的取其平均", "calendar days from acceptance to the end of disputes that ended in the period: the middle one, or half the sum of the two in the middle"}, Clock: byEnd,
		Excluded: Text{"同平均用时", "as for the mean"}, Source: rules24,
	},
	{
		ID: "suits_per_10k", Version: 1, Name: Text{"万人起诉率", "Suits per 10,000 people"},
		Numerator:   Text{"该地区及其下级地区全年一审收案（民事或者行政）", "first-instance filings of the year, civil or administrative, in the territory and all below it"},
		Denominator: Text{"同一些地区的人口，按所选口径，取当年及以前最新的公布数，单位为万人", "the people of the same territories on the chosen basis, newest figure dated in or before the year, in tens of thousands"},
		Clock:       Text{"收案月份属于该年；人口数以其所属日期为准；更正的数以最后登记的为准", "the month of filing lies in the year; a population counts by its own date; of restated figures the last recorded counts"},
		Excluded:    Text{"没有人口数的地区及其收案，并予列明；石家庄循环化工园区（130172）不属裕华区", "territories without a population, with their filings, and they are named; the Shijiazhuang chemical park (130172) is no part of Yuhua District"},
		Source:      Text{"最高人民法院文章（唐震，2023年11月16日）所述口径，民事与行政分开计算；裕华区公布 97.32 至 84.38", "as described in an article of the Supreme People's Court (Tang Zhen, 16 November 2023), civil and administrative apart; 97.32 to 84.38 published of Yuhua District"},
	},
}

var counts = []Definition{
	{ID: "filed", Version: 1, Name: Text{"登记", "Filed"}, Numerator: Text{"统计期内登记的纠纷，包括后来退回的", "disputes filed in the period, those returned later too"}, Clock: byFiling, Excluded: nothing,
		Source: Text{"人民法院在线调解规则第八条", "Online Mediation Rules of the People's Courts, art. 8"}},
	{ID: "delegated", Version: 1, Name: Text{"委派", "Delegated"}, Numerator: Text{"统计期内登记、截至日前曾经委派过的纠纷", "disputes filed in the period that had been delegated by the as-of day"}, Clock: byFiling, Excluded: nothing,
		Source: Text{"人民法院在线调解规则第十条", "Online Mediation Rules of the People's Courts, art. 10"}},
	{ID: "returned", Version: 1, Name: Text{"退回申请", "Returned"}, Numerator: Text{"统计期内退回申请的纠纷", "applications returned in the period"}, Clock: Text{"退回的日期在统计期内，且不晚于截至日", "the day of return lies in the period and not after the as-of day"}, Excluded: nothing,
		Source: Text{"人民法院在线调解规则第九条", "Online Mediation Rules of the People's Courts, art. 9"}},
	{ID: "received", Version: 1, Name: Text{"收案", "Received"}, Numerator: receivedN, Clock: byReceipt, Excluded: Text{"退回申请的纠纷", "applications returned"}, Source: rules24},
	{ID: "open_at_as_of", Version: 1, Name: Text{"在调", "In hand"}, Numerator: Text{"截至日前已接受而没有结束的纠纷，不论何时收案", "disputes accepted and not ended by the as-of day, whenever they were received"},
		Clock: Text{"截至日", "the as-of day"}, Excluded: Text{"登记后还没有接受的纠纷", "disputes filed but not yet accepted"}, Source: rules24},
	{ID: "concluded", Version: 1, Name: Text{"办结", "Concluded"}, Numerator: concludedN, Clock: byEnd, Excluded: noReturns, Source: rules25},
	{ID: "success", Version: 1, Name: Text{"调解成功", "Succeeded"}, Numerator: successN, Clock: byEnd, Excluded: Text{"达成协议而未生效的；自行和解撤回的", "agreements not in effect; settlements with withdrawal"}, Source: rules25},
	{ID: "grounds", Version: 1, Name: Text{"终结原因", "Grounds of termination"}, Numerator: Text{"统计期内终结的纠纷，按八项法定情形分", "disputes terminated in the period, by the eight statutory grounds"}, Clock: byEnd, Excluded: noReturns, Source: rules25},
	{ID: "audio_video", Version: 1, Name: Text{"音视频调解", "By audio and video"}, Numerator: Text{"统计期内结束、以视频或者混合方式调解的纠纷", "disputes that ended in the period and were mediated by video or mixed"}, Clock: byEnd, Excluded: noReturns,
		Source: Text{"人民法院在线调解规则第十六条", "Online Mediation Rules of the People's Courts, art. 16"}},
	{ID: "confirmation_applied", Version: 1, Name: Text{"申请司法确认", "Confirmation applied for"}, Numerator: Text{"统计期内调解成功、截至日前已申请司法确认的纠纷", "successes of the period whose confirmation had been applied for by the as-of day"}, Clock: byEnd, Excluded: Text{"终结的纠纷", "disputes terminated"},
		Source: Text{"民事诉讼法（2023年修正）第二百零五条", "Civil Procedure Law as amended in 2023, art. 205"}},
	{ID: "confirmed", Version: 1, Name: Text{"裁定确认", "Confirmed"}, Numerator: Text{"统计期内调解成功、截至日前法院已裁定协议有效的纠纷", "successes of the period whose agreement the court had ruled valid by the as-of day"}, Clock: byEnd, Excluded: Text{"驳回、不予受理和撤回的申请", "applications dismissed, not accepted or withdrawn"},
		Source: Text{"民事诉讼法（2023年修正）第二百零六条", "Civil Procedure Law as amended in 2023, art. 206"}},
	{ID: "governance_activities", Version: 1, Name: Text{"参与综合治理", "Governance activities"}, Numerator: Text{"统计期内法官工作站参加的综合治理活动", "activities of comprehensive governance of the workstations in the period"},
		Clock: Text{"活动的日期在统计期内，且不晚于截至日", "the day of the activity lies in the period and not after the as-of day"}, Excluded: Text{"按组织或者案由筛选时不计：活动不属于任何组织和案由", "all of them under an organisation or a cause: an activity belongs to neither"},
		Source: Text{"法院台账", "the court's own list"}},
}

var groups = []Definition{
	{ID: "station", Version: 1, Name: Text{"按工作站", "By workstation"}, Numerator: Text{"截至日持有该纠纷的法官工作站，移送后归移入的工作站", "the workstation that held the dispute on the as-of day; after a transfer the one that took it over"}, Clock: byEnd,
		Excluded: Text{"不排名：最高人民法院要求杜绝对审判质效指标排名", "no ranking: the Supreme People's Court forbids ranking by indicators"}, Source: Text{"最高人民法院审判质量管理指标体系（2024年）", "indicator system of the Supreme People's Court, 2024"}},
	{ID: "organisation", Version: 1, Name: Text{"按调解组织", "By organisation"}, Numerator: Text{"接受该纠纷的调解组织", "the organisation that accepted the dispute"}, Clock: byEnd, Excluded: noReturns, Source: rules24},
	{ID: "cause", Version: 1, Name: Text{"按案由", "By cause"}, Numerator: Text{"登记的案由；有更正的按更正后的案由", "the cause filed, or as corrected"}, Clock: byEnd, Excluded: noReturns, Source: Text{"民事案件案由规定", "Provisions on Causes of Civil Actions"}},
	{ID: "month", Version: 1, Name: Text{"按月", "By month"}, Numerator: Text{"调解结束的月份", "the month in which mediation ended"}, Clock: byEnd, Excluded: noReturns, Source: rules25},
}
