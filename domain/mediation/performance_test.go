package mediation

func performanceRows() []row {
	record := func(day string, s PerformanceStatus) RecordPerformance { return RecordPerformance{did(day), s} }
	performing := succeeded(PerformanceRecorded{at("2024-04-01"), Performing})
	return []row{
		{Name: "performed on the spot", Given: succeeded(), When: record("2024-03-21", Performed), Then: []Event{PerformanceRecorded{at("2024-03-21"), Performed}}},
		{Name: "being performed", Given: succeeded(), When: record("2024-04-01", Performing), Then: []Event{PerformanceRecorded{at("2024-04-01"), Performing}}},
		{Name: "not performed", Given: performing, When: record("2024-05-01", Unperformed), Then: []Event{PerformanceRecorded{at("2024-05-01"), Unperformed}}},
		{Name: "being performed still", Given: performing, When: record("2024-05-01", Performing)},
		{Name: "performed in some way", Given: succeeded(), When: record("2024-04-01", "well"), Refused: ErrPerformStatus},
		{Name: "performed before effect", Given: succeeded(), When: record("2024-03-20", Performed), Refused: ErrEarlier},
		{Name: "performed before it was being performed", Given: performing, When: record("2024-03-31", Performed), Refused: ErrEarlier},
		{Name: "performed tomorrow", Given: succeeded(), When: record("2024-06-29", Performed), Refused: ErrFuture},
		{Name: "perform what has no effect yet", Given: agreed(Written), When: record("2024-04-01", Performed), Refused: ErrNoEffect},
		{Name: "perform what ended otherwise", Given: terminated(), When: record("2024-04-01", Performed), Refused: ErrNoEffect},
		{Name: "perform what was never filed", When: record("2024-04-01", Performed), Refused: ErrNotFiled},
	}
}
