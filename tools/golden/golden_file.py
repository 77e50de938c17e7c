"""What the golden scripts share: which cases are to be redone, and how they go into a file beside those that stay.

    python tools/golden/SCRIPT.py              all cases
    python tools/golden/SCRIPT.py NAME ...     only these: every other case stays as its file has it
"""
import json
import pathlib
import sys

NAMES = sys.argv[1:]
known = []


def wanted(name):
    """Whether a case is to be redone. A script asks this for every case it has, so that `finish` can tell wrong names."""
    if name not in known:
        known.append(name)
    return not NAMES or name in NAMES


def finish():
    """The end of every golden script: a name that no case has is an error."""
    unknown = [name for name in NAMES if name not in known]
    if unknown:
        sys.exit(f"No case {', '.join(unknown)}. Cases: {' '.join(known) or 'all are made together'}")


def write_versions(path, names, **versions):
    """The versions.json of a folder of golden files. Cases that were redone alone, with other versions, stand in it by name."""
    path = pathlib.Path(path)
    if NAMES:
        old = json.loads(path.read_text())
        others = {name: each for name, each in old.pop("cases", {}).items() if not wanted(name)}
        if {key: old.get(key) for key in versions} != versions:
            others.update({name: versions for name in names if wanted(name)})
        versions = {**old, **({"cases": others} if others else {})}
    path.write_text(json.dumps(versions) + "\n")


class JsonFile:
    """A golden file of {"versions", key: [case, ...], ...}. A case that was redone alone, with other versions than those of
    the file, has "versions" of its own."""

    def __init__(self, path, **versions):
        self.path, self.versions, self.lists = pathlib.Path(path), versions, {}
        self.old = json.loads(self.path.read_text()) if NAMES else None

    def cases(self, key, name_of):
        """The list `key`, of whose cases `name_of(case)` is the name."""
        self.lists[key] = Cases(self, self.old[key] if self.old else [], name_of)
        return self.lists[key]

    def write(self, **rest):
        """`rest` are members beside the lists: the same whichever cases are redone."""
        versions = self.old["versions"] if self.old else self.versions
        golden = {"versions": versions, **rest, **{key: cases.merged() for key, cases in self.lists.items()}}
        self.path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


class Cases:
    def __init__(self, file, old, name_of):
        self.file, self.old, self.name_of, self.new = file, old, name_of, {}

    def wanted(self, name):
        self.new.setdefault(name, [])
        return wanted(name)

    def add(self, name, case):
        if self.file.old and self.file.old["versions"] != self.file.versions:
            case = {**case, "versions": self.file.versions}
        self.new[name].append(case)

    def merged(self):
        """In the order in which the script asks."""
        return [case for name, redone in self.new.items()
                for case in (redone if wanted(name) else (each for each in self.old if self.name_of(each) == name))]
