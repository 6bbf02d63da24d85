package conformance

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// signingKey is what a secret signs with; nil if it is no secret.
func signingKey(secret string) []byte {
	encoded, ok := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return nil
	}
	return key
}

// signature is what a webhook with this secret must carry.
func signature(secret, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, signingKey(secret))
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// attempted gives a delivery whose first attempt has been made. Cases do not
// wait for one.
func (p *probe) attempted(id string) response {
	res := p.get("/deliveries/" + escaped(id)).is(200)
	if status := res.at("status"); status == "pending" || status == "delivering" {
		p.lacks("attempt that is made before its delivery can be read")
	}
	return res
}

const payload = `{"order":"ord_1","amount":49.90,"name":"café"}`

// delivered sends to a new endpoint with a receiver of the target, and gives the
// request that came.
func (p *probe) delivered(status int, members string) (hook Webhook, endpoint response, deliveryID string) {
	receiver := p.receiver(status)
	endpoint = p.post("/endpoints", object(`"url":`+quoted(receiver.URL), p.inEnvironment(), members))
	deliveryID = p.ingestion().post("/"+endpoint.created(), `{"payload":`+payload+`}`).is(202).text("deliveryId")
	p.attempted(deliveryID)
	return p.webhook(receiver), endpoint, deliveryID
}

// arrived wants something of a webhook.
func (p *probe) arrived(claim bool, want, got string) {
	if !claim {
		p.fail(fmt.Errorf("the webhook that arrived: want %s; got %q", want, got))
	}
}

