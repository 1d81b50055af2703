// fast.mjs - many steps on one page: how long its frames take; and a page that sleeps
import {frames, memory_MiB, tell} from "./frames.mjs";
import {Lab, openPage, shot, sizes, submit, task} from "./lab.mjs";
import {note, ok, same, story, until} from "./tap.mjs";
import {errors} from "./watch.mjs";

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
		const session = await page.context().newCDPSession(page);
		let run, early;
		tell(sizes.steps + " steps streamed", await frames(page, async () => {
			run = await submit(page, task(sizes.steps, {tau_s: 0.0005}));
			await until(() => page.evaluate(number => window.nudge.model.number === number && window.nudge.model.series.here > 5000, run), "the first steps are on the page", 60);
			early = await memory_MiB(session);
			await until(() => done(run), "all steps are on the page", 180);
		}));
		const stored = lab.sql("select mse_V2 from steps where run = " + run + " order by step").map(([mse]) => mse);
		same((await errors(page)).length, sizes.steps, "all of them are there");
		ok(JSON.stringify(await errors(page)) === JSON.stringify(stored), "and equal SQLite's, to the bit");
		const late = await memory_MiB(session);
		note("R2: " + sizes.steps + " steps on a page: " + late.toFixed(1) + " MiB, " + early.toFixed(1) + " MiB at the 5,000th");
		ok(late < early + 24 + sizes.steps * 64 / 1048576, "the page's memory grows by no more than the steps' own arrays", [early, late]);
		const box = await page.locator(".scaled .u-over").boundingBox();
		tell(sizes.steps + " steps zoomed and scrolled", await frames(page, async () => {
			for (let i = 1; i <= 12; i++) {
				await page.mouse.move(box.x + 10 + i * 12, box.y + 50);
				await page.mouse.down();
				await page.mouse.move(box.x + box.width - i * 12, box.y + 60, {steps: 5});
				await page.mouse.up();
				await page.waitForTimeout(60);
				for (let k = 0; k < 8; k++)
					await page.mouse.wheel(k % 4 ? 90 : -60, 0);
				if (i % 4 === 0)
					await page.locator("button:has-text('show all')").click();
			}
		}));
		const zoom = () => page.evaluate(() => window.nudge.page.parts[1].zoom);
		await page.locator(".scaled .plot").focus();
		await page.keyboard.press("+");
		await page.keyboard.press("+");
		const near = await zoom();
		await page.keyboard.press("ArrowRight");
		const moved = await zoom(), width = near[1] - near[0];
		ok(Math.abs(width * 4 - (sizes.steps - 1)) < 2 && Math.abs(moved[0] - near[0] - 0.2 * width) < 1 && Math.abs(moved[1] - moved[0] - width) < 1, "by the keyboard plus twice shows a quarter of the steps, and an arrow moves by a fifth of it", [near, moved]);
		await page.keyboard.press("Home");
		ok(await zoom() === null, "and Home shows all");
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
