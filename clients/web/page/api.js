// api.js - asks the server: every answer is a result or throws an Error with a sentence that people can use

export async function get(address, parameters) {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(parameters || {}))
		if (value !== null && value !== undefined && value !== "")
			query.set(name, value);
	const words = query.toString();
	return answer(await reach(address + (words ? "?" + words : ""), {}));
}

export async function post(address, body) {
	return answer(await reach(address, {
		method: "POST",
		headers: {"Content-Type": "application/json", "X-Nudge": "1"},
		body: JSON.stringify(body),
	}));
}

async function reach(address, options) {
	try {
		return await fetch(address, {credentials: "same-origin", cache: "no-store", ...options});
	} catch (error) {
		throw problem("nudge-web cannot be reached: " + error.message, "unreachable");
	}
}

async function answer(response) {
	let body;
	try {
		body = await response.json();
	} catch {
		throw problem(response.status === 401 ? "this browser has not come in: open the address that nudge-web printed"
			: "the server answered " + response.status, "http");
	}
	if (body && body.error)
		throw problem(body.error.message, body.error.data && body.error.data.kind, body.error.data);
	return body && "result" in body ? body.result : body;
}

function problem(words, kind, data) {
	const error = new Error(words);
	error.kind = kind;
	error.data = data;
	return error;
}

export function newKey() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
}

const URGENT = new Set(["run.abort", "rig.safe"]);
const KEYLESS = new Set(["lease.acquire", "lease.renew", "lease.release", ...URGENT]);

// Reads something
export function ask(method, params = {}) {
	return post("/api/call", {method, params});
}

// Changes something: one key for one wish, so that asking again after a lost answer acts once
export async function act(method, params = {}, more = {}) {
	const body = {method, params, ...more};
	if (!KEYLESS.has(method))
		body.key = newKey();
	for (let attempt = 1; ; attempt++) {
		try {
			return await post("/api/call", body);
		} catch (error) {
			const again = error.kind === "timed_out" || error.kind === "unreachable";
			if (!again || attempt === 3 || !(body.key || URGENT.has(method)))
				throw error;
			await new Promise(resolve => setTimeout(resolve, 300 * attempt));
		}
	}
}

// Columns of a run's steps: {n, every, next, columns: {name: list}}
export async function steps(run, parameters) {
	const result = await get("/api/steps", {run, ...parameters});
	const columns = {};
	for (const array of result.arrays)
		columns[array.name] = array.values;
	return {n: result.n, every: result.every, next: result.next, columns};
}
