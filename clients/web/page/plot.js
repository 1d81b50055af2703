// plot.js - a set of curves with uPlot: in the page's colours, as wide as its box, with linear or logarithmic axes; drag to zoom, double click to see all

import uPlot from "./vendor/uPlot.esm.js";
import {dark, paper} from "./colour.js";

const FONT = "11px system-ui, sans-serif";
export const plots = new Set();

export class Plot {
	// curves: [{label, stroke() , width, dash, scale: "y" or "y2", points}]; options: xLog, yLog, y2 (of shares), range() -> [from, to],
	// full() -> [from, to] of everything, onZoom([from, to] or null), onCursor(x or null), marks() -> [{from, to, kind}]
	constructor(box, curves, options) {
		this.box = box;
		this.curves = curves;
		this.options = options;
		this.data = [[], ...curves.map(() => [])];
		this.make();
		this.watch = new ResizeObserver(() => this.fit());
		this.watch.observe(box);
		plots.add(this);
		this.keys = event => this.key(event);
		this.turned = event => this.turn(event);
		box.addEventListener("keydown", this.keys);
		box.addEventListener("wheel", this.turned, {passive: false});
	}

	close() {
		this.watch.disconnect();
		this.box.removeEventListener("keydown", this.keys);
		this.box.removeEventListener("wheel", this.turned);
		plots.delete(this);
		this.u.destroy();
	}

	change(options, curves = this.curves) {
		Object.assign(this.options, options);
		this.curves = curves;
		this.u.destroy();
		this.make();
	}

	get width() {
		return Math.max(100, Math.round(this.u.bbox.width / devicePixelRatio) || 400);
	}

	size() {
		return {width: Math.max(160, this.box.clientWidth), height: Math.max(90, this.box.clientHeight)};
	}

	make() {
		const {options} = this, grid = {stroke: paper("grid"), width: 1}, stroke = paper("quiet");
		const axis = {stroke, grid, ticks: {stroke: paper("grid"), width: 1, size: 4}, font: FONT, labelFont: FONT, gap: 4};
		const words = (u, splits) => splits.map(value => value === null ? "" : write(value));
		const y2 = options.y2 ? [{...axis, scale: "y2", side: 1, size: 44, grid: {show: false}, values: (u, splits) => splits.map(share => 100 * share + " %")}] : [];
		this.u = new uPlot({
			...this.size(),
			padding: [8, y2.length ? 0 : options.right || 12, 0, 0],
			legend: {show: false},
			cursor: {
				drag: {x: true, y: false, setScale: false},
				points: {size: 6},
				bind: {dblclick: () => () => { this.options.onZoom(null); }},
			},
			select: {show: true},
			scales: {
				x: {time: false, distr: options.xLog ? 3 : 1, range: () => this.options.range()},
				y: {distr: options.yLog ? 3 : 1, range: options.yRange || undefined},
				...(options.y2 ? {y2: {range: options.y2}} : {}),
			},
			axes: [
				{...axis, size: 30, values: words, space: 60},
				{...axis, size: 56, values: words, space: 28},
				...y2,
			],
			series: [{}, ...this.curves.map(curve => ({
				label: curve.label, scale: curve.scale || "y", stroke: curve.stroke(), width: curve.width || 1.25, dash: curve.dash,
				points: {show: Boolean(curve.points), size: 5}, spanGaps: Boolean(curve.spanGaps), alpha: curve.alpha || 1,
			}))],
			hooks: {
				drawClear: [u => this.mark(u)],
				setSelect: [u => this.select(u)],
				setCursor: [u => this.options.onCursor && this.options.onCursor(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null)],
			},
		}, this.data, this.box);
	}

	select(u) {
		if (u.select.width < 4)
			return;
		const from = u.posToVal(u.select.left, "x"), to = u.posToVal(u.select.left + u.select.width, "x");
		u.setSelect({left: 0, width: 0, top: 0, height: 0}, false);
		this.options.onZoom([from, to]);
	}

	key(event) {
		if (event.ctrlKey || event.altKey || event.metaKey)
			return;
		const move = {ArrowLeft: [-0.2, 1], ArrowRight: [0.2, 1], "+": [0, 0.5], "-": [0, 2], Home: null, 0: null}[event.key];
		if (move === undefined)
			return;
		event.preventDefault();
		if (move === null)
			this.options.onZoom(null);
		else
			this.go(...move);
	}

	// Sideways it moves, with Ctrl it zooms about the pointer; else the page scrolls
	turn(event) {
		const aside = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
		if (!event.ctrlKey && !event.metaKey && !aside)
			return;
		event.preventDefault();
		const over = this.u.over.getBoundingClientRect();
		if (aside)
			this.go(aside / over.width, 1);
		else
			this.go(0, Math.exp(event.deltaY / 200), (event.clientX - over.left) / over.width);
	}

	// Moves by a share of what is shown, and stretches it about the place `at` of it; never beyond all there is
	go(share, factor, at = 0.5) {
		const {xLog} = this.options, into = xLog ? Math.log : x => x, out = xLog ? Math.exp : x => x;
		const [from, to] = this.options.range().map(into), [least, most] = this.options.full().map(into), width = Math.min(most - least, (to - from) * factor);
		const begin = Math.max(least, Math.min(most - width, from + (to - from - width) * at + share * (to - from)));
		this.options.onZoom(width >= most - least ? null : [out(begin), out(begin + width)]);
	}

	// Bands and lines behind the curves: steps that are missing, parameters that changed
	mark(u) {
		const {ctx} = u, {left, top, width, height} = u.bbox;
		for (const {from, to, kind} of this.options.marks ? this.options.marks() : []) {
			const a = Math.max(left, u.valToPos(from, "x", true)), b = Math.min(left + width, u.valToPos(to, "x", true));
			if (!(b >= left && a <= left + width))
				continue;
			ctx.save();
			if (kind === "gap") {
				ctx.fillStyle = paper("gap");
				ctx.fillRect(a, top, Math.max(1, b - a), height);
			} else {
				ctx.strokeStyle = paper("mark");
				ctx.setLineDash([2, 3]);
				ctx.beginPath();
				ctx.moveTo(a, top);
				ctx.lineTo(a, top + height);
				ctx.stroke();
			}
			ctx.restore();
		}
	}

	show(data) {
		this.data = data;
		this.u.batch(() => this.u.setData(data));	// now, not later: frame.js wants to know what it takes
	}

	fit() {
		const {width, height} = this.size();
		if (width !== this.u.width || height !== this.u.height) {
			this.u.setSize({width, height});
			if (this.options.onSize)
				this.options.onSize();
		}
	}
}

dark.addEventListener("change", () => {
	for (const plot of plots)
		plot.change({});
});

export function write(value) {
	const size = Math.abs(value);
	if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
		const [digits, power] = value.toExponential(2).split("e");
		const short = String(Number(digits));
		const high = [...String(Number(power))].map(letter => "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[letter] || "\u207b").join("");
		return (short === "1" ? "" : short + "\u00b7") + "10" + high;
	}
	return String(Number(value.toPrecision(6))).replace("-", "\u2212");
}

// Lists of {x, y} to what uPlot wants: one list of places, in order, and the curves' values there; undefined joins the neighbours
export function join(curves) {
	if (curves.length === 1)
		return [curves[0].x, curves[0].y];
	return uPlot.join(curves.map(({x, y}) => [x, y]), curves.map(() => [2]));
}
