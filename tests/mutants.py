"""Mutation testing of the rules: `make mutants`.

Each mutant is one rule file with one thing changed: a comparison, an operator, a constant, a condition. The rules run
as plain Python (NUMBA_DISABLE_JIT), so no mutant has to be compiled. The tests are those of `tests/kernels` that pass
unmutated and fast enough without compilation; a mutant is killed if one of them fails or never ends. mutmut cannot do
this, for it needs a process and a compilation a mutant. The first element of a list, which only gives the list its
type and is dropped, is left alone: changing it changes nothing.
"""

import argparse
import ast
import contextlib
import copy
import io
import os
import signal
import sys
import time
import types
from datetime import date
from pathlib import Path

os.environ["NUMBA_DISABLE_JIT"] = "1"

import numba
import numpy as np
import pytest

numba.vectorize = lambda *_, **__: lambda rule: np.vectorize(rule, otypes=[np.float32])  # it compiles even so

ROOT = Path(__file__).resolve().parents[1]
FILES = ("allocation", "vital_events", "initial_tastes", "hukou_transitions", "arithmetic", "household_formation",
         "divorce", "dormitories", "jobs", "mobility_hazard", "family_modes", "choice", "flows")  # fmt: skip
KERNELS = ROOT / "tests" / "kernels"
SLOW = 2.0  # seconds a test may take without compilation
PATIENCE = 60  # seconds after which a mutant counts as killed: it never ends
OUT = ROOT / "docs" / "mutants.md"
COMPARE = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
BINARY = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.LShift: ast.RShift,
          ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr}  # fmt: skip


def places(tree):
    """All (node, change) of a module's functions, in the order of the text; a change alters the node in place."""
    out = []
    for function in [n for n in tree.body if isinstance(n, ast.FunctionDef)]:
        body = function.body[1:] if ast.get_docstring(function) else function.body
        dropped = {id(n) for made in ast.walk(function) if isinstance(made, ast.List) for n in ast.walk(made)}
        for statement in body:
            nodes = [node for node in ast.walk(statement) if id(node) not in dropped]
            out += [(node, change) for node in nodes for change in changes(node)]
    return sorted(out, key=lambda found: (found[0].lineno, found[0].col_offset, found[1].__name__))


def changes(node):
    """What can be changed in a node."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARE:
            yield swap_compare
        case ast.BinOp(op=op) if type(op) in BINARY:
            yield swap_binary
        case ast.AugAssign(op=ast.Add() | ast.Sub()):
            yield swap_binary
        case ast.BoolOp():
            yield swap_bool
        case ast.UnaryOp(op=ast.Not()):
            yield drop_not
        case ast.Call(func=ast.Name(id="min" | "max")):
            yield swap_extreme
        case ast.Constant(value=bool()):
            yield flip
        case ast.Constant(value=int() | float()):
            yield more


def swap_compare(node):
    node.ops = [COMPARE[type(node.ops[0])]()]


def swap_binary(node):
    node.op = BINARY[type(node.op)]()


def swap_bool(node):
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()


def drop_not(node):
    node.op = ast.UAdd()
    node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])


def swap_extreme(node):
    node.func.id = "max" if node.func.id == "min" else "min"


def flip(node):
    node.value = not node.value


def more(node):
    node.value = node.value + 1 if isinstance(node.value, int) else node.value * 1.5 + 0.1


def mutate(path, number):
    """The module's text with one change, as a tree, and a line that names it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    node, change = places(tree)[number]
    before = ast.unparse(node)
    change(node)
    ast.fix_missing_locations(tree)
    return tree, f"{path.name}:{node.lineno}: `{before}` -> `{ast.unparse(node)}`"


def install(tree, path):
    """Put the functions of a mutated module wherever those of the module are used."""
    name = f"sim.kernels.{path.stem}"
    real, made = sys.modules[name], types.ModuleType(name)
    exec(compile(tree, str(path), "exec"), made.__dict__)
    swapped = {id(old): made.__dict__[key] for key, old in vars(real).items()
               if isinstance(old, types.FunctionType) and old.__module__ == name}  # fmt: skip
    for module in [m for m in sys.modules.values() if m is not None]:
        for key, value in list(getattr(module, "__dict__", {}).items()):
            if isinstance(value, types.FunctionType) and id(value) in swapped:
                setattr(module, key, swapped[id(value)])