func delivering() []Case {
	return []Case{
		documented("delivering.request", "A webhook is a POST of the payload's exact bytes as application/json.", func(p *probe) {
			hook, _, _ := p.delivered(200, "")
			p.arrived(hook.Method == "POST", "POST", hook.Method)
			p.arrived(string(hook.Body) == payload, payload, string(hook.Body))
			p.arrived(hook.Header.Get("Content-Type") == "application/json", "application/json", hook.Header.Get("Content-Type"))
		}),
		documented("delivering.headers", "A webhook has the headers webhook-id, webhook-timestamp and webhook-signature.", func(p *probe) {
			hook, _, _ := p.delivered(200, "")
			id, signed := hook.Header.Get("Webhook-Id"), hook.Header.Get("Webhook-Signature")
			p.arrived(strings.HasPrefix(id, "msg_"), "a webhook-id that begins with msg_", id)
			p.arrived(strings.HasPrefix(signed, "v1,"), "a webhook-signature that begins with v1,", signed)
		}),
		documented("delivering.timestamp", "webhook-timestamp is the attempt's time in unix seconds.", func(p *probe) {
			hook, _, id := p.delivered(200, "")
			made := p.get("/deliveries/" + escaped(id) + "/attempts").is(200).text("0.createdAt")
			at, err := time.Parse(time.RFC3339, made)
			seconds, _ := strconv.ParseInt(hook.Header.Get("Webhook-Timestamp"), 10, 64)
			p.arrived(err == nil && max(seconds-at.Unix(), at.Unix()-seconds) <= 1, "a webhook-timestamp of "+made, hook.Header.Get("Webhook-Timestamp"))
		}),
		documented("delivering.signature", "The signature is the HMAC-SHA256 of id, timestamp and body, joined by dots, under the decoded secret.", func(p *probe) {
			hook, endpoint, _ := p.delivered(200, "")
			h := hook.Header
			want := signature(endpoint.text("secret"), h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), hook.Body)
			p.arrived(h.Get("Webhook-Signature") == want, "the signature "+want, h.Get("Webhook-Signature"))
		}),
		documented("delivering.basic-auth", "A webhook to an endpoint with user name and password has HTTP basic authentication.", func(p *probe) {
			hook, _, _ := p.delivered(200, `"authUsername":"acme","authPassword":"hunter2"`)
			p.arrived(hook.Header.Get("Authorization") == "Basic YWNtZTpodW50ZXIy", "the endpoint's credentials", "others")
		}),
		own("delivering.user-agent", "A webhook's user-agent is Nahook-Webhooks/1.0.", func(p *probe) {
			hook, _, _ := p.delivered(200, "")
			p.arrived(hook.Header.Get("User-Agent") == "Nahook-Webhooks/1.0", "Nahook-Webhooks/1.0", hook.Header.Get("User-Agent"))
		}),
		documented("delivering.success", "A 2xx makes the delivery delivered.", func(p *probe) {
			_, _, id := p.delivered(204, "")
			p.get("/deliveries/"+escaped(id)).is(200).has("status", `"delivered"`).has("totalAttempts", "1").has("nextRetryAt", "null").
				matches("firstAttemptAt", timestamp).matches("deliveredAt", timestamp)
			p.get("/deliveries/"+escaped(id)+"/attempts").is(200).part("0").has("status", `"success"`).has("responseStatusCode", "204").
				has("errorMessage", "null")
		}),
		documented("delivering.failure", "An answer that is no 2xx fails the attempt, and another is scheduled.", func(p *probe) {
			_, _, id := p.delivered(503, "")
			p.get("/deliveries/"+escaped(id)).is(200).has("status", `"scheduled_retry"`).has("totalAttempts", "1").has("deliveredAt", "null").
				matches("nextRetryAt", timestamp)
			p.get("/deliveries/"+escaped(id)+"/attempts").is(200).part("0").has("status", `"failed"`).has("responseStatusCode", "503")
		}),
		own("delivering.redirect", "A redirect is not followed, and fails the attempt.", func(p *probe) {
			_, _, id := p.delivered(302, "")
			p.get("/deliveries/"+escaped(id)).is(200).has("status", `"scheduled_retry"`)
		}),
		own("delivering.gone", "410 gives the delivery up.", func(p *probe) {
			_, _, id := p.delivered(410, "")
			p.get("/deliveries/"+escaped(id)).is(200).has("status", `"failed"`).has("nextRetryAt", "null")
		}),
		documented("delivering.slack", "A Slack endpoint gets an unsigned message.", func(p *probe) {
			hook := p.slack(`{"text":"An order was placed"}`)
			p.arrived(hook.Header.Get("Webhook-Signature") == "", "no signature", hook.Header.Get("Webhook-Signature"))
			p.arrived(strings.HasPrefix(string(hook.Body), `{"text":`), `{"text":…}`, string(hook.Body))
		}),
		own("delivering.slack-text", "A Slack message is the payload's text, or else the payload as compact JSON.", func(p *probe) {
			for given, want := range map[string]string{
				`{"text":"An order was placed"}`: `{"text":"An order was placed"}`,
				`{"order": "ord_1"}`:             `{"text":"{\"order\":\"ord_1\"}"}`,
			} {
				hook := p.slack(given)
				p.arrived(string(hook.Body) == want, want, string(hook.Body))
			}
		}),
		inferred("delivering.unreachable", "An endpoint that cannot be reached fails the attempt, without a response status.", func(p *probe) {
			id := p.sent(p.sink())
			p.attempted(id).has("status", `"scheduled_retry"`).has("totalAttempts", "1")
			p.get("/deliveries/"+escaped(id)+"/attempts").is(200).part("0").has("status", `"failed"`).has("responseStatusCode", "null").text("errorMessage")
		}),
		documented("delivering.hidden-catalog", "An application that hides event types keeps the deliveries of its subscriptions.", func(p *probe) {
			app := p.application("")
			endpoint := p.post(app+"/endpoints", object(`"url":"`+nowhere+`"`, p.inEnvironment())).created()
			eventType := p.eventType()
			p.subscribe(endpoint, eventType.id)
			p.patch(app, `{"showEventTypes":false}`).is(200)
			res := p.ingestion().post("/event/"+eventType.name, `{"payload":{}}`).is(202)
			res.expect(res.count("deliveryIds") == 1, "one delivery")
		}),
		documented("delivering.hidden-catalog-management", "The management API can subscribe an application's endpoint to anything, also when the catalog is hidden.", func(p *probe) {
			endpoint := p.post(p.application(`"showEventTypes":false`)+"/endpoints", `{"url":"`+nowhere+`"}`).created()
			p.subscribe(endpoint, p.eventType().id)
		}),
	}
}

// slack sends to a new Slack endpoint and gives the message that came.
func (p *probe) slack(payload string) Webhook {
	receiver := p.receiver(200)
	endpoint := p.post("/endpoints", object(`"type":"slack","config":{"webhookUrl":`+quoted(receiver.URL)+`}`, p.inEnvironment())).created()
	p.attempted(p.ingestion().post("/"+endpoint, `{"payload":`+payload+`}`).is(202).text("deliveryId"))
	return p.webhook(receiver)
}
