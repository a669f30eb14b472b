// Package sheets is the court's spreadsheets: a door for data, as api/web is a
// door for pages. It reads a folder of CSV files or one XLSX workbook row by
// row, turns each row into the command that it tells of, and gives back what
// it could not take as a sheet with the reason beside each row.
//
// It never decides what is lawful: that is domain's. It decides what can be
// read, and what cannot be true.
package sheets

import (
	"slices"
	"strings"
)

// form is how the cells of a column are written, so that the same value is the
// same text wherever it came from.
type form int

const (
	text   form = iota // free text: trimmed, otherwise as it is
	code               // codes, choices, counts: half-width, no blanks around
	day                // a legal day
	amount             // yuan
	month              // YYYY-MM
	number             // an identity number: half-width, upper case
)

type column struct {
	name     string
	form     form
	required bool // without the column no row of the sheet can be read
}

// schema is one of the sheets that FORMAT names.
type schema struct {
	name    string
	columns []column
	key     []int // the columns that name what a row is about; rows of one key stay in order
}

// The columns of a ledger, in the order of ledger.columns.
const (
	ledgerID = iota
	ledgerNumber
	ledgerStation
	ledgerChannel
	ledgerCause
	ledgerAmount
	ledgerApplicant
	ledgerApplicantID
	ledgerRespondent
	ledgerFiled
	ledgerOrganisation
	ledgerDesignated
	ledgerAccepted
	ledgerMediator
	ledgerMode
	ledgerExtended
	ledgerOutcome
	ledgerGround
	ledgerReturn
	ledgerEnded
	ledgerEffective
	ledgerApplied
	ledgerResult
	ledgerRuled
	ledgerPerformance
	ledgerPerformed
)

var ledgerColumns = []column{
	{"平台编号", code, true}, {"案号", text, false}, {"工作站", code, true}, {"来源渠道", code, false}, {"案由", text, true},
	{"标的额", amount, false}, {"申请人", text, true}, {"申请人证件号", number, false}, {"被申请人", text, false},
	{"申请日期", day, true}, {"调解组织", code, true}, {"委派日期", day, false}, {"接受日期", day, true}, {"调解员", text, false},
	{"调解方式", code, false}, {"延期同意日期", day, false}, {"结果", code, true}, {"终结原因", code, false}, {"退回原因", code, false},
	{"结束日期", day, true}, {"协议生效日期", day, false}, {"司法确认申请日期", day, false}, {"司法确认结果", code, false},
	{"司法确认日期", day, false}, {"履行情况", code, false}, {"履行完毕日期", day, false},
}

// The columns of the other sheets.
const (
	listCode, listName, listTerritory, listType, listScope, listParent = 0, 1, 2, 2, 3, 2

	populationTerritory, populationBasis, populationDay, populationPeople, populationSource, populationPublished = 0, 1, 2, 3, 4, 5

	suitsMonth, suitsTerritory, suitsKind, suitsCount = 0, 1, 2, 3

	governanceDay, governanceStation, governanceType, governanceSubject, governancePeople = 0, 1, 2, 3, 4

	transferID, transferDay, transferFrom, transferTo = 0, 1, 2, 3
)

var (
	stations      = &schema{"stations", []column{{"代码", code, true}, {"名称", text, true}, {"地区代码", code, false}}, []int{listCode}}
	organisations = &schema{"organisations", []column{{"代码", code, true}, {"名称", text, true}, {"类型", text, false}, {"范围", text, false}}, []int{listCode}}
	territories   = &schema{"territories", []column{{"代码", code, true}, {"名称", text, true}, {"上级代码", code, false}}, []int{listCode}}
	population    = &schema{"population", []column{{"地区代码", code, true}, {"口径", code, true}, {"日期", day, true}, {"人数", code, true},
		{"来源", text, false}, {"发布日期", day, false}}, []int{populationTerritory}}
	suits      = &schema{"suits", []column{{"月份", month, true}, {"地区代码", code, true}, {"类型", code, true}, {"件数", code, true}}, []int{suitsTerritory}}
	governance = &schema{"governance", []column{{"日期", day, true}, {"工作站", code, true}, {"类型", text, true}, {"主题", text, false}, {"人数", code, false}},
		[]int{governanceStation}}
	ledger     = &schema{"ledger", ledgerColumns, []int{ledgerID}}
	ledgerLate = &schema{"ledger-late", ledgerColumns, []int{ledgerID}}
	transfers  = &schema{"transfers", []column{{"平台编号", code, true}, {"日期", day, true}, {"移出", code, true}, {"移入", code, true}}, []int{transferID}}
)

// schemas are all sheets in the order in which they are imported: what is
// referred to comes before what refers to it.
var schemas = []*schema{stations, organisations, territories, population, suits, governance, ledger, ledgerLate, transfers}

// added are the columns that a sheet of rejected rows has besides; they are
// passed over when it comes back corrected.
var added = []string{"原因", "列", "行号"}

// schemaOf finds the sheet by the name of a file or worksheet.
func schemaOf(name string) *schema {
	name = strings.ToLower(strings.TrimSpace(fold(name)))
	name = strings.TrimSuffix(name, ".csv")
	i := slices.IndexFunc(schemas, func(s *schema) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	return schemas[i]
}

func (s *schema) find(heading string) int {
	return slices.IndexFunc(s.columns, func(c column) bool { return c.name == heading })
}

func schemaNames() string {
	names := make([]string, len(schemas))
	for i, s := range schemas {
		names[i] = s.name
	}
	return strings.Join(names, ", ")
}
