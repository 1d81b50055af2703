// history.js - the runs of the past: chosen by words, sorted by a column, laid over each other; the address says it all

import {get} from "./api.js";
import {count, h, number, replace, text, when} from "./dom.js";
import {model} from "./model.js";
import {Overlay} from "./overlay.js";
import {setting} from "./settings.js";
import {Table} from "./table.js";
import {compile, sorted} from "./where.js";

const FIRST = 200, PAGE = 2000;
const MOST_OVERLAID = 8;

export class History {
	constructor(go) {
		this.go = go;
		this.runs = [];
		this.where = setting("where", "");
		this.order = setting("sort", "run-");
		this.chosen = new Set(setting("overlay", "").split(",").map(Number).filter(Boolean).slice(0, MOST_OVERLAID));
		this.search = h("input", {type: "search", value: this.where, placeholder: "iris  status:done  steps>100  mse_final_V2<0.01  star", "aria-label": "Which runs",
			oninput: event => this.filter(event.target.value)});
		this.number = h("output.readout", {"aria-live": "polite"});
		this.table = new Table(this.columns(), {label: "Runs", onSort: name => this.sort(name)});
		this.overlay = new Overlay({scaled: true, yLog: setting("ylog", "1") === "1", xLog: setting("xlog", "0") === "1"});
		this.element = h("div.history", {}, h("section.panel", {"aria-label": "Runs"}, h("header", {}, h("h1", {}, "History"), this.number), h("div.controls", {}, this.search), this.table.element),
			this.plot = h("section.panel.chart", {"aria-label": "Overlay"}, h("header", {}, h("h2", {}, "Scaled error"), this.controls()), this.overlay.element));
		this.off = model.on("run", () => this.newest());
	}

	controls() {
		const box = (words, name, option) => h("label.check", {}, h("input", {type: "checkbox", checked: this.overlay.options[option], onchange: event => {
			setting(name, option === "yLog" ? "1" : "0", event.target.checked ? "1" : "0");
			this.overlay.change({[option]: event.target.checked});
		}}), words);
		return h("span.controls", {}, box("log x", "xlog", "xLog"), box("log y", "ylog", "yLog"), h("button.small", {onclick: () => {
			this.chosen.clear();
			this.choose();
		}}, "Clear"));
	}

	columns() {
		const link = run => h("a", {href: "/run/" + run.run, onclick: event => this.go(event, "/run/" + run.run)}, run.name);
		return [
			{name: "choose", words: "", class: "choose", cell: run => h("input", {type: "checkbox", checked: this.chosen.has(run.run), "aria-label": "Overlay run " + run.run,
				onchange: event => this.choose(run.run, event.target.checked)})},
			{name: "run", words: "run", class: "num", cell: run => String(run.run)},
			{name: "star", words: "\u2606", class: "star", cell: run => run.star ? "\u2605" : ""},
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
		this.load();
	}

	close() {
		this.closed = true;
		this.off();
		this.table.close();
		this.overlay.close();
	}

	async load() {
		try {
			let after = null, limit = FIRST;
			do {
				const {rows, next} = await get("/api/runs", {limit, after, order: "newest"});
				if (this.closed)
					return;
				this.runs.push(...rows);
				this.draw();
				if (limit === FIRST)
					this.overlayChosen();
				after = next;
				limit = PAGE;
			} while (after !== null);
			this.loaded = true;
			this.draw();
			this.overlayChosen();
		} catch (error) {
			replace(this.number, h("span.error", {role: "alert"}, error.message));
			if (!this.closed)
				setTimeout(() => { this.runs = []; this.load(); }, 2000);
		}
	}

	// A run has begun or ended meanwhile
	async newest() {
		if (!this.loaded)
			return;
		const {rows} = await get("/api/runs", {limit: 50, order: "newest"});
		const fresh = new Map(rows.map(row => [row.run, row]));
		this.runs = [...rows.filter(row => !this.runs.some(({run}) => run === row.run)), ...this.runs.map(row => fresh.get(row.run) || row)];
		this.draw();
	}

	filter(words) {
		this.where = words;
		setting("where", "", words);
		this.table.scroller.scrollTop = 0;
		this.draw();
	}

	sort(name) {
		this.order = this.order === name + "-" ? name : this.order === name ? name + "-" : name === "name" ? name : name + "-";
		setting("sort", "run-", this.order);
		this.draw();
	}

	draw() {
		const begin = performance.now();
		const shown = sorted(this.runs.filter(compile(this.where)), this.order);
		this.table.show(shown, this.order);
		this.took_ms = performance.now() - begin;
		text(this.number, count(shown.length) + " of " + count(this.runs.length) + (this.loaded ? " runs" : " runs so far"));
		this.number.dataset.ms = this.took_ms.toFixed(1);
		if (this.loaded)
			this.number.dataset.loaded = "yes";
	}

	choose(run, on) {
		if (on && this.chosen.size >= MOST_OVERLAID)
			this.chosen.delete([...this.chosen][0]);
		if (run !== undefined)
			this.chosen[on ? "add" : "delete"](run);
		setting("overlay", "", [...this.chosen].join(","));
		this.table.draw(true);
		this.overlayChosen();
	}

	overlayChosen() {
		const runs = this.runs.filter(({run}) => this.chosen.has(run));
		this.plot.hidden = runs.length === 0;
		this.overlay.show(runs);
	}
}
