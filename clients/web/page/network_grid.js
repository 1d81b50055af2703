// network_grid.js - finds the edge nearest to a point among very many, and the next one in a direction

export class EdgeGrid {
	// lines: [x1, y1, x2, y2] of each edge, one after another; all within size
	constructor(lines, [width, height]) {
		this.lines = lines;
		this.n = lines.length / 4;
		this.cell = Math.max(1, Math.max(width, height) / Math.max(1, Math.ceil(Math.sqrt(this.n))));
		this.columns = Math.floor(width / this.cell) + 1;
		this.cells = new Map();
		for (let edge = 0; edge < this.n; edge++)
			this.put(edge);
	}

	// An edge stands in every cell that its line may pass: long ones are followed in pieces of a cell
	put(edge) {
		const {lines, cell} = this, at = 4 * edge, [x1, y1, x2, y2] = [lines[at], lines[at + 1], lines[at + 2], lines[at + 3]];
		const pieces = Math.ceil(Math.hypot(x2 - x1, y2 - y1) / cell) * 2 + 1;
		let before = -1;
		for (let i = 0; i <= pieces; i++) {
			const key = this.key(x1 + (x2 - x1) * i / pieces, y1 + (y2 - y1) * i / pieces);
			if (key === before)
				continue;
			before = key;
			if (!this.cells.has(key))
				this.cells.set(key, []);
			this.cells.get(key).push(edge);
		}
	}

	key(x, y) {
		return Math.floor(y / this.cell) * this.columns + Math.max(0, Math.min(this.columns - 1, Math.floor(x / this.cell)));
	}

	distance(edge, x, y) {
		const {lines} = this, at = 4 * edge, x1 = lines[at], y1 = lines[at + 1], dx = lines[at + 2] - x1, dy = lines[at + 3] - y1;
		const share = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
		return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
	}

	// The edge whose line is nearest, and nearer than `within`; null: none
	nearest(x, y, within) {
		const reach = Math.ceil(within / this.cell) + 1;
		let found = null, least = within;
		for (let row = -reach; row <= reach; row++)
			for (let column = -reach; column <= reach; column++)
				for (const edge of this.cells.get(this.key(x + column * this.cell, y + row * this.cell)) || []) {
					const distance = this.distance(edge, x, y);
					if (distance < least)
						[found, least] = [edge, distance];
				}
		return found;
	}

	middle(edge) {
		const {lines} = this, at = 4 * edge;
		return [(lines[at] + lines[at + 2]) / 2, (lines[at + 1] + lines[at + 3]) / 2];
	}

	// From an edge to the next one towards (dx, dy), a unit vector along an axis; itself if there is none
	next(edge, dx, dy) {
		const [x, y] = this.middle(edge);
		let found = edge, least = Infinity;
		for (let other = 0; other < this.n; other++) {
			const [ox, oy] = this.middle(other), along = (ox - x) * dx + (oy - y) * dy, aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
			if (along > 1e-6 && along + 2 * aside < least)
				[found, least] = [other, along + 2 * aside];
		}
		return found;
	}
}
