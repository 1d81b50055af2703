// panels.js - the side of the live page: alarms, queue, lease, devices, what happened

import {act, ask} from "./api.js";
import {change, h, json, replace, text, when} from "./dom.js";
import {model} from "./model.js";
import {say} from "./say.js";

const LEASE_S = 30;

async function change_(method, params, words) {
	try {
		const result = await act(method, params);
		if (words)
			say(words);
		return result;
	} catch (error) {
		say(error.message, "error");
		return null;
	}
}

function panel(name, title, topics, draw) {
	const body = h("div.body", {tabindex: name === "events" || name === "notes" ? null : 0, role: "group", "aria-label": title}), readout = h("output.readout");
	const element = h("section.panel." + name, {"aria-label": title}, h("header", {}, h("h2", {}, title), readout), body);
	const redraw = () => model.state && draw(body, readout, element);
	const off = model.on(topics, redraw);
	return {element, mount: redraw, close: off};
}

export function alarms() {
	let seen = "";
	return panel("alarms", "Alarms", "state hb about", async (body, readout, element) => {
		const names = json(model.state.alarms);
		if (names === seen && body.firstChild)
			return;
		seen = names;
		let list = model.state.alarms.map(alarm => typeof alarm === "string" ? {alarm, severity: "warning", text: alarm} : alarm);
		if (list.length) {
			try {
				list = (await ask("alarm.list")).alarms;
			} catch {
				text(readout, "");	// what the state says must do
			}
		}
		element.classList.toggle("calm", list.length === 0);
		text(readout, list.length || "");
		replace(body, list.length === 0 ? h("p.quiet", {}, "none") : h("ul", {}, ...list.map(({alarm, severity, text: words, since_utc, acknowledged_by}) =>
			h("li.alarm." + severity, {}, h("b", {}, severity + ": " + alarm), h("p", {}, words), h("small", {}, "since ", when(since_utc),
				acknowledged_by ? ", seen by " + acknowledged_by : ""),
			model.operate && !acknowledged_by ? h("button.small", {onclick: async () => {
				if (await change_("alarm.ack", {name: alarm})) {
					seen = null;
					model.changed("hb");
				}
			}}, "Seen") : null))));
	});
}

export function queue() {
	return panel("queue", "Queue", "queue state about", (body, readout) => {
		const {queue_held, queue_length} = model.state;
		text(readout, queue_held ? "held" : queue_length ? queue_length + " waiting" : "");
		const move = (run, position) => change_("queue.move", {run, position});
		const rows = model.queue.slice(0, 50).map(({run, name, position}, i) => h("li", {}, h("span.n", {}, run), h("span.grow", {}, name),
			model.operate ? h("span.segments", {},
				h("button.small", {"aria-label": "Run " + run + " earlier", disabled: i === 0, onclick: () => move(run, position - 1)}, "\u2191"),
				h("button.small", {"aria-label": "Run " + run + " later", disabled: i === model.queue.length - 1, onclick: () => move(run, position + 1)}, "\u2193"),
				h("button.small", {"aria-label": "Take run " + run + " out", onclick: () => change_("queue.remove", {run})}, "\u00d7")) : null));
		replace(body, rows.length ? h("ol", {}, ...rows) : h("p.quiet", {}, queue_held ? "empty, and held until it is released" : "empty"),
			model.operate ? h("p.buttons", {}, queue_held
				? h("button.small", {onclick: () => change_("queue.release", {}, "the queue goes on")}, "Release")
				: h("button.small", {onclick: () => change_("queue.hold", {}, "no further run starts")}, "Hold"),
			model.queue.length ? h("button.small", {onclick: () => change_("queue.clear", {}, "the queue is empty")}, "Clear") : null) : null);
	});
}

// While this page has taken the lease it renews it; when the page is gone, the lease ends by itself
let holding = null;

async function renew() {
	try {
		await act("lease.renew");
	} catch (error) {
		clearInterval(holding);
		holding = null;
		say("the lease is lost: " + error.message, "error");
		model.changed("state");
	}
}

