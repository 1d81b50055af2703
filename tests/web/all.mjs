// all.mjs - all stories of the page, in one browser; a word picks some of them
import {openBrowser} from "./lab.mjs";
import {end, story} from "./tap.mjs";
import {fast} from "./fast.mjs";
import {large} from "./large.mjs";
import {look} from "./look.mjs";
import {many} from "./many.mjs";
import {past} from "./past.mjs";
import {same} from "./same.mjs";
import {watch} from "./watch.mjs";

const browser = await openBrowser();
const chosen = process.argv.slice(2);
for (const [name, tell] of Object.entries({watch, same, fast, large, many, past, look}))
	if (chosen.length === 0 || chosen.includes(name))
		await story(name, () => tell(browser));
await browser.close();
process.exit(end());
