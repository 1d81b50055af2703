// frame.js - redraws what changed, at most once a frame, and a costly picture less often than a cheap one
//
// A picture that takes c ms is drawn again 6 c ms later at the soonest: however long a run gets, the page keeps most of its time.

const SHARE = 6;
const views = [];
let asked = false;

export function view(name, draw) {
	const one = {name, draw, wanted: false, cost: 0, next: 0};
	views.push(one);
	return {
		want() {
			one.wanted = true;
			ask();
		},
		remove() {
			views.splice(views.indexOf(one), 1);
		},
	};
}

function ask() {
	if (!asked) {
		asked = true;
		requestAnimationFrame(frame);
	}
}

function frame(now) {
	asked = false;
	let left = false;
	for (const one of [...views]) {
		if (!one.wanted)
			continue;
		if (now < one.next) {
			left = true;
			continue;
		}
		one.wanted = false;
		const begin = performance.now();
		one.draw();
		const took = performance.now() - begin;
		one.cost = one.cost ? one.cost * 0.7 + took * 0.3 : took;
		one.next = now + one.cost * SHARE;
		record(one.name, took);
	}
	if (left)
		ask();
}

// What a test, or somebody at the console, may want to know
export const figures = {draws: {}};

function record(name, took) {
	const one = figures.draws[name] || (figures.draws[name] = {n: 0, sum_ms: 0, worst_ms: 0});
	one.n++;
	one.sum_ms += took;
	one.worst_ms = Math.max(one.worst_ms, took);
}
