// network.js - the network's panel: the picture, its scale, and the chosen edge, which an operator cuts or holds here
//
// Up to 1,000 edges the picture is SVG, each edge an element of its own; larger ones are painted on a canvas, with the same marks.

import {act} from "./api.js";
import {cividis, dark, rgb, still} from "./colour.js";
import {h, number, replace, si, svg, text} from "./dom.js";
import {view} from "./frame.js";
import {MODES, model} from "./model.js";
import {CanvasPicture} from "./network_canvas.js";
import {SvgPicture} from "./network_svg.js";
import {isUpdated} from "./rows.js";
import {say} from "./say.js";
import {setting} from "./settings.js";

const SVG_EDGES = 1000;

export class Network {
	constructor() {
		this.inspector = h("div.inspector", {role: "status", "aria-live": "polite"});
		this.readout = h("output.readout");
		this.scale = h("div.scale", {"aria-hidden": "true"});
		this.tools = h("span.tools");
		this.picture = h("div.picture");
		this.element = h("section.panel.network", {"aria-label": "Network"},
			h("header", {}, h("h2", {}, "Network"), this.readout, this.tools), this.picture, this.scale, this.inspector);
		this.view = view("network", () => this.draw());
		const again = () => this.view.want();	// a canvas in the other colours
		dark.addEventListener("change", again);
		this.off = [() => dark.removeEventListener("change", again), model.on("rig", () => { this.build(); this.view.want(); }), model.on("rows latest run link select about", () => this.view.want())];
		this.wide = h("button.small", {"aria-pressed": String(setting("net", "") === "wide"), onclick: event => {
			const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
			event.currentTarget.setAttribute("aria-pressed", String(on));
			setting("net", "", on ? "wide" : "");
			this.spread(on);
		}}, "Enlarge");
	}

	mount() {
		this.spread(setting("net", "") === "wide");
		this.build();
		this.view.want();
	}

	close() {
		this.off.forEach(off => off());
		this.view.remove();
		if (this.shown)
			this.shown.close();
	}

	spread(on) {
		const live = this.element.closest(".live");
		if (live)
			live.classList.toggle("spread", on);
	}

	// Where nodes stand: as the rig file has it, else on a circle
	places(nodes) {
		const known = nodes.every(({x, y}) => x !== null && y !== null);
		const raw = nodes.map(({x, y}, i) => known ? [x, -y]
			: [Math.cos(2 * Math.PI * i / nodes.length), Math.sin(2 * Math.PI * i / nodes.length)]);
		let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
		for (const [x, y] of raw)
			[x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
		const span = Math.max(x1 - x0, y1 - y0) || 1;
		return {size: [1000 * (x1 - x0) / span, 1000 * (y1 - y0) / span], places: raw.map(([x, y]) => [1000 * (x - x0) / span, 1000 * (y - y0) / span])};
	}

	build() {
		const {rig} = model;
		if (!rig)
			return;
		const shape = rig.nodes.length + "/" + rig.edges.map(({a, b}) => a + "-" + b).join();
		if (shape === this.shape)
			return;
		this.shape = shape;
		if (this.shown)
			this.shown.close();
		const Picture = rig.edges.length > SVG_EDGES ? CanvasPicture : SvgPicture;
		this.shown = new Picture({...this.places(rig.nodes), rig, selected: () => model.selected, select: edge => this.select(edge), set: (edge, mode) => model.operate && this.set(edge, mode), again: () => this.view.want()});
		replace(this.picture, this.shown.element);
		replace(this.tools, ...this.shown.tools || [], this.wide);
		if (this.shown.mount)
			this.shown.mount();
		const steps = 24, [low, high] = this.limits();
		replace(this.scale, h("span", {}, number(low) + " V"), svg("svg", {viewBox: "0 0 24 1", preserveAspectRatio: "none"},
			...Array.from({length: steps}, (_, i) => svg("rect", {x: i, y: 0, width: 1.05, height: 1, fill: rgb(cividis(i / (steps - 1)))}))),
		h("span", {}, number(high) + " V"), h("small", {}, "left half free, right half clamped"));
	}

	limits() {
		return model.rig.limits && model.rig.limits.volts || [0, 5];
	}

	select(edge) {
		if (!model.rig || !model.rig.edges[edge])
			return;
		model.selected = edge;
		model.changed("select");
	}

	async set(edge, mode) {
		try {
			await act("rig.edge", {edge, mode});
			model.rig.edges[edge].mode = mode;
			model.changed("rig");
			say("edge " + edge + ": " + mode);
		} catch (error) {
			say(error.message, "error");
		}
	}

	draw() {
		const {rig, latest, rows} = model;
		if (!rig || !this.shown)
			return;
		const r = rows.last(), mask = latest && latest.updated && latest.updated.length ? latest.updated : rows.length ? rows.updated[rows.length - 1] : null;
		this.shown.draw({
			rig, selected: model.selected,
			ohm: edge => r ? r[edge] : rig.edges[edge].r_ohm,
			// Who asked for less motion sees the updates in the raster alone
			lit: !still.matches && model.active && mask ? edge => isUpdated(mask, edge) && rig.edges[edge].mode === "learn" : null,
			...this.volts(),
		});
		this.inspect(r);
		text(this.readout, latest ? "step " + latest.step : "");
	}

	// What is known of the nodes: voltages of both networks, which of them are driven
	volts() {
		const {latest, descriptor} = model, [low, high] = this.limits(), free = new Map(), clamped = new Map();
		for (const [name, map] of [["v_free_V", free], ["v_clamped_V", clamped]]) {
			const about = descriptor && descriptor.arrays.find(array => array.name === name);
			if (about && latest && latest[name])
				about.nodes.forEach((node, i) => map.set(node, latest[name][i]));
		}
		const share = map => node => {
			const value = map.get(node);
			return value === undefined || value === null ? null : (value - low) / (high - low);
		};
		const kinds = new Map();
		if (descriptor)
			for (const [kind, nodes] of [["target", descriptor.targets], ["source", descriptor.sources]])
				nodes.forEach(node => kinds.set(node, kind));
		return {volt: node => free.get(node), free: share(free), clamped: share(clamped), kind: node => kinds.get(node)};
	}

	inspect(r) {
		const edge = model.selected, {rig} = model;
		if (edge === null || !rig.edges[edge]) {
			if (this.hint !== model.operate && (this.hint = model.operate) !== undefined)
				replace(this.inspector, h("p.quiet", {}, "Choose an edge to see it", model.operate ? ", cut it or hold it." : "."));
			return;
		}
		this.hint = null;
		const {mode, a, b, r_ohm} = rig.edges[edge], key = edge + mode + model.operate;
		if (key !== this.inspected) {
			this.inspected = key;
			this.value = h("span");
			replace(this.inspector, h("b", {}, "edge " + edge), h("span.quiet", {}, a + " \u2013 " + b), this.value, model.operate
				? h("span.segments", {role: "group", "aria-label": "Edge " + edge}, ...MODES.map(([name, words, letter]) =>
					h("button.small", {"aria-pressed": String(name === mode), "aria-keyshortcuts": letter.toUpperCase(), onclick: () => this.set(edge, name)}, words)))
				: h("span", {}, mode));
		}
		text(this.value, si(r ? r[edge] : r_ohm, "\u03a9"));
	}
}
