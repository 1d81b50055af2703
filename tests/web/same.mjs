// same.mjs - one run seen by the page, the terminal, Python and sqlite3: the same numbers at the same steps, to the bit; although the daemon is
// killed and the page sleeps meanwhile. Reals are compared as the sixteen digits of their bytes, little-endian, as the database keeps arrays.
import {execFileSync, spawn} from "node:child_process";
import path from "node:path";
import {Lab, build, openPage, python, submit, task, top} from "./lab.mjs";
import {count, note, ok, same as equal, story, until} from "./tap.mjs";

const SLEEP_S = count("SLEEP_S", 4);
const COLUMNS = ["mse_V2", "rev", "wiper", "v_free_V", "v_clamped_V"];

function hex(values) {
	const bytes = Buffer.alloc(8 * values.length);
	values.forEach((value, i) => bytes.writeDoubleLE(value, 8 * i));
	return bytes.toString("hex");
}

// {step: {mse_V2, rev, wiper, v_free_V, v_clamped_V}} of lists by name
const row = values => ({mse_V2: hex([values.mse_V2].flat()), rev: Number([values.rev].flat()[0]), wiper: values.wiper.map(Number), v_free_V: hex(values.v_free_V), v_clamped_V: hex(values.v_clamped_V)});

// CSV whose arrays have a column an item: NAME[ITEM], as the page's download, or NAME_ITEM, as nudgectl's
function fromCsv(text) {
	const [head, ...lines] = text.trim().split(/\r?\n/), names = head.split(",").map(name => {
		const found = /^(.*?)(?:\[\d+\]|_\d+)?$/.exec(name);
		return COLUMNS.includes(name) ? name : found[1];
	});
	const rows = {};
	for (const line of lines) {
		const values = {};
		line.split(",").forEach((word, i) => (values[names[i]] ||= []).push(Number(word)));
		rows[values.step[0]] = row(values);
	}
	return rows;
}

// sqlite3 itself, with its own words for the bytes of a real (which come the other way round)
function fromSqlite(lab, run) {
	const ask = question => execFileSync("sqlite3", ["-json", "-readonly", lab.db, question], {maxBuffer: 1 << 28}).toString();
	const turn = text => text.toLowerCase().match(/../g).reverse().join("");
	const rows = {};
	for (const one of JSON.parse(ask("select step, hex(ieee754_to_blob(mse_V2)) mse, rev, hex(wiper) wiper, lower(hex(v_free_V)) free, lower(hex(v_clamped_V)) clamped from steps where run = " + run)))
		rows[one.step] = {mse_V2: turn(one.mse), rev: one.rev, wiper: [...Buffer.from(one.wiper, "hex")], v_free_V: one.free, v_clamped_V: one.clamped};
	return {rows, params: JSON.parse(ask("select rev, from_step, hex(ieee754_to_blob(eta)) eta, hex(ieee754_to_blob(p)) p from params where run = " + run + " order by rev"))
		.map(({rev, from_step, eta, p}) => [rev, from_step, turn(eta), turn(p)]),
	tests: JSON.parse(ask("select step, \"set\" name, hex(ieee754_to_blob(error_V2)) error from tests where run = " + run + " order by step, name") || "[]").map(({step, name, error}) => [step, name, turn(error)])};
}

const paramsOf = list => list.map(({rev, from_step, eta, p}) => [rev, from_step || 0, hex([eta]), hex([p])]);
const testsOf = list => list.map(test => [test.step, test.set, hex([test.error_V2])]).sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
const ctl = (lab, ...words) => execFileSync(path.join(build, "nudgectl"), ["--to", "ipc://" + lab.dir, ...words], {maxBuffer: 1 << 28}).toString();
const asked = (lab, ...words) => execFileSync(python, ["-B", path.join(top, "tests/web/same.py"), "ipc://" + lab.dir, ...words.map(String)], {maxBuffer: 1 << 28}).toString();

