package nahook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/nahook/nahook-go/internal/transport"
)

// record is an answer that can be told from some other JSON object.
type record[T any] interface {
	*T
	complete() error // whether it has what every such record has
}

func required(field, value string) error {
	if value == "" {
		return flaw(fmt.Sprintf("it has no %q", field))
	}
	return nil
}

// completePage is whether a page, whose rows are in field, has all that it must.
func completePage[T any, R record[T]](field string, rows []T) error {
	if rows == nil {
		return required(field, "")
	}
	return completeAll[T, R](rows)
}

func completeAll[T any, R record[T]](rows []T) error {
	for i := range rows {
		if err := R(&rows[i]).complete(); err != nil {
			return err
		}
	}
	return nil
}

func decode(body []byte, out any) error {
	if text := bytes.TrimSpace(body); len(text) == 0 || bytes.Equal(text, []byte("null")) {
		return flaw("it is empty")
	}
	return json.Unmarshal(body, out)
}

// unreadable is the error of a success that is not the documented JSON.
func unreadable(api *transport.Transport, r transport.Request, a *transport.Answer, cause error) error {
	e := apiError(api.Op(r), a, codeUnknown, "the response is not the documented JSON"+inWords(cause))
	body := api.Scrub(string(a.Body))
	e.Body = []byte(body[:min(len(body), maxErrorBody)])
	e.cause = cause
	return e
}

// flaw is what is wrong with a body, in words that do not quote it.
type flaw string

func (f flaw) Error() string { return string(f) }

// inWords tells what is wrong with JSON, or with a value that should become
// JSON, without quoting from it.
func inWords(cause error) string {
	var (
		ours     flaw
		syntax   *json.SyntaxError
		mismatch *json.UnmarshalTypeError
		ofType   *json.UnsupportedTypeError
		ofValue  *json.UnsupportedValueError
	)
	switch {
	case errors.As(cause, &ours):
		return ": " + ours.Error()
	case errors.As(cause, &syntax) && syntax.Offset == 0: // not counted, as in what a MarshalJSON gives
		return ": " + syntax.Error()
	case errors.As(cause, &syntax):
		return fmt.Sprintf(": %s at byte %d", syntax, syntax.Offset)
	case errors.As(cause, &mismatch):
		kind, _, _ := strings.Cut(mismatch.Value, " ") // a number's text follows its kind
		return fmt.Sprintf(": %s is a JSON %s, want %s", fieldName(mismatch.Field), kind, jsonKind(mismatch.Type))
	case errors.As(cause, &ofType):
		return ": " + strings.TrimPrefix(ofType.Error(), "json: ")
	case errors.As(cause, &ofValue):
		return ": " + strings.TrimPrefix(ofValue.Error(), "json: ")
	}
	return ""
}

// fieldName is the JSON name of a field, quoted. Among the names that
// encoding/json gives are those of embedded structs, which are exported ones.
func fieldName(path string) string {
	names := slices.DeleteFunc(strings.Split(path, "."), func(s string) bool { return s == "" || s[0] >= 'A' && s[0] <= 'Z' })
	if len(names) == 0 {
		return "it"
	}
	return strconv.Quote(strings.Join(names, "."))
}

// jsonKind is what JSON calls the values that t is read from.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.String, reflect.Bool:
		return t.Kind().String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "integer"
	}
	return "number"
}
