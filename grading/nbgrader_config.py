"""The settings of nbgrader for courses of evident. The nbgrader_config.py of a course loads this file, and may add to it."""

import os
import sys
import warnings
from pathlib import Path

# nbgrader starts the program alembic of its own environment by name.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
sys.path.insert(0, str(Path(__file__).resolve().parent))

import evident_grading
from nbgrader.converters import Autograde
from sqlalchemy.exc import SAWarning

c = get_config()  # noqa: F821

# As in internal/homework: what stands in the place of a solution.
c.ClearSolutions.code_stub = {"go": '// YOUR CODE HERE\npanic("not answered yet")'}

# Submissions run on a kernel that neither reads nor writes the files of the course, and their answers are judged
# outside of it.
c.Autograde.exporter_class = evident_grading.Submission
c.Autograde.sanitize_preprocessors = evident_grading.SANITIZE
c.Autograde.autograde_preprocessors = evident_grading.AUTOGRADE
c.GenerateFeedback.preprocessors = evident_grading.FEEDBACK
c.Execute.kernel_name = "evident-grading"
c.Execute.timeout = 180  # seconds for a whole submission

# nbgrader's gradebook makes three of these for every submission, between which a teacher would miss what is said of it.
warnings.filterwarnings("ignore", category=SAWarning)

# nbgrader has no setting for what it does with a submission that cannot be graded.
Autograde.convert_notebooks = evident_grading.one_by_one
