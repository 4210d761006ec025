#!/usr/bin/env python3
"""Races sspr against what people use now, on the same reads against the same pretend tenant, in alternation.

    cargo build --release && python3 benches/race/race.py

Each contestant is a program of its own, started for each run, as a script in a pipeline is. What is not installed
is said, and left out:

  az rest       needs `az` on PATH, or AZ=/path/to/az
  Graph JS      needs `node`, and @microsoft/microsoft-graph-client where NODE_PATH leads
  httpx         needs a Python with httpx: PYTHON=/path/to/python, or this one
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GROUP = "SSPR-Pilot"
MEMBER_FIELDS = (
    "id,userPrincipalName,displayName,accountEnabled,userType,onPremisesSyncEnabled,assignedPlans,assignedLicenses"
)

# What `sspr plan` reads before it knows the group's id.
FIRST = [
    "/v1.0/organization?$select=id,displayName,verifiedDomains",
    f"/v1.0/groups?$filter=displayName eq '{GROUP}'&$select=id,displayName,securityEnabled",
    "/v1.0/policies/authenticationMethodsPolicy",
    "/v1.0/roleManagement/directory/roleAssignments?$expand=principal",
    "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal",
    "/v1.0/directory/onPremisesSynchronization?$select=features",
    "/v1.0/subscribedSkus?$select=skuId,capabilityStatus,servicePlans",
    "/v1.0/reports/authenticationMethods/userRegistrationDetails?$top=999&$select=id,methodsRegistered,"
    "isSsprRegistered,isSsprEnabled,isSsprCapable,lastUpdatedDateTime",
]
PORTAL = "/api/PasswordReset/PasswordResetPolicies?getPasswordResetEnabledGroup=true"


def second(group):
    """Returns what waits for the group's id."""
    return [
        f"/v1.0/groups/{group}/transitiveMemberOf?$select=id,displayName&$top=999",
        f"/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user?$count=true&$orderby=userPrincipalName"
        f"&$top=999&$select={MEMBER_FIELDS}",
    ]


# What `sspr people --no-registration` reads: the same without the report and the portal.
def first_of(race):
    return FIRST if race == "plan" else [path for path in FIRST if "/reports/" not in path and "Skus" not in path]


