// axis.js - what stands below the curves: steps, updates (steps times p) or seconds; and which step is at which place

export const MODES = {steps: "steps", updates: "steps \u00d7 p", time: "time / s"};

export class Axis {
	// revisions: [{from_step, p}, ...] in the order of their steps
	constructor(mode, log, series, revisions) {
		this.mode = mode in MODES ? mode : "steps";
		this.log = log;
		this.series = series;
		if (this.mode === "updates")
			this.pieces = pieces(revisions);
		this.origin = this.mode === "time" ? origin(series) : 0;
	}

	get label() {
		return MODES[this.mode];
	}

	xOf(step) {
		if (this.mode === "steps")
			return step;
		if (this.mode === "time")
			return this.time(step);
		const piece = this.pieceOf(step);
		return piece.x + (step - piece.from) * piece.p;
	}

	// A missing step has the time of the one before it
	time(step) {
		const series = this.series;
		let k = Math.min(step, series.length - 1);
		while (k > 0 && series.have[k] !== 1)
			k--;
		return k < 0 || series.have[k] !== 1 ? 0 : Math.max(0, series.t[k] - this.origin);
	}

	pieceOf(step) {
		let found = this.pieces[0];
		for (const piece of this.pieces)
			if (piece.from <= step)
				found = piece;
		return found;
	}

	// The first step whose place is x or more; may lie beyond the last
	stepOf(x) {
		if (this.mode === "steps")
			return x;
		let low = 0, high = this.series.length;
		while (low < high) {
			const middle = Math.floor((low + high) / 2);
			if (this.xOf(middle) < x)
				low = middle + 1;
			else
				high = middle;
		}
		return low;
	}

	// Where the axis begins and ends if nobody has zoomed
	range() {
		const end = Math.max(1e-9, this.xOf(Math.max(1, this.series.length - 1)));
		if (!this.log)
			return [0, end];
		const begin = this.xOf(1);
		return [begin > 0 && begin < end ? begin : end / 1e3, end];
	}

	// The steps at the borders of so many pixels between two places
	edges(from, to, pixels) {
		const edges = new Float64Array(pixels + 1);
		for (let i = 0; i <= pixels; i++) {
			const share = i / pixels;
			const x = this.log ? from * (to / from) ** share : from + (to - from) * share;
			edges[i] = this.stepOf(x);
		}
		edges[pixels] = Math.floor(edges[pixels]) + 1;	// the last pixel has the step that stands at its end
		return edges;
	}
}

// Of a run's revisions, the updates that an edge had the chance of up to a step
export function updates(revisions) {
	const list = pieces(revisions);
	return step => {
		const {from, x, p} = list.findLast(piece => piece.from <= step) || list[0];
		return x + (step - from) * p;
	};
}

function pieces(revisions) {
	const list = [];
	for (const {from_step, p} of revisions) {
		const before = list.at(-1);
		const from = from_step || 0;
		list.push({from, p, x: before ? before.x + (from - before.from) * before.p : from * p});
	}
	return list.length ? list : [{from: 0, p: 1, x: 0}];
}

function origin(series) {
	let k = 0;
	while (k < series.length && series.have[k] !== 1)
		k++;
	return k < series.length ? series.t[k] : 0;
}
