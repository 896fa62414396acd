"""``micrograd-nd doctor``: what it reads, what it tries, what it advises on made-up machines, and how it is written."""

import builtins
import dataclasses
import itertools
import json
import sys

import pytest

from micrograd_nd import cli
from micrograd_nd.doctor import cores, measuring, report, turn
from micrograd_nd.doctor.advice import advise
from micrograd_nd.doctor.candidates import AS_IS, settings
from micrograd_nd.doctor.facts import Blas, Facts, Processor, blas_of, collect, cpuinfo, processor_model
from micrograd_nd.doctor.measuring import Failed, Turn, measure, parsed, run_turn
from micrograd_nd.doctor.rendering import WIDTH, advice_text, facts_text, measurements_text

AVX2 = ("SSE2", "AVX", "FMA3", "AVX2")
AVX512 = (*AVX2, "AVX512F", "AVX512_SKX")
OPENBLAS = Blas("OpenBLAS", "scipy-openblas", "0.3.31", True, "Haswell", 2, "pthreads", True)
PROCESSOR = Processor("Model X", "x86_64", AVX512, 2, 2, None)
MACHINE = Facts({"Python": "3.11.7", "NumPy": "2.4.6"}, PROCESSOR, OPENBLAS, {}, "linux")


def machine(blas=None, processor=None, **changes):
    """A made-up machine: OpenBLAS with Haswell kernels and two threads on two AVX-512 cores, but for these changes."""
    return dataclasses.replace(
        MACHINE,
        blas=dataclasses.replace(OPENBLAS, **(blas or {})),
        processor=dataclasses.replace(PROCESSOR, **(processor or {})),
        **changes,
    )


def speed(float64, float32=None, kernels="Haswell", threads=2, cores=None):
    return Turn(
        kernels, threads, threads if cores is None else cores, {"float64": float64, "float32": float32 or float64}
    )


NOW = speed(40.0)


def runner_of(answers):
    """Stand in for processes: answers by the label of the setting, or by the changes' values."""

    def run(changes, size):
        key = " ".join(f"{name}={value}" for name, value in changes.items())
        answer = answers.get(key, answers[""])
        if isinstance(answer, Exception):
            raise answer
        return answer

    return run


def judged(facts, answers):
    return advise(facts, measure(settings(facts), runner_of({"": NOW, **answers})))


def commands(facts, answers):
    return [item.command for item in judged(facts, answers) if item.command]


def texts(facts, answers):
    return " ".join(item.text for item in judged(facts, answers))


ONE_THREAD = {"OPENBLAS_NUM_THREADS=1": speed(20.0, threads=1)}


