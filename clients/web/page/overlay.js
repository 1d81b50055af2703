// overlay.js - the error curves of several runs on one plot, each as least and greatest of a bin; over steps, updates or time; finer where one zooms

import {ask, steps} from "./api.js";
import {MODES, updates} from "./axis.js";
import {ink} from "./colour.js";
import {h, number, replace, text} from "./dom.js";
import {join, Plot} from "./plot.js";
import {setting} from "./settings.js";

export const MOST_OVERLAID = 8;	// as many as there are inks
const POINTS = 1200;
const curves = new Map(), revisions = new Map();

// {step, t_s, y} of a run: two points a bin, the least and the greatest in the order in which the bin goes
export async function curve(run, from, to) {
	const {columns, n, every} = await steps(run, {points: POINTS, columns: "step,mse_V2,t_mono_ns", from, to});
	const step = [], t_ns = [], y = [], binned = every > 1 && columns.mse_V2_min;
	for (let i = 0; i < n; i++) {
		if (!binned) {
			step.push(columns.step[i]);
			t_ns.push(columns.t_mono_ns[i]);
			y.push(columns.mse_V2[i]);
			continue;
		}
		const low = columns.mse_V2_min[i], high = columns.mse_V2_max[i], falls = columns.mse_V2_first[i] > columns.mse_V2_last[i];
		const end = columns.step[i] + Math.max(0, columns.count[i] - 1), begin_ns = columns.t_mono_ns[i];	// of a bin's first step
		step.push(columns.step[i]);
		t_ns.push(begin_ns);
		y.push(falls ? high : low);
		if (end > columns.step[i]) {
			step.push(end);
			t_ns.push(i + 1 < n ? begin_ns + (columns.t_mono_ns[i + 1] - begin_ns) * (end - columns.step[i]) / (columns.step[i + 1] - columns.step[i])
				: (await steps(run, {from: end, to: end, columns: "t_mono_ns"})).columns.t_mono_ns[0]);
			y.push(falls ? low : high);
		}
	}
	return {step, t_ns, y, every};
}

export class Overlay {
	constructor({onRemove}) {
		this.onRemove = onRemove;
		this.mode = setting("x", "steps") in MODES ? setting("x", "steps") : "steps";
		this.options = {yLog: setting("ylog", "1") === "1", xLog: setting("xlog", "0") === "1"};
		this.zoom = zoomOf(setting("zoom", ""));
		this.box = h("div.plot", {role: "application", tabindex: 0, "aria-roledescription": "plot", "aria-label": "Scaled error of the chosen runs; their last values stand in the legend. Arrow keys move, plus and minus zoom, Home shows all."});
		this.legend = h("ul.legend");
		this.element = h("div.overlay", {}, this.box, this.legend);
		this.controls = this.makeControls();
		this.runs = [];
		this.curves = [];
	}

	makeControls() {
		const select = h("select", {"aria-label": "What stands below the curves", onchange: event => {
			this.mode = event.target.value;
			setting("x", "steps", this.mode);
			this.setZoom(null);
			this.show(this.runs);
		}}, ...Object.entries(MODES).map(([name, words]) => h("option", {value: name}, words)));
		select.value = this.mode;
		const box = (words, name, option) => h("label.check", {}, h("input", {type: "checkbox", checked: this.options[option], onchange: event => {
			setting(name, option === "yLog" ? "1" : "0", event.target.checked ? "1" : "0");
			this.options[option] = event.target.checked;
			this.setZoom(null);
			this.draw(true);
		}}), words);
		this.all = h("button.small", {onclick: () => this.setZoom(null), hidden: this.zoom === null}, "show all");
		return [h("label", {}, "over ", select), box("log x", "xlog", "xLog"), box("log y", "ylog", "yLog"), this.all];
	}

	mount() {
		this.plot = new Plot(this.box, [{label: "error", stroke: () => ink(0)}], {...this.options, range: () => this.zoom || this.full(), full: () => this.full(), onZoom: zoom => this.setZoom(zoom),
			onCursor: x => { this.cursor = x; this.read(); }});
	}

	close() {
		this.closed = true;
		this.plot.close();
	}

	setZoom(zoom) {
		this.zoom = zoom;
		this.all.hidden = zoom === null;
		setting("zoom", "", zoom ? zoom.map(x => Number(x.toPrecision(7))).join("~") : "");
		this.fine = null;
		this.draw();
		if (zoom)
			this.refine(zoom);
	}

