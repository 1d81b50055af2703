"""same.py SERVER RUN follow | past - what the Python client has of a run, live or afterwards, as JSON with the bits of its reals."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "clients", "python"))
import nudge  # noqa: E402

server, number, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
n = nudge.connect(server)
run = n.run(number)
if how == "follow":
    print("ready", flush=True)
    steps = run.follow(timeout_s=600)
else:
    steps = run.steps(["step", "mse_V2", "rev", "wiper", "v_free_V", "v_clamped_V"])
bits = {name: steps[name].astype("<f8").tobytes() for name in ("mse_V2", "v_free_V", "v_clamped_V")}
wide = {name: steps[name].shape[1] * 8 for name in ("v_free_V", "v_clamped_V")}
rows = {}
for i, step in enumerate(steps.step.tolist()):
    rows[step] = {"mse_V2": bits["mse_V2"][8 * i:8 * i + 8].hex(), "rev": int(steps.rev[i]), "wiper": steps.wiper[i].tolist(),
                  **{name: bits[name][wide[name] * i:wide[name] * (i + 1)].hex() for name in wide}}
print(json.dumps({"rows": rows, "params": run.card()["params"], "tests": run.tests()}))