class TestAdvice:
    def test_faster_kernels_are_advised_with_the_measured_ratio(self):
        answers = {**ONE_THREAD, "OPENBLAS_CORETYPE=SkylakeX": speed(70.0, 76.0, "SkylakeX")}
        assert commands(MACHINE, answers) == ["export OPENBLAS_CORETYPE=SkylakeX"]
        assert "1.75 times as fast in float64 and 1.90 in float32" in texts(MACHINE, answers)

    def test_kernels_that_are_hardly_faster_are_not_advised(self):
        answers = {**ONE_THREAD, "OPENBLAS_CORETYPE=SkylakeX": speed(45.0, kernels="SkylakeX")}
        assert commands(MACHINE, answers) == []
        assert "Nothing to change" in texts(MACHINE, answers)

    def test_kernels_that_cost_the_other_dtype_its_speed_are_not_advised(self):
        assert commands(MACHINE, {**ONE_THREAD, "OPENBLAS_CORETYPE=SkylakeX": speed(80.0, 30.0, "SkylakeX")}) == []

    def test_the_best_of_several_kernels_is_advised(self):
        wide = machine(processor={"features": (*AVX512, "AVX512_SPR")})
        answers = {
            **ONE_THREAD,
            "OPENBLAS_CORETYPE=SkylakeX": speed(70.0, kernels="SkylakeX"),
            "OPENBLAS_CORETYPE=Cooperlake": speed(75.0, kernels="Cooperlake"),
            "OPENBLAS_CORETYPE=SapphireRapids": speed(72.0, kernels="SapphireRapids"),
        }
        assert commands(wide, answers) == ["export OPENBLAS_CORETYPE=Cooperlake"]

    @pytest.mark.parametrize(
        "reason", ["crashed (SIGILL)", "took longer than 15 seconds", "gave no measurement but ''"]
    )
    def test_kernels_whose_process_fails_are_not_advised(self, reason):
        facts, answers = MACHINE, {**ONE_THREAD, "OPENBLAS_CORETYPE=SkylakeX": Failed(reason)}
        assert commands(facts, answers) == []
        measured = measure(settings(facts), runner_of({"": NOW, **answers}))
        assert reason in measurements_text(measured)

    def test_kernels_whose_process_fails_later_are_not_advised(self):
        turns = itertools.count()

        def run(changes, size):
            if changes.get("OPENBLAS_CORETYPE") and next(turns) == 2:
                raise Failed("crashed (SIGSEGV)")
            return speed(90.0, kernels="SkylakeX") if "OPENBLAS_CORETYPE" in changes else NOW

        advice = advise(MACHINE, measure(settings(MACHINE), run))
        assert [item.command for item in advice if item.command] == []

    def test_a_chosen_kernel_that_is_slower_than_the_librarys_own_choice_is_to_be_unset(self):
        facts = machine(environment={"OPENBLAS_CORETYPE": "Haswell"})
        answers = {
            **ONE_THREAD,
            "OPENBLAS_CORETYPE=None": speed(70.0, kernels="SkylakeX"),
            "OPENBLAS_CORETYPE=SkylakeX": speed(71.0, kernels="SkylakeX"),
        }
        assert commands(facts, answers) == ["unset OPENBLAS_CORETYPE"]

    def test_a_chosen_kernel_that_gains_is_worth_keeping(self):
        facts = machine({"kernels": "SkylakeX"}, environment={"OPENBLAS_CORETYPE": "SkylakeX"})
        answers = {
            "": speed(70.0, 76.0, "SkylakeX"),
            "OPENBLAS_NUM_THREADS=1": speed(35.0, 38.0, "SkylakeX", 1),
            "OPENBLAS_CORETYPE=None": speed(40.0),
        }
        assert commands(facts, answers) == []
        assert "worth keeping: 1.75 in float64 and 1.90 in float32" in texts(facts, answers)

    def test_a_chosen_kernel_that_is_the_librarys_own_choice_is_said_to_change_nothing(self):
        facts = machine({"kernels": "SkylakeX"}, environment={"OPENBLAS_CORETYPE": "SkylakeX"})
        answers = {"": speed(70.0, kernels="SkylakeX"), "OPENBLAS_NUM_THREADS=1": speed(35.0, None, "SkylakeX", 1)}
        assert "changes nothing" in texts(facts, answers)

    def test_more_threads_than_cores_are_noticed(self):
        facts = machine({"threads": 16, "kernels": "SkylakeX"}, {"logical": 16, "allowed": 16, "quota": 2.0})
        answers = {
            "": speed(30.0, kernels="SkylakeX", threads=16, cores=2.0),
            "OPENBLAS_NUM_THREADS=2": speed(60.0, kernels="SkylakeX", threads=2),
            "OPENBLAS_NUM_THREADS=1": speed(33.0, kernels="SkylakeX", threads=1),
        }
        assert commands(facts, answers) == ["export OPENBLAS_NUM_THREADS=2"]
        assert "BLAS uses 16 threads, and this process has 2 cores" in texts(facts, answers)

    def test_one_thread_where_there_are_more_cores_is_noticed_with_its_cause(self):
        facts = machine({"threads": 1, "kernels": "SkylakeX"}, environment={"OMP_NUM_THREADS": "1"})
        answers = {"": speed(35.0, threads=1), "OPENBLAS_NUM_THREADS=2": speed(70.0, threads=2)}
        assert commands(facts, answers) == ["export OPENBLAS_NUM_THREADS=2"]
        assert "OMP_NUM_THREADS=1 is set" in texts(facts, answers)

    def test_advice_on_windows_is_for_its_shell(self):
        answers = {**ONE_THREAD, "OPENBLAS_CORETYPE=SkylakeX": speed(70.0, kernels="SkylakeX")}
        assert commands(machine(system="win32"), answers) == ["set OPENBLAS_CORETYPE=SkylakeX"]

    def test_a_plain_library_is_noticed(self):
        facts = machine({"family": "", "name": "blas", "kernels": None, "threads": None, "layer": None})
        answers = {"": speed(1.5, 2.0, None, None, 1.0)}
        assert [command.split()[-1] for command in commands(facts, answers)] == ["numpy"]
        assert "(blas)" in texts(facts, answers)

    def test_a_small_processor_is_not_taken_for_a_plain_library(self):
        facts = machine({"kernels": "CORTEXA72", "threads": 4}, {"features": ("NEON", "ASIMD"), "allowed": 4})
        answers = {"": speed(9.0, 18.0, "CORTEXA72", 4), "OPENBLAS_NUM_THREADS=1": speed(3.0, 6.0, "CORTEXA72", 1)}
        assert commands(facts, answers) == []

    def test_threads_that_did_not_get_their_cores_are_told_before_anything_else(self):
        facts = machine({"kernels": "SkylakeX"})
        answers = {"": speed(50.0, cores=1.1, kernels="SkylakeX"), "OPENBLAS_NUM_THREADS=1": speed(80.0, threads=1)}
        first, second, *_ = judged(facts, answers)
        assert "the time of 1.1 cores where this process has 2 cores" in first.text
        assert "disturbed as it is, 1 thread is measured 1.60 times as fast" in second.text
        assert "For as long as that lasts" in second.text

    def test_threads_that_bring_nothing_are_told(self):
        answers = {"": speed(80.0), "OPENBLAS_NUM_THREADS=1": speed(80.0, threads=1)}
        assert "One thread is nearly as fast as all" in texts(MACHINE, answers)

    def test_nothing_is_said_of_the_threads_of_a_library_that_may_have_none(self):
        facts = machine({"family": "Accelerate", "name": "accelerate", "kernels": None, "threads": None, "layer": None})
        answers = {"": speed(300.0, 600.0, None, None, 1.0)}
        assert [item.text[:17] for item in judged(facts, answers)] == ["Nothing to change"]

    def test_a_machine_where_nothing_can_be_measured_is_told_why(self):
        [only] = judged(MACHINE, {"": Failed("crashed (SIGKILL)")})
        assert only.command is None
        assert "crashed (SIGKILL)" in only.text

    def test_without_threadpoolctl_the_way_to_install_it_is_told_and_kernels_are_judged_by_their_speed(self):
        facts = machine({"kernels": None, "threads": None, "layer": None, "threadpoolctl": False})
        answers = {
            "": speed(40.0, kernels=None, threads=None, cores=2.0),
            "OPENBLAS_NUM_THREADS=1": speed(20.0, kernels=None, threads=None, cores=1.0),
            "OPENBLAS_CORETYPE=SkylakeX": speed(70.0, kernels=None, threads=None, cores=2.0),
        }
        assert commands(facts, answers) == [
            "export OPENBLAS_CORETYPE=SkylakeX",
            "python -m pip install 'micrograd-nd[doctor]'",
        ]


