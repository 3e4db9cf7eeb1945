"""The compiled extensions; everything else about the package is in pyproject.toml."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup

TRACE = bool(os.environ.get("COBLE_TRACE"))  # line tracing, for the coverage of .pyx files
SANITIZE = os.environ.get("COBLE_SANITIZE")  # e.g. "address,undefined"
PORTABLE = bool(os.environ.get("COBLE_PORTABLE"))  # plain C where other compilers have no 128 bits
# Lines are all that a report of a sanitizer names; to say where variables are takes half of the time.
sanitizer = [f"-fsanitize={SANITIZE}", "-fno-omit-frame-pointer", "-g1"] if SANITIZE else []
optimise = "-O1" if SANITIZE else "-O3"  # with the sanitizers' checks in it, -O3 takes minutes to compile
# No -ffast-math: it would let the compiler change the clock.  No contraction, so that every machine rounds alike.
# No debug information, which would make the extension seven times as large and a fifth slower to build.
flags = ["/O2", "/fp:precise"] if sys.platform == "win32" else [optimise, "-ffp-contract=off", *(sanitizer or ["-g0"])]
macros = {"CYTHON_TRACE_NOGIL": TRACE, "COBLE_PORTABLE": PORTABLE}


def build_options():
    """Where everything is built: in build/, or in a temporary folder when the source cannot be written."""
    if os.access(Path(__file__).parent, os.W_OK):
        return "build/cython", {}
    folder = tempfile.mkdtemp(prefix="coble-build-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder, {"build": {"build_base": folder}, "egg_info": {"egg_base": folder}}


build_dir, options = build_options()
# Source folders of the one package that is installed.
ROOMS = {"coble": "runs", "coble.kmc": "kmc", "coble.lattices": "lattices"}
PACKAGES = [
    ".".join((name, *init.parent.relative_to(folder).parts))
    for name, folder in ROOMS.items()
    for init in sorted(Path(folder).rglob("__init__.py"))
]

COMPILED = ("kmc.kernel._kernel", "kmc.network._bonds", "lattices.graph._rows")

setup(
    package_dir=ROOMS,
    packages=PACKAGES,
    options=options,
    ext_modules=cythonize(
        [
            Extension(
                f"coble.{module}",
                [f"{module.replace('.', '/')}.pyx"],
                depends=[str(path) for path in sorted(Path(module.replace(".", "/")).parent.glob("*.px[di]"))],
                include_dirs=[np.get_include()],
                extra_compile_args=flags,
                extra_link_args=sanitizer,
                define_macros=[(name, "1") for name, wanted in macros.items() if wanted],
            )
            for module in COMPILED
        ],
        build_dir=build_dir,
        compiler_directives={
            "language_level": 3,
            "boundscheck": TRACE,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "embedsignature": True,
            "linetrace": TRACE,
        },
    ),
)
