// fast.mjs - many steps on one page: how long its frames take; and a page that sleeps
import {Lab, openPage, shot, sizes, submit, task} from "./lab.mjs";
import {note, ok, same, story, until} from "./tap.mjs";
import {errors} from "./watch.mjs";

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

// Frames' lengths while something goes on
async function frames(page, what) {
	await page.evaluate(() => {
		window.frames_ms = [];
		let before = performance.now();
		const next = now => {
			window.frames_ms.push(now - before);
			before = now;
			window.frames_on = requestAnimationFrame(next);
		};
		window.frames_on = requestAnimationFrame(next);
	});
	await what();
	const list = await page.evaluate(() => { cancelAnimationFrame(window.frames_on); return window.frames_ms.slice(2); });
	return list.sort((a, b) => a - b);
}

export async function fast(browser) {
	const lab = new Lab();
	await lab.startDaemon();
	await lab.startWeb();
	const page = await openPage(browser, lab);
	await page.locator("text=live").first().waitFor();
	const done = async run => { const {number, status, complete} = await page.evaluate(() => {
		const {model} = window.nudge;
		return {number: model.number, status: model.run && model.run.status, complete: model.series.complete && model.series.length > 0};
	}); return number === run && status === "done" && complete; };

	await story(sizes.steps + " steps", async () => {
		let run;
		const streamed = await frames(page, async () => {
			run = await submit(page, task(sizes.steps, {tau_s: 0.0005}));
			await until(() => done(run), "all steps are on the page", 180);
		});
		const stored = lab.sql("select mse_V2 from steps where run = " + run + " order by step").map(([mse]) => mse);
		same((await errors(page)).length, sizes.steps, "all of them are there");
		ok(JSON.stringify(await errors(page)) === JSON.stringify(stored), "and equal SQLite's, to the bit");
		const box = await page.locator(".scaled .u-over").boundingBox();
		const scrolled = await frames(page, async () => {
			for (let i = 1; i <= 12; i++) {
				await page.mouse.move(box.x + 10 + i * 12, box.y + 50);
				await page.mouse.down();
				await page.mouse.move(box.x + box.width - i * 12, box.y + 60, {steps: 5});
				await page.mouse.up();
				await page.waitForTimeout(60);
				if (i % 4 === 0)
					await page.locator("button:has-text('show all')").click();
			}
		});
		const figures = await page.evaluate(() => window.nudge.figures.draws);
		for (const [name, list] of [["streamed", streamed], ["zoomed", scrolled]])
			note("R2: " + sizes.steps + " steps " + name + " on a page: " + list.length + " frames, p50 " + quantile(list, 0.5).toFixed(1) + " ms, p99 " + quantile(list, 0.99).toFixed(1) + " ms");
		note(Object.entries(figures).map(([name, {n, sum_ms, worst_ms}]) => name + " " + n + " draws, mean " + (sum_ms / n).toFixed(1) + " ms, worst " + worst_ms.toFixed(0) + " ms").join("; "));
		await shot(page, "desktop-many-steps");
	});

	await story("a page that sleeps", async () => {
		const session = await page.context().newCDPSession(page);
		const run = await submit(page, task(400, {tau_s: 0.02}));
		await until(() => page.evaluate(number => window.nudge.model.number === number && window.nudge.model.series.here > 20, run), "the run is on its way");
		await session.send("Page.setWebLifecycleState", {state: "frozen"});
		await until(() => lab.sql("select count(*) from steps where run = " + run)[0][0] >= 250, "steps are made while the page sleeps");
		await session.send("Page.setWebLifecycleState", {state: "active"});
		await until(() => done(run), "it is complete again", 60);
		same(await errors(page), lab.sql("select mse_V2 from steps where run = " + run + " order by step").map(([mse]) => mse), "after its sleep nothing is missing");
	});
	ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));
	await page.context().close();
	await lab.killDaemon("SIGTERM");
}
