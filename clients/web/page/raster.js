// raster.js - which edges were updated at which step, one column a step that is known, the newest at the right; drawn column by column

import {dark, paper} from "./colour.js";
import {h, text} from "./dom.js";
import {view} from "./frame.js";
import {model} from "./model.js";
import {isUpdated} from "./rows.js";

const COLUMN = 3;	// px
const FINE = 300;	// edges, each of which has a line of its own

export class Raster {
	constructor() {
		this.canvas = h("canvas", {role: "img", "aria-label": "Update masks: a row an edge, a column a step"});
		this.readout = h("output.readout");
		this.element = h("section.panel.chart.raster", {"aria-label": "Update masks"},
			h("header", {}, h("h2", {}, "Update masks"), this.readout), h("div.plot", {}, this.canvas));
		this.view = view("raster", () => this.draw());
		const again = () => { this.fresh = true; this.view.want(); };	// in the other colours
		dark.addEventListener("change", again);
		this.off = [model.on("rows run rig", () => this.view.want()), () => dark.removeEventListener("change", again)];
		this.watch = new ResizeObserver(() => { this.fresh = true; this.view.want(); });
	}

	mount() {
		this.watch.observe(this.canvas.parentNode);
		this.fresh = true;
		this.view.want();
	}

	close() {
		this.off.forEach(off => off());
		this.view.remove();
		this.watch.disconnect();
	}

	draw() {
		const {rows} = model, {canvas} = this, box = canvas.parentNode;
		const width = Math.max(60, Math.floor(box.clientWidth)), height = Math.max(16, Math.floor(box.clientHeight));
		const columns = Math.floor(width / COLUMN), pixel = Math.max(1, Math.round(devicePixelRatio));
		if (this.fresh || this.rows !== rows || this.shifts !== rows.shifts || canvas.width !== columns * COLUMN * pixel) {
			canvas.width = columns * COLUMN * pixel;
			// A line an edge, or of very many edges a line for several, as dark as many of them were updated
			this.lines = Math.min(rows.edges, Math.max(height * pixel, rows.edges <= FINE ? rows.edges : 1)) || 1;
			canvas.height = Math.max(this.lines, Math.floor(height * pixel / this.lines) * this.lines);
			Object.assign(this, {fresh: false, rows, shifts: rows.shifts, drawn: 0, steps: []});
		}
		const pen = canvas.getContext("2d"), wide = COLUMN * pixel;
		const fresh = this.news(rows, Math.min(rows.appended - this.drawn, rows.length), columns), news = fresh.length;
		if (news > 0) {
			// What was there moves to the left; only the new columns are painted
			pen.globalCompositeOperation = "copy";
			pen.drawImage(canvas, -news * wide, 0);
			pen.globalCompositeOperation = "source-over";
			const tall = canvas.height / this.lines, on = paper("lit"), off = paper("cell");
			for (let i = 0; i < news; i++) {
				const mask = rows.updated[fresh[i]], x = (columns - news + i) * wide;
				pen.fillStyle = off;
				pen.fillRect(x, 0, wide - pixel, canvas.height);
				pen.fillStyle = on;
				for (let line = 0; line < this.lines; line++) {
					const share = this.share(mask, line, rows.edges);
					if (share === 0)
						continue;
					pen.globalAlpha = share;
					pen.fillRect(x, line * tall, wide - pixel, Math.max(1, tall - (tall > 3 ? pixel : 0)));
				}
				pen.globalAlpha = 1;
			}
		}
		this.drawn = rows.appended;
		this.steps = this.steps.concat(fresh.map(i => rows.step[i])).slice(-columns);
		const {steps} = this, shown = steps.length;
		text(this.readout, shown ? "steps " + steps[0] + " \u2013 " + steps[shown - 1] + ", " + shown + " of them" : "none yet");
	}

	// Of the edges that a line stands for, how many were updated: 0 to 1
	share(mask, line, edges) {
		const from = Math.floor(line * edges / this.lines), to = Math.floor((line + 1) * edges / this.lines);
		let n = 0;
		for (let edge = from; edge < to; edge++)
			n += isUpdated(mask, edge) ? 1 : 0;
		return n / (to - from);
	}

	// Which of the last so many rows have masks, the newest columns of them
	news(rows, n, columns) {
		const found = [];
		for (let i = rows.length - 1; i >= rows.length - n && found.length < columns; i--)
			if (rows.updated[i])
				found.push(i);
		return found.reverse();
	}
}
