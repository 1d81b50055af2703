// all.mjs - all stories of the page, in one browser; a word picks some of them
import {openBrowser} from "./lab.mjs";
import {end, story} from "./tap.mjs";
import {fast} from "./fast.mjs";
import {large} from "./large.mjs";
import {many} from "./many.mjs";
import {past} from "./past.mjs";
import {watch} from "./watch.mjs";

const browser = await openBrowser();
const chosen = process.argv.slice(2);
for (const [name, tell] of Object.entries({watch, fast, large, many, past}))
	if (chosen.length === 0 || chosen.includes(name))
		await story(name, () => tell(browser));
await browser.close();
process.exit(end());
