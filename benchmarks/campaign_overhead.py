"""What a campaign costs beside its tasks, and what a second worker brings.

`python benchmarks/campaign_overhead.py [TASKS] [EVENTS]`, default 200 tasks of a second: the same replicas one after
the other in this process, without files, then as a campaign in a pool of one and of two workers.  It wants a quiet
machine.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

CASE = """
[tubule]
inner_width_nm = 3.0
wall_thickness_nm = 1.5
segment_nm = 3.0
[[wall]]
name = "LiC6"
"""
CAMPAIGN = """
case = "case.toml"
replicas = {tasks}
events = {events}
"""
BARE = 10  # tasks that are timed without a campaign
RESULTS = Path(__file__).parent / "results"


def bare(data, seed, events):
    """Seconds of a replica without a campaign: its episodes, nothing else."""
    from coble.kinds.campaign.replica import _segment
    from coble.kmc.estimates.measure import durations, episode_events, episodes

    segment = _segment(data)
    burn_in, duration = durations(segment, seed)
    numbers = range(max(2, round(events / sum(episode_events(segment)))))
    started = time.perf_counter()
    for replica in range(BARE):
        episodes(segment, seed, replica, numbers, (), burn_in, duration, lambda: False)
    return (time.perf_counter() - started) / BARE


def campaign_s(campaign, folder, workers):
    """Seconds of a campaign, from the first task handed over to the last result."""
    from coble.kinds.campaign.engines import engine
    from coble.kinds.campaign.run import Sweep

    job = Sweep(campaign, folder)
    job.prepare()
    with engine("pool", workers) as executor:
        for ready in [executor.submit(time.sleep, 0.5) for _ in range(workers)]:  # workers are there
            ready.result()
        assert job.run(executor, 2 * workers)
    return job.seconds


def main():
    from coble.kinds.campaign.settings import load_campaign

    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    events = float(sys.argv[2]) if len(sys.argv) > 2 else 1.05e7
    with tempfile.TemporaryDirectory() as there:
        there = Path(there)
        (there / "case.toml").write_text(CASE)
        (there / "campaign.toml").write_text(CAMPAIGN.format(tasks=tasks, events=events))
        campaign = load_campaign(there / "campaign.toml")
        before = bare(campaign.points[0].data, 1, events)
        seconds = {n: campaign_s(campaign, there / str(n), n) for n in (1, 2)}
        after = bare(campaign.points[0].data, 1, events)
    each = (before + after) / 2
    found = {
        "command": f"python benchmarks/campaign_overhead.py {tasks} {events:g}",
        "tasks": tasks,
        "seconds_of_a_task": each,
        "bare_before_and_after_s": [before, after],
        "campaign_s": seconds,
        "overhead": seconds[1] / (tasks * each) - 1,
        "two_workers": seconds[1] / seconds[2],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"campaign_overhead_{tasks}.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
