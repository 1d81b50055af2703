// card.js - everything that is known of one run

import {ask} from "./api.js";
import {ink} from "./colour.js";
import {change, count, h, json, number, replace, seconds, si, when} from "./dom.js";
import {model} from "./model.js";
import {curve} from "./overlay.js";
import {annotation} from "./panels.js";
import {Plot} from "./plot.js";
import {setting} from "./settings.js";

export class Card {
	constructor(number, go) {
		this.number = number;
		this.go = go;
		this.element = h("div.card", {}, h("p.quiet", {}, "run " + number + "\u2026"));
		this.off = model.on("run about", () => model.number === number && this.load());
		this.xLog = setting("xlog", "0") === "1";
		this.yLog = setting("ylog", "1") === "1";
	}

	mount() {
		this.load();
	}

	close() {
		this.closed = true;
		this.off();
		this.plots && this.plots.forEach(plot => plot.close());
	}

	async load() {
		try {
			const run = await ask("history.run", {run: this.number});
			if (this.closed)
				return;
			this.run = run;
			if (!this.element.contains(document.activeElement))
				this.draw();
		} catch (error) {
			replace(this.element, h("h1", {}, "run " + this.number), h("p.error", {role: "alert"}, error.message));
		}
	}

	draw() {
		const {run} = this;
		this.plots && this.plots.forEach(plot => plot.close());
		const box = h("div.plot", {role: "application", tabindex: 0, "aria-roledescription": "plot", "aria-label": "Error over the steps. Arrow keys move, plus and minus zoom, Home shows all."}), tests = h("div.plot", {role: "img", "aria-label": "Tests over the steps"});
		const check = (words, name, value) => h("label.check", {}, h("input", {type: "checkbox", checked: value, onchange: event => {
			this[name] = event.target.checked;
			setting(name.toLowerCase(), name === "yLog" ? "1" : "0", event.target.checked ? "1" : "0");
			this.draw();
		}}), words);
		const download = format => h("a.button", {href: "/api/download?run=" + run.run + "&format=" + format, download: "run-" + run.run + "." + format}, format.toUpperCase());
		replace(this.element,
			h("header.head", {}, h("h1", {}, "run " + run.run + " \u00b7 " + run.name), h("span.status." + run.status, {}, run.status),
				run.reason ? h("span.reason", {}, run.reason) : null, h("span.downloads", {}, ...((model.about && model.about.downloads) || ["csv", "npz"]).map(download))),
			h("div.columns", {},
				h("div", {},
					h("section.panel.chart", {"aria-label": "Error"}, h("header", {}, h("h2", {}, "Error / V\u00b2"), h("span.controls", {}, check("log x", "xLog", this.xLog), check("log y", "yLog", this.yLog))), box),
					run.tests.length ? h("section.panel.chart", {"aria-label": "Tests"}, h("header", {}, h("h2", {}, "Test error and accuracy")), tests) : null,
					this.table("Parameters", run.params, ["rev", "from_step", "eta", "p", "tau_s", "capacitance_F", "alpha_over_gamma", "bias_V", "who"]),
					this.happened(), this.table("Tests", run.tests, ["step", "set", "error_V2", "accuracy", "t_utc"]),
					this.table("Calibrations in force", run.calibrations, ["id", "kind", "t_utc", "time", "run", "who"])),
				h("div", {}, h("section.panel", {"aria-label": "Facts"}, h("header", {}, h("h2", {}, "Facts")), this.facts()),
					h("section.panel", {"aria-label": "Note"}, h("header", {}, h("h2", {}, "Note")), annotation(run, () => { document.activeElement.blur(); this.load(); })),
					this.document("Task", run.task_json), this.document("Rig", run.rig_json), this.document("Parameters given", run.params_json),
					this.document("Record", run.descriptor), this.document("Everything", run))));
		this.curves(box, tests);
	}