async function take(take_over) {
	const params = {ttl_s: LEASE_S, note: "dashboard"};
	if (take_over)
		params.take_over = true;
	if (await change_("lease.acquire", params, "you steer")) {
		clearInterval(holding);
		holding = setInterval(renew, LEASE_S * 1000 / 3);
		model.changed("state");
	}
}

async function give() {
	clearInterval(holding);
	holding = null;
	await change_("lease.release", {}, "the lease is given back");
	model.changed("state");
}

export function lease() {
	return panel("lease", "Lease", "state about", (body, readout) => {
		const held = model.state.lease;
		text(readout, held ? "held" : "free");
		replace(body, held ? h("p", {}, h("b", {}, held.holder), held.note ? " \u2014 " + held.note : "", h("small", {}, " since ", when(held.since_utc)))
			: h("p.quiet", {}, "nobody steers alone"),
		model.operate ? h("p.buttons", {}, holding ? h("button.small", {onclick: give}, "Give it back")
			: held ? h("button.small", {onclick: () => take(true)}, "Take it over") : h("button.small", {onclick: () => take(false)}, "Take the lease")) : null);
	});
}

export function devices() {
	return panel("devices", "Devices", "state", (body, readout) => {
		const list = model.state.devices, down = list.filter(({state}) => state !== "up");
		text(readout, list.length > 1 ? list.length - down.length + " of " + list.length + " up" : "");
		const order = down.concat(list.filter(({state}) => state === "up"));
		replace(body, h("ul", {}, ...order.slice(0, 60).map(device => h("li", {}, h("span.dot." + device.state), h("span.grow", {}, device.device),
			h("span.quiet", {}, device.state + (device.error || device.text ? ": " + (device.error || device.text) : ""))))));
	});
}

function words({kind, what, old, new: now}) {
	if (kind === "alarm" && now && now.state)
		return what + " " + now.state + (now.text && now.state === "raised" ? ": " + now.text : "");
	return [kind === "param" ? "" : what, change(old, now)].filter(Boolean).join(" ");
}

export function happened() {
	return panel("events", "What happened", "event run", (body, readout) => {
		const list = model.happened.slice(-60).reverse();
		text(readout, model.number === null ? "" : "run " + model.number);
		replace(body, list.length ? h("ol", {tabindex: 0, "aria-label": "What happened, the newest first"}, ...list.map(event => h("li", {}, h("span.n", {}, event.step === null || event.step === undefined ? "" : event.step),
			h("span.kind", {}, event.kind || event.event), h("span.grow", {}, words(event)),
			h("small", {}, event.who || "")))) : h("p.quiet", {}, "nothing yet"));
	});
}

// Star, note and tags of the present run
export function notes() {
	return panel("notes", "Run", "run about", body => {
		const {run} = model;
		if (body.contains(document.activeElement))
			return;
		replace(body, run ? annotation(run, () => model.askRun()) : h("p.quiet", {}, "no run yet"));
	});
}

export function annotation(run, after) {
	const save = async params => {
		if (await change_("run.annotate", {run: run.run, ...params}, "noted") !== null)
			after();
	};
	const tags = Array.isArray(run.tags) ? run.tags : [];
	if (!model.operate)
		return h("div", {}, h("p", {}, (run.star ? "\u2605 " : "") + tags.join(", ")), h("p", {}, run.note || h("span.quiet", {}, "no note")));
	const note = h("textarea", {rows: 2, maxlength: 4096, "aria-label": "Note", placeholder: "a note"});
	note.value = run.note || "";
	const words = h("input", {type: "text", "aria-label": "Tags", placeholder: "tags, separated by commas", value: tags.join(", ")});
	return h("form.annotation", {onsubmit: event => {
		event.preventDefault();
		save({note: note.value, tags: words.value.split(",").map(tag => tag.trim()).filter(Boolean)});
	}}, h("div.line", {}, h("button.star", {type: "button", "aria-pressed": String(Boolean(run.star)), "aria-label": "Star", onclick: () => save({star: !run.star})}, run.star ? "\u2605" : "\u2606"),
		words, h("button.small", {type: "submit"}, "Save")), note);
}
