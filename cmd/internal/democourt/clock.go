package democourt

import (
	"time"

	"doorstep/domain/calendar"
)

// Name is the court's name as its pages show it.
const Name = "石家庄市裕华区人民法院"

// Record is the court code in the record of a demo court. No real court has it,
// so that demo mode, where everybody may play every role, opens no real record.
const Record = "demo-" + Code

// Day is the demo court's day: the last of its year, so that what is done now
// counts in the year that its spreadsheets tell of.
const Day = calendar.Date(20211231)

// Now is the demo court's clock: always Day, at the real time of day.
func Now() time.Time {
	h, m, s := time.Now().In(calendar.Shanghai).Clock()
	return time.Date(Day.Year(), Day.Month(), Day.Day(), h, m, s, 0, calendar.Shanghai)
}
