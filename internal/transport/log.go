package transport

import (
	"log/slog"
	"time"
)

// What the log says of a call: what it is, never whom it is for or what it
// carries. The path is the template, without ids; there is no query, body or
// token.

func (c *call) logAttempt(took time.Duration) {
	a := &c.answer
	if !c.logs(slog.LevelDebug) {
		return
	}
	outcome := slog.Int("status", a.Status)
	if a.Err != nil {
		outcome = slog.String("error", OneLine(c.api.Scrub(a.Err.Error())))
	}
	c.log(slog.LevelDebug, "nahook: attempt", outcome, slog.Duration("duration", took), slog.String("request_id", a.RequestID))
}

func (c *call) logWait(wait time.Duration) {
	if c.logs(slog.LevelInfo) {
		c.log(slog.LevelInfo, "nahook: waiting to try again", slog.Duration("wait", wait))
	}
}

func (c *call) logs(level slog.Level) bool {
	return c.api.config.Log != nil && c.api.config.Log.Enabled(c.ctx, level)
}

func (c *call) log(level slog.Level, message string, attrs ...slog.Attr) {
	c.api.config.Log.LogAttrs(c.ctx, level, message, append([]slog.Attr{
		slog.String("operation", c.request.Name), slog.String("method", c.request.Method), slog.String("path", c.request.Template),
		slog.Int("attempt", c.answer.Attempts),
	}, attrs...)...)
}
