// model.js - what the page knows: the state, the rig, the present run and its steps; made from the events alone and asked for where they do not say it

import {ask} from "./api.js";
import {Events, unpackStep} from "./events.js";
import {Refill} from "./refill.js";
import {Rows, ohms} from "./rows.js";
import {Series} from "./series.js";

// What an edge does: its word, the button's, the key
export const MODES = [["learn", "Learn", "l"], ["hold", "Hold", "h"], ["cut", "Cut", "c"]];
const HEADER = new Set(["v", "kind", "boot", "seq", "prev", "durable_seq"]);
const EVENTS_KEPT = 200;

// What the record has, and what came by itself while it was on its way
function joined(events, seen) {
	const known = new Set(events.map(({kind, step, what}) => [kind, step, what].join()));
	const last = seen.findLastIndex(({kind, step, what}) => known.has([kind, step, what].join()));
	return [...events, ...seen.slice(last + 1)];
}

class Model {
	constructor() {
		this.listeners = new Map();
		this.about = null;
		this.link = {alive: false, ever: false, why: "connecting"};
		this.state = null;
		this.rig = null;
		this.queue = [];
		this.log = [];
		this.boot = null;
		this.selected = null;	// an edge
		this.refill = new Refill(this);
		this.begin(null, null);
	}

	start() {
		this.events = new Events((name, data) => this.take(name, data), link => {
			this.link = link;
			this.changed("link");
			if (link.alive)
				this.refill.want();
		});
	}

	on(topics, listener) {
		for (const topic of topics.split(" ")) {
			if (!this.listeners.has(topic))
				this.listeners.set(topic, new Set());
			this.listeners.get(topic).add(listener);
		}
		return () => topics.split(" ").forEach(topic => this.listeners.get(topic).delete(listener));
	}

	changed(topic) {
		for (const listener of this.listeners.get(topic) || [])
			listener(topic);
	}

	get operate() {
		return Boolean(this.about && this.about.operate);
	}

	// The present run is under way
	get active() {
		return Boolean(this.state && this.state.run !== null && this.state.run === this.number);
	}

	// Another run is the present one, or none
	begin(number, run) {
		this.number = number;
		this.run = run;
		this.series = new Series();
		this.rows = new Rows(this.rig ? this.rig.edges.length : 0);
		this.descriptor = run ? run.descriptor : null;
		this.tests = run ? run.tests.slice() : [];
		this.revisions = run ? run.params.slice() : [];
		this.happened = run ? run.events.slice(-EVENTS_KEPT) : [];
		this.latest = null;
		this.latestAt = null;
		this.edgesFetched = false;
		if (run)
			this.series.extend(run.steps);
	}

	take(name, data) {
		const method = this["on_" + name];
		if (method)
			method.call(this, data);
	}

	on_hello(data) {
		const same = data.run && data.run.run === this.number && data.rig.edges.length === this.rows.edges;
		// A daemon that was killed may have shown steps that never came to its disk: they are no longer true
		const ended = same && data.state.run === null && data.run.steps < this.series.length;
		const {series, rows, latest, latestAt, edgesFetched} = this;
		this.boot = data.boot;
		this.state = data.state;
		this.rig = data.rig;
		this.begin(data.run ? data.run.run : null, data.run);
		if (same && !ended) {	// steps never change: what was here stays
			series.extend(this.series.length);
			Object.assign(this, {series, rows, latest, latestAt, edgesFetched});
		}
		if (this.active && data.state.step)
			this.series.extend(data.state.step);
		this.askQueue();
		for (const topic of ["state", "rig", "run", "step", "rows", "latest", "test", "event"])
			this.changed(topic);
		this.refill.want();
	}

	on_state(data) {
		if (!this.state)
			return;
		const before = this.state;
		this.state = {...before};
		for (const [name, value] of Object.entries(data))
			if (!HEADER.has(name))
				this.state[name] = value;
		this.changed("state");
		if (before.queue_length !== this.state.queue_length || before.queue_held !== this.state.queue_held)
			this.askQueue();
		if (before.run !== null && this.state.run === null)
			this.over();
	}

	on_hb(data) {
		if (!this.state)
			return;
		const {run, step, state} = data;
		if (run === this.number && step > this.series.length)
			this.series.extend(step);
		const differs = this.state.state !== state;
		Object.assign(this.state, {state, step, t_utc: data.t_utc});
		if (differs)
			this.changed("state");
		if (!this.series.complete)
			this.refill.want(1000);
		if (run === null)
			this.over();
		this.changed("hb");
	}

	on_desc(data) {
		this.begin(data.run, null);
		this.descriptor = data;
		for (const topic of ["run", "step", "rows", "test", "event"])
			this.changed(topic);
		this.askRun();
		this.askRig();
	}

