// bar.js - the head of the page: what runs, how far it is, whether its words are fresh; and the verbs, abort always among them

import {act} from "./api.js";
import {count, h, replace, text} from "./dom.js";
import {model} from "./model.js";
import {say} from "./say.js";
import {openSubmit} from "./submit.js";

const TWICE_MS = 1000;

export async function abort() {
	try {
		const result = await act("run.abort");
		say("run " + result.run + " aborted after step " + result.step + "; the queue is held");
	} catch (error) {
		say(error.message, "error");
	}
}

async function verb(method, words) {
	try {
		await act(method);
		say(words);
	} catch (error) {
		say(error.message, "error");
	}
}

export class Bar {
	constructor(go) {
		const link = (path, words) => h("a", {href: path, onclick: event => go(event, path)}, words);
		this.links = [link("/", "Live"), link("/history", "History")];
		this.state = h("span.state", {role: "status"});
		this.run = h("span.run");
		this.progress = h("progress", {max: 1, value: 0, "aria-label": "Steps made"});
		this.age = h("span.age", {role: "timer", "aria-live": "off"});
		this.element = h("header.bar", {},
			h("a.brand", {href: "/", onclick: event => go(event, "/")}, h("span.logo", {"aria-hidden": "true"}), h("span", {}, "nudged"), this.rig = h("span.rig")),
			h("nav", {"aria-label": "Pages"}, ...this.links),
			h("div.now", {}, this.state, this.run, this.progress, this.age));
		this.lost = h("div.lost-banner", {role: "alert", hidden: true});
		this.verbs = h("div.verbs", {role: "toolbar", "aria-label": "Run"});
		this.element.append(this.verbs);
		this.button = {};
		model.on("about", () => this.makeVerbs());
		model.on("state run hb link step", () => this.draw());
		setInterval(() => this.tick(), 200);
		document.addEventListener("keydown", event => this.key(event));
	}

	makeVerbs() {
		if (!model.operate) {
			replace(this.verbs, h("span.quiet", {title: "nudge-web was started without --operate"}, "looking on"));
			return;
		}
		const make = (name, words, what, kind = "") => this.button[name] = h("button" + kind, {onclick: what}, words);
		replace(this.verbs,
			make("submit", "New run\u2026", openSubmit), make("pause", "Pause", () => verb("run.pause", "pauses after this step")),
			make("resume", "Resume", () => verb("run.resume", "goes on")), make("stop", "Stop", () => verb("run.stop", "stops after this step")),
			h("button.abort", {onclick: abort, "aria-keyshortcuts": "Control+.", title: "Ends the run now and makes the rig safe. Escape twice, or Ctrl + ."}, "Abort"));
		this.draw();
	}

	// Abort by Escape twice within a second, or Ctrl and a full stop: nothing that is typed by chance
	key(event) {
		if (!model.operate || event.repeat)
			return;
		const now = event.timeStamp;	// when the key was pressed, however busy the page was then
		if (event.key === "." && (event.ctrlKey || event.metaKey)) {
			event.preventDefault();
			abort();
		} else if (event.key === "Escape" && !event.target.matches("input, select, textarea") && !document.querySelector("dialog[open]")) {
			if (now - (this.escape || -Infinity) < TWICE_MS) {
				this.escape = null;
				abort();
			} else {
				this.escape = now;
			}
		}
	}

	draw() {
		const {state, run, number, link} = model;
		if (!state)
			return;
		text(this.rig, model.rig ? model.rig.name : "");
		const word = model.active || state.state !== "idle" ? state.state : run && run.status !== "queued" ? run.status : "idle";
		text(this.state, state.queue_held && state.state === "idle" ? word + ", queue held" : word);
		this.state.className = "state " + state.state + " " + word;
		const made = Math.max(model.series.length, model.active ? state.step || 0 : 0);
		const total = model.active ? state.steps_total : run ? run.steps : null;
		const name = number === null ? "no run yet" : "run " + number + (run ? " \u00b7 " + run.name : "");
		replace(this.run, h("b", {}, name), number === null ? "" : h("span.step", {"data-value": "step"}, count(made) + (total ? " / " + count(total) : "")));
		this.progress.hidden = !(model.active && total);
		this.progress.value = total ? Math.min(1, made / total) : 0;
		const on = {pause: state.state === "running", resume: state.state === "paused", stop: model.active, submit: true};
		for (const [button, can] of Object.entries(on))
			if (this.button[button]) {
				this.button[button].disabled = !can;
				this.button[button].hidden = button === "resume" ? state.state !== "paused" : button === "pause" ? state.state === "paused" : false;
			}
		document.title = (link.alive ? "" : "\u26a0 ") + (model.active ? "run " + number + " " + state.state : "nudged");
		this.tick();
	}

	// How old what is shown is
	tick() {
		const {link, events} = model;
		if (!events)
			return;
		const age = events.age;
		text(this.age, link.alive ? "live" : "");
		this.age.classList.toggle("fresh", link.alive);
		document.documentElement.classList.toggle("lost", !link.alive);
		this.lost.hidden = link.alive;
		if (!link.alive)
			text(this.lost, link.ever ? (link.why || "lost") + " \u2014 what is shown is " + (age < 100 ? age.toFixed(1) + " s" : Math.round(age / 60) + " min") + " old" : (model.trouble || link.why) + "\u2026");
	}

	here(path) {
		this.links.forEach(one => {
			if (one.getAttribute("href") === path)
				one.setAttribute("aria-current", "page");
			else
				one.removeAttribute("aria-current");
		});
	}
}
