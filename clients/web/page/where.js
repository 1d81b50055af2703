// where.js - the words by which the history page chooses runs, as a test of one run
//
// "iris" is in the name, task, tags or note. "status:done", "tag:first" say where. "steps>100", "mse_final_V2<=0.01" compare, "star" is a
// mark, "-" before a word turns it round. All words must hold.

const TEXT = ["name", "task", "kind", "status", "note", "rig", "who"];
const COMPARE = /^([A-Za-z_0-9]+)(<=|>=|!=|<|>|=)(.+)$/;

export function compile(words) {
	const tests = (words.match(/-?[A-Za-z_0-9]+:"[^"]*"|-?"[^"]*"|\S+/g) || []).map(one);
	return run => tests.every(test => test(run));
}

function one(word) {
	if (word.length > 1 && word[0] === "-") {
		const test = one(word.slice(1));
		return run => !test(run);
	}
	const compare = COMPARE.exec(word);
	if (compare)
		return comparison(compare[1], compare[2], bare(compare[3]));
	if (word === "star")
		return run => Boolean(run.star);
	const colon = word.indexOf(":");
	if (colon > 0) {
		const name = word.slice(0, colon), want = bare(word.slice(colon + 1)).toLowerCase();
		if (name === "tag")
			return run => (run.tags || []).some(tag => tag.toLowerCase() === want);
		return run => String(run[name] ?? "").toLowerCase().includes(want);
	}
	const want = bare(word).toLowerCase();
	return run => TEXT.some(name => run[name] && run[name].toLowerCase().includes(want)) || String(run.run) === want ||
		(run.tags || []).some(tag => tag.toLowerCase().includes(want));
}

function bare(word) {
	return word.replace(/^"|"$/g, "");
}

function comparison(name, sign, text) {
	const number = Number(text), numeric = Number.isFinite(number);
	return run => {
		const value = run[name];
		if (value === null || value === undefined)
			return false;
		const a = numeric ? Number(value) : String(value), b = numeric ? number : text;
		return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b, "=": a === b, "!=": a !== b}[sign];
	};
}

// By a column, downwards with "-" behind its name; what is missing comes last either way; equal ones by number, the newest first
export function sorted(runs, order) {
	const down = order.endsWith("-"), name = order.replace(/-$/, "");
	const sign = down ? -1 : 1;
	return runs.sort((one, other) => {
		const a = one[name], b = other[name];
		if (a === b)
			return other.run - one.run;
		if (a === null || a === undefined)
			return 1;
		if (b === null || b === undefined)
			return -1;
		return a < b ? -sign : sign;
	});
}
