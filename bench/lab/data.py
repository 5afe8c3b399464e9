# SPDX-License-Identifier: ISC
"""The generated tables, made once and kept in build/bench-data."""
import os, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parents[2]
KEPT = HERE / "build/bench-data"
SHARED = pathlib.Path(os.environ.get("FAIRLEAD_SHARED", HERE.parent / "shared"))
FAIRLEAD = HERE / "build/fairlead"
V4, V6 = 1_000_000, 230_000


def generator():
    path = SHARED / "data/gen_fulltable.py"
    if not path.exists():
        sys.exit(f"bench: {path} is absent: say where by FAIRLEAD_SHARED=DIRECTORY")
    return path


def full_table(views, v4=V4, v6=V6):
    """The path of the MRT table of so many views; it may take minutes to make."""
    small = "" if (v4, v6) == (V4, V6) else f"-{v4}-{v6}"
    path = KEPT / f"full{views}{small}.mrt"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        print(f"bench: making {path.name}: some minutes, once", file=sys.stderr)
        part = path.with_suffix(f".part{os.getpid()}")
        subprocess.run([sys.executable, generator(), "-o", part, "--peers", str(views), "--v4",
                        str(v4), "--v6", str(v6)], check=True)
        part.rename(path)
    return path