	// Over which places the curves go
	full() {
		const all = this.curves.map((one, i) => this.places(one, i)), ends = all.map(x => x.at(-1) || 0), begins = all.map(x => x.find(value => value > 0)).filter(Boolean);
		const end = Math.max(this.mode === "time" ? 1e-6 : 1, ...ends);
		return [this.options.xLog ? Math.min(end / 10, ...begins) : 0, end];
	}

	// runs: [{run, name, steps, mse_first_V2, mse_final_V2, status}]
	async show(runs) {
		const asked = this.asked = {};
		this.runs = runs;
		this.fine = null;
		try {
			const fetched = await Promise.all(runs.map(run => fetchOnce(curves, run.run + "/" + run.steps, () => curve(run.run))));
			const given = this.mode === "updates" ? await Promise.all(runs.map(run => fetchOnce(revisions, run.run + "/" + run.status, async () => (await ask("history.run", {run: run.run})).params))) : [];
			if (asked !== this.asked || this.closed)
				return;
			this.curves = fetched;
			this.updates = given.map(list => updates(list));
			this.draw(true);
			if (this.zoom)
				this.refine(this.zoom);
		} catch (error) {
			if (asked === this.asked)
				replace(this.legend, h("li.error", {role: "alert"}, error.message));
		}
	}

	// The same steps again, in bins as fine as the zoom shows them
	async refine(zoom) {
		const {runs, curves: rough, asked} = this;
		if (!rough.some(({every}) => every > 1))
			return;
		const fine = await Promise.all(rough.map(async (one, i) => {
			const x = this.places(one, i), from = one.step[Math.max(0, x.findIndex(place => place >= zoom[0]) - 1)], behind = x.findIndex(place => place > zoom[1]);
			return one.every === 1 || from === undefined ? one : curve(runs[i].run, from, one.step[behind < 0 ? x.length - 1 : behind]).catch(() => one);
		}));
		if (zoom !== this.zoom || asked !== this.asked || this.closed)
			return;
		this.fine = fine;
		this.draw();
	}

	// Where a curve's points stand below
	places({step, t_ns}, i) {
		if (this.mode === "updates" && this.updates[i])
			return step.map(this.updates[i]);
		if (this.mode === "time") {
			const origin = this.curves[i].t_ns[0] || 0;
			return t_ns.map(t => (t - origin) / 1e9);
		}
		return step;
	}

	lines() {
		return (this.fine || this.curves).map((one, i) => {
			const first = this.runs[i].mse_first_V2 || 1;
			return {x: this.places(one, i), y: one.y.map(value => this.options.yLog && !(value > 0) ? null : value / first)};
		});
	}

	draw(anew) {
		if (!this.plot)
			return;
		if (anew) {
			this.plot.change(this.options, this.runs.map(({run}, i) => ({label: "run " + run, stroke: () => ink(i), width: 1.5})));
			replace(this.legend, ...this.runs.map((run, i) => this.entry(run, i)));
		}
		const lines = this.lines();
		this.drawn = lines;
		this.plot.show(lines.length ? join(lines) : [[]]);
		this.read();
	}

	entry({run, name, status}, i) {
		const line = h("span.line");
		line.style.background = ink(i);
		return h("li", {"data-run": run}, line, h("b", {}, "run " + run), h("span.grow", {}, name), status === "done" ? null : h("span.quiet", {}, status), h("span.at"),
			h("button.plain", {"aria-label": "Take run " + run + " off the plot", onclick: () => this.onRemove(run)}, "\u00d7"));
	}

	// The scaled errors at the pointer, else the last ones
	read() {
		const {cursor} = this, at = [...this.legend.querySelectorAll(".at")];
		(this.drawn || []).forEach(({x, y}, i) => {
			let k = x.length - 1;
			while (cursor !== null && cursor !== undefined && k > 0 && x[k] > cursor)
				k--;
			if (at[i])
				text(at[i], number(y[k], 3));
		});
	}
}

async function fetchOnce(cache, key, what) {
	if (!cache.has(key))
		cache.set(key, await what());
	return cache.get(key);
}

function zoomOf(words) {
	const [from, to] = words.split("~").map(Number);
	return words && Number.isFinite(from) && to > from ? [from, to] : null;
}
