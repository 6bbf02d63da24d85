// The event types that customers may see.
import { get } from "./api.js";
import * as session from "./session.js";

// getCatalog does not even ask where the catalog is hidden.
export function getCatalog(signal) {
	return session.application().showEventTypes ? get("/event-types", signal) : Promise.resolve([]);
}

export const byName = (a, b) => (a.name < b.name ? -1 : 1);

// grouped gives [group, types] pairs in alphabetical order. A group is what
// stands before the first dot.
export function grouped(types) {
	return [...Map.groupBy([...types].sort(byName), ({ name }) => name.split(".", 1)[0])];
}
