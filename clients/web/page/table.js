// table.js - a table of any length of which only the rows in sight exist

import {h, replace} from "./dom.js";

const ROW = 30;		// px, as in style.css
const AHEAD = 60;	// rows before the last at which more are asked for
const SPARE = 6;	// rows above and below those in sight

export class Table {
	// columns: [{name, words, class, cell(row) -> text or element}]; onSort(name), onOpen(row), isChosen(row), onChoose(row, on)
	constructor(columns, options) {
		this.columns = columns;
		this.options = options;
		this.rows = [];
		this.at = 0;
		this.heads = columns.map(({name, words, label, class: kind}) => h("div.cell." + (kind || "plain"), {role: "columnheader", "data-column": name},
			name === "choose" ? h("span.unseen", {}, "Overlay") : h("button.plain", {"aria-label": label || null, onclick: () => options.onSort(name)}, words)));
		this.head = h("div.row.head", {role: "row"}, ...this.heads);
		this.body = h("div.rows", {role: "presentation"});
		this.scroller = h("div.scroller", {role: "table", "aria-label": options.label, tabindex: 0}, this.head, this.body);
		this.element = this.scroller;
		this.scroller.addEventListener("scroll", () => this.draw(), {passive: true});
		this.scroller.addEventListener("keydown", event => this.key(event));
		this.watch = new ResizeObserver(() => this.draw(true));
		this.watch.observe(this.scroller);
		this.alive = new Map();
	}

	close() {
		this.watch.disconnect();
	}

	show(rows, order) {
		this.rows = rows;
		this.scroller.setAttribute("aria-rowcount", rows.length + 1);
		this.heads.forEach(head => {
			const name = head.dataset.column, by = order.replace(/-$/, "") === name;
			if (by)
				head.setAttribute("aria-sort", order.endsWith("-") ? "descending" : "ascending");
			else
				head.removeAttribute("aria-sort");
		});
		this.body.style.height = rows.length * ROW + "px";
		this.draw(true);
	}

	draw(anew = false) {
		const {scroller, body, rows} = this, first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - SPARE);
		const last = Math.min(rows.length, first + Math.ceil(scroller.clientHeight / ROW) + 2 * SPARE);
		if (anew) {
			this.alive.clear();
			replace(body);
		}
		for (const [index, element] of this.alive)
			if (index < first || index >= last) {
				element.remove();
				this.alive.delete(index);
			}
		if (last > rows.length - AHEAD && this.options.onEnd)
			this.options.onEnd();
		for (let index = first; index < last; index++)
			if (!this.alive.has(index)) {
				const element = this.row(rows[index], index);
				this.alive.set(index, element);
				body.append(element);
			}
	}

	row(row, index) {
		const element = h("div.row", {role: "row", "aria-rowindex": index + 2}, ...this.columns.map(({name, class: kind, cell}) =>
			h("div.cell." + (kind || "plain"), {role: "cell", "data-column": name}, cell(row))));
		element.style.transform = "translateY(" + index * ROW + "px)";
		element.classList.toggle("odd", index % 2 === 1);
		return element;
	}

	key(event) {
		const page = Math.max(ROW, this.scroller.clientHeight - 2 * ROW);
		const by = {ArrowDown: ROW, ArrowUp: -ROW, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity}[event.key];
		if (by === undefined || event.target !== this.scroller)
			return;
		event.preventDefault();
		this.scroller.scrollTop = by === -Infinity ? 0 : by === Infinity ? this.rows.length * ROW : this.scroller.scrollTop + by;
	}
}
