// curves.js - the live page's curves: scaled error, tests, resistors; over steps, updates or time

import {Axis, MODES} from "./axis.js";
import {ink} from "./colour.js";
import {count, h, number, replace, si, text} from "./dom.js";
import {view} from "./frame.js";
import {model} from "./model.js";
import {join, Plot} from "./plot.js";
import {spread} from "./rows.js";
import {setting} from "./settings.js";

const MANY_EDGES = 200;
const CROWDED = 8;	// steps a pixel, beyond which a curve is a band
const SPREAD = [["least", 1, 0.45], ["10 %", 1, 0.75], ["median", 2, 1], ["90 %", 1, 0.75], ["greatest", 1, 0.45]];

// One zoom and one axis for all three, so that what stands above each other belongs together
export class Curves {
	constructor() {
		this.zoom = null;
		this.mode = setting("x", "steps");
		this.xLog = setting("xlog", "0") === "1";
		this.yLog = setting("ylog", "1") === "1";
		this.parts = [];
		this.scaled = this.part("scaled", "Scaled error", [{label: "error", stroke: () => ink(0)},
			{label: "mean", stroke: () => ink(1), width: 2}], {yLog: this.yLog});
		this.tests = this.part("tests", "Tests", [
			{label: "test error", stroke: () => ink(1), points: true, spanGaps: true},
			{label: "train error", stroke: () => ink(6), dash: [4, 3], points: true, spanGaps: true},
			{label: "accuracy", stroke: () => ink(2), scale: "y2", points: true, spanGaps: true}], {yLog: this.yLog, y2: [0, 1.02]});
		this.traces = this.part("traces", "Resistors", [{label: "none", stroke: () => ink(0)}], {});
		this.element = h("div.curves", {}, this.controls(), ...this.parts.map(part => part.element));
		this.off = [
			model.on("step run state", () => this.want(this.scaled, this.tests)),
			model.on("test run", () => this.want(this.tests)),
			model.on("rows rig select run", () => this.want(this.traces)),
			model.on("step", () => this.want(this.traces)),
		];
		this.scaled.draw = () => this.drawError();
		this.tests.draw = () => this.drawTests();
		this.traces.draw = () => this.drawTraces();
	}

	part(name, title, curves, options) {
		const box = h("div.plot", {role: "application", tabindex: 0, "aria-roledescription": "plot", "aria-label": title + "; its figures stand in the text above it. Arrow keys move, plus and minus zoom, Home shows all."});
		const readout = h("output.readout", {"aria-live": "off"});
		const part = {name, box, readout, element: h("section.panel.chart." + name, {"aria-label": title}, h("header", {}, h("h2", {}, title), readout), box)};
		part.view = view(name, () => part.draw());
		part.mount = () => {
			part.plot = new Plot(box, curves, {
				xLog: this.xLog, right: 44, ...options,
				range: () => this.range(), full: () => this.axis().range(),
				onZoom: zoom => this.setZoom(zoom),
				onCursor: x => { part.cursor = x; this.read(part); },
				onSize: () => part.view.want(),
				marks: () => this.marks(),
			});
			part.view.want();
		};
		this.parts.push(part);
		return part;
	}

	mount() {
		this.parts.forEach(part => part.mount());
	}

	close() {
		this.off.forEach(off => off());
		this.parts.forEach(part => { part.view.remove(); part.plot.close(); });
	}

	want(...parts) {
		parts.forEach(part => part.plot && part.view.want());
	}

	controls() {
		const select = h("select", {"aria-label": "What stands below the curves", onchange: event => {
			this.mode = event.target.value;
			setting("x", "steps", this.mode);
			this.setZoom(null);
		}}, ...Object.entries(MODES).map(([name, words]) => h("option", {value: name}, words)));
		select.value = this.mode;
		const box = (words, name, value, change) => h("label.check", {},
			h("input", {type: "checkbox", checked: value, onchange: event => change(event.target.checked)}), words);
		this.all = h("button.small", {onclick: () => this.setZoom(null), hidden: true}, "show all");
		this.gaps = h("span.gaps", {role: "status"});
		return h("div.controls", {role: "group", "aria-label": "Axes"},
			h("label", {}, "over ", select),
			box("log x", "xlog", this.xLog, on => this.logs(on, this.yLog)), box("log y", "ylog", this.yLog, on => this.logs(this.xLog, on)),
			this.all, this.gaps);
	}

