// live.js - the page of what happens now

import {Curves} from "./curves.js";
import {h} from "./dom.js";
import {Network} from "./network.js";
import * as panels from "./panels.js";
import {Params} from "./params.js";
import {Raster} from "./raster.js";

export class Live {
	constructor() {
		const network = new Network(), curves = new Curves(), raster = new Raster();
		const side = [panels.alarms(), new Params(), panels.queue(), panels.notes(), panels.lease(), panels.devices()];
		const events = panels.happened();
		this.parts = [network, curves, raster, events, ...side];
		curves.element.append(raster.element);
		this.element = h("div.live", {}, h("h1.unseen", {}, "Live"), h("div.left", {}, network.element, events.element), curves.element,
			h("aside.side", {"aria-label": "Steering"}, ...side.map(part => part.element)));
	}

	mount() {
		this.parts.forEach(part => part.mount());
	}

	close() {
		this.parts.forEach(part => part.close());
	}
}