	facts() {
		const {run} = this, length = run.started_utc && run.ended_utc ? (new Date(run.ended_utc) - new Date(run.started_utc)) / 1000 : null;
		const facts = [
			["kind", run.kind], ["task", run.task], ["rig", run.rig + " (" + run.backend + ")"], ["steps", count(run.steps)], ["edges", run.edges],
			["first error", si2(run.mse_first_V2)], ["least error", si2(run.mse_min_V2)], ["last error", si2(run.mse_last_V2)], ["final error", si2(run.mse_final_V2)],
			["test, first / best / last", run.test_first_V2 === null ? null : [run.test_first_V2, run.test_best_V2, run.test_final_V2].map(value => number(value, 3)).join(" / ") + " V\u00b2"],
			["accuracy, best / last", run.accuracy_best === null ? null : [run.accuracy_best, run.accuracy_final].map(value => (100 * value).toFixed(1) + " %").join(" / ")],
			["seed", run.seed], ["began", when(run.started_utc)], ["ended", when(run.ended_utc)], ["took", seconds(length)], ["by", run.who],
			["left out of the log", run.log || null], ["uuid", h("code", {}, run.uuid)], ["version", run.version], ["boot", h("code", {}, run.boot || "")]];
		return h("dl.facts", {}, ...facts.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
	}

	table(title, rows, names) {
		if (!rows || !rows.length)
			return null;
		const columns = names.filter(name => rows.some(row => row[name] !== null && row[name] !== undefined));
		const cell = (value, name) => typeof value === "number" ? number(value) : name === "t_utc" || name === "time" ? when(value) : json(value);
		return h("details.panel", {open: rows.length <= 12}, h("summary", {}, h("h2", {}, title), h("output.readout", {}, rows.length)),
			h("div.wide-table", {tabindex: 0, role: "region", "aria-label": title}, h("table", {}, h("thead", {}, h("tr", {}, ...columns.map(name => h("th" + (rows.some(row => typeof row[name] === "number") ? ".num" : ""), {scope: "col"}, name)))),
				h("tbody", {}, ...rows.slice(0, 2000).map(row => h("tr", {}, ...columns.map(name => h("td" + (typeof row[name] === "number" ? ".num" : ""), {}, cell(row[name], name)))))))));
	}

	happened() {
		return this.table("What happened", this.run.events.map(event => ({...event, step: event.step, what: [event.kind === "param" ? "" : event.what, change(event.old, event.new)].filter(Boolean).join(" ")})),
			["step", "kind", "what", "who", "t_utc"]);
	}

	document(title, value) {
		return value ? h("details.panel", {}, h("summary", {}, h("h2", {}, title)), h("pre", {tabindex: 0}, JSON.stringify(value, null, 1))) : null;
	}

	async curves(box, testBox) {
		const {run, xLog, yLog} = this;
		this.plots = [];
		let zoom = null, data = {step: [], y: []};
		const full = () => [xLog ? 1 : 0, Math.max(1, run.steps - 1)], positive = list => list.map(value => yLog && !(value > 0) ? null : value);
		const plot = new Plot(box, [{label: "error", stroke: () => ink(0)}], {xLog, yLog, range: () => zoom || full(), full,
			onZoom: async to => {
				zoom = to;
				plot.show([data.step, positive(data.y)]);
				if (zoom) {	// finer, from the server
					const fine = await curve(run.run, Math.max(0, Math.floor(zoom[0])), Math.ceil(zoom[1])).catch(() => null);
					if (fine && zoom === to && !this.closed)
						plot.show([fine.step, positive(fine.y)]);
				}
			},
			marks: () => run.params.filter(({from_step}) => from_step > 0).map(({from_step}) => ({from: from_step, to: from_step, kind: "change"}))});
		this.plots.push(plot);
		if (run.tests.length) {
			const places = [...new Set(run.tests.map(({step}) => step))];
			const column = (set, name) => places.map(step => {
				const test = run.tests.find(one => one.step === step && one.set === set);
				return test && test[name] !== null && (name !== "error_V2" || !yLog || test[name] > 0) ? test[name] : undefined;
			});
			const second = new Plot(testBox, [{label: "test", stroke: () => ink(1), points: true, spanGaps: true}, {label: "train", stroke: () => ink(6), dash: [4, 3], spanGaps: true},
				{label: "accuracy", stroke: () => ink(2), scale: "y2", points: true, spanGaps: true}],
			{xLog, yLog, y2: [0, 1.02], range: full, full, onZoom() {}});
			second.show([places, column("test", "error_V2"), column("train", "error_V2"), column("test", "accuracy")]);
			this.plots.push(second);
		}
		try {
			data = await curve(run.run);
			if (!this.closed && this.plots.includes(plot))
				plot.show([data.step, positive(data.y)]);
		} catch (error) {
			box.append(h("p.error", {}, error.message));
		}
	}
}

function si2(value) {
	return value === null || value === undefined ? null : number(value) + " V\u00b2";
}
