// colour.js - the colour scales: cividis for voltages, which reads the same to colour-blind eyes, and inks for curves

const CIVIDIS = [
	[0, 32, 76], [0, 42, 102], [0, 52, 110], [39, 63, 108], [60, 74, 107], [76, 85, 107], [91, 95, 109], [104, 106, 112], [117, 117, 117],
	[131, 129, 120], [146, 140, 120], [161, 152, 118], [176, 165, 114], [192, 178, 109], [208, 193, 100], [225, 209, 86], [253, 231, 55]];

export function cividis(share) {
	const at = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * (CIVIDIS.length - 1);
	const i = Math.min(CIVIDIS.length - 2, Math.floor(at)), part = at - i;
	return CIVIDIS[i].map((low, k) => Math.round(low + (CIVIDIS[i + 1][k] - low) * part));
}

export function rgb([r, g, b]) {
	return "rgb(" + r + " " + g + " " + b + ")";
}

// Black or white, whichever is better read on it
export function inkOn([r, g, b]) {
	const linear = [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
	return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179 ? "#000" : "#fff";
}

// Okabe and Ito's set, told apart by everybody; darker or lighter as the paper is
const LIGHT = ["#0072b2", "#c14f00", "#00795a", "#a8457f", "#8a6d00", "#2f7fb5", "#555555", "#7a2d8c"];
const DARK = ["#56b4e9", "#e69f00", "#2fc79b", "#e58fc0", "#f0e442", "#8fb8ff", "#c8c8c8", "#ff8c5a"];

export const dark = matchMedia("(prefers-color-scheme: dark)");
export const still = matchMedia("(prefers-reduced-motion: reduce)");

export function ink(i) {
	const set = dark.matches ? DARK : LIGHT;
	return set[i % set.length];
}

// A colour of the style sheet, for canvases
export function paper(name) {
	return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}
