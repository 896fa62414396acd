"""What the same work costs, written by hand, with this package and with its peers. `benchmarks/compare.py` runs it.

| where | what it knows |
| --- | --- |
| `workloads.py` | what is computed: sizes, data, where it starts |
| `contenders/` | who computes it: a file each, with a function for each kind of workload it takes part in |
| `job.py` | what a contender hands over: something to run, and what it gave |
| `checking.py` | that all computed the same, before anything is timed |
| `timing.py`, `memory.py`, `chains.py` | what is measured, and how |
| `cell.py` | one workload, dtype and setting, measured; `child.py`: in a process of its own |
| `machine.py` | what it ran on |
| `report.py`, `plot.py` | what is written of it |
"""
