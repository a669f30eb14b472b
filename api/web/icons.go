package web

import "github.com/a-h/templ"

// iconPaths are our pictures, drawn as lines on a field of 16 x 16.
var iconPaths = map[string]string{
	"alert":  "M8 2 14.5 13.5h-13zM8 6.2v3.4M8 11.4v.4",
	"info":   "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 7.2v4M8 4.6v.4",
	"clock":  "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 4.4V8l2.6 1.6",
	"globe":  "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M1.8 8h12.4M8 1.8c-4 4-4 8.4 0 12.4M8 1.8c4 4 4 8.4 0 12.4",
	"person": "M8 2.2a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4M2.6 13.8c.6-3 2.6-4.4 5.4-4.4s4.8 1.4 5.4 4.4",
	"inbox":  "M2 9.2 3.8 3h8.4L14 9.2V13H2zM2 9.2h3.4l1 1.8h3.2l1-1.8H14",
	"plus":   "M8 2.8v10.4M2.8 8h10.4",
	"seal":   "M8 1.8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M5.4 9l-1 5.2L8 12.4l3.6 1.8-1-5.2M6.4 5.8l1.1 1.1 2.1-2.2",
	"chart":  "M2 13.8h12M3.8 13.8V8.6M7 13.8V4.8M10.2 13.8V7M13 13.8V2.6",
	"file":   "M3.6 1.8h5.6l3.2 3.2v9.2H3.6zM9.2 1.8V5h3.2M5.8 8h4.4M5.8 10.8h4.4",
	"send":   "M1.8 7.6 14.2 2l-3.4 12-3-4.6zM7.8 9.4 14.2 2",
	"talk":   "M1.8 3h8.4v5.6H5.8l-2 2v-2h-2zM12.4 5.6h1.8v5.2h-1.6v2l-2-2H7.4V10",
	"hand":   "M1.8 8.6 5 5.4l3 1.2 2.6-1.4 3.6 3.4M5.4 9.4l3 2.8 3.4-3M1.8 8.6l3.6 3.4",
	"check":  "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M5 8.2l2.1 2.1L11 6.2",
	"stop":   "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M5.2 8h5.6",
	"back":   "M6.2 3 2.4 6.6l3.8 3.6M2.4 6.6h7.2c2.6 0 4 1.6 4 3.6s-1.4 3.2-3.4 3.2H8",
	"empty":  "M2 9.2 3.8 3h8.4L14 9.2V13H2zM2 9.2h3.4l1 1.8h3.2l1-1.8H14",
	"down":   "M8 2.8v10M4 9l4 4 4-4",
	"up":     "M8 13.2v-10M4 7l4-4 4 4",
	"flat":   "M2.8 8h10.4",
	"print":  "M4.4 6V2h7.2v4M4.4 11.6H2V6h12v5.6h-2.4M4.4 9.6h7.2v4.6H4.4z",
	"search": "M7 2.2a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.6M10.6 10.6l3.4 3.4",
	"swap":   "M2.4 5.4h10l-2.6-2.6M13.6 10.6h-10l2.6 2.6",
	"edit":   "M2.4 13.6l.8-3.4 7.6-7.6 2.6 2.6-7.6 7.6zM9.4 4l2.6 2.6",
	"leave":  "M6.4 2.4H2.8v11.2h3.6M6.4 8h7.4M10.8 5l3 3-3 3",
	"link":   "M6.6 9.4l2.8-2.8M7 4.6l1.6-1.6a2.8 2.8 0 0 1 4 4L11 8.6M9 11.4 7.4 13a2.8 2.8 0 0 1-4-4L5 7.4",
}

// dataLang marks what people wrote, so that it is read aloud in its language on
// a page of another.
func dataLang(data bool) templ.Attributes {
	if !data {
		return nil
	}
	return templ.Attributes{"lang": "zh-CN"}
}

func fillOf(l fieldLook) string {
	if l.Fill == "" {
		return "off"
	}
	return l.Fill
}

// controlAttributes tie a control to its hint and its fault.
func controlAttributes(f form, l fieldLook) templ.Attributes {
	a := templ.Attributes{}
	described := ""
	if l.Hint != "" {
		described = "h-" + l.Name
	}
	if f.fault(l.Name) != "" {
		described += " e-" + l.Name
		a["aria-invalid"] = "true"
	}
	if described != "" {
		a["aria-describedby"] = described
	}
	if l.Required {
		a["aria-required"] = "true"
	}
	if l.Focus {
		a["autofocus"] = true
	}
	if l.List != "" {
		a["list"] = l.List
	}
	if l.Mode != "" {
		a["inputmode"] = l.Mode
	}
	return a
}