// Programs that listen all the while: their words when they have ended, or were told to
function listen(program, options) {
	const process = spawn(program, options, {stdio: ["ignore", "pipe", "inherit"]});
	const one = {said: "", ended: false, stop: () => process.kill("SIGINT")};
	process.stdout.on("data", data => { one.said += data; });
	process.on("close", () => { one.ended = true; });
	return one;
}

function fromWatch(said, run) {
	const rows = {};
	for (const line of said.trim().split("\n")) {
		const record = JSON.parse(line);
		if (record.kind !== "step" || record.run !== run)
			continue;
		for (let i = 0; i < record.n; i++)
			rows[record.step + i] = row(Object.fromEntries(COLUMNS.map(name => [name, record.values[name][i]])));
	}
	return rows;
}

// What the page itself has: the model that its panels draw, by the hook of docs/WEB.md
const fromPage = page => page.evaluate(() => {
	const {model} = window.nudge, {series, rows, rig, latest} = model;
	return {mse: Array.from(series.mse.subarray(0, series.length)), rev: Array.from(series.rev.subarray(0, series.length)), have: Array.from(series.have.subarray(0, series.length)),
		taps: rows.step.map((step, i) => [step, rows.r[i] && Array.from(rows.r[i], ohm => Math.round((ohm - rig.r_min_ohm) / rig.r_step_ohm))]),
		params: model.revisions, tests: model.tests, latest: latest && {step: latest.step, v_free_V: latest.v_free_V, v_clamped_V: latest.v_clamped_V}, missing: series.missing(10)};
});

// Of each step that the database has, what others have of it; steps that never came to the disk may have been seen
function compare(who, got, want) {
	const wrong = Object.keys(want).filter(step => JSON.stringify(got[step]) !== JSON.stringify(want[step]));
	ok(wrong.length === 0, who + ": all " + Object.keys(want).length + " steps as sqlite3 has them, to the bit", wrong.length + " differ, first " + wrong[0] + "\ngot  " + JSON.stringify(got[wrong[0]]) + "\nwant " + JSON.stringify(want[wrong[0]]));
}

async function compareAll(lab, page, run, words) {
	const {rows, params, tests} = fromSqlite(lab, run), steps = Object.keys(rows).length, name = words + ", ";
	const here = await fromPage(page);
	equal(here.missing, [], name + "the page: no gap is left");
	equal(hex(here.mse), Object.values(rows).map(({mse_V2}) => mse_V2).join(""), name + "the page's model: " + steps + " errors equal sqlite3's, to the bit");
	equal(here.rev, Object.values(rows).map(({rev}) => rev), name + "and each step's revision of the parameters");
	equal([paramsOf(here.params), testsOf(here.tests)], [params, tests], name + "and eta and p of " + params.length + " revisions, and " + tests.length + " test errors");
	const taps = here.taps.filter(([step, list]) => list && rows[step]);
	ok(taps.length > 10 && taps.every(([step, list]) => JSON.stringify(list) === JSON.stringify(rows[step].wiper)), name + "and the taps at the " + taps.length + " steps whose edges it shows");
	const {latest} = here, at = latest && rows[latest.step];
	equal(latest && [hex(latest.v_free_V), hex(latest.v_clamped_V)], at && [at.v_free_V, at.v_clamped_V], name + "and the voltages in its picture are those of the last step");
	equal(latest && latest.step, steps - 1, name + "which is step " + (steps - 1));
	compare(name + "what the page downloads", fromCsv(await page.evaluate(async k => (await fetch("/api/download?run=" + k + "&format=csv")).text(), run)), rows);
	compare(name + "nudgectl steps", fromCsv(ctl(lab, "steps", run, "--csv", "--columns", "step," + COLUMNS.join(","))), rows);
	const shown = JSON.parse(ctl(lab, "show", run, "--json"));
	equal([paramsOf(shown.params), testsOf(shown.tests)], [params, tests], name + "nudgectl show: the same parameters and test errors");
	const past = JSON.parse(asked(lab, run, "past"));
	compare(name + "Python", past.rows, rows);
	equal([paramsOf(past.params), testsOf(past.tests)], [params, tests], name + "Python: the same parameters and test errors");
	return rows;
}

