package delivery

import (
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Message is one attempt to deliver.
type Message struct {
	URL    string
	Header http.Header // with canonical names; it is not changed
	Body   []byte
	Now    domain.Time   // the workspace's, which dates in answers are compared with
	Limit  time.Duration // for an attempt that may take less time than others; 0 for no such limit
}

func (m Message) within(limit time.Duration) time.Duration {
	if m.Limit > 0 {
		return min(m.Limit, limit)
	}
	return limit
}

// Sender makes attempts over sockets.
type Sender struct {
	egress      Egress
	machine     Machine
	limit       time.Duration
	transport   func() *http.Transport // made when first asked for
	attempts    *life
	roots       *x509.CertPool // nil for the machine's
	connections *life          // from before they are dialled until net/http has closed them
}

// NewSender makes a sender whose attempts may take as long as limit each.
func NewSender(egress Egress, machine Machine, limit time.Duration) *Sender {
	s := &Sender{egress: egress, machine: machine, limit: limit, attempts: newLife(), connections: newLife()}
	s.transport = sync.OnceValue(func() *http.Transport { return newTransport(s.dial, s.dialTLS) })
	return s
}

// Send makes an attempt. It ends early with ctx and with the sender.
func (s *Sender) Send(ctx context.Context, m Message) domain.Outcome {
	if !s.attempts.enter() {
		return domain.Outcome{Failure: failureCancelled}
	}
	defer s.attempts.leave()
	u, err := url.Parse(m.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return domain.Outcome{Failure: failureURL}
	}
	switch s.egress.route(hostAndPort(u)) {
	case refused:
		return domain.Outcome{Failure: failureRefused}
	case accepted:
		return domain.Outcome{StatusCode: http.StatusOK}
	}
	return s.send(ctx, u, m)
}

func (s *Sender) send(ctx context.Context, u *url.URL, m Message) domain.Outcome {
	took := s.machine.Stopwatch()
	limit := m.within(s.limit)
	ctx, cancel := s.attempts.begin(ctx, s.machine, limit)
	defer cancel()
	o := domain.Outcome{}
	if err := s.exchange(ctx, u, m, &o); err != nil {
		o.Failure = failure(ctx, limit, err)
	}
	o.Took = took()
	return o
}

// exchange uses the transport without a client, which would follow redirects.
func (s *Sender) exchange(ctx context.Context, u *url.URL, m Message, o *domain.Outcome) error {
	once := &sending{body: m.Body}
	response, err := s.transport().RoundTrip(once.request(ctx, u, m.Header))
	if err != nil {
		return once.explain(err)
	}
	defer response.Body.Close()
	o.StatusCode = response.StatusCode
	if err := discard(response); err != nil {
		return err
	}
	settle(o, response.Header.Get("Retry-After"), m.Now)
	return nil
}

// discard reads to the end, which is what makes a connection fit for reuse.
func discard(response *http.Response) error {
	if response.StatusCode == http.StatusSwitchingProtocols {
		return nil // what follows is no answer, and may never end
	}
	n, err := io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer+1))
	if n > maxAnswer {
		return errTooLong
	}
	return err
}

// Close cancels the attempts, and waits for them and for every connection.
func (s *Sender) Close() {
	s.attempts.close()
	s.transport().CloseIdleConnections()
	s.connections.close()
}
