// network_canvas.js - a large network on a canvas, with the marks of the small ones: widths, lights, cut and held edges, both voltages at the nodes
//
// What changes with the steps is on one canvas, what follows the pointer on another in front. Lines of like width and colour are one path: a
// frame costs as many strokes as there are kinds, not edges.

import {cividis, inkOn, paper, rgb} from "./colour.js";
import {h, si, text} from "./dom.js";
import {MODES} from "./model.js";
import {EdgeGrid} from "./network_grid.js";

const WIDTHS = 10, SHADES = 32, LIGHTS = 4, FADE_MS = 450, REACH_PX = 9, MOST_ZOOM = 40, WORDS_PX = 15;

export class CanvasPicture {
	// about: rig, size, places, selected(), select(edge), set(edge, mode), again() when another frame is wanted
	constructor(about) {
		this.about = about;
		const {rig, places, size} = about;
		this.lines = new Float32Array(rig.edges.length * 4);
		rig.edges.forEach(({a, b}, i) => this.lines.set([...places[a], ...places[b]], 4 * i));
		this.grid = new EdgeGrid(this.lines, size);
		this.radius = Math.min(40, 0.3 * median(rig.edges.map(({a, b}) => Math.hypot(places[a][0] - places[b][0], places[a][1] - places[b][1]))));
		this.lit = new Float64Array(rig.edges.length).fill(-Infinity);
		this.zoom = 1;
		this.centre = [size[0] / 2, size[1] / 2];
		this.back = h("canvas", {"aria-hidden": "true"});
		this.front = h("canvas", {"aria-hidden": "true"});
		this.tip = h("div.tip", {hidden: true});
		this.element = h("div.field", {role: "application", tabindex: 0, "aria-label": "The network, " + rig.edges.length + " edges. Arrow keys go from edge to edge; L, H and C make it learn, hold or cut it; plus and minus zoom."},
			this.back, this.front, this.tip);
		const zoom = (words, name, factor) => h("button.small", {"aria-label": name, onclick: () => this.zoomBy(factor)}, words);
		this.tools = [h("span.segments", {}, zoom("\u2212", "Zoom out", 0.5), zoom("+", "Zoom in", 2), zoom("fit", "Show all of the network", 0))];
		this.listen();
	}

	mount() {
		this.watch = new ResizeObserver(() => this.fit());
		this.watch.observe(this.element);
		this.fit();
	}

	close() {
		this.watch.disconnect();
		this.element.remove();
	}

	listen() {
		const on = (name, what) => this.element.addEventListener(name, what);
		on("keydown", event => this.key(event));
		on("pointermove", event => this.move(event));
		on("pointerleave", () => this.hover(null));
		on("pointerdown", event => { this.grip = {x: event.offsetX, y: event.offsetY, centre: this.centre, moved: false}; });
		on("pointerup", event => {
			const edge = this.grip && !this.grip.moved ? this.at(event) : null;
			this.grip = null;
			if (edge !== null)
				this.about.select(edge);
		});
		on("dblclick", event => this.zoomBy(2, this.world(event)));
		this.element.addEventListener("wheel", event => {
			if (!event.ctrlKey && !event.metaKey)
				return;	// the page scrolls
			event.preventDefault();
			this.zoomBy(Math.exp(-event.deltaY / 200), this.world(event));
		}, {passive: false});
	}

