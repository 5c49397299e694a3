"""Generates the stubs while the package is built; everything else stands in pyproject.toml."""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

# A build in isolation runs this file without its folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent))

import generate  # noqa: E402


class BuildWithStubs(build_py):
    """Puts freshly generated stubs beside the modules; in place when the installation is an editable one."""

    def run(self) -> None:
        if self.editable_mode:
            generate.generate(generate.DEFAULT)
        super().run()
        if not self.editable_mode:
            generate.generate(Path(self.build_lib) / "kindstore" / "_generated")


class DistributeInterface(sdist):
    """Carries the interface files along: the repository around the package is not there when somebody builds from it."""

    def make_release_tree(self, base_dir: str, files: list) -> None:
        super().make_release_tree(base_dir, files)
        for name in generate.FILES:
            target = Path(base_dir) / "proto" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(generate.proto_folder() / name, target)


setup(cmdclass={"build_py": BuildWithStubs, "sdist": DistributeInterface})
