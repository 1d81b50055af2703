// lab.mjs - a nudged, a nudge-web and a Chromium of the test's own, and questions to the database beside them
import {execFileSync, spawn} from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {pathToFileURL} from "node:url";
import {count, until} from "./tap.mjs";

export const top = path.resolve(process.env.srcdir || ".");
export const build = path.resolve(process.env.builddir || ".");
export const shots = path.join(build, "tests", "web");
const modules = path.join(shots, "node_modules");
export const python = process.env.PYTHON3 || "/usr/bin/python3";
const ends = [];
process.on("exit", () => ends.forEach(end => end()));

export const RIG = `rig: bench of the test
backend: sim
network: {file: king9_16}
edge: {taps: 128, r_step_ohm: 781.25, r_min_ohm: 781.25, initial_tap: 63}
limits: {volts: [0.0, 5.0], slew_V_per_s: none, edge_power_W: none, source_current_A: none, discrepancy_V: none, measure_slack_V: 0.01}
capacitors_F: [0, 2.2e-6, 2.2e-5]
sim:
  comparator: {rule: eq10, bias_V: [0.0, 0.0], drawn: each}
  comparator_noise_V: 0.003
  clock: CLOCK
`;

export function task(steps, more = {}) {
	return {task: "dashboard test", kind: "allostery", sources: [0, 2, 7], targets: [3, 5, 4], train: {examples: [{source_V: [5, 1, 0], target_V: [3, 3, 3]}]},
		params: {eta: 0.2, p: 0.7, tau_s: 0.02, ...more}, stop: {steps}};
}

export class Lab {
	// rig: a rig file's text; or the clock of the usual one
	constructor(clock = "real", rig = RIG.replace("CLOCK", clock)) {
		this.dir = fs.mkdtempSync(path.join(os.tmpdir(), "nw."));
		this.db = path.join(this.dir, "n.db");
		fs.writeFileSync(path.join(this.dir, "rig.yaml"), rig);
		ends.push(() => {
			for (const one of [this.web, this.daemon])
				if (one)
					one.kill("SIGKILL");
			fs.rmSync(this.dir, {recursive: true, force: true});
		});
	}

	async startDaemon() {
		[this.daemon] = await this.run("nudged", ["--rig", path.join(this.dir, "rig.yaml"), "--db", this.db, "--runtime", this.dir]);
	}

	async startWeb(more = ["--operate"]) {
		// From a build tree in its checkout it finds pages and tasks by itself
		const places = path.relative(top, build).startsWith("..") ? ["--pages", path.join(top, "clients/web/page"), "--tasks", path.join(top, "docs/experiments")] : [];
		const [process, line] = await this.run("nudge-web", ["--to", "ipc://" + this.dir, "--listen", "127.0.0.1:" + (this.port || 0), ...more,
			"--token-file", path.join(this.dir, "token"), ...places]);
		this.web = process;
		this.url = line.trim();
		this.origin = new URL(this.url).origin;
		this.port = new URL(this.url).port;
	}

	async killWeb() {
		const {web} = this;
		const gone = new Promise(resolve => web.once("exit", resolve));
		web.kill("SIGKILL");
		await gone;
		this.web = null;
	}

	// A program, and the first line that it says
	async run(name, options) {
		const log = fs.openSync(path.join(this.dir, name + ".log"), "a");
		const process = spawn(path.join(build, name), options, {stdio: ["ignore", "pipe", log]});
		let said = "";
		process.stdout.on("data", data => { said += data; });
		await until(() => {
			if (process.exitCode !== null)
				throw new Error(name + " ended: " + fs.readFileSync(path.join(this.dir, name + ".log")));
			return said.includes("\n");
		}, name + " is ready");
		return [process, said.split("\n")[0]];
	}

	async killDaemon(signal = "SIGKILL") {
		const {daemon} = this;
		const gone = new Promise(resolve => daemon.once("exit", resolve));
		daemon.kill(signal);
		await gone;
		this.daemon = null;
	}

	sql(question) {
		const code = "import json,sqlite3,sys\nd=sqlite3.connect('file:'+sys.argv[1]+'?mode=ro',uri=True,timeout=30)\nprint(json.dumps(d.execute(sys.argv[2]).fetchall()))";
		return JSON.parse(execFileSync(python, ["-c", code, this.db, question], {maxBuffer: 1 << 28}));
	}

	script(file, ...options) {
		return String(execFileSync(python, ["-B", path.join(top, "tests/web", file), ...options]));
	}
}

// What somebody at the page would do, of the page's own requests
export async function submit(page, body, more = {}) {
	const result = await page.evaluate(async params => (await (await fetch("/api/call", {method: "POST", headers: {"X-Nudge": "1", "Content-Type": "application/json"},
		body: JSON.stringify({method: "run.submit", params, key: crypto.getRandomValues(new Uint32Array(4)).join("-")})})).json()), {task: body, ...more});
	if (result.error)
		throw new Error(result.error.message);
	return result.result.run;
}

export async function openBrowser() {
	const {chromium} = await import(pathToFileURL(path.join(modules, "playwright-core/index.mjs")));
	const browser = await chromium.launch({executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});
	ends.push(() => browser.process && browser.process());
	return browser;
}

export async function openPage(browser, lab, options = {}, address = "/") {
	const context = await browser.newContext({viewport: {width: 1440, height: 900}, ...options});
	const page = await context.newPage();
	page.troubles = [];
	page.on("pageerror", error => page.troubles.push(error.stack));
	page.on("console", message => message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text()) && page.troubles.push(message.text()));
	await page.goto(lab.url);
	if (address !== "/")
		await page.goto(lab.origin + address);
	return page;
}

export function shot(page, name, options) {
	return page.screenshot({path: path.join(shots, name + ".png"), ...options});
}

export const axe = () => fs.readFileSync(path.join(modules, "axe-core/axe.min.js"), "utf8");
export const sizes = {steps: count("PAGE_STEPS", 50000), runs: count("PAGE_RUNS", 10000)};
