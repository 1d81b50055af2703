// tap.mjs - the Test Anything Protocol, and waits with deadlines that NUDGED_TEST_SLOW stretches
import os from "node:os";
import {setTimeout as pause} from "node:timers/promises";

const SLOW = Number(process.env.NUDGED_TEST_SLOW || 1);
let told = 0, failed = 0;
const begin = performance.now();

export function note(words) {
	for (const line of String(words).split("\n"))
		console.log("# " + line);
}

export function ok(holds, name, why) {
	console.log((holds ? "ok " : "not ok ") + ++told + " - " + name);
	if (!holds) {
		failed++;
		if (why !== undefined)
			note(typeof why === "string" ? why : JSON.stringify(why));
	}
	return Boolean(holds);
}

export function same(got, want, name) {
	const a = JSON.stringify(got), b = JSON.stringify(want);
	return ok(a === b, name, "got  " + a + "\nwant " + b);
}

// Waits until what() is true, or says what it waited for in vain
export async function until(what, words, seconds = 30) {
	const end = performance.now() + seconds * SLOW * 1000;
	for (;;) {
		const value = await what();
		if (value)
			return value;
		if (performance.now() > end)
			throw new Error(words + ": not within " + seconds * SLOW + " s");
		await pause(50);
	}
}

// How many of something: NUDGED_TEST_<name>, else what is usual
export function count(name, usual) {
	return Number(process.env["NUDGED_TEST_" + name] || usual);
}

export async function story(name, tell) {
	note(name);
	try {
		await tell();
	} catch (error) {
		ok(false, name + ": came to its end", error.stack);
	}
}

export function end() {
	note(((performance.now() - begin) / 1000).toFixed(1) + " s");
	console.log("1.." + told);
	return failed ? 1 : 0;
}

// How busy the machine is, beside every figure of time
export const load = () => os.loadavg()[0].toFixed(1);
