// frames.mjs - how long a page's frames take while something goes on, how often it redraws, and how much memory it holds
import {load, note, ok} from "./tap.mjs";

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

// {ms: the frames' lengths in order of size, draws: {name: [redraws, ms together, the most in one frame]}}
export async function frames(page, what) {
	await page.evaluate(() => {
		const {figures} = window.nudge, kept = window.frames = {ms: [], most: {}, draws: {}, at: performance.now()};
		figures.draws = {};
		const next = now => {
			kept.ms.push(now - kept.at);
			kept.at = now;
			for (const [name, {n}] of Object.entries(figures.draws)) {
				kept.most[name] = Math.max(kept.most[name] || 0, n - (kept.draws[name] || 0));
				kept.draws[name] = n;
			}
			kept.on = requestAnimationFrame(next);
		};
		kept.on = requestAnimationFrame(next);
	});
	await what();
	const {ms, most, figures} = await page.evaluate(() => {
		cancelAnimationFrame(window.frames.on);
		return {...window.frames, figures: window.nudge.figures.draws};
	});
	return {ms: ms.slice(2).sort((a, b) => a - b), most, draws: figures};
}

// Prints them; no panel may be drawn twice in a frame
export function tell(words, {ms, most, draws}) {
	note("R2: " + words + ": " + ms.length + " frames, p50 " + quantile(ms, 0.5).toFixed(1) + " ms, p99 " + quantile(ms, 0.99).toFixed(1) + " ms, load " + load());
	note("  " + Object.entries(draws).map(([name, {n, sum_ms, worst_ms}]) => name + " " + n + " redraws, mean " + (sum_ms / n).toFixed(1) + " ms, worst " + worst_ms.toFixed(0) + " ms").join("; "));
	ok(Math.max(0, ...Object.values(most)) <= 1, words + ": no panel is redrawn twice in a frame", most);
}

// MiB that the page's scripts hold, arrays included, after what is no longer needed was thrown away
export async function memory_MiB(session) {
	await session.send("HeapProfiler.collectGarbage");
	const {usedSize, backingStorageSize = 0} = await session.send("Runtime.getHeapUsage");
	return (usedSize + backingStorageSize) / 1048576;
}
