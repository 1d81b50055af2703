// events.js - the stream of events: opens it again when it breaks, unpacks its arrays, and knows how long nobody has said a word
//
// nudged's heartbeat comes every second. When nothing has come for SILENCE_MS, what the page shows is old, whoever is to blame.

const SILENCE_MS = 2400;
const NAMES = ["hello", "gap", "state", "hb", "desc", "step", "latest", "test", "event", "log", "lost", "back"];

export class Events {
	// on(name, data) is told of each event; onLink(link) when the connection changes
	constructor(on, onLink) {
		this.on = on;
		this.onLink = onLink;
		this.id = null;
		this.heard = performance.now();
		this.link = {alive: false, ever: false, why: "connecting"};
		this.daemon = true;
		this.open();
		setInterval(() => this.look(), 200);
	}

	open() {
		clearTimeout(this.again);
		if (this.source)
			this.source.close();
		const source = new EventSource("/api/events" + (this.id ? "?last=" + encodeURIComponent(this.id) : ""));
		this.source = source;
		this.opened = performance.now();
		for (const name of NAMES)
			source.addEventListener(name, event => this.take(name, event));
		source.addEventListener("error", () => {
			// A browser that got an answer other than a stream does not ask again by itself
			if (source === this.source && source.readyState === EventSource.CLOSED)
				this.again = setTimeout(() => this.open(), 1000);
			this.look();
		});
	}

	take(name, event) {
		if (event.lastEventId)
			this.id = event.lastEventId;
		this.last = event.timeStamp;
		const data = JSON.parse(event.data);
		if (name === "lost") {
			this.daemon = false;
		} else if (name === "back" || name === "hello" || name === "hb") {
			this.daemon = true;
			this.heard = performance.now();
		} else if (this.daemon) {
			this.heard = performance.now();
		}
		this.on(name, data);
		this.look();
	}

	// Seconds since the last word
	get age() {
		return (performance.now() - this.heard) / 1000;
	}

	look() {
		const open = this.source.readyState === EventSource.OPEN;
		const alive = open && this.daemon && this.age * 1000 < SILENCE_MS;
		// A stream that says nothing although it is open, as after a machine has slept, is asked for anew
		if (!alive && this.daemon && this.age > 8 && performance.now() - this.opened > 8000)
			this.open();
		const why = alive ? "" : !open ? "nudge-web cannot be reached" : "nudged does not answer";
		if (alive === this.link.alive && why === this.link.why)
			return;
		this.link = {alive, ever: this.link.ever || alive, why};
		this.onLink(this.link);
	}
}

// Base64 of little-endian numbers -> typed array
export function unpack(base64, Type) {
	const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
	return new Type(bytes.buffer);
}

// A step event's arrays, as typed arrays
export function unpackStep(data) {
	const step = {
		...data,
		mse_V2: unpack(data.mse_V2, Float64Array),
		flags: unpack(data.flags, Uint32Array),
		rev: unpack(data.rev, Uint32Array),
		t_mono_ns: unpack(data.t_mono_ns, BigInt64Array),
	};
	if (data.wiper)
		step.wiper = unpack(data.wiper, Uint8Array);
	if (data.updated)
		step.updated = unpack(data.updated, Uint8Array);
	if (data.r_ohm)
		step.r_ohm = unpack(data.r_ohm, Float64Array);
	return step;
}
