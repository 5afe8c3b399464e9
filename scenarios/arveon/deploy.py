#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The pipeline tells what it has deployed: the whole of what was rendered, before and after."""
import json, pathlib, urllib.request

here = pathlib.Path(__file__).parent
before = (here / "rr.conf").read_text()
after, odd = before.replace("1500", "150"), before.replace("1500", "15")  # one digit
names = [f"fra-rr-{n}" for n in range(1, 5)]
change = {"id": "BFD-2211", "who": "ansible", "what": "BFD timers 1500 to 150 ms", "devices": names,
          "before": dict.fromkeys(names, before), "rendered": {**dict.fromkeys(names, after), names[3]: odd}}
request = urllib.request.Request("http://127.0.0.1:8471/api/v1/changes", json.dumps(change).encode(),
                                 {"Authorization": "Bearer " + (here / "token").read_text().strip()})
print(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5).read().decode())
