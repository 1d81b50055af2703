// many.mjs - the history of very many runs: chosen and sorted by the server, a page at a time; runs laid over each other; links
import {auditBoth} from "./audit.mjs";
import {Lab, openPage, shot, sizes, submit, task} from "./lab.mjs";
import {load, note, ok, same, story, until} from "./tap.mjs";

// A run of 3000 steps whose p changes at step 1000, and a database with copies of its row
export async function manyRuns(browser) {
	const lab = new Lab("virtual");
	await lab.startDaemon();
	await lab.startWeb();
	const page = await openPage(browser, lab);
	await page.locator("text=live").first().waitFor();
	const first = await submit(page, {...task(3000, {p: 1}), schedule: [{at: 1000, set: {p: 0.25}}]}, {name: "fewer updates from step 1000 on"});
	await until(() => lab.sql("select status from runs where run = " + first)[0][0] === "done", "a run to copy is done");
	const others = [];
	for (const eta of [0.05, 0.8])
		others.push(await submit(page, task(3000, {eta}), {name: "eta " + eta}));
	await until(() => lab.sql("select status from runs where run = " + others.at(-1))[0][0] === "done", "two more are done");
	await lab.killDaemon("SIGTERM");
	lab.script("many-runs.py", lab.db, String(sizes.runs));
	await lab.startDaemon();
	return {lab, page, first, others};
}