export async function same(browser) {
	const lab = new Lab();
	await lab.startDaemon();
	await lab.startWeb();
	const page = await openPage(browser, lab), session = await page.context().newCDPSession(page);
	await page.locator("text=live").first().waitFor();
	const state = () => page.evaluate(() => ({run: window.nudge.model.number, here: window.nudge.model.series.here, complete: window.nudge.model.series.complete, status: window.nudge.model.run && window.nudge.model.run.status,
		link: window.nudge.model.link.alive, shown: window.nudge.model.latest && window.nudge.model.latest.step}));
	const begin = async (steps, more) => {
		const watch = listen(path.join(build, "nudgectl"), ["--to", "ipc://" + lab.dir, "watch", "--topic", "step.", "--json", "--arrays"]);
		await page.waitForTimeout(700);	// it says nothing when its subscription stands; what it lacks is found out below
		const run = await submit(page, {...task(steps), test: {every: 40, on: ["train"]}});
		const follow = listen(python, ["-B", path.join(top, "tests/web/same.py"), "ipc://" + lab.dir, String(run), "follow"]);
		await until(() => follow.said.includes("ready"), "Python follows");
		await until(async () => (await state()).run === run && (await state()).here > 30, "the run is on its way");
		return {run, watch, follow};
	};
	const finish = async ({run, watch, follow}, status, words) => {
		await until(async () => { const now = await state(); return now.run === run && now.status === status && now.complete && now.shown === now.here - 1; }, "the page has all of it", 60 + SLEEP_S);
		await until(() => follow.ended, "Python has followed it to its end", 60);
		const rows = await compareAll(lab, page, run, words);
		compare(words + ", Python that followed it live", JSON.parse(follow.said.trim().split("\n").at(-1)).rows, rows);
		await until(() => Object.keys(fromWatch(watch.said.slice(0, watch.said.lastIndexOf("\n")), run)).length >= Object.keys(rows).length, "nudgectl watch has seen all", 60);
		watch.stop();
		await until(() => watch.ended, "nudgectl watch ends");
		compare(words + ", nudgectl watch", fromWatch(watch.said, run), rows);
		note("R2: " + Object.keys(rows).length + " steps (" + words + ") seen by the page, its download, nudgectl steps and watch, Python live and afterwards, and sqlite3: no number differs");
	};

	await story("a run during which the page sleeps " + SLEEP_S + " s", async () => {
		const run = await begin(Math.max(300, Math.ceil((SLEEP_S + 5) / 0.02)));
		await page.locator("[aria-label='new eta']").fill("0.35");
		await page.locator("[aria-label='new eta']").press("Enter");
		await page.locator("[aria-label='new p']").fill("0.55");
		await page.locator("[aria-label='new p']").press("Enter");
		await until(() => page.evaluate(() => window.nudge.model.revisions.length >= 3), "eta and p are others");
		const before = (await state()).here;
		await session.send("Page.setWebLifecycleState", {state: "frozen"});
		const made = () => lab.sql("select count(*) from steps where run = " + run.run)[0][0], asleep = made(), began = performance.now();
		await until(() => performance.now() - began >= SLEEP_S * 1000 && made() >= asleep + 20, "it sleeps while steps are made", SLEEP_S + 30);
		const slept = made() - before;
		await session.send("Page.setWebLifecycleState", {state: "active"});
		note("the page slept " + ((performance.now() - began) / 1000).toFixed(1) + " s, " + slept + " steps");
		await finish(run, "done", "after a sleep");
	});

	await story("a run during which the daemon is killed", async () => {
		const run = await begin(20000);
		await lab.killDaemon();
		await until(async () => !(await state()).link, "the page knows that it is gone");
		await lab.startDaemon();
		await finish(run, "interrupted", "after kill -9");
		await page.locator("button:has-text('Release')").click();
		const next = await begin(120);
		await finish(next, "done", "the run after the crash");
	});
	ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));
	await page.context().close();
	await lab.killDaemon("SIGTERM");
}
