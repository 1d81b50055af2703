// series.js - the steps of one run in typed arrays, and what of them a plot's pixels show: least and greatest of each pixel
//
// Step k stands at index k. `have` says of each step: 0 it is missing, 1 it is here, 2 there is none (the run's log leaves it out).
// Blocks of 256 steps keep their least, greatest and how many are settled, so that five million steps cost no more than thousands.

const BLOCK = 256;

export class Series {
	constructor() {
		this.length = 0;	// the last step that is known of, plus one
		this.settled = 0;	// how many of them are here, or known not to be
		this.here = 0;
		this.base = null;	// ns of the rig's clock where `t` begins
		this.version = 0;	// counts changes
		this.late = 0;
		this.grow(4096);
	}

	grow(least) {
		let capacity = this.mse ? this.mse.length : 0;
		if (least <= capacity)
			return;
		capacity = Math.max(capacity * 2, Math.ceil(least / BLOCK) * BLOCK);
		const copy = (old, fresh) => {
			if (old)
				fresh.set(old);
			return fresh;
		};
		this.mse = copy(this.mse, new Float64Array(capacity));
		this.t = copy(this.t, new Float64Array(capacity));
		this.rev = copy(this.rev, new Uint32Array(capacity));
		this.flags = copy(this.flags, new Uint8Array(capacity));
		this.have = copy(this.have, new Uint8Array(capacity));
		const blocks = capacity / BLOCK, old = this.least ? this.least.length : 0;
		this.least = copy(this.least, new Float64Array(blocks).fill(Infinity, old));
		this.greatest = copy(this.greatest, new Float64Array(blocks).fill(-Infinity, old));
		this.full = copy(this.full, new Uint16Array(blocks));
	}

	// One step; what comes twice is the same and changes nothing. t_ns is a number or a BigInt
	put(step, mse, t_ns, rev, flags) {
		this.extend(step + 1);
		if (this.have[step] === 1)
			return;
		const block = Math.floor(step / BLOCK);
		if (this.have[step] === 0) {
			this.settled++;
			this.full[block]++;
		}
		this.have[step] = 1;
		this.here++;
		if (this.base === null)
			this.base = t_ns;
		this.mse[step] = mse === null ? NaN : mse;
		this.t[step] = Number(typeof t_ns === "bigint" ? t_ns - BigInt(this.base) : t_ns - Number(this.base)) / 1e9;
		this.rev[step] = rev;
		this.flags[step] = flags;
		if (flags & 8)
			this.late++;
		if (mse < this.least[block])
			this.least[block] = mse;
		if (mse > this.greatest[block])
			this.greatest[block] = mse;
		this.version++;
	}

	// It is known that there are so many, though not yet what they are
	extend(length) {
		if (length <= this.length)
			return;
		this.grow(length);
		this.length = length;
		this.version++;
	}

	// There are no such steps: the run's log leaves them out
	never(from, to) {
		for (let step = from; step <= Math.min(to, this.length - 1); step++) {
			if (this.have[step] !== 0)
				continue;
			this.have[step] = 2;
			this.settled++;
			this.full[Math.floor(step / BLOCK)]++;
		}
		this.version++;
	}

	get complete() {
		return this.settled === this.length;
	}

	// Ranges [from, to] that are missing, the newest first, at most so many
	missing(most = 100) {
		const ranges = [];
		let step = this.length - 1;
		while (step >= 0 && ranges.length < most) {
			const block = Math.floor(step / BLOCK);
			if (step % BLOCK === BLOCK - 1 && this.full[block] === BLOCK) {
				step -= BLOCK;
				continue;
			}
			if (this.have[step] !== 0) {
				step--;
				continue;
			}
			const to = step;
			while (step >= 0 && this.have[step] === 0)
				step--;
			ranges.push([step + 1, to]);
		}
		return ranges;
	}

	last() {
		let step = this.length - 1;
		while (step >= 0 && this.have[step] !== 1)
			step--;
		return step;
	}

	first() {
		return this.have[0] === 1 ? this.mse[0] : null;
	}

	// Least and greatest of steps a .. b - 1, whether one of them is missing, and how many are here
	extent(a, b, ret) {
		let low = Infinity, high = -Infinity, holes = false, n = 0, first = NaN, final = NaN;
		for (let step = a; step < b;) {
			const block = Math.floor(step / BLOCK);
			if (step % BLOCK === 0 && step + BLOCK <= b && this.full[block] === BLOCK && n > 0) {
				low = Math.min(low, this.least[block]);
				high = Math.max(high, this.greatest[block]);
				n += BLOCK;
				step += BLOCK;
				if (this.have[step - 1] === 1)
					final = this.mse[step - 1];
				continue;
			}
			if (this.have[step] === 1) {
				const value = this.mse[step];
				if (value < low)
					low = value;
				if (value > high)
					high = value;
				if (n++ === 0)
					first = value;
				final = value;
			} else if (this.have[step] === 0) {
				holes = true;
			}
			step++;
		}
		ret.low = low, ret.high = high, ret.holes = holes, ret.n = n, ret.falls = first > final;
	}

	// What pixels show: edges[i] .. edges[i + 1] are the steps of pixel i. Returns {x, y} for a line, with null where steps are missing
	decimate(edges, xOf, scale) {
		const x = [], y = [], part = {};
		for (let i = 0; i + 1 < edges.length; i++) {
			const a = Math.max(0, Math.ceil(edges[i])), b = Math.min(this.length, Math.ceil(edges[i + 1]));
			if (b <= a)
				continue;
			this.extent(a, b, part);
			if (part.low !== Infinity) {
				if (part.n === 1) {
					x.push(xOf(this.only(a, b)));
					y.push(part.low * scale);
				} else {
					x.push(xOf(a), xOf(b - 1));
					y.push((part.falls ? part.high : part.low) * scale, (part.falls ? part.low : part.high) * scale);
				}
			}
			if (part.holes) {
				x.push(xOf(b - 1));
				y.push(null);
			}
		}
		return {x, y};
	}

	// The mean of the last so many steps at the end of each pixel: of tasks with many examples, whose errors differ from step to step
	means(edges, xOf, scale, window) {
		const x = [], y = [];
		for (let i = 0; i + 1 < edges.length; i++) {
			const a = Math.max(0, Math.ceil(edges[i])), b = Math.min(this.length, Math.ceil(edges[i + 1]));
			if (b <= a || b < window)
				continue;
			let sum = 0, n = 0;
			for (let step = b - window; step < b; step++)
				if (this.have[step] === 1 && this.mse[step] === this.mse[step]) {
					sum += this.mse[step];
					n++;
				}
			x.push(xOf(b - 1));
			y.push(n * 2 > window ? sum / n * scale : null);
		}
		return {x, y};
	}

	only(a, b) {
		while (a < b && this.have[a] !== 1)
			a++;
		return a;
	}
}
