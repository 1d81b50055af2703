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
		const {columns, n} = await steps(run, {points: most, columns: ["step", "flags", ...wanted].join(",")});
		for (let i = 0; i < n; i++) {
			const flags = columns.flags ? columns.flags[i] : 0;
			const taps = columns.wiper && columns.wiper[i], r = columns.r_ohm && columns.r_ohm[i];
			if (flags & 16)
				continue;
			if (taps && taps.length === rig.edges.length)
				model.rows.put(columns.step[i], ohms(taps, rig), null);
			else if (r && r.length === rig.edges.length)
				model.rows.put(columns.step[i], Float32Array.from(r), null);
		}
		model.changed("rows");
	}
}
