// settings.js - what somebody chose to see stands in the address: links can be shared, and a reload changes nothing

// The value of a name; with a third argument it becomes that
export function setting(name, usual, value) {
	const query = new URLSearchParams(location.search);
	if (value === undefined)
		return query.get(name) ?? usual;
	if (value === usual || value === null || value === "")
		query.delete(name);
	else
		query.set(name, value);
	const words = query.toString();
	history.replaceState(history.state, "", location.pathname + (words ? "?" + words : "") + location.hash);
	return value;
}
