// raster.js - which edges were updated at which step, one column a step that is known, the newest at the right; drawn column by column

import {paper} from "./colour.js";
import {h, text} from "./dom.js";
import {view} from "./frame.js";
import {model} from "./model.js";
import {isUpdated} from "./rows.js";

const COLUMN = 3;	// px

export class Raster {
	constructor() {
		this.canvas = h("canvas", {role: "img", "aria-label": "Update masks: a row an edge, a column a step"});
		this.readout = h("output.readout");
		this.element = h("section.panel.chart.raster", {"aria-label": "Update masks"},
			h("header", {}, h("h2", {}, "Update masks"), this.readout), h("div.plot", {}, this.canvas));
		this.view = view("raster", () => this.draw());
		this.off = [model.on("rows run rig", () => this.view.want())];
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
			canvas.height = Math.max(rows.edges, Math.floor(height * pixel / Math.max(1, rows.edges)) * rows.edges) || 1;
			Object.assign(this, {fresh: false, rows, shifts: rows.shifts, drawn: 0, steps: []});
		}
		const pen = canvas.getContext("2d"), wide = COLUMN * pixel;
		const fresh = this.news(rows, Math.min(rows.appended - this.drawn, rows.length), columns), news = fresh.length;
		if (news > 0) {
			// What was there moves to the left; only the new columns are painted
			pen.globalCompositeOperation = "copy";
			pen.drawImage(canvas, -news * wide, 0);
			pen.globalCompositeOperation = "source-over";
			const tall = canvas.height / rows.edges, on = paper("lit"), off = paper("cell");
			for (let i = 0; i < news; i++) {
				const mask = rows.updated[fresh[i]], x = (columns - news + i) * wide;
				pen.fillStyle = off;
				pen.fillRect(x, 0, wide - pixel, canvas.height);
				pen.fillStyle = on;
				for (let edge = 0; edge < rows.edges; edge++)
					if (isUpdated(mask, edge))
						pen.fillRect(x, edge * tall, wide - pixel, Math.max(1, tall - (tall > 3 ? pixel : 0)));
			}
		}
		this.drawn = rows.appended;
		this.steps = this.steps.concat(fresh.map(i => rows.step[i])).slice(-columns);
		const {steps} = this, shown = steps.length;
		text(this.readout, shown ? "steps " + steps[0] + " \u2013 " + steps[shown - 1] + ", " + shown + " of them" : "none yet");
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
