package sealed

import "encoding/json"

// Plain is what a string that is written so in JSON, between its quotes, says.
func Plain(written string) (string, error) {
	var plain string
	err := json.Unmarshal([]byte(`"`+written+`"`), &plain)
	return plain, err
}
