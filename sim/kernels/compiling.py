"""How the rules are compiled: entry points that Python calls, and rules that become part of them.

An entry point (`compiled`) is kept on disk by `sim.kernels.code_cache`. A rule (`inline_rule`) has no machine code of
its own: its intermediate code is linked into every entry point that uses it, and is optimised there, once.
"""

import gc
from contextlib import contextmanager
from typing import Any

from numba import config, njit
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.environment import lookup_environment

from sim.kernels.code_cache import KernelCache


def compiled(**options):
    """Decorate an entry point: compiled on its first call, and kept on disk.

    Parameters
    ----------
    **options
        Options of `numba.njit`, for instance ``nogil=True``.

    Returns
    -------
    Callable
        The decorator.
    """

    def decorate(function):
        dispatcher = njit(no_cfunc_wrapper=True, pipeline_class=_EntryCompiler, **options)(function)
        if not config.DISABLE_JIT:
            dispatcher._cache = KernelCache(function)
        return dispatcher

    return decorate


def inline_rule(function=None, *, allocates=False, plain=False, **options):
    """Decorate a rule that is compiled into whoever calls it, without counting who holds its arrays.

    Numba otherwise counts a reference for each column and table at each call, which takes longer than many a rule.
    Whoever calls such a rule holds the arrays while it runs. Called from Python, a rule is compiled for itself, which
    is meant for tests and for the study of single households.

    Parameters
    ----------
    allocates
        Whether the rule makes arrays or hands them on; then references are counted.
    plain
        Whether Python runs the rule as it is written, which does for arrays too, and not compiled.
    **options
        Other options of `numba.njit`.

    Returns
    -------
    InlineRule
        The rule, or the decorator if no function is given.
    """
    if function is None:
        return lambda rule: inline_rule(rule, allocates=allocates, plain=plain, **options)
    return function if config.DISABLE_JIT else InlineRule(function, plain, {"_nrt": allocates} | options)


class InlineRule:
    """A rule that compiled code takes in, and that Python may call as well.

    Attributes
    ----------
    py_func
        The rule as it is written.
    """

    def __init__(self, function, plain, options):
        self.py_func, self._options = function, options
        self.__name__, self.__doc__, self.__module__ = function.__name__, function.__doc__, function.__module__
        self.__wrapped__ = function
        self._within = njit(
            forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, pipeline_class=_RuleCompiler, **options
        )(function)
        self._alone = function if plain else None

    @property
    def _numba_type_(self):
        return self._within._numba_type_

    def __call__(self, *args: Any) -> Any:
        """The answer of the rule, compiled for itself unless it is plain."""
        if self._alone is None:
            self._alone = compiled(**self._options)(self.py_func)
        return self._alone(*args)


@contextmanager
def _no_collection():
    """Keep Python from looking for garbage: an eighth of the time of compiling, in which little becomes garbage."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _EntryCompiler(Compiler):
    """Numba's pipeline, after which code taken in from rules finds the environments it refers to."""

    def compile_extra(self, func):
        with _no_collection():
            result = super().compile_extra(func)
        engine = result.codegen._engine
        for variable in result.library._final_module.global_variables:
            environment = lookup_environment(variable.name) if variable.name.startswith("_ZN08NumbaEnv") else None
            if environment is not None and engine.get_global_value_address(variable.name):
                result.codegen.set_env(variable.name, environment)
        return result


class _RuleCompiler(Compiler):
    """Numba's pipeline as far as intermediate code that others can take in."""

    def compile_extra(self, func):
        self.state.library = _RuleLibrary(self.state.targetctx.codegen(), func.__qualname__)
        return super().compile_extra(func)


class _NoMachineCode:
    """Stands for the code generator of a library without machine code: there is nowhere to put an environment."""

    @staticmethod
    def set_env(name, environment):
        """Do nothing: whoever takes the code in sets its environment."""


class _RuleLibrary(JITCodeLibrary):
    """Code of a rule: neither optimised as a whole nor turned into machine code, which its callers do."""

    codegen = _NoMachineCode  # type: ignore[assignment]

    def get_pointer_to_function(self, name):
        """No address, for there is no machine code."""
        self._ensure_finalized()
        return 0

    def _optimize_final_module(self):
        pass

    def _finalize_final_module(self):
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True
