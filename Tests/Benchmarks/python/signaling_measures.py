"""Signaling beside its Python reference, and many workers that come back at one moment."""

import json
import subprocess
import sys
from pathlib import Path

from measures import DEPTHS, Bench, RoomData, frames
from servers import ON_LOAD_CORE, Fault, Server, echo_server

WORKERS = 2000
WORKER_ROOMS = 50
REFERENCE = "Python websockets and a dict"
HERE = Path(__file__).parent


def reference(bench: Bench) -> Server:
    return echo_server([str(bench.python), str(HERE / "ws_signaling.py"), "0"], bench.work / "servers.log")


def signaling_round(bench: Bench) -> dict[tuple[str, int], dict]:
    """CPU per relayed frame, beside the reference in the same minute."""
    results = {}
    with bench.rooms("signaling") as data:
        makers = {"room-server": data.server}
        if bench.python:
            makers[REFERENCE] = lambda: reference(bench)
        for depth in DEPTHS:
            for name, make in makers.items():
                with make() as server:
                    results[name, depth] = frames(bench, server, "relay", depth=depth, register=data.lines)
    return results


def _worker(number: int, account: dict[str, str]) -> dict:
    """What a worker of sleap-rtc says of itself."""
    properties = {"gpu_memory_mb": 24576, "gpu_model": "RTX 4090", "sleap_version": "unknown",
                  "sleap_nn_version": "0.1.0", "cuda_version": "12.4", "hostname": f"gpu{number}",
                  "worker_name": f"lab-gpu-{number}", "status": "available", "max_concurrent_jobs": 1,
                  "supported_models": ["centroid"], "supported_job_types": ["training", "inference"],
                  "mounts": [{"path": "/mnt/lab", "label": "Lab"}]}
    return {"type": "register", "peer_id": f"worker-{number}", "role": "worker", "is_admin": True,
            "api_key": account["worker_token"],
            "metadata": {"tags": ["sleap-rtc", "training-worker", "inference-worker"], "properties": properties}}


def reconnect_round(bench: Bench) -> dict[str, dict]:
    """All workers come at once, their server is killed, and all come at once to the next one on the same data."""
    with RoomData(bench, bench.work / "reconnect", WORKER_ROOMS) as data:
        with open(data.lines, "w") as lines:
            for number in range(WORKERS):
                worker = _worker(number, data.accounts[number % WORKER_ROOMS])
                lines.write(json.dumps(worker, separators=(",", ":")) + "\n")
        command = ON_LOAD_CORE + [sys.executable, str(HERE / "ws_reconnect.py"), str(data.lines)]
        load = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            results = {}
            for name in ("they come", "they come back"):
                with data.server() as server:
                    load.stdin.write(f"{server.port}\n")
                    load.stdin.flush()
                    answer = load.stdout.readline()
                    if not answer:
                        raise Fault(f"the workers are gone; see {server.log}")
                    results[name] = json.loads(answer)
                    results[name]["lost"] = WORKERS - min(results[name]["registered"], results[name]["seen"])
            return results
        finally:
            load.kill()
            load.wait()
