// look.mjs - runs that are worth looking at, in mid-run, by day and by night, on a bench's screen and on a phone; and what axe finds there
import path from "node:path";
import {audit} from "./audit.mjs";
import {Lab, RIG, openPage, shot, submit, top} from "./lab.mjs";
import {ok, story, until} from "./tap.mjs";

const PHONE = {viewport: {width: 390, height: 844}, deviceScaleFactor: 2, hasTouch: true, isMobile: true};
const here = page => page.evaluate(() => window.nudge.model.series.here);

// A shipped task, at a pace that can be watched
async function shipped(page, name, params, more = {}) {
	const task = await page.evaluate(async shipped => (await (await fetch("/api/tasks", {method: "POST", headers: {"X-Nudge": "1", "Content-Type": "application/json"}, body: JSON.stringify({shipped})})).json()).result, name);
	return submit(page, {...task, params: {...task.params, ...params}, ...more});
}

async function iris(browser) {
	const lab = new Lab("real", RIG.replace("CLOCK", "real").replace("bench of the test", "king9"));
	await lab.startDaemon();
	await lab.startWeb();
	const page = await openPage(browser, lab, {colorScheme: "light"}), phone = await openPage(browser, lab, {...PHONE, colorScheme: "dark"});
	await page.locator("text=live").first().waitFor();
	const run = await shipped(page, "iris", {tau_s: 0.02, p: 0.8});
	await until(() => page.evaluate(number => window.nudge.model.number === number && window.nudge.model.series.here > 700, run), "iris learns", 90);
	await shot(page, "desktop-iris");
	await phone.waitForTimeout(300);
	await shot(phone, "phone-live");
	await page.emulateMedia({colorScheme: "dark"});
	await page.waitForTimeout(400);
	await shot(page, "desktop-iris-dark");
	ok(await here(page) < 1500 && await here(page) > 700, "pictures of iris in mid-run, by day, by night and on a phone");
	for (const scheme of ["dark", "light"]) {
		await page.emulateMedia({colorScheme: scheme});
		await audit(page, "live page in mid-run, " + scheme);
	}
	await audit(phone, "live page on a phone, dark");
	await shot(phone, "phone-live-whole", {fullPage: true});
	await phone.context().close();
	ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));
	await page.context().close();
	await lab.killDaemon("SIGTERM");
}

async function edges143(browser) {
	const lab = new Lab("real", RIG.replace("CLOCK", "real").replace("bench of the test", "own_64_143").replace("{file: king9_16}", "{file: " + path.join(top, "sim_backend/networks/own_64_143.csv") + "}"));
	await lab.startDaemon();
	await lab.startWeb();
	const page = await openPage(browser, lab, {colorScheme: "dark"});
	await page.locator("text=live").first().waitFor();
	const run = await submit(page, {task: "allostery of 143 edges", kind: "allostery", sources: [0, 20, 41], targets: [9, 33, 52], train: {examples: [{source_V: [5, 1, 0], target_V: [2, 3, 1.5]}]},
		test: {every: 50, on: ["train"]}, params: {eta: 0.2, p: 0.5, tau_s: 0.05}, schedule: [{at: 150, set: {p: 0.9}}], stop: {steps: 2000}});
	await until(() => page.evaluate(number => window.nudge.model.number === number && window.nudge.model.series.here > 320, run), "143 edges learn", 90);
	await page.locator("[data-edge='60']").focus();
	await page.waitForTimeout(300);
	await shot(page, "desktop-143");
	await page.emulateMedia({colorScheme: "light"});
	await page.locator("button:has-text('Enlarge')").click();
	await page.waitForTimeout(500);
	await shot(page, "desktop-143-large");
	ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));
	await page.context().close();
	await lab.killDaemon("SIGTERM");
}

export async function look(browser) {
	await story("iris in mid-run", () => iris(browser));
	await story("143 edges in mid-run", () => edges143(browser));
}
