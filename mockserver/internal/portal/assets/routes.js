// The views by their paths. A view that changes something names what it takes;
// the server asks for the same.
import { viewDeliveries } from "./view-deliveries.js";
import { viewDelivery } from "./view-delivery.js";
import { viewEndpoint } from "./view-endpoint.js";
import { editEndpoint } from "./view-endpoint-edit.js";
import { newEndpoint } from "./view-endpoint-new.js";
import { testEndpoint } from "./view-endpoint-test.js";
import { viewEndpoints } from "./view-endpoints.js";
import { viewEvents } from "./view-events.js";

export const routes = [
	{ path: ["endpoints"], section: "endpoints", view: viewEndpoints },
	{ path: ["endpoints", "new"], section: "endpoints", view: newEndpoint, needs: "endpoints:write" },
	{ path: ["endpoints", ":id"], section: "endpoints", view: viewEndpoint },
	{ path: ["endpoints", ":id", "edit"], section: "endpoints", view: editEndpoint, needs: "endpoints:write" },
	{ path: ["endpoints", ":id", "test"], section: "endpoints", view: testEndpoint, needs: "endpoints:write" },
	{ path: ["endpoints", ":id", "deliveries"], section: "endpoints", view: viewDeliveries },
	{ path: ["deliveries", ":id"], section: "endpoints", view: viewDelivery },
	{ path: ["events"], section: "events", view: viewEvents },
];
