package store

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// outcomes counts what operations came to. A run in which something is never
// allowed, or never refused, would prove nothing of it.
type outcomes struct {
	mu    sync.Mutex
	count map[string]int
}

func (o *outcomes) add(r *run) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.count == nil {
		o.count = map[string]int{}
	}
	for outcome, n := range r.outcomes {
		o.count[outcome] += n
	}
}

func (o *outcomes) require(t *testing.T) {
	t.Helper()
	for operation, refusals := range expected {
		for _, refusal := range append(refusals, "") {
			outcome := operation + ": " + string(refusal)
			assert.GreaterOrEqual(t, o.count[outcome], 3, outcome)
		}
	}
}

// expected are the operations, and for what each of them has to be refused.
var expected = map[string][]refusal{
	"ImportApplication": {invalid, conflict + "An application with this externalId", conflict},
	"UpdateApplication": {invalid, noApplication}, "DeleteApplication": {noApplication}, "Applications": {noApplication},
	"CreateEndpoint": {invalid, noApplication, noEnvironment, conflict, "application_endpoint_limit_reached", "endpoint_limit_reached"},
	"UpdateEndpoint": {invalid, noEndpoint}, "RotateSecret": {noEndpoint}, "DeleteEndpoint": {noEndpoint}, "Endpoints": {noEndpoint},
	"ImportEventType": {invalid, conflict + "An event type with this name", conflict},
	"UpdateEventType": {invalid, noEventType}, "DeleteEventType": {noEventType}, "EventTypes": {noEventType},
	"ImportEnvironment": {invalid, conflict + "An environment with this slug", conflict, "environment_limit_reached"},
	"UpdateEnvironment": {invalid, noEnvironment}, "DeleteEnvironment": {noEnvironment, conflict + "The default environment"},
	"Environments": {noEnvironment}, "SetVisibility": {noEnvironment, noEventType},
	"Subscribe": {noEndpoint, noEventType}, "Unsubscribe": {noEndpoint, noSubscription}, "Subscriptions": {noEndpoint},
	"AddCredential": {noEnvironment, conflict}, "RevokeCLIToken": {"not_found: CLI token"},
	"Send": {invalid, noEndpoint, disabled}, "Trigger": {invalid, noEventType}, "TestDelivery": {noEndpoint, noEventType},
	"ImportDelivery": {noEndpoint, conflict}, "Deliveries": {noEndpoint}, "Delivery": {noDelivery},
	"RetryDelivery":       {noDelivery, conflict + "Only failed and dead_letter", conflict + "Endpoint is deleted", disabled},
	"CreatePortalSession": {invalid, noApplication}, "Exchange": {badCode, "feature_disabled: Developer Portal"},
	"Portal": {"unauthorized: Invalid token", "session_expired: "}, "portalReads": {noApplication, noEndpoint},
	"Portal.CreateEndpoint": {invalid, noApplication, noEventType, "forbidden: ", "application_endpoint_limit_reached", "endpoint_limit_reached"},
	"Portal.UpdateEndpoint": {invalid, noEndpoint}, "Portal.DeleteEndpoint": {noEndpoint}, "Portal.RevealSecret": {noEndpoint},
	"Portal.Subscribe": {noEndpoint, noEventType, "forbidden: "}, "Portal.Unsubscribe": {noEndpoint, noSubscription},
	"Portal.TestDelivery": {noEndpoint, noEventType}, "Portal.Deliveries": {noEndpoint, noDelivery},
}