class Tenant:
    def __init__(self, binary, people, latency):
        self.folder = tempfile.TemporaryDirectory()
        state = os.path.join(self.folder.name, "sandbox")
        environment = {"SSPR_STATE_DIR": state, "PATH": os.environ["PATH"]}
        subprocess.run([binary, "sandbox", "reset", "--people", str(people)], env=environment, check=True,
                       stdout=subprocess.DEVNULL)
        self.serving = subprocess.Popen([binary, "sandbox", "serve", "--latency", str(latency)], env=environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.variables = dict(self.serving.stdout.readline().strip().removeprefix("export ").split("=", 1) for _ in range(4))
        shutil.copy(ROOT / "examples" / "pilot.yaml", self.folder.name)

    def close(self):
        self.serving.kill()
        self.serving.wait()
        self.folder.cleanup()


def run_httpx(race):
    """One client, keep-alive, what is independent gathered, pages followed: what a careful hand writes."""
    import asyncio

    import httpx

    root, tokens = os.environ["SSPR_GRAPH_URL"], os.environ

    async def main():
        headers = {"Authorization": f"Bearer {tokens['SSPR_GRAPH_TOKEN']}", "ConsistencyLevel": "eventual"}
        portal = {"Authorization": f"Bearer {tokens['SSPR_PORTAL_TOKEN']}"}
        async with httpx.AsyncClient(base_url=root, timeout=60) as client:
            async def get(path, headers=headers):
                response = await client.get(path, headers=headers)
                response.raise_for_status()
                return response.json()

            paths = first_of(race)
            asked = [get(path) for path in paths] + ([get(PORTAL, portal)] if race == "plan" else [])
            answers = await asyncio.gather(*asked)
            group = answers[1]["value"][0]["id"]
            _, page = await asyncio.gather(*(get(path) for path in second(group)))
            members = len(page["value"])
            while race == "people" and "@odata.nextLink" in page:
                page = await get(page["@odata.nextLink"])
                members += len(page["value"])
            print(members)

    asyncio.run(main())


def run_az(race, az):
    """`az rest`, one process for each request, as scripts in the documentation have it."""
    root = os.environ["SSPR_GRAPH_URL"]

    def get(path, token="SSPR_GRAPH_TOKEN"):
        url = path if path.startswith("http") else root + path
        done = subprocess.run(
            [az, "rest", "--method", "get", "--url", url, "--skip-authorization-header", "--headers",
             f"Authorization=Bearer {os.environ[token]}", "ConsistencyLevel=eventual"],
            check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    answers = [get(path) for path in first_of(race)]
    if race == "plan":
        get(PORTAL, "SSPR_PORTAL_TOKEN")
    group = answers[1]["value"][0]["id"]
    _, page = [get(path) for path in second(group)]
    members = len(page["value"])
    while race == "people" and "@odata.nextLink" in page:
        page = get(page["@odata.nextLink"])
        members += len(page["value"])
    print(members)


def contestants(binary, race):
    """Returns the command of each contestant, and says who is missing."""
    ours = ["plan"] if race == "plan" else ["people", "--no-registration", "--format", "csv"]
    found = {"sspr": [binary, *ours]}
    python = os.environ.get("PYTHON", sys.executable)
    me = str(HERE / "race.py")
    if subprocess.run([python, "-c", "import httpx"], capture_output=True).returncode == 0:
        found["httpx by hand"] = [python, me, "--contestant", "httpx", race]
    else:
        print("httpx is not installed: left out")
    node = shutil.which("node")
    library = "@microsoft/microsoft-graph-client"
    if node and subprocess.run([node, "-e", f"require('{library}')"], capture_output=True).returncode == 0:
        found["Graph JavaScript client"] = [node, str(HERE / "graph.js"), race]
    else:
        print(f"node with {library} is not installed: left out")
    az = os.environ.get("AZ") or shutil.which("az")
    if az:
        found["az rest"] = [sys.executable, me, "--contestant", "az", race, "--az", az]
    else:
        print("az is not installed: left out")
    return found


def race_all(binary, race, people, latency, times, az_times):
    print(f"\n{race}, {people + 8} members, {latency} ms for each answer, {times} runs each in alternation"
          f" ({az_times} of az rest)\n")
    commands = contestants(binary, race)
    took = {name: [] for name in commands}
    for turn in range(times):
        for name, command in commands.items():
            if name == "az rest" and turn >= az_times:
                continue
            # A tenant for each run: the report's limit of five requests in ten seconds starts anew.
            tenant = Tenant(binary, people, latency)
            environment = {**os.environ, **tenant.variables, "SSPR_STATE_DIR": tenant.folder.name + "/client",
                           "RACE_PATHS": json.dumps({"first": first_of(race), "portal": PORTAL,
                                                     "second": second("GROUP")})}
            began = time.monotonic()
            done = subprocess.run(command, env=environment, cwd=tenant.folder.name, capture_output=True, text=True)
            took[name].append(time.monotonic() - began)
            tenant.close()
            if done.returncode != 0:
                raise SystemExit(f"{name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
            if name != "sspr" and race == "people" and done.stdout.split()[-1] != str(people + 8):
                raise SystemExit(f"{name} met {done.stdout.split()[-1]} members, not {people + 8}")
    ours = statistics.median(took["sspr"])
    print("| contestant | median ms | fastest ms | times as long |\n| --- | --- | --- | --- |")
    for name, times_taken in took.items():
        median = statistics.median(times_taken)
        print(f"| {name} | {median * 1000:.0f} | {min(times_taken) * 1000:.0f} | {median / ours:.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("race", nargs="*", help="plan, people; both where none is named")
    parser.add_argument("--binary", default=str(ROOT / "target" / "release" / "sspr"))
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--latency", type=int, default=40)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--az-times", type=int, default=3)
    parser.add_argument("--contestant", choices=["httpx", "az"], help=argparse.SUPPRESS)
    parser.add_argument("--az", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.contestant == "httpx":
        return run_httpx(args.race[0])
    if args.contestant == "az":
        return run_az(args.race[0], args.az)
    for race in args.race or ["plan", "people"]:
        people = 0 if race == "plan" else args.people
        race_all(args.binary, race, people, args.latency, args.times, args.az_times)


if __name__ == "__main__":
    main()
