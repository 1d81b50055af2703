// network.js - the network as a picture: edges as wide as they conduct, lit where they were updated, voltages of both networks at the nodes

import {cividis, inkOn, rgb, still} from "./colour.js";
import {h, number, replace, si, svg, text} from "./dom.js";
import {view} from "./frame.js";
import {model} from "./model.js";
import {isUpdated} from "./rows.js";
import {act} from "./api.js";
import {say} from "./say.js";

const MODES = [["learn", "Learn", "l"], ["hold", "Hold", "h"], ["cut", "Cut", "c"]];

export class Network {
	constructor() {
		this.picture = svg("svg", {role: "group", "aria-label": "The network. Arrow keys go from edge to edge; L, H and C make it learn, hold or cut it."});
		this.inspector = h("div.inspector", {role: "status", "aria-live": "polite"});
		this.readout = h("output.readout");
		this.scale = h("div.scale", {"aria-hidden": "true"});
		this.element = h("section.panel.network", {"aria-label": "Network"},
			h("header", {}, h("h2", {}, "Network"), this.readout), h("div.picture", {}, this.picture), this.scale, this.inspector);
		this.view = view("network", () => this.draw());
		this.off = [model.on("rig", () => { this.build(); this.view.want(); }), model.on("rows latest run link select about", () => this.view.want())];
		this.lit = null;
	}

	mount() {
		this.build();
		this.view.want();
	}

	close() {
		this.off.forEach(off => off());
		this.view.remove();
	}

	// Where nodes stand: as the rig file has it, else on a circle
	places(nodes) {
		const known = nodes.every(({x, y}) => x !== null && y !== null);
		const raw = nodes.map(({x, y}, i) => known ? [x, -y]
			: [Math.cos(2 * Math.PI * i / nodes.length), Math.sin(2 * Math.PI * i / nodes.length)]);
		const [x0, x1, y0, y1] = [Math.min(...raw.map(p => p[0])), Math.max(...raw.map(p => p[0])), Math.min(...raw.map(p => p[1])), Math.max(...raw.map(p => p[1]))];
		const span = Math.max(x1 - x0, y1 - y0) || 1;
		this.size = [1000 * (x1 - x0) / span, 1000 * (y1 - y0) / span];
		return raw.map(([x, y]) => [1000 * (x - x0) / span, 1000 * (y - y0) / span]);
	}

	build() {
		const {rig} = model;
		if (!rig)
			return;
		const shape = rig.nodes.length + "/" + rig.edges.map(({a, b}) => a + "-" + b).join();
		if (shape === this.shape)
			return;
		this.shape = shape;
		const places = this.places(rig.nodes), radius = Math.max(14, Math.min(56, 210 / Math.sqrt(rig.nodes.length)));
		this.radius = radius;
		const edge = radius * 1.9;
		this.picture.setAttribute("viewBox", [-edge, -edge, this.size[0] + 2 * edge, this.size[1] + 2 * edge].map(Math.round).join(" "));
		this.edges = rig.edges.map(({edge, a, b}) => this.makeEdge(edge, places[a], places[b]));
		this.nodes = rig.nodes.map(({node}, i) => this.makeNode(node, places[i], radius));
		this.picture.replaceChildren(...this.edges.map(one => one.group), ...this.nodes.map(one => one.group));
		this.picture.addEventListener("keydown", event => this.key(event));
		const steps = 24, [low, high] = this.limits();
		replace(this.scale, h("span", {}, number(low) + " V"), svg("svg", {viewBox: "0 0 24 1", preserveAspectRatio: "none"},
			...Array.from({length: steps}, (_, i) => svg("rect", {x: i, y: 0, width: 1.05, height: 1, fill: rgb(cividis(i / (steps - 1)))}))),
		h("span", {}, number(high) + " V"), h("small", {}, "left half free, right half clamped"));
	}

	limits() {
		return model.rig.limits && model.rig.limits.volts || [0, 5];
	}

