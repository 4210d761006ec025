#!/usr/bin/env python3
"""Compares builds of the program: wall time and processor time of the commands that compute most.

    python3 benches/race/builds.py [--runs 7] BUILD BUILD ...

Builds take turns, so that whatever else the machine does hits all of them alike; medians are shown. One sandbox,
served by the first build, answers all of them: at once, and after 40 ms.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

PILOT = pathlib.Path(__file__).parents[2] / "examples" / "pilot.yaml"
PEOPLE = ["people", "--no-registration", "--format", "csv"]


def serve(build, folder, people, latency):
    """Returns the sandbox's process and the variables that lead to it."""
    state = {"PATH": os.environ["PATH"], "SSPR_STATE_DIR": f"{folder}/sandbox-{latency}"}
    reset = [build, "sandbox", "reset", "--seed", "fresh", "--people", str(people)]
    subprocess.run(reset, env=state, check=True, capture_output=True)
    command = [build, "sandbox", "serve", "--latency", str(latency)]
    serving = subprocess.Popen(command, env=state, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return serving, dict(serving.stdout.readline().strip().removeprefix("export ").split("=", 1) for _ in range(4))


def run(command, environment, folder):
    """Returns what one run took, in milliseconds: wall, processor."""
    began = time.perf_counter()
    pid = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(pid.pid, 0)
    wall = time.perf_counter() - began
    assert os.waitstatus_to_exitcode(status) in (0, 3, 5), command
    return 1000 * wall, 1000 * (used.ru_utime + used.ru_stime)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("builds", nargs="+", type=os.path.abspath)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "pilot.yaml").write_bytes(PILOT.read_bytes())
        cases = [("--version", ["--version"], {})]
        served = []
        for latency in (0, 40):
            process, variables = serve(given.builds[0], folder, given.people, latency)
            served.append(process)
            for name, arguments in (("people", PEOPLE), ("plan", ["plan"])):
                cases.append((f"{name}, {latency} ms away", arguments, variables))
        try:
            print("| build | bytes | " + " | ".join(f"{name}: wall, processor" for name, _, _ in cases) + " |")
            took = {(build, name): [] for build in given.builds for name, _, _ in cases}
            for turn in range(given.runs):
                for name, arguments, variables in cases:
                    for build in given.builds:
                        state = f"{folder}/client-{turn}-{given.builds.index(build)}"
                        environment = {"PATH": os.environ["PATH"], "SSPR_STATE_DIR": state, **variables}
                        took[build, name].append(run([build, *arguments], environment, folder))
            for build in given.builds:
                cells = [tuple(map(statistics.median, zip(*took[build, name]))) for name, _, _ in cases]
                shown = " | ".join(f"{wall:.1f}, {processor:.1f}" for wall, processor in cells)
                print(f"| {os.path.basename(build)} | {os.path.getsize(build)} | {shown} |")
        finally:
            for process in served:
                process.kill()


if __name__ == "__main__":
    main()
