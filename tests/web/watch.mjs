// watch.mjs - a run is watched from start to end; parameters and edges are changed; the daemon is killed and comes back
import {Lab, openPage, shot, submit, task} from "./lab.mjs";
import {note, ok, same, story, until} from "./tap.mjs";

const state = page => page.evaluate(() => {
	const {model} = window.nudge, {series} = model;
	return {run: model.number, length: series.length, here: series.here, complete: series.complete, state: model.state && model.state.state, status: model.run && model.run.status,
		edgeModes: model.rig && model.rig.edges.map(edge => edge.mode)};
});
export const errors = page => page.evaluate(() => Array.from(window.nudge.model.series.mse.subarray(0, window.nudge.model.series.length)));
const word = (page, name) => page.locator("[data-value=" + name + "]").first().textContent();

export async function watch(browser) {
	const lab = new Lab();
	await lab.startDaemon();
	await lab.startWeb();
	const page = await openPage(browser, lab);
	await page.locator("text=live").first().waitFor();

	await story("a run from start to end", async () => {
		const steps = Math.round(250 * Number(process.env.NUDGED_TEST_SLOW || 1)), run = await submit(page, task(steps));
		await until(async () => (await state(page)).here > 50, "fifty steps are on the page");
		await page.locator("[aria-label='new eta']").fill("0.35");
		await page.locator("[aria-label='new eta']").press("Enter");
		await until(async () => await word(page, "eta") === "0.35", "the page shows the new eta");
		await page.locator("[data-edge='7']").focus();
		await page.keyboard.press("c");
		await until(async () => (await state(page)).edgeModes[7] === "cut", "edge 7 is cut on the page");
		await until(() => page.locator(".edge.cut[data-edge='7']").count(), "and in the picture");
		await page.keyboard.press("ArrowRight");
		await page.keyboard.press("h");
		await until(async () => (await state(page)).edgeModes[8] === "hold", "edge 8 is held");
		await shot(page, "desktop-running");
		await until(async () => (await state(page)).status === "done", "the run is done", 60);
		await until(async () => (await state(page)).complete, "no step is missing");
		const stored = lab.sql("select mse_V2 from steps where run = " + run + " order by step").map(([mse]) => mse);
		same(await errors(page), stored, "all " + stored.length + " errors on the page equal SQLite's, to the bit");
		await until(async () => (await word(page, "step")).replaceAll("\u202f", "") === steps + " / " + steps, "the head says " + steps + " of " + steps);
		const written = Number((await word(page, "scaled")).replace("\u2212", "-")), last = stored.at(-1) / stored[0];
		ok(Math.abs(written - last) <= 6e-4 * last, "the scaled error that is written is the last one's", written + " " + last);
		const [[from]] = lab.sql("select from_step from params where run = " + run + " and eta = 0.35");
		ok((await page.locator(".params .since").first().textContent()) === "since step " + from, "eta says since which step it holds, as SQLite has it", from);
		same(lab.sql("select kind from events where run = " + run + " and kind in ('cut', 'hold') order by id").map(([kind]) => kind), ["cut", "hold"], "cut and held by the keyboard, it stands in the record");
		await shot(page, "desktop-done");
		await page.emulateMedia({colorScheme: "dark"});
		await page.waitForTimeout(300);
		await shot(page, "desktop-dark");
		await page.emulateMedia({colorScheme: "light"});
	});

	await story("the daemon is killed and comes back", async () => {
		const run = await submit(page, task(5000));
		await until(async () => (await state(page)).here > 60 && (await state(page)).run === run, "the run is on its way");
		const before = performance.now();
		await lab.killDaemon();
		await until(() => page.evaluate(() => document.documentElement.classList.contains("lost")), "the page looks lost");
		const took = performance.now() - before;
		note("R2: kill -9 of the daemon: the page greys after " + (took / 1000).toFixed(2) + " s");
		ok(took < 3000 * Number(process.env.NUDGED_TEST_SLOW || 1), "it looks lost within 3 s", took + " ms");
		ok(/does not answer.*\d\.\d s old/.test(await page.locator(".lost-banner").textContent()), "and says who is silent and how old it is", await page.locator(".lost-banner").textContent());
		await shot(page, "desktop-lost");
		await lab.startDaemon();
		await until(() => page.evaluate(() => !document.documentElement.classList.contains("lost")), "the page lives again");
		await until(async () => { const now = await state(page); return now.status === "interrupted" && now.complete && now.here > 0; }, "the run is interrupted and complete");
		const stored = lab.sql("select mse_V2 from steps where run = " + run + " order by step").map(([mse]) => mse);
		same(await errors(page), stored, "its " + stored.length + " steps on the page are SQLite's: no gap, none that never reached the disk");
	});

	await story("nudge-web is killed and comes back", async () => {
		ok(await page.evaluate(() => window.nudge.model.state.queue_held), "after the crash the queue is held");
		await page.locator("button:has-text('Release')").click();
		await until(() => page.evaluate(() => !window.nudge.model.state.queue_held), "it goes on");
		const run = await submit(page, task(400));
		await until(async () => (await state(page)).run === run && (await state(page)).here > 20, "a run is on its way");
		await lab.killWeb();
		await until(() => page.evaluate(() => document.documentElement.classList.contains("lost")), "the page looks lost");
		ok(/nudge-web cannot be reached/.test(await page.locator(".lost-banner").textContent()), "it says that nudge-web is gone", await page.locator(".lost-banner").textContent());
		await until(() => lab.sql("select count(*) from steps where run = " + run)[0][0] > 200, "the run goes on");
		await lab.startWeb();
		await until(async () => { const now = await state(page); return now.status === "done" && now.complete; }, "it is done and complete", 60);
		same(await errors(page), lab.sql("select mse_V2 from steps where run = " + run + " order by step").map(([mse]) => mse), "and all that was made meanwhile is on the page");
	});

	await story("operators' verbs", async () => {
		const run = await submit(page, task(100000));
		await until(async () => (await state(page)).run === run && (await state(page)).here > 5, "a long run is on its way");
		await page.locator("button:has-text('Pause')").click();
		await until(async () => (await state(page)).state === "paused", "it pauses");
		await page.locator("button:has-text('Resume')").click();
		await until(async () => (await state(page)).state === "running", "it resumes");
		const next = await submit(page, task(10));
		await until(() => page.locator(".queue li").count(), "the queue shows the next");
		await page.locator("[aria-label='Take run " + next + " out']").click();
		await until(async () => await page.locator(".queue li").count() === 0, "it is taken out");
		await page.locator("button:has-text('Take the lease')").click();
		await until(() => page.evaluate(() => window.nudge.model.state.lease), "the lease is held");
		await page.locator("button:has-text('Give it back')").click();
		await until(() => page.evaluate(() => !window.nudge.model.state.lease), "the lease is given back");
		await until(async () => {	// within a second: a busy machine may need another try
			await page.keyboard.press("Escape");
			await page.keyboard.press("Escape");
			await page.waitForTimeout(300);
			return (await state(page)).status === "aborted";
		}, "Escape twice aborts");
		same(lab.sql("select status from runs where run = " + run), [["aborted"]], "paused, resumed, moved, leased, aborted: as the database has it");
		await page.locator(".star").first().click();
		await until(() => lab.sql("select star from runs where run = " + run)[0][0] === 1, "starred");
		ok(true, "and starred");
	});
	ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));
	await page.context().close();
	await lab.killDaemon("SIGTERM");
}
