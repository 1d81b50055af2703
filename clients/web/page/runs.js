// runs.js - a list of runs as the server has it: filtered and ordered there, a page at a time; one question under way at a time, and the newest wins

import {get} from "./api.js";

const FIRST = 100, FURTHER = 500;

export class Runs {
	// on.rows() after each page, on.refused(error) when the server does not understand the filter, on.trouble(error) when it is not there
	constructor(on) {
		this.on = on;
		this.rows = [];
		this.next = null;
		this.took_ms = null;
		this.known = new Set();
	}

	close() {
		this.closed = true;
		clearTimeout(this.again);
	}

	// wish: {where, order}; the time counts from now
	ask(wish) {
		this.wish = {...wish, begin: performance.now()};
		clearTimeout(this.again);
		if (!this.busy)
			this.work();
	}

	async work() {
		this.busy = true;
		while (this.wish && !this.closed) {
			const wish = this.wish;
			this.wish = null;
			try {
				const page = await get("/api/runs", {where: wish.where, order: wish.order, limit: FIRST});
				if (!this.wish && !this.closed)
					this.take(wish, page);
			} catch (error) {
				this.fail(wish, error);
			}
		}
		this.busy = false;
	}

	take(wish, {rows, next}) {
		Object.assign(this, {shown: wish, rows, next, known: new Set(rows.map(({run}) => run))});
		this.on.rows(true);
		this.took_ms = performance.now() - wish.begin;
		this.on.took(this.took_ms);
	}

	fail(wish, error) {
		if (this.wish || this.closed)
			return;
		if (error.data && error.data.path) {
			this.on.refused(error);
			return;
		}
		this.on.trouble(error);
		this.again = setTimeout(() => this.ask(wish), 1500);
	}

	// The page behind the last row. A run that moved meanwhile, as one under way in an order by its steps, comes once
	async more() {
		if (this.next === null || this.fetching || this.busy || this.closed)
			return;
		const {shown} = this;
		this.fetching = true;
		try {
			const {rows, next} = await get("/api/runs", {where: shown.where, order: shown.order, limit: FURTHER, after: this.next});
			if (shown === this.shown && !this.closed) {
				this.rows = this.rows.concat(rows.filter(({run}) => !this.known.has(run)));
				rows.forEach(({run}) => this.known.add(run));
				this.next = next;
			}
		} catch (error) {
			this.on.trouble(error);
		}
		this.fetching = false;
		if (shown === this.shown && !this.closed)
			this.on.rows(false);
	}

	// One row has become another
	async renew(run) {
		const at = this.rows.findIndex(row => row.run === run);
		if (at < 0)
			return;
		const [row] = await rowsOf([run]);
		if (row && this.rows[at] && this.rows[at].run === run) {
			this.rows[at] = row;
			this.on.rows(false);
		}
	}
}

// The rows of these runs
export async function rowsOf(runs) {
	return runs.length ? (await get("/api/runs", {where: "run in (" + runs.join(", ") + ")", limit: runs.length})).rows : [];
}
