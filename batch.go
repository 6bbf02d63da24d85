package nahook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/nahook/nahook-go/internal/transport"
)

const (
	// maxBatch is how many items the server takes in one request, and
	// maxBatchBody how many bytes. As many payloads of the size that it takes fit
	// in; larger ones, which it refuses, must not take others down with them.
	maxBatch     = 20
	maxBatchBody = 8 << 20
	// maxRequests is how many requests of a batch are under way at once.
	maxRequests = 4
	// maxLogged is how many errors a batch logs.
	maxLogged = 3
)

var errNoOutcome = errors.New("the request ended without an outcome")

// BatchResult is what became of the items of a batch. It logs as the number of
// results and of errors, and the first of these.
type BatchResult[T any] struct {
	Items []BatchItem[T] // those that were given, in their order
}

// BatchItem is what became of one item: it has a Result or an Err.
type BatchItem[T any] struct {
	Result *T
	// Err names the item by its index and by its endpoint or event type. If the
	// server refused the item, it is an [*APIError] within; if the item's request
	// failed, it is that one's, in each of its items. An item that certainly was not
	// sent has a [*TransportError] within whose Sent is false.
	Err            error
	IdempotencyKey string // given or made, set with Err too: send the item again under it
}

// LogValue logs the result or the error.
func (i BatchItem[T]) LogValue() slog.Value {
	if i.Err != nil {
		return slog.GroupValue(slog.String("error", i.Err.Error()))
	}
	return slog.GroupValue(slog.Any("result", i.Result))
}

// Err joins the errors of the items, each on a line of its own. It is nil if no
// item has one, and of a nil result, so that errors.Join(err, result.Err()) is
// all that can go wrong with a batch.
func (r *BatchResult[T]) Err() error {
	if r == nil {
		return nil
	}
	errs := make([]error, len(r.Items))
	for i, item := range r.Items {
		errs[i] = item.Err
	}
	return errors.Join(errs...)
}

// LogValue logs how many results and errors there are, and the first three errors.
func (r *BatchResult[T]) LogValue() slog.Value {
	if r == nil {
		return slog.Value{}
	}
	first, failed := []string{}, 0
	for _, item := range r.Items {
		if item.Err == nil {
			continue
		}
		if failed++; failed <= maxLogged {
			first = append(first, item.Err.Error())
		}
	}
	counts := []slog.Attr{slog.Int("results", len(r.Items)-failed), slog.Int("errors", failed)}
	if failed > 0 {
		counts = append(counts, slog.Any("first", first))
	}
	return slog.GroupValue(counts...)
}

// parcel is one item ready to be sent.
type parcel struct {
	body any
	name string // for errors
	key  string
}

// batchJSON is the body of one request.
type batchJSON struct {
	Items []json.RawMessage `json:"items"`
}

// batch is one call with its items.
type batch[T any, R record[T]] struct {
	api     *transport.Transport
	request transport.Request // without its body
	items   []json.RawMessage
	names   []string // of the items, for errors
	results []BatchItem[T]
}

// sendBatch sends items in as many requests as they need.
func sendBatch[T any, R record[T], I any](ctx context.Context, api *transport.Transport, r transport.Request, items []I, prepare func(I) (parcel, error), opts []CallOption) (*BatchResult[T], error) {
	b := batch[T, R]{api: api, request: r, results: make([]BatchItem[T], 0, len(items))}
	o, err := collect(opts)
	for i := 0; err == nil && i < len(items); i++ {
		if err = b.add(prepare(items[i])); err != nil {
			err = fmt.Errorf("item %d: %w", i, err)
		}
	}
	if err != nil {
		return nil, refused(r, err)
	}
	if err := b.send(ctx, o.response, opts); err != nil {
		return nil, err
	}
	return &BatchResult[T]{b.results}, nil
}

func (b *batch[T, R]) add(p parcel, err error) error {
	if err != nil {
		return err
	}
	encoded, err := transport.Encode(p.body)
	b.items, b.names = append(b.items, encoded), append(b.names, p.name)
	b.results = append(b.results, BatchItem[T]{IdempotencyKey: p.key})
	return err
}

// span is the items of one request.
type span struct{ from, to int }

// spans cuts the items into requests.
func (b *batch[T, R]) spans() []span {
	var all []span
	size := 0
	for i, item := range b.items {
		last := len(all) - 1
		if i == 0 || i == all[last].from+maxBatch || size+len(item) > maxBatchBody {
			all = append(all, span{from: i})
			size, last = len(`{"items":[]}`), last+1
		}
		all[last].to = i + 1
		size += len(item) + len(",")
	}
	return all
}

