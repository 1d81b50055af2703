// large.mjs - networks of thousands of edges: the same marks on a canvas, an edge found under the pointer, cut there and by the keyboard; frames
import {frames, tell} from "./frames.mjs";
import {Lab, openPage, shot, submit, task} from "./lab.mjs";
import {ok, same, story, until} from "./tap.mjs";

const rig = side => `rig: square ${side} x ${side}
backend: sim
network: {file: "square:${side}x${side}"}
edge: {taps: 128, r_step_ohm: 781.25, r_min_ohm: 781.25, initial_tap: 63}
limits: {volts: [0.0, 5.0], slew_V_per_s: none, edge_power_W: none, source_current_A: none, discrepancy_V: none, measure_slack_V: 0.01}
sim: {comparator: {rule: eq10, bias_V: [0.0, 0.0], drawn: each}, comparator_noise_V: 0.003, clock: real}
`;

// Where an edge's middle stands on the screen; its mode; what the picture has there
const place = (page, edge) => page.evaluate(k => {
	const {shown} = window.nudge.page.parts[0], box = shown.element.getBoundingClientRect(), [x, y] = shown.screen(shown.grid.middle(k));
	return {x: box.x + x, y: box.y + y};
}, edge);
const mode = (page, edge) => page.evaluate(k => window.nudge.model.rig.edges[k].mode, edge);
const pixel = (page, edge) => page.evaluate(k => {
	const {shown} = window.nudge.page.parts[0], [x, y] = shown.screen(shown.grid.middle(k)), ratio = devicePixelRatio;
	return [...shown.back.getContext("2d").getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data];
}, edge);

async function network(browser, side, edges, seconds) {
	const lab = new Lab("real", rig(side));
	await lab.startDaemon();
	await lab.startWeb();
	const page = await openPage(browser, lab);
	const last = side * side - 1, middle = Math.floor(last / 2);
	await page.locator(".field canvas").first().waitFor();
	same(await page.evaluate(() => window.nudge.model.rig.edges.length), edges, "a network of " + edges + " edges is on a canvas");
	const run = await submit(page, {...task(20000, {tau_s: 0.05}), task: "square " + side, sources: [0, side - 1, last], targets: [middle, middle + 5 * side + 9, middle - 5 * side - 9]});
	await until(() => page.evaluate(number => window.nudge.model.number === number && window.nudge.model.latest && window.nudge.model.series.here > 10, run), "it learns", 60);
	tell(edges + " edges while they learn, " + seconds + " s", await frames(page, () => page.waitForTimeout(seconds * 1000)));
	return {lab, page};
}

export async function large(browser) {
	await story("5,100 edges", async () => {
		const {lab, page} = await network(browser, 51, 5100, 5);
		const edge = 1275;	// in the middle, lying
		await page.locator("button:has-text('Enlarge')").click();
		await until(() => page.evaluate(() => window.nudge.page.parts[0].shown.box[0] > 900), "it is enlarged");
		let at = await place(page, edge);
		await page.mouse.move(at.x, at.y);
		await until(() => page.locator(".tip:not([hidden])").count(), "a tip comes under the pointer");
		const {a, b} = await page.evaluate(k => window.nudge.model.rig.edges[k], edge);
		ok((await page.locator(".tip").textContent()).startsWith("edge " + edge + " \u00b7 " + a + " \u2013 " + b + " \u00b7 "), "it names the edge that is there", await page.locator(".tip").textContent());
		await page.mouse.click(at.x, at.y);
		await until(async () => /^edge 1275/.test(await page.locator(".inspector").textContent()), "a click chooses it");
		await page.locator(".inspector button:has-text('Cut')").click();
		await until(async () => await mode(page, edge) === "cut", "it is cut");
		await until(async () => { const [red, green] = await pixel(page, edge); return red > green + 60; }, "a red cross stands on it");
		same(lab.sql("select kind, json_extract(new, '$.edge') from events where kind = 'cut'").length, 1, "the cut stands in the record");
		await page.locator(".field").focus();
		for (const [key, want] of [["ArrowRight", null], ["h", "hold"]]) {
			await page.keyboard.press(key);
			if (want)
				await until(async () => await mode(page, await page.evaluate(() => window.nudge.model.selected)) === want, "held by the keyboard");
		}
		const held = await page.evaluate(() => window.nudge.model.selected);
		const right = await page.evaluate(([from, to]) => { const {grid} = window.nudge.page.parts[0].shown; return grid.middle(to)[0] > grid.middle(from)[0]; }, [edge, held]);
		ok(held !== edge && right, "the arrow went to an edge at the right, which is held", [edge, held]);
		await shot(page, "desktop-5000-edges");
		for (const key of ["+", "+", "+"])
			await page.keyboard.press(key);
		await page.waitForTimeout(400);
		at = await place(page, held);
		await page.mouse.move(at.x, at.y);
		await until(async () => (await page.locator(".tip").textContent()).startsWith("edge " + held + " "), "magnified, the pointer finds it still");
		ok(true, "magnified eight times, the pointer finds the same edge");
		await page.waitForTimeout(500);
		await shot(page, "desktop-5000-edges-near");
		ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));
		await page.context().close();
		await lab.killDaemon("SIGTERM");
	});

	await story("20,200 edges", async () => {
		const {lab, page} = await network(browser, 101, 20200, 4);
		await shot(page, "desktop-20000-edges");
		ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));
		await page.context().close();
		await lab.killDaemon("SIGTERM");
	});
}
