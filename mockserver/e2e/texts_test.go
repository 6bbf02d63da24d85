package e2e_test

// What the pages say. It is here once, so that a change of words is a change of
// one line.
const (
	usedLink         = "This link has expired or was already used."
	sessionEnded     = "Session ended"
	noPermission     = "No permission"
	emptyLead        = "No endpoints yet: add one to receive events as HTTP requests."
	copied           = "Copied"
	pressToCopy      = "Press Ctrl+C"
	saysDelivered    = "Delivered: 200 from your server"
	saysBroken       = "500 from your server"
	saysRefused      = "Connection refused"
	saysTimedOut     = "Timed out"
	restarted        = "The list has changed since it was loaded."
	noDeadLetters    = "No delivery has used up all its attempts in the last 7 days."
	capZero          = "Endpoints cannot be added"
	capReached       = "limit is reached"
	capHit           = "The endpoint limit of this application is reached. Your input is kept"
	deleteTitle      = "Delete this endpoint?"
	confirmation     = "Delete endpoint"
	copySecret       = "Copy: the signing secret"
	copyPayload      = "Copy: the payload"
	urlField         = "URL"
	descriptionField = "Description (optional)"
	payloadField     = "Payload"
	deliveryRows     = "Deliveries, newest first"
	addEndpoint      = "Add endpoint"
	endpointAdded    = "Endpoint added"
	loadOlder        = "Load older"
	sendTest         = "Send test"
	testTitle        = "Send a test"
)
