"""How much longer a wait may take here than on a machine that has nothing else to do."""

import os


def patience():
    """Factor on a limit of wall-clock time: 1 on a quiet machine, more where processes wait for a core.

    Tests run on all cores beside each other, and in CI beside the sanitizers.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1.0, 2 * load / (os.cpu_count() or 1))