class TestCandidates:
    def labels(self, facts):
        return [setting.label for setting in settings(facts)]

    def test_things_as_they_are_come_first(self):
        assert settings(MACHINE)[0] is AS_IS

    def test_kernels_are_tried_where_the_processor_has_what_they_need(self):
        assert self.labels(MACHINE)[1:] == ["1 thread", "OPENBLAS_CORETYPE=SkylakeX"]
        bfloat = machine(processor={"features": (*AVX512, "avx512_bf16")})
        assert self.labels(bfloat)[2:] == ["OPENBLAS_CORETYPE=Cooperlake", "OPENBLAS_CORETYPE=SkylakeX"]

    def test_kernels_in_use_are_not_tried_again(self):
        assert self.labels(machine({"kernels": "SkylakeX"})) == ["as things are", "1 thread"]

    def test_a_processor_with_avx2_alone_is_tried_with_the_kernels_for_it(self):
        assert self.labels(machine(processor={"features": AVX2}))[2:] == ["OPENBLAS_CORETYPE=Zen"]

    @pytest.mark.parametrize("blas", [{"family": "MKL"}, {"family": ""}, {"family": "OpenBLAS", "dynamic": False}])
    def test_no_kernels_are_tried_where_they_cannot_be_chosen(self, blas):
        assert not [label for label in self.labels(machine(blas)) if "CORETYPE" in label]

    @pytest.mark.parametrize(
        ("blas", "variable"),
        [
            ({"family": "MKL", "layer": "intel"}, "MKL_NUM_THREADS"),
            ({"layer": "openmp"}, "OMP_NUM_THREADS"),
            ({"family": "Accelerate", "threads": None}, "VECLIB_MAXIMUM_THREADS"),
            ({"family": "", "threads": None}, "OMP_NUM_THREADS"),
        ],
    )
    def test_threads_are_set_by_the_librarys_own_variable(self, blas, variable):
        assert settings(machine(blas))[1].changes == {variable: "1"}

    def test_one_core_with_one_thread_leaves_nothing_to_try_but_kernels(self):
        assert self.labels(machine({"threads": 1, "kernels": "SkylakeX"}, {"allowed": 1})) == ["as things are"]


