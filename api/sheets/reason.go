package sheets

import (
	"doorstep/domain/decide"
)

// reason is why a row cannot be taken: a sentence that says what to do, and
// never a value out of the row.
type reason = decide.Refusal

// Reasons of single cells.
var (
	isFormula        = decide.Refuse("formula", "单元格是公式，请复制后“粘贴为数值”再导入。", "The cell is a formula. Copy it and paste it as a value.", "")
	isError          = decide.Refuse("cell-error", "单元格是错误值（如 #N/A），请改成真实内容。", "The cell holds an error such as #N/A. Enter what it should say.", "")
	isMerged         = decide.Refuse("merged-cell", "单元格与其他单元格合并了，请取消合并并逐行填写。", "The cell is merged with others. Unmerge it and fill in every row.", "")
	isLossy          = decide.Refuse("digits-lost", "数字超过十五位，电子表格已丢失末尾数字；请把该列设为文本并重新录入。", "The number has more than fifteen digits and the spreadsheet has lost the last ones. Make the column text and enter it again.", "")
	isBroken         = decide.Refuse("not-text", "单元格中有无法识别的字符，请把文件另存为“CSV UTF-8”后重新导入。", "The cell has bytes that are no text. Save the file as CSV UTF-8 and import it again.", "")
	isShifted        = decide.Refuse("too-many-cells", "该行的单元格比表头多，可能有未加引号的逗号；请核对该行。", "The row has more cells than there are headings; perhaps a comma is not in quotation marks. Check the row.", "")
	isEndless        = decide.Refuse("open-quote", "引号没有成对，或者该行太长，无法读取；请核对该行的引号。", "A quotation mark is not closed, or the row is too long to be read. Check the quotation marks.", "")
	isHuge           = decide.Refuse("too-large", "该行内容太多，无法保存；请缩短过长的单元格。", "The row is too large to be kept. Shorten its long cells.", "")
	unreadableDay    = decide.Refuse("unreadable-day", "日期无法识别，请写成 2021-03-05 的形式。", "This is not a day. Write it as 2021-03-05.", "")
	notADateCell     = decide.Refuse("number-not-day", "单元格是数字而不是日期，请把单元格格式设为日期，或者写成 2021-03-05。", "The cell is a number, not a date. Format it as a date, or write it as 2021-03-05.", "")
	noSuchDay        = decide.Refuse("no-such-day", "没有这一天，请核对月份和日期。", "There is no such day. Check the month and the day.", "")
	tooEarly         = decide.Refuse("day-too-early", "日期过早，不可能属实，请核对年份。", "The day is too long ago to be true. Check the year.", "")
	inFuture         = decide.Refuse("in-the-future", "日期晚于今天，台账只能记载已经发生的事，请核对。", "The day lies in the future; a ledger tells of what has happened. Check the day.", "")
	noDay            = decide.Refuse("no-day", "请填写日期。", "Fill in the day.", "")
	unreadableMonth  = decide.Refuse("unreadable-month", "月份无法识别，请写成 2021-03 的形式。", "This is not a month. Write it as 2021-03.", "")
	unreadableAmount = decide.Refuse("unreadable-amount", "金额无法识别，请以元为单位填写数字，最多两位小数，不要写“万”、千分位逗号或者货币符号。", "This is not an amount. Write it in yuan with at most two decimals, without separators, units or 万.", "")
	negativeAmount   = decide.Refuse("negative-amount", "标的额不能是负数，请核对。", "The amount in dispute cannot be negative. Check it.", "")
	unreadableCount  = decide.Refuse("unreadable-count", "请填写整数，不要写单位或者千分位逗号。", "Write a whole number, without units or separators.", "")
	negativeCount    = decide.Refuse("negative-count", "数目不能是负数，请核对。", "The number cannot be negative. Check it.", "")
)

