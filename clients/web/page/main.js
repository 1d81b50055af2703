// main.js - starts the page: finds out who the server is, listens to its events, and shows what the address says

import {Bar} from "./bar.js";
import {get} from "./api.js";
import {h} from "./dom.js";
import {figures} from "./frame.js";
import {History} from "./history.js";
import {Live} from "./live.js";
import {model} from "./model.js";
import {Card} from "./card.js";
import {place} from "./say.js";

const PAGES = [[/^\/$/, () => new Live()], [/^\/history\/?$/, () => new History(go)], [/^\/run\/(\d+)\/?$/, match => new Card(Number(match[1]), go)]];
const main = h("main", {id: "main", tabindex: -1});
let shown = null;

// A click on a link of our own changes the page without loading it anew: the stream of events goes on
export function go(event, path) {
	if (event && (event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0))
		return;
	if (event)
		event.preventDefault();
	history.pushState(null, "", path);
	show();
	main.focus({preventScroll: true});
	scrollTo(0, 0);
}

function show() {
	if (shown)
		shown.close();
	const [pattern, make] = PAGES.find(([path]) => path.test(location.pathname)) || PAGES[0];
	shown = make(pattern.exec(location.pathname));
	main.replaceChildren(shown.element);
	shown.mount();
	bar.here(location.pathname.replace(/(.)\/$/, "$1"));
}

async function about() {
	try {
		model.about = await get("/api/about");
		model.trouble = null;
		model.changed("about");
		model.changed("state");
	} catch (error) {
		model.trouble = error.message;
		setTimeout(about, 1000);
	}
}

const bar = new Bar(go);
document.body.append(h("a.skip", {href: "#main"}, "To the content"), bar.element, bar.lost, main, place);
model.start();
show();
about();
addEventListener("popstate", show);
addEventListener("pageshow", event => event.persisted && model.events.open());
document.addEventListener("resume", () => model.events.look());

// For the console, and for tests: docs/WEB.md
window.nudge = {model, figures, get page() { return shown; }};
