// dom.js - makes elements, and writes numbers as people of the field read them

// h("button.primary", {onclick, "aria-label"}, "text", child, ...)
export function h(what, attributes, ...children) {
	const [tag, ...classes] = what.split(".");
	const element = document.createElement(tag || "div");
	if (classes.length)
		element.className = classes.join(" ");
	set(element, attributes);
	element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
	return element;
}

export function svg(tag, attributes, ...children) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
	set(element, attributes);
	element.append(...children);
	return element;
}

function set(element, attributes) {
	for (const [name, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else if (name === "value" || name === "checked" || name === "textContent")
			element[name] = value;
		else
			element.setAttribute(name, value === true ? "" : value);
	}
}

// Text is only written when it is another: the page redraws ten times a second
export function text(element, words) {
	words = String(words);
	if (element.textContent !== words)
		element.textContent = words;
}

export function replace(element, ...children) {
	element.replaceChildren(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
}

const minus = words => words.replace("-", "\u2212");

export function number(value, digits = 4) {
	if (value === null || value === undefined || Number.isNaN(value))
		return "\u2013";
	if (value === 0)
		return "0";
	const size = Math.abs(value);
	if (size >= 1e-3 && size < 1e5)
		return minus(String(Number(value.toPrecision(digits))));
	return minus(value.toExponential(digits - 1));
}

export function count(value) {
	return value === null || value === undefined ? "\u2013" : value.toLocaleString("en-US").replaceAll(",", "\u202f");
}

const PREFIXES = [[1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "\u00b5"], [1e-9, "n"], [1e-12, "p"]];

// 50000, "Ω" -> "50.0 kΩ"
export function si(value, unit, digits = 3) {
	if (value === null || value === undefined || Number.isNaN(value))
		return "\u2013";
	if (value === 0)
		return "0 " + unit;
	const size = Math.abs(value);
	const [factor, prefix] = PREFIXES.find(([least]) => size >= least * 0.9995) || PREFIXES.at(-1);
	const shown = value / factor;
	return minus(Math.abs(shown) >= 10 ** digits ? String(Math.round(shown)) : shown.toPrecision(digits)) + " " + prefix + unit;
}

export function seconds(value) {
	if (value === null || value === undefined)
		return "\u2013";
	if (value < 60)
		return value.toFixed(1) + " s";
	if (value < 3600)
		return Math.floor(value / 60) + " min " + Math.floor(value % 60) + " s";
	if (value < 172800)
		return Math.floor(value / 3600) + " h " + Math.floor(value % 3600 / 60) + " min";
	return Math.floor(value / 86400) + " d";
}

// An hour of today, else the date with it; UTC is in the title
export function when(utc) {
	if (!utc)
		return h("span", {}, "\u2013");
	const time = new Date(utc), today = new Date();
	const pad = n => String(n).padStart(2, "0");
	const clock = pad(time.getHours()) + ":" + pad(time.getMinutes()) + ":" + pad(time.getSeconds());
	const same = time.toDateString() === today.toDateString();
	return h("time", {datetime: utc, title: utc},
		same ? clock : time.getFullYear() + "-" + pad(time.getMonth() + 1) + "-" + pad(time.getDate()) + " " + clock);
}

export function json(value) {
	if (value === null || value === undefined)
		return "";
	return typeof value === "string" ? value : JSON.stringify(value);
}

// What changed, of an event's old and new: of two mappings only the members that differ
export function change(old, now) {
	if (old && now && typeof old === "object" && typeof now === "object" && !Array.isArray(now)) {
		const names = Object.keys(now).filter(name => name !== "rev" && json(old[name]) !== json(now[name]));
		return names.map(name => name + " " + plain(old[name]) + " \u2192 " + plain(now[name])).join(", ");
	}
	if (old === null || old === undefined)
		return plain(now);
	return plain(old) + " \u2192 " + plain(now);
}

function plain(value) {
	if (typeof value === "number")
		return number(value);
	if (Array.isArray(value) && value.every(one => typeof one === "number"))
		return value.map(one => number(one, 3)).join(" ");
	if (value && typeof value === "object" && !Array.isArray(value))
		return Object.entries(value).filter(([name, one]) => one !== null && name !== "uuid").map(([name, one]) => name + " " + plain(one)).join(", ");
	return json(value);
}
