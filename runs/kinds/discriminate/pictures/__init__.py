"""The figures of `coble discriminate`, one module each."""