	makeEdge(edge, [x1, y1], [x2, y2]) {
		const at = {x1, y1, x2, y2}, body = svg("line", {...at, class: "body"}), light = svg("line", {...at, class: "light"});
		const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2], mark = svg("g", {class: "mark", transform: "translate(" + x + " " + y + ")"});
		const group = svg("g", {class: "edge", role: "button", tabindex: edge === 0 ? 0 : -1, "data-edge": edge},
			svg("line", {...at, class: "hit"}), body, light, mark);
		group.addEventListener("click", () => this.select(edge));
		group.addEventListener("focus", () => this.select(edge));
		return {group, body, light, mark};
	}

	makeNode(node, [x, y], radius) {
		const half = sweep => "M0 " + -radius + "A" + radius + " " + radius + " 0 0 " + sweep + " 0 " + radius + "Z";
		const free = svg("path", {d: half(0), class: "half"}), clamped = svg("path", {d: half(1), class: "half"});
		const ring = svg("circle", {r: radius + 5, class: "ring"}), number = svg("text", {x: -radius * 1.05, y: -radius * 0.95, class: "name"});
		const words = svg("text", {class: "volts", "font-size": radius * 0.62, dy: "0.35em"});
		number.textContent = node;
		number.setAttribute("font-size", Math.max(20, radius * 0.6));
		return {group: svg("g", {class: "node", transform: "translate(" + x + " " + y + ")"}, ring, free, clamped, words, number), free, clamped, ring, words, number};
	}

	key(event) {
		const target = event.target.closest(".edge");
		if (!target || event.ctrlKey || event.altKey || event.metaKey)
			return;
		const edge = Number(target.dataset.edge), last = this.edges.length - 1;
		const go = {ArrowRight: edge + 1, ArrowDown: edge + 1, ArrowLeft: edge - 1, ArrowUp: edge - 1, Home: 0, End: last}[event.key];
		if (go !== undefined) {
			event.preventDefault();
			this.edges[Math.max(0, Math.min(last, go))].group.focus();
			return;
		}
		const mode = MODES.find(([, , letter]) => letter === event.key.toLowerCase());
		if (mode && model.operate)
			this.set(edge, mode[0]);
	}

	select(edge) {
		if (this.edges[edge] === undefined)
			return;
		if (model.selected !== null && this.edges[model.selected])
			this.edges[model.selected].group.setAttribute("tabindex", -1);
		this.edges[edge].group.setAttribute("tabindex", 0);
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
		const {rig, latest, rows, descriptor} = model;
		if (!rig || !this.edges)
			return;
		const r = rows.last(), r_min = rig.r_min_ohm, bold = this.radius * 0.55;
		const mask = latest && latest.updated && latest.updated.length ? latest.updated : rows.length ? rows.updated[rows.length - 1] : null;
		rig.edges.forEach(({edge, mode, a, b}) => {
			const one = this.edges[edge], ohm = r ? r[edge] : rig.edges[edge].r_ohm;
			// Widths by the root of the conductance: an instrument's range of 1 to 128 stays to be seen
			const width = ohm ? Math.max(2, bold * Math.sqrt(r_min / ohm) * 1.6) : 2;
			one.body.setAttribute("stroke-width", width.toFixed(1));
			one.light.setAttribute("stroke-width", (width + 7).toFixed(1));
			// Who asked for less motion sees the updates in the raster alone
			const lit = !still.matches && model.active && mask !== null && isUpdated(mask, edge) && mode === "learn";
			one.group.setAttribute("class", "edge " + mode + (lit ? " lit" : "") + (model.selected === edge ? " selected" : ""));
			one.group.setAttribute("aria-label", "edge " + edge + ", node " + a + " to " + b + ", " + si(ohm, "ohm") + ", " + mode);
			if (one.mode !== mode) {
				one.mode = mode;
				const s = Math.max(9, this.radius * 0.3);
				one.mark.replaceChildren(...(mode === "cut" ? [svg("path", {d: "M" + -s + " " + -s + "L" + s + " " + s + "M" + s + " " + -s + "L" + -s + " " + s})]
					: mode === "hold" ? [svg("rect", {x: -s, y: -s, width: 2 * s, height: 2 * s})] : []));
			}
		});
		this.volts(latest, descriptor);
		this.inspect(r);
		text(this.readout, latest ? "step " + latest.step : "");
	}

	volts(latest, descriptor) {
		const [low, high] = this.limits(), free = new Map(), clamped = new Map();
		for (const [name, map] of [["v_free_V", free], ["v_clamped_V", clamped]]) {
			const about = descriptor && descriptor.arrays.find(array => array.name === name);
			if (about && latest && latest[name])
				about.nodes.forEach((node, i) => map.set(node, latest[name][i]));
		}
		this.nodes.forEach((one, node) => {
			const paint = (half, value) => {
				const known = value !== undefined && value !== null, colour = known ? cividis((value - low) / (high - low)) : null;
				half.setAttribute("fill", known ? rgb(colour) : "var(--unknown)");
				return colour;
			};
			const colour = paint(one.free, free.get(node));
			paint(one.clamped, clamped.get(node));
			const kind = descriptor && descriptor.sources.includes(node) ? " source" : descriptor && descriptor.targets.includes(node) ? " target" : "";
			one.group.setAttribute("class", "node" + kind);
			text(one.words, free.has(node) && free.get(node) !== null ? free.get(node).toFixed(2) : "");
			one.words.setAttribute("fill", colour ? inkOn(colour) : "currentColor");
		});
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
