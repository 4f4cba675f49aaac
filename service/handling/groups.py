"""What hangs together by pairs (union-find); knows only names."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of names; a name that was never united is one of its own and not listed."""

    _parents: dict[str, str] = field(default_factory=dict)

    def unite(self, first: str, second: str) -> None:
        """Let two names, and all that hang together with either, be one group."""
        root, other = self._find(first), self._find(second)
        self._parents[other] = self._parents[root] = root

    def are_one(self, first: str, second: str) -> bool:
        """Whether two names are in one group."""
        return self._find(first) == self._find(second)

    def names(self) -> list[str]:
        """All names that were united with one, in order of their coming."""
        return list(self._parents)

    def list_groups(self) -> list[list[str]]:
        """The groups, each with its names."""
        members: dict[str, list[str]] = {}
        for name in self._parents:
            members.setdefault(self._find(name), []).append(name)
        return list(members.values())

    def unite_all(self, pairs: Iterable[tuple[str, str]]) -> None:
        """`unite` of each pair."""
        for first, second in pairs:
            self.unite(first, second)

    def _find(self, name: str) -> str:
        root = name
        while (parent := self._parents.get(root, root)) != root:
            root = parent
        while (parent := self._parents.get(name, name)) != root:
            self._parents[name] = root
            name = parent
        return root
