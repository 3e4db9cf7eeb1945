"""The compiled extensions; everything else about the package is in pyproject.toml."""

import os

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup

TRACE = bool(os.environ.get("COBLE_TRACE"))  # line tracing, for the coverage of .pyx files
SANITIZE = os.environ.get("COBLE_SANITIZE")  # e.g. "address,undefined"
flags = [f"-fsanitize={SANITIZE}", "-fno-omit-frame-pointer", "-g"] if SANITIZE else []

setup(
    ext_modules=cythonize(
        [
            Extension(
                "kmc._kernel",
                ["kmc/_kernel.pyx"],
                include_dirs=[np.get_include()],
                # No -ffast-math: it would let the compiler change the clock.  No contraction, so that every
                # machine rounds alike.
                extra_compile_args=["-O3", "-ffp-contract=off", *flags],
                extra_link_args=flags,
                define_macros=[("CYTHON_TRACE_NOGIL", "1")] if TRACE else [],
            )
        ],
        compiler_directives={
            "language_level": 3,
            "boundscheck": TRACE,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "embedsignature": True,
            "linetrace": TRACE,
        },
    )
)
