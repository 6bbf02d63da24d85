package nahook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
)

// BatchResult is what became of the items of a batch.
type BatchResult[T any] struct {
	Items []BatchItem[T] // those that were given, in their order
}

// BatchItem is what became of one item: it has a Result or an Err.
type BatchItem[T any] struct {
	Result *T
	// Err names the item by its index and by its endpoint or event type. If the
	// server refused the item, it is an [*APIError] within; if the item's request
	// failed, it is that one's, in each of its items.
	Err error
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
func sendBatch[T any, R record[T], I any](ctx context.Context, api *transport.Transport, r transport.Request, items []I, prepare func(I) (any, string, error), opts []CallOption) (*BatchResult[T], error) {
	b := batch[T, R]{api: api, request: r, results: make([]BatchItem[T], len(items))}
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

func (b *batch[T, R]) add(item any, name string, err error) error {
	if err != nil {
		return err
	}
	encoded, err := transport.Encode(item)
	b.items, b.names = append(b.items, encoded), append(b.names, name)
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
	errs, responses := make([]error, len(requests)), make([]Response, len(requests))
	var running sync.WaitGroup
	slots := make(chan struct{}, maxRequests)
	for i, s := range requests {
		slots <- struct{}{}
		running.Go(func() {
			errs[i] = b.sendSome(ctx, s, append(opts[:len(opts):len(opts)], WithResponse(&responses[i])))
			<-slots
		})
	}
	running.Wait()
	if wanted != nil && len(responses) > 0 {
		*wanted = responses[len(responses)-1]
	}
	for _, err := range errs {
		if !unsent(err) {
			return nil
		}
	}
	return cmp.Or(errs...)
}

// unsent tells whether err proves that its request did not reach the server.
func unsent(err error) bool {
	var failed *TransportError
	return errors.As(err, &failed) && !failed.Sent || errors.Is(err, ErrInvalidArgument)
}

// sendSome makes one request. Its error is in each of the items, too.
func (b *batch[T, R]) sendSome(ctx context.Context, s span, opts []CallOption) error {
	answer, err := send(ctx, b.api, b.request.With(batchJSON{b.items[s.from:s.to]}), opts)
	if err == nil {
		if err = b.read(s, answer); err != nil {
			err = unreadable(b.api, b.request, answer, err)
		}
	}
	for i := s.from; err != nil && i < s.to; i++ {
		b.results[i] = BatchItem[T]{Err: b.failed(i, err)}
	}
	return err
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
		if refusal := entry.head.Error; refusal != nil {
			b.results[s.from+i].Err = b.failed(s.from+i, itemFailure(b.api, b.request, answer, refusal.Code, refusal.Message))
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
		Index *int `json:"index"`
		Error *struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	result T
}

func (e *batchEntry[T]) UnmarshalJSON(data []byte) error {
	return cmp.Or(json.Unmarshal(data, &e.head), json.Unmarshal(data, &e.result))
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