	fit() {
		const {size} = this.about, ratio = devicePixelRatio, width = this.element.clientWidth, height = this.element.clientHeight;
		if (!width || !height)
			return;
		for (const canvas of [this.back, this.front])
			[canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
		const margin = 2 * (this.radius + 4);
		this.box = [width, height];
		this.base = Math.min(width / (size[0] + margin), height / (size[1] + margin));
		this.about.again();
	}

	get scale() {
		return this.base * this.zoom;
	}

	world({offsetX, offsetY}) {
		return [(offsetX - this.box[0] / 2) / this.scale + this.centre[0], (offsetY - this.box[1] / 2) / this.scale + this.centre[1]];
	}

	screen([x, y]) {
		return [(x - this.centre[0]) * this.scale + this.box[0] / 2, (y - this.centre[1]) * this.scale + this.box[1] / 2];
	}

	at(event) {
		return this.grid.nearest(...this.world(event), REACH_PX / this.scale);
	}

	// Factor 0 shows all; the point `about` stays where it is
	zoomBy(factor, [x, y] = this.centre) {
		const before = this.scale, {size} = this.about;
		this.zoom = factor ? Math.max(1, Math.min(MOST_ZOOM, this.zoom * factor)) : 1;
		const share = before / this.scale;
		this.centre = this.zoom === 1 ? [size[0] / 2, size[1] / 2] : [x + (this.centre[0] - x) * share, y + (this.centre[1] - y) * share];
		this.about.again();
	}

	move(event) {
		if (this.grip && event.buttons && this.zoom > 1) {
			const [dx, dy] = [event.offsetX - this.grip.x, event.offsetY - this.grip.y];
			this.grip.moved = this.grip.moved || Math.hypot(dx, dy) > 4;
			if (this.grip.moved) {
				this.centre = [this.grip.centre[0] - dx / this.scale, this.grip.centre[1] - dy / this.scale];
				this.about.again();
				return;
			}
		}
		this.hover(this.base ? this.at(event) : null);
	}

	hover(edge) {
		this.element.classList.toggle("over", edge !== null);
		if (edge === this.over)
			return;
		this.over = edge;
		this.drawFront();
	}

	key(event) {
		if (event.ctrlKey || event.altKey || event.metaKey)
			return;
		const edge = this.about.selected(), step = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]}[event.key];
		const to = event.key === "Home" || (step && (edge === null || edge === undefined)) ? 0 : event.key === "End" ? this.grid.n - 1 : step ? this.grid.next(edge, ...step) : null;
		const mode = MODES.find(([, , letter]) => letter === event.key.toLowerCase());
		if (to !== null)
			this.about.select(to);
		else if (event.key === "+" || event.key === "-" || event.key === "0")
			this.zoomBy({"+": 2, "-": 0.5, 0: 0}[event.key], edge === null || edge === undefined ? undefined : this.grid.middle(edge));
		else if (mode && edge !== null && edge !== undefined)
			this.about.set(edge, mode[0]);
		else
			return;
		event.preventDefault();
	}

	draw(now) {
		this.now = now;
		if (!this.base)
			return;
		const pen = this.back.getContext("2d"), fading = this.light(now);
		this.begin(pen, this.back);
		this.drawEdges(pen, now);
		this.drawNodes(pen, now);
		this.drawMarks(pen, now);
		this.drawFront();
		if (fading)
			this.about.again();
	}

	begin(pen, canvas) {
		const k = this.scale * devicePixelRatio;
		pen.setTransform(1, 0, 0, 1, 0, 0);
		pen.clearRect(0, 0, canvas.width, canvas.height);
		pen.setTransform(k, 0, 0, k, canvas.width / 2 - this.centre[0] * k, canvas.height / 2 - this.centre[1] * k);
		pen.lineCap = "round";
	}

	// When each edge was last updated; whether some of it is still to be seen
	light({lit}) {
		const time = performance.now();
		this.time = time;
		if (!lit)
			return false;
		let fading = false;
		for (let edge = 0; edge < this.lit.length; edge++) {
			if (lit(edge))
				this.lit[edge] = time;
			fading = fading || time - this.lit[edge] < FADE_MS;
		}
		return fading;
	}

	// In px of the screen at least 0.6, so that the finest stays to be seen
	width(edge) {
		const ohm = this.now.ohm(edge);
		return ohm ? Math.min(this.radius * 1.2, this.radius * 0.9 * Math.sqrt(this.now.rig.r_min_ohm / ohm)) : 0;
	}

	drawEdges(pen, {rig, lit}) {
		const least = 0.6 / this.scale, most = this.radius * 1.2, bodies = new Map(), lights = new Map(), {lines} = this;
		const put = (map, key, at) => {
			if (!map.has(key))
				map.set(key, []);
			map.get(key).push(at);
		};
		for (let edge = 0; edge < rig.edges.length; edge++) {
			const level = Math.round(this.width(edge) / most * WIDTHS), {mode} = rig.edges[edge];
			put(bodies, (mode === "cut" ? 100 : 0) + level, 4 * edge);
			const age = (this.time - this.lit[edge]) / FADE_MS;
			if (lit && age < 1)
				put(lights, Math.floor((1 - age) * (LIGHTS - 0.01)) * 100 + level, 4 * edge);
		}
		const stroke = (list, width) => {
			pen.lineWidth = Math.max(least, width);
			pen.beginPath();
			for (const at of list) {
				pen.moveTo(lines[at], lines[at + 1]);
				pen.lineTo(lines[at + 2], lines[at + 3]);
			}
			pen.stroke();
		};
		pen.strokeStyle = paper("edge");
		for (const [key, list] of bodies) {
			const cut = key >= 100;
			pen.globalAlpha = cut ? 0.55 : 1;
			pen.setLineDash(cut ? [this.radius * 0.3, this.radius * 0.7] : []);
			stroke(list, key % 100 / WIDTHS * most);
		}
		pen.setLineDash([]);
		// Where nodes are small, the lights of thousands stand back: voltages stay to be seen
		const wide = Math.min(2, this.radius * this.scale * 0.4), strong = wide < 2 ? 0.1 : 0.16;
		pen.strokeStyle = paper("glow");
		for (const [key, list] of lights) {
			pen.globalAlpha = strong * (1 + Math.floor(key / 100));
			stroke(list, key % 100 / WIDTHS * most + wide / this.scale);
		}
		pen.globalAlpha = 1;
	}

	drawMarks(pen, {rig}) {
		const s = Math.max(this.radius * 0.45, 2.5 / this.scale);
		pen.lineWidth = s * 0.45;
		for (const {edge, mode} of rig.edges) {
			if (mode === "learn")
				continue;
			const [x, y] = this.grid.middle(edge);
			pen.beginPath();
			if (mode === "cut") {
				pen.strokeStyle = paper("bad");
				pen.moveTo(x - s, y - s);
				pen.lineTo(x + s, y + s);
				pen.moveTo(x + s, y - s);
				pen.lineTo(x - s, y + s);
			} else {
				pen.strokeStyle = paper("warn");
				pen.fillStyle = paper("card");
				pen.rect(x - s, y - s, 2 * s, 2 * s);
				pen.fill();
			}
			pen.stroke();
		}
	}

	drawNodes(pen, now) {
		const {places, rig} = this.about, {radius} = this, shades = new Map(), driven = [];
		rig.nodes.forEach(({node}, i) => {
			[now.free(node), now.clamped(node)].forEach((share, side) => {
				const key = share === null ? -1 : Math.round(Math.max(0, Math.min(1, share)) * (SHADES - 1));
				if (!shades.has(key))
					shades.set(key, []);
				shades.get(key).push(places[i][0], places[i][1], side);
			});
			if (now.kind(node))
				driven.push([places[i], now.kind(node)]);
		});
		for (const [key, list] of shades) {
			pen.fillStyle = key < 0 ? paper("unknown") : rgb(cividis(key / (SHADES - 1)));
			pen.beginPath();
			for (let i = 0; i < list.length; i += 3) {
				const [x, y, side] = [list[i], list[i + 1], list[i + 2]];
				pen.moveTo(x, y - radius);
				pen.arc(x, y, radius, -Math.PI / 2, Math.PI / 2, side === 0);
			}
			pen.fill();
		}
		pen.strokeStyle = paper("ink");
		for (const [[x, y], kind] of driven) {
			const wide = Math.max(1.4, Math.min(radius * 0.35 * this.scale, 4)) / this.scale, around = Math.max(radius + wide, 3.5 / this.scale);
			pen.lineWidth = wide;
			pen.setLineDash(kind === "target" ? [around * 0.7, around * 0.45] : []);
			pen.beginPath();
			pen.arc(x, y, around, 0, 2 * Math.PI);
			pen.stroke();
		}
		pen.setLineDash([]);
		if (radius * this.scale > WORDS_PX)
			this.drawWords(pen, now);
	}

	// Magnified enough, the free voltages and the nodes' numbers can be read
	drawWords(pen, now) {
		const {places, rig} = this.about, {radius} = this, ratio = devicePixelRatio, size = radius * this.scale;
		pen.save();
		pen.setTransform(ratio, 0, 0, ratio, 0, 0);
		pen.textAlign = "center";
		pen.textBaseline = "middle";
		rig.nodes.forEach(({node}, i) => {
			const [x, y] = this.screen(places[i]), volt = now.volt(node), share = now.free(node);
			if (x < -size || y < -size || x > this.box[0] + size || y > this.box[1] + size)
				return;
			pen.font = "400 11px system-ui, sans-serif";
			pen.fillStyle = paper("quiet");
			pen.fillText(node, x - size * 0.9, y - size * 0.95);
			if (share === null || volt === undefined)
				return;
			pen.font = "600 " + Math.min(16, size * 0.62) + "px system-ui, sans-serif";
			pen.fillStyle = inkOn(cividis(share));
			pen.fillText(volt.toFixed(2), x, y);
		});
		pen.restore();
	}

	// The chosen edge and the one under the pointer, with what it is
	drawFront() {
		const {now, over} = this;
		if (!now || !this.base)
			return;
		const pen = this.front.getContext("2d"), {lines} = this;
		this.begin(pen, this.front);
		pen.strokeStyle = paper("accent");
		for (const edge of [now.selected, over]) {
			if (edge === null || edge === undefined || edge >= this.grid.n)
				continue;
			pen.globalAlpha = edge === now.selected ? 1 : 0.7;
			pen.lineWidth = Math.max(this.width(edge), 2.5 / this.scale);
			pen.beginPath();
			pen.moveTo(lines[4 * edge], lines[4 * edge + 1]);
			pen.lineTo(lines[4 * edge + 2], lines[4 * edge + 3]);
			pen.stroke();
			if (edge === now.selected) {	// to be found among thousands
				pen.lineWidth = 1.5 / this.scale;
				pen.beginPath();
				pen.arc(...this.grid.middle(edge), 11 / this.scale, 0, 2 * Math.PI);
				pen.stroke();
			}
		}
		pen.globalAlpha = 1;
		this.drawTip();
	}

	drawTip() {
		const {now, over, tip} = this;
		tip.hidden = over === null || over === undefined;
		if (tip.hidden)
			return;
		const {a, b, mode} = now.rig.edges[over], [x, y] = this.screen(this.grid.middle(over));
		text(tip, "edge " + over + " \u00b7 " + a + " \u2013 " + b + " \u00b7 " + si(now.ohm(over), "\u03a9") + (mode === "learn" ? "" : " \u00b7 " + mode));
		tip.style.left = Math.max(0, Math.min(this.box[0] - tip.offsetWidth, x + 10)) + "px";
		tip.style.top = Math.max(0, y - 32) + "px";
	}
}

function median(list) {
	return [...list].sort((a, b) => a - b)[list.length >> 1] || 1;
}