	logs(xLog, yLog) {
		this.xLog = xLog;
		this.yLog = yLog;
		setting("xlog", "0", xLog ? "1" : "0");
		setting("ylog", "1", yLog ? "1" : "0");
		this.zoom = null;
		for (const part of this.parts)
			part.plot.change({xLog, ...(part === this.traces ? {} : {yLog})});
		this.want(...this.parts);
	}

	setZoom(zoom) {
		this.zoom = zoom;
		this.all.hidden = zoom === null;
		this.want(...this.parts);
	}

	axis() {
		const {series, revisions} = model;
		if (!this.cached || this.cached.series !== series || this.version !== series.version || this.cached.mode !== this.mode ||
			this.cached.log !== this.xLog || this.revisions !== revisions.length) {
			this.cached = new Axis(this.mode, this.xLog, series, revisions);
			this.version = series.version;
			this.revisions = revisions.length;
		}
		return this.cached;
	}

	range() {
		return this.zoom || this.axis().range();
	}

	marks() {
		const axis = this.axis(), {series} = model;
		const gaps = series.complete ? [] : series.missing(200).map(([from, to]) => ({from: axis.xOf(from), to: axis.xOf(to + 1), kind: "gap"}));
		const changes = model.revisions.filter(({from_step}) => from_step > 0).slice(-200).map(({from_step}) => {
			const x = axis.xOf(from_step);
			return {from: x, to: x, kind: "change"};
		});
		return gaps.concat(changes);
	}

	drawError() {
		const {series} = model, axis = this.axis(), [from, to] = this.range(), plot = this.scaled.plot;
		const first = series.first() || (model.run && model.run.mse_first_V2);
		const edges = axis.edges(from, to, plot.width), xOf = step => axis.xOf(step), scale = first ? 1 / first : 1;
		const {x, y} = series.decimate(edges, xOf, scale), window = this.window = this.meanOf(edges);
		if (this.yLog)
			for (let i = 0; i < y.length; i++)
				if (y[i] !== null && !(y[i] > 0))
					y[i] = undefined;
		this.fade(window > 1);
		plot.show(window > 1 ? join([{x, y}, series.means(edges, xOf, scale, window)]) : [x, y, x.map(() => null)]);
		const lost = series.length - series.settled;
		text(this.gaps, lost ? lost.toLocaleString("en-US") + " steps missing, " + (model.refill.trouble || "being fetched") : "");
		this.read(this.scaled);
	}

	// Beside a mean the single steps stand back
	fade(on) {
		if (this.faded === on)
			return;
		this.faded = on;
		this.scaled.plot.change({}, [{label: "error", stroke: () => ink(0), alpha: on ? 0.5 : 1}, {label: "mean", stroke: () => ink(1), width: 2}]);
	}

	// Over how many steps the mean is taken: the examples of a task that shows them in turn; or, where a pixel stands for many steps, several pixels
	meanOf(edges) {
		const pixel = (edges.at(-1) - edges[0]) / (edges.length - 1), examples = this.examples();
		return examples > 1 ? examples : pixel > CROWDED ? Math.min(1000, Math.round(4 * pixel)) : 1;
	}

	// Of a task that shows many examples in turn, the steps whose mean says how it goes
	examples() {
		const task = model.run && model.run.task_json, train = task && task.train;
		if (!train || train.batch > 1)
			return 1;
		return train.examples ? Math.min(1000, train.examples.length) : 100;
	}

	drawTests() {
		const {tests} = model, axis = this.axis();
		this.tests.element.hidden = tests.length === 0;
		if (!tests.length || !this.tests.plot)
			return;
		const places = [...new Set(tests.map(test => test.step))];
		const column = (set, name) => {
			const values = new Map(tests.filter(test => test.set === set).map(test => [test.step, test[name]]));
			return places.map(step => {
				const value = values.get(step);
				return value === undefined || value === null || (this.yLog && name === "error_V2" && !(value > 0)) ? undefined : value;
			});
		};
		const shares = tests.some(({accuracy}) => accuracy !== null && accuracy !== undefined), {plot} = this.tests;
		if (shares !== Boolean(plot.options.y2))	// no axis of what there is not
			plot.change({y2: shares ? [0, 1.02] : undefined}, plot.curves.map(curve => curve.label === "accuracy" ? {...curve, scale: shares ? "y2" : "y"} : curve));
		plot.show([places.map(step => axis.xOf(step)), column("test", "error_V2"), column("train", "error_V2"), column("test", "accuracy")]);
		this.read(this.tests);
	}

