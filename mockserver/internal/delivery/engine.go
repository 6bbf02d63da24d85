// Package delivery makes attempts: it signs, sends within the egress guard, and
// brings what came of it back to the store, on a clock that stands still or on one
// that runs.
package delivery

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// Timeout is how long an attempt may take, its whole response included.
const Timeout = 15 * time.Second

// Receiver takes messages without a network. The secrets are those that the
// message is signed with; none if it is not.
type Receiver func(ctx context.Context, m Message, secrets []string) domain.Outcome

// Config is what an [Engine] is made of.
type Config struct {
	Rows     *store.Workspace
	Machine  Machine
	Egress   Egress
	Handlers *Handlers                  // what receivers run; closed with the engine
	Receiver func(host string) Receiver // nil where there is none
	Report   func(text string)          // takes mistakes of the test
	// Attempt makes an attempt, of which send is the part that reaches the receiver,
	// and gives its outcome to finish.
	Attempt func(job store.Job, m Message, secrets []string, send func(Message) domain.Outcome, finish func(domain.Outcome) *domain.Delivery) *domain.Delivery
	Log     *slog.Logger
	// Move sets a clock that stands still, and is nil for one that runs.
	Move func(domain.Time)
	// AfterFunc calls f when d of a running clock has passed.
	AfterFunc func(d time.Duration, f func()) (stop func() bool)
}

// Engine makes the attempts of one workspace. While one is under way no lock is
// held, so receivers may call the server.
type Engine struct {
	Config
	sender *Sender

	moving sync.Mutex // held by who moves the clock

	mu      sync.Mutex
	changed sync.Cond // of flying
	flying  int       // deliveries that somebody works on
	background
}

// New makes an engine. It starts nothing.
func New(c Config) *Engine {
	e := &Engine{Config: c, sender: NewSender(c.Egress, c.Machine, Timeout)}
	e.changed.L = &e.mu
	return e
}

// Deliver makes the first attempt at each of rows, in their order: before it
// returns if the clock stands still, else soon.
func (e *Engine) Deliver(rows []*domain.Delivery) {
	if e.Move == nil {
		e.enqueue(rows)
		return
	}
	e.fly(len(rows))
	for _, row := range rows {
		e.land(row, Timeout)
	}
}

// Attempt makes the first attempt at a delivery, within limit, and gives the
// delivery as it is then.
func (e *Engine) Attempt(row *domain.Delivery, limit time.Duration) *domain.Delivery {
	e.fly(1)
	return e.land(row, limit)
}

// land makes the first attempt at a delivery that flies.
func (e *Engine) land(row *domain.Delivery, limit time.Duration) *domain.Delivery {
	defer e.fly(-1)
	job, ok := e.Rows.Begin(row)
	if !ok {
		return row
	}
	return e.attempt(job, limit)
}

func (e *Engine) fly(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.flying += n
	e.changed.Broadcast()
}

func (e *Engine) attempt(job store.Job, limit time.Duration) *domain.Delivery {
	m, secrets := message(job)
	m.Limit = limit
	send := func(m Message) domain.Outcome { return e.send(job, m, secrets) }
	return e.Config.Attempt(job, m, secrets, send, func(o domain.Outcome) *domain.Delivery {
		if Refused(o) {
			e.Report("the endpoint " + job.Endpoint.ID + " cannot be reached: " + o.Failure + ", and a Receiver needs neither")
		}
		d := e.Rows.Finish(job, o)
		e.log(d, o)
		return d
	})
}

func (e *Engine) log(d *domain.Delivery, o domain.Outcome) {
	if ctx := context.Background(); e.Log.Enabled(ctx, slog.LevelInfo) {
		e.Log.InfoContext(ctx, "delivery.attempt", "delivery", d.ID, "endpoint", d.EndpointID, "attempt", len(d.Attempts),
			"responseStatus", o.StatusCode, "failure", o.Failure, "status", string(d.Status))
	}
}

func (e *Engine) send(job store.Job, m Message, secrets []string) domain.Outcome {
	if job.Endpoint.Accepts {
		return domain.Outcome{StatusCode: http.StatusOK}
	}
	if u, err := url.Parse(m.URL); err == nil {
		if receive := e.Receiver(u.Host); receive != nil {
			return receive(context.Background(), m, secrets)
		}
	}
	return e.sender.Send(context.Background(), m)
}

// message is what an attempt sends, and the secrets that it is signed with.
func message(job store.Job) (Message, []string) {
	d, endpoint := job.Delivery, job.Endpoint
	m := Message{URL: endpoint.Target(), Body: d.Payload, Now: d.UpdatedAt}
	if m.Body == nil {
		m.Body = []byte("{}")
	}
	if endpoint.Type == domain.Slack {
		m.Body, m.Header = slackMessage(m.Body), Unsigned()
		return m, nil
	}
	secrets := endpoint.Secrets(m.Now)
	m.Header = Signed(d.MessageID, m.Now, m.Body, secrets...)
	if endpoint.AuthUsername != "" {
		credentials := endpoint.AuthUsername + ":" + endpoint.AuthPassword
		m.Header["Authorization"] = []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))}
	}
	return m, secrets
}

type slackJSON struct {
	Text string `json:"text"`
}

// slackMessage says what a payload has to say: its text, or all of it.
func slackMessage(payload []byte) []byte {
	var members map[string]json.RawMessage
	var text *string
	if json.Unmarshal(payload, &members) != nil || json.Unmarshal(members["text"], &text) != nil || text == nil {
		all := compact(payload)
		text = &all
	}
	var message bytes.Buffer
	encoder := json.NewEncoder(&message)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(slackJSON{*text}); err != nil {
		panic(err) // a string can be encoded
	}
	return bytes.TrimSuffix(message.Bytes(), []byte("\n"))
}

// compact writes a payload without the space between its parts. It was checked
// when it was accepted.
func compact(payload []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, payload); err != nil {
		panic(err)
	}
	return b.String()
}

// Stop ends the attempts under way, and begins no others.
func (e *Engine) Stop() {
	e.stop()
	e.Handlers.running.stop()
	e.sender.attempts.stop()
}

// Close stops the engine and waits for its attempts. Of several engines all are
// stopped first: a handler of one may wait for an attempt of another.
func (e *Engine) Close() {
	e.Stop()
	e.Handlers.Close()
	e.sender.Close()
	e.workers.Wait()
}
