// refill.js - fetches the steps of the present run that the page does not have, until none is missing

import {steps} from "./api.js";
import {ohms} from "./rows.js";

const ROWS = 16000;		// five columns of them stay below the most numbers of an answer
const EDGE_ROWS = 400;		// of the edges' past a picture shows no more

export class Refill {
	constructor(model) {
		this.model = model;
		this.busy = false;
		this.trouble = null;
	}

	// Something may be missing
	want(delay = 50) {
		if (!this.timer && !this.busy)
			this.timer = setTimeout(() => this.work(), delay);
	}

	async work() {
		this.timer = null;
		const {model} = this, {series} = model, run = model.number;
		if (run === null || !model.link.alive)
			return;
		this.busy = true;
		let delay = 0;
		try {
			while (run === model.number && !series.complete) {
				const [hole] = series.missing(1);
				if (!hole || await this.fetch(run, series, hole) === 0) {
					delay = 700;	// not on the disk yet
					break;
				}
				model.changed("step");
			}
			if (run === model.number && !model.edgesFetched && model.rig && series.length > 1)
				await this.fetchEdges(run);
			if (run === model.number && !model.active && series.complete)
				await this.fetchLast(run, series.last());
			this.trouble = null;
		} catch (error) {
			this.trouble = error.message;
			delay = 1500;
		}
		this.busy = false;
		model.changed("step");
		if (run !== model.number)
			this.want();
		else if (delay && !series.complete)
			this.want(delay);
	}

	// The newest part of a hole; returns how many steps are settled by it
	async fetch(run, series, [from, to]) {
		const begin = Math.max(from, to - ROWS + 1);
		const settled = series.settled;
		const {columns, n} = await steps(run, {from: begin, to, columns: "step,mse_V2,flags,rev,t_mono_ns"});
		for (let i = 0; i < n; i++)
			series.put(columns.step[i], columns.mse_V2[i], columns.t_mono_ns[i], columns.rev[i], columns.flags[i]);
		// What lies between steps that the disk has is not there; what lies behind the last one may still come
		const durable = this.model.active ? (n ? columns.step[n - 1] : -1) : to;
		if (durable >= begin)
			series.never(begin, durable);
		if (!this.model.active)
			this.model.over();
		return series.settled - settled;
	}

	async fetchEdges(run) {
		const {model} = this, {rig} = model;
		const most = Math.max(20, Math.min(EDGE_ROWS, Math.floor(90000 / (rig.edges.length + 1))));
		const names = (model.descriptor ? model.descriptor.arrays : []).map(array => array.name);
		const wanted = ["wiper", "r_ohm"].filter(name => names.includes(name));
		model.edgesFetched = true;
		if (!wanted.length)
			return;
		// The last steps with everything, as the stream has it; of the past one step a bin
		const last = Math.max(0, model.series.length - 1), few = Math.max(4, Math.min(300, Math.floor(90000 / (rig.edges.length * 3 + 20))));
		this.rows(await steps(run, {from: Math.max(0, last - few), to: last, columns: ["step", "flags", "updated", ...wanted].join(",")}));
		this.rows(await steps(run, {points: most, columns: ["step", "flags", ...wanted].join(",")}));
		model.changed("rows");
	}

	// Of a run that has ended no `latest` comes any more, and the one that came may have been of a step before its last
	async fetchLast(run, last) {
		const {model} = this;
		if (last < 0 || (model.latest && model.latest.step === last))
			return;
		const {columns, n} = await steps(run, {from: last, to: last, columns: "step,v_free_V,v_clamped_V,updated"});
		if (n && !model.active && run === model.number) {
			model.latest = {step: columns.step[0], v_free_V: columns.v_free_V[0], v_clamped_V: columns.v_clamped_V[0], updated: columns.updated[0]};
			model.changed("latest");
		}
	}

	rows({columns, n}) {
		const {model} = this, {rig} = model;
		for (let i = 0; i < n; i++) {
			const flags = columns.flags ? columns.flags[i] : 0;
			const taps = columns.wiper && columns.wiper[i], r = columns.r_ohm && columns.r_ohm[i];
			const mask = columns.updated && columns.updated[i] ? Uint8Array.from(columns.updated[i]) : null;
			if (flags & 16)
				continue;
			if (taps && taps.length === rig.edges.length)
				model.rows.put(columns.step[i], ohms(taps, rig), mask);
			else if (r && r.length === rig.edges.length)
				model.rows.put(columns.step[i], Float32Array.from(r), mask);
		}
	}
}
