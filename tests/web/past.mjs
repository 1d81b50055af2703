// past.mjs - a run's card; a phone; the keyboard alone; what axe finds, by day and by night
import {auditBoth} from "./audit.mjs";
import {openPage, shot} from "./lab.mjs";
import {manyRuns} from "./many.mjs";
import {ok, same, story, until} from "./tap.mjs";

const wide = page => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);

export async function past(browser) {
	const {lab, first, ...made} = await manyRuns(browser);
	let {page} = made;

	await story("a run's card", async () => {
		await page.goto(lab.origin + "/run/" + first);
		await page.locator(".facts").waitFor();
		const [[uuid, seed]] = lab.sql("select uuid, seed from runs where run = " + first);
		const words = await page.locator(".facts").textContent();
		ok(words.includes(uuid) && words.includes("seed" + seed), "has the run's uuid and seed");
		await page.waitForTimeout(400);
		await shot(page, "desktop-run");
		const csv = await page.evaluate(async run => (await (await fetch("/api/download?run=" + run + "&format=csv")).text()).trim().split("\r\n").length, first);
		same(csv, 3001, "its CSV has a line a step and one of names");
		const npz = await page.evaluate(async run => Array.from(new Uint8Array(await (await fetch("/api/download?run=" + run + "&format=npz")).arrayBuffer()).slice(0, 2)), first);
		same(npz, [80, 75], "its NPZ is a ZIP file");
		await auditBoth(page, "run's card");
		await page.goto(lab.origin + "/");
		await page.locator("text=live").first().waitFor();
		await auditBoth(page, "live page");
	});
	ok(page.troubles.length === 0, "no script stumbled", page.troubles.join("\n"));

	await story("a phone", async () => {
		const phone = await openPage(browser, lab, {viewport: {width: 390, height: 844}, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: "dark"});
		await phone.locator("text=live").first().waitFor();
		for (const address of ["/", "/history", "/history?overlay=" + first + "&where=steps+%3E%3E", "/run/" + first]) {
			await phone.goto(lab.origin + address);
			await phone.waitForTimeout(700);
			const [content, screen] = await wide(phone);
			ok(content <= screen, address + " is no wider than a phone", content + " > " + screen);
			const abort = await phone.locator(".abort").boundingBox();
			ok(abort && abort.y >= 0 && abort.y + abort.height <= 844 && abort.height >= 40, "abort is in sight on " + address, JSON.stringify(abort));
			if (address !== "/")	// that one in mid-run is look.mjs's
				await shot(phone, "phone-" + address.split(/[/?]/)[1] + (address.includes("?") ? "-overlay" : ""));
			await auditBoth(phone, address + " on a phone");
		}
		await phone.goto(lab.origin + "/");
		await phone.locator("button:has-text('New run')").click();
		await phone.locator("dialog[open]").waitFor();
		const [content, screen] = await wide(phone);
		ok(content <= screen, "and so is the dialog", content + " > " + screen);
		await phone.context().close();
	});

	await story("who may only look on", async () => {
		await lab.killWeb();
		await lab.startWeb([]);
		page = await openPage(browser, lab);
		await page.locator("text=looking on").waitFor();
		same(await page.locator(".abort, .edit form, .segments, .buttons button").count(), 0, "without --operate there is nothing to press");
		const refused = await page.evaluate(async () => (await fetch("/api/call", {method: "POST", headers: {"X-Nudge": "1"}, body: '{"method":"run.abort"}'})).status);
		same(refused, 403, "and the server refuses");
		await page.context().close();
		await lab.killWeb();
		await lab.startWeb();
	});

	await story("the keyboard alone", async () => {
		page = await openPage(browser, lab);
		await page.locator(".verbs button").first().waitFor();
		const reached = new Set();
		let invisible = 0;
		for (let i = 0; i < 60; i++) {
			await page.keyboard.press("Tab");
			const [name, outlined] = await page.evaluate(() => {
				const at = document.activeElement, style = getComputedStyle(at);
				return [at.textContent.trim().slice(0, 20) || at.getAttribute("aria-label") || at.tagName,
					at === document.body || style.outlineStyle !== "none" || at.classList.contains("edge")];
			});
			reached.add(name);
			invisible += outlined ? 0 : 1;
		}
		ok(["Abort", "New run\u2026", "History", "new eta"].every(name => [...reached].some(one => one.includes(name))), "Tab reaches abort, the dialog, the pages and the parameters", [...reached].join(", "));
		same(invisible, 0, "and what has the focus shows it");
		await page.locator("button:has-text('New run')").focus();
		await page.keyboard.press("Enter");
		await page.locator("dialog[open]").waitFor();
		await page.locator("dialog select").selectOption("allostery");
		await auditBoth(page, "dialog");
		await shot(page, "desktop-submit");
		await page.locator("dialog button:has-text('Check')").focus();
		await page.keyboard.press("Enter");
		await page.locator(".answer .good").waitFor();
		const before = lab.sql("select max(run) from runs")[0][0];
		await page.locator("dialog .primary").focus();
		await page.keyboard.press("Enter");
		await until(() => lab.sql("select max(run) from runs")[0][0] === before + 1, "a shipped task is submitted by Enter");
		ok(true, "a shipped task is checked and submitted by keys alone");
		await page.context().close();
	});
	await lab.killDaemon("SIGTERM");
}
