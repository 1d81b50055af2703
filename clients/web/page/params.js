// params.js - the parameters, since which step they hold, and how punctual the steps are; an operator changes them here

import {act, steps} from "./api.js";
import {h, number, replace, seconds, si, text} from "./dom.js";
import {model} from "./model.js";
import {say} from "./say.js";

// name, sign, what it is, how it is written
const PARAMETERS = [
	["eta", "\u03b7", "nudge", value => number(value)],
	["p", "p", "probability of an update", value => number(value)],
	["tau_s", "\u03c4", "step period", value => si(value, "s")],
	["capacitance_F", "C", "capacitor of the edges", value => value === 0 ? "none" : si(value, "F")],
	["alpha_over_gamma", "\u03b1/\u03b3", "learning over relaxation rate", value => number(value)],
];

export class Params {
	constructor() {
		this.cells = {};
		const rows = PARAMETERS.map(([name, sign, what]) => {
			const cell = this.cells[name] = {value: h("td.value", {"data-value": name}), since: h("td.since"), edit: h("td.edit")};
			return h("tr", {}, h("th", {scope: "row"}, h("abbr", {title: what + " (" + name + ")"}, sign)), cell.value, cell.edit, cell.since);
		});
		this.timing = h("dl.timing");
		this.element = h("section.panel.params", {"aria-label": "Parameters"}, h("header", {}, h("h2", {}, "Parameters"), this.rev = h("output.readout")),
			h("table", {}, h("tbody", {}, ...rows)), this.timing);
		this.off = [model.on("state run about link", () => this.draw()), model.on("hb step", () => this.time())];
		this.lateness = null;
	}

	mount() {
		this.draw();
		this.time();
		this.timer = setInterval(() => this.askLateness(), 3000);
		this.askLateness();
	}

	close() {
		this.off.forEach(off => off());
		clearInterval(this.timer);
	}

	draw() {
		const {state} = model;
		if (!state)
			return;
		const params = state.params;
		text(this.rev, "revision " + params.rev);
		for (const [name, sign, , write] of PARAMETERS) {
			const cell = this.cells[name];
			text(cell.value, params[name] === null ? "\u2013" : write(params[name]));
			const since = this.since(name);
			text(cell.since, since === null ? "" : since === 0 ? "from the start" : "since step " + since);
			if (model.operate && !cell.edit.firstChild)
				cell.edit.append(this.editor(name, sign, cell));
		}
	}

	// The first step with this value, of the present run
	since(name) {
		if (!model.revisions.length)
			return null;
		let since = null, value;
		for (const revision of model.revisions)
			if (since === null || revision[name] !== value) {
				since = revision.from_step || 0;
				value = revision[name];
			}
		return since;
	}

	editor(name, sign, cell) {
		const bank = name === "capacitance_F" && model.rig ? model.rig.capacitors_F : null;
		const input = bank ? h("select", {"aria-label": "new " + name}, h("option", {value: ""}, ""), ...bank.map(value => h("option", {value}, value === 0 ? "none" : si(value, "F"))))
			: h("input", {type: "text", inputmode: "decimal", size: 6, "aria-label": "new " + name, autocomplete: "off", placeholder: "set"});
		const send = async event => {
			event.preventDefault();
			if (input.value === "")
				return;
			const value = Number(input.value.replace(",", "."));
			if (!Number.isFinite(value)) {
				say(sign + ": " + input.value + " is no number", "error");
				return;
			}
			try {
				const result = await act("param.set", {[name]: value});
				input.value = "";
				say(sign + " = " + value + (result.effective_step === null ? "" : " from step " + result.effective_step + " on"));
				if (model.state)
					model.state.params = {...result.params, rev: result.rev};
				cell.value.classList.remove("pending");
				this.draw();
			} catch (error) {
				say(error.message, "error");
			}
		};
		if (bank)
			input.addEventListener("change", send);
		return h("form", {onsubmit: send}, input);
	}

	// The page's own look at the last steps' times, and lateness as the daemon wrote it down
	time() {
		const {series, state} = model, last = series.last();
		if (last < 0 || !state) {
			replace(this.timing);
			return;
		}
		const now = performance.now();
		if (now - (this.timed || -Infinity) < 400)
			return;
		this.timed = now;
		const gaps = [];
		for (let step = last; step > Math.max(0, last - 64); step--)
			if (series.have[step] === 1 && series.have[step - 1] === 1)
				gaps.push(series.t[step] - series.t[step - 1]);
		gaps.sort((a, b) => a - b);
		const real = gaps.length ? gaps[gaps.length >> 1] : null, late = this.lateness;
		replace(this.timing,
			h("dt", {}, "period measured"), h("dd", {}, real === null ? "\u2013" : si(real, "s")),
			h("dt", {}, "began late"), h("dd", {}, series.late + " of " + series.here),
			h("dt", {title: "of the last 500 steps: mean, and the worst"}, "lateness"), h("dd", {}, late ? si(late.mean / 1e9, "s", 2) + ", worst " + si(late.worst / 1e9, "s", 2) : "\u2013"),
			h("dt", {}, "time of the run"), h("dd", {}, seconds(series.t[last] - (series.have[0] === 1 ? series.t[0] : 0))));
	}

	async askLateness() {
		const {number, series} = model;
		if (number === null || !model.link.alive || series.length < 2 || (this.asked === number + "/" + series.length))
			return;
		this.asked = number + "/" + series.length;
		try {
			const {columns, n} = await steps(number, {from: Math.max(0, series.length - 500), columns: "step,lateness_ns"});
			const late = columns.lateness_ns.filter(value => value !== null);
			this.lateness = n && late.length ? {mean: late.reduce((sum, value) => sum + value, 0) / late.length, worst: Math.max(...late)} : null;
			this.timed = -Infinity;
			this.time();
		} catch {
			this.lateness = null;
		}
	}
}
