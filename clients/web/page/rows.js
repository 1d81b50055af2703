// rows.js - the steps whose edges are known: taps or resistances, and which edges were updated; thinned when they are many

const MOST = 4000;		// rows; beyond them every second one of the older goes
const MOST_VALUES = 4e6;	// of all edges together: 16 MB

export class Rows {
	constructor(edges) {
		this.edges = edges;
		this.mask = Math.ceil(edges / 8);
		this.most = Math.max(120, Math.min(MOST, Math.floor(MOST_VALUES / Math.max(1, edges))));
		this.clear();
	}

	clear() {
		this.step = [];		// in rising order
		this.r = [];		// Float32Array of ohms, or null
		this.updated = [];	// Uint8Array, bit masks, or null
		this.version = 0;
		this.appended = 0;	// rows put at the end so far, for pictures that only grow
		this.shifts = 0;	// counts what changed otherwise
	}

	get length() {
		return this.step.length;
	}

	put(step, r, updated) {
		const end = this.step.length;
		if (end === 0 || step > this.step[end - 1]) {
			this.step.push(step);
			this.r.push(r);
			this.updated.push(updated);
			this.appended++;
		} else {
			const at = this.place(step);
			if (this.step[at] === step)
				return;
			this.step.splice(at, 0, step);
			this.r.splice(at, 0, r);
			this.updated.splice(at, 0, updated);
			this.shifts++;
		}
		this.version++;
		if (this.step.length > this.most)
			this.thin();
	}

	// The first place whose step is not below
	place(step) {
		let low = 0, high = this.step.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.step[middle] < step)
				low = middle + 1;
			else
				high = middle;
		}
		return low;
	}

	thin() {
		const young = this.step.length - this.most / 4;
		const stays = (_, i) => i >= young || i % 2 === 0;
		this.step = this.step.filter(stays);
		this.r = this.r.filter(stays);
		this.updated = this.updated.filter(stays);
	}

	last() {
		for (let i = this.length - 1; i >= 0; i--)
			if (this.r[i])
				return this.r[i];
		return null;
	}
}

export function isUpdated(mask, edge) {
	return (mask[edge >> 3] >> (edge & 7) & 1) === 1;
}

const SAMPLED = 3000;
const spreads = new WeakMap();

// Least, lower tenth, median, upper tenth and greatest of many edges' resistances; the inner three of a sample of evenly chosen edges
export function spread(r) {
	if (!spreads.has(r)) {
		let low = Infinity, high = -Infinity;
		for (const value of r) {
			low = Math.min(low, value);
			high = Math.max(high, value);
		}
		const every = Math.ceil(r.length / SAMPLED), sample = r.filter((_, i) => i % every === 0).sort();
		const at = share => sample[Math.min(sample.length - 1, Math.floor(share * sample.length))];
		spreads.set(r, [low, at(0.1), at(0.5), at(0.9), high]);
	}
	return spreads.get(r);
}

// Taps -> ohms
export function ohms(taps, rig) {
	return Float32Array.from(taps, tap => rig.r_min_ohm + tap * rig.r_step_ohm);
}
