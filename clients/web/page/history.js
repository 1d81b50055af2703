// history.js - the runs of the past: the server chooses and sorts them, the page shows what is in sight and lays runs over each other; the address says it all

import {count, h, number, replace, text, when} from "./dom.js";
import {model} from "./model.js";
import {MOST_OVERLAID, Overlay} from "./overlay.js";
import {Runs, rowsOf} from "./runs.js";
import {say} from "./say.js";
import {setting} from "./settings.js";
import {Table} from "./table.js";
import {FIELDS, filterOf, orderOf, pointed} from "./where.js";

const EXAMPLES = ["status = 'done'", "mse_final_V2 < 1e-3", "eta >= 0.2 and p < 1", "started_utc > '2026-11'", "tag = 'paper'", "star"];
const TYPED_MS = 350;	// somebody who types is not told at each letter what is missing
const LEFTWARDS = new Set(["name", "kind", "status", "who"]);	// these begin with a, figures with the greatest

export class History {
	constructor(go) {
		this.go = go;
		this.where = setting("where", "");
		this.order = setting("sort", "run-");
		this.chosen = new Set(setting("overlay", "").split(",").map(Number).filter(Boolean).slice(0, MOST_OVERLAID));
		this.runs = new Runs({rows: fresh => this.draw(fresh), refused: error => this.refuse(error), trouble: error => this.tell(error), took: ms => { this.number.dataset.ms = ms.toFixed(1); }});
		this.search = h("input", {type: "search", id: "where", value: this.where, placeholder: "a word, or a filter: status = 'done' and mse_final_V2 < 1e-3", "aria-label": "Which runs", "aria-describedby": "where-about",
			autocomplete: "off", spellcheck: "false", oninput: event => this.filter(event.target.value), onchange: () => this.showRefusal()});
		this.about = h("div.about", {id: "where-about"});
		this.number = h("output.readout", {"aria-live": "polite"});
		this.table = new Table(this.columns(), {label: "Runs", onSort: name => this.sort(name), onEnd: () => this.runs.more()});
		this.overlay = new Overlay({onRemove: run => this.choose(run, false)});
		this.empty = h("p.quiet.empty", {hidden: true}, "No run is like this.");
		this.element = h("div.history", {}, h("section.panel", {"aria-label": "Runs"}, h("header", {}, h("h1", {}, "History"), this.number), h("div.controls", {}, this.search), this.about, this.empty, this.table.element),
			this.plot = h("section.panel.chart", {"aria-label": "Overlay", hidden: true}, h("header", {}, h("h2", {}, "Scaled error"), this.controls()), this.overlay.element));
		this.off = [model.on("run", () => this.happened()), model.on("queue", () => this.happened())];
		this.hint();
	}

	controls() {
		return h("span.controls", {}, ...this.overlay.controls, h("button.small", {onclick: () => this.share()}, "Copy link"), h("button.small", {onclick: () => {
			this.chosen.clear();
			this.choose();
		}}, "Clear"));
	}

	async share() {
		try {
			await navigator.clipboard.writeText(location.href);
			say("the link is copied: it shows these runs, this order and this plot");
		} catch {
			say("the browser does not let the page copy; the address itself is the link");
		}
	}

	columns() {
		const link = run => h("a", {href: "/run/" + run.run, onclick: event => this.go(event, "/run/" + run.run)}, run.name);
		return [
			{name: "choose", words: "", class: "choose", cell: run => h("input", {type: "checkbox", checked: this.chosen.has(run.run), "aria-label": "Overlay run " + run.run,
				onchange: event => this.choose(run.run, event.target.checked)})},
			{name: "run", words: "run", class: "num", cell: run => String(run.run)},
			{name: "star", words: "\u2606", label: "star", class: "star", cell: run => run.star ? "\u2605" : ""},
			{name: "name", words: "name", class: "name", cell: run => [link(run), ...(run.tags || []).map(tag => h("span.tag", {}, tag))]},
			{name: "kind", words: "kind", class: "wide", cell: run => run.kind},
			{name: "status", words: "status", class: "what", cell: run => h("span.status." + run.status, {}, run.status)},
			{name: "steps", words: "steps", class: "num.medium", cell: run => count(run.steps)},
			{name: "mse_final_V2", words: "final / V\u00b2", class: "num", cell: run => number(run.mse_final_V2, 3)},
			{name: "accuracy_final", words: "accuracy", class: "num.wide", cell: run => run.accuracy_final === null ? "" : (100 * run.accuracy_final).toFixed(1) + " %"},
			{name: "started_utc", words: "began", class: "wide", cell: run => when(run.started_utc || run.submitted_utc)},
			{name: "who", words: "who", class: "wide", cell: run => run.who},
		];
	}