// Reasons of rows of the ledger.
var (
	noID             = decide.Refuse("no-id", "请填写平台编号，没有编号的纠纷无法再次识别。", "Fill in 平台编号; without it the dispute cannot be recognised again.", "")
	noStation        = decide.Refuse("no-station", "请填写工作站代码。", "Fill in the code of the workstation.", "")
	unknownStation   = decide.Refuse("unknown-station", "没有这个工作站代码；请核对，或者先在 stations 表中列入该工作站。", "There is no workstation with this code. Check it, or list the workstation in the sheet stations first.", "")
	noOrganisation   = decide.Refuse("no-organisation", "已经委派或者接受的，请填写调解组织代码。", "The dispute was delegated or accepted: fill in the code of the organisation.", "")
	unknownOrg       = decide.Refuse("unknown-organisation", "没有这个调解组织代码；请核对，或者先在 organisations 表中列入该组织。", "There is no organisation with this code. Check it, or list the organisation in the sheet organisations first.", "")
	noCause          = decide.Refuse("no-cause", "请填写案由。", "State the cause of action.", "")
	noApplicant      = decide.Refuse("no-applicant", "请填写申请人。", "Name the applicant.", "")
	noOutcome        = decide.Refuse("no-outcome", "请填写结果：成功、终结、在调或者退回。", "Fill in the outcome: 成功, 终结, 在调 or 退回.", "")
	unknownOutcome   = decide.Refuse("unknown-outcome", "结果只能是成功、终结、在调或者退回。", "The outcome can only be 成功, 终结, 在调 or 退回.", "")
	unknownMode      = decide.Refuse("unknown-mode", "调解方式只能是现场、视频、混合、非同步或者电话。", "The mode can only be 现场, 视频, 混合, 非同步 or 电话.", "")
	unknownResult    = decide.Refuse("unknown-result", "司法确认结果只能是确认、驳回、不予受理或者撤回；尚未裁定的留空。", "The result can only be 确认, 驳回, 不予受理 or 撤回; leave it empty while it is pending.", "")
	unknownPerformed = decide.Refuse("unknown-performance", "履行情况只能是已履行、履行中或者未履行。", "Performance can only be 已履行, 履行中 or 未履行.", "")
	badGround        = decide.Refuse("bad-ground", "终结原因只能是 3 至 8。", "The ground of termination can only be 3 to 8.", "人民法院在线调解规则 25")
	badReturn        = decide.Refuse("bad-return-ground", "退回原因只能是 1 至 3。", "The ground of return can only be 1 to 3.", "人民法院在线调解规则 9")
	noReturn         = decide.Refuse("no-return-ground", "结果是退回的，请填写退回原因（1 至 3）。", "The outcome is 退回: fill in the ground of return, 1 to 3.", "人民法院在线调解规则 9")
	returnAccepted   = decide.Refuse("returned-yet-accepted", "退回的申请不可能已经被调解组织接受；请核对结果和接受日期。", "An application that was returned cannot have been accepted. Check the outcome and the day of acceptance.", "人民法院在线调解规则 9")
	noEnd            = decide.Refuse("no-end", "结果是成功、终结或者退回的，请填写结束日期。", "The outcome is 成功, 终结 or 退回: fill in the day on which it ended.", "")
	openEnded        = decide.Refuse("open-yet-ended", "结果是在调的不可能有结束日期；请核对结果和结束日期。", "A dispute that is still 在调 cannot have ended. Check the outcome and the day of the end.", "")
	noAgreement      = decide.Refuse("no-agreement", "没有调解成功，不可能有协议生效或者司法确认；请核对结果。", "Without success there is no agreement that could take effect or be confirmed. Check the outcome.", "")
	notApplied       = decide.Refuse("not-applied", "有司法确认结果或者日期，却没有申请日期；请填写司法确认申请日期。", "There is a result or a day of confirmation but none of the application. Fill it in.", "")
	notRuled         = decide.Refuse("no-result", "有司法确认日期，却没有结果；请填写司法确认结果。", "There is a day of confirmation but no result. Fill in the result.", "")
	noRulingDay      = decide.Refuse("no-ruling-day", "有司法确认结果，却没有日期；请填写司法确认日期。", "There is a result of confirmation but no day. Fill in the day.", "")
)

