package transport

import (
	"time"
)

// Call is what an observer is told before the first attempt.
type Call struct {
	Operation string
	Method    string
	Path      string // the template
	URL       string // without query
}

// Attempt is what an observer is told after each attempt.
type Attempt struct {
	Number     int
	StatusCode int   // 0 if no response arrived
	Err        error // nil if a response arrived
	RequestID  string
	Duration   time.Duration
}

// Observer follows one call. What is nil is not called.
type Observer struct {
	Attempt func(Attempt)
	Wait    func(time.Duration)
	End     func(error)
}

// observe tells the observers that the call begins; the context of the last one
// is the call's.
func (c *call) observe() {
	if len(c.api.config.Observe) == 0 {
		return
	}
	about := Call{c.request.Name, c.request.Method, c.request.Template, c.api.Scrub(c.api.config.Base.Scheme + "://" + c.api.config.Base.Host + c.url.EscapedPath())}
	for _, start := range c.api.config.Observe {
		ctx, observer := start(c.ctx, about)
		if ctx != nil {
			c.ctx = ctx
		}
		c.answer.observers = append(c.answer.observers, observer)
	}
}

func (c *call) observeAttempt(took time.Duration) {
	a := &c.answer
	for _, o := range a.observers {
		if o.Attempt != nil {
			o.Attempt(Attempt{a.Attempts, a.Status, a.Err, a.RequestID, took})
		}
	}
}

func (c *call) observeWait(wait time.Duration) {
	for _, o := range c.answer.observers {
		if o.Wait != nil {
			o.Wait(wait)
		}
	}
}

// End tells the observers how the call ended, which its caller alone knows: the
// innermost first, as theirs began last.
func (a *Answer) End(err error) {
	for i := len(a.observers) - 1; i >= 0; i-- {
		if end := a.observers[i].End; end != nil {
			end(err)
		}
	}
}
