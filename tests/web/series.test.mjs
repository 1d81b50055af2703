// series.test.mjs - what a plot shows of a run's steps: nothing is lost, nothing is made up; by `node --test`
import assert from "node:assert";
import test from "node:test";
import {Axis, updates} from "../../clients/web/page/axis.js";
import {Series} from "../../clients/web/page/series.js";
import {filterOf, orderOf, pointed} from "../../clients/web/page/where.js";

const SEED = Number(process.env.NUDGED_TEST_SEED || Math.floor(Math.random() * 2 ** 31));
console.log("# seed " + SEED);
let word = SEED >>> 0;
const draw = () => { word = Math.imul(word ^ (word >>> 15), 2246822519) + 0x9e3779b9 >>> 0; return word / 2 ** 32; };
const fill = (n, value) => {
	const series = new Series();
	for (let k = 0; k < n; k++)
		series.put(k, value(k), BigInt(k) * 1000000n, 1, 0);
	return series;
};

test("each pixel has the least and the greatest of its steps, for any zoom", () => {
	for (let round = 0; round < 60; round++) {
		const n = 1 + Math.floor(draw() * 5000), values = Array.from({length: n}, () => draw()), series = fill(n, k => values[k]);
		const a = Math.floor(draw() * n), b = a + 1 + Math.floor(draw() * (n - a)), axis = new Axis("steps", false, series, []);
		const {y} = series.decimate(axis.edges(a, b - 1, 1 + Math.floor(draw() * 900)), step => axis.xOf(step), 1);
		const shown = values.slice(a, b);
		assert.equal(Math.max(...y), Math.max(...shown));
		assert.equal(Math.min(...y), Math.min(...shown));
	}
});

test("a spike of one step among 50,000 stays", () => {
	const series = fill(50000, k => k === 31234 ? 100 : 1), axis = new Axis("steps", false, series, []);
	const {x, y} = series.decimate(axis.edges(0, 49999, 700), step => axis.xOf(step), 1);
	assert.equal(Math.max(...y), 100);
	assert.ok(Math.abs(x[y.indexOf(100)] - 31234) <= 72);
	assert.ok(y.length <= 1400);
});

test("places never go backwards, on any axis", () => {
	const series = fill(3000, () => draw());
	for (const mode of ["steps", "updates", "time"])
		for (const log of [false, true]) {
			const axis = new Axis(mode, log, series, [{from_step: 0, p: 1}, {from_step: 1000, p: 0.25}, {from_step: 2000, p: 0}]);
			const [from, to] = axis.range(), {x} = series.decimate(axis.edges(from, to, 300), step => axis.xOf(step), 1);
			for (let i = 1; i < x.length; i++)
				assert.ok(x[i] >= x[i - 1], mode);
			assert.ok(x.length > 10);
		}
});

test("steps times p, by hand: 1000 steps of p 1 and 1000 of p 0.25 are 1250 updates", () => {
	const axis = new Axis("updates", false, fill(2001, () => 1), [{from_step: 0, p: 1}, {from_step: 1000, p: 0.25}]);
	assert.equal(axis.xOf(2000), 1250);
	assert.equal(axis.stepOf(1125), 1500);
});

test("a hole breaks the line and is listed, what the log leaves out does not", () => {
	const series = new Series();
	for (const k of [0, 1, 2, 10, 11, 12])
		series.put(k, 1, k, 1, 0);
	const axis = new Axis("steps", false, series, []), line = () => series.decimate(axis.edges(0, 12, 500), step => axis.xOf(step), 1).y;
	assert.deepEqual(series.missing(), [[3, 9]]);
	assert.ok(line().includes(null));
	series.never(3, 9);
	assert.ok(series.complete && !line().includes(null));
});

test("holes drawn at random are all listed, whatever the blocks", () => {
	for (let round = 0; round < 40; round++) {
		const n = 1 + Math.floor(draw() * 3000), series = new Series(), lost = new Set();
		series.extend(n);
		for (let k = 0; k < n; k++)
			if (draw() < 0.01)
				lost.add(k);
			else
				series.put(k, 1, k, 1, 0);
		const found = series.missing(1e6).flatMap(([a, b]) => Array.from({length: b - a + 1}, (_, i) => a + i)).sort((a, b) => a - b);
		assert.deepEqual(found, [...lost]);
	}
});

test("nothing is drawn past the last step", () => {
	const series = fill(100, () => 1), axis = new Axis("steps", false, series, []);
	assert.equal(Math.max(...series.decimate(axis.edges(0, 1000, 400), step => axis.xOf(step), 1).x), 99);
});

test("the same step twice changes nothing", () => {
	const series = fill(10, k => k);
	series.put(4, 99, 0n, 1, 8);
	assert.equal(series.mse[4], 4);
	assert.equal(series.late, 0);
});

test("what stands in the field becomes the server's filter", () => {
	assert.equal(filterOf(" status = 'done' and steps > 100 "), "status = 'done' and steps > 100");
	assert.equal(filterOf("star"), "star");
	assert.equal(filterOf("steps"), "steps");
	assert.equal(filterOf(""), "");
	assert.equal(filterOf("iris"), "name ~ 'iris' or task ~ 'iris' or note ~ 'iris' or tag = 'iris'");
	assert.equal(filterOf("12"), "name ~ '12' or task ~ '12' or note ~ '12' or tag = '12' or run = 12");
	assert.equal(filterOf('"it\'s new"'), "name ~ 'it''s new' or task ~ 'it''s new' or note ~ 'it''s new' or tag = 'it''s new'");
});

test("a sorted column becomes the server's order", () => {
	assert.deepEqual(["run-", "run", "mse_final_V2-", "name"].map(orderOf), ["newest", "oldest", "mse_final_V2 desc", "name asc"]);
});

test("a refusal points at its character", () => {
	assert.deepEqual(pointed("p << 1", 4), ["p <", "<", " 1"]);
	assert.deepEqual(pointed("p <", 4), ["p <", "\u00a0", ""]);
});

test("updates up to a step are the sum of p, by hand", () => {
	const at = updates([{from_step: 0, p: 1}, {from_step: 1000, p: 0.25}, {from_step: 2000, p: 0}]);
	assert.deepEqual([0, 1000, 1400, 2000, 5000].map(at), [0, 1000, 1100, 1250, 1250]);
});