export async function many(browser) {
	const {lab, page, first, others} = await manyRuns(browser);
	const readout = page.locator(".history .readout").first(), field = page.locator("#where");
	// Types a filter, waits for its rows; gives the time from the letter to the rows, as the page measured it
	const choose = async words => {
		await page.evaluate(() => { delete document.querySelector(".history .readout").dataset.ms; });
		await field.fill(words);
		await until(async () => await readout.getAttribute("data-shown") === words && await readout.getAttribute("data-ms"), "rows for " + words);
		return Number(await readout.getAttribute("data-ms"));
	};
	const shown = () => page.evaluate(() => [...document.querySelectorAll(".rows .row")].map(row => [Number(row.getAttribute("aria-rowindex")), Number(row.querySelector("[data-column=run]").textContent)])
		.sort((a, b) => a[0] - b[0]).slice(0, 8).map(([, run]) => run));
	const sorted = async () => until(() => page.evaluate(() => document.querySelectorAll(".rows .row").length > 0), "rows");

	await story(sizes.runs + " runs", async () => {
		const began = performance.now();
		await page.goto(lab.origin + "/history");
		await page.locator(".rows .row").first().waitFor();
		note("R6: " + sizes.runs + " runs: the first rows stand " + (performance.now() - began).toFixed(0) + " ms after the address; load " + load());
		const total = await page.evaluate(() => document.querySelectorAll(".rows .row").length);
		ok(total > 5 && total < 100, "of " + sizes.runs + " rows only those in sight exist: " + total);
		const filters = ["status = 'done'", "mse_final_V2 < 1e-3", "tag = 'odd' and steps > 1500", "not star and name ~ 'iris' and started_utc > '2026-06'", "p < 1 or eta >= 0.2", "divider", ""];
		const timed = new Map();
		for (const words of filters)
			timed.set(words || "(all)", await choose(words));
		await choose("mse_final_V2 < 1e-3 and status = 'done'");
		for (const [column, order] of [["mse_final_V2", "mse_final_V2 desc"], ["mse_final_V2", "mse_final_V2 asc"], ["name", "name asc"], ["started_utc", "started_utc desc"], ["steps", "steps desc"]]) {
			await page.evaluate(() => { delete document.querySelector(".history .readout").dataset.ms; });
			await page.locator("[data-column=" + column + "] button").click();
			timed.set("filtered, by " + order, Number(await until(() => readout.getAttribute("data-ms"), "sorted by " + order)));
			await sorted();
			const direction = order.endsWith("desc") ? "desc" : "asc";
			same(await shown(), lab.sql("select run from runs where mse_final_V2 < 1e-3 and status = 'done' order by " + column + " " + direction + ", run " + direction + " limit 8").map(([run]) => run),
				"filtered and sorted by " + order + ", the first rows are SQL's");
		}
		for (const [words, ms] of timed)
			note("  " + ms.toFixed(1).padStart(7) + " ms  " + words);
		note("R6: " + sizes.runs + " runs, filtered and sorted by the server " + timed.size + " times: first rows after at most " + Math.max(...timed.values()).toFixed(0) + " ms, median " +
			[...timed.values()].sort((a, b) => a - b)[timed.size >> 1].toFixed(0) + " ms; load " + load());
		ok(page.url().includes("where=mse_final_V2") && page.url().includes("sort=steps-"), "the address says what is shown", page.url());
	});

	await story("to the end of the list", async () => {
		await choose("tag = 'odd'");
		const want = lab.sql("select count(*) from runs where tags like '%odd%'")[0][0];
		let pages = 0, before = -1;
		await until(async () => {
			const [rows, all] = await page.evaluate(() => {
				const scroller = document.querySelector(".scroller");
				scroller.scrollTop = scroller.scrollHeight;
				return [Number(scroller.getAttribute("aria-rowcount")) - 1, document.querySelector(".history .readout").dataset.loaded === "yes"];
			});
			pages += rows !== before ? 1 : 0;
			before = rows;
			return all;
		}, "the last page", 120);
		same(before, want, "scrolling to the end loads " + pages + " pages, as many runs as SQL finds");
		ok(pages > 3 || sizes.runs < 5000, "page by page");
	});

	await story("a filter that the server refuses", async () => {
		await choose("steps > 9");
		const rows = await shown();
		await field.fill("steps > 10 and statsu = 'done'");
		const code = page.locator(".refusal code");
		await code.waitFor();
		same([await code.getAttribute("data-position"), await page.locator(".refusal mark").textContent()], ["16", "s"], "it is pointed at under the field");
		ok(/status/.test(await page.locator(".refusal p").textContent()), "with the server's words, and what was meant", await page.locator(".refusal").textContent());
		same([await field.getAttribute("aria-invalid"), await shown()], ["true", rows], "the field is marked and the rows stay");
		await shot(page, "desktop-history-refused");
		await choose("steps > 10");
		same(await page.locator(".refusal").count(), 0, "a right one takes the words away");
	});

	await story("runs laid over each other", async () => {
		const runs = [first, ...others];
		await page.goto(lab.origin + "/history?where=" + encodeURIComponent("mse_final_V2 < 1e-1 and status = 'done'") + "&sort=mse_final_V2&overlay=" + runs.join(","));
		await until(async () => await page.locator(".legend li").count() === runs.length, "a shared link lays three runs on the plot");
		const lines = () => page.evaluate(() => (window.nudge.page && window.nudge.page.overlay.drawn || []).map(({x}) => x.at(-1)));
		await until(async () => (await lines()).length === 3, "drawn");
		same(await lines(), [2999, 2999, 2999], "over steps each ends with its last");
		await page.locator("[aria-label='What stands below the curves']").selectOption("updates");
		await until(async () => (await lines())[0] !== 2999, "over steps x p");
		same((await lines()).map(x => Math.round(x * 100) / 100), [1499.75, 2099.3, 2099.3], "over steps x p the first run ends at 1000 x 1 + 1999 x 0.25");
		await page.locator("[aria-label='What stands below the curves']").selectOption("time");
		const took = lab.sql("select (max(t_mono_ns) - min(t_mono_ns)) / 1e9 from steps where run = " + first)[0][0];
		await until(async () => Math.abs((await lines())[0] - took) < 1e-6 * took, "over time it ends when it ended");
		ok(page.url().includes("x=time"), "and the address says so");
		await page.reload();
		await until(async () => (await lines()).length === 3 && Math.abs((await lines())[0] - took) < 1e-6 * took, "the link shows the same again");
		ok(true, "a link shows the same plot again");
		await page.locator("[aria-label='What stands below the curves']").selectOption("steps");
		await page.locator(".history .chart label:has-text('log x') input").check();
		await page.mouse.move(0, 0);
		await page.waitForTimeout(300);
		await shot(page, "desktop-history");
		await auditBoth(page, "history page");
		await page.locator("[aria-label='Take run " + others[0] + " off the plot']").click();
		await until(async () => await page.locator(".legend li").count() === 2, "a run is taken off by its cross");
		ok(page.url().includes("overlay=" + encodeURIComponent([first, others[1]].join(","))), "the address follows", page.url());
	});
	ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));
	await page.context().close();
	await lab.killDaemon("SIGTERM");
}