	on_step(data) {
		if (data.run !== this.number)
			return;
		const step = unpackStep(data), {series} = this, before = series.length;
		for (let i = 0; i < step.n; i++)
			series.put(step.step + i, step.mse_V2[i], step.t_mono_ns[i], step.rev[i], step.flags[i]);
		if (step.step > before)
			this.refill.want(400);
		const {edges, mask} = this.rows;
		(step.rows || []).forEach((offset, i) => {
			if (step.flags[offset] & 16)
				return;
			const taps = step.wiper && step.wiper.length ? step.wiper.subarray(i * edges, (i + 1) * edges) : null;
			const r = step.r_ohm ? Float32Array.from(step.r_ohm.subarray(i * edges, (i + 1) * edges)) : taps ? ohms(taps, this.rig) : null;
			const updated = step.updated ? step.updated.subarray(i * mask, (i + 1) * mask) : null;
			this.rows.put(step.step + offset, r, updated);
		});
		this.changed("step");
		this.changed("rows");
	}

	on_latest({header, arrays}) {
		if (header.run !== this.number)
			return;
		this.latest = {step: header.step, ...arrays};
		this.latestAt = performance.now();
		this.changed("latest");
	}

	on_test(data) {
		if (data.run !== this.number || this.tests.some(test => test.step === data.step && test.set === data.set))
			return;
		this.tests.push(data);
		this.tests.sort((a, b) => a.step - b.step);
		this.changed("test");
	}

	on_event(data) {
		const event = {...data, kind: data.event};
		if (event.kind === "queue")
			this.askQueue();
		if (event.run === this.number || event.run === null) {
			this.happened.push(event);
			this.happened.splice(0, this.happened.length - EVENTS_KEPT);
		}
		if (event.kind === "param" && event.run === this.number && event.new && event.new.rev !== undefined) {
			const revision = {...event.new, from_step: event.step, who: event.who, t_utc: event.t_utc};
			if (!this.revisions.some(({rev}) => rev === revision.rev))
				this.revisions.push(revision);
			this.changed("state");
		}
		if (["cut", "hold", "learn", "run_begin"].includes(event.kind))
			this.askRig();
		if (event.kind === "run_end" && event.run === this.number)
			this.askRun();
		this.changed("event");
	}

	on_log(data) {
		this.log.push(data);
		this.log.splice(0, this.log.length - 50);
		this.changed("log");
	}

	// The stream has a hole: the steps are fetched, what else there was stands in the run's record
	on_gap(data) {
		if (data.run === this.number && data.left_out && data.to !== null) {
			this.series.extend(data.to + 1);
			this.series.never(data.from, data.to);
		} else if (data.run === this.number) {
			this.series.extend(data.to === null ? data.from : data.to + 1);
		} else if (data.topic) {
			this.askRun();
		}
		this.refill.want();
		this.changed("step");
	}

	on_back() {
		this.askState();
		this.askQueue();
		this.refill.want();
	}

	// The run has ended: its record says how many steps there are
	over() {
		if (this.number !== null && !(this.run && this.run.ended_utc && this.run.run === this.number))
			this.askRun();
	}

	async quietly(what) {
		try {
			await what();
		} catch (error) {
			console.warn(error.message);	// what was asked comes again with the next hello
		}
	}

	askState() {
		return this.quietly(async () => {
			this.state = await ask("state.snapshot");
			this.changed("state");
		});
	}

	askQueue() {
		return this.quietly(async () => {
			this.queue = (await ask("queue.list")).runs;
			this.changed("queue");
		});
	}

	// One question at a time: of two on their way, the older answer could come last
	askRun() {
		this.askAgain = true;
		this.asking ||= this.askRuns().finally(() => this.asking = null);
		return this.asking;
	}

	async askRuns() {
		while (this.askAgain && this.number !== null) {
			this.askAgain = false;
			await this.quietly(() => this.takeRun(this.number));
		}
	}

	async takeRun(number) {
		const run = await ask("history.run", {run: number});
		if (number !== this.number)
			return;
		this.run = run;
		this.descriptor = run.descriptor || this.descriptor;
		this.tests = run.tests.length >= this.tests.length ? run.tests.slice() : this.tests;
		this.revisions = run.params.length >= this.revisions.length ? run.params.slice() : this.revisions;
		this.happened = joined(run.events, this.happened).slice(-EVENTS_KEPT);
		this.series.extend(run.steps);
		this.refill.want();
		for (const topic of ["run", "test", "event", "step"])
			this.changed(topic);
	}

	askRig() {
		clearTimeout(this.rigTimer);
		this.rigTimer = setTimeout(() => this.quietly(async () => {
			this.rig = await ask("rig.describe");
			if (this.rows.edges !== this.rig.edges.length)
				this.rows = new Rows(this.rig.edges.length);
			this.changed("rig");
		}), 150);
	}
}

export const model = new Model();