// send makes the requests. Its error is the first one's if none can have reached
// the server. The options may ask for a response, which is that of the last one.
func (b *batch[T, R]) send(ctx context.Context, wanted *Response, opts []CallOption) error {
	requests := b.spans()
	responses := make([]Response, len(requests))
	lost := &TransportError{Op: b.api.Op(b.request), Attempts: 1, Sent: true, Err: errNoOutcome}
	errs := sideBySide(len(requests), lost, func(i int) error {
		return b.sendSome(ctx, requests[i], append(opts[:len(opts):len(opts)], WithResponse(&responses[i])))
	})
	for i, err := range errs {
		b.fail(requests[i], err)
	}
	if wanted != nil && len(responses) > 0 {
		*wanted = responses[len(responses)-1]
	}
	if slices.ContainsFunc(errs, func(err error) bool { return !unsent(err) }) {
		return nil
	}
	return cmp.Or(errs...)
}

// sideBySide calls do with 0 to n-1, [maxRequests] of them at once, each on a
// goroutine of its own. The caller does not notice that: if one panics, so does
// sideBySide, when all are done. One that ends its goroutine, as a test does that
// fails in an [http.RoundTripper], has the error called lost.
func sideBySide(n int, lost error, do func(int) error) []error {
	errs, panics := slices.Repeat([]error{lost}, n), make([]any, n)
	var running sync.WaitGroup
	slots := make(chan struct{}, maxRequests)
	for i := range n {
		slots <- struct{}{}
		running.Go(func() {
			defer func() {
				panics[i] = recover()
				<-slots
			}()
			errs[i] = do(i)
		})
	}
	running.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p)
		}
	}
	return errs
}

// unsent tells whether err proves that its request did not reach the server.
func unsent(err error) bool {
	var failed *TransportError
	if errors.As(err, &failed) { // whose cause may be anything, as a context's is
		return !failed.Sent
	}
	return errors.Is(err, ErrInvalidArgument)
}

// sendSome makes one request.
func (b *batch[T, R]) sendSome(ctx context.Context, s span, opts []CallOption) error {
	answer, err := send(ctx, b.api, b.request.With(batchJSON{b.items[s.from:s.to]}), opts)
	if err != nil {
		return err
	}
	return settled(b.api, b.request, answer, b.read(s, answer))
}

// fail gives the error of a request to each of its items, whatever has been read.
func (b *batch[T, R]) fail(s span, err error) {
	for i := s.from; err != nil && i < s.to; i++ {
		b.results[i].Result, b.results[i].Err = nil, b.failed(i, err)
	}
}

// read takes an answer apart, which has exactly one entry for each item.
func (b *batch[T, R]) read(s span, answer *transport.Answer) error {
	var body struct {
		Items []batchEntry[T] `json:"items"`
	}
	if err := decode(answer.Body, &body); err != nil {
		return err
	}
	if len(body.Items) != s.to-s.from {
		return flaw(fmt.Sprintf("it has %d items, want %d", len(body.Items), s.to-s.from))
	}
	for i := range body.Items {
		entry := &body.Items[i]
		if entry.head.Index == nil || *entry.head.Index != i {
			return flaw(fmt.Sprintf("its items do not have the index that they stand at, such as %d", i))
		}
		if entry.failed() {
			b.results[s.from+i].Err = b.failed(s.from+i, itemFailure(b.api, b.request, answer, entry.code, entry.message))
			continue
		}
		if err := R(&entry.result).complete(); err != nil {
			return err
		}
		b.results[s.from+i].Result = &entry.result
	}
	return nil
}

func (b *batch[T, R]) failed(i int, err error) error {
	return &itemError{index: i, name: b.api.Scrub(b.names[i]), err: err}
}

// batchEntry is what the server says of one item: a result or an error.
type batchEntry[T any] struct {
	head struct {
		Index *int            `json:"index"`
		Error json.RawMessage `json:"error"` // of any shape: an odd one must not cost the others their results
	}
	code, message string // of the error
	result        T
}

// UnmarshalJSON starts from nothing: where a body gives its items twice,
// encoding/json uses the entries again.
func (e *batchEntry[T]) UnmarshalJSON(data []byte) error {
	*e = batchEntry[T]{}
	if err := json.Unmarshal(data, &e.head); err != nil || e.failed() {
		e.code, e.message = decodeEnvelope(data)
		return err
	}
	return json.Unmarshal(data, &e.result)
}

func (e *batchEntry[T]) failed() bool {
	return len(e.head.Error) > 0 && string(e.head.Error) != "null"
}

// itemError is the error of one item.
type itemError struct {
	index int
	name  string
	err   error
}

func (e *itemError) Error() string {
	return fmt.Sprintf("nahook: item %d (%s): %s", e.index, transport.OneLine(e.name), strings.TrimPrefix(e.err.Error(), "nahook: "))
}

func (e *itemError) Unwrap() error { return e.err }
