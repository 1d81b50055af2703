// audit.mjs - what axe-core finds wrong with a page as it stands
import {axe} from "./lab.mjs";
import {ok} from "./tap.mjs";

export async function audit(page, name) {
	await page.evaluate(axe());
	const found = await page.evaluate(async () => (await window.axe.run(document, {resultTypes: ["violations"]})).violations
		.map(({id, impact, nodes}) => id + " (" + impact + "): " + nodes.slice(0, 3).map(node => node.target.join(" ") + " " + (node.any[0] ? node.any[0].message : "")).join(" | ")));
	ok(found.length === 0, "axe finds nothing wrong with the " + name, found.join("\n"));
}

// By day and by night
export async function auditBoth(page, name) {
	for (const scheme of ["dark", "light"]) {
		await page.emulateMedia({colorScheme: scheme});
		await page.waitForTimeout(150);
		await audit(page, name + ", " + scheme);
	}
}