class TestMeasuring:
    def test_settings_take_turns_in_alternating_order(self):
        seen = []

        def run(changes, size):
            seen.append(next(iter(changes.values()), "now"))
            return Turn(None, None, 1.0, NOW.gflops)

        measure(settings(machine({"kernels": None})), run)
        assert seen[1:7] == ["now", "1", "SkylakeX", "SkylakeX", "1", "now"]

    def test_a_ratio_is_the_median_of_the_ratios_of_rounds(self):
        drift = itertools.count(1)

        def run(changes, size):  # a machine that grows slower, with one setting that is twice as fast
            factor = 2.0 if changes else 1.0
            return speed(factor * 1000.0 / (1000.0 + next(drift)), threads=1 if changes else 2)

        measured = measure(settings(machine({"kernels": "SkylakeX"})), run)
        assert measured.rows[1].ratios["float64"] == pytest.approx(2.0, rel=2e-3)

    def test_kernels_that_the_library_was_built_without_are_dropped(self):
        measured = measure(settings(MACHINE), runner_of({"": NOW, **ONE_THREAD}))
        assert measured.rows[2].dropped == "gives the Haswell kernels too"

    def test_a_variable_that_does_not_change_the_threads_is_dropped(self):
        measured = measure(settings(MACHINE), runner_of({"": NOW}))
        assert measured.rows[1].dropped == "gives 2 threads too"

    def test_rounds_end_when_the_time_is_up_but_not_before_the_fewest(self):
        clock = itertools.count(0.0, measuring.BUDGET + 1.0)
        measured = measure(settings(MACHINE), runner_of({"": NOW}), clock=lambda: next(clock))
        assert measured.rounds == measuring.FEWEST_ROUNDS

    def test_matrices_are_smaller_on_a_slow_machine(self):
        slow, fast = (measure([AS_IS], runner_of({"": speed(gflops)})).size for gflops in (1.0, 50.0))
        assert slow < fast

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Illegal instruction",
            "[]",
            "{}",
            '{"kernels": null, "threads": 2, "cores": 2.0, "gflops": {"float64": 40.0}}',
            '{"kernels": null, "threads": 2, "cores": 2.0, "gflops": {"float64": 40.0, "float32": NaN}}',
            '{"kernels": null, "threads": 2, "cores": 2.0, "gflops": {"float64": 0.0, "float32": 1.0}}',
        ],
    )
    def test_what_is_no_measurement_fails(self, text):
        with pytest.raises(Failed):
            parsed(text)

    def test_a_measurement_is_read_from_the_last_line(self):
        reply = {"kernels": "Zen", "threads": 2, "cores": 1.9, "gflops": {"float64": 40.0, "float32": 80.0}}
        assert parsed("OpenBLAS says hello\n" + json.dumps(reply)) == Turn("Zen", 2, 1.9, reply["gflops"])