	// Each edge's curve; of more than a picture can tell apart their spread, and the chosen one's
	drawTraces() {
		const {rows, rig, selected} = model, part = this.traces, axis = this.axis(), [from, to] = this.range();
		if (!rig || !part.plot)
			return;
		const many = rig.edges.length > MANY_EDGES, key = rows.edges + "/" + selected;
		if (key !== part.key) {
			part.key = key;
			const one = edge => ({label: "edge " + edge, stroke: () => ink(edge), spanGaps: true, width: edge === selected ? 2.5 : 1, alpha: selected === null || edge === selected ? 1 : 0.3});
			part.plot.change({}, many ? SPREAD.map(([label, width, alpha]) => ({label, width, alpha, stroke: () => ink(0), spanGaps: true})).concat({label: "chosen", stroke: () => ink(1), width: 2, spanGaps: true})
				: rig.edges.map((_, edge) => one(edge)));
		}
		const a = Math.max(0, rows.place(Math.floor(axis.stepOf(from))) - 1), b = Math.min(rows.length, rows.place(Math.ceil(axis.stepOf(to))) + 1);
		const most = many ? 300 : Math.max(20, Math.min(part.plot.width, Math.floor(40000 / (rows.edges || 1))));
		const every = Math.max(1, Math.ceil((b - a) / most));
		const x = [], y = part.plot.curves.map(() => []);
		for (let i = a; i < b; i++) {
			const r = rows.r[i];
			if (!r || ((i - a) % every !== 0 && i !== b - 1))
				continue;
			x.push(axis.xOf(rows.step[i]));
			const values = many ? [...spread(r), selected === null ? undefined : r[selected]] : r;
			for (let k = 0; k < y.length; k++)
				y[k].push(values[k] === undefined ? undefined : values[k] / 1e3);
		}
		part.plot.show([x, ...y]);
		this.read(part);
	}

	read(part) {
		const {series, rows} = model, axis = this.axis();
		const at = part.cursor === null || part.cursor === undefined ? series.last() : Math.min(series.length - 1, Math.round(axis.stepOf(part.cursor)));
		if (at < 0) {
			text(part.readout, "no steps yet");
		} else if (part === this.scaled) {
			const first = series.first(), mse = series.mse[at];
			replace(part.readout, "step ", h("b", {}, String(at)), " \u00b7 ", h("b", {"data-value": "scaled"}, number(first ? mse / first : NaN)),
				" \u00b7 ", h("b", {"data-value": "mse"}, number(mse)), " V\u00b2", this.window > 1 ? h("span.key", {}, "mean of " + count(this.window) + " steps") : "");
		} else if (part === this.tests) {
			const test = model.tests.filter(({set, step}) => set === "test" && step <= at + 1).at(-1) || model.tests.at(-1);
			const share = test && test.accuracy !== null && test.accuracy !== undefined, key = (words, name) => h("span.key." + name, {}, words);
			replace(part.readout, ...test ? ["step ", h("b", {}, String(test.step)), key(test.set, test.set === "test" ? "of-test" : "of-train"), h("b", {}, number(test.error_V2)), " V\u00b2",
				...share ? [key("accuracy", "of-share"), h("b", {}, (100 * test.accuracy).toFixed(1) + " %")] : []] : []);
		} else {
			const row = Math.min(rows.length - 1, rows.place(at)), edge = model.selected;
			text(part.readout, rows.length && edge !== null && rows.r[row] ? "edge " + edge + " \u00b7 " + si(rows.r[row][edge], "\u03a9") : "k\u03a9, " + count(rows.edges) + " edges" + (rows.edges > MANY_EDGES ? ": least, 10 %, median, 90 %, greatest" : ""));
		}
	}
}
