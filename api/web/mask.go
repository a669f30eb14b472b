package web

import "strings"

// Personal data is shown masked: enough for who knows the number to recognise
// it, too little for who does not.

// maskPhone keeps the first three and the last four digits.
func maskPhone(s string) string { return mask(s, 3, 4) }

// maskIdentity keeps the first four and the last two characters of an identity
// number (身份证号码): the province and nothing of the birthday.
func maskIdentity(s string) string { return mask(s, 4, 2) }

func mask(s string, head, tail int) string {
	runes := []rune(s)
	if len(runes) <= head+tail {
		return strings.Repeat("*", len(runes))
	}
	return string(runes[:head]) + strings.Repeat("*", len(runes)-head-tail) + string(runes[len(runes)-tail:])
}

// oddIdentity tells whether an identity number cannot be one: 18 characters
// whose last is the check character of GB 11643. Other lengths are other
// documents (统一社会信用代码, passports) and are not judged.
func oddIdentity(s string) bool {
	if len(s) != 18 || strings.Trim(s[:17], "0123456789") != "" {
		return false
	}
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return strings.ToUpper(s[17:]) != "10X98765432"[sum%11:sum%11+1]
}
