// submit.js - the dialog that puts a task into the queue: one that came with nudged, or a file of one's own

import {act, post} from "./api.js";
import {h, json, replace} from "./dom.js";
import {model} from "./model.js";
import {say} from "./say.js";

let dialog = null;

export function openSubmit() {
	if (dialog)
		dialog.remove();
	dialog = make();
	document.body.append(dialog);
	dialog.showModal();
}

function make() {
	const shipped = h("select", {name: "shipped"}, h("option", {value: ""}, "\u2013 a file of my own \u2013"),
		...model.about.shipped_tasks.map(({name, title}) => h("option", {value: name}, title + " (" + name + ")")));
	if (model.about.shipped_tasks.length)
		shipped.selectedIndex = 1;
	const files = h("input", {type: "file", multiple: true, accept: ".yaml,.yml,.csv", "aria-label": "Task file and its tables"});
	const name = h("input", {type: "text", maxlength: 200, placeholder: "the task's"});
	const seed = h("input", {type: "number", min: 0, placeholder: "the task's"});
	const tags = h("input", {type: "text", placeholder: "words, separated by commas"});
	const front = h("input", {type: "checkbox"});
	const answer = h("div.answer", {role: "status"});
	const own = h("label", {}, "task file (.yaml), and the .csv it names", files);
	const show = () => { own.hidden = shipped.value !== ""; };
	shipped.addEventListener("change", show);
	show();
	const attempt = submit => async event => {
		event.preventDefault();
		try {
			const task = await read(shipped.value, files.files);
			if (submit) {
				const params = {task, at: front.checked ? "front" : "end"};
				if (name.value)
					params.name = name.value;
				if (seed.value)
					params.seed = Number(seed.value);
				const words = tags.value.split(",").map(tag => tag.trim()).filter(Boolean);
				if (words.length)
					params.tags = words;
				const {run, position} = await act("run.submit", params);
				say("run " + run + " is in the queue at position " + position);
				element.close();
			} else {
				const {warnings, edge_power_W} = await post("/api/call", {method: "task.check", params: {task}});
				const most = Math.max(...edge_power_W.filter(value => value !== null));
				replace(answer, h("p.good", {}, "The rig can do this. Largest edge power: " + (most * 1e3).toPrecision(3) + " mW."),
					...warnings.map(words => h("p.warning", {}, words)), h("details", {}, h("summary", {}, "the task as it would run"), h("pre", {}, JSON.stringify(task, null, 1))));
			}
		} catch (error) {
			replace(answer, h("p.error", {role: "alert"}, error.message, error.data && error.data.path ? h("code", {}, " " + json(error.data.path)) : null));
		}
	};
	const element = h("dialog.submit", {"aria-labelledby": "submit-title", onclose: () => element.remove()},
		h("form", {onsubmit: attempt(true)}, h("h2", {id: "submit-title"}, "New run"),
			h("label", {}, "task", shipped), own, h("div.two", {}, h("label", {}, "name", name), h("label", {}, "seed", seed)), h("label", {}, "tags", tags),
			h("label.check", {}, front, "before the others in the queue"), answer,
			h("footer", {}, h("button", {type: "button", onclick: () => element.close()}, "Cancel"), h("button", {type: "button", onclick: attempt(false)}, "Check"),
				h("button.primary", {type: "submit"}, "Submit"))));
	return element;
}

async function read(shipped, files) {
	if (shipped)
		return post("/api/tasks", {shipped});
	const body = {yaml: null, name: null, tables: {}};
	for (const file of files) {
		if (/\.ya?ml$/i.test(file.name)) {
			body.yaml = await file.text();
			body.name = file.name;
		} else {
			body.tables[file.name] = await file.text();
		}
	}
	if (body.yaml === null)
		throw new Error("choose a task file, whose name ends in .yaml");
	return post("/api/tasks", body);
}
