package delivery

import (
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Answered is how an attempt ends that gets an answer of size bytes, which is
// said to have taken some time.
func Answered(m Message, status int, retryAfter string, size int, took time.Duration) domain.Outcome {
	o := domain.Outcome{StatusCode: status, Took: took}
	if size > maxAnswer {
		o.Failure = failureTooLong
		return o
	}
	settle(&o, retryAfter, m.Now)
	return o
}

// TimedOut is how an attempt ends that gets no answer within its limit.
func TimedOut(m Message) domain.Outcome {
	return domain.Outcome{Failure: failureLate(m.Limit), Took: m.Limit}
}

// HungUp is how an attempt ends whose connection is dropped.
func HungUp(took time.Duration) domain.Outcome {
	return domain.Outcome{Failure: failureReset, Took: took}
}

// Unintelligible is how an attempt ends whose answer is no HTTP.
func Unintelligible() domain.Outcome { return domain.Outcome{Failure: failureNotHTTP} }
