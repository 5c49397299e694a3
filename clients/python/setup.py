"""Generates the stubs and the blocking client during the build; pyproject.toml has everything else."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

# An isolated build runs this file without its folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent))

import generate  # noqa: E402

# A source distribution has its own copy; in the repository it stands once, at the root.
if (generate.HERE.parents[1] / "LICENSE").is_file() and (generate.HERE.parents[1] / "proto").is_dir():
    shutil.copyfile(generate.HERE.parents[1] / "LICENSE", generate.HERE / "LICENSE")


class BuildWithGenerated(build_py):
    """Adds the generated modules: beside the sources in an editable installation, else in the built package."""

    def run(self) -> None:
        if self.editable_mode:
            generate.generate(generate.DEFAULT)
        super().run()
        if not self.editable_mode:
            generate.generate(Path(self.build_lib) / "kindstore")


class DistributeProto(sdist):
    """Adds the proto files; a build from the source distribution has no repository around it."""

    def make_release_tree(self, base_dir: str, files: list) -> None:
        super().make_release_tree(base_dir, files)
        for name in generate.FILES:
            target = Path(base_dir) / "proto" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(generate.proto_folder() / name, target)


setup(cmdclass={"build_py": BuildWithGenerated, "sdist": DistributeProto})
