// say.js - short messages at the foot of the page, and to screen readers

import {h} from "./dom.js";

export const place = h("div.says", {role: "status", "aria-live": "polite"});

export function say(words, kind = "note") {
	const one = h("div.say." + kind, kind === "error" ? {role: "alert"} : {}, words,
		h("button.plain", {"aria-label": "Dismiss", onclick: () => one.remove()}, "\u00d7"));
	place.append(one);
	while (place.children.length > 4)
		place.firstChild.remove();
	setTimeout(() => one.remove(), kind === "error" ? 15000 : 5000);
}