class Clock:
    """Lets no test take longer than it may, and keeps who passed."""

    def __init__(self, limit):
        self.limit, self.passed = limit, []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        signal.signal(signal.SIGALRM, lambda *_: pytest.fail("too slow"))
        signal.setitimer(signal.ITIMER_REAL, self.limit)
        try:
            result = yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self.passed.append(item.nodeid)
        return result


def quietly(arguments, plugins):
    """Run pytest in this process without a word."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return pytest.main(
            [*arguments, "-q", "-p", "no:cacheprovider", "-W", "ignore", f"--rootdir={ROOT}"], plugins=plugins
        )


def in_child(work):
    """Exit code of `work` done in a fork of this process; 9 if it never ends."""
    child = os.fork()
    if not child:
        try:
            code = work()
        except BaseException:  # a mutant may break anything
            code = 8
        os._exit(int(code))
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 9


def fast_tests():
    """Ids of the tests of the kernels that pass as plain Python in time."""
    clock = Clock(SLOW)
    quietly([str(KERNELS), "--hypothesis-seed=1"], [clock])
    return clock.passed


def about(tests, name):
    """Those of the tests whose text, or that of a helper they call, names the rule file; quick files first."""
    out = []
    for path in sorted({ROOT / test.split("::")[0] for test in tests}):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        alias = {
            n.asname or n.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for n in node.names
            if n.name == name
        }
        words = {
            f.name: {n.id for n in ast.walk(f) if isinstance(n, ast.Name)}
            for f in tree.body
            if isinstance(f, ast.FunctionDef)
        }
        near = {f for f, used in words.items() if used & alias}
        near |= {f for f, used in words.items() if used & near}
        out += [t for t in tests if ROOT / t.split("::")[0] == path and t.split("::")[1].split("[")[0] in near]
    return sorted(out, key=lambda t: "test_rules_" not in t)


def small_world():
    """Stand in for the model that the tests build: the same, with one household in 128."""
    from sim.kernels import layout
    from sim.model import model
    from sim.population import synthesis

    few = layout.State(*(column[::128].copy() for column in synthesis.build(0.002)))
    made = model.SettlementModel("baseline", scale=0.002 / 128, rng=1, until=2026, people=few)
    model.SettlementModel = lambda *_, **__: copy.deepcopy(made)


def main():
    """Make the mutants, run the tests, print and record who survives."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("files", nargs="*", default=list(FILES), help="names of rule files")
    asked.add_argument("--every", type=int, default=4, help="take every n-th mutant (1: all)")
    given = asked.parse_args()
    sys.path.insert(0, str(ROOT))
    small_world()
    tests = fast_tests()
    print(f"{len(tests)} tests run as plain Python in under {SLOW:g} s", flush=True)
    table, survivors = [], []
    for name in given.files:
        path = ROOT / "sim" / "kernels" / f"{name}.py"
        count = len(places(ast.parse(path.read_text(encoding="utf-8"))))
        tried = killed = 0
        mine = about(tests, name)
        for number in range(0, count, given.every):
            tree, line = mutate(path, number)

            def work(tree=tree, path=path, mine=mine):
                install(tree, path)
                return quietly(["-x", "--hypothesis-seed=1", *mine], [Clock(5 * SLOW)])

            tried += 1
            if in_child(work):
                killed += 1
            else:
                survivors.append(line)
                print("survives", line, flush=True)
        table.append((name, count, tried, killed))
        print(f"{name}: {killed} of {tried} killed ({count} mutants in all, {len(mine)} tests)", flush=True)
    record(table, survivors, given)


def record(table, survivors, given):
    """Write what was found, if all files were tried."""
    tried, killed = sum(row[2] for row in table), sum(row[3] for row in table)
    print(f"all: {killed} of {tried} killed, {100 * killed / max(tried, 1):.0f} %")
    if list(given.files) != list(FILES):
        return
    lines = ["# Mutation testing of the rules", "",
             f"Made by `make mutants` on {date.today()} (every {given.every}. mutant): {killed} of {tried} killed, "
             f"{100 * killed / max(tried, 1):.0f} %.", "",
             "| file | mutants | tried | killed | % |", "|---|---:|---:|---:|---:|"]  # fmt: skip
    lines += [f"| {n} | {c} | {t} | {k} | {100 * k / max(t, 1):.0f} |" for n, c, t, k in table]
    lines += ["", "Survivors:", "", *[f"- {line}" for line in survivors]]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