// Reasons of impossible orders of days.
var (
	designatedEarly = decide.Refuse("delegated-before-application", "委派日期早于申请日期，不可能属实，请核对。", "It was delegated before it was applied for, which cannot be. Check the days.", "")
	acceptedEarly   = decide.Refuse("accepted-before-delegation", "接受日期早于申请日期或者委派日期，不可能属实，请核对。", "It was accepted before it was applied for or delegated, which cannot be. Check the days.", "")
	endedEarly      = decide.Refuse("ended-before-start", "结束日期早于申请、委派或者接受日期，不可能属实，请核对。", "It ended before it began, which cannot be. Check the days.", "")
	extendedEarly   = decide.Refuse("extended-before-application", "延期同意日期早于申请日期，不可能属实，请核对。", "The extension was agreed before mediation was applied for, which cannot be. Check the days.", "")
	extendedLate    = decide.Refuse("extended-after-end", "延期同意日期晚于结束日期，已经结束的调解不可能延期，请核对。", "The extension was agreed after the end; what has ended cannot be extended. Check the days.", "")
	effectiveEarly  = decide.Refuse("effective-before-start", "协议生效日期早于调解开始，不可能属实，请核对。", "The agreement took effect before mediation began, which cannot be. Check the days.", "")
	appliedEarly    = decide.Refuse("confirmation-before-agreement", "司法确认申请日期早于达成协议，不可能属实，请核对。", "Confirmation was applied for before there was an agreement, which cannot be. Check the days.", "")
	ruledEarly      = decide.Refuse("ruled-before-application", "司法确认日期早于申请日期，不可能属实，请核对。", "The ruling came before the application, which cannot be. Check the days.", "")
	performedEarly  = decide.Refuse("performed-before-start", "履行完毕日期早于调解开始，不可能属实，请核对。", "The agreement was performed before mediation began, which cannot be. Check the days.", "")
	movedEarly      = decide.Refuse("moved-before-filing", "移送日期早于该纠纷的申请日期，不可能属实，请核对。", "The dispute moved before it was filed, which cannot be. Check the day.", "")
)

// Reasons of rows of the other sheets.
var (
	noCode           = decide.Refuse("no-code", "请填写代码。", "Fill in the code.", "")
	noName           = decide.Refuse("no-name", "请填写名称。", "Fill in the name.", "")
	unknownTerritory = decide.Refuse("unknown-territory", "没有这个地区代码；请核对，或者先在 territories 表中列入该地区。", "There is no territory with this code. Check it, or list the territory in the sheet territories first.", "")
	unknownBasis     = decide.Refuse("unknown-basis", "口径只能是常住、户籍或者常住+登记流动。", "The basis can only be 常住, 户籍 or 常住+登记流动.", "")
	unknownSuits     = decide.Refuse("unknown-suits", "类型只能是民事或者行政。", "The kind can only be 民事 or 行政.", "")
	ownParent        = decide.Refuse("own-parent", "地区不能以自己为上级，请核对。", "A territory cannot be its own parent. Check it.", "")
	noType           = decide.Refuse("no-type", "请填写活动类型。", "Fill in the type of the activity.", "")
	notFiled         = decide.Refuse("not-filed", "该平台编号的纠纷尚未导入；请先导入它的台账行，再导入移送。", "The dispute with this 平台编号 is not in yet. Import its row of the ledger first.", "")
	notThere         = decide.Refuse("not-here", "该纠纷当时不在移出的工作站，请核对移出代码和移送的先后。", "The dispute was not at the workstation it is to leave. Check the code and the order of the transfers.", "")
	sameStation      = decide.Refuse("same-station", "移入的工作站与移出的相同，请核对。", "It is to move to where it is already. Check the codes.", "")
	otherContent     = decide.Refuse("conflict", "同一编号先前已导入且内容不同；系统没有改动，请核对哪一份属实，确有差错的在系统中作更正。", "The same id was imported before with other content. Nothing was changed; find out which is true and, if needed, make a correction.", "")
)