	mount() {
		this.overlay.mount();
		this.ask();
		this.overlayChosen();
	}

	close() {
		this.closed = true;
		clearTimeout(this.typed);
		this.off.forEach(off => off());
		this.runs.close();
		this.table.close();
		this.overlay.close();
	}

	ask() {
		this.runs.ask({where: filterOf(this.where), order: orderOf(this.order)});
	}

	// A run was queued, has begun or has ended meanwhile; whoever reads further down keeps the place
	happened() {
		if (this.table.element.scrollTop < 100)
			this.ask();
		else if (model.number !== null)
			this.runs.renew(model.number).catch(error => this.tell(error));
	}

	filter(words) {
		this.where = words;
		setting("where", "", words);
		this.ask();
	}

	sort(name) {
		const up = LEFTWARDS.has(name) ? name : name + "-", down = LEFTWARDS.has(name) ? name + "-" : name;
		this.order = this.order === up ? down : up;
		setting("sort", "run-", this.order);
		this.ask();
	}

	draw(fresh) {
		const {rows, next} = this.runs;
		this.hint();
		if (fresh && this.asked !== this.where + "\n" + this.order) {
			this.asked = this.where + "\n" + this.order;
			this.table.element.scrollTop = 0;
		}
		this.empty.hidden = rows.length > 0;
		this.table.element.hidden = rows.length === 0;
		this.table.show(rows, this.order);
		text(this.number, next === null ? count(rows.length) + (rows.length === 1 ? " run" : " runs") : "the first " + count(rows.length) + " runs; scroll for more");
		this.number.dataset.loaded = next === null ? "yes" : "no";
		this.number.dataset.shown = this.where;
	}

	tell(error) {
		replace(this.number, h("span.error", {role: "alert"}, error.message));
	}

	// Below the field: what may stand in it, or why the server refuses what does
	hint() {
		clearTimeout(this.typed);
		this.refusal = null;
		this.search.removeAttribute("aria-invalid");
		if (this.hinted)
			return;
		this.hinted = true;
		replace(this.about, h("span.quiet", {}, "such as"), ...EXAMPLES.map(words => h("button.example", {type: "button", onclick: () => {
			const before = this.search.value.trim();
			this.search.value = before && before !== words ? before + " and " + words : words;
			this.filter(this.search.value);
			this.search.focus();
		}}, words)), h("details.fields", {}, h("summary", {}, "all fields"), h("p", {}, FIELDS.join("  "))));
	}

	// What was shown before stays
	refuse(error) {
		clearTimeout(this.typed);
		this.refusal = error;
		this.number.dataset.shown = "";
		this.table.element.hidden = this.runs.rows.length === 0;
		this.typed = setTimeout(() => this.showRefusal(), this.hinted ? TYPED_MS : 0);
	}

	showRefusal() {
		const {refusal: error} = this;
		if (!error || this.closed)
			return;
		const position = error.data.path === "/where" && error.data.position, [before, there, behind] = pointed(filterOf(this.where), position || 1);
		this.hinted = false;
		this.search.setAttribute("aria-invalid", "true");
		replace(this.about, h("div.refusal", {role: "alert"}, position ? h("code", {"data-position": position}, before, h("mark", {}, there), behind) : null,
			h("p.error", {}, error.message.replace(/^where, character \d+: /, ""))));
	}

	choose(run, on) {
		if (on && this.chosen.size >= MOST_OVERLAID) {
			const [first] = this.chosen;
			this.chosen.delete(first);
			say("at most " + MOST_OVERLAID + " runs: run " + first + " makes room");
		}
		if (run !== undefined)
			this.chosen[on ? "add" : "delete"](run);
		setting("overlay", "", [...this.chosen].join(","));
		this.table.draw(true);
		this.overlayChosen();
	}

	async overlayChosen() {
		const wanted = [...this.chosen], here = new Map(this.runs.rows.map(row => [row.run, row]));
		this.plot.hidden = wanted.length === 0;
		try {
			(await rowsOf(wanted.filter(run => !here.has(run)))).forEach(row => here.set(row.run, row));
		} catch (error) {
			this.tell(error);
		}
		if (!this.closed && wanted.join() === [...this.chosen].join())
			this.overlay.show(wanted.map(run => here.get(run)).filter(Boolean));
	}
}
