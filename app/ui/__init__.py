"""The window.

numpy is imported before Qt: PySide6 reads the source of every module that is imported after it, and
numpy has a hundred (0.1 s of a start).
"""

import numpy as numpy