class TestProcesses:
    """The real runner, with scripts in place of the one that measures."""

    @pytest.fixture
    def script(self, tmp_path, monkeypatch):
        def write(code):
            path = tmp_path / "script.py"
            path.write_text(code, encoding="utf-8")
            monkeypatch.setattr(turn, "__file__", str(path))

        return write

    REPLY = """if True:
        import json, os, sys
        gflops = {"float64": float(sys.argv[1]), "float32": 1.0}
        print(json.dumps({"kernels": os.environ.get("SOME_KERNELS"), "threads": 1, "cores": 1, "gflops": gflops}))
    """

    def test_variables_are_set_for_the_process(self, script):
        script(self.REPLY)
        assert run_turn({"SOME_KERNELS": "Zen"}, 7) == Turn("Zen", 1, 1.0, {"float64": 7.0, "float32": 1.0})

    def test_variables_are_unset_for_the_process(self, script, monkeypatch):
        monkeypatch.setenv("SOME_KERNELS", "Zen")
        script(self.REPLY)
        assert run_turn({"SOME_KERNELS": None}, 7).kernels is None
        assert run_turn({}, 7).kernels == "Zen"

    @pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
    def test_a_crash_names_its_signal(self, script):
        script("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
        with pytest.raises(Failed, match=r"crashed \(SIGILL\)"):
            run_turn({}, 7)

    def test_an_error_is_told_by_its_last_line(self, script):
        script("import a_module_that_is_not_there")
        with pytest.raises(Failed, match="ended with status 1: ModuleNotFoundError: No module named"):
            run_turn({}, 7)

    def test_a_process_that_does_not_end_is_given_up(self, script, monkeypatch):
        script("import time; time.sleep(600)")
        monkeypatch.setattr(measuring, "TIMEOUT", 0.1)
        with pytest.raises(Failed, match="took longer"):
            run_turn({}, 7)

    def test_a_python_that_cannot_be_started_fails(self, monkeypatch):
        monkeypatch.setattr(sys, "executable", "no-such-python")
        with pytest.raises(Failed, match="could not be started"):
            run_turn({}, 7)

    def test_the_process_that_measures_gives_a_measurement(self):
        measured = run_turn({}, 8)
        assert set(measured.gflops) == {"float64", "float32"}


class TestFacts:
    def test_this_machine_can_be_described(self):
        facts = collect()
        assert facts.versions["Python"]
        assert facts.processor.cores >= 1
        assert "Processor" in facts_text(facts)

    def test_what_is_loaded_is_believed_before_what_numpy_was_built_with(self):
        built = {"name": "blas", "found": True, "version": "3.9.0"}
        loaded = {"internal_api": "mkl", "version": "2024.2", "num_threads": 4, "threading_layer": "intel"}
        assert blas_of(built, loaded) == Blas("MKL", "blas", "2024.2", None, None, 4, "intel", True)

    def test_the_library_is_known_without_threadpoolctl(self):
        configured = "OpenBLAS 0.3.31  USE64BITINT DYNAMIC_ARCH NO_AFFINITY Haswell MAX_THREADS=64"
        built = {"name": "scipy-openblas", "found": True, "version": "0.3.31", "openblas configuration": configured}
        seen = blas_of(built, None)
        assert seen == Blas("OpenBLAS", "scipy-openblas", "0.3.31", True, None, None, None, False)

    def test_a_numpy_without_a_library_is_described(self):
        assert blas_of({"name": "none", "found": False}, {}).name == ""
        assert blas_of({}, {}).family == ""

    def test_threadpoolctl_may_be_missing(self, monkeypatch):
        imported = builtins.__import__

        def without(name, *args, **kwargs):
            if name == "threadpoolctl":
                raise ModuleNotFoundError(name=name)
            return imported(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", without)
        assert turn.loaded_blas() is None
        assert "not known without threadpoolctl" in facts_text(collect())

    def test_numpys_own_library_is_told_from_scipys(self):
        # threadpoolctl lists libraries in no particular order.
        scipy, numpy = ({"filepath": f"/site/{name}.libs/libopenblas.so"} for name in ("scipy", "numpy"))
        assert not turn.belongs_to_numpy(scipy)
        assert turn.belongs_to_numpy(numpy)
        assert turn.belongs_to_numpy({"filepath": "/site/numpy/.dylibs/libopenblas.dylib"})

    def test_the_model_is_read_from_cpuinfo(self, tmp_path):
        path = tmp_path / "cpuinfo"
        path.write_text("processor\t: 0\nmodel name\t: A: B\nflags\t\t: avx2 avx512_bf16\n\nprocessor\t: 1\n")
        described = cpuinfo(path)
        assert processor_model(described) == "A: B"
        assert "avx512_bf16" in described["flags"]

    def test_a_system_without_cpuinfo_is_no_error(self, tmp_path):
        assert processor_model(cpuinfo(tmp_path / "none")) == ""


class TestCores:
    @pytest.fixture
    def root(self, tmp_path):
        def write(**files):
            for name, text in files.items():
                path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return tmp_path

        return write

    def test_a_quota_of_control_groups_version_2_is_read(self, root):
        where = root(proc__self__cgroup="0::/a/b\n", sys__fs__cgroup__a__b__cpu_dot_max="150000 100000\n")
        assert cores.cgroup_quota(where) == 1.5

    def test_the_tightest_quota_of_all_levels_counts(self, root):
        where = root(
            proc__self__cgroup="0::/a/b\n",
            sys__fs__cgroup__a__cpu_dot_max="100000 100000\n",
            sys__fs__cgroup__a__b__cpu_dot_max="max 100000\n",
        )
        assert cores.cgroup_quota(where) == 1.0

    def test_a_quota_of_control_groups_version_1_is_read_inside_a_container(self, root):
        where = root(
            proc__self__cgroup="4:cpu,cpuacct:/docker/0123\n3:memory:/docker/0123\n",
            sys__fs__cgroup__cpu__cpu_dot_cfs_quota_us="200000\n",
            sys__fs__cgroup__cpu__cpu_dot_cfs_period_us="100000\n",
        )
        assert cores.cgroup_quota(where) == 2.0

    def test_no_quota_is_none(self, root):
        where = root(
            proc__self__cgroup="4:cpu,cpuacct:/\n0::/../outside\n",
            sys__fs__cgroup__cpu__cpu_dot_cfs_quota_us="-1\n",
            sys__fs__cgroup__cpu__cpu_dot_cfs_period_us="100000\n",
        )
        assert cores.cgroup_quota(where) is None

    def test_a_system_without_control_groups_has_no_quota(self, tmp_path):
        assert cores.cgroup_quota(tmp_path) is None


FASTER_KERNELS = {"": NOW, **ONE_THREAD, "OPENBLAS_CORETYPE=SkylakeX": speed(70.0, 76.0, "SkylakeX")}


class TestReport:
    def text(self, facts, answers):
        return "\n".join(report.findings(facts=facts, runner=runner_of(answers)))

    def test_the_text_has_facts_measurements_and_advice_in_this_order(self):
        text = self.text(MACHINE, FASTER_KERNELS)
        places = [
            text.index(part) for part in ("Versions", "Processor", "BLAS", "Measured", "1.75", "Advice", "export")
        ]
        assert places == sorted(places)

    def test_no_line_is_wider_than_a_terminal(self):
        facts = machine(
            {"name": "a-build-of-openblas-with-a-name-that-is-long", "threadpoolctl": False},
            {"features": (*AVX512, "AVX512_SPR"), "quota": 1.5, "model": "A processor with " + "many words " * 9},
            environment={"OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "16", "OPENBLAS_NUM_THREADS": "16"},
        )
        answers = {**FASTER_KERNELS, "OPENBLAS_CORETYPE=SapphireRapids": Failed("ended: " + "a long message " * 9)}
        assert max(map(len, self.text(facts, answers).splitlines())) <= WIDTH

    def test_json_is_one_object_with_the_same(self):
        [text] = report.findings(as_json=True, facts=MACHINE, runner=runner_of(FASTER_KERNELS))
        whole = json.loads(text)
        assert whole["blas"]["kernels"] == "Haswell"
        assert whole["processor"]["cores"] == 2
        assert whole["measurements"]["settings"][2]["ratios"] == {"float64": 1.75, "float32": 1.9}
        assert whole["advice"][0]["command"] == "export OPENBLAS_CORETYPE=SkylakeX"

    def test_json_of_a_failure_is_strict_json_too(self):
        answers = {"": Failed("crashed (SIGILL)")}
        [text] = report.findings(as_json=True, facts=MACHINE, runner=runner_of(answers))
        assert json.loads(text, parse_constant=pytest.fail)["measurements"]["failure"] == "crashed (SIGILL)"

    def test_the_command_prints_each_part_and_succeeds(self, monkeypatch, capsys):
        monkeypatch.setattr(report, "findings", lambda as_json: iter([f"json: {as_json}", "more"]))
        assert cli.main(["doctor", "--json"]) == 0
        assert capsys.readouterr().out == "json: True\nmore\n"

    def test_an_empty_list_of_advice_has_a_title(self):
        assert advice_text([]) == "Advice"
