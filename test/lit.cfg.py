# The lit suites: every *.mlir, *.weir and *.test under test/ with a RUN line.
#
# Substitutions: %weir and %weir_opt (the programs), %FileCheck (strict, like plain FileCheck here), %models,
# %source_root, %data (WEIR_DATA), %python, %cc (a plain C compiler), %not.
# Features, for REQUIRES: mnist, own-digits (the data is there), opencl (a driver of any device), ptxas (NVIDIA's assembler), graphviz, chromium (installed), torch, jax, onnxruntime (installed, for the oracles of --long),
# long (scripts/check.sh --long), sanitized, root. Programs find MNIST by WEIR_DATA, which is passed on.
import ctypes
import os
import shutil
import subprocess

import lit.formats

config.name = "weir"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".weir", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt", "lit.cfg.py"]
config.test_source_root = os.path.join(config.weir_source_root, "test")
config.test_exec_root = os.path.join(config.weir_build_root, "test")
config.maxIndividualTestTime = 1200 if "long" in lit_config.params else 300

programs = os.path.join(config.weir_build_root, "bin")
config.environment["PATH"] = os.pathsep.join([programs, config.llvm_tools, config.environment["PATH"]])
# Strict: variables do not leak over CHECK-LABEL, and a prefix that no CHECK line uses is an error.
config.environment["FILECHECK_OPTS"] = "--enable-var-scope --allow-unused-prefixes=false"
# Kernels compiled by tests go into a cache of the build tree, not into the user's.
cache = os.path.join(config.test_exec_root, "cache")
config.environment["XDG_CACHE_HOME"] = cache
os.makedirs(cache, exist_ok=True)
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "WEIR_DATA", "WEIR_TEST_DEVICE"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# Most specific first: lit replaces in this order.
config.substitutions += [
    ("%weir_opt", os.path.join(programs, "weir-opt")),
    ("%weir", os.path.join(programs, "weir")),
    ("%FileCheck", os.path.join(config.llvm_tools, "FileCheck")),
    ("%models", os.path.join(config.weir_source_root, "models")),
    ("%source_root", config.weir_source_root),
    ("%build_root", config.weir_build_root),
    ("%data", os.environ.get("WEIR_DATA", "/nonexistent")),
    ("%python", config.python),
    ("%not", os.path.join(config.llvm_tools, "not")),
    ("%cc", shutil.which("gcc") or "cc"),
]


def hasModule(python, name):
    """Whether that interpreter could import the module (without paying for the import)."""
    probe = f"import importlib.util as u, sys; sys.exit(u.find_spec('{name}') is None)"
    return os.path.exists(python) and subprocess.run([python, "-c", probe]).returncode == 0


def hasOpenCl():
    """Whether OpenCL's loader finds a driver here (PoCL where there is no GPU)."""
    count = ctypes.c_uint()
    try:
        loader = ctypes.CDLL("libOpenCL.so.1")
    except OSError:
        return False
    return loader.clGetPlatformIDs(0, None, ctypes.byref(count)) == 0 and count.value > 0


data = os.environ.get("WEIR_DATA", "")
for feature, folder in (("mnist", "mnist"), ("own-digits", "own-digits")):
    if data and os.path.isdir(os.path.join(data, folder)):
        config.available_features.add(feature)
if hasOpenCl():
    config.available_features.add("opencl")
if subprocess.run([config.python, os.path.join(config.weir_source_root, "scripts", "ptxas.py"), "--find"]).returncode == 0:
    config.available_features.add("ptxas")
for feature, program in (("graphviz", "dot"), ("chromium", "chromium")):
    if shutil.which(program):
        config.available_features.add(feature)
if config.sanitized:
    config.available_features.add("sanitized")
if os.geteuid() == 0:
    config.available_features.add("root")
if "long" in lit_config.params:
    config.available_features.add("long")
    # The oracles live in the environment of the benchmarks, not in the build's.
    oracle = lit_config.params.get("oracle_python", "")
    for module in ("torch", "jax", "onnxruntime"):
        if oracle and hasModule(oracle, module):
            config.available_features.add(module)
    config.substitutions.append(("%oracle_python", oracle))
