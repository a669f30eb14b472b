package mediation

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Role is on which side a party stands.
type Role string

// The roles of parties.
const (
	Applicant  Role = "applicant"  // 申请人
	Respondent Role = "respondent" // 被申请人
)

// PartyKind is what a party is.
type PartyKind string

// The kinds of parties.
const (
	Person       PartyKind = "person"       // 自然人
	Organisation PartyKind = "organisation" // 法人或者非法人组织
)

// Party is a party to the dispute. Everything but key, role and kind is
// personal data.
type Party struct {
	Key      string    `json:"key" personal:"no"` // A1, A2, …, B1, …: never changes
	Role     Role      `json:"role"`
	Kind     PartyKind `json:"kind"`
	Name     string    `json:"name" personal:"identity,by=key"`
	IDNumber string    `json:"id_number,omitempty" personal:"identity,by=key,lookup"`
	Phone    string    `json:"phone,omitempty" personal:"contact,by=key"`
	Address  string    `json:"address,omitempty" personal:"contact,by=key"`
}

// KindOfName guesses a party's kind where a ledger gives a bare name: a name
// that ends as only organisations' names do.
func KindOfName(name string) PartyKind {
	for _, ending := range []string{"公司", "厂", "店", "中心", "银行", "支行", "分行", "医院", "学校", "幼儿园", "合作社", "委员会", "局", "大队", "企业", "集团", "事务所", "工作室", "（有限合伙）", "(有限合伙)"} {
		if strings.HasSuffix(name, ending) {
			return Organisation
		}
	}
	return Person
}

// Channel is how a dispute came in (来源渠道).
type Channel string

// The channels.
const (
	AtWindow    Channel = "窗口"
	AtStation   Channel = "工作站"
	FromGrid    Channel = "网格"
	ByPhone     Channel = "掌上" // 掌上诉讼服务
	FromPartner Channel = "联动单位"
)

// Channels lists them as forms offer them.
var Channels = []Channel{AtStation, AtWindow, FromGrid, ByPhone, FromPartner}

// Fen is an amount of money in hundredths of a yuan.
type Fen int64

// ErrAmount says how an amount is written.
var ErrAmount = errors.New("an amount is written in yuan with at most two decimals")

// ParseYuan reads "12345.67", exactly. Error: ErrAmount.
func ParseYuan(s string) (Fen, error) {
	whole, part, dotted := strings.Cut(s, ".")
	if dotted && (part == "" || len(part) > 2) {
		return 0, ErrAmount
	}
	for _, r := range strings.TrimPrefix(whole, "-") + part {
		if r < '0' || r > '9' {
			return 0, ErrAmount
		}
	}
	yuan, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || yuan > math.MaxInt64/100-1 || yuan < -(math.MaxInt64/100-1) {
		return 0, ErrAmount
	}
	cents, _ := strconv.ParseInt((part + "00")[:2], 10, 64)
	if strings.HasPrefix(whole, "-") {
		cents = -cents
	}
	return Fen(yuan*100 + cents), nil
}

// String is yuan with two decimals.
func (f Fen) String() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, f/100, f%100)
}

// MarshalText writes yuan with two decimals.
func (f Fen) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads yuan.
func (f *Fen) UnmarshalText(b []byte) error {
	v, err := ParseYuan(string(b))
	*f = v
	return err
}
