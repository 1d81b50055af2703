// where.js - what stands in the history page's field, as the filter that the server understands (docs/PROTOCOL.md); and its orders

export const FIELDS = ["run", "name", "task", "kind", "status", "rig", "backend", "seed", "submitted_utc", "started_utc", "ended_utc", "steps", "edges",
	"mse_first_V2", "mse_last_V2", "mse_min_V2", "mse_final_V2", "test_first_V2", "test_best_V2", "test_final_V2", "accuracy_best", "accuracy_final",
	"eta", "p", "tau_s", "capacitance_F", "tag", "star", "note", "reason", "version", "who", "log", "uuid"];

// A word that stands alone is no filter: it is looked for in names, tasks, notes and tags
export function filterOf(words) {
	const text = words.trim(), quoted = /^(?:'([^']+)'|"([^"]+)")$/.exec(text);
	const word = quoted ? quoted[1] || quoted[2] : /^[^\s=<>!~'"()]+$/.test(text) && !FIELDS.includes(text) ? text : null;
	if (word === null)
		return text;
	const quote = "'" + word.replaceAll("'", "''") + "'";
	return ["name", "task", "note"].map(name => name + " ~ " + quote).join(" or ") + " or tag = " + quote + (/^\d{1,15}$/.test(word) ? " or run = " + word : "");
}

// "mse_final_V2-", as the address has it, is "mse_final_V2 desc"
export function orderOf(sort) {
	const down = sort.endsWith("-"), name = sort.replace(/-$/, "");
	return name === "run" ? down ? "newest" : "oldest" : name + (down ? " desc" : " asc");
}

// Where a refusal points at: what stands before the place, the character there, and what stands behind it
export function pointed(text, position) {
	const letters = [...text], at = Math.max(0, Math.min(letters.length, position - 1));
	return [letters.slice(0, at).join(""), letters[at] || "\u00a0", letters.slice(at + 1).join("")];
}
