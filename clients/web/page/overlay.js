// overlay.js - the error curves of several runs on one plot, each as least and greatest of a bin

import {steps} from "./api.js";
import {ink} from "./colour.js";
import {h, replace} from "./dom.js";
import {join, Plot} from "./plot.js";

const POINTS = 1200;
const cache = new Map();

// {x, y} of a run: two points a bin, the least and the greatest in the order in which the bin goes
export async function curve(run, from, to) {
	const {columns, n, every} = await steps(run, {points: POINTS, columns: "step,mse_V2", from, to});
	const x = [], y = [];
	for (let i = 0; i < n; i++) {
		if (every === 1 || !columns.mse_V2_min) {
			x.push(columns.step[i]);
			y.push(columns.mse_V2[i]);
			continue;
		}
		const low = columns.mse_V2_min[i], high = columns.mse_V2_max[i], falls = columns.mse_V2_first[i] > columns.mse_V2_last[i];
		const end = columns.step[i] + Math.max(0, columns.count[i] - 1);
		x.push(columns.step[i]);
		y.push(falls ? high : low);
		if (end > columns.step[i]) {
			x.push(end);
			y.push(falls ? low : high);
		}
	}
	return {x, y};
}

export class Overlay {
	// options: scaled, xLog, yLog
	constructor(options) {
		this.options = options;
		this.box = h("div.plot", {role: "img", "aria-label": "Error of the chosen runs over their steps"});
		this.legend = h("ul.legend");
		this.element = h("div.overlay", {}, this.box, this.legend);
		this.runs = [];
		this.zoom = null;
		this.curves = [];
	}

	mount() {
		this.plot = new Plot(this.box, [{label: "error", stroke: () => ink(0)}], {...this.options, range: () => this.range(), onZoom: zoom => {
			this.zoom = zoom;
			this.draw();
		}});
	}

	close() {
		this.plot.close();
	}

	range() {
		if (this.zoom)
			return this.zoom;
		const end = Math.max(1, ...this.curves.map(({x}) => x.at(-1) || 0));
		return [this.options.xLog ? 1 : 0, end];
	}

	// runs: [{run, name, mse_first_V2, status}]
	async show(runs) {
		const asked = this.asked = {};
		this.runs = runs;
		this.element.hidden = runs.length === 0;
		this.failed = null;
		try {
			const curves = await Promise.all(runs.map(async run => {
				const key = run.run + "/" + run.steps;
				if (!cache.has(key))
					cache.set(key, await curve(run.run));
				return cache.get(key);
			}));
			if (asked !== this.asked)
				return;
			this.curves = curves;
			this.draw(true);
		} catch (error) {
			replace(this.legend, h("li.error", {}, error.message));
		}
	}

	change(options) {
		Object.assign(this.options, options);
		this.zoom = null;
		this.draw(true);
	}

	draw(anew) {
		if (!this.curves.length)
			return;
		if (anew) {
			this.plot.change(this.options, this.runs.map(({run}, i) => ({label: "run " + run, stroke: () => ink(i)})));
			replace(this.legend, ...this.runs.map(({run, name}, i) => {
				const line = h("span.line");
				line.style.background = ink(i);
				return h("li", {}, line, "run " + run + " \u00b7 " + name);
			}));
		}
		const scaled = this.curves.map(({x, y}, i) => {
			const first = this.options.scaled ? this.runs[i].mse_first_V2 || 1 : 1;
			return {x, y: y.map(value => this.options.yLog && !(value > 0) ? null : value / first)};
		});
		this.plot.show(join(scaled));
	}
}
