package web

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"doorstep/domain/decide"
)

// form is a form that does something, empty or as somebody filled it in.
type form struct {
	Action string // where it is posted to
	Deed   string // id of what it will do: sent twice it is done once
	Seen   int64  // commits its reader had seen; 0: nothing to compare with
	Values url.Values
	No     *decide.Refusal   // why it was refused
	Faults map[string]string // what is wrong with a field, in the visitor's language
}

// newForm makes an empty form.
func newForm(action string, seen int64) form {
	return form{Action: action, Deed: uuid.NewString(), Seen: seen, Values: url.Values{}}
}

// form reads the form that was posted. Error: errBadForm.
func (v *visit) form() (form, error) {
	values, err := v.echo.FormParams()
	if err != nil {
		return form{}, errBadForm
	}
	f := form{Action: v.request().URL.Path, Deed: values.Get("deed"), Values: values}
	if f.Seen, err = strconv.ParseInt(values.Get("seen"), 10, 64); err != nil || f.Seen < 0 {
		return f, errBadForm
	}
	if id, err := uuid.Parse(f.Deed); err != nil || id.String() != f.Deed {
		return f, errBadForm
	}
	return f, nil
}

// value is what stands in a field, without spaces around it.
func (f form) value(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// fault is what is wrong with a field; empty: nothing.
func (f form) fault(name string) string { return f.Faults[name] }

// wrong notes what is wrong with a field.
func (f *form) wrong(name, sentence string) {
	if f.Faults == nil {
		f.Faults = map[string]string{}
	}
	f.Faults[name] = sentence
}

// refused is the form with the rule's no, to be shown again.
func (f form) refused(no *decide.Refusal) form {
	f.No = no
	return f
}

// refusal finds a rule's no in an error.
func refusal(err error) (*decide.Refusal, bool) {
	var no *decide.Refusal
	return no, errors.As(err, &no)
}

// deed is who does what the form asks for, and when.
func (v *visit) deed(f form) decide.Deed {
	return decide.Deed{
		ID: f.Deed, At: v.now(), Actor: v.actor.Account, Workstation: v.actor.Station,
		Correlation: v.id, SeenLength: f.Seen,
	}
}
