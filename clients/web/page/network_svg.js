// network_svg.js - a network as SVG: edges as wide as they conduct, lit where they were updated, voltages of both networks at the nodes

import {cividis, inkOn, rgb} from "./colour.js";
import {si, svg, text} from "./dom.js";
import {MODES} from "./model.js";

export class SvgPicture {
	// about: rig, size, places, select(edge), set(edge, mode)
	constructor(about) {
		const {rig, size, places} = about;
		this.about = about;
		this.radius = Math.max(14, Math.min(56, 210 / Math.sqrt(rig.nodes.length)));
		const edge = this.radius * 1.9;
		this.element = svg("svg", {role: "group", "aria-label": "The network. Arrow keys go from edge to edge; L, H and C make it learn, hold or cut it.",
			viewBox: [-edge, -edge, size[0] + 2 * edge, size[1] + 2 * edge].map(Math.round).join(" ")});
		this.edges = rig.edges.map(({edge, a, b}) => this.makeEdge(edge, places[a], places[b]));
		this.nodes = rig.nodes.map(({node}, i) => this.makeNode(node, places[i], this.radius));
		this.element.append(...this.edges.map(one => one.group), ...this.nodes.map(one => one.group));
		this.element.addEventListener("keydown", event => this.key(event));
	}

	close() {
		this.element.remove();
	}

	makeEdge(edge, [x1, y1], [x2, y2]) {
		const at = {x1, y1, x2, y2}, body = svg("line", {...at, class: "body"}), light = svg("line", {...at, class: "light"});
		const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2], mark = svg("g", {class: "mark", transform: "translate(" + x + " " + y + ")"});
		const group = svg("g", {class: "edge", role: "button", tabindex: edge === 0 ? 0 : -1, "data-edge": edge},
			svg("line", {...at, class: "hit", "stroke-width": Math.max(12, this.radius * 0.8)}), body, light, mark);
		group.addEventListener("click", () => this.about.select(edge));
		group.addEventListener("focus", () => this.about.select(edge));
		return {group, body, light, mark};
	}

	makeNode(node, [x, y], radius) {
		const half = sweep => "M0 " + -radius + "A" + radius + " " + radius + " 0 0 " + sweep + " 0 " + radius + "Z";
		const free = svg("path", {d: half(0), class: "half"}), clamped = svg("path", {d: half(1), class: "half"});
		const ring = svg("circle", {r: radius + 5, class: "ring"}), number = svg("text", {x: -radius * 1.05, y: -radius * 0.95, class: "name"});
		const words = svg("text", {class: "volts", "font-size": radius * 0.62, dy: "0.35em"});
		number.textContent = node;
		number.setAttribute("font-size", Math.max(20, radius * 0.6));
		return {node, group: svg("g", {class: "node", transform: "translate(" + x + " " + y + ")"}, ring, free, clamped, words, number), free, clamped, ring, words, number};
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
		if (mode)
			this.about.set(edge, mode[0]);
	}

	draw(now) {
		const {rig, selected} = now, bold = this.radius * 0.55;
		if (selected !== this.selected) {
			this.edges.forEach(({group}, edge) => group.setAttribute("tabindex", edge === (selected || 0) ? 0 : -1));
			this.selected = selected;
		}
		rig.edges.forEach(({edge, mode, a, b}) => {
			const one = this.edges[edge], ohm = now.ohm(edge);
			// Widths by the root of the conductance: an instrument's range of 1 to 128 stays to be seen
			const width = ohm ? Math.max(2, Math.min(this.radius * 1.2, bold * Math.sqrt(rig.r_min_ohm / ohm) * 1.6)) : 2;
			one.body.setAttribute("stroke-width", width.toFixed(1));
			one.light.setAttribute("stroke-width", (width + 7).toFixed(1));
			one.group.setAttribute("class", "edge " + mode + (now.lit && now.lit(edge) ? " lit" : "") + (selected === edge ? " selected" : ""));
			one.group.setAttribute("aria-label", "edge " + edge + ", node " + a + " to " + b + ", " + si(ohm, "ohm") + ", " + mode);
			if (one.mode !== mode) {
				one.mode = mode;
				const s = Math.max(9, this.radius * 0.3);
				one.mark.replaceChildren(...(mode === "cut" ? [svg("path", {d: "M" + -s + " " + -s + "L" + s + " " + s + "M" + s + " " + -s + "L" + -s + " " + s})]
					: mode === "hold" ? [svg("rect", {x: -s, y: -s, width: 2 * s, height: 2 * s})] : []));
			}
		});
		for (const one of this.nodes)
			this.drawNode(one, now);
	}

	drawNode(one, now) {
		const paint = (half, share) => {
			const colour = share === null ? null : cividis(share);
			half.setAttribute("fill", colour ? rgb(colour) : "var(--unknown)");
			return colour;
		};
		const colour = paint(one.free, now.free(one.node)), volt = now.volt(one.node);
		paint(one.clamped, now.clamped(one.node));
		one.group.setAttribute("class", "node " + (now.kind(one.node) || ""));
		text(one.words, volt !== undefined && volt !== null ? volt.toFixed(2) : "");
		one.words.setAttribute("fill", colour ? inkOn(colour) : "currentColor");
	}
}
